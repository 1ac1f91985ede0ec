// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A body for a task that is not in the list. */
/* expect: RTFM_TASK_nosuch */
#include <rtfm.h>

#define APP(core, resource, task)					\
	core(0)								\
	task(foo)
RTFM_APP(APP);

RTFM_TASK(foo)
{
}

RTFM_TASK(nosuch)
{
}

RTFM_MAIN()
