// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A body for a task that is not in the list. */
/* expect-first: tasks_of_the_list.* named .nosuch|'nosuch' in .*tasks_of_the_list */
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
