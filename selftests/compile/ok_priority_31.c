// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A task of each priority, and a resource that all use. */
/* expect: ok */
#include <rtfm.h>

#define APP(core, resource, task)					\
	core(0)								\
	resource(shared, int, 0)					\
	task(t1, priority(1), uses(shared))				\
	task(t2, priority(2), uses(shared))				\
	task(t3, priority(3), uses(shared))				\
	task(t4, priority(4), uses(shared))				\
	task(t5, priority(5), uses(shared))				\
	task(t6, priority(6), uses(shared))				\
	task(t7, priority(7), uses(shared))				\
	task(t8, priority(8), uses(shared))				\
	task(t9, priority(9), uses(shared))				\
	task(t10, priority(10), uses(shared))				\
	task(t11, priority(11), uses(shared))				\
	task(t12, priority(12), uses(shared))				\
	task(t13, priority(13), uses(shared))				\
	task(t14, priority(14), uses(shared))				\
	task(t15, priority(15), uses(shared))				\
	task(t16, priority(16), uses(shared))				\
	task(t17, priority(17), uses(shared))				\
	task(t18, priority(18), uses(shared))				\
	task(t19, priority(19), uses(shared))				\
	task(t20, priority(20), uses(shared))				\
	task(t21, priority(21), uses(shared))				\
	task(t22, priority(22), uses(shared))				\
	task(t23, priority(23), uses(shared))				\
	task(t24, priority(24), uses(shared))				\
	task(t25, priority(25), uses(shared))				\
	task(t26, priority(26), uses(shared))				\
	task(t27, priority(27), uses(shared))				\
	task(t28, priority(28), uses(shared))				\
	task(t29, priority(29), uses(shared))				\
	task(t30, priority(30), uses(shared))				\
	task(t31, priority(31), uses(shared))
RTFM_APP(APP);

_Static_assert(RTFM_CEILING_shared == 31, "");

RTFM_TASK(t1)
{
	rtfm_lock(shared)
		++*shared;
}

RTFM_TASK(t2)
{
	rtfm_lock(shared)
		++*shared;
}

RTFM_TASK(t3)
{
	rtfm_lock(shared)
		++*shared;
}

RTFM_TASK(t4)
{
	rtfm_lock(shared)
		++*shared;
}

RTFM_TASK(t5)
{
	rtfm_lock(shared)
		++*shared;
}

RTFM_TASK(t6)
{
	rtfm_lock(shared)
		++*shared;
}

RTFM_TASK(t7)
{
	rtfm_lock(shared)
		++*shared;
}

RTFM_TASK(t8)
{
	rtfm_lock(shared)
		++*shared;
}

RTFM_TASK(t9)
{
	rtfm_lock(shared)
		++*shared;
}

RTFM_TASK(t10)
{
	rtfm_lock(shared)
		++*shared;
}

RTFM_TASK(t11)
{
	rtfm_lock(shared)
		++*shared;
}

RTFM_TASK(t12)
{
	rtfm_lock(shared)
		++*shared;
}

RTFM_TASK(t13)
{
	rtfm_lock(shared)
		++*shared;
}

RTFM_TASK(t14)
{
	rtfm_lock(shared)
		++*shared;
}

RTFM_TASK(t15)
{
	rtfm_lock(shared)
		++*shared;
}

RTFM_TASK(t16)
{
	rtfm_lock(shared)
		++*shared;
}

RTFM_TASK(t17)
{
	rtfm_lock(shared)
		++*shared;
}

RTFM_TASK(t18)
{
	rtfm_lock(shared)
		++*shared;
}

RTFM_TASK(t19)
{
	rtfm_lock(shared)
		++*shared;
}

RTFM_TASK(t20)
{
	rtfm_lock(shared)
		++*shared;
}

RTFM_TASK(t21)
{
	rtfm_lock(shared)
		++*shared;
}

RTFM_TASK(t22)
{
	rtfm_lock(shared)
		++*shared;
}

RTFM_TASK(t23)
{
	rtfm_lock(shared)
		++*shared;
}

RTFM_TASK(t24)
{
	rtfm_lock(shared)
		++*shared;
}

RTFM_TASK(t25)
{
	rtfm_lock(shared)
		++*shared;
}

RTFM_TASK(t26)
{
	rtfm_lock(shared)
		++*shared;
}

RTFM_TASK(t27)
{
	rtfm_lock(shared)
		++*shared;
}

RTFM_TASK(t28)
{
	rtfm_lock(shared)
		++*shared;
}

RTFM_TASK(t29)
{
	rtfm_lock(shared)
		++*shared;
}

RTFM_TASK(t30)
{
	rtfm_lock(shared)
		++*shared;
}

RTFM_TASK(t31)
{
	++*rtfm_exclusive(shared);
}

RTFM_MAIN()
