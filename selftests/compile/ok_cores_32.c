// SPDX-License-Identifier: GPL-2.0 OR MIT
/* As many cores as an app may have, each of which sends to the next. */
/* expect: ok */
#include <rtfm.h>

#define APP(core, resource, task)					\
	core(0)								\
	task(t0, remote)						\
	core(1)								\
	task(t1, remote)						\
	core(2)								\
	task(t2, remote)						\
	core(3)								\
	task(t3, remote)						\
	core(4)								\
	task(t4, remote)						\
	core(5)								\
	task(t5, remote)						\
	core(6)								\
	task(t6, remote)						\
	core(7)								\
	task(t7, remote)						\
	core(8)								\
	task(t8, remote)						\
	core(9)								\
	task(t9, remote)						\
	core(10)							\
	task(t10, remote)						\
	core(11)							\
	task(t11, remote)						\
	core(12)							\
	task(t12, remote)						\
	core(13)							\
	task(t13, remote)						\
	core(14)							\
	task(t14, remote)						\
	core(15)							\
	task(t15, remote)						\
	core(16)							\
	task(t16, remote)						\
	core(17)							\
	task(t17, remote)						\
	core(18)							\
	task(t18, remote)						\
	core(19)							\
	task(t19, remote)						\
	core(20)							\
	task(t20, remote)						\
	core(21)							\
	task(t21, remote)						\
	core(22)							\
	task(t22, remote)						\
	core(23)							\
	task(t23, remote)						\
	core(24)							\
	task(t24, remote)						\
	core(25)							\
	task(t25, remote)						\
	core(26)							\
	task(t26, remote)						\
	core(27)							\
	task(t27, remote)						\
	core(28)							\
	task(t28, remote)						\
	core(29)							\
	task(t29, remote)						\
	core(30)							\
	task(t30, remote)						\
	core(31)							\
	task(t31, remote)
RTFM_APP(APP);

_Static_assert(RTFM_NCORES == 32, "");

RTFM_TASK(t0)
{
	rtfm_unwrap(rtfm_spawn(t1));
}

RTFM_TASK(t1)
{
	rtfm_unwrap(rtfm_spawn(t2));
}

RTFM_TASK(t2)
{
	rtfm_unwrap(rtfm_spawn(t3));
}

RTFM_TASK(t3)
{
	rtfm_unwrap(rtfm_spawn(t4));
}

RTFM_TASK(t4)
{
	rtfm_unwrap(rtfm_spawn(t5));
}

RTFM_TASK(t5)
{
	rtfm_unwrap(rtfm_spawn(t6));
}

RTFM_TASK(t6)
{
	rtfm_unwrap(rtfm_spawn(t7));
}

RTFM_TASK(t7)
{
	rtfm_unwrap(rtfm_spawn(t8));
}

RTFM_TASK(t8)
{
	rtfm_unwrap(rtfm_spawn(t9));
}

RTFM_TASK(t9)
{
	rtfm_unwrap(rtfm_spawn(t10));
}

RTFM_TASK(t10)
{
	rtfm_unwrap(rtfm_spawn(t11));
}

RTFM_TASK(t11)
{
	rtfm_unwrap(rtfm_spawn(t12));
}

RTFM_TASK(t12)
{
	rtfm_unwrap(rtfm_spawn(t13));
}

RTFM_TASK(t13)
{
	rtfm_unwrap(rtfm_spawn(t14));
}

RTFM_TASK(t14)
{
	rtfm_unwrap(rtfm_spawn(t15));
}

RTFM_TASK(t15)
{
	rtfm_unwrap(rtfm_spawn(t16));
}

RTFM_TASK(t16)
{
	rtfm_unwrap(rtfm_spawn(t17));
}

RTFM_TASK(t17)
{
	rtfm_unwrap(rtfm_spawn(t18));
}

RTFM_TASK(t18)
{
	rtfm_unwrap(rtfm_spawn(t19));
}

RTFM_TASK(t19)
{
	rtfm_unwrap(rtfm_spawn(t20));
}

RTFM_TASK(t20)
{
	rtfm_unwrap(rtfm_spawn(t21));
}

RTFM_TASK(t21)
{
	rtfm_unwrap(rtfm_spawn(t22));
}

RTFM_TASK(t22)
{
	rtfm_unwrap(rtfm_spawn(t23));
}

RTFM_TASK(t23)
{
	rtfm_unwrap(rtfm_spawn(t24));
}

RTFM_TASK(t24)
{
	rtfm_unwrap(rtfm_spawn(t25));
}

RTFM_TASK(t25)
{
	rtfm_unwrap(rtfm_spawn(t26));
}

RTFM_TASK(t26)
{
	rtfm_unwrap(rtfm_spawn(t27));
}

RTFM_TASK(t27)
{
	rtfm_unwrap(rtfm_spawn(t28));
}

RTFM_TASK(t28)
{
	rtfm_unwrap(rtfm_spawn(t29));
}

RTFM_TASK(t29)
{
	rtfm_unwrap(rtfm_spawn(t30));
}

RTFM_TASK(t30)
{
	rtfm_unwrap(rtfm_spawn(t31));
}

RTFM_TASK(t31)
{
	rtfm_unwrap(rtfm_spawn(t0));
}

RTFM_MAIN()
