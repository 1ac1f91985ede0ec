/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The tables of declare.h. Printed by scripts/gen-declare: change that, and run
 * "make tables".
 */
#ifndef RTFM_TABLES_H
#define RTFM_TABLES_H

/* How many arguments, 1..24 */
#define RTFMX_COUNT(...) RTFMX_COUNT_(__VA_ARGS__, 24, 23, 22, 21, 20, 19, 18, \
	17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0)
#define RTFMX_COUNT_(a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, \
	a14, a15, a16, a17, a18, a19, a20, a21, a22, a23, a24, n, ...) n

/* RTFMX_EACH(m, c, a, b, ..., ): m(c, a) m(c, b) ... The last argument is empty. */
#define RTFMX_EACH(m, c, ...) \
	RTFMX_CAT(RTFMX_EACH_, RTFMX_COUNT(__VA_ARGS__))(m, c, __VA_ARGS__)
#define RTFMX_EACH_1(m, c, end)
#define RTFMX_EACH_2(m, c, a1, end) m(c, a1)
#define RTFMX_EACH_3(m, c, a1, a2, end) m(c, a1) m(c, a2)
#define RTFMX_EACH_4(m, c, a1, a2, a3, end) m(c, a1) m(c, a2) m(c, a3)
#define RTFMX_EACH_5(m, c, a1, a2, a3, a4, end) m(c, a1) m(c, a2) m(c, a3) \
	m(c, a4)
#define RTFMX_EACH_6(m, c, a1, a2, a3, a4, a5, end) m(c, a1) m(c, a2) m(c, a3) \
	m(c, a4) m(c, a5)
#define RTFMX_EACH_7(m, c, a1, a2, a3, a4, a5, a6, end) m(c, a1) m(c, a2) \
	m(c, a3) m(c, a4) m(c, a5) m(c, a6)
#define RTFMX_EACH_8(m, c, a1, a2, a3, a4, a5, a6, a7, end) m(c, a1) m(c, a2) \
	m(c, a3) m(c, a4) m(c, a5) m(c, a6) m(c, a7)
#define RTFMX_EACH_9(m, c, a1, a2, a3, a4, a5, a6, a7, a8, end) m(c, a1) \
	m(c, a2) m(c, a3) m(c, a4) m(c, a5) m(c, a6) m(c, a7) m(c, a8)
#define RTFMX_EACH_10(m, c, a1, a2, a3, a4, a5, a6, a7, a8, a9, end) m(c, a1) \
	m(c, a2) m(c, a3) m(c, a4) m(c, a5) m(c, a6) m(c, a7) m(c, a8) \
	m(c, a9)
#define RTFMX_EACH_11(m, c, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, end) \
	m(c, a1) m(c, a2) m(c, a3) m(c, a4) m(c, a5) m(c, a6) m(c, a7) \
	m(c, a8) m(c, a9) m(c, a10)
#define RTFMX_EACH_12(m, c, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, end) \
	m(c, a1) m(c, a2) m(c, a3) m(c, a4) m(c, a5) m(c, a6) m(c, a7) \
	m(c, a8) m(c, a9) m(c, a10) m(c, a11)
#define RTFMX_EACH_13(m, c, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, \
	end) m(c, a1) m(c, a2) m(c, a3) m(c, a4) m(c, a5) m(c, a6) m(c, a7) \
	m(c, a8) m(c, a9) m(c, a10) m(c, a11) m(c, a12)
#define RTFMX_EACH_14(m, c, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, \
	a13, end) m(c, a1) m(c, a2) m(c, a3) m(c, a4) m(c, a5) m(c, a6) \
	m(c, a7) m(c, a8) m(c, a9) m(c, a10) m(c, a11) m(c, a12) m(c, a13)
#define RTFMX_EACH_15(m, c, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, \
	a13, a14, end) m(c, a1) m(c, a2) m(c, a3) m(c, a4) m(c, a5) m(c, a6) \
	m(c, a7) m(c, a8) m(c, a9) m(c, a10) m(c, a11) m(c, a12) m(c, a13) \
	m(c, a14)
#define RTFMX_EACH_16(m, c, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, \
	a13, a14, a15, end) m(c, a1) m(c, a2) m(c, a3) m(c, a4) m(c, a5) \
	m(c, a6) m(c, a7) m(c, a8) m(c, a9) m(c, a10) m(c, a11) m(c, a12) \
	m(c, a13) m(c, a14) m(c, a15)
