// SPDX-License-Identifier: GPL-2.0 OR MIT
/* An attribute with a value that it does not take. */
/* expect-first: task foo: remote\(1\) is no attribute of a task */
#include <rtfm.h>

#define APP(core, resource, task)					\
	core(0)								\
	task(foo, remote(1))
RTFM_APP(APP);

RTFM_TASK(foo)
{
}

RTFM_MAIN()
