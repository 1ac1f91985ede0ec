// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A payload for a task without message(). */
/* expect: bar_takes_no_payload */
#include <rtfm.h>

#define APP(core, resource, task)					\
	core(0, init)							\
	task(foo, message(int x; int y))				\
	task(bar)
RTFM_APP(APP);

RTFM_INIT(0)
{
	rtfm_unwrap(rtfm_spawn(bar, 1));
}

RTFM_TASK(foo)
{
	rtfm_exit(msg->x + msg->y);
}

RTFM_TASK(bar)
{
}

RTFM_MAIN()
