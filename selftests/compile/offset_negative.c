// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Before the start. */
/* expect: task foo: offset is not 0\.\.2\^62 ns */
#include <rtfm.h>

#define APP(core, resource, task)					\
	core(0)								\
	task(foo, period(1000), offset(-1))
RTFM_APP(APP);

RTFM_TASK(foo)
{
}

RTFM_MAIN()
