// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A task above the first core. */
/* expect: task foo.*core */
#include <rtfm.h>

#define APP(core, resource, task)					\
	task(foo)							\
	core(0)
RTFM_APP(APP);

RTFM_TASK(foo)
{
}

RTFM_MAIN()
