// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A task locks what is no resource. */
/* expect-first: baz_cx.* no member named .nosuch|'nosuch' in .*baz_cx */
#include <rtfm.h>

#define APP(core, resource, task)					\
	core(0, init)							\
	resource(shared, int, 0)					\
	task(foo, priority(1), uses(shared))				\
	task(bar, priority(2), uses(shared))				\
	task(baz, priority(3))
RTFM_APP(APP);

RTFM_INIT(0)
{
	rtfm_exit(0);
}

RTFM_TASK(foo)
{
	rtfm_lock(shared)
		++*shared;
}

RTFM_TASK(bar)
{
	++*rtfm_exclusive(shared);
}

RTFM_TASK(baz)
{
	rtfm_lock(nosuch)
		;
}

RTFM_MAIN()
