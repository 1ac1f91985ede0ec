// SPDX-License-Identifier: GPL-2.0-only
/*
 * A core's thread: it attaches, is kicked, and detaches or is silenced. How it sleeps:
 * park.c. Locking, and the three conditions of a core: core.h.
 */
#include <linux/err.h>
#include <linux/hrtimer.h>
#include <linux/sched.h>
#include <linux/sched/task.h>

#include "core.h"
#include "deliver.h"
#include "doorbell.h"
#include "grant.h"
#include "region.h"
#include "release.h"
#include "thread.h"
#include "trace.h"

/* Its scheduling policy; after that, has the app ended meanwhile, and did not see it? */
static int lend_fifo(struct rtfm_core *core, u32 priority)
{
	unsigned long flags;
	int err;

	err = rtfm_grant_fifo(&core->grant, priority);
	if (err)
		return err;
	raw_spin_lock_irqsave(&core->lock, flags);
	err = core->dead ? -ESHUTDOWN : 0;
	raw_spin_unlock_irqrestore(&core->lock, flags);
	return err;
}

/**
 * rtfm_thread_attach() - the calling thread becomes the core's
 * @core: without a thread
 * @role: what it asks for, checked
 *
 * The scheduling policy comes last, so that a failure has changed nothing.
 *
 * Context: process, may sleep, app->lock held.
 * Return: 0, -ESHUTDOWN if the app ended meanwhile, -EBUSY if the thread has a priority
 * from another app, or what the scheduler or the creation of a kernel thread answered.
 */
int rtfm_thread_attach(struct rtfm_core *core, const struct rtfm_thread_role *role)
{
	int cpu = raw_smp_processor_id();
	struct task_struct *bell;
	unsigned long flags;
	int err = 0;

	bell = rtfm_doorbell_start(core, cpu, role->bell_priority);
	if (IS_ERR(bell))
		return PTR_ERR(bell);

	raw_spin_lock_irqsave(&core->lock, flags);
	if (core->dead) {
		err = -ESHUTDOWN;
	} else {
		core->cpu = cpu;
		core->doorbell = role->doorbell;
		core->upcall = role->upcall;
		core->bell = bell;
		core->task = get_task_struct(current);
		rtfm_region_set_state(&core->view, RTFM_STATE_RUNNING);
	}
	raw_spin_unlock_irqrestore(&core->lock, flags);
	if (err) {
		rtfm_doorbell_stop(core, bell);
		return err;
	}

	err = lend_fifo(core, role->fifo_priority);
	if (err)
		rtfm_thread_detach(core);
	return err;
}

/**
 * rtfm_thread_detach() - undo rtfm_thread_attach(), forget the timers
 * @core: the core, which may have no thread
 *
 * Context: process, may sleep, app->lock held. The thread may be another one,
 * in any state.
 */
void rtfm_thread_detach(struct rtfm_core *core)
{
	struct task_struct *task, *bell;
	unsigned long flags;

	raw_spin_lock_irqsave(&core->lock, flags);
	task = core->task;
	bell = core->bell;
	WRITE_ONCE(core->task, NULL);
	core->bell = NULL;
	/* pairs with the fence in rtfm_park_sleep(): @task before @parked here */
	smp_mb();
	/* ended twice, it may still be getting up from the first time */
	if (task && READ_ONCE(core->parked))
		wake_up_process(task);
	raw_spin_unlock_irqrestore(&core->lock, flags);
	if (!task)
		return;

	rtfm_grant_withdraw(&core->grant);
	rtfm_grant_await(&core->grant);
	hrtimer_cancel(&core->timer);
	/* the CPU that the csd was sent to takes it at its next interrupt, or on its way offline */
	rtfm_core_await(core, &core->poked);
	rtfm_doorbell_stop(core, bell);
	put_task_struct(task);

	rtfm_release_forget(core);
}

/**
 * rtfm_thread_silence() - nothing happens for this core from now on
 * @core: the core, which may have no thread
 *
 * What detach does that may be done under mmap_lock. Detach must follow. If the
 * core is the caller's, which may be on its way through exec, no doorbell is pending for
 * it afterwards.
 *
 * Context: process, may sleep.
 */
void rtfm_thread_silence(struct rtfm_core *core)
{
	unsigned long flags;
	int sig = 0;

	raw_spin_lock_irqsave(&core->lock, flags);
	WRITE_ONCE(core->dead, true);
	/* pairs with the fence in rtfm_park_sleep(): @dead before @parked here */
	smp_mb();
	if (core->task && READ_ONCE(core->parked))
		wake_up_process(core->task);
	if (core->task == current)
		sig = core->doorbell;
	raw_spin_unlock_irqrestore(&core->lock, flags);
	hrtimer_cancel(&core->timer);
	if (sig)
		rtfm_doorbell_forget(core, sig);
}

/**
 * rtfm_thread_kick() - make the core's thread check its ready words
 * @core: the core
 *
 * A parked thread is woken from here. Otherwise only the core's own CPU can
 * tell what the thread does, so that CPU is asked.
 *
 * Context: process.
 * Return: 0, -ENXIO without a thread, -ESHUTDOWN if the app has ended.
 */
int rtfm_thread_kick(struct rtfm_core *core)
{
	unsigned long flags;
	bool parked;
	int err = 0;

	raw_spin_lock_irqsave(&core->lock, flags);
	if (!rtfm_core_alive(core)) {
		err = core->dead ? -ESHUTDOWN : -ENXIO;
		goto out_unlock;
	}
	core->stats.kicks++;
	parked = READ_ONCE(core->parked);
	trace_rtfm_kick(core->app, core->index, core->cpu, parked);
	if (parked)
		rtfm_deliver_look(core, NULL);
	else
		rtfm_release_poke(core);
out_unlock:
	raw_spin_unlock_irqrestore(&core->lock, flags);
	return err;
}

/**
 * rtfm_thread_query() - the results of RTFM_IOC_QUERY for a core
 * @core: the core
 * @query: its fields of a core are filled in
 *
 * Context: process.
 */
void rtfm_thread_query(struct rtfm_core *core, struct rtfm_query *query)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&core->lock, flags);
	query->attached = core->task ? 1 : 0;
	query->cpu = core->task ? core->cpu : ~0U;
	query->pending = core->queue.count;
	query->releases = core->stats.releases;
	query->lost = core->stats.lost;
	query->wakeups = core->stats.wakeups;
	query->doorbells = core->stats.doorbells;
	query->upcalls = core->stats.upcalls;
	query->held = core->stats.held;
	query->kicks = core->stats.kicks;
	query->overruns = core->stats.overruns;
	raw_spin_unlock_irqrestore(&core->lock, flags);
}
