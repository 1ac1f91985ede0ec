// SPDX-License-Identifier: GPL-2.0 OR MIT
/* remote said twice. */
/* expect: task foo: more than one remote */
#include <rtfm.h>

#define APP(core, resource, task)					\
	core(0)								\
	task(foo, remote, remote)
RTFM_APP(APP);

RTFM_TASK(foo)
{
}

RTFM_MAIN()
