// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A task declares a resource that does not exist. */
/* expect-first: resources_of_the_list.* named .nosuch|'nosuch' in .*resources_of_the_list */
#include <rtfm.h>

#define APP(core, resource, task)					\
	core(0)								\
	task(foo, uses(nosuch))
RTFM_APP(APP);

RTFM_TASK(foo)
{
}

RTFM_MAIN()
