// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Priority 0 is idle's. */
/* expect: task foo: priority is not 1\.\.31 */
#include <rtfm.h>

#define APP(core, resource, task)					\
	core(0)								\
	task(foo, priority(0))
RTFM_APP(APP);

RTFM_TASK(foo)
{
}

RTFM_MAIN()
