// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Two tasks of one name. */
/* expect-first-of-many: foo_is_listed_twice_as_task */
#include <rtfm.h>

#define APP(core, resource, task)					\
	core(0)								\
	task(foo)							\
	task(foo)
RTFM_APP(APP);

RTFM_TASK(foo)
{
}

RTFM_MAIN()
