// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Time does not run backwards. */
/* expect: task foo: period is not 1000\.\.2\^63-1 ns */
#include <rtfm.h>

#define APP(core, resource, task)					\
	core(0)								\
	task(foo, period(-1))
RTFM_APP(APP);

RTFM_TASK(foo)
{
}

RTFM_MAIN()
