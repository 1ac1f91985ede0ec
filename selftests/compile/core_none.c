// SPDX-License-Identifier: GPL-2.0 OR MIT
/* No core at all. */
/* expect: the app has no core\(\) */
#include <rtfm.h>

#define APP(core, resource, task)					\
	task(foo)
RTFM_APP(APP);

RTFM_TASK(foo)
{
}

RTFM_MAIN()
