// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Idle locks a resource that it did not declare. */
/* expect-gcc: struct idle_0_cx[^a-z]+has no member named[^a-z]+shared */
/* expect-clang: no member named 'shared' in 'struct idle_0_cx' */
#include <rtfm.h>

#define APP(core, resource, task)					\
	core(0, idle)							\
	resource(shared, int, 0)					\
	task(foo, priority(1), uses(shared))
RTFM_APP(APP);

RTFM_IDLE(0)
{
	rtfm_lock(shared)
		++*shared;
}

RTFM_TASK(foo)
{
	++*rtfm_exclusive(shared);
}

RTFM_MAIN()
