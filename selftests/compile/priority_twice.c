// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A priority said twice. */
/* expect: task foo: more than one priority\(\) */
#include <rtfm.h>

#define APP(core, resource, task)					\
	core(0)								\
	task(foo, priority(1), priority(2))
RTFM_APP(APP);

RTFM_TASK(foo)
{
}

RTFM_MAIN()
