// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Two periods. */
/* expect: task foo: more than one period\(\) */
#include <rtfm.h>

#define APP(core, resource, task)					\
	core(0)								\
	task(foo, period(1000), period(2000))
RTFM_APP(APP);

RTFM_TASK(foo)
{
}

RTFM_MAIN()
