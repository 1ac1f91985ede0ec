// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A schedule across cores of a task that is not remote. */
/* expect: task bar belongs to another core and is not declared remote */
#include <rtfm.h>

#define APP(core, resource, task)					\
	core(0, init)							\
	task(foo)							\
	core(1)								\
	task(bar)
RTFM_APP(APP);

RTFM_INIT(0)
{
	rtfm_unwrap(rtfm_spawn(foo));
}

RTFM_TASK(foo)
{
	rtfm_unwrap(rtfm_schedule(bar, rtfm_now()));
}

RTFM_TASK(bar)
{
}

RTFM_MAIN()
