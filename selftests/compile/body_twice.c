// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Two bodies for one task. */
/* expect-first: foo_has_two_bodies */
#include <rtfm.h>

#define APP(core, resource, task)					\
	core(0)								\
	task(foo)
RTFM_APP(APP);

RTFM_TASK(foo)
{
}

RTFM_TASK(foo)
{
}

RTFM_MAIN()
