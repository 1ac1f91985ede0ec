// SPDX-License-Identifier: GPL-2.0-only
/* The doorbell, and what sends it where the interrupt may not. Locking: core.h. */
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/lockdep.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <uapi/linux/sched/types.h>

#include "compat.h"
#include "core.h"
#include "doorbell.h"

/**
 * rtfm_doorbell_valid() - may a thread have this signal for its doorbell
 * @sig: the signal
 *
 * It needs a handler, which SIGKILL and SIGSTOP cannot have. To send a signal of job
 * control visits every thread of the process, which is too much for an interrupt.
 *
 * Context: any.
 */
bool rtfm_doorbell_valid(u32 sig)
{
	return sig && valid_signal(sig) && !sig_kernel_only(sig) && !sig_kernel_stop(sig) &&
	       sig != SIGCONT;
}

/*
 * A signal that is pending need not be sent again. If it is still pending here, after
 * the bits were set, then its handler has yet to look: pairs with the barriers between
 * taking a signal off the queue and entering user mode.
 */
static bool bell_pending(struct task_struct *task, int sig)
{
	/* W: bits, then queue; pairs with the above: queue, then bits */
	smp_mb();
	/* without siglock, which we may not take here; a stale bit is the case above */
	return data_race(sigismember(&task->pending.signal, sig));
}

/*
 * Thread-directed, from the kernel: needs no permission, and init receives it as well. The
 * value tells it from other signals of the kernel that have the same number. Without memory
 * for a queue entry a real-time signal that has a siginfo is refused (-EAGAIN), one that has
 * none is sent all the same.
 */
static void send_bell(struct task_struct *task, int sig)
{
	kernel_siginfo_t info;

	if (bell_pending(task, sig))
		return;
	clear_siginfo(&info);
	info.si_signo = sig;
	info.si_code = SI_KERNEL;
	info.si_int = RTFM_DOORBELL_VALUE;
	/* -ESRCH: the thread has exited, and needs none any more */
	if (send_sig_info(sig, &info, task) == -EAGAIN)
		send_sig_info(sig, SEND_SIG_PRIV, task);
}

/*
 * On PREEMPT_RT no signal is sent under core->lock. Elsewhere siglock, a spinlock_t, may
 * be taken under a raw lock and in hard irq; with PROVE_RAW_LOCK_NESTING, which newer
 * kernels always have on x86, lockdep reports that as if this were PREEMPT_RT. Tell it.
 */
static DEFINE_WAIT_OVERRIDE_MAP(not_rt_map, LD_WAIT_CONFIG);

/*
 * Is it sent in a bounded time? A signal without a handler may be the end of the process: its
 * sender visits all threads. And it wakes all that wait for a signalfd of the process: as many
 * as have added it to an epoll.
 */
static bool is_bounded(const struct task_struct *task, int sig)
{
	struct sighand_struct *sighand;
	bool bounded = false;

	rcu_read_lock();
	sighand = rcu_dereference(task->sighand);
	if (sighand && READ_ONCE(sighand->action[sig - 1].sa.sa_handler) != SIG_DFL)
		/* no barrier: a waiter that comes now may be woken by the interrupt */
		bounded = !waitqueue_active(&sighand->signalfd_wqh);
	rcu_read_unlock();
	return bounded;
}

/**
 * rtfm_doorbell_ring() - send the doorbell to the core's thread
 * @core: alive
 *
 * Sending a signal takes siglock, which sleeps on PREEMPT_RT; there the core's
 * bell thread does it. Elsewhere it is done here, or, if it may take long, by a work item.
 * Once @rung is set, neither need be woken again: they clear
 * @rung before they send. Nor while the signal is pending: a thread that does not take its
 * signals, because it gets no CPU time, would get still less of it with a wake-up of the
 * bell at each expiry.
 *
 * Context: core->lock held, interrupts off; any CPU.
 */
