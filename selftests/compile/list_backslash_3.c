// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A backslash is missing: the line that the list does not have is reported. */
/* expect-first: list_backslash_3.c:10: */
#include <rtfm.h>

#define APP(core, resource, task)					\
	core(0)								\
	resource(r, int, 0)						\
	task(foo, uses(r), priority(2))
	task(bar)
RTFM_APP(APP);

RTFM_TASK(foo)
{
}

RTFM_TASK(bar)
{
}

RTFM_MAIN()
