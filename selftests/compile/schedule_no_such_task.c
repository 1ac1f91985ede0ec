// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A schedule of a task that does not exist. */
/* expect-first: tasks_of_the_list.* named .nosuch|'nosuch' in .*tasks_of_the_list */
#include <rtfm.h>

#define APP(core, resource, task)					\
	core(0, init)							\
	task(foo, message(int x; int y))				\
	task(bar)
RTFM_APP(APP);

RTFM_INIT(0)
{
	rtfm_unwrap(rtfm_schedule(nosuch, rtfm_now()));
}

RTFM_TASK(foo)
{
	rtfm_exit(msg->x + msg->y);
}

RTFM_TASK(bar)
{
}

RTFM_MAIN()
