// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * mc-xschedule: a task on core 0 and a task on core 1 schedule each other, each
 * time one second later. All cores use the same clock.
 */
#include "example.h"

#define XSCHEDULE(core, resource, task)					\
	core(0, init)							\
	task(pong, remote)						\
	core(1)								\
	task(ping, remote)
RTFM_APP(XSCHEDULE);

RTFM_INIT(0)
{
	/* cx->scheduled of a spawned job is that of its sender, here the start of the app */
	rtfm_unwrap(rtfm_spawn(ping));
}

RTFM_TASK(ping)
{
	print("[%u] ping\n", rtfm_core());
	rtfm_unwrap(rtfm_schedule(pong, cx->scheduled + SECOND));
}

RTFM_TASK(pong)
{
	static int count;

	print("[%u] pong\n", rtfm_core());
	if (++count == 2)
		rtfm_exit(0);
	else
		rtfm_unwrap(rtfm_schedule(ping, cx->scheduled + SECOND));
}

RTFM_MAIN()
