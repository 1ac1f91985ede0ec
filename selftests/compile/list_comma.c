// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A comma between the items of the list. */
/* expect-first: the list APP has a comma between two of its items: remove it */
#include <rtfm.h>

#define APP(core, resource, task)					\
	core(0)								\
	resource(r, int, 0),						\
	task(foo, uses(r)),						\
	task(bar)
RTFM_APP(APP);

RTFM_TASK(foo)
{
}

RTFM_TASK(bar)
{
}

RTFM_MAIN()
