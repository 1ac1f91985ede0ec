// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The smallest and the largest capacity. */
/* expect: ok */
#include <rtfm.h>

#define APP(core, resource, task)					\
	core(0)								\
	task(one, capacity(1))						\
	task(most, capacity(4096))
RTFM_APP(APP);

_Static_assert(RTFM_CAPACITY_one == 1, "");
_Static_assert(RTFM_CAPACITY_most == 4096, "");

RTFM_TASK(one)
{
}

RTFM_TASK(most)
{
}

RTFM_MAIN()
