// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A core left out. */
/* expect: core 2: cores are numbered 0, 1, 2 */
#include <rtfm.h>

#define APP(core, resource, task)					\
	core(0)								\
	task(foo)							\
	core(2)
RTFM_APP(APP);

RTFM_TASK(foo)
{
}

RTFM_MAIN()
