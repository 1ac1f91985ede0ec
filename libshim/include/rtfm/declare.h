/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * How RTFM_APP() turns the list of an application into constants, types and
 * tables. Applications read rtfm.h; this is what is behind it.
 *
 * The list is a macro with three parameters, core, resource and task. It is
 * expanded once for each thing that is wanted, with other handlers each time:
 *
 *	enum of keys		where an item stands in the list tells its core:
 *				core(n) sets the counter to n << 16, every item
 *				that follows takes the next value
 *	RTFM_USES_<task>	the resources of a task, a bit each
 *	RTFMX_USED_AT_<level>	the resources that the tasks of a level use: from
 *				these, 31 terms give the ceiling of a resource
 *	struct <task>_msg, _cx	types
 *	rtfm_app		the tables that libshim reads
 *
 * An attribute, say capacity(4), is pasted to the name of the question that is
 * being asked: RTFMX_CAPACITY_capacity(4) is + (4), RTFMX_CAPACITY_uses(x) is
 * nothing. So the words of the language are no macros of their own, they are
 * free for other uses, and a new word costs one line for each question.
 */
#ifndef RTFM_DECLARE_H
#define RTFM_DECLARE_H

#include <rtfm/fast.h>

#define RTFMX_CAT(a, b)		RTFMX_CAT_(a, b)
#define RTFMX_CAT_(a, b)	a##b
#define RTFMX_STR(...)		RTFMX_STR_(__VA_ARGS__)
#define RTFMX_STR_(...)		#__VA_ARGS__
#define RTFMX_FIRST(first, ...)	first
#define RTFMX_NONE(...)

#ifdef __cplusplus
#define RTFMX_ASSERT		static_assert
#define RTFMX_C_BEGIN		extern "C" {
#define RTFMX_C_END		}
#define RTFMX_AUTO		auto
#define RTFMX_IS_BYTES(type)	__is_trivially_copyable(type)
#else
#define RTFMX_ASSERT		_Static_assert
#define RTFMX_C_BEGIN
#define RTFMX_C_END
#define RTFMX_AUTO		__auto_type
#define RTFMX_IS_BYTES(type)	1
#endif

/* how many arguments, 1..24 */
#define RTFMX_COUNT(...) RTFMX_COUNT_(__VA_ARGS__, 24, 23, 22, 21, 20, \
		19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, \
		4, 3, 2, 1, 0)
#define RTFMX_COUNT_(_1, _2, _3, _4, _5, _6, _7, _8, _9, _10, _11, \
		_12, _13, _14, _15, _16, _17, _18, _19, _20, _21, _22, \
		_23, _24, n, ...) n

/* RTFMX_EACH(m, c, a, b, ...): m(c, a) m(c, b) ... */
#define RTFMX_EACH(m, ...) \
	RTFMX_CAT(RTFMX_EACH_, RTFMX_COUNT(__VA_ARGS__))(m, __VA_ARGS__)
#define RTFMX_EACH_1(m, c)
#define RTFMX_EACH_2(m, c, a) m(c, a)
#define RTFMX_EACH_3(m, c, a, ...) m(c, a) RTFMX_EACH_2(m, c, __VA_ARGS__)
#define RTFMX_EACH_4(m, c, a, ...) m(c, a) RTFMX_EACH_3(m, c, __VA_ARGS__)
#define RTFMX_EACH_5(m, c, a, ...) m(c, a) RTFMX_EACH_4(m, c, __VA_ARGS__)
#define RTFMX_EACH_6(m, c, a, ...) m(c, a) RTFMX_EACH_5(m, c, __VA_ARGS__)
#define RTFMX_EACH_7(m, c, a, ...) m(c, a) RTFMX_EACH_6(m, c, __VA_ARGS__)
#define RTFMX_EACH_8(m, c, a, ...) m(c, a) RTFMX_EACH_7(m, c, __VA_ARGS__)
#define RTFMX_EACH_9(m, c, a, ...) m(c, a) RTFMX_EACH_8(m, c, __VA_ARGS__)
#define RTFMX_EACH_10(m, c, a, ...) m(c, a) RTFMX_EACH_9(m, c, __VA_ARGS__)
#define RTFMX_EACH_11(m, c, a, ...) m(c, a) RTFMX_EACH_10(m, c, __VA_ARGS__)
#define RTFMX_EACH_12(m, c, a, ...) m(c, a) RTFMX_EACH_11(m, c, __VA_ARGS__)
#define RTFMX_EACH_13(m, c, a, ...) m(c, a) RTFMX_EACH_12(m, c, __VA_ARGS__)
#define RTFMX_EACH_14(m, c, a, ...) m(c, a) RTFMX_EACH_13(m, c, __VA_ARGS__)
#define RTFMX_EACH_15(m, c, a, ...) m(c, a) RTFMX_EACH_14(m, c, __VA_ARGS__)
#define RTFMX_EACH_16(m, c, a, ...) m(c, a) RTFMX_EACH_15(m, c, __VA_ARGS__)
#define RTFMX_EACH_17(m, c, a, ...) m(c, a) RTFMX_EACH_16(m, c, __VA_ARGS__)
#define RTFMX_EACH_18(m, c, a, ...) m(c, a) RTFMX_EACH_17(m, c, __VA_ARGS__)
#define RTFMX_EACH_19(m, c, a, ...) m(c, a) RTFMX_EACH_18(m, c, __VA_ARGS__)
#define RTFMX_EACH_20(m, c, a, ...) m(c, a) RTFMX_EACH_19(m, c, __VA_ARGS__)
#define RTFMX_EACH_21(m, c, a, ...) m(c, a) RTFMX_EACH_20(m, c, __VA_ARGS__)
#define RTFMX_EACH_22(m, c, a, ...) m(c, a) RTFMX_EACH_21(m, c, __VA_ARGS__)
#define RTFMX_EACH_23(m, c, a, ...) m(c, a) RTFMX_EACH_22(m, c, __VA_ARGS__)
#define RTFMX_EACH_24(m, c, a, ...) m(c, a) RTFMX_EACH_23(m, c, __VA_ARGS__)

/* RTFMX_WITH(m, c, a, b, ...): m(c, a) m(c, b) ... */
#define RTFMX_WITH(m, ...) \
	RTFMX_CAT(RTFMX_WITH_, RTFMX_COUNT(__VA_ARGS__))(m, __VA_ARGS__)
