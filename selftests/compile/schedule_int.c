// SPDX-License-Identifier: GPL-2.0 OR MIT
/* An int where an instant has to be. */
/* expect-first: an instant is a uint64_t.*rtfm_schedule_after\(\) */
#include <rtfm.h>

#define APP(core, resource, task)					\
	core(0, init)							\
	task(foo)
RTFM_APP(APP);

RTFM_INIT(0)
{
	rtfm_unwrap(rtfm_schedule(foo, 1000));
}

RTFM_TASK(foo)
{
}

RTFM_MAIN()
