/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * How RTFM_APP() turns the list of an application into constants, types and
 * tables. Applications read rtfm.h; this is what is behind it.
 *
 * The list is a macro with three parameters, core, resource and task. It is
 * expanded once for each thing that is wanted, with other handlers each time.
 * The number of these expansions does not depend on the list, and none nests
 * another, so the compiler's work is linear in the length of the list:
 *
 *	the check		is there anything but items, and attributes that exist
 *	enum of keys		the position of an item in the list determines its core:
 *				core(n) sets the counter to n << 16, every item
 *				that follows takes the next value
 *	rtfmx_to_15_<resource>, rtfmx_above_15_<resource>
 *				the ceiling, as the alignment of two variables, which
 *				every use of the resource raises
 *	union rtfmx_remote_<n>	the highest level of a core to which other cores may
 *				send, as the size of a union
 *	struct <task>_msg, _cx	types
 *	rtfm_app		the tables that libshim reads
 *
 * A handler H(...) is H_(__VA_ARGS__, ): that expands the name of the item, so
 * that it can be pasted, and ends the attributes with an empty one, so that there
 * is always something after the name. A handler that uses RTFMX_ASK() ends them with six.
 *
 * An attribute, say capacity(4), is pasted to the name of the question that is
 * being asked: RTFMX_CAPACITY_capacity(4) is + (4), RTFMX_CAPACITY_uses(x) is
 * nothing. So the attributes are no macros of their own, their names are free for
 * other uses. The answers stand in tables.h, which scripts/gen-declare makes.
 *
 * What the compiler says about a mistake begins with a line that names it. It is, in
 * this order of preference: RTFMX_ERROR(), if the preprocessor can detect it; the name of
 * an enumerator or of a member, which begins with what the user wrote, since gcc reports
 * a pasted name where its first part was written; an assertion.
 */
#ifndef RTFM_DECLARE_H
#define RTFM_DECLARE_H

#include <rtfm/fast.h>
#include <rtfm/tables.h>

#if RTFM_MAX_PRIORITY > 31 || RTFM_MAX_CORES > 36
#error RTFMX_RAISE() and RTFMX_REMOTE_TOP() have no room for so many levels or cores
#endif

#define RTFMX_CAT(a, b)		RTFMX_CAT_(a, b)
#define RTFMX_CAT_(a, b)	a##b
#define RTFMX_NONE(...)

#ifdef __cplusplus
#define RTFMX_ASSERT		static_assert
#define RTFMX_C_BEGIN		extern "C" {
#define RTFMX_C_END		}
#define RTFMX_AUTO		auto
#define RTFMX_NOEXCEPT		noexcept
#define RTFMX_IS_BYTES(type)	__is_trivially_copyable(type)
#else
#define RTFMX_ASSERT		_Static_assert
#define RTFMX_C_BEGIN
#define RTFMX_C_END
#define RTFMX_AUTO		__auto_type
#define RTFMX_NOEXCEPT
#define RTFMX_IS_BYTES(type)	1
#endif

/* m(name, resource) for each resource in uses() */
#define RTFMX_EACH_USE(m, name, ...)					\
	RTFMX_EACH_USE_(m, name RTFMX_ASK(RTFMX_USES, __VA_ARGS__), )
#define RTFMX_EACH_USE_(m, ...)	RTFMX_EACH(m, __VA_ARGS__)

/* ---- the check -------------------------------------------------------- */

/* An error in the words of the argument, reported where the application used the macro. */
#define RTFMX_ERROR(...)	RTFMX_PRAGMA(GCC error #__VA_ARGS__)
#define RTFMX_PRAGMA(...)	_Pragma(#__VA_ARGS__)

#define RTFMX_FIRST(...)	RTFMX_FIRST_(__VA_ARGS__, )
#define RTFMX_FIRST_(first, ...) first
#define RTFMX_SECOND(...)	RTFMX_SECOND_(__VA_ARGS__)
#define RTFMX_SECOND_(first, second, ...) second

/*
 * What an expansion of the list leaves: 1 and 1 if it is nothing, else whether it has no
 * comma, and no text before that. Nothing is pasted to what is left, since text that
 * cannot be pasted would be reported before what is wrong with it.
 *
 * RTFMX_PROBE with a pair of parentheses after it is an invocation, whose result has a
 * comma; with text in between, it is none. Text that begins with a parenthesis is itself
 * the pair: then RTFMX_PROBE needs none after it.
 */
#define RTFMX_LEFT(...)							\
	RTFMX_CAT(RTFMX_NO_COMMA(__VA_ARGS__), RTFMX_NO_TEXT(RTFMX_FIRST(__VA_ARGS__)))
#define RTFMX_PROBE(...)	~, 1,
#define RTFMX_PROBED(...)	RTFMX_SECOND(__VA_ARGS__, 0, )
#define RTFMX_NO_COMMA(...)	RTFMX_PROBED(RTFMX_SECOND(__VA_ARGS__, RTFMX_PROBE, ) ())
#define RTFMX_NO_TEXT(...)						\
	RTFMX_CAT(RTFMX_NO_TEXT_, RTFMX_CAT(RTFMX_PROBED(RTFMX_PROBE __VA_ARGS__()), \
					    RTFMX_PROBED(RTFMX_PROBE __VA_ARGS__)))
#define RTFMX_NO_TEXT_10	1
#define RTFMX_NO_TEXT_00	0
#define RTFMX_NO_TEXT_11	0

