// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Cores out of order. */
/* expect: core 1: cores are numbered 0, 1, 2 */
#include <rtfm.h>

#define APP(core, resource, task)					\
	core(1)								\
	task(foo)							\
	core(0)
RTFM_APP(APP);

RTFM_TASK(foo)
{
}

RTFM_MAIN()
