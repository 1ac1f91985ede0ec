// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The answer of a spawn is ignored. */
/* expect: ignoring return value of */
#include <rtfm.h>

#define APP(core, resource, task)					\
	core(0, init)							\
	task(foo, message(int x; int y))				\
	task(bar)
RTFM_APP(APP);

RTFM_INIT(0)
{
	rtfm_spawn(bar);
}

RTFM_TASK(foo)
{
	rtfm_exit(msg->x + msg->y);
}

RTFM_TASK(bar)
{
}

RTFM_MAIN()
