// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A semicolon after an item of the list. */
/* expect-first: the list APP has an item that is no core or resource or task: ; */
#include <rtfm.h>

#define APP(core, resource, task)					\
	core(0);							\
	resource(r, int, 0)						\
	task(foo, uses(r))						\
	task(bar)
RTFM_APP(APP);

RTFM_TASK(foo)
{
}

RTFM_TASK(bar)
{
}

RTFM_MAIN()
