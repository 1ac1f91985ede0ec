// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A task declares a resource that does not exist. */
/* expect: RTFM_RESOURCE_nosuch.*undeclared|undeclared identifier 'RTFM_RESOURCE_nosuch' */
#include <rtfm.h>

#define APP(core, resource, task)					\
	core(0)								\
	task(foo, uses(nosuch))
RTFM_APP(APP);

RTFM_TASK(foo)
{
}

RTFM_MAIN()
