// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Idle declares a resource of another core. */
/* expect: idle of core 1 uses shared, a resource of another core */
#include <rtfm.h>

#define APP(core, resource, task)					\
	core(0)								\
	resource(shared, int, 0)					\
	task(foo, uses(shared))						\
	core(1, idle, uses(shared))
RTFM_APP(APP);

RTFM_TASK(foo)
{
	++*rtfm_exclusive(shared);
}

RTFM_IDLE(1)
{
}

RTFM_MAIN()
