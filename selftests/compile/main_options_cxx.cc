// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Options of RTFM_MAIN(), without a warning about those that are left out, in C++. */
/* expect: ok */
#include <rtfm.h>

#define APP(core, resource, task)					\
	core(0, init)
RTFM_APP(APP);

RTFM_INIT(0)
{
	rtfm_exit(0);
}

RTFM_MAIN(.priority = 80, .flags = RTFM_POLL)
