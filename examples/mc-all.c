// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * mc-all: cores that have nothing to do. Each one leaves; the app ends when the
 * last one has left. Prints nothing.
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
