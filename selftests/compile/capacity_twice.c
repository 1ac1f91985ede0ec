// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A capacity said twice. */
/* expect: task foo: more than one capacity\(\) */
#include <rtfm.h>

#define APP(core, resource, task)					\
	core(0)								\
	task(foo, capacity(2), capacity(2))
RTFM_APP(APP);

RTFM_TASK(foo)
{
}

RTFM_MAIN()
