// SPDX-License-Identifier: GPL-2.0-only
/*
 * Release: jobs with an instant.
 *
 * A core has one hrtimer, for the earliest of its queue and of RTFM_IOC_ARM.
 * It must expire on the core's CPU, for only there can a delivery see what the
 * thread is doing, and a pinned hrtimer expires where it was started. So
 *
 *	- who is on that CPU starts it;
 *	- who is on another CPU, and only if the new instant is earlier than what
 *	  the timer is set to, sends the core's csd there, whose function does;
 *	- if that CPU is offline, it is started wherever one is. The hotplug code
 *	  moves a queued timer likewise.
 *
 * The callback therefore asks where it is, each time. Away from the thread's CPU
 * it sets remote_ready, atomically, in place of ready.
 *
 * An instant that moves away (cancel, disarm, re-arm to a later one) leaves the
 * timer alone: it fires for nothing once and is set anew then. That bounds the
 * cost of cancel, and of a loop of schedule and cancel.
 *
 * Invariant, whenever core->lock is free and the core is alive: the timer is
 * set to @programmed, which is not after the earliest instant (or is a breath
 * away, see BATCH), or a csd is on its way, or the callback is about to take the
 * lock. @programmed is RTFM_CORE_NEVER if the timer is not queued.
 */
#include <linux/hrtimer.h>
#include <linux/ktime.h>
#include <linux/minmax.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <asm/irq_regs.h>

#include "core.h"
#include "deliver.h"
#include "pure/ceiling.h"
#include "release.h"
#include "trace.h"

/*
 * Work per interrupt. What is left is due at once, but not before the CPU has
 * been free of us for as long again, and a moment: hrtimer_interrupt() would
 * otherwise run the callback again without returning.
 */
#define BATCH		64
#define BREATH		(10 * NSEC_PER_USEC)

static u64 earliest(const struct rtfm_core *core)
{
	const struct rtfm_timer *first = rtfm_timerq_first(&core->queue);

	return first ? min(first->instant, core->armed) : core->armed;
}

static void program(struct rtfm_core *core, u64 instant)
{
	lockdep_assert_held(&core->lock);
	core->programmed = instant;
	hrtimer_start(&core->timer, ns_to_ktime(instant), HRTIMER_MODE_ABS_PINNED_HARD);
}

/* What a poke asks for, on the CPU that was asked. */
static void look_here(struct rtfm_core *core)
{
	u64 instant = earliest(core);

	lockdep_assert_held(&core->lock);
	if (instant < core->programmed)
		program(core, instant);
	/*
	 * No get_irq_regs() here, not even in the interrupt of the csd: what that
	 * interrupted is not known, and is taken for the kernel, where a doorbell
	 * is right.
	 */
	rtfm_deliver_look(core, NULL);
}

/* Restores the invariant after an instant has become earlier. */
static void settle(struct rtfm_core *core)
{
	u64 instant = earliest(core);

	lockdep_assert_held(&core->lock);
	if (instant >= core->programmed)
		return;
	if (core->cpu == smp_processor_id())
		program(core, instant);
	else
		rtfm_release_poke(core);
}

/* The next job that is due goes to its ring. Returns its ready bit, 0 if none. */
static u64 release_one(struct rtfm_core *core, u64 now)
{
	u64 instant, cookie;
	u32 level, job, seq = 0;
	bool pushed;

	if (!rtfm_timerq_pop(&core->queue, now, &instant, &cookie))
		return 0;
	level = cookie >> 32;
	job = cookie;
	pushed = rtfm_region_push(&core->view, level, job, &seq);
	if (pushed)
		core->stats.releases++;
	else
		core->stats.lost++;
	trace_rtfm_release(core->app, core->index, level, job, seq, instant, now, pushed);
	/* a full ring is ready too: the thread had better look at it */
	return rtfm_ready_bit(level);
}

