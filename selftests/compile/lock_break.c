// SPDX-License-Identifier: GPL-2.0 OR MIT
/* In C, a break in the block of a lock, which would end the block and not the loop. */
/* expect: break in the block of rtfm_lock\(\) */
#include <rtfm.h>

#define APP(core, resource, task)					\
	core(0)								\
	resource(r, int, 0)						\
	task(foo, uses(r))						\
	task(bar, uses(r), priority(2))
RTFM_APP(APP);

RTFM_TASK(foo)
{
	for (int i = 0; i < 3; i++) {
		rtfm_lock(r) {
			if (++*r == 5)
				break;
		}
	}
}

RTFM_TASK(bar)
{
	++*rtfm_exclusive(r);
}

RTFM_MAIN()
