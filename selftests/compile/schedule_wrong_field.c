// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A scheduled payload with a field that the message does not have. */
/* expect-gcc: struct foo_msg[^a-z]+has no member named[^a-z]+z */
/* expect-clang: 'z' does not refer to any field in type 'struct foo_msg' */
#include <rtfm.h>

#define APP(core, resource, task)					\
	core(0, init)							\
	task(foo, message(int x; int y))				\
	task(bar)
RTFM_APP(APP);

RTFM_INIT(0)
{
	rtfm_unwrap(rtfm_schedule(foo, rtfm_now(), .z = 2));
}

RTFM_TASK(foo)
{
	rtfm_exit(msg->x + msg->y);
}

RTFM_TASK(bar)
{
}

RTFM_MAIN()
