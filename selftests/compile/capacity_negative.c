// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A negative capacity. */
/* expect: task foo: capacity is not 1\.\.4096 */
#include <rtfm.h>

#define APP(core, resource, task)					\
	core(0)								\
	task(foo, capacity(-1))
RTFM_APP(APP);

RTFM_TASK(foo)
{
}

RTFM_MAIN()
