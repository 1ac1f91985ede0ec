// SPDX-License-Identifier: GPL-2.0 OR MIT
/* More resources than an app may have. */
/* expect: more than 62 resources in one app */
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
	resource(r22, int, 0)						\
	resource(r23, int, 0)						\
	resource(r24, int, 0)						\
	resource(r25, int, 0)						\
	resource(r26, int, 0)						\
	resource(r27, int, 0)						\
	resource(r28, int, 0)						\
	resource(r29, int, 0)						\
	resource(r30, int, 0)						\
	resource(r31, int, 0)						\
	resource(r32, int, 0)						\
	resource(r33, int, 0)						\
	resource(r34, int, 0)						\
	resource(r35, int, 0)						\
	resource(r36, int, 0)						\
	resource(r37, int, 0)						\
	resource(r38, int, 0)						\
	resource(r39, int, 0)						\
	resource(r40, int, 0)						\
	resource(r41, int, 0)						\
	resource(r42, int, 0)						\
	resource(r43, int, 0)						\
	resource(r44, int, 0)						\
	resource(r45, int, 0)						\
	resource(r46, int, 0)						\
	resource(r47, int, 0)						\
	resource(r48, int, 0)						\
	resource(r49, int, 0)						\
	resource(r50, int, 0)						\
	resource(r51, int, 0)						\
	resource(r52, int, 0)						\
	resource(r53, int, 0)						\
	resource(r54, int, 0)						\
	resource(r55, int, 0)						\
	resource(r56, int, 0)						\
	resource(r57, int, 0)						\
	resource(r58, int, 0)						\
	resource(r59, int, 0)						\
	resource(r60, int, 0)						\
	resource(r61, int, 0)						\
	resource(r62, int, 0)						\
	task(foo, uses(r62))
RTFM_APP(APP);

RTFM_TASK(foo)
{
	++*rtfm_exclusive(r62);
}

RTFM_MAIN()
