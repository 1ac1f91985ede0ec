// SPDX-License-Identifier: GPL-2.0 OR MIT
/* rtfm_wait() in a task. */
/* expect: rtfm_wait\(\) is for idle */
#include <rtfm.h>

#define APP(core, resource, task)					\
	core(0)								\
	task(foo)
RTFM_APP(APP);

RTFM_TASK(foo)
{
	rtfm_wait();
}

RTFM_MAIN()
