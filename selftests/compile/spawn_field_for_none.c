// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A named payload for a task without message(). */
/* expect-gcc: struct bar_msg[^a-z]+has no member named[^a-z]+x */
/* expect-clang: 'x' does not refer to any field in type 'struct bar_msg' */
#include <rtfm.h>

#define APP(core, resource, task)					\
	core(0, init)							\
	task(foo, message(int x; int y))				\
	task(bar)
RTFM_APP(APP);

RTFM_INIT(0)
{
	rtfm_unwrap(rtfm_spawn(bar, .x = 1));
}

RTFM_TASK(foo)
{
	rtfm_exit(msg->x + msg->y);
}

RTFM_TASK(bar)
{
}

RTFM_MAIN()
