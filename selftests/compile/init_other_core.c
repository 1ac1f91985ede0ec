// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Init uses a resource of another core. */
/* expect: init_1_cx.* no member named .shared|'shared' in .*init_1_cx */
#include <rtfm.h>

#define APP(core, resource, task)					\
	core(0)								\
	resource(shared, int, 0)					\
	task(foo, uses(shared))						\
	core(1, init)
RTFM_APP(APP);

RTFM_TASK(foo)
{
	++*rtfm_exclusive(shared);
}

RTFM_INIT(1)
{
	rtfm_lock(shared)
		++*shared;
}

RTFM_MAIN()
