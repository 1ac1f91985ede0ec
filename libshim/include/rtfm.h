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
 * What the compiler can know it does know: priorities, ceilings, capacities and
 * cores are constants, and a mistake is a compile error that names the task.
 * The same program runs on several engines (enum rtfm_engine); what it does is
 * the same on all of them.
 *
 * Functions return 0 or a value, or -errno; none sets errno. Contexts, as said
 * with each function: init, task and idle are the bodies below; foreign is a
 * thread that is no core. C11 and C++17, gcc and clang.
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

/* An int that becomes a pointer on its way into a payload is a wrong payload. */
#ifndef __cplusplus
#pragma GCC diagnostic error "-Wint-conversion"
#pragma GCC diagnostic error "-Wincompatible-pointer-types"
#endif

/**
 * DOC: the list
 *
 * The list is a macro with three parameters, the names of its kinds of items.
 * Resources and tasks belong to the core() above them.
 *
 *	core(n, attributes)
 *		Cores are numbered 0, 1, 2, ... in the order of the list. Attributes:
 *
 *		init, idle
 *			RTFM_INIT(n), RTFM_IDLE(n) is defined.
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
 *			How many jobs of each sender may be pending. Default: 1.
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
 *			(clang). Functions that it calls are not checked: they must not use
 *			these registers either.
 *
 * From the list come struct <task>_cx and struct <task>_msg, and the constants
 * RTFM_TASK_<task>, RTFM_PRIORITY_<task>, RTFM_CAPACITY_<task>,
 * RTFM_CEILING_<resource>, RTFM_NCORES, RTFM_NTASKS and RTFM_NRESOURCES.
 * The ceiling of a resource is the highest priority among the tasks that use it
 * (T. P. Baker, "Stack-Based Scheduling of Realtime Processes", 1991).
 */

/**
 * RTFM_APP() - declare and define the application, in a program of one file
 * @LIST: the list
 */
#define RTFM_APP(LIST)		RTFM_DECLARE(LIST); RTFM_DEFINE(LIST)

/**
 * RTFM_DECLARE() - declare the application, in a header that its files share
 * @LIST: the list
 */
#define RTFM_DECLARE(LIST)	RTFMX_DECLARE(LIST)

/**
 * RTFM_DEFINE() - define what RTFM_DECLARE() declared, in one of the files
 * @LIST: the list
 */
#define RTFM_DEFINE(LIST)	RTFMX_DEFINE(LIST)

/**
 * RTFM_TASK() - the body of a task follows
 * @name: name of the task
 *
 * In the body, @cx is the context (cx->scheduled is the baseline: the instant of
 * a scheduled job, the baseline of its sender for a spawned one, the start of the app
 * for one that init has spawned) and @msg is the payload, a copy that belongs to the
 * job. The body runs to completion.
 */
