// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A pointer to the wrong thing. */
/* expect-gcc: incompatible pointer type */
/* expect-clang: incompatible pointer types */
#include <rtfm.h>

#define APP(core, resource, task)					\
	core(0, init)							\
	task(foo, message(const char *text))
RTFM_APP(APP);

RTFM_INIT(0)
{
	rtfm_unwrap(rtfm_spawn(foo, .text = &cx->scheduled));
}

RTFM_TASK(foo)
{
	rtfm_exit(!msg->text);
}

RTFM_MAIN()
