// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * mc-all: two cores without tasks. Each core leaves the app, which ends when the last
 * core has left. Prints nothing.
 */
#include <rtfm.h>

#define ALL(core, resource, task)					\
	core(0, idle)							\
	core(1, idle)
RTFM_APP(ALL);

RTFM_IDLE(0)
{
	rtfm_leave();
}

RTFM_IDLE(1)
{
	rtfm_leave();
}

RTFM_MAIN()
