// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A word of a task misspelt. */
/* expect-first: task foo: capcity\(4\) is no attribute of a task */
#include <rtfm.h>

#define APP(core, resource, task)					\
	core(0)								\
	task(foo, capcity(4))
RTFM_APP(APP);

RTFM_TASK(foo)
{
}

RTFM_MAIN()