void rtfm_doorbell_ring(struct rtfm_core *core)
{
	lockdep_assert_held(&core->lock);
	if (!IS_ENABLED(CONFIG_PREEMPT_RT)) {
		if (is_bounded(core->task, core->doorbell)) {
			lock_map_acquire_try(&not_rt_map);
			send_bell(core->task, core->doorbell);
			lock_map_release(&not_rt_map);
		} else if (!bell_pending(core->task, core->doorbell) &&
			   !atomic_xchg(&core->rung, 1)) {
			/* unbound: the CPU may be its thread's alone */
			queue_work(system_unbound_wq, &core->ringer);
		}
	} else if (!bell_pending(core->task, core->doorbell) && !atomic_xchg(&core->rung, 1)) {
		wake_up_process(core->bell);
	}
}

/* The task that the bell is for, with a reference, or NULL if it has exited. */
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

static void ring_now(struct rtfm_core *core)
{
	struct task_struct *task;
	int sig;

	task = bell_target(core, &sig);
	if (!task)
		return;
	send_bell(task, sig);
	bell_rung(core);
	put_task_struct(task);
}

static void ring_later(struct work_struct *work)
{
	struct rtfm_core *core = container_of(work, struct rtfm_core, ringer);

	/* full barrier: the bits were set before it was */
	if (atomic_xchg(&core->rung, 0))
		ring_now(core);
}

static int bell_thread(void *data)
{
	struct rtfm_core *core = data;

	for (;;) {
		set_current_state(TASK_IDLE);
		if (kthread_should_stop())
			break;
		/* full barrier: the bits were set before it was */
		if (!atomic_xchg(&core->rung, 0)) {
			schedule();
			continue;
		}
		__set_current_state(TASK_RUNNING);
		ring_now(core);
	}
	__set_current_state(TASK_RUNNING);
	return 0;
}

/**
 * rtfm_doorbell_init() - nothing to be sent
 * @core: zeroed
 *
 * Context: process.
 */
void rtfm_doorbell_init(struct rtfm_core *core)
{
	INIT_WORK(&core->ringer, ring_later);
}

/**
 * rtfm_doorbell_start() - start the thread that sends the doorbell
 * @core: the core
 * @cpu: its CPU; the bell must preempt the thread there
 * @priority: SCHED_FIFO, above the thread's
 *
 * Context: process, may sleep.
 * Return: the thread, NULL where none is needed, or an ERR_PTR().
 */
struct task_struct *rtfm_doorbell_start(struct rtfm_core *core, int cpu, u32 priority)
{
	const struct sched_attr attr = {
		.size = sizeof(attr),
		.sched_policy = SCHED_FIFO,
		.sched_priority = priority,
	};
	struct task_struct *bell;
	int err;

	atomic_set(&core->rung, 0);
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
	get_task_struct(bell);
	wake_up_process(bell);
	return bell;
}

/**
 * rtfm_doorbell_stop() - stop what sends the doorbell
 * @core: the core, for which nobody rings any more
 * @bell: from rtfm_doorbell_start(), may be NULL
 *
 * Context: process, may sleep, mmap_lock not held: an exiting thread waits for
 * locks of cgroups.
 */
void rtfm_doorbell_stop(struct rtfm_core *core, struct task_struct *bell)
{
	cancel_work_sync(&core->ringer);
	if (!bell)
		return;
	kthread_stop(bell);
	put_task_struct(bell);
}

/**
 * rtfm_doorbell_forget() - take back a doorbell that is pending for the current thread
 * @core: its core, silenced: no further doorbell is sent
 * @sig: the doorbell
 *
 * What is pending for a thread is still pending after exec(2), where the signal has
 * no handler any more: the new image would die of a doorbell that it knows nothing of.
 *
 * Context: process, may sleep, mmap_lock may be held.
 */
void rtfm_doorbell_forget(struct rtfm_core *core, int sig)
{
	/* only the thread itself changes it */
	struct sighand_struct *sighand = rcu_dereference_protected(current->sighand, 1);
	kernel_siginfo_t info;
	sigset_t others;

	rtfm_core_await(core, &core->ringing);
	sigfillset(&others);
	sigdelset(&others, sig);
	spin_lock_irq(&sighand->siglock);
	while (sigismember(&current->pending.signal, sig))
		if (!rtfm_compat_dequeue_signal(&others, &info))
			break;
	spin_unlock_irq(&sighand->siglock);
}
