// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A message said twice. */
/* expect: task foo: more than one message\(\) */
#include <rtfm.h>

#define APP(core, resource, task)					\
	core(0)								\
	task(foo, message(int x), message(int y))
RTFM_APP(APP);

RTFM_TASK(foo)
{
}

RTFM_MAIN()
