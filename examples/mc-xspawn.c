// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * mc-xspawn: a task on core 0 and a task on core 1 spawn each other. A task to which
 * other cores send is declared remote.
 */
#include "example.h"

#define XSPAWN(core, resource, task)					\
	core(0, init)							\
	task(pong, remote)						\
	core(1)								\
	task(ping, remote)
RTFM_APP(XSPAWN);

RTFM_INIT(0)
{
	rtfm_unwrap(rtfm_spawn(ping));
}

RTFM_TASK(ping)
{
	print("[%u] ping\n", rtfm_core());
	rtfm_unwrap(rtfm_spawn(pong));
}

RTFM_TASK(pong)
{
	static int count;

	print("[%u] pong\n", rtfm_core());
	if (++count == 2)
		rtfm_exit(0);
	else
		rtfm_unwrap(rtfm_spawn(ping));
}

RTFM_MAIN()