#define RTFMX_EACH_17(m, c, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, \
	a13, a14, a15, a16, end) m(c, a1) m(c, a2) m(c, a3) m(c, a4) m(c, a5) \
	m(c, a6) m(c, a7) m(c, a8) m(c, a9) m(c, a10) m(c, a11) m(c, a12) \
	m(c, a13) m(c, a14) m(c, a15) m(c, a16)
#define RTFMX_EACH_18(m, c, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, \
	a13, a14, a15, a16, a17, end) m(c, a1) m(c, a2) m(c, a3) m(c, a4) \
	m(c, a5) m(c, a6) m(c, a7) m(c, a8) m(c, a9) m(c, a10) m(c, a11) \
	m(c, a12) m(c, a13) m(c, a14) m(c, a15) m(c, a16) m(c, a17)
#define RTFMX_EACH_19(m, c, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, \
	a13, a14, a15, a16, a17, a18, end) m(c, a1) m(c, a2) m(c, a3) m(c, a4) \
	m(c, a5) m(c, a6) m(c, a7) m(c, a8) m(c, a9) m(c, a10) m(c, a11) \
	m(c, a12) m(c, a13) m(c, a14) m(c, a15) m(c, a16) m(c, a17) m(c, a18)
#define RTFMX_EACH_20(m, c, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, \
	a13, a14, a15, a16, a17, a18, a19, end) m(c, a1) m(c, a2) m(c, a3) \
	m(c, a4) m(c, a5) m(c, a6) m(c, a7) m(c, a8) m(c, a9) m(c, a10) \
	m(c, a11) m(c, a12) m(c, a13) m(c, a14) m(c, a15) m(c, a16) m(c, a17) \
	m(c, a18) m(c, a19)
#define RTFMX_EACH_21(m, c, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, \
	a13, a14, a15, a16, a17, a18, a19, a20, end) m(c, a1) m(c, a2) \
	m(c, a3) m(c, a4) m(c, a5) m(c, a6) m(c, a7) m(c, a8) m(c, a9) \
	m(c, a10) m(c, a11) m(c, a12) m(c, a13) m(c, a14) m(c, a15) m(c, a16) \
	m(c, a17) m(c, a18) m(c, a19) m(c, a20)
#define RTFMX_EACH_22(m, c, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, \
	a13, a14, a15, a16, a17, a18, a19, a20, a21, end) m(c, a1) m(c, a2) \
	m(c, a3) m(c, a4) m(c, a5) m(c, a6) m(c, a7) m(c, a8) m(c, a9) \
	m(c, a10) m(c, a11) m(c, a12) m(c, a13) m(c, a14) m(c, a15) m(c, a16) \
	m(c, a17) m(c, a18) m(c, a19) m(c, a20) m(c, a21)
#define RTFMX_EACH_23(m, c, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, \
	a13, a14, a15, a16, a17, a18, a19, a20, a21, a22, end) m(c, a1) \
	m(c, a2) m(c, a3) m(c, a4) m(c, a5) m(c, a6) m(c, a7) m(c, a8) \
	m(c, a9) m(c, a10) m(c, a11) m(c, a12) m(c, a13) m(c, a14) m(c, a15) \
	m(c, a16) m(c, a17) m(c, a18) m(c, a19) m(c, a20) m(c, a21) m(c, a22)
#define RTFMX_EACH_24(m, c, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, \
	a13, a14, a15, a16, a17, a18, a19, a20, a21, a22, a23, end) m(c, a1) \
	m(c, a2) m(c, a3) m(c, a4) m(c, a5) m(c, a6) m(c, a7) m(c, a8) \
	m(c, a9) m(c, a10) m(c, a11) m(c, a12) m(c, a13) m(c, a14) m(c, a15) \
	m(c, a16) m(c, a17) m(c, a18) m(c, a19) m(c, a20) m(c, a21) m(c, a22) \
	m(c, a23)

/*
 * RTFMX_ASK(q, a, b, ..., , , , , , ): q_a q_b ... The last six arguments are empty.
 * gcc keeps a record of each macro that is expanded and of each of its tokens, so the
 * first 4 attributes are neither counted nor passed to a macro each.
 */
#define RTFMX_ASK(q, a1, a2, a3, a4, more, ...) q##_##a1 q##_##a2 q##_##a3 \
	q##_##a4 RTFMX_MORE_##more(q, more, __VA_ARGS__)
