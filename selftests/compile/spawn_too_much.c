// SPDX-License-Identifier: GPL-2.0 OR MIT
/* More values than the message has fields. */
/* expect: excess elements in (struct|scalar|union|array) */
#include <rtfm.h>

#define APP(core, resource, task)					\
	core(0, init)							\
	task(foo, message(int x; int y))				\
	task(bar)
RTFM_APP(APP);

RTFM_INIT(0)
{
	rtfm_unwrap(rtfm_spawn(foo, 1, 2, 3));
}

RTFM_TASK(foo)
{
	rtfm_exit(msg->x + msg->y);
}

RTFM_TASK(bar)
{
}

RTFM_MAIN()
