// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A C++ exception that leaves a task would leave the ceiling raised: it ends the program. */
/* expect-gcc: .throw. will always call .(std::)?terminate */
/* expect-clang: has a non-throwing exception specification but can still throw */
#include <rtfm.h>

#define APP(core, resource, task)					\
	core(0, init, idle)						\
	task(foo)
RTFM_APP(APP);

RTFM_INIT(0)
{
}

RTFM_IDLE(0)
{
}

RTFM_TASK(foo)
{
	throw 1;
}
