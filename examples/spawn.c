// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * spawn: a spawn sends a message to a task, and the task runs. Here init is the sender.
 * No task runs before init has returned, so "init" is printed first.
 */
#include "example.h"

#define SPAWN(core, resource, task)					\
	core(0, init)							\
	task(foo, message(int x))
RTFM_APP(SPAWN);

RTFM_INIT(0)
{
	rtfm_unwrap(rtfm_spawn(foo, .x = 42));
	print("init\n");
}

RTFM_TASK(foo)
{
	print("foo(%d)\n", msg->x);
	rtfm_exit(0);
}

RTFM_MAIN()
