// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A job of core 1 schedules a task of core 0 for an instant later than core 0's first timer,
 * so core 0 is not notified. Then the job of core 0 cancels that timer and ends: the request
 * must still be taken from the ring before the core sleeps.
 */
#include "tap.h"

#define CANCELLED(core, resource, task)		\
	core(0, init)				\
	task(work)				\
	task(timeout, priority(2))		\
	task(late, remote)			\
	core(1, init)				\
	task(ask, remote)			\
	task(give_up)
RTFM_APP(CANCELLED);

static bool asked;			/* written by core 1 */
static unsigned int jobs, too_late;

RTFM_INIT(0)
{
	rtfm_unwrap(rtfm_spawn(work));
}

RTFM_INIT(1)
{
}

RTFM_TASK(work)
{
	rtfm_handle handle;

	/* the first timer, and far enough away for the other core to ask meanwhile */
	handle = rtfm_unwrap(rtfm_schedule(timeout, rtfm_now() + RTFM_MSEC(400)));
	rtfm_unwrap(rtfm_spawn(ask));
	while (!__atomic_load_n(&asked, __ATOMIC_ACQUIRE))
		sched_yield();
	rtfm_cancel(handle);
}

RTFM_TASK(timeout)
{
}

RTFM_TASK(ask)
{
	rtfm_unwrap(rtfm_schedule(late, rtfm_now() + RTFM_MSEC(500)));
	rtfm_unwrap(rtfm_schedule(give_up, rtfm_now() + RTFM_MSEC(6000)));
	__atomic_store_n(&asked, true, __ATOMIC_RELEASE);
}

RTFM_TASK(late)
{
	jobs++;
	rtfm_exit(0);
}

RTFM_TASK(give_up)
{
	too_late++;
	rtfm_exit(0);
}

static void run(uint64_t flags, const char *name)
{
	struct rtfm_options options = {
		.size = sizeof(options), .realtime = RTFM_REALTIME_OFF, .flags = flags,
	};

	jobs = 0;
	too_late = 0;
	asked = false;
	ok(!rtfm_run(&rtfm_app, &options) && jobs == 1 && !too_late,
	   "a request survives the cancelled timer that hid it: %s", name);
}

int main(void)
{
	tap_begin(60);
	run(0, "parked");
	run(RTFM_POLL, "polling");
	return tap_end();
}
