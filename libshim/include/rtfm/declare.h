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
 *	RTFMX_USES_OF_<task>	the resources of a task, a bit each
 *	RTFMX_USED_AT_<level>	the resources that the tasks of a level use: from
 *				these, 31 terms give the ceiling of a resource
 *	struct <task>_msg, _cx	types
 *	rtfm_app		the tables that libshim reads
 *
 * A handler H(...) is H_(__VA_ARGS__, ): that expands the name of the item, so
 * that it can be pasted, and ends the attributes with an empty one, so that there
 * is always something after the name.
 *
 * An attribute, say capacity(4), is pasted to the name of the question that is
 * being asked: RTFMX_CAPACITY_capacity(4) is + (4), RTFMX_CAPACITY_uses(x) is
 * nothing. So the attributes are no macros of their own, their names are free for
 * other uses. The answers stand in tables.h, which scripts/gen-declare makes.
 */
#ifndef RTFM_DECLARE_H
#define RTFM_DECLARE_H

#include <rtfm/fast.h>
#include <rtfm/tables.h>

#define RTFMX_CAT(a, b)		RTFMX_CAT_(a, b)
#define RTFMX_CAT_(a, b)	a##b
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

/* m(name, resource) for each resource in uses() */
#define RTFMX_EACH_USE(m, name, ...)					\
	RTFMX_EACH_USE_(m, name RTFMX_EACH(RTFMX_USES, name, __VA_ARGS__), )
#define RTFMX_EACH_USE_(m, ...)	RTFMX_EACH(m, __VA_ARGS__)

/* ---- constants -------------------------------------------------------- */

#define RTFMX_KEY_CORE(...)	RTFMX_KEY_CORE_(__VA_ARGS__, )
#define RTFMX_KEY_CORE_(n, ...)	RTFMX_CORE_KEY_##n = ((n) << 16) - 1,
#define RTFMX_KEY_RESOURCE(...)	RTFMX_KEY_RESOURCE_(__VA_ARGS__, )
#define RTFMX_KEY_RESOURCE_(r, ...) RTFMX_RESOURCE_KEY_##r,
#define RTFMX_KEY_TASK(...)	RTFMX_KEY_TASK_(__VA_ARGS__, )
#define RTFMX_KEY_TASK_(t, ...)	RTFMX_TASK_KEY_##t,

#define RTFMX_NR_CORE(...)	RTFMX_NR_CORE_(__VA_ARGS__, )
#define RTFMX_NR_CORE_(n, ...)	RTFM_CORE_##n,
#define RTFMX_NR_RESOURCE(...)	RTFMX_NR_RESOURCE_(__VA_ARGS__, )
#define RTFMX_NR_RESOURCE_(r, ...) RTFM_RESOURCE_##r,
#define RTFMX_NR_TASK(...)	RTFMX_NR_TASK_(__VA_ARGS__, )
#define RTFMX_NR_TASK_(t, ...)	RTFM_TASK_##t,

#define RTFMX_CORE_OF_TASK(t)	  (RTFMX_TASK_KEY_##t >> 16)
#define RTFMX_CORE_OF_RESOURCE(r) (RTFMX_RESOURCE_KEY_##r >> 16)