#define RTFMX_WITH_1(m, c)
#define RTFMX_WITH_2(m, c, a) m(c, a)
#define RTFMX_WITH_3(m, c, a, ...) m(c, a) RTFMX_WITH_2(m, c, __VA_ARGS__)
#define RTFMX_WITH_4(m, c, a, ...) m(c, a) RTFMX_WITH_3(m, c, __VA_ARGS__)
#define RTFMX_WITH_5(m, c, a, ...) m(c, a) RTFMX_WITH_4(m, c, __VA_ARGS__)
#define RTFMX_WITH_6(m, c, a, ...) m(c, a) RTFMX_WITH_5(m, c, __VA_ARGS__)
#define RTFMX_WITH_7(m, c, a, ...) m(c, a) RTFMX_WITH_6(m, c, __VA_ARGS__)
#define RTFMX_WITH_8(m, c, a, ...) m(c, a) RTFMX_WITH_7(m, c, __VA_ARGS__)
#define RTFMX_WITH_9(m, c, a, ...) m(c, a) RTFMX_WITH_8(m, c, __VA_ARGS__)
#define RTFMX_WITH_10(m, c, a, ...) m(c, a) RTFMX_WITH_9(m, c, __VA_ARGS__)
#define RTFMX_WITH_11(m, c, a, ...) m(c, a) RTFMX_WITH_10(m, c, __VA_ARGS__)
#define RTFMX_WITH_12(m, c, a, ...) m(c, a) RTFMX_WITH_11(m, c, __VA_ARGS__)
#define RTFMX_WITH_13(m, c, a, ...) m(c, a) RTFMX_WITH_12(m, c, __VA_ARGS__)
#define RTFMX_WITH_14(m, c, a, ...) m(c, a) RTFMX_WITH_13(m, c, __VA_ARGS__)
#define RTFMX_WITH_15(m, c, a, ...) m(c, a) RTFMX_WITH_14(m, c, __VA_ARGS__)
#define RTFMX_WITH_16(m, c, a, ...) m(c, a) RTFMX_WITH_15(m, c, __VA_ARGS__)
#define RTFMX_WITH_17(m, c, a, ...) m(c, a) RTFMX_WITH_16(m, c, __VA_ARGS__)
#define RTFMX_WITH_18(m, c, a, ...) m(c, a) RTFMX_WITH_17(m, c, __VA_ARGS__)
#define RTFMX_WITH_19(m, c, a, ...) m(c, a) RTFMX_WITH_18(m, c, __VA_ARGS__)
#define RTFMX_WITH_20(m, c, a, ...) m(c, a) RTFMX_WITH_19(m, c, __VA_ARGS__)
#define RTFMX_WITH_21(m, c, a, ...) m(c, a) RTFMX_WITH_20(m, c, __VA_ARGS__)
#define RTFMX_WITH_22(m, c, a, ...) m(c, a) RTFMX_WITH_21(m, c, __VA_ARGS__)
#define RTFMX_WITH_23(m, c, a, ...) m(c, a) RTFMX_WITH_22(m, c, __VA_ARGS__)
#define RTFMX_WITH_24(m, c, a, ...) m(c, a) RTFMX_WITH_23(m, c, __VA_ARGS__)

