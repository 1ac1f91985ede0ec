// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The same in C++17, where designated initialisers are not standard yet. */
/* expect: ok */
#include <rtfm.h>
#pragma GCC diagnostic error "-Wshadow"
#include <errno.h>

struct point {
	int x;
	int y;
};

#define APP(core, resource, task)					\
	core(0, init, idle, uses(log))					\
	resource(count, unsigned long, 0)				\
	resource(log, int, 0)						\
	resource(table, int[4], { 1, 2, 3, 4 })				\
	resource(point, struct point, { 1, 0 })				\
	resource(callback, void (*)(int), NULL)				\
	task(plain)							\
	task(general, general_regs, uses(count), message(int x[5]))	\
	task(low, priority(1), capacity(4), uses(count, log))		\
	task(high, priority(31), message(int x; const char *text), uses(count))\
	task(from_afar, remote, priority(2 + 1), capacity(2 * 8), message(struct point p; char name[8]))\
	task(tables, uses(table, point, callback), priority(5))		\
	core(1, idle, init)						\
	task(other, message(uint64_t at), remote)
RTFM_APP(APP);

RTFM_INIT(0)
{
	rtfm_lock(count) {
		*count = RTFM_CAPACITY_low + RTFM_PRIORITY_from_afar + RTFM_CEILING_count;
	}
	rtfm_unwrap(rtfm_spawn(plain));
	rtfm_unwrap(rtfm_spawn(high, 0, "text"));
	rtfm_unwrap(rtfm_spawn(high, 1, "text"));
	rtfm_unwrap(rtfm_spawn(other, cx->scheduled));
	rtfm_unwrap(rtfm_schedule(from_afar, rtfm_now(), { 1, 0 }, "name"));
	if (rtfm_spawn(low) == -EAGAIN)
		return;
}

RTFM_IDLE(0)
{
	while (rtfm_running()) {
		rtfm_lock(log)
			++*log;
		rtfm_wait();
	}
}

RTFM_TASK(general)
{
	rtfm_lock(count)
		*count += (unsigned long)msg->x[4];
	rtfm_unwrap(rtfm_spawn(high, RTFMX_GENERAL_REGS_general - RTFMX_GENERAL_REGS_low, ""));
	rtfm_unwrap(rtfm_schedule(plain, rtfm_now() + RTFM_MSEC(1)));
}

RTFM_TASK(plain)
{
	rtfm_handle handle = rtfm_unwrap(rtfm_schedule(plain, cx->scheduled + 1000));

	handle = rtfm_unwrap(rtfm_reschedule(handle, cx->scheduled + 2000));
	handle = rtfm_unwrap(rtfm_reschedule(handle, cx->scheduled + RTFM_MSEC(5)));
	handle = rtfm_unwrap(rtfm_reschedule(handle, rtfm_now() + RTFM_USEC(RTFM_PRIORITY_low)));
	handle = rtfm_unwrap(rtfm_reschedule_after(handle, RTFM_SEC(0.5)));
	handle = rtfm_unwrap(rtfm_schedule_after(plain, 2 * RTFM_MSEC(5)));
	if (rtfm_cancel(handle) == -ENOENT)
		rtfm_exit(RTFM_TASK_plain);
}

static void helper(struct low_cx *cx)
{
	rtfm_lock(count)
		++*count;
}

RTFM_TASK(low)
{
	rtfm_lock(log) {
		rtfm_lock(count) {
			*log += (int)*count;
			if (*log == 4)
				return;
		}
	}
	helper(cx);
}

RTFM_TASK(high)
{
	if (msg->text)
		*rtfm_exclusive(count) += (unsigned long)msg->x;
}

RTFM_TASK(from_afar)
{
	rtfm_unwrap(rtfm_spawn(from_afar, msg->p, ""));
}

RTFM_TASK(tables)
{
	int (*table)[4] = rtfm_exclusive(table);
	struct point *point = rtfm_exclusive(point);

	(*table)[0] = point->x + (int)rtfm_core();
	if (*rtfm_exclusive(callback))
		(*rtfm_exclusive(callback))(RTFM_NTASKS + RTFM_NCORES + RTFM_NRESOURCES);
}

RTFM_INIT(1)
{
}

RTFM_IDLE(1)
{
	rtfm_leave();
}

RTFM_TASK(other)
{
	rtfm_unwrap(rtfm_spawn(other, msg->at + rtfm_now()));
}

RTFM_MAIN()
