// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * mc-periodic: a task on core 0 schedules itself each second, and spawns a task on core 1
 * each time.
 */
#include "example.h"

#define PERIODIC(core, resource, task)					\
	core(0, init)							\
	task(ping)							\
	core(1)								\
	task(pong, remote)
RTFM_APP(PERIODIC);

RTFM_INIT(0)
{
	rtfm_unwrap(rtfm_spawn(ping));
}

RTFM_TASK(ping)
{
	print("[%u] ping\n", rtfm_core());
	rtfm_unwrap(rtfm_spawn(pong));
	rtfm_unwrap(rtfm_schedule(ping, cx->scheduled + SECOND));
}

RTFM_TASK(pong)
{
	static int count;

	print("[%u] pong\n", rtfm_core());
	if (++count == 3)
		rtfm_exit(0);
}

RTFM_MAIN()
