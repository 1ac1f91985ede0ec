// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A negative priority. */
/* expect: task foo: priority is not 1\.\.31 */
#include <rtfm.h>

#define APP(core, resource, task)					\
	core(0)								\
	task(foo, priority(-1))
RTFM_APP(APP);

RTFM_TASK(foo)
{
}

RTFM_MAIN()
