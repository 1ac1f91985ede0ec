// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A task takes a resource that it did not declare. */
/* expect-gcc: struct baz_cx[^a-z]+has no member named[^a-z]+shared */
/* expect-clang: no member named 'shared' in 'struct baz_cx' */
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
	++*rtfm_exclusive(shared);
}

RTFM_MAIN()
