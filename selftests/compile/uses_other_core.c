// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A task declares a resource of another core. */
/* expect: task bar uses shared, a resource of another core */
#include <rtfm.h>

#define APP(core, resource, task)					\
	core(0)								\
	resource(shared, int, 0)					\
	task(foo, uses(shared))						\
	core(1)								\
	task(bar, uses(shared))
RTFM_APP(APP);

RTFM_TASK(foo)
{
	++*rtfm_exclusive(shared);
}

RTFM_TASK(bar)
{
}

RTFM_MAIN()
