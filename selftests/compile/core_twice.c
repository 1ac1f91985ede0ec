// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A core declared twice. */
/* expect: core_0_is_listed_twice */
#include <rtfm.h>

#define APP(core, resource, task)					\
	core(0)								\
	task(foo)							\
	core(0)
RTFM_APP(APP);

RTFM_TASK(foo)
{
}

RTFM_MAIN()