/* the tasks of one level: RTFMX_AT_<p> is a handler for task() */
#define RTFMX_AT_1(...) RTFMX_AT(1, RTFMX_FIRST(__VA_ARGS__, ))
#define RTFMX_AT_2(...) RTFMX_AT(2, RTFMX_FIRST(__VA_ARGS__, ))
#define RTFMX_AT_3(...) RTFMX_AT(3, RTFMX_FIRST(__VA_ARGS__, ))
#define RTFMX_AT_4(...) RTFMX_AT(4, RTFMX_FIRST(__VA_ARGS__, ))
#define RTFMX_AT_5(...) RTFMX_AT(5, RTFMX_FIRST(__VA_ARGS__, ))
#define RTFMX_AT_6(...) RTFMX_AT(6, RTFMX_FIRST(__VA_ARGS__, ))
#define RTFMX_AT_7(...) RTFMX_AT(7, RTFMX_FIRST(__VA_ARGS__, ))
#define RTFMX_AT_8(...) RTFMX_AT(8, RTFMX_FIRST(__VA_ARGS__, ))
#define RTFMX_AT_9(...) RTFMX_AT(9, RTFMX_FIRST(__VA_ARGS__, ))
#define RTFMX_AT_10(...) RTFMX_AT(10, RTFMX_FIRST(__VA_ARGS__, ))
#define RTFMX_AT_11(...) RTFMX_AT(11, RTFMX_FIRST(__VA_ARGS__, ))
#define RTFMX_AT_12(...) RTFMX_AT(12, RTFMX_FIRST(__VA_ARGS__, ))
#define RTFMX_AT_13(...) RTFMX_AT(13, RTFMX_FIRST(__VA_ARGS__, ))
#define RTFMX_AT_14(...) RTFMX_AT(14, RTFMX_FIRST(__VA_ARGS__, ))
#define RTFMX_AT_15(...) RTFMX_AT(15, RTFMX_FIRST(__VA_ARGS__, ))
#define RTFMX_AT_16(...) RTFMX_AT(16, RTFMX_FIRST(__VA_ARGS__, ))
#define RTFMX_AT_17(...) RTFMX_AT(17, RTFMX_FIRST(__VA_ARGS__, ))
#define RTFMX_AT_18(...) RTFMX_AT(18, RTFMX_FIRST(__VA_ARGS__, ))
#define RTFMX_AT_19(...) RTFMX_AT(19, RTFMX_FIRST(__VA_ARGS__, ))
#define RTFMX_AT_20(...) RTFMX_AT(20, RTFMX_FIRST(__VA_ARGS__, ))
#define RTFMX_AT_21(...) RTFMX_AT(21, RTFMX_FIRST(__VA_ARGS__, ))
#define RTFMX_AT_22(...) RTFMX_AT(22, RTFMX_FIRST(__VA_ARGS__, ))
#define RTFMX_AT_23(...) RTFMX_AT(23, RTFMX_FIRST(__VA_ARGS__, ))
#define RTFMX_AT_24(...) RTFMX_AT(24, RTFMX_FIRST(__VA_ARGS__, ))
#define RTFMX_AT_25(...) RTFMX_AT(25, RTFMX_FIRST(__VA_ARGS__, ))
#define RTFMX_AT_26(...) RTFMX_AT(26, RTFMX_FIRST(__VA_ARGS__, ))
#define RTFMX_AT_27(...) RTFMX_AT(27, RTFMX_FIRST(__VA_ARGS__, ))
#define RTFMX_AT_28(...) RTFMX_AT(28, RTFMX_FIRST(__VA_ARGS__, ))
#define RTFMX_AT_29(...) RTFMX_AT(29, RTFMX_FIRST(__VA_ARGS__, ))
#define RTFMX_AT_30(...) RTFMX_AT(30, RTFMX_FIRST(__VA_ARGS__, ))
#define RTFMX_AT_31(...) RTFMX_AT(31, RTFMX_FIRST(__VA_ARGS__, ))
#define RTFMX_REMOTE_AT_1(...) RTFMX_REMOTE_AT(1, RTFMX_FIRST(__VA_ARGS__, ))
#define RTFMX_REMOTE_AT_2(...) RTFMX_REMOTE_AT(2, RTFMX_FIRST(__VA_ARGS__, ))
#define RTFMX_REMOTE_AT_3(...) RTFMX_REMOTE_AT(3, RTFMX_FIRST(__VA_ARGS__, ))
#define RTFMX_REMOTE_AT_4(...) RTFMX_REMOTE_AT(4, RTFMX_FIRST(__VA_ARGS__, ))
#define RTFMX_REMOTE_AT_5(...) RTFMX_REMOTE_AT(5, RTFMX_FIRST(__VA_ARGS__, ))
#define RTFMX_REMOTE_AT_6(...) RTFMX_REMOTE_AT(6, RTFMX_FIRST(__VA_ARGS__, ))
#define RTFMX_REMOTE_AT_7(...) RTFMX_REMOTE_AT(7, RTFMX_FIRST(__VA_ARGS__, ))
#define RTFMX_REMOTE_AT_8(...) RTFMX_REMOTE_AT(8, RTFMX_FIRST(__VA_ARGS__, ))
#define RTFMX_REMOTE_AT_9(...) RTFMX_REMOTE_AT(9, RTFMX_FIRST(__VA_ARGS__, ))
#define RTFMX_REMOTE_AT_10(...) RTFMX_REMOTE_AT(10, RTFMX_FIRST(__VA_ARGS__, ))
#define RTFMX_REMOTE_AT_11(...) RTFMX_REMOTE_AT(11, RTFMX_FIRST(__VA_ARGS__, ))
#define RTFMX_REMOTE_AT_12(...) RTFMX_REMOTE_AT(12, RTFMX_FIRST(__VA_ARGS__, ))
#define RTFMX_REMOTE_AT_13(...) RTFMX_REMOTE_AT(13, RTFMX_FIRST(__VA_ARGS__, ))
#define RTFMX_REMOTE_AT_14(...) RTFMX_REMOTE_AT(14, RTFMX_FIRST(__VA_ARGS__, ))
#define RTFMX_REMOTE_AT_15(...) RTFMX_REMOTE_AT(15, RTFMX_FIRST(__VA_ARGS__, ))
#define RTFMX_REMOTE_AT_16(...) RTFMX_REMOTE_AT(16, RTFMX_FIRST(__VA_ARGS__, ))
#define RTFMX_REMOTE_AT_17(...) RTFMX_REMOTE_AT(17, RTFMX_FIRST(__VA_ARGS__, ))
#define RTFMX_REMOTE_AT_18(...) RTFMX_REMOTE_AT(18, RTFMX_FIRST(__VA_ARGS__, ))
#define RTFMX_REMOTE_AT_19(...) RTFMX_REMOTE_AT(19, RTFMX_FIRST(__VA_ARGS__, ))
#define RTFMX_REMOTE_AT_20(...) RTFMX_REMOTE_AT(20, RTFMX_FIRST(__VA_ARGS__, ))
#define RTFMX_REMOTE_AT_21(...) RTFMX_REMOTE_AT(21, RTFMX_FIRST(__VA_ARGS__, ))
#define RTFMX_REMOTE_AT_22(...) RTFMX_REMOTE_AT(22, RTFMX_FIRST(__VA_ARGS__, ))
#define RTFMX_REMOTE_AT_23(...) RTFMX_REMOTE_AT(23, RTFMX_FIRST(__VA_ARGS__, ))
#define RTFMX_REMOTE_AT_24(...) RTFMX_REMOTE_AT(24, RTFMX_FIRST(__VA_ARGS__, ))
#define RTFMX_REMOTE_AT_25(...) RTFMX_REMOTE_AT(25, RTFMX_FIRST(__VA_ARGS__, ))
#define RTFMX_REMOTE_AT_26(...) RTFMX_REMOTE_AT(26, RTFMX_FIRST(__VA_ARGS__, ))
#define RTFMX_REMOTE_AT_27(...) RTFMX_REMOTE_AT(27, RTFMX_FIRST(__VA_ARGS__, ))
#define RTFMX_REMOTE_AT_28(...) RTFMX_REMOTE_AT(28, RTFMX_FIRST(__VA_ARGS__, ))
#define RTFMX_REMOTE_AT_29(...) RTFMX_REMOTE_AT(29, RTFMX_FIRST(__VA_ARGS__, ))
#define RTFMX_REMOTE_AT_30(...) RTFMX_REMOTE_AT(30, RTFMX_FIRST(__VA_ARGS__, ))
#define RTFMX_REMOTE_AT_31(...) RTFMX_REMOTE_AT(31, RTFMX_FIRST(__VA_ARGS__, ))
#define RTFMX_EACH_LEVEL(m, c) \
	m(1, c) m(2, c) m(3, c) m(4, c) m(5, c) m(6, c) \
	m(7, c) m(8, c) m(9, c) m(10, c) m(11, c) m(12, c) \
	m(13, c) m(14, c) m(15, c) m(16, c) m(17, c) m(18, c) \
	m(19, c) m(20, c) m(21, c) m(22, c) m(23, c) m(24, c) \
	m(25, c) m(26, c) m(27, c) m(28, c) m(29, c) m(30, c) \
	m(31, c)
#define RTFMX_EACH_CORE(m, c) \
	m(0, c) m(1, c) m(2, c) m(3, c) m(4, c) m(5, c) \
	m(6, c) m(7, c) m(8, c) m(9, c) m(10, c) m(11, c) \
	m(12, c) m(13, c) m(14, c) m(15, c) m(16, c) m(17, c) \
	m(18, c) m(19, c) m(20, c) m(21, c) m(22, c) m(23, c) \
	m(24, c) m(25, c) m(26, c) m(27, c) m(28, c) m(29, c) \
	m(30, c) m(31, c)

/* ---- the words of the language ---------------------------------------- */

/* Is it a word of a task at all? The name is what the compiler prints if not. */
#define RTFMX_TASK_WORD(c, a)		+ RTFM_TASK_HAS_NO_ATTRIBUTE_##a
#define RTFM_TASK_HAS_NO_ATTRIBUTE_priority(...)	0
#define RTFM_TASK_HAS_NO_ATTRIBUTE_capacity(...)	0
#define RTFM_TASK_HAS_NO_ATTRIBUTE_message(...)		0
#define RTFM_TASK_HAS_NO_ATTRIBUTE_uses(...)		0
#define RTFM_TASK_HAS_NO_ATTRIBUTE_remote		0
#define RTFM_TASK_HAS_NO_ATTRIBUTE_period(...)		0
#define RTFM_TASK_HAS_NO_ATTRIBUTE_offset(...)		0

#define RTFMX_CORE_WORD(c, a)		+ RTFM_CORE_HAS_NO_ATTRIBUTE_##a
#define RTFM_CORE_HAS_NO_ATTRIBUTE_init			0
#define RTFM_CORE_HAS_NO_ATTRIBUTE_idle			0
#define RTFM_CORE_HAS_NO_ATTRIBUTE_uses(...)		0