/* Leaves what is no attribute */
#define RTFMX_CHECK_CORE(...)	RTFMX_CHECK_CORE_(__VA_ARGS__, )
#define RTFMX_CHECK_CORE_(n, ...) RTFMX_EACH(RTFMX_CORE_WORD, n, __VA_ARGS__)
#define RTFMX_CHECK_TASK(...)	RTFMX_CHECK_TASK_(__VA_ARGS__, )
#define RTFMX_CHECK_TASK_(t, ...) RTFMX_EACH(RTFMX_TASK_WORD, t, __VA_ARGS__)

/* 11 if there is nothing wrong, else 10, 01 or 00 */
#define RTFMX_CHECK(LIST)						\
	RTFMX_LEFT(LIST(RTFMX_CHECK_CORE, RTFMX_NONE, RTFMX_CHECK_TASK))

/* What is wrong: more than items, or one of their attributes. */
#define RTFMX_REPORT(LIST)						\
	RTFMX_CAT(RTFMX_REPORT_, RTFMX_LEFT(LIST(RTFMX_NONE, RTFMX_NONE, RTFMX_NONE)))(LIST)
#define RTFMX_REPORT_00(LIST)	RTFMX_REPORT_01(LIST)
#define RTFMX_REPORT_01(LIST)						\
	RTFMX_ERROR(the list LIST has a comma between two of its items: remove it)
#define RTFMX_REPORT_10(LIST)						\
	RTFMX_REPORT_TEXT(LIST, LIST(RTFMX_NONE, RTFMX_NONE, RTFMX_NONE))
#define RTFMX_REPORT_TEXT(LIST, ...)	RTFMX_REPORT_TEXT_(LIST, __VA_ARGS__)
#define RTFMX_REPORT_TEXT_(LIST, ...)					\
	RTFMX_ERROR(the list LIST has an item that is no core or resource or task: __VA_ARGS__)
#define RTFMX_REPORT_11(LIST)	LIST(RTFMX_REPORT_CORE, RTFMX_NONE, RTFMX_REPORT_TASK)

#define RTFMX_REPORT_CORE(...)	RTFMX_REPORT_CORE_(__VA_ARGS__, )
#define RTFMX_REPORT_CORE_(n, ...) RTFMX_EACH(RTFMX_REPORT_CORE_WORD, n, __VA_ARGS__)
#define RTFMX_REPORT_CORE_WORD(n, word)					\
	RTFMX_CAT(RTFMX_CORE_WORD_, RTFMX_LEFT(RTFMX_CORE_WORD(n, word)))(n, word)
#define RTFMX_CORE_WORD_11(n, word)
#define RTFMX_CORE_WORD_10(n, word) RTFMX_ERROR(core n: word is no attribute of a core)
#define RTFMX_REPORT_TASK(...)	RTFMX_REPORT_TASK_(__VA_ARGS__, )
#define RTFMX_REPORT_TASK_(t, ...) RTFMX_EACH(RTFMX_REPORT_TASK_WORD, t, __VA_ARGS__)
#define RTFMX_REPORT_TASK_WORD(t, word)					\
	RTFMX_CAT(RTFMX_TASK_WORD_, RTFMX_LEFT(RTFMX_TASK_WORD(t, word)))(t, word)
#define RTFMX_TASK_WORD_11(t, word)
#define RTFMX_TASK_WORD_10(t, word) RTFMX_ERROR(task t: word is no attribute of a task)

/* ---- constants -------------------------------------------------------- */

/* An item that is listed twice is an enumerator that is there twice. */
#define RTFMX_CORE_KEY(n)	core_##n##_is_listed_twice
#define RTFMX_RESOURCE_KEY(r)	r##_is_listed_twice_as_resource
#define RTFMX_TASK_KEY(t)	t##_is_listed_twice_as_task

#define RTFMX_KEY_CORE(...)	RTFMX_KEY_CORE_(__VA_ARGS__, )
#define RTFMX_KEY_CORE_(n, ...)	RTFMX_CORE_KEY(n) = ((n) << 16) - 1,
#define RTFMX_KEY_RESOURCE(...)	RTFMX_KEY_RESOURCE_(__VA_ARGS__, )
#define RTFMX_KEY_RESOURCE_(r, ...) RTFMX_RESOURCE_KEY(r),
#define RTFMX_KEY_TASK(...)	RTFMX_KEY_TASK_(__VA_ARGS__, )
#define RTFMX_KEY_TASK_(t, ...)	RTFMX_TASK_KEY(t),

#define RTFMX_CORE_OF_TASK(t)	(RTFMX_TASK_KEY(t) >> 16)
#define RTFMX_CORE_OF_RESOURCE(r) (RTFMX_RESOURCE_KEY(r) >> 16)

/*
 * A name that is not in the list is no member of these. The size of a member is one more
 * than the number of the item, with the core of a resource, and for a task the rest of what
 * its senders need, since each more name that does not exist would be a message more.
 */
#define RTFMX_LISTED_CORE(n)	 sizeof(((struct cores_of_the_list *)0)->core_##n)
#define RTFMX_LISTED_TASK(t)	 sizeof(((struct tasks_of_the_list *)0)->t)

