// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The same in C++, where break belongs to the loop. */
/* expect: ok */
#include <rtfm.h>

#define APP(core, resource, task)					\
	core(0)								\
	resource(r, int, 0)						\
	task(foo, uses(r))						\
	task(bar, uses(r), priority(2))
RTFM_APP(APP);

static int get(struct foo_cx *cx)
{
	rtfm_lock(r) {
		return *r;
	}
}

RTFM_TASK(foo)
{
	int seen;

	rtfm_lock(r)
		seen = *r;
	for (;;) {
		rtfm_lock(r) {
			switch (*r) {
			case 1:
				break;
			default:
				for (;;)
					break;
			}
		}
		if (get(cx) == seen)
			rtfm_lock(r)
				++*r;
		else
			return;
		rtfm_lock(r) {
			if (*r == 7)
				break;
			if (*r == 8)
				continue;
		}
	}
}

RTFM_TASK(bar)
{
	++*rtfm_exclusive(r);
}

RTFM_MAIN()
