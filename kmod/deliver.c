// SPDX-License-Identifier: GPL-2.0-only
/* Deliver: how a thread hears that something is ready. The table: pure/deliver.h. */
#include <linux/kthread.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <uapi/linux/sched/types.h>

#include "core.h"
#include "deliver.h"
#include "pure/ceiling.h"
#include "trace.h"
#include "upcall.h"

static enum rtfm_deliver_at where(const struct rtfm_core *core,
				  struct pt_regs *regs)
{
	if (core->parked)
		return RTFM_DELIVER_PARKED;
	if (core->task != current)
		return RTFM_DELIVER_AWAY;
	return regs && user_mode(regs) ? RTFM_DELIVER_USER : RTFM_DELIVER_KERNEL;
}

/*
 * A standard signal that is pending is not queued twice; of a real-time signal
 * we have to see to that. If it is still pending here, after the bits were set,
 * then its handler has yet to look: pairs with the barriers between taking a
 * signal off the queue and entering user mode.
 */
static bool bell_pending(struct task_struct *task, int sig)
{
	if (sig < SIGRTMIN)
		return false;
	/* W: bits, then queue; pairs with the above: queue, then bits */
	smp_mb();
	/* without siglock, which we may not take here; a stale bit is the case above */
	return data_race(sigismember(&task->pending.signal, sig));
}

/* Thread-directed, from the kernel: no permission, and init gets it as well. */
static void send_bell(struct task_struct *task, int sig)
{
	/* -ESRCH: the thread has exited; nobody left to tell */
	if (!bell_pending(task, sig))
		send_sig_info(sig, SEND_SIG_PRIV, task);
}

/*
 * Sending a signal takes siglock, which sleeps on PREEMPT_RT; there the core's
 * bell thread does it. Once @rung is set it need not be woken again: it clears
 * @rung before it sends.
 */
static void ring(struct rtfm_core *core)
{
	if (!IS_ENABLED(CONFIG_PREEMPT_RT))
		send_bell(core->task, core->doorbell);
	else if (!atomic_xchg(&core->rung, 1))
		wake_up_process(core->bell);
}

/*
 * A thread that has the doorbell blocked does not want to be disturbed: the C library
 * in the middle of making a thread, a handler that holds everything back, that of
 * the doorbell itself. The thread is current, in user mode: nobody changes the mask.
 */
static bool bell_blocked(const struct rtfm_core *core)
{
	return sigismember(&current->blocked, core->doorbell);
}

static void act(struct rtfm_core *core, enum rtfm_deliver_verdict verdict)
{
	switch (verdict) {
	case RTFM_DELIVER_LOOK:
		rtfm_region_make_ready(&core->view, RTFM_READY_LOOK, true);
		fallthrough;
	case RTFM_DELIVER_HOLD:
		core->stats.held++;
		break;
	case RTFM_DELIVER_WAKE:
		core->stats.wakeups++;
		wake_up_process(core->task);
		break;
	case RTFM_DELIVER_DOORBELL:
		core->stats.doorbells++;
		ring(core);
		break;
	case RTFM_DELIVER_UPCALL:
		core->stats.upcalls++;
		break;
	}
}

/**
 * rtfm_deliver_look() - let the thread hear of what is ready
 * @core: alive
 * @regs: what this interrupt interrupted, or NULL if that is not known
 *
 * A thread that has another mm is not ours to disturb: it is exiting, or has
 * exec'd and may run with other rights now.
 *
 * Context: core->lock held, interrupts off. Tells most on the core's CPU.
 */
void rtfm_deliver_look(struct rtfm_core *core, struct pt_regs *regs)
{
	u64 ready = rtfm_region_ready(&core->view);
	u32 ceiling = rtfm_region_ceiling(&core->view);
	enum rtfm_deliver_verdict verdict;
	enum rtfm_deliver_at at;

	lockdep_assert_held(&core->lock);
	if (!ready || rtfm_core_left(core))
		return;
	at = where(core, regs);
	verdict = rtfm_deliver_decide(at, rtfm_ready_above(ready, ceiling),
				      rtfm_region_masked(&core->view),
				      rtfm_region_polling(&core->view));
	if (verdict == RTFM_DELIVER_UPCALL &&
	    (bell_blocked(core) || !rtfm_upcall(&core->upcall, &core->view, regs)))
		verdict = RTFM_DELIVER_DOORBELL;
	trace_rtfm_deliver(core->app, core->index, rtfm_ready_highest(ready), ceiling,
			   at, verdict);
	act(core, verdict);
}

/* The task that the bell is for, with a reference, or NULL if it is gone. */
static struct task_struct *bell_target(struct rtfm_core *core, int *sig)
{
	struct task_struct *task = NULL;
	unsigned long flags;

	raw_spin_lock_irqsave(&core->lock, flags);
	if (rtfm_core_alive(core) && !rtfm_core_left(core)) {
		task = get_task_struct(core->task);
		*sig = core->doorbell;
		core->ringing = true;
	}
	raw_spin_unlock_irqrestore(&core->lock, flags);
	return task;
}

static void bell_rung(struct rtfm_core *core)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&core->lock, flags);
	core->ringing = false;
	raw_spin_unlock_irqrestore(&core->lock, flags);
}

static int bell_thread(void *data)
{
	struct rtfm_core *core = data;
	struct task_struct *task;
	int sig;

	for (;;) {
		set_current_state(TASK_IDLE);
		if (kthread_should_stop())
			break;
		/* full barrier: who set it has set the bits before */
		if (!atomic_xchg(&core->rung, 0)) {
			schedule();
			continue;
		}
		__set_current_state(TASK_RUNNING);
		task = bell_target(core, &sig);
		if (task) {
			send_bell(task, sig);
			bell_rung(core);
			put_task_struct(task);
		}
	}
	__set_current_state(TASK_RUNNING);
	return 0;
}

/**
 * rtfm_deliver_create_bell() - start the thread that sends the doorbell
 * @core: the core
 * @cpu: its CPU; the bell must preempt the thread there
 * @priority: SCHED_FIFO, above the thread's
 *
 * Context: process, may sleep.
 * Return: the thread, NULL where none is needed, or an ERR_PTR().
 */
struct task_struct *rtfm_deliver_create_bell(struct rtfm_core *core, int cpu,
					     u32 priority)
{
	const struct sched_attr attr = {
		.size = sizeof(attr),
		.sched_policy = SCHED_FIFO,
		.sched_priority = priority,
	};
	struct task_struct *bell;
	int err;

	if (!IS_ENABLED(CONFIG_PREEMPT_RT))
		return NULL;
	bell = kthread_create_on_cpu(bell_thread, core, cpu, "rtfm_bell/%u");
	if (IS_ERR(bell))
		return bell;
	err = sched_setattr_nocheck(bell, &attr);
	if (err) {
		kthread_stop(bell);
		return ERR_PTR(err);
	}
	atomic_set(&core->rung, 0);
	get_task_struct(bell);
	wake_up_process(bell);
	return bell;
}

/**
 * rtfm_deliver_destroy_bell() - stop the thread that sends the doorbell
 * @bell: from rtfm_deliver_create_bell(), may be NULL; nobody rings it any more
 *
 * Context: process, may sleep, mmap_lock not held: an exiting thread waits for
 * locks of cgroups.
 */
void rtfm_deliver_destroy_bell(struct task_struct *bell)
{
	if (!bell)
		return;
	kthread_stop(bell);
	put_task_struct(bell);
}
