/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tracepoints. Apps and cores are named by number: an app by a count of those
 * set up since the module was loaded, a core by its index in the app.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM rtfm

#if !defined(RTFM_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define RTFM_TRACE_H

#include <linux/tracepoint.h>
#include <linux/types.h>

#include "pure/deliver.h"

TRACE_DEFINE_ENUM(RTFM_DELIVER_AWAY);
TRACE_DEFINE_ENUM(RTFM_DELIVER_KERNEL);
TRACE_DEFINE_ENUM(RTFM_DELIVER_USER);
TRACE_DEFINE_ENUM(RTFM_DELIVER_PARKED);
TRACE_DEFINE_ENUM(RTFM_DELIVER_HOLD);
TRACE_DEFINE_ENUM(RTFM_DELIVER_LOOK);
TRACE_DEFINE_ENUM(RTFM_DELIVER_WAKE);
TRACE_DEFINE_ENUM(RTFM_DELIVER_DOORBELL);
TRACE_DEFINE_ENUM(RTFM_DELIVER_UPCALL);

#define rtfm_show_at(at)					\
	__print_symbolic(at,					\
			 { RTFM_DELIVER_AWAY, "away" },		\
			 { RTFM_DELIVER_KERNEL, "kernel" },	\
			 { RTFM_DELIVER_USER, "user" },		\
			 { RTFM_DELIVER_PARKED, "parked" })

#define rtfm_show_verdict(verdict)				\
	__print_symbolic(verdict,				\
			 { RTFM_DELIVER_HOLD, "hold" },		\
			 { RTFM_DELIVER_LOOK, "look" },		\
			 { RTFM_DELIVER_WAKE, "wake" },		\
			 { RTFM_DELIVER_DOORBELL, "doorbell" },	\
			 { RTFM_DELIVER_UPCALL, "upcall" })

/**
 * rtfm_release - a job with an instant has become due
 * @app: id of the app
 * @core: index of the core
 * @level: priority of the job
 * @job: its cookie
 * @seq: its number among the core's jobs, 0 if it was lost
 * @instant: when it was due, CLOCK_MONOTONIC ns
 * @now: when the interrupt that released it began to
 * @pushed: false: an overrun, or the ring was full, and the job is lost
 *
 * In the timer's interrupt, in the order in which the thread sees the jobs.
 */
TRACE_EVENT(rtfm_release,
	TP_PROTO(u32 app, u32 core, u32 level, u32 job, u32 seq, u64 instant, u64 now,
		 bool pushed),
	TP_ARGS(app, core, level, job, seq, instant, now, pushed),
	TP_STRUCT__entry(
		__field(u32, app)
		__field(u32, core)
		__field(u32, level)
		__field(u32, job)
		__field(u32, seq)
		__field(bool, pushed)
		__field(u64, instant)
		__field(u64, now)
	),
	TP_fast_assign(
		__entry->app = app;
		__entry->core = core;
		__entry->level = level;
		__entry->job = job;
		__entry->seq = seq;
		__entry->pushed = pushed;
		__entry->instant = instant;
		__entry->now = now;
	),
	TP_printk("app=%u core=%u level=%u job=%u seq=%u instant=%llu now=%llu pushed=%d",
		  __entry->app, __entry->core, __entry->level, __entry->job, __entry->seq,
		  __entry->instant, __entry->now, __entry->pushed)
);

/**
 * rtfm_deliver - it has been decided how to notify the thread of a ready job
 * @app: id of the app
 * @core: index of the core
 * @level: highest level that is ready, 0 if only attention bits are
 * @ceiling: the core's ceiling then
 * @at: where its thread was
 * @verdict: what is done now
 */
TRACE_EVENT(rtfm_deliver,
	TP_PROTO(u32 app, u32 core, u32 level, u32 ceiling, enum rtfm_deliver_at at,
		 enum rtfm_deliver_verdict verdict),
	TP_ARGS(app, core, level, ceiling, at, verdict),
	TP_STRUCT__entry(
		__field(u32, app)
		__field(u32, core)
		__field(u32, level)
		__field(u32, ceiling)
		__field(u32, at)
		__field(u32, verdict)
	),
	TP_fast_assign(
		__entry->app = app;
		__entry->core = core;
		__entry->level = level;
		__entry->ceiling = ceiling;
		__entry->at = at;
		__entry->verdict = verdict;
	),
	TP_printk("app=%u core=%u level=%u ceiling=%u at=%s verdict=%s",
		  __entry->app, __entry->core, __entry->level, __entry->ceiling,
		  rtfm_show_at(__entry->at), rtfm_show_verdict(__entry->verdict))
);

/**
 * rtfm_park - a thread is about to sleep until something is ready
 * @app: id of the app
 * @core: index of the core
 */
TRACE_EVENT(rtfm_park,
	TP_PROTO(u32 app, u32 core),
	TP_ARGS(app, core),
	TP_STRUCT__entry(
		__field(u32, app)
		__field(u32, core)
	),
	TP_fast_assign(
		__entry->app = app;
		__entry->core = core;
	),
	TP_printk("app=%u core=%u", __entry->app, __entry->core)
);

/**
 * rtfm_unpark - it goes back to user mode
 * @app: id of the app
 * @core: index of the core
 * @err: what RTFM_IOC_PARK answers
 */
TRACE_EVENT(rtfm_unpark,
	TP_PROTO(u32 app, u32 core, int err),
	TP_ARGS(app, core, err),
	TP_STRUCT__entry(
		__field(u32, app)
		__field(u32, core)
		__field(int, err)
	),
	TP_fast_assign(
		__entry->app = app;
		__entry->core = core;
		__entry->err = err;
	),
	TP_printk("app=%u core=%u err=%d", __entry->app, __entry->core, __entry->err)
);

/**
 * rtfm_kick - a thread has kicked a core
 * @app: id of the app
 * @core: index of the core
 * @cpu: its CPU
 * @parked: its thread was parked: woken from here, with no interrupt
 */
TRACE_EVENT(rtfm_kick,
	TP_PROTO(u32 app, u32 core, int cpu, bool parked),
	TP_ARGS(app, core, cpu, parked),
	TP_STRUCT__entry(
		__field(u32, app)
		__field(u32, core)
		__field(int, cpu)
		__field(bool, parked)
	),
	TP_fast_assign(
		__entry->app = app;
		__entry->core = core;
		__entry->cpu = cpu;
		__entry->parked = parked;
	),
	TP_printk("app=%u core=%u cpu=%d parked=%d", __entry->app, __entry->core,
		  __entry->cpu, __entry->parked)
);

#endif /* RTFM_TRACE_H */

/* outside the guard: found by the -I that Kbuild gives trace.o */
#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
