// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Time has nothing to say. */
/* expect: task foo: a periodic task takes no message\(\) */
#include <rtfm.h>

#define APP(core, resource, task)					\
	core(0)								\
	task(foo, period(1000), message(int x))
RTFM_APP(APP);

RTFM_TASK(foo)
{
}

RTFM_MAIN()