/* How often each attribute is given; one that does not exist is reported here. */
#define RTFMX_TASK_GIVEN(...)	RTFMX_TASK_GIVEN_(__VA_ARGS__, )
#define RTFMX_TASK_GIVEN_(t, ...)					\
	RTFMX_TASK_KNOWN_##t = 0 RTFMX_EACH(RTFMX_TASK_WORD, t, __VA_ARGS__), \
	RTFMX_GIVEN(task_##t, __VA_ARGS__)
#define RTFMX_CORE_GIVEN(...)	RTFMX_CORE_GIVEN_(__VA_ARGS__, )
#define RTFMX_CORE_GIVEN_(n, ...)					\
	RTFMX_CORE_KNOWN_##n = 0 RTFMX_EACH(RTFMX_CORE_WORD, n, __VA_ARGS__), \
	RTFMX_GIVEN(core_##n, __VA_ARGS__)

/* RTFM_INIT() and RTFM_IDLE() ask whether the list has them. */
#define RTFMX_CORE_VALUES(...)	RTFMX_CORE_VALUES_(__VA_ARGS__, )
#define RTFMX_CORE_VALUES_(n, ...)					\
	rtfmx_list_has_init_##n = RTFMX_TIMES_init(core_##n),		\
	rtfmx_list_has_idle_##n = RTFMX_TIMES_idle(core_##n),

/* The attributes of every task that are numbers; those that do not fit an int follow. */
#define RTFMX_VALUES(...)	RTFMX_VALUES_(__VA_ARGS__, )
#define RTFMX_VALUES_(t, ...)						\
	RTFM_PRIORITY_##t = RTFMX_TIMES_priority(task_##t) ?		\
			    (0 RTFMX_EACH(RTFMX_PRIORITY, t, __VA_ARGS__)) : 1, \
	RTFM_CAPACITY_##t = RTFMX_TIMES_capacity(task_##t) ?		\
			    (0 RTFMX_EACH(RTFMX_CAPACITY, t, __VA_ARGS__)) : 1, \
	RTFMX_REMOTE_##t = RTFMX_TIMES_remote(task_##t),		\
	RTFMX_HAS_MESSAGE_##t = RTFMX_TIMES_message(task_##t),		\
	RTFMX_GENERAL_REGS_##t = RTFMX_GENERAL_REGS && RTFMX_TIMES_general_regs(task_##t),

#define RTFMX_TIMES(...)	RTFMX_TIMES_(__VA_ARGS__, )
#define RTFMX_TIMES_(t, ...)						\
	RTFMX_PERIOD_OF_##t = 0ULL RTFMX_EACH(RTFMX_PERIOD, t, __VA_ARGS__), \
	RTFMX_OFFSET_OF_##t = 0ULL RTFMX_EACH(RTFMX_OFFSET, t, __VA_ARGS__),

/* The resources that a task uses, a bit each; its core, as a bit, if the task is remote. */
#define RTFMX_USES_VALUE(...)	RTFMX_USES_VALUE_(__VA_ARGS__, )
#define RTFMX_USES_VALUE_(t, ...)					\
	RTFMX_USES_OF_##t = 0ULL RTFMX_EACH_USE(RTFMX_USE_BIT, t, __VA_ARGS__), \
	RTFMX_CORE_IF_REMOTE_##t =					\
		RTFMX_REMOTE_##t * (1ULL << (RTFMX_CORE_OF_TASK(t) & 31)),
#define RTFMX_USE_BIT(c, r)	| 1ULL << RTFM_RESOURCE_##r

/* Of each level: what its tasks use, and the cores that have a remote task there. */
#define RTFMX_USED_LEVEL(p, LIST)					\
	RTFMX_USED_AT_##p = 0ULL LIST(RTFMX_NONE, RTFMX_NONE, RTFMX_USED_BY_##p),
#define RTFMX_USED_BY(p, t, ...)   | (RTFM_PRIORITY_##t == p) * RTFMX_USES_OF_##t
#define RTFMX_REMOTE_LEVEL(p, LIST)					\
	RTFMX_REMOTE_ON_##p = 0ULL LIST(RTFMX_NONE, RTFMX_NONE, RTFMX_REMOTE_BY_##p),
#define RTFMX_REMOTE_BY(p, t, ...) | (RTFM_PRIORITY_##t == p) * RTFMX_CORE_IF_REMOTE_##t

/*
 * The highest level that uses resource number r; 0 if only idle does, or none.
 * The cast: an enumerator that fits is an int, whatever the others of its enum are.
 */
#define RTFMX_CEILING(r)						\
	(63 - __builtin_clzll(1ULL RTFMX_EACH_LEVEL(RTFMX_CEILING_BIT, r)))
#define RTFMX_CEILING_BIT(p, r)	| ((uint64_t)RTFMX_USED_AT_##p >> (r) & 1) << p
#define RTFMX_CEILINGS(...)	RTFMX_CEILINGS_(__VA_ARGS__, )
#define RTFMX_CEILINGS_(r, ...)	RTFM_CEILING_##r = RTFMX_CEILING(RTFM_RESOURCE_##r),

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
#define RTFMX_RESOURCE_MEMBER(...) RTFMX_RESOURCE_MEMBER_(__VA_ARGS__, )
#define RTFMX_RESOURCE_MEMBER_(r, ...) RTFMX_MAY_USE(0, r)

#define RTFMX_TASK_TYPES(...)	RTFMX_TASK_TYPES_(__VA_ARGS__, )
#define RTFMX_TASK_TYPES_(t, ...)					\
	RTFMX_ASSERT(RTFMX_CORE_OF_TASK(t) >= 0,			\
		     "task " #t " stands before the first core()");	\
	RTFMX_TASK_ONCE(t)						\
	RTFMX_MSG_TYPE(t, __VA_ARGS__)					\
	__extension__ struct t##_cx {					\
		RTFMX_CX(RTFMX_CORE_OF_TASK(t), RTFM_PRIORITY_##t);	\
		RTFMX_EACH_USE(RTFMX_MAY_USE, t, __VA_ARGS__)		\
	} __attribute__((may_alias));					\
	RTFMX_EACH(RTFMX_BODY, t, __VA_ARGS__)				\
	void rtfm_task_##t(struct t##_cx *cx, struct t##_msg *msg);	\
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
	RTFMX_ASSERT(__alignof__(struct t##_msg) <= RTFMX_PAYLOAD_ALIGN, \
		     "task " #t ": message is aligned to more than 16 bytes"); \
	RTFMX_ASSERT(RTFMX_IS_BYTES(struct t##_msg),			\
		     "task " #t ": message cannot be copied as bytes");	\
	RTFMX_EACH_USE(RTFMX_CHECK_USE, t, __VA_ARGS__)
#define RTFMX_CHECK_USE(t, r)						\
	RTFMX_ASSERT(RTFMX_CORE_OF_TASK(t) == RTFMX_CORE_OF_RESOURCE(r), \
		     "task " #t " uses " #r ", a resource of another core");

/* A task without message() takes no payload: its type has one member that is not for use. */
#define RTFMX_MSG_TYPE(t, ...)						\
	RTFMX_CAT(RTFMX_MSG_TYPE_,					\
		  RTFMX_COUNT(t RTFMX_EACH(RTFMX_WITH_MESSAGE, t, __VA_ARGS__)))(t, __VA_ARGS__)
#define RTFMX_MSG_TYPE_1(t, ...) struct t##_msg { struct t##_takes_no_payload *rtfmx_none; };
#define RTFMX_MSG_TYPE_2(t, ...) struct t##_msg { RTFMX_EACH(RTFMX_MESSAGE, t, __VA_ARGS__) };

#define RTFMX_CORE_TYPES(...)	RTFMX_CORE_TYPES_(__VA_ARGS__, )
#define RTFMX_CORE_TYPES_(n, ...)					\
	__extension__ struct idle_##n##_cx {				\
		RTFMX_CX(n, 0);						\
		RTFMX_EACH_USE(RTFMX_MAY_USE, n, __VA_ARGS__)		\
	} __attribute__((may_alias));					\
	void rtfm_init_##n(struct init_##n##_cx *cx);			\
	void rtfm_idle_##n(struct idle_##n##_cx *cx);			\
	RTFMX_ASSERT(RTFM_CORE_##n == (n) && (n) < RTFM_MAX_CORES,	\
		     "core " #n ": cores are numbered 0, 1, 2, ... in the order of the list"); \
	RTFMX_CORE_ONCE(n)						\
	RTFMX_EACH_USE(RTFMX_CHECK_IDLE_USE, n, __VA_ARGS__)
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
	__extension__ enum rtfmx_given {				\
		LIST(RTFMX_CORE_GIVEN, RTFMX_NONE, RTFMX_TASK_GIVEN)	\
		RTFMX_LAST_GIVEN = 1ULL << 63				\
	};								\
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
#define RTFMX_TASK_RUN(...)	RTFMX_TASK_RUN_(__VA_ARGS__, )
#define RTFMX_TASK_RUN_(t, ...)						\
	RTFMX_EACH(RTFMX_BODY, t, __VA_ARGS__)				\
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
#define RTFMX_CORE_RUN(...)	RTFMX_CORE_RUN_(__VA_ARGS__, )
#define RTFMX_CORE_RUN_(n, ...)					\
	__attribute__((unused)) static void				\
	rtfmx_init_##n(struct rtfmx_cx *cx __attribute__((unused)))	\
	{								\
		RTFMX_CAT(RTFMX_CALL_INIT_,				\
			  RTFMX_COUNT(n RTFMX_EACH(RTFMX_WITH_INIT, n, __VA_ARGS__)))(n) \
	}								\
	__attribute__((unused)) static void				\
	rtfmx_idle_##n(struct rtfmx_cx *cx __attribute__((unused)))	\
	{								\
		RTFMX_CAT(RTFMX_CALL_IDLE_,				\
			  RTFMX_COUNT(n RTFMX_EACH(RTFMX_WITH_IDLE, n, __VA_ARGS__)))(n) \
	}
#define RTFMX_CALL_INIT_1(n)
#define RTFMX_CALL_INIT_2(n)	rtfm_init_##n((struct init_##n##_cx *)cx);
#define RTFMX_CALL_IDLE_1(n)
#define RTFMX_CALL_IDLE_2(n)	rtfm_idle_##n((struct idle_##n##_cx *)cx);
#define RTFMX_CORE_ROW(...)	RTFMX_CORE_ROW_(__VA_ARGS__, )
#define RTFMX_CORE_ROW_(n, ...)					\
	{ rtfmx_list_has_init_##n ? rtfmx_init_##n : NULL,		\
	  rtfmx_list_has_idle_##n ? rtfmx_idle_##n : NULL },

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