#define RTFMX_ASK_MORE(q, ...) RTFMX_ASK_REST(q, __VA_ARGS__ , , , , , , , , , \
	, , , , , , , , , , ,)
#define RTFMX_ASK_REST(q, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15, \
	a16, a17, a18, a19, a20, a21, a22, a23, a24, ...) q##_##a5 q##_##a6 \
	q##_##a7 q##_##a8 q##_##a9 q##_##a10 q##_##a11 q##_##a12 q##_##a13 \
	q##_##a14 q##_##a15 q##_##a16 q##_##a17 q##_##a18 q##_##a19 q##_##a20 \
	q##_##a21 q##_##a22 q##_##a23 q##_##a24
#define RTFMX_MORE_(...)
#define RTFMX_MORE_priority(...)	RTFMX_ASK_MORE
#define RTFMX_MORE_capacity(...)	RTFMX_ASK_MORE
#define RTFMX_MORE_message(...)		RTFMX_ASK_MORE
#define RTFMX_MORE_remote		RTFMX_ASK_MORE
#define RTFMX_MORE_period(...)		RTFMX_ASK_MORE
#define RTFMX_MORE_offset(...)		RTFMX_ASK_MORE
#define RTFMX_MORE_general_regs		RTFMX_ASK_MORE
#define RTFMX_MORE_init			RTFMX_ASK_MORE
#define RTFMX_MORE_idle			RTFMX_ASK_MORE
#define RTFMX_MORE_uses(...)		RTFMX_ASK_MORE

/* Is it an attribute? */

#define RTFMX_TASK_WORD(c, a)		RTFMX_TASK_HAS_##a
#define RTFMX_TASK_HAS_priority(...)
#define RTFMX_TASK_HAS_capacity(...)
#define RTFMX_TASK_HAS_message(...)
#define RTFMX_TASK_HAS_remote
#define RTFMX_TASK_HAS_period(...)
#define RTFMX_TASK_HAS_offset(...)
#define RTFMX_TASK_HAS_general_regs
#define RTFMX_TASK_HAS_uses(...)

#define RTFMX_CORE_WORD(c, a)		RTFMX_CORE_HAS_##a
#define RTFMX_CORE_HAS_init
#define RTFMX_CORE_HAS_idle
#define RTFMX_CORE_HAS_uses(...)

/* What else is asked of each attribute */

#define RTFMX_PRIORITY_
#define RTFMX_PRIORITY_priority(p)	+ (p)
#define RTFMX_PRIORITY_capacity(...)
#define RTFMX_PRIORITY_message(...)
#define RTFMX_PRIORITY_remote
#define RTFMX_PRIORITY_period(...)
#define RTFMX_PRIORITY_offset(...)
#define RTFMX_PRIORITY_general_regs
#define RTFMX_PRIORITY_init
#define RTFMX_PRIORITY_idle
#define RTFMX_PRIORITY_uses(...)

#define RTFMX_CAPACITY_
#define RTFMX_CAPACITY_priority(...)
#define RTFMX_CAPACITY_capacity(n)	+ (n)
#define RTFMX_CAPACITY_message(...)
#define RTFMX_CAPACITY_remote
#define RTFMX_CAPACITY_period(...)
#define RTFMX_CAPACITY_offset(...)
#define RTFMX_CAPACITY_general_regs
#define RTFMX_CAPACITY_init
#define RTFMX_CAPACITY_idle
#define RTFMX_CAPACITY_uses(...)

#define RTFMX_MESSAGE_
#define RTFMX_MESSAGE_priority(...)
#define RTFMX_MESSAGE_capacity(...)
#define RTFMX_MESSAGE_message(...)	__VA_ARGS__;
#define RTFMX_MESSAGE_remote
#define RTFMX_MESSAGE_period(...)
#define RTFMX_MESSAGE_offset(...)
#define RTFMX_MESSAGE_general_regs
#define RTFMX_MESSAGE_init
#define RTFMX_MESSAGE_idle
#define RTFMX_MESSAGE_uses(...)

#define RTFMX_WITH_MESSAGE_
#define RTFMX_WITH_MESSAGE_priority(...)
#define RTFMX_WITH_MESSAGE_capacity(...)
#define RTFMX_WITH_MESSAGE_message(...)	, 2
#define RTFMX_WITH_MESSAGE_remote
#define RTFMX_WITH_MESSAGE_period(...)
#define RTFMX_WITH_MESSAGE_offset(...)
#define RTFMX_WITH_MESSAGE_general_regs
#define RTFMX_WITH_MESSAGE_init
#define RTFMX_WITH_MESSAGE_idle
#define RTFMX_WITH_MESSAGE_uses(...)

