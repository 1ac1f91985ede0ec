// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A core declared twice. */
/* expect: RTFM_CORE_0|RTFMX_CORE_KEY_0 */
#include <rtfm.h>

#define APP(core, resource, task)					\
	core(0)								\
	task(foo)							\
	core(0)
RTFM_APP(APP);

RTFM_TASK(foo)
{
}

RTFM_MAIN()
