// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A lock of what is locked already: two pointers to one resource (-Wshadow). */
/* expect: shadow */
#include <rtfm.h>
#pragma GCC diagnostic error "-Wshadow"

#define APP(core, resource, task)					\
	core(0)								\
	resource(a, int, 0)						\
	task(low, priority(1), uses(a))					\
	task(high, priority(2), uses(a))
RTFM_APP(APP);

RTFM_TASK(low)
{
	rtfm_lock(a)
		rtfm_lock(a)
			++*a;
}

RTFM_TASK(high)
{
	++*rtfm_exclusive(a);
}

RTFM_MAIN()
