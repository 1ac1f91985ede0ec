/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A core: one thread, the CPU it is pinned to, its timers, its bell.
 *
 * Lock order, outermost first:
 *
 *	app->lock			mutex: set-up, attach, detach, end
 *	  sighand->siglock		silence
 *	  core->lock			raw, interrupts off: what hard irq touches
 *	    sighand->siglock		doorbell; not on PREEMPT_RT, where it sleeps
 *	    task->pi_lock, rq->lock	wake-up
 *	    hrtimer base lock		start; never cancel: the callback wants core->lock
 *
 * mmap_lock is never held around app->lock: attach sets scheduling attributes
 * and detach waits for a kernel thread to exit, both of which wait for locks of
 * cgroups, whose holders may wait for mmap_lock. What runs under mmap_lock (mmap,
 * the last unmap) therefore does with core->lock and atomics.
 *
 * A core is in one of three conditions, by two fields under core->lock:
 *
 *	@task	@dead
 *	NULL	any	no thread: nothing is armed, nothing will be
 *	set	false	alive: the only condition in which the timer is started, the
 *			CPU is poked, a thread woken or signalled, or the region written
 *	set	true	silenced: nothing starts any more; detach cleans up
 *
 * Code that may run for a core concurrently with a system call, and how detach waits
 * for it before the memory is freed:
 *
 *	timer callback	started alive, under core->lock	hrtimer_cancel()
 *	csd function	sent alive, under core->lock	@poked is false
 *	bell thread	created by attach		kthread_stop()
 *	ringer		queued alive, under core->lock	cancel_work_sync()
 *
 * So detach clears @task under core->lock, after which no new one can start,
 * waits for the four, and only then drops its reference to the task.
 */
#ifndef RTFM_CORE_H
#define RTFM_CORE_H

#include <linux/atomic.h>
#include <linux/cache.h>
#include <linux/delay.h>
#include <linux/hrtimer.h>
#include <linux/lockdep.h>
#include <linux/rtfm.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/smp.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "grant.h"
#include "pure/timerq.h"
#include "region.h"
#include "upcall.h"

struct mm_struct;

/**
 * struct rtfm_core_timer - what a timer releases
 * @period: ns, 0 for once
 * @tag: of this use of the timer
 * @level: priority of the job
 * @job: cookie of the job
 * @entry: periodic: count of the ring entry of the last release
 * @released: periodic: there has been one
 */
struct rtfm_core_timer {
	u64 period;
	u32 tag;
	u32 level;
	u32 job;
	u32 entry;
	bool released;
};

/* Memory that a timer takes beside its place in the region */
#define RTFM_CORE_TIMER_BYTES \
	(sizeof(struct rtfm_core_timer) + sizeof(struct rtfm_timer) + sizeof(u32))

/**
 * struct rtfm_core_stats - what happened, for RTFM_IOC_QUERY
 * @releases: jobs put in a ring by the timer
 * @lost: jobs that found the ring full, submissions that were refused
 * @wakeups: deliveries to the parked thread
 * @doorbells: deliveries by signal
 * @upcalls: deliveries by upcall
 * @held: deliveries left to the thread's next check of its ready words
 * @kicks: calls of RTFM_IOC_KICK
 * @overruns: releases of periodic timers that were skipped
 */
struct rtfm_core_stats {
	u64 releases;
	u64 lost;
	u64 wakeups;
	u64 doorbells;
	u64 upcalls;
	u64 held;
	u64 kicks;
	u64 overruns;
};

