/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * RTFM for Linux: the Stack Resource Policy as a programming model.
 *
 * An application is a list of cores, resources and tasks, a body for each task,
 * and a call of rtfm_run():
 *
 *	#include <rtfm.h>
 *
 *	#define BLINK(core, resource, task)				\
 *		core(0, init)						\
 *		resource(count, unsigned long, 0)			\
 *		task(tick, priority(2), uses(count))			\
 *		task(report, priority(1), uses(count), message(int x))
 *	RTFM_APP(BLINK);
 *
 *	RTFM_INIT(0) { rtfm_unwrap(rtfm_spawn(report, .x = 1)); }
 *	RTFM_TASK(tick) { ++*rtfm_exclusive(count); }
 *	RTFM_TASK(report)
 *	{
 *		rtfm_lock(count) {
 *			*count += msg->x;
 *		}
 *	}
 *
 *	RTFM_MAIN()
 *
 * Priorities, ceilings, capacities and cores are constants that the compiler computes,
 * and a mistake is a compile error that names the task. The same program runs on
 * several engines (enum rtfm_engine), with the same observable behaviour.
 *
 * Functions return 0 or a value, or a negative error code; none sets errno. "Context"
 * says where a call may be made: in init, a task or idle, which are the bodies below, or
 * in a foreign thread, which is one that is not a core. The header is C11 and C++17, for
 * gcc and clang.
 */
#ifndef RTFM_H
#define RTFM_H

#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rtfm/declare.h>

/*
 * Implicit conversions between integers and pointers, and between pointers to different
 * types, are errors, so that a payload of the wrong type does not compile.
 */
#ifndef __cplusplus
#pragma GCC diagnostic error "-Wint-conversion"
#pragma GCC diagnostic error "-Wincompatible-pointer-types"
#endif

/**
 * DOC: the list
 *
 * The list is a macro with three parameters, one for each kind of item. Resources and
 * tasks belong to the core() above them.
 *
 *	core(n, attributes)
 *		Cores are numbered 0, 1, 2, ... in the order of the list. Attributes:
 *
 *		init, idle
 *			The core has the body RTFM_INIT(n), or RTFM_IDLE(n).
 *		uses(resources)
 *			The resources that idle may lock.
 *	resource(name, type, initial value)
 *		A variable that tasks of its core share.
 *	task(name, attributes)
 *		Attributes, in any order:
 *
 *		priority(p)
 *			1..31, higher is more urgent. Default: 1.
 *		capacity(n)
 *			The number of jobs that each sender, which is a core, may have
 *			pending at the task. Default: 1.
 *		message(fields)
 *			The payload: the members of a struct.
 *		uses(resources)
 *			The resources that the task may lock.
 *		remote
 *			Other cores may send to the task.
 *		period(ns)
 *			The task is released at the start of the app + offset, and once
 *			each period after that; see rtfm_overruns(). It has no message.
 *		offset(ns)
 *			Default: 0.
 *		general_regs
 *			The body is compiled without floating-point and vector registers:
 *			on x86-64, and with gcc on arm64; elsewhere it has no effect. A body
 *			that computes in floating point then does not compile (gcc) or link
 *			(clang). Functions that it calls are not checked: they must not
 *			compute in floating point either; copying, as in memcpy(), is allowed.
 *
 * The list defines struct <task>_cx and struct <task>_msg, and the constants
 * RTFM_TASK_<task>, RTFM_PRIORITY_<task>, RTFM_CAPACITY_<task>,
 * RTFM_CEILING_<resource>, RTFM_NCORES, RTFM_NTASKS and RTFM_NRESOURCES.
 * The ceiling of a resource is the highest priority among the tasks that use it
 * (T. P. Baker, "Stack-Based Scheduling of Realtime Processes", 1991).
 */

/**
 * RTFM_APP() - declare and define the application, in a program of one file
 * @LIST: name of the macro with the list
 */
#define RTFM_APP(LIST)		RTFMX_CAT(RTFMX_APP_, RTFMX_CHECK(LIST))(LIST)

/**
 * RTFM_DECLARE() - declare the application, in a header that its files include
 * @LIST: name of the macro with the list
 */
#define RTFM_DECLARE(LIST)	RTFMX_CAT(RTFMX_DECLARE_, RTFMX_CHECK(LIST))(LIST)

/**
 * RTFM_DEFINE() - define what RTFM_DECLARE() declares, in one of the files
 * @LIST: name of the macro with the list
 */
#define RTFM_DEFINE(LIST)	RTFMX_CAT(RTFMX_DEFINE_, RTFMX_CHECK(LIST))(LIST)

/**
 * RTFM_TASK() - begin the body of a task
 * @name: name of the task
 *
 * In the body, @cx is the context and @msg the payload, a copy that belongs to the
 * job. cx->scheduled is the baseline of the job: for a scheduled job its instant, for a
 * spawned job the baseline of its sender, or the start of the app if init is the sender.
 * The body runs to completion. It may call async-signal-safe functions only; see rtfm(7).
 *
 * In C++ the bodies of tasks, init and idle are noexcept: an exception that leaves one
 * calls std::terminate().
 */
