// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A message aligned to more than the library keeps. */
/* expect: task foo: message is aligned to more than 16 bytes */
#include <rtfm.h>

#define APP(core, resource, task)					\
	core(0)								\
	task(foo, message(int x __attribute__((aligned(64)))))
RTFM_APP(APP);

RTFM_TASK(foo)
{
}

RTFM_MAIN()
