// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Two resources of one name. */
/* expect: redeclaration.*RTFM[A-Z_]*_r\b|redefinition of.*RTFM[A-Z_]*_r\b */
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
