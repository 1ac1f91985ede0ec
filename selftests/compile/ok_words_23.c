// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A task that uses many resources. */
/* expect: ok */
#include <rtfm.h>

#define APP(core, resource, task)					\
	core(0)								\
	resource(r0, int, 0)						\
	resource(r1, int, 0)						\
	resource(r2, int, 0)						\
	resource(r3, int, 0)						\
	resource(r4, int, 0)						\
	resource(r5, int, 0)						\
	resource(r6, int, 0)						\
	resource(r7, int, 0)						\
	resource(r8, int, 0)						\
	resource(r9, int, 0)						\
	resource(r10, int, 0)						\
	resource(r11, int, 0)						\
	resource(r12, int, 0)						\
	resource(r13, int, 0)						\
	resource(r14, int, 0)						\
	resource(r15, int, 0)						\
	resource(r16, int, 0)						\
	resource(r17, int, 0)						\
	resource(r18, int, 0)						\
	resource(r19, int, 0)						\
	resource(r20, int, 0)						\
	resource(r21, int, 0)						\
	task(foo, uses(r0, r1, r2, r3, r4, r5, r6, r7, r8, r9, r10,	\
		       r11, r12, r13, r14, r15, r16, r17, r18, r19, r20, r21))
RTFM_APP(APP);

RTFM_TASK(foo)
{
	++*rtfm_exclusive(r21);
}

RTFM_MAIN()
