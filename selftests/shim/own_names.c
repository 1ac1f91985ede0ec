// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * An application may use the internal names of libshim for its own functions and variables,
 * because they are local symbols of the archive. Otherwise this program would not link, or
 * library and program would call each other's functions.
 */
#include "tap.h"

#define NAMES(core, resource, task)					\
	core(0, init)							\
	resource(count, int, 0)						\
	task(later, priority(2), uses(count))				\
	task(now, priority(1), uses(count))
RTFM_APP(NAMES);

int self = 1, the_app = 2, doorbell_open = 3, engine_soft = 4;
static int expired, taken, blocked, ran;

void timer_expire(void)
{
	expired++;
}

int slot_take(int slot)
{
	taken++;
	return slot;
}

void os_block(void)
{
	blocked++;
}

void dispatch_run(void)
{
	ran++;
}

RTFM_INIT(0)
{
	rtfm_unwrap(rtfm_spawn(now));
}

RTFM_TASK(now)
{
	dispatch_run();
	rtfm_lock(count)
		*count = slot_take(self + the_app);
	rtfm_unwrap(rtfm_schedule(later, rtfm_now() + MSEC));
}

RTFM_TASK(later)
{
	timer_expire();
	os_block();
	ok_eq(*rtfm_exclusive(count), 3, "its functions are called");
	rtfm_exit(0);
}

int main(void)
{
	tap_begin(30);
	need_cpus(1);
	ok_eq(rtfm_run(&rtfm_app, NULL), 0, "an app with libshim's own names runs");
	ok(self == 1 && the_app == 2 && doorbell_open == 3 && engine_soft == 4,
	   "its variables keep their values");
	ok(expired == 1 && taken == 1 && blocked == 1 && ran == 1,
	   "libshim does not call its functions");
	return tap_end();
}
