// SPDX-License-Identifier: GPL-2.0 OR MIT
/* An offset of what? */
/* expect: task foo: offset\(\) without period\(\) */
#include <rtfm.h>

#define APP(core, resource, task)					\
	core(0)								\
	task(foo, offset(1000))
RTFM_APP(APP);

RTFM_TASK(foo)
{
}

RTFM_MAIN()
