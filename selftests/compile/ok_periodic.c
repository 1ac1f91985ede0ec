// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A periodic task, in long periods. */
/* expect: ok */
#include <rtfm.h>

#define APP(core, resource, task)					\
	core(0)								\
	task(foo, priority(2), period(RTFM_SEC(3600)), offset(RTFM_MSEC(1)), capacity(4096))
RTFM_APP(APP);

RTFM_TASK(foo)
{
	if (rtfm_overruns(foo) || rtfm_spawn(foo))
		rtfm_exit(1);
}

RTFM_MAIN()
