// SPDX-License-Identifier: GPL-2.0 OR MIT
/* As many resources as an app may have; the last is used by two levels. */
/* expect: ok */
#include <rtfm.h>

#define APP(core, resource, task)					\
	core(0)								\
	resource(r0, int, 0)						\
	resource(r1, int, 1)						\
	resource(r2, int, 2)						\
	resource(r3, int, 3)						\
	resource(r4, int, 4)						\
	resource(r5, int, 5)						\
	resource(r6, int, 6)						\
	resource(r7, int, 7)						\
	resource(r8, int, 8)						\
	resource(r9, int, 9)						\
	resource(r10, int, 10)						\
	resource(r11, int, 11)						\
	resource(r12, int, 12)						\
	resource(r13, int, 13)						\
	resource(r14, int, 14)						\
	resource(r15, int, 15)						\
	resource(r16, int, 16)						\
	resource(r17, int, 17)						\
	resource(r18, int, 18)						\
	resource(r19, int, 19)						\
	resource(r20, int, 20)						\
	resource(r21, int, 21)						\
	resource(r22, int, 22)						\
	resource(r23, int, 23)						\
	resource(r24, int, 24)						\
	resource(r25, int, 25)						\
	resource(r26, int, 26)						\
	resource(r27, int, 27)						\
	resource(r28, int, 28)						\
	resource(r29, int, 29)						\
	resource(r30, int, 30)						\
	resource(r31, int, 31)						\
	resource(r32, int, 32)						\
	resource(r33, int, 33)						\
	resource(r34, int, 34)						\
	resource(r35, int, 35)						\
	resource(r36, int, 36)						\
	resource(r37, int, 37)						\
	resource(r38, int, 38)						\
	resource(r39, int, 39)						\
	resource(r40, int, 40)						\
	resource(r41, int, 41)						\
	resource(r42, int, 42)						\
	resource(r43, int, 43)						\
	resource(r44, int, 44)						\
	resource(r45, int, 45)						\
	resource(r46, int, 46)						\
	resource(r47, int, 47)						\
	resource(r48, int, 48)						\
	resource(r49, int, 49)						\
	resource(r50, int, 50)						\
	resource(r51, int, 51)						\
	resource(r52, int, 52)						\
	resource(r53, int, 53)						\
	resource(r54, int, 54)						\
	resource(r55, int, 55)						\
	resource(r56, int, 56)						\
	resource(r57, int, 57)						\
	resource(r58, int, 58)						\
	resource(r59, int, 59)						\
	resource(r60, int, 60)						\
	resource(r61, int, 61)						\
	task(low, priority(1), uses(r0, r61))				\
	task(high, priority(2), uses(r61))
RTFM_APP(APP);

_Static_assert(RTFM_NRESOURCES == 62, "");
_Static_assert(RTFM_CEILING_r0 == 1, "");
_Static_assert(RTFM_CEILING_r61 == 2, "");
_Static_assert(RTFM_CEILING_r30 == 0, "");

RTFM_TASK(low)
{
	rtfm_lock(r61)
		++*rtfm_exclusive(r0);
}

RTFM_TASK(high)
{
	++*rtfm_exclusive(r61);
}

RTFM_MAIN()
