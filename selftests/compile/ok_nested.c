// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Locks nest without a warning of -Wshadow, and any way out of them is fine. */
/* expect: ok */
#include <rtfm.h>
#pragma GCC diagnostic error "-Wshadow"

#define APP(core, resource, task)					\
	core(0, idle, uses(a, b))					\
	resource(a, int, 0)						\
	resource(b, int, 0)						\
	task(low, priority(1), uses(a, b))				\
	task(middle, priority(2), uses(a))				\
	task(high, priority(3), uses(b))
RTFM_APP(APP);

RTFM_TASK(low)
{
	rtfm_lock(a) {
		rtfm_lock(b) {
			*a += *b;
		}
		rtfm_lock(b)
			++*b;
	}
	rtfm_lock(b)
		rtfm_lock(a)
			*b += *a;
	for (int i = 0; i < 3; i++) {
		rtfm_lock(a) {
			if (*a == i)
				continue;
			++*a;
		}
		rtfm_lock(b) {
			if (*b == i)
				goto out;
		}
	}
out:
	rtfm_exit(0);
}

RTFM_TASK(middle)
{
	++*rtfm_exclusive(a);
}

RTFM_TASK(high)
{
	++*rtfm_exclusive(b);
}

RTFM_IDLE(0)
{
	rtfm_lock(a) {
		rtfm_lock(b)
			*a = *b;
	}
}

RTFM_MAIN()
