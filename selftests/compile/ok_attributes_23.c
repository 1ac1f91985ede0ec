// SPDX-License-Identifier: GPL-2.0 OR MIT
/* As many attributes as an item may have: each counts, wherever it stands. */
/* expect: ok */
#include <rtfm.h>

#define APP(core, resource, task)					\
	core(0)								\
	resource(r0, int, 0) resource(r1, int, 0) resource(r2, int, 0)	\
	resource(r3, int, 0) resource(r4, int, 0) resource(r5, int, 0)	\
	resource(r6, int, 0) resource(r7, int, 0) resource(r8, int, 0)	\
	resource(r9, int, 0) resource(r10, int, 0) resource(r11, int, 0) \
	resource(r12, int, 0) resource(r13, int, 0) resource(r14, int, 0) \
	resource(r15, int, 0) resource(r16, int, 0) resource(r17, int, 0) \
	task(four, remote, uses(r0), message(int x), priority(4))	\
	task(five, remote, uses(r0), message(int x), uses(r1), priority(5)) \
	task(many, uses(r0), uses(r1), uses(r2), uses(r3), uses(r4), uses(r5), \
	     uses(r6), uses(r7), uses(r8), uses(r9), uses(r10), uses(r11), \
	     uses(r12), uses(r13), uses(r14), uses(r15), uses(r16), general_regs, \
	     remote, message(int x), uses(r17), capacity(3), priority(23))
RTFM_APP(APP);

_Static_assert(RTFM_PRIORITY_four == 4, "the last of four");
_Static_assert(RTFM_PRIORITY_five == 5, "the last of five");
_Static_assert(RTFM_PRIORITY_many == 23, "the last of 23");
_Static_assert(RTFM_CAPACITY_many == 3, "the last but one of 23");
_Static_assert(RTFM_CEILING_r1 == 23, "the fourth of five, the second of 23");
_Static_assert(RTFM_CEILING_r17 == 23, "a resource in the 21st of 23");

RTFM_TASK(four)
{
	rtfm_lock(r0)
		*r0 += msg->x;
}

RTFM_TASK(five)
{
	rtfm_lock(r1)
		*r1 += msg->x;
}

RTFM_TASK(many)
{
	*rtfm_exclusive(r17) += msg->x;
}

RTFM_MAIN()
