// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Exclusive access to a resource that a task of a higher priority uses, too. */
/* expect: shared is used at a higher priority, too: use rtfm_lock\(\) */
#include <rtfm.h>

#define APP(core, resource, task)					\
	core(0, init)							\
	resource(shared, int, 0)					\
	task(foo, priority(1), uses(shared))				\
	task(bar, priority(2), uses(shared))
RTFM_APP(APP);

RTFM_INIT(0)
{
	rtfm_exit(0);
}

RTFM_TASK(foo)
{
	++*rtfm_exclusive(shared);
}

RTFM_TASK(bar)
{
	++*rtfm_exclusive(shared);
}

RTFM_MAIN()
