// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A body of an init that the core does not declare. */
/* expect: init_0|core 0 */
#include <rtfm.h>

#define APP(core, resource, task)					\
	core(0)								\
	task(foo)
RTFM_APP(APP);

RTFM_INIT(0)
{
}

RTFM_TASK(foo)
{
}

RTFM_MAIN()
