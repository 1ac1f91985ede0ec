// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A word of a core misspelt. */
/* expect-first: core 0: inti is no attribute of a core */
#include <rtfm.h>

#define APP(core, resource, task)					\
	core(0, inti)							\
	task(foo)
RTFM_APP(APP);

RTFM_TASK(foo)
{
}

RTFM_MAIN()
