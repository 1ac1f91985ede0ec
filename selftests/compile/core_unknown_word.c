// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A word of a core misspelt. */
/* expect: RTFM_CORE_HAS_NO_ATTRIBUTE_inti */
#include <rtfm.h>

#define APP(core, resource, task)					\
	core(0, inti)							\
	task(foo)
RTFM_APP(APP);

RTFM_TASK(foo)
{
}

RTFM_MAIN()