#define RTFM_TASK(name)							\
	RTFMX_ASSERT(RTFM_TASK_##name >= 0, "");			\
	void rtfm_task_##name(struct name##_cx *cx __attribute__((unused)), \
			      struct name##_msg *msg __attribute__((unused)))

/**
 * RTFM_INIT() - the body of the init of a core follows
 * @core: number of the core
 *
 * Runs first, with nothing else able to run on the core, and may use every
 * resource of the core. It may take its time: the app starts when the last init of
 * all cores has ended, or 2 ms after it if there are periodic tasks, at the same instant
 * on all cores. No task runs before that.
 *
 * The start is the origin of all periodic tasks and the baseline of the jobs that init
 * has spawned, so that their first release is on time, however long init took.
 * cx->scheduled of init itself, the same on all cores, is the instant before the first
 * init began: a job that init schedules at an instant counted from there is late if the
 * inits take longer.
 */
#define RTFM_INIT(core)							\
	RTFMX_ASSERT(rtfmx_list_has_init_##core == 1,			\
		     "core " #core ": RTFM_INIT(" #core "), but no init in the list"); \
	void rtfm_init_##core(struct init_##core##_cx *cx __attribute__((unused)))

/**
 * RTFM_IDLE() - the body of the idle of a core follows
 * @core: number of the core
 *
 * Runs when no job does, at priority 0, from the start of the app on, which is its
 * cx->scheduled. A long one should look at rtfm_running()
 * and return when that says 0, or rtfm_run() will not return. A core without
 * idle, or whose idle has returned, parks.
 */
#define RTFM_IDLE(core)							\
	RTFMX_ASSERT(rtfmx_list_has_idle_##core == 1,			\
		     "core " #core ": RTFM_IDLE(" #core "), but no idle in the list"); \
	void rtfm_idle_##core(struct idle_##core##_cx *cx __attribute__((unused)))

/**
 * rtfm_lock() - the block that follows holds a resource
 * @resource: one that the task, or idle, uses
 *
 * In the block, the name of the resource is a pointer to it. Every way out of
 * the block unlocks: its end, break, return, goto. Locks nest. A task that has
 * the highest priority of all that use the resource pays nothing.
 *
 * Context: init, task, idle, and functions that have the context as @cx.
 */
#define rtfm_lock(resource)						\
	for (struct rtfmx_guard rtfmx_guard_##resource			\
		     __attribute__((cleanup(rtfmx_unlock))) =		\
		     rtfmx_lock(RTFMX_LOCK_ARGS(resource));		\
	     rtfmx_guard_##resource.once; rtfmx_guard_##resource.once = 0) \
		for (rtfm_type_##resource *resource = &rtfm_resource_##resource, \
		     *rtfmx_once_##resource = resource; rtfmx_once_##resource; \
		     rtfmx_once_##resource = NULL)

#define RTFMX_LOCK_ARGS(r)						\
	__extension__ ({ RTFMX_CHECK_HERE(r); cx->rtfmx_ctl; }),	\
	RTFM_CEILING_##r,						\
	(unsigned int)RTFM_CEILING_##r <= RTFMX_CX_PRIORITY ? RTFMX_GUARD_NONE : \
	RTFMX_REMOTE_LEVELS(RTFMX_CX_CORE) >> RTFMX_CX_PRIORITY > 1 ?	\
	RTFMX_GUARD_REMOTE : RTFMX_GUARD_LOCAL

#define RTFMX_CHECK_HERE(r)						\
	(void)sizeof(cx->r);						\
	RTFMX_ASSERT(RTFMX_CORE_OF_RESOURCE(r) == RTFMX_CX_CORE,	\
		     #r " is a resource of another core")

/**
 * rtfm_exclusive() - a resource that nobody can take away
 * @resource: one that the task uses, at the highest priority of all its users
 *
 * Return: a pointer to the resource. If a task of higher priority uses the
 * resource too, this does not compile: lock it.
 *
 * Context: init, task, idle.
 */
#define rtfm_exclusive(resource)					\
	(__extension__ ({						\
		RTFMX_CHECK_HERE(resource);				\
		RTFMX_ASSERT((unsigned int)RTFM_CEILING_##resource <= RTFMX_CX_PRIORITY, \
			     #resource " is used at a higher priority too: rtfm_lock() it"); \
		&rtfm_resource_##resource;				\
	}))

/**
 * rtfm_spawn() - send a job to a task
 * @...: name of the task, then its payload, as the initialisers of a struct:
 *	``rtfm_spawn(foo, .x = 1, .y = 2)``
 *
 * If the task belongs to this core and its priority is above the system ceiling
 * it has run when this returns. No system call, except to wake another core
 * that is not looking.
 *
 * Return: 0; -EAGAIN if the task's capacity for this sender is used up: nothing
 * has changed; -ESHUTDOWN if the task's core has left or the app is ending (in
 * which case a job for this core may still be taken, and not run).
 *
 * Context: init, task, idle.
 */
#define rtfm_spawn(...)		rtfmx_checked(RTFMX_SPAWN(__VA_ARGS__, ))
#define RTFMX_SPAWN(task, ...)						\
	(__extension__ ({						\
		struct task##_msg rtfmx_msg = { __VA_ARGS__ };		\
									\
		RTFMX_CHECK_SEND(task);					\
		rtfmx_spawn(cx->rtfmx_core, cx->rtfmx_ctl, RTFM_TASK_##task, \
			    RTFM_PRIORITY_##task,			\
			    RTFMX_CORE_OF_TASK(task) == RTFMX_CX_CORE,	\
			    cx->scheduled, &rtfmx_msg, RTFMX_PAYLOAD_SIZE(task)); \
	}))

#define RTFMX_CHECK_SEND(task)						\
	RTFMX_ASSERT(RTFMX_CORE_OF_TASK(task) == RTFMX_CX_CORE || RTFMX_REMOTE_##task != 0, \
		     "task " #task " belongs to another core and is not declared remote")

/**
 * typedef rtfm_handle - names a scheduled job
 *
 * From rtfm_schedule(), positive; of no use once the job was released.
 */
typedef int64_t rtfm_handle;

/**
 * rtfm_schedule() - send a job to a task, to be released at an instant
 * @...: name of the task; the instant, CLOCK_MONOTONIC, ns, where one that has
 *	passed is released at once; then the payload, as for rtfm_spawn()
 *
 * Jobs of one instant that one core sends are released in the order in which
 * they were scheduled. The job's cx->scheduled is the instant, however late it runs.
 *
 * Return: a handle for rtfm_cancel(); -EAGAIN, -ESHUTDOWN as for rtfm_spawn();
 * -EINVAL if the instant is above 2^63 - 1.
 *
 * Context: init, task, idle.
 */
#define rtfm_schedule(...)	rtfmx_checked64(RTFMX_SCHEDULE(__VA_ARGS__, ))
#define RTFMX_SCHEDULE(task, instant, ...)				\
	(__extension__ ({						\
		struct task##_msg rtfmx_msg = { __VA_ARGS__ };		\
									\
		RTFMX_CHECK_SEND(task);					\
		rtfmx_schedule(cx->rtfmx_core, RTFM_TASK_##task, (instant), &rtfmx_msg); \
	}))

/**
 * rtfm_cancel() - take back a scheduled job
 * @handle: from rtfm_schedule()
 *
 * Return: 0, exactly once; -ENOENT if the job was released or cancelled already, if
 * its core has left, or if @handle never named one.
 *
 * Context: init, task, idle, of any core of the app.
 */
#define rtfm_cancel(handle)	rtfmx_cancel(cx->rtfmx_core, (handle))

/**
 * rtfm_reschedule() - move a scheduled job to another instant
 * @handle: from rtfm_schedule()
 * @instant: the new instant, as for rtfm_schedule()
 *
 * Return: the new handle of the job; -ENOENT if it was released or cancelled
 * already, -EINVAL if @instant is above 2^63 - 1, -EAGAIN if the job's core, which has
 * been told to look, has not caught up with earlier moves: nothing has changed (the
 * job may have been released already), try again in a moment; -ESHUTDOWN if the job's
 * core has left: the job is gone.
 *
 * Context: init, task, idle, of any core of the app.
 */
#define rtfm_reschedule(handle, instant)				\
	rtfmx_checked64(rtfmx_reschedule(cx->rtfmx_core, (handle), (instant)))

/**
 * rtfm_overruns() - releases of a periodic task that found their predecessor unfinished
 * @task: name of the task
 *
 * If the job before has not started yet, the release is left out; if it is
 * running, the new one starts when it ends. Either is counted at the latest when the
 * next job starts. So work does not pile up, and cx->scheduled, always start +
 * offset + k * period, tells which releases there were.
 *
 * Return: how many since the start of the app. Context: init, task, idle, of any
 * core.
 */
#define rtfm_overruns(task)						\
	(__extension__ ({						\
		RTFMX_ASSERT((uint64_t)RTFMX_PERIOD_OF_##task != 0,	\
			     "task " #task " is not periodic");		\
		rtfmx_overruns(RTFM_TASK_##task);			\
	}))

/**
 * RTFM_USEC() - a duration, in ns
 * @n: microseconds
 */
#define RTFM_USEC(n)		((n) * 1000ULL)

/**
 * RTFM_MSEC() - a duration, in ns
 * @n: milliseconds
 */
#define RTFM_MSEC(n)		((n) * 1000000ULL)

/**
 * RTFM_SEC() - a duration, in ns
 * @n: seconds
 */
#define RTFM_SEC(n)		((n) * 1000000000ULL)

/**
 * rtfm_core() - the number of this core
 *
 * Return: a constant. Context: init, task, idle.
 */
#define rtfm_core()		RTFMX_CX_CORE

/**
 * rtfm_wait() - let idle sleep until something has happened on its core
 *
 * Returns after at least one look at what is ready; jobs that were have run.
 * Context: idle.
 */
#define rtfm_wait()							\
	(__extension__ ({						\
		RTFMX_ASSERT(RTFMX_CX_PRIORITY == 0, "rtfm_wait() is for idle"); \
		rtfmx_wait(cx->rtfmx_core);				\
	}))

/**
 * rtfm_poll() - let idle sleep until something has happened on its core, or a file is ready
 * @files: an array of struct pollfd, as for poll(2)
 * @nfiles: its length, at most RTFM_MAX_POLL
 * @timeout: ns from now, after which to return in any case; negative: never
 *
 * rtfm_wait() for an idle that waits for descriptors, too. It returns when a descriptor is
 * ready, after the time-out, when a job has run or is deferred by a lock of idle, and when
 * the app ends; it may return without a reason. No wake-up is lost between the test of
 * rtfm_running(), or of data that jobs write, and this call: for data, hold the lock around
 * the test and the call, and a job that the lock defers makes it return. Sleeps with
 * %RTFM_POLL, too.
 *
 * Any other system call of idle that sleeps is interrupted by the end of the app: it
 * returns EINTR, and if it was begun between the test of rtfm_running() and the end, after
 * 20 ms at most (if there was memory for a timer: RLIMIT_SIGPENDING).
 *
 * Return: how many descriptors are ready, whose revents are set; 0; -EINVAL if @nfiles is
 * too large, else the error of ppoll(2). Context: idle.
 */
#define rtfm_poll(files, nfiles, timeout)				\
	(__extension__ ({						\
		RTFMX_ASSERT(RTFMX_CX_PRIORITY == 0, "rtfm_poll() is for idle"); \
		rtfmx_poll(cx->rtfmx_core, (files), (nfiles), (timeout)); \
	}))
#define RTFM_MAX_POLL 1024

/**
 * rtfm_unwrap() - insist that a call succeeded
 * @call: a call that returns a negative errno on failure
 *
 * On failure prints the call, where it stands and why it failed, and aborts. That
 * the app is ending is no failure: another core may have called rtfm_exit(), and
 * what is sent then goes nowhere.
 *
 * Return: what the call returned: not negative, or -ESHUTDOWN. Any context.
 */
#define rtfm_unwrap(call)						\
	(__extension__ ({						\
		RTFMX_AUTO rtfmx_ret = (call);				\
									\
		if (RTFMX_UNLIKELY(rtfmx_ret < 0))			\
			rtfmx_unwrap_failed(__FILE__, __LINE__, #call, -(int)rtfmx_ret); \
		rtfmx_ret;						\
	}))

/**
 * enum rtfm_engine - what carries the model
 * @RTFM_ENGINE_DEFAULT: the environment's RTFM_ENGINE=signal|soft|kmod|auto, else auto
 * @RTFM_ENGINE_AUTO: kmod where /dev/rtfm opens, else soft
 * @RTFM_ENGINE_SIGNAL: a real-time signal for each priority; the reference
 * @RTFM_ENGINE_SOFT: a ceiling word in memory, one doorbell signal
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
 * enum rtfm_realtime - what to do about real-time properties
 * @RTFM_REALTIME_DEFAULT: the environment's RTFM_REALTIME=require|prefer|off, else prefer
 * @RTFM_REALTIME_PREFER: ask for them; one line on stderr says which were refused, and why
 * @RTFM_REALTIME_REQUIRE: do not start without them
 * @RTFM_REALTIME_OFF: do not ask for them
 */
enum rtfm_realtime {
	RTFM_REALTIME_DEFAULT,
	RTFM_REALTIME_PREFER,
	RTFM_REALTIME_REQUIRE,
	RTFM_REALTIME_OFF,
};

/**
 * enum rtfm_delivery - how engine kmod tells a running thread to look
 * @RTFM_DELIVERY_DEFAULT: the environment's RTFM_DELIVERY=auto|upcall|doorbell, else auto
 * @RTFM_DELIVERY_AUTO: by upcall where the kernel can, else by doorbell
 * @RTFM_DELIVERY_UPCALL: do not start without upcalls
 * @RTFM_DELIVERY_DOORBELL: by doorbell alone: for comparison, and for tools that do
 *	not know what to make of a thread that is redirected
 *
 * The other engines have the doorbell alone, and do not look at this.
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
 * @RTFM_POLICY_OTHER: leave it to the ordinary scheduler
 */
enum rtfm_policy {
	RTFM_POLICY_FIFO,
	RTFM_POLICY_RR,
	RTFM_POLICY_OTHER,
};

/**
 * enum rtfm_flags - the other choices
 * @RTFM_NO_MLOCK: do not lock the program's memory. Otherwise mlockall() is called,
 *	and munlockall() at the end; what comes later is locked too, but with a finite
 *	RLIMIT_MEMLOCK and without CAP_IPC_LOCK only the stacks of the cores are
 * @RTFM_NO_AFFINITY: do not pin the cores to CPUs (engine kmod does all the same)
 * @RTFM_POLL: a core that has nothing to do looks at its ready words all the
 *	time instead of sleeping: fastest answer to another core, a CPU for each core
 * @RTFM_EXIT_ON_SIGNAL: SIGINT (Ctrl-C) and SIGTERM call rtfm_exit(128 + number): 130 and
 *	143. A second one of the same number does what it does by default, which is to end the
 *	process, should the app not end. A signal that was ignored when rtfm_run() was called
 *	stays ignored. The handlers that were there are put back when rtfm_run() returns
 */
enum rtfm_flags {
	RTFM_NO_MLOCK = 1 << 0,
	RTFM_NO_AFFINITY = 1 << 1,
	RTFM_POLL = 1 << 2,
	RTFM_EXIT_ON_SIGNAL = 1 << 3,
};

/**
 * struct rtfm_options - how an app is to be run
 * @size: sizeof(struct rtfm_options)
 * @engine: which engine
 * @realtime: what to do about real-time properties
 * @policy: scheduling policy
 * @priority: SCHED_FIFO or SCHED_RR priority of all cores, 1..98, or
 *	RTFM_PRIORITY_NONE; 0 means 1. The soft engine's timekeeper runs one above its
 *	core.
 * @flags: of enum rtfm_flags
 * @cpus: the CPU of each core, whether or not it is one of those that the caller
 *	may use; NULL: core n has the n-th of the CPUs that the caller may use
 *	(sched_getaffinity(2): taskset, cpusets and isolcpus count). If there are fewer
 *	of them than cores, they are dealt out again from the first on, and that cores
 *	share a CPU counts as a real-time property that was refused
 * @ncpus: length of @cpus, at least the number of cores
 * @doorbell: the signal that makes a running thread look (soft, kmod) and that
 *	interrupts its system calls when the app ends (all engines), a standard
 *	one, 1..31, but not of job control; 0 means SIGURG, which is ignored by
 *	default. System calls that it interrupts are restarted (SA_RESTART), or
 *	answer -EINTR: signal(7). Every other signal of this number reaches the handler
 *	that the program had for it; but one that is raised by a core's own thread, or
 *	with engine kmod is sent by the kernel, while the doorbell is pending, counts as the
 *	doorbell
 * @stack: bytes of stack for the frames of a core's jobs, those that interrupt each
 *	other together; 0 means 64 KiB. They are touched before init, so that no page fault
 *	comes later, and so is what the messages of its tasks take. The stack of a core
 *	but the first is 1 MiB larger than both; core 0 has the caller's, of which they
 *	may be half of what is left. A core that uses up its stack gets SIGSEGV; a line
 *	on stderr names it, then comes what the program has for that signal
 * @delivery: how engine kmod tells a running thread to look
 * @npriorities: length of @priorities, at least the number of cores
 * @priorities: the priority of each core: 1..98, RTFM_PRIORITY_NONE, or 0 for
 *	@priority; NULL: @priority for all
 *
 * @first_signal: engine signal: the first of the real-time signals that it takes; 0 means
 *	SIGRTMIN. It takes one for time, and one for each priority that tasks have, the
 *	highest first. A signal of these numbers that is not the engine's reaches the handler
 *	that the program had for it before rtfm_run(), with its sa_mask and SA_NODEFER, but not
 *	on its alternate stack; if it had none (SIG_DFL), the signal is ignored meanwhile
 * @last_signal: the last one that it may take; 0 means SIGRTMAX
 *
 * All zero but @size means the defaults. What is left at its default is taken from the
 * environment, for any program, without a change to it:
 *
 *	RTFM_ENGINE	auto, kmod, soft or signal
 *	RTFM_REALTIME	prefer, require or off
 *	RTFM_POLICY	fifo, rr or other
 *	RTFM_PRIORITY	1..98 or none, for all cores; or one for each: 80,70,none
 *	RTFM_CPUS	one for each core, or ranges: 2,3 or 2-3 or 2,4-7
 *	RTFM_FLAGS	any of no-mlock,no-affinity,poll,exit-on-signal; added to @flags
 *	RTFM_DOORBELL	number of the signal
 *	RTFM_SIGNALS	@first_signal, or both: 40 or 40-50
 *	RTFM_STACK	bytes; 64k, 2M
 *	RTFM_DELIVERY	auto, upcall or doorbell
 *
 * A variable that is empty counts as not set; one that is wrong is -EINVAL.
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
};

/* &struct rtfm_options.priority and @priorities: not real-time, the policy stays as it was */
#define RTFM_PRIORITY_NONE	(-1)

#ifdef __cplusplus
extern "C" {
#endif

extern const struct rtfm_app rtfm_app;

/**
 * rtfm_run() - run the application
 * @app: &rtfm_app
 * @options: NULL: the defaults
 *
 * The caller's thread becomes core 0; a thread is made for each other core, whose name is
 * the first letters of the list's, "/core " and the number, as in ps -L and in traces.
 * Returns when rtfm_exit() was called or every core has left, and leaves the
 * caller's signal mask, handlers and scheduling as they were; but where engine kmod
 * gave a program without CAP_SYS_NICE its priority, SCHED_RESET_ON_FORK stays set.
 *
 * Return: the status that rtfm_exit() was given (0..255), or a negative errno if
 * the app could not be started, and rtfm_error() says why: -EINVAL the list or
 * the options, -EBUSY an app is running in this process, -ENODEV or -EACCES
 * there is no /dev/rtfm or no right to open it, -E2BIG a limit of the module,
 * -EOPNOTSUPP upcalls were asked for and there are none, -ESHUTDOWN the module
 * ended the app, -EPERM a real-time property was required and refused, -EMFILE,
 * -ENFILE, -ENOMEM, -EAGAIN files, memory, threads or signals are short.
 *
 * Context: foreign, one app at a time in a process.
 */
int rtfm_run(const struct rtfm_app *app, const struct rtfm_options *options);

/**
 * rtfm_error() - why rtfm_run() failed
 *
 * Return: a sentence that names the offender, if the last rtfm_run() of the calling
 * thread failed, and "" otherwise; valid until the next rtfm_run() in the process.
 * Context: foreign.
 */
const char *rtfm_error(void);

/**
 * rtfm_exit() - end the app
 * @status: what rtfm_run() returns, 0..255
 *
 * No job starts any more, on any core. Jobs that have begun run to completion,
 * idle should return, then rtfm_run() does. The first call since rtfm_run() was entered
 * decides: also when the cores have not been made yet, in which case no init runs, and
 * when they have all left. Without a rtfm_run() that has been entered it does nothing.
 *
 * System calls in which the cores sleep return EINTR, also those that signal(7) says are
 * restarted, and until the core has ended those that follow, every 20 ms; rtfm_poll() does
 * not sleep any more.
 *
 * Context: init, task, idle, foreign, and signal handlers on any thread, at any time.
 */
void rtfm_exit(int status);

/**
 * rtfm_leave() - end this core
 *
 * As rtfm_exit(), for the calling core alone; who sends to it is answered
 * -ESHUTDOWN. When all cores have left, rtfm_run() returns 0. Context: init, task,
 * idle.
 */
void rtfm_leave(void);

/**
 * rtfm_running() - is the app running
 *
 * Return: 1, or 0 once rtfm_exit() or, on this core, rtfm_leave() was called, or
 * no app runs. Any context.
 */
int rtfm_running(void);

/**
 * rtfm_ordinary() - do not keep what a new thread has inherited from a core
 *
 * The thread that a core makes inherits the core's CPU affinity and blocked signals; its
 * scheduling policy it does not (SCHED_RESET_ON_FORK). With this call, first thing in the
 * thread, both become those of the caller of rtfm_run(). It is not needed in threads that
 * init makes, unless engine signal's signals matter to them: init is not pinned; nor in
 * children of fork(), whoever made them. The children of system(), popen(), posix_spawn()
 * and vfork() run no code of the library: start them in init, or from a thread that has
 * made this call.
 *
 * Return: 0, or -EINVAL or -EPERM: the kernel refuses the CPUs. Context: foreign.
 */
int rtfm_ordinary(void);

/**
 * rtfm_now() - the time
 *
 * Return: CLOCK_MONOTONIC, ns. Any context.
 */
uint64_t rtfm_now(void);

/**
 * rtfm_engine_name() - which engine runs the app
 *
 * Return: "signal", "soft", "kmod", or "none". Any context.
 */
const char *rtfm_engine_name(void);

int rtfmx_cancel(struct rtfmx_core *core, int64_t handle);
int64_t rtfmx_reschedule(struct rtfmx_core *core, int64_t handle, uint64_t instant);
uint64_t rtfmx_overruns(uint32_t task);
void rtfmx_wait(struct rtfmx_core *core);
int rtfmx_poll(struct rtfmx_core *core, struct pollfd *files, unsigned int nfiles,
	       int64_t timeout);

#ifdef __cplusplus
}
#endif

static __attribute__((cold, noinline, unused)) void
rtfmx_unwrap_failed(const char *file, int line, const char *call, int err)
{
	char text[512];
	int n;

	if (err == ESHUTDOWN)
		return;
	n = snprintf(text, sizeof(text), "%s:%d: %s: %s\n", file, line, call, strerror(err));
	if (n > (int)sizeof(text) - 1)
		n = sizeof(text) - 1;
	if (write(2, text, (size_t)n) < 0)
		abort();
	abort();
}

/**
 * RTFM_MAIN() - a main() that runs the app
 * @...: options, as the initialisers of struct rtfm_options, in its order:
 *	``RTFM_MAIN(.priority = 80, .flags = RTFM_POLL)``; none: the defaults, and the
 *	environment
 *
 * Exits with the status of the app; if it could not be started, with 1 and the
 * reason on stderr.
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