/* Release what is due, at most BATCH jobs, and set the timer for the rest. */
static u64 release_due(struct rtfm_core *core)
{
	u64 now = ktime_get_ns();
	u64 bits = 0, bit = 0, next, end;
	int n = 0;

	for (; n < BATCH; n++) {
		bit = release_one(core, now);
		if (!bit)
			break;
		bits |= bit;
	}
	if (core->armed <= now) {
		core->armed = RTFM_CORE_NEVER;
		bits |= RTFM_READY_TIME;
	}
	next = earliest(core);
	if (n == BATCH) {
		end = ktime_get_ns();
		next = max_t(u64, next, end + (end - now) + BREATH);
	}
	if (next != RTFM_CORE_NEVER)
		program(core, next);
	return bits;
}

/*
 * Reasons to do nothing: the app has ended, or the thread has gone, between the
 * expiry and our getting the lock; or what the timer was set for was cancelled.
 *
 * Context: hard irq, normally on the core's CPU.
 */
static enum hrtimer_restart on_expiry(struct hrtimer *timer)
{
	struct rtfm_core *core = container_of(timer, struct rtfm_core, timer);
	unsigned long flags;
	u64 bits;
	bool here;

	raw_spin_lock_irqsave(&core->lock, flags);
	core->programmed = RTFM_CORE_NEVER;
	if (rtfm_core_alive(core)) {
		bits = release_due(core);
		here = task_cpu(core->task) == smp_processor_id();
		/*
		 * A thread whose levels have no senders on other CPUs does not look
		 * at remote_ready when it lowers its ceiling: tell it in any case.
		 */
		if (bits && !here)
			bits |= RTFM_READY_LOOK;
		if (bits) {
			rtfm_region_make_ready(&core->view, bits, here);
			rtfm_deliver_look(core, get_irq_regs());
		}
	}
	raw_spin_unlock_irqrestore(&core->lock, flags);
	/* program() has queued it again if need be */
	return HRTIMER_NORESTART;
}

/*
 * The other half of rtfm_release_poke().
 *
 * Context: hard irq or idle, on the core's CPU, interrupts off.
 */
static void on_poke(void *data)
{
	struct rtfm_core *core = data;
	unsigned long flags;

	raw_spin_lock_irqsave(&core->lock, flags);
	core->poked = false;
	if (rtfm_core_alive(core))
		look_here(core);
	/* the last access: see rtfm_core_detach() */
	raw_spin_unlock_irqrestore(&core->lock, flags);
}

/**
 * rtfm_release_poke() - let the core's CPU set its timer and look at its words
 * @core: alive
 *
 * One csd serves every sender. It must not be sent while it is queued, and that
 * is what @poked is for, under core->lock on both sides:
 *
 *	- who finds it true sends nothing, and nothing is lost: on_poke() has yet
 *	  to take the lock, and will see what was done before we release it;
 *	- who finds it false may send: on_poke() has begun, and an async csd is
 *	  free again before its function begins.
 *
 * If the CPU is offline, what it should do is done here. A CPU that goes offline
 * runs what was sent to it first.
 *
 * Context: core->lock held, interrupts off; any CPU.
 */
void rtfm_release_poke(struct rtfm_core *core)
{
	lockdep_assert_held(&core->lock);
	if (core->poked)
		return;
	if (core->cpu == smp_processor_id()) {
		look_here(core);
		return;
	}
	core->poked = true;
	if (smp_call_function_single_async(core->cpu, &core->csd)) {
		core->poked = false;
		look_here(core);
	}
}

/**
 * rtfm_release_init() - nothing armed, nothing queued
 * @core: zeroed
 *
 * Context: any.
 */
void rtfm_release_init(struct rtfm_core *core)
{
	core->armed = RTFM_CORE_NEVER;
	core->programmed = RTFM_CORE_NEVER;
	hrtimer_init(&core->timer, CLOCK_MONOTONIC, HRTIMER_MODE_ABS_PINNED_HARD);
	core->timer.function = on_expiry;
	INIT_CSD(&core->csd, on_poke, core);
}

