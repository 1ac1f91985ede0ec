// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A helper uses a resource of another core. */
/* expect-first: helper add uses log, a resource of another core */
#include <rtfm.h>

#define APP(core, resource, task)					\
	core(0, init, idle, uses(count, log))				\
	resource(count, int, 0)						\
	resource(log, int, 0)						\
	task(low, priority(1), uses(count, log))			\
	task(high, priority(5), uses(log, count))			\
	task(other, priority(3), uses(log))				\
	core(1)								\
	task(afar, remote)
RTFM_APP(APP);

RTFM_HELPER(add, 1, uses(log));

static void add(struct add_cx *cx)
{
	(void)cx;
}

RTFM_INIT(0)
{
}

RTFM_IDLE(0)
{
}

RTFM_TASK(afar)
{
	rtfm_call(add);
}

RTFM_MAIN()
