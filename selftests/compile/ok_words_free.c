// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The words of the list are no macros: they are free for other uses. */
/* expect: ok */
#include <rtfm.h>

#define APP(core, resource, task)					\
	core(0)								\
	resource(capacity, int, 0)					\
	resource(remote, int, 0)					\
	task(init, uses(capacity))					\
	task(idle, priority(2), uses(capacity, remote))
RTFM_APP(APP);

static int core(int resource, int task)
{
	int priority = resource, message = task, uses = 0;

	return priority + message + uses;
}

RTFM_TASK(init)
{
	rtfm_lock(capacity)
		*capacity = core(1, 2);
}

RTFM_TASK(idle)
{
	*rtfm_exclusive(remote) = *rtfm_exclusive(capacity);
}

RTFM_MAIN()
