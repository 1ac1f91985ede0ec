// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * periodic: a task schedules itself, one second after the instant for which it was
 * scheduled. That instant does not depend on how late the task runs, so the period does
 * not drift. (The attribute period() does the same without code.)
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
	/* in init, cx->scheduled is an instant just before init began */
	rtfm_unwrap(rtfm_schedule(foo, cx->scheduled + SECOND));
}

RTFM_TASK(foo)
{
	static int count;	/* used by this task only, so it need not be a resource */

	print(".");
	if (++count == 3) {
		print("\n");
		rtfm_exit(0);
		return;
	}
	rtfm_unwrap(rtfm_schedule(foo, cx->scheduled + SECOND));
}

RTFM_MAIN()
