// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * periodic: a task schedules itself, one second after the instant for which it
 * was scheduled. That instant is exact however late the task ran, so the period
 * does not drift.
 *
 * Capacity 1, the default, is enough: the slot of a job is released when the job
 * starts.
 */
#include "example.h"

#define PERIODIC(core, resource, task)					\
	core(0, init)							\
	task(foo)
RTFM_APP(PERIODIC);

RTFM_INIT(0)
{
	/* the baseline of init is the instant at which it began */
	rtfm_unwrap(rtfm_schedule(foo, cx->scheduled + SECOND));
}

RTFM_TASK(foo)
{
	static int count;	/* only this task uses it: no resource */

	print(".");
	if (++count == 3) {
		print("\n");
		rtfm_exit(0);
		return;
	}
	rtfm_unwrap(rtfm_schedule(foo, cx->scheduled + SECOND));
}

RTFM_MAIN()
