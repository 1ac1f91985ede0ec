// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A lock in a function that is no task and has no context. */
/* expect-first: this function has no context cx */
#include <rtfm.h>

#define APP(core, resource, task)					\
	core(0)								\
	resource(r, int, 0)						\
	task(foo, uses(r))						\
	task(bar, priority(2), uses(r))
RTFM_APP(APP);

static void helper(void)
{
	rtfm_lock(r) {
		++*r;
	}
}

RTFM_TASK(foo)
{
	helper();
}

RTFM_TASK(bar)
{
	rtfm_lock(r) {
		++*r;
	}
}

RTFM_MAIN()
