// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A spawn in a function that is no task and has no context. */
/* expect-first: this function has no context cx */
#include <rtfm.h>

#define APP(core, resource, task)					\
	core(0, init)							\
	task(foo, message(int x; int y))				\
	task(bar)
RTFM_APP(APP);

static int helper(void)
{
	return rtfm_spawn(bar);
}

RTFM_INIT(0)
{
	rtfm_exit(helper());
}

RTFM_TASK(foo)
{
	rtfm_exit(msg->x + msg->y);
}

RTFM_TASK(bar)
{
}

RTFM_MAIN()