/**
 * struct rtfm_core - one core of an app
 * @app: id of the app, for tracing
 * @index: of the core in its app
 * @levels: levels of its plan, a bit each
 * @min_period: shortest period of a timer, ns
 * @mm: the app's address space, which @task must be in. The app holds the
 *	reference (mmgrab: we compare, we do not look inside)
 * @lock: see above
 * @task: the thread, with a reference (get_task_struct)
 * @dead: the app has ended
 * @parked: @task sleeps in RTFM_IOC_PARK, is about to, or has just been woken
 * @cpu: CPU of the core
 * @doorbell: signal of the core
 * @upcall: where the thread may be redirected to
 * @view: its part of the region
 * @queue: timers that are pending
 * @timers: what each of them releases
 * @armed: instant of RTFM_IOC_ARM, or RTFM_NEVER
 * @rest: no release before this instant: the pause after a series of interrupts
 * @series: begin of a series of interrupts without a gap between them, or 0
 * @programmed: instant for which @timer is queued, or RTFM_NEVER
 * @grant: SCHED_FIFO that @task was lent
 * @stats: counters
 * @timer: fires on @cpu, unless that went offline
 * @csd: the IPI to @cpu
 * @poked: @csd has been sent, and its function has not taken @lock yet
 * @bell: kernel thread that sends the signal on PREEMPT_RT, with a reference
 * @ringer: work item that sends the signal elsewhere, if an interrupt should not
 * @rung: @bell or @ringer has a signal to send
 * @ringing: @bell or @ringer is sending the signal
 *
 * Protected by:
 *
 *	@app, @index, @levels, @min_period, @mm,
 *	@view but its ktail and shead			constant after set-up
 *	@task, @cpu, @doorbell, @upcall, @bell		written under app->lock and
 *							@lock, read under either;
 *							"task == current" also without
 *	@dead						written under @lock, read under it, and
 *							by @task while it parks
 *	@parked						written by @task alone: see park.c
 *	@view.ktail, @view.shead,
 *	@queue, @timers, @armed, @rest, @series, @programmed,
 *	@stats, @poked, @ringing, starting @timer,
 *	sending @csd, queueing @ringer			@lock
 *	@rung						atomic
 *	@grant						a lock of its own: grant.c
 */
struct rtfm_core {
	u32 app;
	u32 index;
	u32 levels;
	u64 min_period;
	struct mm_struct *mm;

	raw_spinlock_t lock ____cacheline_aligned_in_smp;
	struct task_struct *task;
	bool dead;
	bool parked;
	int cpu;
	int doorbell;
	struct rtfm_upcall upcall;
	struct rtfm_region_view view;
	struct rtfm_timerq queue;
	struct rtfm_core_timer *timers;
	u64 armed;
	u64 rest;
	u64 series;
	u64 programmed;
	struct rtfm_grant grant;
	struct rtfm_core_stats stats;
	struct hrtimer timer;

	call_single_data_t csd;
	bool poked;

	struct task_struct *bell;
	struct work_struct ringer;
	atomic_t rung;
	bool ringing;
} ____cacheline_aligned_in_smp;

/**
 * rtfm_core_alive() - does the core have a thread, in an app that has not ended
 * @core: the core
 *
 * Context: core->lock held.
 */
static inline bool rtfm_core_alive(const struct rtfm_core *core)
{
	lockdep_assert_held(&core->lock);
	return core->task && !core->dead;
}

/**
 * rtfm_core_doomed() - is a thread exiting, or about to
 * @task: a core's, with a reference
 *
 * By SIGKILL, exit_group(2), a dump of core, or another thread's exec(2). That a SIGKILL is
 * pending would not do: the thread takes it off its queue when it begins to exit, and may then
 * take long. None of this is ever taken back. No lock: signal outlives the reference to the
 * task, and a caller that reads too early reads again.
 *
 * Context: any.
 */
static inline bool rtfm_core_doomed(struct task_struct *task)
{
	const struct signal_struct *signal = task->signal;
	const struct task_struct *survivor = READ_ONCE(signal->group_exec_task);

	return READ_ONCE(signal->flags) & SIGNAL_GROUP_EXIT ||
	       READ_ONCE(task->flags) & PF_EXITING || (survivor && survivor != task);
}

/**
 * rtfm_core_left() - has the thread left the app's address space, or is about to
 * @core: alive
 *
 * It is being killed, is exiting, or has exec'd and may run with other rights now: no job is
 * released for it, and it is not notified. A thread that is being killed may need the CPU
 * time that its timers take to get as far as its exit.
 *
 * Context: core->lock held.
 */
static inline bool rtfm_core_left(const struct rtfm_core *core)
{
	lockdep_assert_held(&core->lock);
	return READ_ONCE(core->task->mm) != core->mm || rtfm_core_doomed(core->task);
}

/**
 * rtfm_core_await() - wait until a poke, or the sending of a signal, is over
 * @core: the core
 * @flag: @poked or @ringing. The code that clears it does so in the same critical section
 *	  as the last of its work, so a caller that sees it clear comes after all of that.
 *
 * Context: process, may sleep, core->lock not held; @flag is not set any more.
 */
static inline void rtfm_core_await(struct rtfm_core *core, const bool *flag)
{
	unsigned long flags;
	bool set;

	for (;;) {
		raw_spin_lock_irqsave(&core->lock, flags);
		set = *flag;
		raw_spin_unlock_irqrestore(&core->lock, flags);
		if (!set)
			return;
		usleep_range(10, 100);
	}
}

#endif /* RTFM_CORE_H */
