// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * lock: while a task holds a resource, no task that uses the same resource preempts it;
 * other tasks of a higher priority do. The stack pointers show that all tasks run on one
 * stack.
 */
#include "example.h"

#define LOCK(core, resource, task)					\
	core(0, init, idle)						\
	resource(shared, unsigned long, 0)				\
	task(foo, priority(1), uses(shared))				\
	task(bar, priority(2), uses(shared))				\
	task(baz, priority(3))
RTFM_APP(LOCK);

RTFM_INIT(0)
{
	print("A(%%sp=%p)\n", example_sp());
	rtfm_unwrap(rtfm_spawn(foo));
}

RTFM_TASK(foo)
{
	print("B(%%sp=%p)\n", example_sp());

	rtfm_lock(shared) {
		*shared += 1;

		/* bar uses the resource as well: it runs at the unlock */
		rtfm_unwrap(rtfm_spawn(bar));

		print("C(SHARED=%lu)\n", *shared);

		/* baz does not use it: it runs at once */
		rtfm_unwrap(rtfm_spawn(baz));
	}

	print("F\n");
}

/* No task of a higher priority uses the resource, so bar needs no lock. */
RTFM_TASK(bar)
{
	unsigned long *shared = rtfm_exclusive(shared);

	*shared += 1;
	print("E(%%sp=%p, SHARED=%lu)\n", example_sp(), *shared);
}

RTFM_TASK(baz)
{
	print("D(%%sp=%p)\n", example_sp());
}

RTFM_IDLE(0)
{
	exit(0);
}

RTFM_MAIN()