#define RTFMX_PRIORITY(c, a)		RTFMX_PRIORITY_##a
#define RTFMX_PRIORITY_priority(p)	+ (p)
#define RTFMX_PRIORITY_capacity(...)
#define RTFMX_PRIORITY_message(...)
#define RTFMX_PRIORITY_uses(...)
#define RTFMX_PRIORITY_remote
#define RTFMX_PRIORITY_period(...)
#define RTFMX_PRIORITY_offset(...)

#define RTFMX_CAPACITY(c, a)		RTFMX_CAPACITY_##a
#define RTFMX_CAPACITY_priority(...)
#define RTFMX_CAPACITY_capacity(n)	+ (n)
#define RTFMX_CAPACITY_message(...)
#define RTFMX_CAPACITY_uses(...)
#define RTFMX_CAPACITY_remote
#define RTFMX_CAPACITY_period(...)
#define RTFMX_CAPACITY_offset(...)

#define RTFMX_MESSAGE(c, a)		RTFMX_MESSAGE_##a
#define RTFMX_MESSAGE_priority(...)
#define RTFMX_MESSAGE_capacity(...)
#define RTFMX_MESSAGE_message(...)	__VA_ARGS__;
#define RTFMX_MESSAGE_uses(...)
#define RTFMX_MESSAGE_remote
#define RTFMX_MESSAGE_period(...)
#define RTFMX_MESSAGE_offset(...)

#define RTFMX_USES(c, a)		RTFMX_USES_##a
#define RTFMX_USES_priority(...)
#define RTFMX_USES_capacity(...)
#define RTFMX_USES_message(...)
#define RTFMX_USES_uses(...)		, __VA_ARGS__
#define RTFMX_USES_remote
#define RTFMX_USES_period(...)
#define RTFMX_USES_offset(...)
#define RTFMX_USES_init
#define RTFMX_USES_idle

/* How often was the word said? */
#define RTFMX_NPRIORITY(c, a)		RTFMX_NPRIORITY_##a
#define RTFMX_NPRIORITY_priority(...)	+ 1
#define RTFMX_NPRIORITY_capacity(...)
#define RTFMX_NPRIORITY_message(...)
#define RTFMX_NPRIORITY_uses(...)
#define RTFMX_NPRIORITY_remote
#define RTFMX_NPRIORITY_period(...)
#define RTFMX_NPRIORITY_offset(...)

#define RTFMX_NCAPACITY(c, a)		RTFMX_NCAPACITY_##a
#define RTFMX_NCAPACITY_priority(...)
#define RTFMX_NCAPACITY_capacity(...)	+ 1
#define RTFMX_NCAPACITY_message(...)
#define RTFMX_NCAPACITY_uses(...)
#define RTFMX_NCAPACITY_remote
#define RTFMX_NCAPACITY_period(...)
#define RTFMX_NCAPACITY_offset(...)

#define RTFMX_NMESSAGE(c, a)		RTFMX_NMESSAGE_##a
#define RTFMX_NMESSAGE_priority(...)
#define RTFMX_NMESSAGE_capacity(...)
#define RTFMX_NMESSAGE_message(...)	+ 1
#define RTFMX_NMESSAGE_uses(...)
#define RTFMX_NMESSAGE_remote
#define RTFMX_NMESSAGE_period(...)
#define RTFMX_NMESSAGE_offset(...)

#define RTFMX_MARKED(c, a)		RTFMX_MARKED_##a
#define RTFMX_MARKED_priority(...)
#define RTFMX_MARKED_capacity(...)
#define RTFMX_MARKED_message(...)	, 1
#define RTFMX_MARKED_uses(...)
#define RTFMX_MARKED_remote
#define RTFMX_MARKED_period(...)
#define RTFMX_MARKED_offset(...)

#define RTFMX_NREMOTE(c, a)		RTFMX_NREMOTE_##a
#define RTFMX_NREMOTE_priority(...)
#define RTFMX_NREMOTE_capacity(...)
#define RTFMX_NREMOTE_message(...)
#define RTFMX_NREMOTE_uses(...)
#define RTFMX_NREMOTE_remote		+ 1
#define RTFMX_NREMOTE_period(...)
#define RTFMX_NREMOTE_offset(...)

#define RTFMX_PERIOD(c, a)		RTFMX_PERIOD_##a
#define RTFMX_PERIOD_priority(...)
#define RTFMX_PERIOD_capacity(...)
#define RTFMX_PERIOD_message(...)
#define RTFMX_PERIOD_uses(...)
#define RTFMX_PERIOD_period(...)	+ (uint64_t)(__VA_ARGS__)
#define RTFMX_PERIOD_offset(...)
#define RTFMX_PERIOD_remote

#define RTFMX_OFFSET(c, a)		RTFMX_OFFSET_##a
#define RTFMX_OFFSET_priority(...)
#define RTFMX_OFFSET_capacity(...)
#define RTFMX_OFFSET_message(...)
#define RTFMX_OFFSET_uses(...)
#define RTFMX_OFFSET_period(...)
#define RTFMX_OFFSET_offset(...)	+ (uint64_t)(__VA_ARGS__)
#define RTFMX_OFFSET_remote

#define RTFMX_NPERIOD(c, a)		RTFMX_NPERIOD_##a
#define RTFMX_NPERIOD_priority(...)
#define RTFMX_NPERIOD_capacity(...)
#define RTFMX_NPERIOD_message(...)
#define RTFMX_NPERIOD_uses(...)
#define RTFMX_NPERIOD_period(...)	+ 1
#define RTFMX_NPERIOD_offset(...)
#define RTFMX_NPERIOD_remote

#define RTFMX_NOFFSET(c, a)		RTFMX_NOFFSET_##a
#define RTFMX_NOFFSET_priority(...)
#define RTFMX_NOFFSET_capacity(...)
#define RTFMX_NOFFSET_message(...)
#define RTFMX_NOFFSET_uses(...)
#define RTFMX_NOFFSET_period(...)
#define RTFMX_NOFFSET_offset(...)	+ 1
#define RTFMX_NOFFSET_remote

#define RTFMX_NINIT(c, a)		RTFMX_NINIT_##a
#define RTFMX_NINIT_init		+ 1
#define RTFMX_NINIT_idle
#define RTFMX_NINIT_uses(...)

#define RTFMX_NIDLE(c, a)		RTFMX_NIDLE_##a
#define RTFMX_NIDLE_init
#define RTFMX_NIDLE_idle		+ 1
#define RTFMX_NIDLE_uses(...)

/* The resources in uses(): m(name, resource) for each. */
#define RTFMX_EACH_USE(m, ...)						\
	RTFMX_WITH_(m, RTFMX_FIRST(__VA_ARGS__, ) RTFMX_EACH(RTFMX_USES, __VA_ARGS__))
#define RTFMX_WITH_(m, ...)	RTFMX_WITH(m, __VA_ARGS__)

/* ---- constants -------------------------------------------------------- */