#define RTFM_TASK(name)							\
	enum { name##_has_two_bodies = RTFMX_LISTED_TASK(name) };	\
	struct name##_cx;						\
	struct name##_msg;						\
	void rtfm_task_##name(struct name##_cx *cx __attribute__((unused)), \
			      struct name##_msg *msg __attribute__((unused))) RTFMX_NOEXCEPT

/**
 * RTFM_INIT() - begin the body of the init of a core
 * @core: number of the core
 *
 * Runs first. No task runs on any core before every init has returned. It may use
 * every resource of its core.
 *
 * The app starts when the last init has returned, or 2 ms later if there are periodic
 * tasks, at the same instant on all cores. The start is the origin of all periodic
 * tasks and the baseline of the jobs that init has spawned: their first release is on
 * time, however long init took. In init itself cx->scheduled is an instant before the
 * first init began, the same on all cores: a job that init schedules relative to it is
 * late if the inits take longer than that.
 */
#define RTFM_INIT(core)							\
	enum { core_##core##_has_two_inits = RTFMX_LISTED_CORE(core) };	\
	RTFMX_ASSERT(rtfmx_list_has_init_##core == 1,			\
		     "core " #core ": RTFM_INIT(" #core "), but no init in the list"); \
	void rtfm_init_##core(struct init_##core##_cx *cx __attribute__((unused))) \
		RTFMX_NOEXCEPT

/**
 * RTFM_IDLE() - begin the body of the idle of a core
 * @core: number of the core
 *
 * Runs at priority 0 while the core runs no job. Its cx->scheduled is the start of the
 * app. It has to return once rtfm_running() is 0: rtfm_run() waits for that. A core
 * without idle, or whose idle has returned, sleeps while it has no job.
 */
#define RTFM_IDLE(core)							\
	enum { core_##core##_has_two_idles = RTFMX_LISTED_CORE(core) };	\
	RTFMX_ASSERT(rtfmx_list_has_idle_##core == 1,			\
		     "core " #core ": RTFM_IDLE(" #core "), but no idle in the list"); \
	void rtfm_idle_##core(struct idle_##core##_cx *cx __attribute__((unused))) \
		RTFMX_NOEXCEPT

/**
 * rtfm_lock() - lock a resource for the block that follows
 * @resource: one that the task, or idle, uses
 *
 * In the block, the name of the resource is a pointer to it. Every way out of the block
 * unlocks: its end, return, goto; but not longjmp(). Locks nest. In a task that has the
 * highest priority of all that use the resource, the lock compiles to nothing.
 *
 * In C++ a break or continue in the block applies to the loop around it. In C a break does
 * not compile, unless it applies to a loop or switch inside the block, and a continue only
 * ends the block: to leave a loop around the block, use goto.
 *
 * An if whose only statement is a lock needs braces, or -Wdangling-else warns. In C a
 * lock cannot be in an argument that a macro expands more than once.
 *
 * Context: Init, task, idle, and functions that have the context as @cx.
 */
#define rtfm_lock(resource)						\
	RTFMX_LOCK(resource, RTFMX_CAT(rtfm_lock_expanded_twice_, __COUNTER__))

#ifdef __cplusplus
#define RTFMX_LOCK(resource, label)					\
	if (struct rtfmx_guard rtfmx_guard_##resource			\
		    __attribute__((cleanup(rtfmx_unlock), unused)) =	\
		    rtfmx_lock(RTFMX_LOCK_ARGS(resource)); false) {	\
	} else if (rtfm_type_##resource *resource __attribute__((unused)) = \
			   &rtfm_resource_##resource; false) {		\
	} else
#else
/*
 * In C only a for statement can declare a variable for the block behind it. At the end of
 * the block the inner for jumps to the label, whose break ends the outer one. A break in
 * the block ends only the inner for. The outer one then calls rtfmx_break_in_lock(), which
 * is a compile error if the call is reachable, and it is reachable in no other way.
 */
#define RTFMX_LOCK(resource, label)					\
	for (struct rtfmx_guard rtfmx_guard_##resource			\
		     __attribute__((cleanup(rtfmx_unlock), unused)) =		\
		     rtfmx_lock(RTFMX_LOCK_ARGS(resource));;		\
	     rtfmx_break_in_lock())					\
		if (0) {						\
label:			break;						\
		} else							\
			for (rtfm_type_##resource *resource __attribute__((unused)) = \
				     &rtfm_resource_##resource;;	\
			     __extension__ ({ goto label; }))

void rtfmx_break_in_lock(void)
#if !defined(__clang__) || __has_attribute(error)
	__attribute__((error("break in the block of rtfm_lock() would not end the loop around it")))
#endif
	;
#endif

#define RTFMX_LOCK_ARGS(r)						\
	__extension__ ({ RTFMX_CHECK_HERE(r); RTFMX_HERE->rtfmx_ctl; }),	\
	RTFM_CEILING_##r,						\
	(unsigned int)RTFM_CEILING_##r <= RTFMX_CX_PRIORITY ? RTFMX_GUARD_NONE : \
	RTFMX_REMOTE_TOP(RTFMX_CX_CORE) > RTFMX_CX_PRIORITY ?		\
	RTFMX_GUARD_REMOTE : RTFMX_GUARD_LOCAL

#define RTFMX_CHECK_HERE(r)						\
	RTFMX_CHECK_CX();						\
	(void)sizeof(RTFMX_HERE->r)

/**
 * RTFM_HELPER() - declare a function that several tasks call
 * @...: ``helper, core, uses(resources)``: name of the function, number of the core, and
 *	the resources that it locks; uses() may be omitted
 *
 * Goes after RTFM_APP() or RTFM_DECLARE(), and declares struct <helper>_cx. The first
 * parameter of the function is a pointer to this struct, and its name is cx. The function
 * may then lock and send like a task::
 *
 *	RTFM_HELPER(add, 0, uses(count));
 *	static void add(struct add_cx *cx, int x) { rtfm_lock(count) *count += x; }
 *	RTFM_TASK(foo) { rtfm_call(add, 3); }
 *
 * A lock in a helper always raises the ceiling, even if the caller needs no lock.
 */
#define RTFM_HELPER(...)	RTFMX_HELPER(__VA_ARGS__, , , , , , )

/**
 * rtfm_call() - call a helper
 * @...: ``helper, argument, ...``: name of the helper, and its arguments after cx
 *
 * The caller is init, idle, a task or another helper. It must belong to the helper's core
 * and use all the resources that the helper uses; otherwise the call does not compile. So
 * the ceilings are right in the helper, too.
 *
 * Return: What the helper returns.
 *
 * Context: Init, task, idle, and helpers.
 */
#define rtfm_call(...)		RTFMX_CALL(RTFMX_ONE_OR_TWO(__VA_ARGS__), __VA_ARGS__)

/**
 * rtfm_exclusive() - access a resource without a lock
 * @resource: one that the task uses, and that no task of a higher priority uses
 *
 * If a task of a higher priority uses the resource, too, this does not compile: use
 * rtfm_lock().
 *
 * Return: A pointer to the resource.
 *
 * Context: Init, task, idle.
 */
#define rtfm_exclusive(resource)					\
	(__extension__ ({						\
		RTFMX_CHECK_HERE(resource);				\
		RTFMX_ASSERT((unsigned int)RTFM_CEILING_##resource <= RTFMX_CX_PRIORITY, \
			     #resource " is used at a higher priority, too: use rtfm_lock()"); \
		&rtfm_resource_##resource;				\
	}))

/**
 * rtfm_spawn() - send a job to a task
 * @...: ``task, .field = value, ...``: name of the task, then its payload, as the
 *	initialisers of a struct
 *
 * If the task belongs to this core and its priority is above the system ceiling, the
 * job has run when this returns. On the engines soft and kmod, a system call is made only
 * to wake or interrupt another core; on engine signal, for each job.
 *
 * Return:
 * * 0: The job was sent.
 * * -EAGAIN: The sender has as many jobs pending at the task as its capacity; or, on engine
 *   signal, RLIMIT_SIGPENDING is reached. Nothing has changed.
 * * -ESHUTDOWN: The task's core has left, or the app is ending. For a task of this core, 0
 *   may be returned instead; the job does not run.
 *
 * Context: Init, task, idle.
 */
#define rtfm_spawn(...)		rtfmx_checked(RTFMX_SPAWN(__VA_ARGS__, ))
#define RTFMX_SPAWN(task, ...)						\
	(__extension__ ({						\
		RTFMX_CHECK_SEND(task);					\
		struct task##_msg rtfmx_msg = { __VA_ARGS__ };		\
									\
		rtfmx_spawn(RTFMX_HERE->rtfmx_core, RTFMX_HERE->rtfmx_ctl, \
			    RTFMX_TO_TASK(rtfmx_to), RTFMX_TO_LEVEL(rtfmx_to), \
			    RTFMX_TO_CORE(rtfmx_to) == RTFMX_CX_CORE,	\
			    RTFMX_HERE->scheduled, &rtfmx_msg,		\
			    RTFMX_TO_MESSAGE(rtfmx_to) ? sizeof(rtfmx_msg) : 0); \
	}))

#define RTFMX_CHECK_SEND(task)						\
	enum { rtfmx_to = RTFMX_LISTED_TASK(task) };			\
	RTFMX_CHECK_CX();						\
	RTFMX_ASSERT(RTFMX_TO_CORE(rtfmx_to) == RTFMX_CX_CORE || RTFMX_TO_REMOTE(rtfmx_to), \
		     "task " #task " belongs to another core and is not declared remote")

/**
 * typedef rtfm_handle - identifies a scheduled job
 *
 * Positive. Returned by rtfm_schedule(), valid until the job is released.
 */
typedef int64_t rtfm_handle;

/**
 * rtfm_schedule() - send a job to a task, to be released at an instant
 * @...: ``task, instant, .field = value, ...``: name of the task; the instant,
 *	CLOCK_MONOTONIC, in ns; then the payload, as for rtfm_spawn()
 *
 * An instant is a uint64_t: rtfm_now(), cx->scheduled, or the sum of one of them and a
 * duration. A duration alone, which is an int64_t, and an int do not compile:
 * rtfm_schedule_after() takes a duration.
 *
 * A job is never released early. If the instant has passed it is released at once. Jobs
 * that one core schedules for the same instant are released in the order of the calls.
 * The job's cx->scheduled is the instant, however late it runs.
 *
 * Return:
 * * A positive handle for rtfm_cancel() and rtfm_reschedule().
 * * -EAGAIN: As for rtfm_spawn(). Nothing has changed.
 * * -EINVAL: The instant is above 2^63 - 1.
 * * -ESHUTDOWN: The task's core has left, or the app is ending.
 *
 * Context: Init, task, idle.
 */
#define rtfm_schedule(...)	rtfmx_checked64(RTFMX_SCHEDULE(__VA_ARGS__, ))
#define RTFMX_SCHEDULE(task, instant, ...)				\
	RTFMX_SCHEDULE_AT(task, RTFMX_INSTANT(instant), __VA_ARGS__)
#define RTFMX_SCHEDULE_AT(task, instant, ...)				\
	(__extension__ ({						\
		RTFMX_CHECK_SEND(task);					\
		struct task##_msg rtfmx_msg = { __VA_ARGS__ };		\
									\
		rtfmx_schedule(RTFMX_HERE->rtfmx_core, RTFMX_TO_TASK(rtfmx_to),	\
			       (instant), &rtfmx_msg);			\
	}))

/**
 * rtfm_schedule_after() - send a job to a task, to be released some time from now
 * @...: ``task, duration, .field = value, ...``: name of the task; the duration, an int64_t
 *	in ns, as RTFM_MSEC(5) is; then the payload, as for rtfm_spawn()
 *
 * The instant is rtfm_now() plus the duration; if that is negative, the job is released at
 * once. A job that schedules its successor in this way adds its own lateness. For a period
 * without drift, schedule at cx->scheduled plus the period, or declare period().
 *
 * Return: As for rtfm_schedule().
 *
 * Context: Init, task, idle.
 */
#define rtfm_schedule_after(...) rtfmx_checked64(RTFMX_SCHEDULE_AFTER(__VA_ARGS__, ))
#define RTFMX_SCHEDULE_AFTER(task, duration, ...)			\
	RTFMX_SCHEDULE_AT(task, RTFMX_AFTER(duration), __VA_ARGS__)

#define RTFMX_NO_INSTANT "an instant is a uint64_t, such as rtfm_now() + RTFM_MSEC(5); for a duration use rtfm_schedule_after()"
#define RTFMX_NO_DURATION "a duration is an int64_t, such as RTFM_MSEC(5); for an instant use rtfm_schedule()"
#define RTFMX_INSTANT(x)						\
	(__extension__ ({						\
		RTFMX_ASSERT(RTFMX_KIND(x) == RTFMX_KIND_INSTANT, RTFMX_NO_INSTANT); \
		(uint64_t)(x);						\
	}))
#define RTFMX_AFTER(x)							\
	(__extension__ ({						\
		RTFMX_ASSERT(RTFMX_KIND(x) == RTFMX_KIND_DURATION, RTFMX_NO_DURATION); \
		rtfmx_after((int64_t)(x));				\
	}))

/**
 * rtfm_cancel() - cancel a scheduled job
 * @handle: from rtfm_schedule()
 *
 * Return:
 * * 0: The job is cancelled; exactly one call succeeds.
 * * -ENOENT: The job was released or cancelled before, its core has left, or no call
 *   returned this @handle.
 *
 * Context: Init, task, idle, on any core of the app.
 */
#define rtfm_cancel(handle)	rtfmx_cancel(RTFMX_HERE->rtfmx_core, (handle))

/**
 * rtfm_reschedule() - move a scheduled job to another instant
 * @handle: from rtfm_schedule()
 * @instant: the new instant, as for rtfm_schedule()
 *
 * Return:
 * * A new handle; the old one is no longer valid.
 * * -ENOENT: The job was released or cancelled before.
 * * -EINVAL: @instant is above 2^63 - 1.
 * * -EAGAIN: The job's core has not processed earlier moves yet; it has been notified.
 *   Nothing has changed; the job may have been released already. Try again later.
 * * -ESHUTDOWN: The job's core has left, and the job is lost.
 *
 * Context: Init, task, idle, on any core of the app.
 */
#define rtfm_reschedule(handle, instant)				\
	rtfmx_checked64(rtfmx_reschedule(RTFMX_HERE->rtfmx_core, (handle), RTFMX_INSTANT(instant)))

/**
 * rtfm_reschedule_after() - move a scheduled job to some time from now
 * @handle: from rtfm_schedule()
 * @duration: as for rtfm_schedule_after()
 *
 * Return: As for rtfm_reschedule().
 *
 * Context: Init, task, idle, on any core of the app.
 */
#define rtfm_reschedule_after(handle, duration)				\
	rtfmx_checked64(rtfmx_reschedule(RTFMX_HERE->rtfmx_core, (handle), RTFMX_AFTER(duration)))

/**
 * rtfm_overruns() - count the releases of a periodic task at which its job had not ended
 * @task: name of the task
 *
 * If the previous job has not started, the release is skipped; if it is running, the
 * new job starts when it ends. Both are overruns, and are counted at the latest when the
 * next job starts. Skipped releases are not made up. cx->scheduled is always start +
 * offset + k * period, and shows which releases were skipped.
 *
 * Return: The number of overruns since the start of the app.
 *
 * Context: Init, task, idle, on any core.
 */
#define rtfm_overruns(task)						\
	(__extension__ ({						\
		RTFMX_ASSERT((uint64_t)RTFMX_PERIOD_OF_##task != 0,	\
			     "task " #task " is not periodic");		\
		rtfmx_overruns(RTFM_TASK_##task);			\
	}))

/**
 * RTFM_USEC() - a duration, an int64_t in ns, from microseconds
 * @n: microseconds
 */
#define RTFM_USEC(n)		((int64_t)((n) * INT64_C(1000)))

/**
 * RTFM_MSEC() - a duration, an int64_t in ns, from milliseconds
 * @n: milliseconds
 */
#define RTFM_MSEC(n)		((int64_t)((n) * INT64_C(1000000)))

/**
 * RTFM_SEC() - a duration, an int64_t in ns, from seconds
 * @n: seconds
 */
#define RTFM_SEC(n)		((int64_t)((n) * INT64_C(1000000000)))

/**
 * rtfm_core() - the number of this core
 *
 * Return: A constant.
 *
 * Context: Init, task, idle.
 */
#define rtfm_core()		RTFMX_CX_CORE

/**
 * rtfm_wait() - let idle sleep until a job has run on its core
 *
 * It may return early, and it returns when the app ends. If idle tests data that jobs
 * write, hold the lock across the test and this call, so that no wake-up is lost: a job
 * that the lock defers makes rtfm_wait() return.
 *
 * Context: Idle.
 */
#define rtfm_wait()							\
	(__extension__ ({						\
		RTFMX_ASSERT(RTFMX_CX_IDLE, "rtfm_wait() is for idle");	\
		rtfmx_wait(RTFMX_HERE->rtfmx_core);				\
	}))

/**
 * rtfm_poll() - let idle sleep until a job has run on its core, or a file is ready
 * @files: an array of struct pollfd, as for poll(2)
 * @nfiles: its length, at most RTFM_MAX_POLL
 * @timeout: in ns from now; if negative, there is none
 *
 * Returns when a descriptor is ready, after the time-out, when a job has run or is
 * deferred by a lock that idle holds, and when the app ends; it may return early. If the
 * app ends between a test of rtfm_running() and this call, the call returns at once. To
 * wait for data that jobs write, hold the lock across the test and the call. Sleeps also
 * with %RTFM_POLL.
 *
 * The end of the app interrupts other system calls in which idle sleeps: they return
 * EINTR. If the app ends between a test of rtfm_running() and the call, the call returns
 * EINTR within 20 ms; this needs a timer, which RLIMIT_SIGPENDING may refuse.
 *
 * Return:
 * * The number of descriptors that are ready, whose revents are set; 0 if none is.
 * * -EINVAL: @nfiles is above RTFM_MAX_POLL. Other errors are those of ppoll(2).
 *
 * Context: Idle.
 */
#define rtfm_poll(files, nfiles, timeout)				\
	(__extension__ ({						\
		RTFMX_ASSERT(RTFMX_CX_IDLE, "rtfm_poll() is for idle"); \
		rtfmx_poll(RTFMX_HERE->rtfmx_core, (files), (nfiles), (timeout)); \
	}))
#define RTFM_MAX_POLL 1024

#define RTFMX_TEXT(x)		RTFMX_TEXT_(x)
#define RTFMX_TEXT_(x)		#x

/**
 * rtfm_unwrap() - abort if a call failed
 * @call: a call that returns a negative error code on failure
 *
 * On failure, prints the call, its file and line, and the error, and aborts. If the call is
 * a spawn or schedule that exceeds the capacity, the message names the task. -ESHUTDOWN is
 * not a failure: the app is ending, and drops the jobs that are sent then.
 *
 * Return: What the call returned: not negative, or -ESHUTDOWN.
 *
 * Context: Any.
 */
#define rtfm_unwrap(call)						\
	(__extension__ ({						\
		RTFMX_AUTO rtfmx_ret = (call);				\
									\
		if (RTFMX_UNLIKELY(rtfmx_ret < 0))			\
			rtfmx_unwrap_failed(__FILE__ ":" RTFMX_TEXT(__LINE__), #call, \
					    -(int)rtfmx_ret);		\
		rtfmx_ret;						\
	}))

/**
 * enum rtfm_engine - how the model is implemented
 * @RTFM_ENGINE_DEFAULT: RTFM_ENGINE of the environment; if that is not set, auto
 * @RTFM_ENGINE_AUTO: kmod if /dev/rtfm can be opened, else soft
 * @RTFM_ENGINE_SIGNAL: a real-time signal for each priority; the reference
 * @RTFM_ENGINE_SOFT: a ceiling word in memory, and one signal, the doorbell
 * @RTFM_ENGINE_KMOD: the same ceiling word, and rtfm.ko
 */
enum rtfm_engine {
	RTFM_ENGINE_DEFAULT,
	RTFM_ENGINE_AUTO,
	RTFM_ENGINE_SIGNAL,
	RTFM_ENGINE_SOFT,
	RTFM_ENGINE_KMOD,
};

/**
 * enum rtfm_realtime - whether real-time properties are required
 * @RTFM_REALTIME_DEFAULT: RTFM_REALTIME of the environment; if that is not set, prefer
 * @RTFM_REALTIME_PREFER: request them; report on stderr which were refused, and why
 * @RTFM_REALTIME_REQUIRE: do not start without them
 * @RTFM_REALTIME_OFF: do not request them
 */
enum rtfm_realtime {
	RTFM_REALTIME_DEFAULT,
	RTFM_REALTIME_PREFER,
	RTFM_REALTIME_REQUIRE,
	RTFM_REALTIME_OFF,
};

/**
 * enum rtfm_delivery - how engine kmod interrupts a running thread
 * @RTFM_DELIVERY_DEFAULT: RTFM_DELIVERY of the environment; if that is not set, auto
 * @RTFM_DELIVERY_AUTO: by upcall if the kernel supports it, else by doorbell
 * @RTFM_DELIVERY_UPCALL: do not start without upcalls
 * @RTFM_DELIVERY_DOORBELL: by doorbell only: for comparison, and for tools that cannot
 *	follow a thread that is redirected
 *
 * The other engines use the doorbell and ignore this.
 */
enum rtfm_delivery {
	RTFM_DELIVERY_DEFAULT,
	RTFM_DELIVERY_AUTO,
	RTFM_DELIVERY_UPCALL,
	RTFM_DELIVERY_DOORBELL,
};

/**
 * enum rtfm_policy - scheduling policy of the cores' threads
 * @RTFM_POLICY_FIFO: SCHED_FIFO
 * @RTFM_POLICY_RR: SCHED_RR
 * @RTFM_POLICY_OTHER: keep the policy that the thread has
 */
enum rtfm_policy {
	RTFM_POLICY_FIFO,
	RTFM_POLICY_RR,
	RTFM_POLICY_OTHER,
};

/**
 * enum rtfm_flags - further options
 * @RTFM_NO_MLOCK: do not lock the program's memory. By default mlockall() locks its
 *	mappings, present and future, until the end of the app; with a finite RLIMIT_MEMLOCK
 *	and without CAP_IPC_LOCK only the stacks of the cores are locked
 * @RTFM_NO_AFFINITY: do not pin the cores to CPUs (engine kmod pins them anyway)
 * @RTFM_POLL: a core that has no job polls instead of sleeping: the fastest response to
 *	another core, at the price of a whole CPU for each core. On engine kmod a real-time
 *	core sleeps for a tenth of that time, and polls again 100 us before its next timer
 *	expires. Engine signal ignores the flag
 * @RTFM_EXIT_ON_SIGNAL: SIGINT (Ctrl-C) and SIGTERM call rtfm_exit(128 + number), that is
 *	130 and 143. A second signal of the same number has its default action, which ends
 *	the process, in case the app does not end. A signal that was ignored when rtfm_run()
 *	was called remains ignored. rtfm_run() restores the handlers when it returns
 */
enum rtfm_flags {
	RTFM_NO_MLOCK = 1 << 0,
	RTFM_NO_AFFINITY = 1 << 1,
	RTFM_POLL = 1 << 2,
	RTFM_EXIT_ON_SIGNAL = 1 << 3,
};

/**
 * enum rtfm_fp - the floating-point environment in which init, idle and each job begin
 * @RTFM_FP_DEFAULT: RTFM_FP of the environment; if that is not set, standard
 * @RTFM_FP_STANDARD: that of a new program: round to nearest, no exception traps,
 *	subnormal numbers as in IEEE 754
 * @RTFM_FP_FLUSH_TO_ZERO: the same, but the CPU takes subnormal operands and results as
 *	zero, so that they do not make an operation slower (x86-64: DAZ and FTZ, which affect
 *	SSE and AVX, but not long double). -EOPNOTSUPP on other architectures
 * @RTFM_FP_CALLER: that of the thread that calls rtfm_run(): rounding direction, traps,
 *	precision, subnormal numbers
 *
 * The same on all engines. If a job changes its environment, the code that it preempts and
 * the next job are not affected. For a task that is declared general_regs the environment
 * is not switched.
 */
enum rtfm_fp {
	RTFM_FP_DEFAULT,
	RTFM_FP_STANDARD,
	RTFM_FP_FLUSH_TO_ZERO,
	RTFM_FP_CALLER,
};

/**
 * struct rtfm_options - how to run an app
 * @size: sizeof(struct rtfm_options)
 * @engine: which engine
 * @realtime: whether real-time properties are required
 * @policy: scheduling policy
 * @priority: SCHED_FIFO or SCHED_RR priority of all cores, 1..98, or RTFM_PRIORITY_NONE
 *	for a thread that is not real-time; 0 means 1. A timekeeper thread of engine soft
 *	runs one above its core
 * @flags: of enum rtfm_flags
 * @cpus: the CPU of each core; it need not be in the caller's affinity mask. NULL: core n
 *	runs on the n-th CPU of that mask (sched_getaffinity(2)), which taskset, cpusets and
 *	isolcpus determine. If there are fewer CPUs than cores, the assignment starts again
 *	with the first, and sharing a CPU counts as a real-time property that was refused
 * @ncpus: length of @cpus, at least the number of cores
 * @doorbell: the signal that interrupts a running thread (soft, kmod), and its system
 *	calls at the end of the app (all engines): a standard one, 1..31, but not of job
 *	control; 0 means SIGURG, which is ignored by default. System calls that it interrupts
 *	are restarted (SA_RESTART) or return EINTR: signal(7). A signal with this number
 *	from another source reaches the program's own handler, unless it is raised by a
 *	core's own thread, or with engine kmod by the kernel, while the doorbell is pending
 * @stack: bytes of stack for the frames of the jobs of a core, which are all on the stack
 *	at once if the jobs preempt each other; 0 means 64 KiB. These bytes, plus the size of
 *	the core's messages, are written before init so that no page fault happens later. A
 *	core other than 0 has a stack 1 MiB larger than this sum. Core 0 runs on the stack of
 *	the caller, and the sum may be at most half of the space left there. If a core
 *	exhausts its stack, it gets SIGSEGV: a line on stderr names it, then the program's
 *	own action for that signal is taken
 * @delivery: how engine kmod interrupts a running thread
 * @npriorities: length of @priorities, at least the number of cores
 * @priorities: the priority of each core: 1..98, RTFM_PRIORITY_NONE, or 0 for
 *	@priority. NULL: @priority for all
 * @first_signal: engine signal: the first of the real-time signals that it uses; 0 means
 *	SIGRTMIN. It uses one for its timer, and one for each priority that tasks have, the
 *	highest priority first. A signal with one of these numbers from another source
 *	reaches the handler that the program had before rtfm_run(), with its sa_mask and
 *	SA_NODEFER, but not on its alternate stack; without a handler (SIG_DFL) it is ignored
 * @last_signal: the last one that it may use; 0 means SIGRTMAX
 * @fp: floating-point environment in which init, idle and each job begin
 *
 * Set @size; a member that is 0 has its default. In place of a default, an environment
 * variable is used if it is set:
 *
 * RTFM_ENGINE
 *   auto, kmod, soft or signal
 * RTFM_REALTIME
 *   prefer, require or off
 * RTFM_POLICY
 *   fifo, rr or other
 * RTFM_PRIORITY
 *   1..98 or none, for all cores; or one for each: 80,70,none
 * RTFM_CPUS
 *   one for each core, or ranges: 2,3 or 2-3 or 2,4-7
 * RTFM_FLAGS
 *   any of no-mlock,no-affinity,poll,exit-on-signal; added to @flags
 * RTFM_DOORBELL
 *   number of the signal
 * RTFM_SIGNALS
 *   @first_signal, or both: 40 or 40-50
 * RTFM_STACK
 *   bytes; 64k, 2M
 * RTFM_DELIVERY
 *   auto, upcall or doorbell
 * RTFM_FP
 *   standard, flush-to-zero or caller
 *
 * An empty variable counts as not set; a wrong value is -EINVAL. If RTFM_HELP is set, the
 * app does not start, and rtfm_error() is the list of the variables (-ECANCELED).
 */
struct rtfm_options {
	size_t size;
	enum rtfm_engine engine;
	enum rtfm_realtime realtime;
	enum rtfm_policy policy;
	int priority;
	unsigned int flags;
	unsigned int ncpus;
	const int *cpus;
	int doorbell;
	enum rtfm_delivery delivery;
	size_t stack;
	unsigned int npriorities;
	const int *priorities;
	int first_signal;
	int last_signal;
	enum rtfm_fp fp;
};

/* &struct rtfm_options.priority and @priorities: not real-time; keep the policy */
#define RTFM_PRIORITY_NONE	(-1)

#ifdef __cplusplus
extern "C" {
#endif

extern const struct rtfm_app rtfm_app;

/**
 * rtfm_run() - run the application
 * @app: the address of rtfm_app, which RTFM_APP() or RTFM_DEFINE() defines
 * @options: NULL: the defaults
 *
 * The calling thread becomes core 0; for each other core a thread is created. Returns
 * after rtfm_exit(), or when every core has left. The signal mask, signal handlers and
 * scheduling of the caller are restored, except that SCHED_RESET_ON_FORK remains set if
 * core 0 had a real-time priority and the program lacks CAP_SYS_NICE. After an error,
 * rtfm_error() returns the reason as text.
 *
 * A core is pinned to its CPU except during its init, so that threads and processes which
 * init creates are not pinned; for those created later see rtfm_ordinary(). If the CPU of a
 * core goes offline or leaves its cpuset, or its affinity is changed from outside, the core
 * detects that when it has no job and runs on another CPU. It is pinned again: to its own
 * CPU if possible, else to one that no other core uses, if there is one; a line on stderr
 * names it. Engine kmod then interrupts the core by doorbell.
 *
 * The threads of cores cannot be cancelled: a pthread_cancel() of the caller takes effect after
 * rtfm_run() has returned. If a core aborts, SIGABRT kills the process or reaches the program's
 * handler, and before that a line on stderr names the core and the task.
 *
 * Return:
 * * The status of rtfm_exit(), 0..255.
 * * -EINVAL: The list or an option is wrong.
 * * -EBUSY: An app is running in this process.
 * * -ENODEV, -EACCES: /dev/rtfm does not exist, or may not be opened.
 * * -E2BIG: A limit of the module is exceeded.
 * * -EOPNOTSUPP: Upcalls are required and not supported; engine kmod is required in a time
 *   namespace that has an offset of CLOCK_MONOTONIC (time_namespaces(7)); or
 *   %RTFM_FP_FLUSH_TO_ZERO is required and the architecture lacks it.
 * * -ECANCELED: RTFM_HELP is set.
 * * -ESHUTDOWN: The module ended the app.
 * * -EPERM: A real-time property is required and was refused.
 * * -EOWNERDEAD: A body has ended the thread of its core with pthread_exit(). If it was core 0,
 *   rtfm_run() cannot return: the reason is printed on stderr, and the process aborts.
 * * -ENOTRECOVERABLE: A job or a lock was left with longjmp(), or by an exception. Detected when
 *   idle of the core calls rtfm_wait() or rtfm_poll(), or returns.
 * * -EMFILE, -ENFILE, -ENOMEM, -EAGAIN: Not enough files, memory, threads or signals.
 *
 * Context: Foreign. One app at a time in a process.
 */
int rtfm_run(const struct rtfm_app *app, const struct rtfm_options *options);

/**
 * rtfm_error() - the reason why rtfm_run() failed
 *
 * Return: A sentence that names the cause, valid until the next rtfm_run() of the
 * calling thread.
 *
 * Context: Foreign.
 */
const char *rtfm_error(void);

/**
 * rtfm_exit() - end the app
 * @status: what rtfm_run() returns, 0..255
 *
 * No further job starts, on any core. Jobs that have started run to completion, idle
 * has to return, then rtfm_run() returns. The first call decides the status. If the cores
 * do not exist yet, no init runs; a call before the first rtfm_run() of the process makes
 * that one return. Between two calls of rtfm_run() it has no effect.
 *
 * System calls in which the cores sleep return EINTR, also those that signal(7) lists as
 * restarted. Calls that a core makes later are interrupted as well, every 20 ms, until the
 * core has ended. rtfm_poll() no longer sleeps. There is an exception on the engines soft
 * and kmod: if the doorbell has started a job, and neither timers nor other cores can
 * release a job of a higher priority on that core, the job runs with the doorbell blocked,
 * and its system calls are not interrupted.
 *
 * Context: Any, also a signal handler on any thread.
 */
void rtfm_exit(int status);

/**
 * rtfm_leave() - end this core
 *
 * Like rtfm_exit(), but only for the calling core. A later spawn to a task of this core
 * returns -ESHUTDOWN. When all cores have left, rtfm_run() returns 0.
 *
 * If a job calls it, rtfm_wait() and rtfm_poll() of idle return. Other system calls in
 * which idle sleeps are restarted after the job, as after any job: all cores share the
 * handler of the doorbell, which restarts system calls (SA_RESTART) while the app runs.
 *
 * Context: Init, task, idle.
 */
void rtfm_leave(void);

/**
 * rtfm_running() - test whether the app is running
 *
 * Return: 1; or 0 after rtfm_exit() or, on this core, rtfm_leave(), and if no app
 * runs.
 *
 * Context: Any.
 */
int rtfm_running(void);

/**
 * rtfm_ordinary() - undo what a new thread has inherited from a core
 *
 * A thread that a core creates inherits the core's CPU affinity and blocked signals, but
 * not its scheduling policy (SCHED_RESET_ON_FORK). This call, made first in the new
 * thread, sets both to those of the caller of rtfm_run().
 *
 * Threads that init creates do not need it, because init is not pinned, unless
 * they use the signals of engine signal. Children of fork() do not need it either. A child of
 * vfork() makes the call before it executes a program; its parent is not affected. The
 * children of system(), popen() and posix_spawn() run no code of the library: start them in
 * init, or from a thread that has made this call. In a core itself it has no effect.
 *
 * Return:
 * * 0: Done.
 * * -EINVAL, -EPERM: The kernel refuses the CPUs.
 *
 * Context: Foreign, while the app runs; and a child of vfork().
 */
int rtfm_ordinary(void);

/**
 * rtfm_now() - the time
 *
 * Return: CLOCK_MONOTONIC, in ns.
 *
 * Context: Any.
 */
uint64_t rtfm_now(void);

static inline uint64_t rtfmx_after(int64_t duration)
{
	uint64_t now = rtfm_now();

	/* an instant before 0 is 0 */
	return duration >= 0 || (uint64_t)-(duration + 1) < now ? now + (uint64_t)duration : 0;
}

/**
 * rtfm_engine_name() - the engine that runs the app
 *
 * Return: "signal", "soft", "kmod", or "none".
 *
 * Context: Any.
 */
const char *rtfm_engine_name(void);

int rtfmx_cancel(struct rtfmx_core *core, int64_t handle);
int64_t rtfmx_reschedule(struct rtfmx_core *core, int64_t handle, uint64_t instant);
uint64_t rtfmx_overruns(uint32_t task);
void rtfmx_wait(struct rtfmx_core *core);
int rtfmx_unwrap_text(char *text, size_t size, const char *place, const char *call, int err);
int rtfmx_poll(struct rtfmx_core *core, struct pollfd *files, unsigned int nfiles,
	       int64_t timeout);

#ifdef __cplusplus
}
#endif

static __attribute__((cold, noinline, unused)) void
rtfmx_unwrap_failed(const char *place, const char *call, int err)
{
	char text[512];
	int n;

	if (err == ESHUTDOWN)
		return;
	n = rtfmx_unwrap_text(text, sizeof(text), place, call, err);
	if (n > (int)sizeof(text) - 1)
		n = sizeof(text) - 1;
	if (write(2, text, (size_t)n) < 0)
		abort();
	abort();
}

/**
 * RTFM_MAIN() - define a main() that runs the app
 * @...: ``.option = value, ...``: members of struct rtfm_options, in its order; without
 *	any, the defaults and the environment
 *
 * The exit status is that of the app; if the app cannot be started it is 1, and the reason
 * is printed on stderr.
 */
#define RTFM_MAIN(...)							\
	_Pragma("GCC diagnostic push")					\
	_Pragma("GCC diagnostic ignored \"-Wmissing-field-initializers\"") \
	int main(void)							\
	{								\
		const struct rtfm_options options = {			\
			.size = sizeof(options), __VA_ARGS__		\
		};							\
		int status = rtfm_run(&rtfm_app, &options);		\
									\
		if (status < 0)						\
			fprintf(stderr, "%s\n", rtfm_error());		\
		return status < 0 ? 1 : status;				\
	}								\
	_Pragma("GCC diagnostic pop")

#endif /* RTFM_H */
