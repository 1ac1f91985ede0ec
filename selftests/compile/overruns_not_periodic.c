// SPDX-License-Identifier: GPL-2.0 OR MIT
/* No releases, no overruns. */
/* expect: task foo is not periodic */
#include <rtfm.h>

#define APP(core, resource, task)					\
	core(0)								\
	task(foo, priority(1))
RTFM_APP(APP);

RTFM_TASK(foo)
{
	rtfm_overruns(foo);
}

RTFM_MAIN()