#define RTFMX_KEY_CORE(...)	RTFMX_KEY_CORE_(RTFMX_FIRST(__VA_ARGS__, ))
#define RTFMX_KEY_CORE_(n)	RTFMX_KEY_CORE__(n)
#define RTFMX_KEY_CORE__(n)	RTFMX_CORE_KEY_##n = ((n) << 16) - 1,
#define RTFMX_KEY_RESOURCE(...)	RTFMX_KEY_RESOURCE_(RTFMX_FIRST(__VA_ARGS__, ))
#define RTFMX_KEY_RESOURCE_(r)	RTFMX_KEY_RESOURCE__(r)
#define RTFMX_KEY_RESOURCE__(r)	RTFMX_RESOURCE_KEY_##r,
#define RTFMX_KEY_TASK(...)	RTFMX_KEY_TASK_(RTFMX_FIRST(__VA_ARGS__, ))
#define RTFMX_KEY_TASK_(t)	RTFMX_KEY_TASK__(t)
#define RTFMX_KEY_TASK__(t)	RTFMX_TASK_KEY_##t,

#define RTFMX_NR_CORE(...)	RTFMX_NR_CORE_(RTFMX_FIRST(__VA_ARGS__, ))
#define RTFMX_NR_CORE_(n)	RTFMX_NR_CORE__(n)
#define RTFMX_NR_CORE__(n)	RTFM_CORE_##n,
#define RTFMX_NR_RESOURCE(...)	RTFMX_NR_RESOURCE_(RTFMX_FIRST(__VA_ARGS__, ))
#define RTFMX_NR_RESOURCE_(r)	RTFMX_NR_RESOURCE__(r)
#define RTFMX_NR_RESOURCE__(r)	RTFM_RESOURCE_##r,
#define RTFMX_NR_TASK(...)	RTFMX_NR_TASK_(RTFMX_FIRST(__VA_ARGS__, ))
#define RTFMX_NR_TASK_(t)	RTFMX_NR_TASK__(t)
#define RTFMX_NR_TASK__(t)	RTFM_TASK_##t,

#define RTFMX_CORE_OF_TASK(t)	  (RTFMX_TASK_KEY_##t >> 16)
#define RTFMX_CORE_OF_RESOURCE(r) (RTFMX_RESOURCE_KEY_##r >> 16)

/* RTFM_INIT() and RTFM_IDLE() ask whether the list has them. */
#define RTFMX_CORE_VALUES(...)	RTFMX_CORE_VALUES_(RTFMX_FIRST(__VA_ARGS__, ), __VA_ARGS__)
#define RTFMX_CORE_VALUES_(n, ...) RTFMX_CORE_VALUES__(n, __VA_ARGS__)
#define RTFMX_CORE_VALUES__(n, ...)					\
	rtfmx_list_has_init_##n = 0 RTFMX_EACH(RTFMX_NINIT, __VA_ARGS__), \
	rtfmx_list_has_idle_##n = 0 RTFMX_EACH(RTFMX_NIDLE, __VA_ARGS__),

/* RTFM_PRIORITY_, RTFM_CAPACITY_ and RTFM_USES_ of every task */
#define RTFMX_VALUES(...)	RTFMX_VALUES_(RTFMX_FIRST(__VA_ARGS__, ), __VA_ARGS__)
#define RTFMX_VALUES_(t, ...)	RTFMX_VALUES__(t, __VA_ARGS__)
#define RTFMX_VALUES__(t, ...)						\
	RTFMX_KNOWN_##t = 0 RTFMX_EACH(RTFMX_TASK_WORD, __VA_ARGS__),	\
	RTFM_PRIORITY_##t = (0 RTFMX_EACH(RTFMX_NPRIORITY, __VA_ARGS__)) ? \
			    (0 RTFMX_EACH(RTFMX_PRIORITY, __VA_ARGS__)) : 1, \
	RTFM_CAPACITY_##t = (0 RTFMX_EACH(RTFMX_NCAPACITY, __VA_ARGS__)) ? \
			    (0 RTFMX_EACH(RTFMX_CAPACITY, __VA_ARGS__)) : 1, \
	RTFMX_REMOTE_##t = 0 RTFMX_EACH(RTFMX_NREMOTE, __VA_ARGS__),	\
	RTFMX_HAS_MESSAGE_##t = 0 RTFMX_EACH(RTFMX_NMESSAGE, __VA_ARGS__),

/* RTFMX_PERIOD_OF_ and RTFMX_OFFSET_OF_ of every task: too large for an int */
#define RTFMX_TIMES(...)	RTFMX_TIMES_(RTFMX_FIRST(__VA_ARGS__, ), __VA_ARGS__)
#define RTFMX_TIMES_(t, ...)	RTFMX_TIMES__(t, __VA_ARGS__)
#define RTFMX_TIMES__(t, ...)						\
	RTFMX_PERIOD_OF_##t = 0ULL RTFMX_EACH(RTFMX_PERIOD, __VA_ARGS__), \
	RTFMX_OFFSET_OF_##t = 0ULL RTFMX_EACH(RTFMX_OFFSET, __VA_ARGS__),

#define RTFMX_USES_VALUE(...)	RTFMX_USES_VALUE_(RTFMX_FIRST(__VA_ARGS__, ), __VA_ARGS__)
#define RTFMX_USES_VALUE_(t, ...) RTFMX_USES_VALUE__(t, __VA_ARGS__)
#define RTFMX_USES_VALUE__(t, ...)					\
	RTFMX_USES_OF_##t = 0ULL RTFMX_EACH_USE(RTFMX_USE_BIT, __VA_ARGS__),
#define RTFMX_USE_BIT(c, r)	| 1ULL << RTFM_RESOURCE_##r