#define RTFMX_PERIOD_
#define RTFMX_PERIOD_priority(...)
#define RTFMX_PERIOD_capacity(...)
#define RTFMX_PERIOD_message(...)
#define RTFMX_PERIOD_remote
#define RTFMX_PERIOD_period(...)	+ (uint64_t)(__VA_ARGS__)
#define RTFMX_PERIOD_offset(...)
#define RTFMX_PERIOD_general_regs
#define RTFMX_PERIOD_init
#define RTFMX_PERIOD_idle
#define RTFMX_PERIOD_uses(...)

#define RTFMX_OFFSET_
#define RTFMX_OFFSET_priority(...)
#define RTFMX_OFFSET_capacity(...)
#define RTFMX_OFFSET_message(...)
#define RTFMX_OFFSET_remote
#define RTFMX_OFFSET_period(...)
#define RTFMX_OFFSET_offset(...)	+ (uint64_t)(__VA_ARGS__)
#define RTFMX_OFFSET_general_regs
#define RTFMX_OFFSET_init
#define RTFMX_OFFSET_idle
#define RTFMX_OFFSET_uses(...)

#define RTFMX_BODY_
#define RTFMX_BODY_priority(...)
#define RTFMX_BODY_capacity(...)
#define RTFMX_BODY_message(...)
#define RTFMX_BODY_remote
#define RTFMX_BODY_period(...)
#define RTFMX_BODY_offset(...)
#define RTFMX_BODY_general_regs		RTFMX_GENERAL_REGS_BODY
#define RTFMX_BODY_init
#define RTFMX_BODY_idle
#define RTFMX_BODY_uses(...)

#define RTFMX_WITH_INIT_
#define RTFMX_WITH_INIT_priority(...)
#define RTFMX_WITH_INIT_capacity(...)
#define RTFMX_WITH_INIT_message(...)
#define RTFMX_WITH_INIT_remote
#define RTFMX_WITH_INIT_period(...)
#define RTFMX_WITH_INIT_offset(...)
#define RTFMX_WITH_INIT_general_regs
#define RTFMX_WITH_INIT_init		, 2
#define RTFMX_WITH_INIT_idle
#define RTFMX_WITH_INIT_uses(...)

#define RTFMX_WITH_IDLE_
#define RTFMX_WITH_IDLE_priority(...)
#define RTFMX_WITH_IDLE_capacity(...)
#define RTFMX_WITH_IDLE_message(...)
#define RTFMX_WITH_IDLE_remote
#define RTFMX_WITH_IDLE_period(...)
#define RTFMX_WITH_IDLE_offset(...)
#define RTFMX_WITH_IDLE_general_regs
#define RTFMX_WITH_IDLE_init
#define RTFMX_WITH_IDLE_idle		, 2
#define RTFMX_WITH_IDLE_uses(...)

#define RTFMX_USES_
#define RTFMX_USES_priority(...)
#define RTFMX_USES_capacity(...)
#define RTFMX_USES_message(...)
#define RTFMX_USES_remote
#define RTFMX_USES_period(...)
#define RTFMX_USES_offset(...)
#define RTFMX_USES_general_regs
#define RTFMX_USES_init
#define RTFMX_USES_idle
#define RTFMX_USES_uses(...)		, __VA_ARGS__

#define RTFMX_USE_BITS_
#define RTFMX_USE_BITS_priority(...)
#define RTFMX_USE_BITS_capacity(...)
#define RTFMX_USE_BITS_message(...)
#define RTFMX_USE_BITS_remote
#define RTFMX_USE_BITS_period(...)
#define RTFMX_USE_BITS_offset(...)
#define RTFMX_USE_BITS_general_regs
#define RTFMX_USE_BITS_init
#define RTFMX_USE_BITS_idle
#define RTFMX_USE_BITS_uses(...)	RTFMX_EACH(RTFMX_USE_BIT, 0, __VA_ARGS__, )

