// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A number where the message wants a pointer. */
/* expect-gcc: makes pointer from integer */
/* expect-clang: incompatible integer to pointer */
#include <rtfm.h>

#define APP(core, resource, task)					\
	core(0, init)							\
	task(foo, message(const char *text))
RTFM_APP(APP);

RTFM_INIT(0)
{
	rtfm_unwrap(rtfm_spawn(foo, .text = 1));
}

RTFM_TASK(foo)
{
	rtfm_exit(!msg->text);
}

RTFM_MAIN()