#define RTFMX_MEMBER_CORE(...)	RTFMX_MEMBER_CORE_(__VA_ARGS__, )
#define RTFMX_MEMBER_CORE_(n, ...) char core_##n[1 + (n)];
#define RTFMX_MEMBER_RESOURCE(...) RTFMX_MEMBER_RESOURCE_(__VA_ARGS__, )
#define RTFMX_MEMBER_RESOURCE_(r, ...)					\
	char r[1 + RTFM_RESOURCE_##r + ((RTFMX_CORE_OF_RESOURCE(r) & 255) << 6)];
#define RTFMX_MEMBER_TASK(...)	RTFMX_MEMBER_TASK_(__VA_ARGS__, )
#define RTFMX_MEMBER_TASK_(t, ...)					\
	char t[1 + RTFM_TASK_##t + (RTFMX_LEVEL(t) << 16) +		\
	       ((RTFMX_CORE_OF_TASK(t) & 63) << 21) + (!!RTFMX_REMOTE_##t << 27) + \
	       (!!RTFMX_HAS_MESSAGE_##t << 28)];

/* Of the size of a member */
#define RTFMX_TO_TASK(size)	((uint32_t)((size) - 1) & 0xffff)
#define RTFMX_TO_LEVEL(size)	((uint32_t)((size) - 1) >> 16 & 31)
#define RTFMX_TO_CORE(size)	((uint32_t)((size) - 1) >> 21 & 63)
#define RTFMX_TO_REMOTE(size)	((uint32_t)((size) - 1) >> 27 & 1)
#define RTFMX_TO_MESSAGE(size)	((uint32_t)((size) - 1) >> 28 & 1)

#define RTFMX_NR_CORE(...)	RTFMX_NR_CORE_(__VA_ARGS__, )
#define RTFMX_NR_CORE_(n, ...)	RTFM_CORE_##n,
#define RTFMX_NR_RESOURCE(...)	RTFMX_NR_RESOURCE_(__VA_ARGS__, )
#define RTFMX_NR_RESOURCE_(r, ...) RTFM_RESOURCE_##r,
#define RTFMX_NR_TASK(...)	RTFMX_NR_TASK_(__VA_ARGS__, )
#define RTFMX_NR_TASK_(t, ...)	RTFM_TASK_##t,

/*
 * How often each attribute is given, values that do not fit an int, and the resources that a
 * task, or idle, uses, a bit each.
 */
#define RTFMX_TASK_GIVEN(...)	RTFMX_TASK_GIVEN_(__VA_ARGS__, , , , , , )
#define RTFMX_TASK_GIVEN_(t, ...)					\
	RTFMX_GIVEN(task_##t, __VA_ARGS__)				\
	RTFMX_PERIOD_OF_##t = 0ULL RTFMX_ASK(RTFMX_PERIOD, __VA_ARGS__), \
	RTFMX_OFFSET_OF_##t = 0ULL RTFMX_ASK(RTFMX_OFFSET, __VA_ARGS__), \
	RTFMX_USES_OF_##t = 0ULL RTFMX_ASK(RTFMX_USE_BITS, __VA_ARGS__),
#define RTFMX_CORE_GIVEN(...)	RTFMX_CORE_GIVEN_(__VA_ARGS__, , , , , , )
#define RTFMX_CORE_GIVEN_(n, ...)					\
	RTFMX_GIVEN(core_##n, __VA_ARGS__)				\
	RTFMX_USES_OF_IDLE_##n = 0ULL RTFMX_ASK(RTFMX_USE_BITS, __VA_ARGS__),

/* RTFM_INIT() and RTFM_IDLE() ask whether the list has them. */
#define RTFMX_CORE_VALUES(...)	RTFMX_CORE_VALUES_(__VA_ARGS__, )
#define RTFMX_CORE_VALUES_(n, ...)					\
	rtfmx_list_has_init_##n = RTFMX_TIMES_init(core_##n),		\
	rtfmx_list_has_idle_##n = RTFMX_TIMES_idle(core_##n),

/* What the attributes of a task say, where it fits an int. */
#define RTFMX_VALUES(...)	RTFMX_VALUES_(__VA_ARGS__, , , , , , )
#define RTFMX_VALUES_(t, ...)						\
	RTFM_PRIORITY_##t = RTFMX_TIMES_priority(task_##t) ?		\
			    (0 RTFMX_ASK(RTFMX_PRIORITY, __VA_ARGS__)) : 1, \
	RTFM_CAPACITY_##t = RTFMX_TIMES_capacity(task_##t) ?		\
			    (0 RTFMX_ASK(RTFMX_CAPACITY, __VA_ARGS__)) : 1, \
	RTFMX_REMOTE_##t = RTFMX_TIMES_remote(task_##t),		\
	RTFMX_HAS_MESSAGE_##t = RTFMX_TIMES_message(task_##t),		\
	RTFMX_GENERAL_REGS_##t = RTFMX_GENERAL_REGS && RTFMX_TIMES_general_regs(task_##t),

#define RTFMX_USE_BIT(c, r)						\
	| 1ULL << ((sizeof(((struct resources_of_the_list *)0)->r) - 1) & 63)

/* The level of a task whose priority may be wrong, which is reported elsewhere. */
#define RTFMX_LEVEL(t)							\
	(RTFM_PRIORITY_##t < 1 || RTFM_PRIORITY_##t > RTFM_MAX_PRIORITY ? 1 : RTFM_PRIORITY_##t)

/*
 * The ceiling of a resource is the maximum over its users, wherever these stand in the
 * list. What the compiler can take a maximum of, over declarations in any place, is the
 * alignment of a variable: each use declares one again, and it has the strictest of the
 * alignments. Two of them, for levels to 15 and for those above, since alignments of more
 * than 2^28 are too large for gcc. Neither variable exists.
 */
#define RTFMX_NO_CEILING(...)	RTFMX_NO_CEILING_(__VA_ARGS__, )
#define RTFMX_NO_CEILING_(r, ...)					\
	extern char rtfmx_to_15_##r[] __attribute__((aligned(1)));	\
	extern char rtfmx_above_15_##r[] __attribute__((aligned(1)));
#define RTFMX_RAISE(level, r)						\
	extern char rtfmx_to_15_##r[]					\
		__attribute__((aligned((level) > 15 ? 1 : 1 << (level)))); \
	extern char rtfmx_above_15_##r[]				\
		__attribute__((aligned((level) > 15 ? 1 << ((level) - 15) : 1)));

/* The highest level that uses a resource; 0 if only idle does, or none. */
#define RTFMX_CEILINGS(...)	RTFMX_CEILINGS_(__VA_ARGS__, )
#define RTFMX_CEILINGS_(r, ...)						\
	RTFM_CEILING_##r = __alignof__(rtfmx_above_15_##r) > 1 ?	\
		15 + __builtin_ctz((unsigned int)__alignof__(rtfmx_above_15_##r)) : \
		__builtin_ctz((unsigned int)__alignof__(rtfmx_to_15_##r)),

/* Of each core, the highest level to which other cores may send: size - 1 of a union. */
#define RTFMX_REMOTE_CORE(...)	RTFMX_REMOTE_CORE_(__VA_ARGS__, )
#define RTFMX_REMOTE_CORE_(n, ...) }; union rtfmx_remote_##n { char rtfmx_none[1];
#define RTFMX_REMOTE_TASK(...)	RTFMX_REMOTE_TASK_(__VA_ARGS__, )
#define RTFMX_REMOTE_TASK_(t, ...) char t[1 + (RTFMX_REMOTE_##t ? RTFMX_LEVEL(t) : 0)];

/* The same, 5 bits a core, and of the core whose number is a constant */
#define RTFMX_TOPS_0(...)	RTFMX_TOPS_OF(0, __VA_ARGS__, )
#define RTFMX_TOPS_1(...)	RTFMX_TOPS_OF(1, __VA_ARGS__, )
#define RTFMX_TOPS_2(...)	RTFMX_TOPS_OF(2, __VA_ARGS__, )
#define RTFMX_TOPS_OF(...)	RTFMX_TOPS_OF_(__VA_ARGS__)
#define RTFMX_TOPS_OF_(i, n, ...)					\
	| (uint64_t)((n) / 12 == i ? sizeof(union rtfmx_remote_##n) - 1 : 0) << (n) % 12 * 5
#define RTFMX_REMOTE_TOP(core)						\
	((uint64_t)((core) < 12 ? RTFMX_TOPS_OF_0_TO_11 :		\
		    (core) < 24 ? RTFMX_TOPS_OF_12_TO_23 : RTFMX_TOPS_OF_24_TO_31) \
	 >> (core) % 12 * 5 & 31)

/* ---- types ------------------------------------------------------------ */

/*
 * A context is a struct rtfmx_cx. What follows it are members of size 0: their
 * sizeof tells the compiler the core, the priority and the resources.
 */
#define RTFMX_CX(core, priority, uses, idle)				\
	struct rtfmx_core *rtfmx_core;					\
	struct rtfm_ctl *rtfmx_ctl;					\
	uint64_t scheduled;						\
	char rtfmx_on[0][(core) + 1];					\
	char rtfmx_at[0][(priority) + ((idle) << 5) + 1];		\
	char rtfmx_uses_low[0][((uses) & 0x7fffffff) + 1ULL];		\
	char rtfmx_uses_high[0][((uint64_t)(uses) >> 31 & 0x7fffffff) + 1ULL];

#define RTFMX_CX_CORE		((unsigned int)sizeof(*RTFMX_HERE->rtfmx_on) - 1)
#define RTFMX_CX_PRIORITY	(((unsigned int)sizeof(*RTFMX_HERE->rtfmx_at) - 1) & 31)
#define RTFMX_CX_IDLE		(((unsigned int)sizeof(*RTFMX_HERE->rtfmx_at) - 1) >> 5)
#define RTFMX_CX_USES							\
	((uint64_t)(sizeof(*RTFMX_HERE->rtfmx_uses_high) - 1) << 31 |	\
	 (sizeof(*RTFMX_HERE->rtfmx_uses_low) - 1))
#define RTFMX_MAY_USE(c, r)	char r[0];

/*
 * In a function that has no context, cx is a function that does not exist. RTFMX_HERE is
 * then a context of no core, which one assertion reports.
 */
#define RTFMX_NO_CORE		RTFM_MAX_CORES
struct rtfmx_no_context;
RTFMX_C_BEGIN
struct rtfmx_no_context *cx(void);
__extension__ struct rtfmx_no_context { RTFMX_CX(RTFMX_NO_CORE, 0, 0, 0) };
extern struct rtfmx_no_context *rtfmx_no_context;
RTFMX_C_END

#ifdef __cplusplus
template <class T> constexpr T *rtfmx_here(T *cx) { return cx; }
struct rtfmx_no_context *rtfmx_here(struct rtfmx_no_context *(*cx)(void));
#define RTFMX_HERE		rtfmx_here(cx)
#else
#define RTFMX_HERE							\
	_Generic(cx, struct rtfmx_no_context *(*)(void): rtfmx_no_context, default: cx)
#endif

/* An instant and a duration, by type: uint64_t and int64_t */
#define RTFMX_KIND_INSTANT	1
#define RTFMX_KIND_DURATION	2
#ifdef __cplusplus
template <class T> struct rtfmx_kind { enum { kind = 0 }; };
template <> struct rtfmx_kind<unsigned long> { enum { kind = RTFMX_KIND_INSTANT }; };
template <> struct rtfmx_kind<unsigned long long> { enum { kind = RTFMX_KIND_INSTANT }; };
template <> struct rtfmx_kind<long> { enum { kind = RTFMX_KIND_DURATION }; };
template <> struct rtfmx_kind<long long> { enum { kind = RTFMX_KIND_DURATION }; };
#define RTFMX_KIND(x)		((int)rtfmx_kind<__typeof__(+(x))>::kind)
#else
#define RTFMX_KIND(x)							\
	_Generic(+(x), unsigned long: RTFMX_KIND_INSTANT,		\
		 unsigned long long: RTFMX_KIND_INSTANT,		\
		 long: RTFMX_KIND_DURATION, long long: RTFMX_KIND_DURATION, default: 0)
#endif

#define RTFMX_CHECK_CX()						\
	RTFMX_ASSERT(RTFMX_CX_CORE != RTFMX_NO_CORE,			\
		     "this function has no context cx to send or lock with: let it be given one")

#define RTFMX_RESOURCE_TYPE(...) RTFMX_RESOURCE_TYPE_(__VA_ARGS__, )
#define RTFMX_RESOURCE_TYPE_(r, type, ...)				\
	typedef __typeof__(type) rtfm_type_##r;				\
	extern rtfm_type_##r rtfm_resource_##r;
#define RTFMX_RESOURCE_CHECK(...) RTFMX_RESOURCE_CHECK_(__VA_ARGS__, )
#define RTFMX_RESOURCE_CHECK_(r, ...)					\
	RTFMX_ASSERT(RTFMX_CORE_OF_RESOURCE(r) >= 0,			\
		     "resource " #r " stands before the first core()");

#define RTFMX_TASK_CHECK(...)	RTFMX_TASK_CHECK_(__VA_ARGS__, , , , , , )
#define RTFMX_TASK_CHECK_(t, ...)					\
	RTFMX_ASSERT(RTFMX_CORE_OF_TASK(t) >= 0,			\
		     "task " #t " stands before the first core()");	\
	RTFMX_TASK_ONCE(t)						\
	RTFMX_ASSERT(RTFMX_TIMES_period(task_##t) == 0 ||		\
		     ((uint64_t)RTFMX_PERIOD_OF_##t >= 1000 &&		\
		      (uint64_t)RTFMX_PERIOD_OF_##t <= INT64_MAX),	\
		     "task " #t ": period is not 1000..2^63-1 ns");	\
	RTFMX_ASSERT((uint64_t)RTFMX_OFFSET_OF_##t <= INT64_MAX / 2,	\
		     "task " #t ": offset is not 0..2^62 ns");		\
	RTFMX_ASSERT(RTFMX_TIMES_period(task_##t) != 0 ||		\
		     RTFMX_TIMES_offset(task_##t) == 0,			\
		     "task " #t ": offset() without period()");		\
	RTFMX_ASSERT(RTFMX_TIMES_period(task_##t) == 0 ||		\
		     RTFMX_TIMES_message(task_##t) == 0,		\
		     "task " #t ": a periodic task takes no message()"); \
	RTFMX_ASSERT(RTFM_PRIORITY_##t >= 1 && RTFM_PRIORITY_##t <= RTFM_MAX_PRIORITY, \
		     "task " #t ": priority is not 1..31");		\
	RTFMX_ASSERT(RTFM_CAPACITY_##t >= 1 && RTFM_CAPACITY_##t <= RTFMX_MAX_CAPACITY, \
		     "task " #t ": capacity is not 1..4096");		\
	RTFMX_EACH_USE(RTFMX_CHECK_USE, t, __VA_ARGS__)
#define RTFMX_CHECK_USE(t, r)						\
	RTFMX_RAISE(RTFMX_LEVEL(t), r)					\
	enum {								\
		RTFMX_CORE_OF_##r##_FOR_##t =				\
			(sizeof(((struct resources_of_the_list *)0)->r) - 1) >> 6 \
	};								\
	RTFMX_ASSERT(RTFMX_CORE_OF_##r##_FOR_##t == (RTFMX_CORE_OF_TASK(t) & 255), \
		     "task " #t " uses " #r ", a resource of another core");

#define RTFMX_TASK_TYPES(...)	RTFMX_TASK_TYPES_(__VA_ARGS__, , , , , , )
#define RTFMX_TASK_TYPES_(t, ...)					\
	RTFMX_MSG_TYPE(t, __VA_ARGS__)					\
	__extension__ struct t##_cx {					\
		RTFMX_CX(RTFMX_CORE_OF_TASK(t), RTFM_PRIORITY_##t, RTFMX_USES_OF_##t, 0) \
		RTFMX_ASK(RTFMX_MEMBERS, __VA_ARGS__)		\
	} __attribute__((may_alias));					\
	RTFMX_ASK(RTFMX_BODY, __VA_ARGS__)				\
	void rtfm_task_##t(struct t##_cx *cx, struct t##_msg *msg) RTFMX_NOEXCEPT; \
	RTFMX_ASSERT(__alignof__(struct t##_msg) <= RTFMX_PAYLOAD_ALIGN, \
		     "task " #t ": message is aligned to more than 16 bytes"); \
	RTFMX_ASSERT(RTFMX_IS_BYTES(struct t##_msg),			\
		     "task " #t ": message cannot be copied as bytes");

/* A task without message() takes no payload: its type has one member that is not for use. */
#define RTFMX_MSG_TYPE(t, ...)						\
	RTFMX_CAT(RTFMX_MSG_TYPE_,					\
		  RTFMX_SECOND(t RTFMX_ASK(RTFMX_WITH_MESSAGE, __VA_ARGS__), 1, ))(t, __VA_ARGS__)
#define RTFMX_MSG_TYPE_1(t, ...) struct t##_msg { struct t##_takes_no_payload *rtfmx_none; };
#define RTFMX_MSG_TYPE_2(t, ...) struct t##_msg { RTFMX_ASK(RTFMX_MESSAGE, __VA_ARGS__) };

#define RTFMX_CORE_CHECK(...)	RTFMX_CORE_CHECK_(__VA_ARGS__, , , , , , )
#define RTFMX_CORE_CHECK_(n, ...)					\
	RTFMX_ASSERT(RTFM_CORE_##n == (n) && (n) < RTFM_MAX_CORES,	\
		     "core " #n ": cores are numbered 0, 1, 2, ... in the order of the list"); \
	RTFMX_CORE_ONCE(n)						\
	RTFMX_EACH_USE(RTFMX_CHECK_IDLE_USE, n, __VA_ARGS__)
#define RTFMX_CHECK_IDLE_USE(n, r)					\
	RTFMX_ASSERT((n) == (sizeof(((struct resources_of_the_list *)0)->r) - 1) >> 6, \
		     "idle of core " #n " uses " #r ", a resource of another core");

#define RTFMX_CORE_TYPES(...)	RTFMX_CORE_TYPES_(__VA_ARGS__, , , , , , )
#define RTFMX_CORE_TYPES_(n, ...)					\
	__extension__ struct idle_##n##_cx {				\
		RTFMX_CX(n, 0, RTFMX_USES_OF_IDLE_##n, 1)		\
		RTFMX_ASK(RTFMX_MEMBERS, __VA_ARGS__)		\
	} __attribute__((may_alias));					\
	void rtfm_init_##n(struct init_##n##_cx *cx) RTFMX_NOEXCEPT;	\
	void rtfm_idle_##n(struct idle_##n##_cx *cx) RTFMX_NOEXCEPT;

/* init may use every resource of its core: the list from one core() to the next. */
#define RTFMX_INIT_CORE(...)	RTFMX_INIT_CORE_(__VA_ARGS__, )
#define RTFMX_INIT_CORE_(n, ...)					\
	} __attribute__((may_alias));					\
	__extension__ struct init_##n##_cx { RTFMX_CX(n, RTFM_MAX_PRIORITY, ~0ULL, 0)
#define RTFMX_INIT_RESOURCE(...) RTFMX_INIT_RESOURCE_(__VA_ARGS__, )
#define RTFMX_INIT_RESOURCE_(r, ...) RTFMX_MAY_USE(0, r)

/*
 * The context of a helper. Its priority is 0, so a lock in it does for every caller what the
 * lowest would need.
 */
#define RTFMX_HELPER(h, n, ...)						\
	__extension__ enum h##_uses {					\
		RTFMX_USES_OF_HELPER_##h = 0ULL RTFMX_ASK(RTFMX_USE_BITS, __VA_ARGS__), \
		RTFMX_LAST_USES_OF_HELPER_##h = 1ULL << 63		\
	};								\
	__extension__ struct h##_cx {					\
		RTFMX_CX(RTFMX_LISTED_CORE(n) - 1, 0, RTFMX_USES_OF_HELPER_##h, 0) \
		RTFMX_ASK(RTFMX_MEMBERS, __VA_ARGS__)		\
	} __attribute__((may_alias));					\
	RTFMX_EACH_USE(RTFMX_CHECK_HELPER_USE, h, __VA_ARGS__)		\
	RTFMX_ASSERT(1, "")
#define RTFMX_CHECK_HELPER_USE(h, r)					\
	RTFMX_ASSERT(sizeof(*((struct h##_cx *)0)->rtfmx_on) - 1 ==	\
		     (sizeof(((struct resources_of_the_list *)0)->r) - 1) >> 6, \
		     "helper " #h " uses " #r ", a resource of another core");

/* The context, for a helper: what the caller uses may be more, and no less. */
#define RTFMX_PASS(h)							\
	__extension__ ({						\
		RTFMX_CHECK_CX();					\
		RTFMX_ASSERT(sizeof(*((struct h##_cx *)0)->rtfmx_on) - 1 == RTFMX_CX_CORE, \
			     "helper " #h " belongs to another core");	\
		RTFMX_ASSERT(((uint64_t)RTFMX_USES_OF_HELPER_##h & ~RTFMX_CX_USES) == 0, \
			     "helper " #h " uses a resource that its caller does not use"); \
		(struct h##_cx *)RTFMX_HERE;				\
	})
#define RTFMX_CALL_1(h)		h(RTFMX_PASS(h))
#define RTFMX_CALL_2(h, ...)	h(RTFMX_PASS(h), __VA_ARGS__)
#define RTFMX_CALL(n, ...)	RTFMX_CALL_(n, __VA_ARGS__)
#define RTFMX_CALL_(n, ...)	RTFMX_CALL_##n(__VA_ARGS__)
/* 1 for one argument, else 2 */
#define RTFMX_ONE_OR_TWO(...)						\
	RTFMX_CAT(RTFMX_ONE_OR_TWO_, RTFMX_NO_COMMA(__VA_ARGS__))
#define RTFMX_ONE_OR_TWO_1	1
#define RTFMX_ONE_OR_TWO_0	2

/*
 * Nothing. If a backslash is missing in the list, an item stands before this that looks
 * like the head of a function in old C: what follows must not look like its parameters.
 */
#define RTFMX_BEGIN		__asm__(" ");

#define RTFMX_APP_00(LIST)	RTFMX_DECLARE_10(LIST)
#define RTFMX_APP_01(LIST)	RTFMX_DECLARE_10(LIST)
#define RTFMX_APP_10(LIST)	RTFMX_DECLARE_10(LIST)
#define RTFMX_APP_11(LIST)	RTFMX_DECLARE_11(LIST); RTFMX_DEFINE_11(LIST)

#define RTFMX_DECLARE_00(LIST)	RTFMX_DECLARE_10(LIST)
#define RTFMX_DECLARE_01(LIST)	RTFMX_DECLARE_10(LIST)
#define RTFMX_DECLARE_10(LIST)	RTFMX_REPORT(LIST) RTFMX_ASSERT(1, "")
#define RTFMX_DECLARE_11(LIST)						\
	RTFMX_BEGIN							\
	RTFMX_C_BEGIN							\
	enum rtfmx_keys {						\
		RTFMX_BEFORE_CORES = -(1 << 24),			\
		LIST(RTFMX_KEY_CORE, RTFMX_KEY_RESOURCE, RTFMX_KEY_TASK) \
		RTFMX_LAST_KEY						\
	};								\
	struct cores_of_the_list {					\
		LIST(RTFMX_MEMBER_CORE, RTFMX_NONE, RTFMX_NONE) char rtfmx_end; \
	};								\
	enum rtfmx_cores { LIST(RTFMX_NR_CORE, RTFMX_NONE, RTFMX_NONE) RTFM_NCORES }; \
	enum rtfmx_resources {						\
		LIST(RTFMX_NONE, RTFMX_NR_RESOURCE, RTFMX_NONE) RTFM_NRESOURCES \
	};								\
	enum rtfmx_tasks { LIST(RTFMX_NONE, RTFMX_NONE, RTFMX_NR_TASK) RTFM_NTASKS }; \
	struct resources_of_the_list {					\
		LIST(RTFMX_NONE, RTFMX_MEMBER_RESOURCE, RTFMX_NONE) char rtfmx_end; \
	};								\
	RTFMX_ASSERT(RTFM_NCORES >= 1, "the app has no core(): begin the list with core(0, ...)"); \
	RTFMX_ASSERT(RTFM_NRESOURCES <= 62, "more than 62 resources in one app"); \
	RTFMX_ASSERT(RTFM_NTASKS <= RTFMX_MAX_TASKS, "more than 4096 tasks in one app"); \
	__extension__ enum rtfmx_given {				\
		LIST(RTFMX_CORE_GIVEN, RTFMX_NONE, RTFMX_TASK_GIVEN)	\
		RTFMX_LAST_GIVEN = 1ULL << 63				\
	};								\
	enum rtfmx_values {						\
		LIST(RTFMX_CORE_VALUES, RTFMX_NONE, RTFMX_VALUES) RTFMX_LAST_VALUE \
	};								\
	struct tasks_of_the_list {					\
		LIST(RTFMX_NONE, RTFMX_NONE, RTFMX_MEMBER_TASK) char rtfmx_end; \
	};								\
	RTFMX_PRAGMA(GCC diagnostic push)				\
	RTFMX_PRAGMA(GCC diagnostic ignored "-Wredundant-decls")	\
	LIST(RTFMX_NONE, RTFMX_NO_CEILING, RTFMX_NONE)			\
	LIST(RTFMX_CORE_CHECK, RTFMX_RESOURCE_CHECK, RTFMX_TASK_CHECK)	\
	RTFMX_PRAGMA(GCC diagnostic pop)				\
	enum rtfmx_ceilings {						\
		LIST(RTFMX_NONE, RTFMX_CEILINGS, RTFMX_NONE) RTFMX_LAST_CEILING \
	};								\
	union rtfmx_remote {						\
		char rtfmx_none[1];					\
		LIST(RTFMX_REMOTE_CORE, RTFMX_NONE, RTFMX_REMOTE_TASK)	\
	};								\
	__extension__ enum rtfmx_tops {					\
		RTFMX_TOPS_OF_0_TO_11 = 0ULL LIST(RTFMX_TOPS_0, RTFMX_NONE, RTFMX_NONE), \
		RTFMX_TOPS_OF_12_TO_23 = 0ULL LIST(RTFMX_TOPS_1, RTFMX_NONE, RTFMX_NONE), \
		RTFMX_TOPS_OF_24_TO_31 = 0ULL LIST(RTFMX_TOPS_2, RTFMX_NONE, RTFMX_NONE), \
		RTFMX_LAST_TOPS = 1ULL << 63				\
	};								\
	LIST(RTFMX_NONE, RTFMX_RESOURCE_TYPE, RTFMX_NONE)		\
	LIST(RTFMX_NONE, RTFMX_NONE, RTFMX_TASK_TYPES)			\
	__extension__ struct rtfmx_before_init {			\
		char rtfmx_none;					\
		LIST(RTFMX_INIT_CORE, RTFMX_INIT_RESOURCE, RTFMX_NONE)	\
	} __attribute__((may_alias));					\
	LIST(RTFMX_CORE_TYPES, RTFMX_NONE, RTFMX_NONE)			\
	RTFMX_C_END							\
	RTFMX_ASSERT(1, "")

/* ---- tables ----------------------------------------------------------- */

struct rtfmx_task_info {
	const char *name;
	void (*run)(struct rtfmx_core *core, struct rtfmx_slot *slot);
	uint32_t core;
	uint32_t priority;
	uint32_t capacity;
	uint32_t size;		/* of the payload, 0 if there is none */
	uint32_t remote;	/* other cores may send */
	uint32_t flags;		/* RTFMX_TASK_* */
	uint64_t period;	/* ns, 0: time does not send */
	uint64_t offset;	/* ns, of the first release after the start */
};

/*
 * &struct rtfmx_task_info.flags: the body and what runs it are compiled for general
 * registers only. Functions that the body calls are not, nor is the memcpy() of a payload
 * that is too large to be copied inline.
 */
#define RTFMX_TASK_GENERAL_REGS	1

struct rtfmx_core_info {
	void (*init)(struct rtfmx_cx *cx);	/* NULL: none */
	void (*idle)(struct rtfmx_cx *cx);	/* NULL: park */
	uint64_t idle_uses;			/* the resources, a bit each */
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
#define RTFMX_RESOURCE_ROW(...)	RTFMX_RESOURCE_ROW_(__VA_ARGS__, )
#define RTFMX_RESOURCE_ROW_(r, ...)	{ #r, RTFMX_CORE_OF_RESOURCE(r), RTFM_CEILING_##r },

/* The payload leaves its slot before the task starts, so the task may be sent again. */
#define RTFMX_TASK_RUN(...)	RTFMX_TASK_RUN_(__VA_ARGS__, , , , , , )
#define RTFMX_TASK_RUN_(t, ...)						\
	RTFMX_ASK(RTFMX_BODY, __VA_ARGS__)				\
	static void rtfmx_run_##t(struct rtfmx_core *core, struct rtfmx_slot *slot) \
	{								\
		struct rtfmx_fp saved;					\
		struct t##_cx cx;					\
		struct t##_msg msg;					\
									\
		cx.rtfmx_core = core;					\
		cx.rtfmx_ctl = core->ctl;				\
		cx.scheduled = slot->scheduled;				\
		if (RTFMX_HAS_MESSAGE_##t)				\
			memcpy(&msg, slot + 1, sizeof(msg));		\
		if (!RTFMX_GENERAL_REGS_##t)				\
			rtfmx_fp_enter(&core->fp, &saved);		\
		rtfmx_begin(core, cx.rtfmx_ctl, slot, RTFM_TASK_##t,	\
			    RTFM_PRIORITY_##t);				\
		rtfm_task_##t(&cx, &msg);				\
		if (!RTFMX_GENERAL_REGS_##t)				\
			rtfmx_fp_leave(&saved);				\
	}
#define RTFMX_TASK_ROW(...)	RTFMX_TASK_ROW_(__VA_ARGS__, )
#define RTFMX_TASK_ROW_(t, ...)						\
	{ #t, rtfmx_run_##t, RTFMX_CORE_OF_TASK(t), RTFM_PRIORITY_##t,	\
	  RTFM_CAPACITY_##t, RTFMX_PAYLOAD_SIZE(t), RTFMX_REMOTE_##t, \
	  RTFMX_GENERAL_REGS_##t ? RTFMX_TASK_GENERAL_REGS : 0,		\
	  RTFMX_PERIOD_OF_##t, RTFMX_OFFSET_OF_##t },

/* Both exist for every core; what the core does not have is empty and not used. */
#define RTFMX_CORE_RUN(...)	RTFMX_CORE_RUN_(__VA_ARGS__, , , , , , )
#define RTFMX_CORE_RUN_(n, ...)					\
	__attribute__((unused)) static void				\
	rtfmx_init_##n(struct rtfmx_cx *cx __attribute__((unused)))	\
	{								\
		RTFMX_CAT(RTFMX_CALL_INIT_,				\
			  RTFMX_SECOND(n RTFMX_ASK(RTFMX_WITH_INIT, __VA_ARGS__), 1, ))(n) \
	}								\
	__attribute__((unused)) static void				\
	rtfmx_idle_##n(struct rtfmx_cx *cx __attribute__((unused)))	\
	{								\
		RTFMX_CAT(RTFMX_CALL_IDLE_,				\
			  RTFMX_SECOND(n RTFMX_ASK(RTFMX_WITH_IDLE, __VA_ARGS__), 1, ))(n) \
	}
#define RTFMX_CALL_INIT_1(n)
#define RTFMX_CALL_INIT_2(n)	rtfm_init_##n((struct init_##n##_cx *)cx);
#define RTFMX_CALL_IDLE_1(n)
#define RTFMX_CALL_IDLE_2(n)	rtfm_idle_##n((struct idle_##n##_cx *)cx);
#define RTFMX_CORE_ROW(...)	RTFMX_CORE_ROW_(__VA_ARGS__, )
#define RTFMX_CORE_ROW_(n, ...)					\
	{ rtfmx_list_has_init_##n ? rtfmx_init_##n : NULL,		\
	  rtfmx_list_has_idle_##n ? rtfmx_idle_##n : NULL, RTFMX_USES_OF_IDLE_##n },

#define RTFMX_DEFINE_00(LIST)	RTFMX_ASSERT(1, "")
#define RTFMX_DEFINE_01(LIST)	RTFMX_ASSERT(1, "")
#define RTFMX_DEFINE_10(LIST)	RTFMX_ASSERT(1, "")
#define RTFMX_DEFINE_11(LIST)						\
	RTFMX_C_BEGIN							\
	LIST(RTFMX_NONE, RTFMX_RESOURCE_STORE, RTFMX_NONE)		\
	LIST(RTFMX_NONE, RTFMX_NONE, RTFMX_TASK_RUN)			\
	LIST(RTFMX_CORE_RUN, RTFMX_NONE, RTFMX_NONE)			\
	static const struct rtfmx_core_info rtfmx_core_rows[] = {	\
		LIST(RTFMX_CORE_ROW, RTFMX_NONE, RTFMX_NONE) { NULL, NULL, 0 } \
	};								\
	static const struct rtfmx_task_info rtfmx_task_rows[] = {	\
		LIST(RTFMX_NONE, RTFMX_NONE, RTFMX_TASK_ROW)		\
		{ NULL, NULL, 0, 0, 0, 0, 0, 0, 0, 0 }			\
	};								\
	static const struct rtfmx_resource_info rtfmx_resource_rows[] = { \
		LIST(RTFMX_NONE, RTFMX_RESOURCE_ROW, RTFMX_NONE) { NULL, 0, 0 } \
	};								\
	const struct rtfm_app rtfm_app = {				\
		sizeof(struct rtfm_app), #LIST, RTFM_NCORES, RTFM_NTASKS, \
		RTFM_NRESOURCES, 0, rtfmx_core_rows, rtfmx_task_rows,	\
		rtfmx_resource_rows					\
	};								\
	RTFMX_C_END							\
	RTFMX_ASSERT(1, "")

#endif /* RTFM_DECLARE_H */