/* What the tasks of a level use, and which cores have a remote task there. */
#define RTFMX_AT(p, t)		RTFMX_AT_(p, t)
#define RTFMX_AT_(p, t)							\
	| (RTFM_PRIORITY_##t == (p) ? (uint64_t)RTFMX_USES_OF_##t : (uint64_t)0)
#define RTFMX_USED_LEVEL(p, LIST)					\
	RTFMX_USED_AT_##p = 0ULL LIST(RTFMX_NONE, RTFMX_NONE, RTFMX_AT_##p),
#define RTFMX_REMOTE_AT(p, t)	RTFMX_REMOTE_AT__(p, t)
#define RTFMX_REMOTE_AT__(p, t)						\
	| (RTFM_PRIORITY_##t == (p) && RTFMX_REMOTE_##t != 0 ?		\
	   1ULL << RTFMX_CORE_OF_TASK(t) : 0ULL)
#define RTFMX_REMOTE_LEVEL(p, LIST)					\
	RTFMX_REMOTE_ON_##p = 0ULL LIST(RTFMX_NONE, RTFMX_NONE, RTFMX_REMOTE_AT_##p),

/* The highest level that uses resource number r; 0 if only idle does, or none. */
#define RTFMX_CEILING(r)	RTFMX_HIGHEST(0ULL RTFMX_EACH_LEVEL(RTFMX_CEILING_BIT, r))
/* The casts: an enumerator that fits is an int, whatever the others of its enum are. */
#define RTFMX_CEILING_BIT(p, r)	| ((uint64_t)RTFMX_USED_AT_##p >> (r) & 1) << p
#define RTFMX_HIGHEST(word)	((word) ? 63 - __builtin_clzll((word) | 1) : 0)
#define RTFMX_CEILINGS(...)	RTFMX_CEILINGS_(RTFMX_FIRST(__VA_ARGS__, ))
#define RTFMX_CEILINGS_(r)	RTFMX_CEILINGS__(r)
#define RTFMX_CEILINGS__(r)	RTFM_CEILING_##r = RTFMX_CEILING(RTFM_RESOURCE_##r),

/* The levels of a core to which other cores may send. */
#define RTFMX_REMOTE_LEVELS(core) (0ULL RTFMX_EACH_LEVEL(RTFMX_REMOTE_BIT, core))
#define RTFMX_REMOTE_BIT(p, core) | ((uint64_t)RTFMX_REMOTE_ON_##p >> (core) & 1) << p

/* ---- types ------------------------------------------------------------ */

/*
 * A context is a struct rtfmx_cx. What follows it are members of size 0: their
 * sizeof tells the compiler the core, the priority and the resources.
 */
#define RTFMX_CX(core, priority)					\
	struct rtfmx_core *rtfmx_core;					\
	struct rtfm_ctl *rtfmx_ctl;					\
	uint64_t scheduled;						\
	struct { char size[(core) + 1]; } rtfmx_on[0];			\
	struct { char size[(priority) + 1]; } rtfmx_at[0]

#define RTFMX_CX_CORE		((unsigned int)sizeof(*cx->rtfmx_on) - 1)
#define RTFMX_CX_PRIORITY	((unsigned int)sizeof(*cx->rtfmx_at) - 1)
#define RTFMX_MAY_USE(c, r)	char r[0];

#define RTFMX_RESOURCE_TYPE(...) RTFMX_RESOURCE_TYPE_(__VA_ARGS__, )
#define RTFMX_RESOURCE_TYPE_(r, type, ...)				\
	RTFMX_ASSERT(RTFMX_CORE_OF_RESOURCE(r) >= 0,			\
		     "resource " #r " stands before the first core()");	\
	typedef __typeof__(type) rtfm_type_##r;				\
	extern rtfm_type_##r rtfm_resource_##r;
#define RTFMX_RESOURCE_MEMBER(...) RTFMX_RESOURCE_MEMBER_(RTFMX_FIRST(__VA_ARGS__, ))
#define RTFMX_RESOURCE_MEMBER_(r)  RTFMX_MAY_USE(0, r)

#define RTFMX_TASK_TYPES(...)	RTFMX_TASK_TYPES_(RTFMX_FIRST(__VA_ARGS__, ), __VA_ARGS__)
#define RTFMX_TASK_TYPES_(t, ...) RTFMX_TASK_TYPES__(t, __VA_ARGS__)
#define RTFMX_TASK_TYPES__(t, ...)					\
	RTFMX_ASSERT(RTFMX_CORE_OF_TASK(t) >= 0,			\
		     "task " #t " stands before the first core()");	\
	RTFMX_MSG_TYPE(t, __VA_ARGS__)					\
	__extension__ struct t##_cx {					\
		RTFMX_CX(RTFMX_CORE_OF_TASK(t), RTFM_PRIORITY_##t);	\
		RTFMX_EACH_USE(RTFMX_MAY_USE, __VA_ARGS__)		\
	} __attribute__((may_alias));					\
	void rtfm_task_##t(struct t##_cx *cx, struct t##_msg *msg);	\
	RTFMX_ASSERT((0 RTFMX_EACH(RTFMX_NPRIORITY, __VA_ARGS__)) <= 1,	\
		     "task " #t ": more than one priority()");		\
	RTFMX_ASSERT((0 RTFMX_EACH(RTFMX_NCAPACITY, __VA_ARGS__)) <= 1,	\
		     "task " #t ": more than one capacity()");		\
	RTFMX_ASSERT((0 RTFMX_EACH(RTFMX_NMESSAGE, __VA_ARGS__)) <= 1,	\
		     "task " #t ": more than one message()");		\
	RTFMX_ASSERT((0 RTFMX_EACH(RTFMX_NREMOTE, __VA_ARGS__)) <= 1,	\
		     "task " #t ": more than one remote");		\
	RTFMX_ASSERT((0 RTFMX_EACH(RTFMX_NPERIOD, __VA_ARGS__)) <= 1,	\
		     "task " #t ": more than one period()");		\
	RTFMX_ASSERT((0 RTFMX_EACH(RTFMX_NOFFSET, __VA_ARGS__)) <= 1,	\
		     "task " #t ": more than one offset()");		\
	RTFMX_ASSERT((0 RTFMX_EACH(RTFMX_NPERIOD, __VA_ARGS__)) == 0 || \
		     ((uint64_t)RTFMX_PERIOD_OF_##t >= 1000 &&		\
		      (uint64_t)RTFMX_PERIOD_OF_##t <= INT64_MAX),	\
		     "task " #t ": period is not 1000..2^63-1 ns");	\
	RTFMX_ASSERT((uint64_t)RTFMX_OFFSET_OF_##t <= INT64_MAX / 2,	\
		     "task " #t ": offset is not 0..2^62 ns");		\
	RTFMX_ASSERT((0 RTFMX_EACH(RTFMX_NPERIOD, __VA_ARGS__)) != 0 || \
		     (0 RTFMX_EACH(RTFMX_NOFFSET, __VA_ARGS__)) == 0,	\
		     "task " #t ": offset() without period()");		\
	RTFMX_ASSERT((0 RTFMX_EACH(RTFMX_NPERIOD, __VA_ARGS__)) == 0 || \
		     (0 RTFMX_EACH(RTFMX_NMESSAGE, __VA_ARGS__)) == 0,	\
		     "task " #t ": a periodic task takes no message()"); \
	RTFMX_ASSERT(RTFM_PRIORITY_##t >= 1 && RTFM_PRIORITY_##t <= RTFM_MAX_PRIORITY, \
		     "task " #t ": priority is not 1..31");		\
	RTFMX_ASSERT(RTFM_CAPACITY_##t >= 1 && RTFM_CAPACITY_##t <= RTFMX_MAX_CAPACITY, \
		     "task " #t ": capacity is not 1..4096");		\
	RTFMX_ASSERT(__alignof__(struct t##_msg) <= RTFMX_PAYLOAD_ALIGN, \
		     "task " #t ": message is aligned to more than 16 bytes"); \
	RTFMX_ASSERT(RTFMX_IS_BYTES(struct t##_msg),			\
		     "task " #t ": message cannot be copied as bytes");	\
	RTFMX_EACH_USE(RTFMX_CHECK_USE, __VA_ARGS__)
#define RTFMX_CHECK_USE(t, r)						\
	RTFMX_ASSERT(RTFMX_CORE_OF_TASK(t) == RTFMX_CORE_OF_RESOURCE(r), \
		     "task " #t " uses " #r ", a resource of another core");

/* A task without message() takes no payload: its type has one member that is not for use. */
#define RTFMX_MSG_TYPE(t, ...)						\
	RTFMX_CAT(RTFMX_MSG_TYPE_,					\
		  RTFMX_COUNT(t RTFMX_EACH(RTFMX_MARKED, __VA_ARGS__)))(t, __VA_ARGS__)
#define RTFMX_MSG_TYPE_1(t, ...)	struct t##_msg { struct t##_takes_no_payload *rtfmx_none; };
#define RTFMX_MSG_TYPE_2(t, ...)	struct t##_msg { RTFMX_EACH(RTFMX_MESSAGE, __VA_ARGS__) };

#define RTFMX_CORE_TYPES(...)	RTFMX_CORE_TYPES_(RTFMX_FIRST(__VA_ARGS__, ), __VA_ARGS__)
#define RTFMX_CORE_TYPES_(n, ...) RTFMX_CORE_TYPES__(n, __VA_ARGS__)
#define RTFMX_CORE_TYPES__(n, ...)					\
	__extension__ struct idle_##n##_cx {				\
		RTFMX_CX(n, 0);						\
		RTFMX_EACH_USE(RTFMX_MAY_USE, __VA_ARGS__)		\
	} __attribute__((may_alias));					\
	void rtfm_init_##n(struct init_##n##_cx *cx);			\
	void rtfm_idle_##n(struct idle_##n##_cx *cx);			\
	RTFMX_ASSERT(RTFM_CORE_##n == (n) && (n) < RTFM_MAX_CORES,	\
		     "core " #n ": cores are numbered 0, 1, 2, ... in the order of the list"); \
	RTFMX_ASSERT((0 RTFMX_EACH(RTFMX_CORE_WORD, __VA_ARGS__)) == 0, \
		     "core " #n ": an unknown attribute");		\
	RTFMX_ASSERT((0 RTFMX_EACH(RTFMX_NINIT, __VA_ARGS__)) <= 1,	\
		     "core " #n ": more than one init");		\
	RTFMX_ASSERT((0 RTFMX_EACH(RTFMX_NIDLE, __VA_ARGS__)) <= 1,	\
		     "core " #n ": more than one idle");		\
	RTFMX_EACH_USE(RTFMX_CHECK_IDLE_USE, __VA_ARGS__)
#define RTFMX_CHECK_IDLE_USE(n, r)					\
	RTFMX_ASSERT((n) == RTFMX_CORE_OF_RESOURCE(r),			\
		     "idle of core " #n " uses " #r ", a resource of another core");

/* init may use every resource of its core; the core is checked at the use. */
#define RTFMX_INIT_CX(n, LIST)						\
	__extension__ struct init_##n##_cx {				\
		RTFMX_CX(n, RTFM_MAX_PRIORITY);				\
		LIST(RTFMX_NONE, RTFMX_RESOURCE_MEMBER, RTFMX_NONE)	\
	} __attribute__((may_alias));

#define RTFMX_DECLARE(LIST)						\
	RTFMX_C_BEGIN							\
	enum rtfmx_keys {						\
		RTFMX_BEFORE_CORES = -(1 << 24),			\
		LIST(RTFMX_KEY_CORE, RTFMX_KEY_RESOURCE, RTFMX_KEY_TASK) \
		RTFMX_LAST_KEY						\
	};								\
	enum rtfmx_cores { LIST(RTFMX_NR_CORE, RTFMX_NONE, RTFMX_NONE) RTFM_NCORES }; \
	enum rtfmx_resources {						\
		LIST(RTFMX_NONE, RTFMX_NR_RESOURCE, RTFMX_NONE) RTFM_NRESOURCES \
	};								\
	enum rtfmx_tasks { LIST(RTFMX_NONE, RTFMX_NONE, RTFMX_NR_TASK) RTFM_NTASKS }; \
	enum rtfmx_values {						\
		LIST(RTFMX_CORE_VALUES, RTFMX_NONE, RTFMX_VALUES) RTFMX_LAST_VALUE \
	};								\
	__extension__ enum rtfmx_times {				\
		LIST(RTFMX_NONE, RTFMX_NONE, RTFMX_TIMES)		\
		RTFMX_LAST_TIME = 1ULL << 63				\
	};								\
	__extension__ enum rtfmx_uses {					\
		LIST(RTFMX_NONE, RTFMX_NONE, RTFMX_USES_VALUE)		\
		RTFMX_LAST_USES = 1ULL << 63				\
	};								\
	__extension__ enum rtfmx_used_levels {				\
		RTFMX_EACH_LEVEL(RTFMX_USED_LEVEL, LIST)		\
		RTFMX_LAST_USED = 1ULL << 63				\
	};								\
	__extension__ enum rtfmx_remote_levels {			\
		RTFMX_EACH_LEVEL(RTFMX_REMOTE_LEVEL, LIST)		\
		RTFMX_LAST_REMOTE = 1ULL << 63				\
	};								\
	__extension__ enum rtfmx_ceilings {				\
		LIST(RTFMX_NONE, RTFMX_CEILINGS, RTFMX_NONE) RTFMX_LAST_CEILING \
	};								\
	RTFMX_ASSERT(RTFM_NCORES >= 1, "the app has no core(): begin the list with core(0, ...)"); \
	RTFMX_ASSERT(RTFM_NRESOURCES <= 62, "more than 62 resources in one app"); \
	RTFMX_ASSERT(RTFM_NTASKS <= RTFMX_MAX_TASKS, "more than 4096 tasks in one app"); \
	LIST(RTFMX_NONE, RTFMX_RESOURCE_TYPE, RTFMX_NONE)		\
	LIST(RTFMX_NONE, RTFMX_NONE, RTFMX_TASK_TYPES)			\
	RTFMX_EACH_CORE(RTFMX_INIT_CX, LIST)				\
	LIST(RTFMX_CORE_TYPES, RTFMX_NONE, RTFMX_NONE)			\
	RTFMX_C_END							\
	RTFMX_ASSERT(1, "")

/* ---- tables ----------------------------------------------------------- */

struct rtfmx_task_info {
	const char *name;
	void (*run)(struct rtfmx_cx *cx, struct rtfmx_slot *slot);
	uint32_t core;
	uint32_t priority;
	uint32_t capacity;
	uint32_t size;		/* of the payload, 0 if there is none */
	uint32_t remote;	/* other cores may send */
	uint32_t reserved;
	uint64_t period;	/* ns, 0: time does not send */
	uint64_t offset;	/* ns, of the first release after the start */
};

struct rtfmx_core_info {
	void (*init)(struct rtfmx_cx *cx);	/* NULL: none */
	void (*idle)(struct rtfmx_cx *cx);	/* NULL: park */
};

struct rtfmx_resource_info {
	const char *name;
	uint32_t core;
	uint32_t ceiling;
};

/**
 * struct rtfm_app - a declared application, as libshim reads it
 * @size: sizeof(struct rtfm_app)
 * @name: the name of the list
 * @ncores: length of @cores
 * @ntasks: length of @tasks
 * @nresources: length of @resources
 * @reserved: zero
 * @cores: the cores
 * @tasks: the tasks
 * @resources: the resources
 *
 * Made by RTFM_APP() or RTFM_DEFINE(), under the name rtfm_app.
 */
struct rtfm_app {
	size_t size;
	const char *name;
	uint32_t ncores;
	uint32_t ntasks;
	uint32_t nresources;
	uint32_t reserved;
	const struct rtfmx_core_info *cores;
	const struct rtfmx_task_info *tasks;
	const struct rtfmx_resource_info *resources;
};

#define RTFMX_PAYLOAD_SIZE(t)	(RTFMX_HAS_MESSAGE_##t ? sizeof(struct t##_msg) : 0)

#define RTFMX_RESOURCE_STORE(...) RTFMX_RESOURCE_STORE_(__VA_ARGS__)
#define RTFMX_RESOURCE_STORE_(r, type, ...) rtfm_type_##r rtfm_resource_##r = __VA_ARGS__;
#define RTFMX_RESOURCE_ROW(...)	RTFMX_RESOURCE_ROW_(RTFMX_FIRST(__VA_ARGS__, ))
#define RTFMX_RESOURCE_ROW_(r)	RTFMX_RESOURCE_ROW__(r)
#define RTFMX_RESOURCE_ROW__(r)	{ #r, RTFMX_CORE_OF_RESOURCE(r), RTFM_CEILING_##r },

/* The payload leaves its slot before the task starts, so the task may be sent again. */
#define RTFMX_TASK_RUN(...)	RTFMX_TASK_RUN_(RTFMX_FIRST(__VA_ARGS__, ))
#define RTFMX_TASK_RUN_(t)	RTFMX_TASK_RUN__(t)
#define RTFMX_TASK_RUN__(t)						\
	static void rtfmx_run_##t(struct rtfmx_cx *cx, struct rtfmx_slot *slot) \
	{								\
		struct t##_msg msg;					\
									\
		if (RTFMX_HAS_MESSAGE_##t)				\
			memcpy(&msg, slot + 1, sizeof(msg));		\
		rtfmx_begin(cx, slot, RTFM_TASK_##t);			\
		rtfm_task_##t((struct t##_cx *)cx, &msg);		\
	}
#define RTFMX_TASK_ROW(...)	RTFMX_TASK_ROW_(RTFMX_FIRST(__VA_ARGS__, ))
#define RTFMX_TASK_ROW_(t)	RTFMX_TASK_ROW__(t)
#define RTFMX_TASK_ROW__(t)						\
	{ #t, rtfmx_run_##t, RTFMX_CORE_OF_TASK(t), RTFM_PRIORITY_##t,	\
	  RTFM_CAPACITY_##t, RTFMX_PAYLOAD_SIZE(t), RTFMX_REMOTE_##t, 0, \
	  RTFMX_PERIOD_OF_##t, RTFMX_OFFSET_OF_##t },

/* Both exist for every core; what the core does not have is empty and not used. */
#define RTFMX_CORE_RUN(...)	RTFMX_CORE_RUN_(RTFMX_FIRST(__VA_ARGS__, ), __VA_ARGS__)
#define RTFMX_CORE_RUN_(n, ...)	RTFMX_CORE_RUN__(n, __VA_ARGS__)
#define RTFMX_CORE_RUN__(n, ...)					\
	__attribute__((unused)) static void				\
	rtfmx_init_##n(struct rtfmx_cx *cx __attribute__((unused)))	\
	{								\
		RTFMX_EACH(RTFMX_CALL_INIT, __VA_ARGS__)		\
	}								\
	__attribute__((unused)) static void				\
	rtfmx_idle_##n(struct rtfmx_cx *cx __attribute__((unused)))	\
	{								\
		RTFMX_EACH(RTFMX_CALL_IDLE, __VA_ARGS__)		\
	}
#define RTFMX_CALL_INIT(n, a)	RTFMX_CALL_INIT_##a(n)
#define RTFMX_CALL_INIT_init(n)	rtfm_init_##n((struct init_##n##_cx *)cx);
#define RTFMX_CALL_INIT_idle(n)
#define RTFMX_CALL_INIT_uses(...) RTFMX_NONE
#define RTFMX_CALL_IDLE(n, a)	RTFMX_CALL_IDLE_##a(n)
#define RTFMX_CALL_IDLE_init(n)
#define RTFMX_CALL_IDLE_idle(n)	rtfm_idle_##n((struct idle_##n##_cx *)cx);
#define RTFMX_CALL_IDLE_uses(...) RTFMX_NONE
#define RTFMX_CORE_ROW(...)	RTFMX_CORE_ROW_(RTFMX_FIRST(__VA_ARGS__, ), __VA_ARGS__)
#define RTFMX_CORE_ROW_(n, ...)	RTFMX_CORE_ROW__(n, __VA_ARGS__)
#define RTFMX_CORE_ROW__(n, ...)					\
	{ (0 RTFMX_EACH(RTFMX_NINIT, __VA_ARGS__)) ? rtfmx_init_##n : NULL, \
	  (0 RTFMX_EACH(RTFMX_NIDLE, __VA_ARGS__)) ? rtfmx_idle_##n : NULL },

#define RTFMX_DEFINE(LIST)						\
	RTFMX_C_BEGIN							\
	LIST(RTFMX_NONE, RTFMX_RESOURCE_STORE, RTFMX_NONE)		\
	LIST(RTFMX_NONE, RTFMX_NONE, RTFMX_TASK_RUN)			\
	LIST(RTFMX_CORE_RUN, RTFMX_NONE, RTFMX_NONE)			\
	static const struct rtfmx_core_info rtfmx_core_rows[] = {	\
		LIST(RTFMX_CORE_ROW, RTFMX_NONE, RTFMX_NONE) { NULL, NULL } \
	};								\
	static const struct rtfmx_task_info rtfmx_task_rows[] = {	\
		LIST(RTFMX_NONE, RTFMX_NONE, RTFMX_TASK_ROW)		\
		{ NULL, NULL, 0, 0, 0, 0, 0, 0, 0, 0 }			\
	};								\
	static const struct rtfmx_resource_info rtfmx_resource_rows[] = { \
		LIST(RTFMX_NONE, RTFMX_RESOURCE_ROW, RTFMX_NONE) { NULL, 0, 0 } \
	};								\
	extern const struct rtfm_app rtfm_app;				\
	const struct rtfm_app rtfm_app = {				\
		sizeof(struct rtfm_app), #LIST, RTFM_NCORES, RTFM_NTASKS, \
		RTFM_NRESOURCES, 0, rtfmx_core_rows, rtfmx_task_rows,	\
		rtfmx_resource_rows					\
	};								\
	RTFMX_C_END							\
	RTFMX_ASSERT(1, "")

#endif /* RTFM_DECLARE_H */
