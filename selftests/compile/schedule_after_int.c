// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A number without a unit where a duration has to be. */
/* expect-first: a duration is an int64_t.*rtfm_schedule\(\) */
#include <rtfm.h>

#define APP(core, resource, task)					\
	core(0, init)							\
	task(foo)
RTFM_APP(APP);

RTFM_INIT(0)
{
	rtfm_unwrap(rtfm_schedule_after(foo, 500));
}

RTFM_TASK(foo)
{
}

RTFM_MAIN()
