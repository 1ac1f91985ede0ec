// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Two resources of one name. */
/* expect: r_is_listed_twice_as_resource */
#include <rtfm.h>

#define APP(core, resource, task)					\
	core(0)								\
	resource(r, int, 0)						\
	resource(r, int, 0)						\
	task(foo)
RTFM_APP(APP);

RTFM_TASK(foo)
{
}

RTFM_MAIN()
