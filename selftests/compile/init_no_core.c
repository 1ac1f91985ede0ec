// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A body of an init of a core that does not exist. */
/* expect: core_1 */
#include <rtfm.h>

#define APP(core, resource, task)					\
	core(0)								\
	task(foo)
RTFM_APP(APP);

RTFM_INIT(1)
{
}

RTFM_TASK(foo)
{
}

RTFM_MAIN()