#define RTFMX_MEMBERS_
#define RTFMX_MEMBERS_priority(...)
#define RTFMX_MEMBERS_capacity(...)
#define RTFMX_MEMBERS_message(...)
#define RTFMX_MEMBERS_remote
#define RTFMX_MEMBERS_period(...)
#define RTFMX_MEMBERS_offset(...)
#define RTFMX_MEMBERS_general_regs
#define RTFMX_MEMBERS_init
#define RTFMX_MEMBERS_idle
#define RTFMX_MEMBERS_uses(...)		RTFMX_EACH(RTFMX_MAY_USE, 0, __VA_ARGS__, )

/* How often is it given? RTFMX_TIMES_<attribute>(), from the sums of RTFMX_GIVEN() */

#define RTFMX_GIVEN0_
#define RTFMX_GIVEN0_priority(...)	+ (1ULL << 0)
#define RTFMX_GIVEN0_capacity(...)	+ (1ULL << 5)
#define RTFMX_GIVEN0_message(...)	+ (1ULL << 10)
#define RTFMX_GIVEN0_remote		+ (1ULL << 15)
#define RTFMX_GIVEN0_period(...)	+ (1ULL << 20)
#define RTFMX_GIVEN0_offset(...)	+ (1ULL << 25)
#define RTFMX_GIVEN0_general_regs	+ (1ULL << 30)
#define RTFMX_GIVEN0_init		+ (1ULL << 35)
#define RTFMX_GIVEN0_idle		+ (1ULL << 40)
#define RTFMX_GIVEN0_uses(...)		+ (1ULL << 45)

#define RTFMX_GIVEN(x, ...) \
	RTFMX_GIVEN0_OF_##x = 0ULL RTFMX_ASK(RTFMX_GIVEN0, __VA_ARGS__),
#define RTFMX_TIMES_priority(x)		(int)((uint64_t)RTFMX_GIVEN0_OF_##x >> 0 & 31)
#define RTFMX_TIMES_capacity(x)		(int)((uint64_t)RTFMX_GIVEN0_OF_##x >> 5 & 31)
#define RTFMX_TIMES_message(x)		(int)((uint64_t)RTFMX_GIVEN0_OF_##x >> 10 & 31)
#define RTFMX_TIMES_remote(x)		(int)((uint64_t)RTFMX_GIVEN0_OF_##x >> 15 & 31)
#define RTFMX_TIMES_period(x)		(int)((uint64_t)RTFMX_GIVEN0_OF_##x >> 20 & 31)
#define RTFMX_TIMES_offset(x)		(int)((uint64_t)RTFMX_GIVEN0_OF_##x >> 25 & 31)
#define RTFMX_TIMES_general_regs(x)	(int)((uint64_t)RTFMX_GIVEN0_OF_##x >> 30 & 31)
#define RTFMX_TIMES_init(x)		(int)((uint64_t)RTFMX_GIVEN0_OF_##x >> 35 & 31)
#define RTFMX_TIMES_idle(x)		(int)((uint64_t)RTFMX_GIVEN0_OF_##x >> 40 & 31)
#define RTFMX_TIMES_uses(x)		(int)((uint64_t)RTFMX_GIVEN0_OF_##x >> 45 & 31)

#define RTFMX_TASK_ONCE(x) RTFMX_ASSERT(RTFMX_TIMES_priority(task_##x) <= 1, \
	"task " #x ": more than one priority()"); \
	RTFMX_ASSERT(RTFMX_TIMES_capacity(task_##x) <= 1, \
	"task " #x ": more than one capacity()"); \
	RTFMX_ASSERT(RTFMX_TIMES_message(task_##x) <= 1, \
	"task " #x ": more than one message()"); \
	RTFMX_ASSERT(RTFMX_TIMES_remote(task_##x) <= 1, \
	"task " #x ": more than one remote"); \
	RTFMX_ASSERT(RTFMX_TIMES_period(task_##x) <= 1, \
	"task " #x ": more than one period()"); \
	RTFMX_ASSERT(RTFMX_TIMES_offset(task_##x) <= 1, \
	"task " #x ": more than one offset()"); \
	RTFMX_ASSERT(RTFMX_TIMES_general_regs(task_##x) <= 1, \
	"task " #x ": more than one general_regs");
#define RTFMX_CORE_ONCE(x) RTFMX_ASSERT(RTFMX_TIMES_init(core_##x) <= 1, \
	"core " #x ": more than one init"); \
	RTFMX_ASSERT(RTFMX_TIMES_idle(core_##x) <= 1, \
	"core " #x ": more than one idle");

#endif /* RTFM_TABLES_H */