static int not_alive(const struct rtfm_core *core)
{
	if (rtfm_core_alive(core))
		return 0;
	return core->dead ? -ESHUTDOWN : -ENXIO;
}

/*
 * A thread that schedules for itself an instant that has passed need not wait
 * for an interrupt: the job is ready when its system call returns. If it is
 * masked, as libshim is, it looks then; if not, it has to be told.
 */
static void release_now(struct rtfm_core *core)
{
	u64 bits;

	lockdep_assert_held(&core->lock);
	if (core->task != current || core->cpu != smp_processor_id() ||
	    earliest(core) > ktime_get_ns())
		return;
	bits = release_due(core);
	if (!bits)
		return;
	rtfm_region_make_ready(&core->view, bits, true);
	if (!rtfm_region_masked(&core->view))
		rtfm_deliver_look(core, NULL);
}

/**
 * rtfm_release_schedule() - release a job at an instant
 * @core: the core
 * @level: one of its levels
 * @job: cookie
 * @instant: ns
 * @handle: out: for rtfm_release_cancel()
 *
 * Context: process.
 * Return: 0, -EAGAIN if the queue is full, -ENXIO, -ESHUTDOWN.
 */
int rtfm_release_schedule(struct rtfm_core *core, u32 level, u32 job, u64 instant,
			  u64 *handle)
{
	unsigned long flags;
	int err;

	raw_spin_lock_irqsave(&core->lock, flags);
	err = not_alive(core);
	if (!err)
		err = rtfm_timerq_add(&core->queue, instant, (u64)level << 32 | job, handle);
	if (!err) {
		settle(core);
		release_now(core);
	}
	raw_spin_unlock_irqrestore(&core->lock, flags);
	return err;
}

/**
 * rtfm_release_cancel() - take a job back
 * @core: the core
 * @handle: from rtfm_release_schedule()
 *
 * Context: process.
 * Return: 0, -ENOENT if it is not queued any more, -ENXIO, -ESHUTDOWN.
 */
int rtfm_release_cancel(struct rtfm_core *core, u64 handle)
{
	unsigned long flags;
	int err;

	raw_spin_lock_irqsave(&core->lock, flags);
	err = not_alive(core);
	if (!err)
		err = rtfm_timerq_remove(&core->queue, handle, NULL);
	raw_spin_unlock_irqrestore(&core->lock, flags);
	return err;
}

/**
 * rtfm_release_arm() - set or clear the instant of RTFM_IOC_ARM
 * @core: the calling thread's
 * @instant: ns, or RTFM_CORE_NEVER
 *
 * Context: process.
 * Return: 0, -ENXIO, -ESHUTDOWN.
 */
int rtfm_release_arm(struct rtfm_core *core, u64 instant)
{
	unsigned long flags;
	int err;

	raw_spin_lock_irqsave(&core->lock, flags);
	err = not_alive(core);
	if (!err) {
		core->armed = instant;
		settle(core);
	}
	raw_spin_unlock_irqrestore(&core->lock, flags);
	return err;
}

/**
 * rtfm_release_forget() - empty the queue, disarm
 * @core: without a thread, its timer cancelled
 *
 * Context: process, may sleep, app->lock held (nobody attaches meanwhile).
 */
void rtfm_release_forget(struct rtfm_core *core)
{
	u64 instant, cookie;
	unsigned long flags;
	bool more = true;
	int n;

	while (more) {
		raw_spin_lock_irqsave(&core->lock, flags);
		for (n = 0; more && n < BATCH; n++)
			more = rtfm_timerq_pop(&core->queue, U64_MAX, &instant, &cookie);
		core->armed = RTFM_CORE_NEVER;
		core->programmed = RTFM_CORE_NEVER;
		raw_spin_unlock_irqrestore(&core->lock, flags);
		cond_resched();
	}
}
