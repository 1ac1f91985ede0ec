// SPDX-License-Identifier: GPL-2.0-only
/*
 * Release: jobs with an instant.
 *
 * A core has one hrtimer, for the earliest of its queue and of RTFM_IOC_ARM.
 * It must expire on the core's CPU, because only there can a delivery see what the
 * thread is doing, and a pinned hrtimer expires where it was started. So
 *
 *	- code that runs on that CPU starts the timer;
 *	- code on another CPU sends the core's csd there, whose function starts the timer,
 *	  but only if the new instant is earlier than that for which the timer is set;
 *	- if that CPU is offline, the timer is started on the CPU where the code runs. The
 *	  hotplug code moves a queued timer likewise. When the CPU is online again, the
 *	  callback sends the timer back.
 *
 * The callback therefore checks each time on which CPU it runs. On another CPU than the
 * thread's it sets remote_ready, atomically, in place of ready; and other code may have
 * started the timer while the callback waited for the lock.
 *
 * The core's thread submits without a system call: into a ring, from which entries are taken
 * in here whenever the timer fires, and by every system call that accesses the queue. The
 * thread makes a system call only if its instant is before @programmed, of which ctl->next
 * is a copy. So
 *
 *	- ctl->next is never before the instant at which the ring is taken in next;
 *	- when it is moved to a later one, which only an expiry does, the ring is
 *	  checked afterwards.
 *
 * An expired timer is released before entries are taken in, unless one of them has an
 * earlier instant; then the interrupt returns, so that the job starts, and another one,
 * a PAUSE later, takes the entries in. If no timer has expired, they are taken in a STEP at
 * a time. After each STEP the clock is read, and a system call enables interrupts in
 * between. So a release waits for one STEP at most.
 *
 * If the first timer is cancelled or moved to a later instant, the hrtimer is not changed: it
 * fires once without need, and is set again then. That bounds the cost of cancel, and
 * of a loop of schedule and cancel.
 *
 * Invariant, whenever core->lock is free and the core is alive: the timer is
 * set to @programmed, which is not after the earliest instant (or is a pause
 * away, see BATCH), or a csd is on its way, or the callback is about to take the
 * lock. @programmed is RTFM_NEVER if the timer is not queued.
 */
#include <linux/cpumask.h>
#include <linux/hrtimer.h>
#include <linux/ktime.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <asm/irq_regs.h>

#include "compat.h"
#include "core.h"
#include "deliver.h"
#include "pure/ceiling.h"
#include "release.h"
#include "trace.h"
#include "upcall.h"

/*
 * The work of one interrupt is bounded by BATCH, that of a series of interrupts by SERIES; in
 * a series the CPU is free for less than a GAP between two interrupts, about the time that it
 * takes to enter and leave one. The next interrupt then comes after a pause, as long as the
 * work was plus PAUSE: without it hrtimer_interrupt() would run the callback again without
 * returning. So the module takes at most half of the CPU's time, whatever the timers.
 * (hrtimer_interrupt() has such a bound, too, but counts only the time inside of it.)
 */
#define BATCH		64
#define STEP		8	/* entries to take in between two checks for expired timers */
#define FEW		2	/* entries that are taken in together with a release */
#define SERIES		(250 * NSEC_PER_USEC)
#define GAP		(2 * NSEC_PER_USEC)
#define PAUSE		(10 * NSEC_PER_USEC)
#define LONGEST		(10ULL * NSEC_PER_MSEC)	/* a longer series was a stall of the machine */

static u64 earliest(const struct rtfm_core *core)
{
	const struct rtfm_timer *first = rtfm_timerq_first(&core->queue);
	u64 instant = first ? min(first->instant, core->armed) : core->armed;

	return max(instant, core->rest);
}

static void promise(struct rtfm_core *core, u64 instant)
{
	lockdep_assert_held(&core->lock);
	core->programmed = instant;
	rtfm_region_set_next(&core->view, instant);
}

static void program(struct rtfm_core *core, u64 instant)
{
	promise(core, instant);
	if (instant != RTFM_NEVER)
		hrtimer_start(&core->timer, ns_to_ktime(instant), HRTIMER_MODE_ABS_PINNED_HARD);
}

/*
 * The same from the timer's own callback, which restarts the timer by its return value;
 * unless the timer is queued again already: then its expiry must not be changed directly.
 */
static __always_inline enum hrtimer_restart program_again(struct rtfm_core *core, u64 instant)
{
	if (unlikely(hrtimer_is_queued(&core->timer))) {
		program(core, instant);
		return HRTIMER_NORESTART;
	}
	promise(core, instant);
	if (instant == RTFM_NEVER)
		return HRTIMER_NORESTART;
	hrtimer_set_expires(&core->timer, ns_to_ktime(instant));
	return HRTIMER_RESTART;
}

static int submit(struct rtfm_core *core, const struct rtfm_submit *entry)
{
	struct rtfm_core_timer *timer;
	u32 nr = entry->timer;
	int err;

	if (!entry->level || entry->level > RTFM_MAX_PRIORITY ||
	    !(core->levels & rtfm_ready_bit(entry->level)))
		return -EINVAL;
	if (entry->instant > S64_MAX || entry->period > S64_MAX)
		return -EINVAL;
	if (entry->period && entry->period < core->min_period)
		return -EINVAL;
	if (!rtfm_timerq_number(&core->queue, &nr))
		return -EINVAL;
	err = rtfm_timerq_add(&core->queue, nr, entry->instant);
	if (err)
		return err;
	timer = &core->timers[nr];
	timer->period = entry->period;
	timer->tag = entry->tag;
	timer->level = entry->level;
	timer->job = entry->job;
	timer->released = false;
	return 0;
}

/* Take in a STEP of the submission ring. */
static void take_in(struct rtfm_core *core)
{
	struct rtfm_submit entry;
	int n;

	lockdep_assert_held(&core->lock);
	for (n = 0; n < STEP && rtfm_region_pull(&core->view, &entry); n++)
		if (submit(core, &entry))
			core->stats.lost++;
}

/*
 * The work of a poke, on the CPU to which it was sent. If the timer comes home, what is in the
 * submission ring has not been taken in, and ctl->next may be an instant for that.
 */
static void look_here(struct rtfm_core *core)
{
	u64 instant = earliest(core);

	lockdep_assert_held(&core->lock);
	if (core->programmed == RTFM_NEVER && rtfm_region_submits(&core->view))
		instant = min(instant, ktime_get_ns() + PAUSE);
	if (instant < core->programmed)
		program(core, instant);
	rtfm_deliver_look(core, rtfm_upcall_interrupted());
}

/*
 * Restores the invariant after an instant has become earlier. A poke on its way may bring the
 * timer home: it sets it, and nobody else.
 */
static void settle(struct rtfm_core *core)
{
	u64 instant = earliest(core);

	lockdep_assert_held(&core->lock);
	if (instant >= core->programmed)
		return;
	if (core->cpu == smp_processor_id() && !core->poked)
		program(core, instant);
	else
		rtfm_release_poke(core);
}

/*
 * Set a periodic timer again. A release is skipped if the job of the previous one is still
 * in the ring (release_one()), or if the next release is due as well, so that jobs do not
 * accumulate. Both are counted, and the thread sees it in the instants of the jobs.
 */
static __always_inline void repeat(struct rtfm_core *core, u64 period, u64 instant, u64 now)
{
	u64 next = instant + period;
	u64 missed;

	if (unlikely(next <= now)) {
		missed = (now - instant) / period;
		core->stats.overruns += missed;
		next += missed * period;
	}
	/* instants above S64_MAX are not released */
	if (likely(next <= S64_MAX))
		rtfm_timerq_postpone(&core->queue, next);
	else
		rtfm_timerq_remove(&core->queue, core->queue.heap[0]);
}

/*
 * Release the first timer, which has expired: put its job into the ring of its level. Returns
 * the job's ready bit, also if the ring is full, so that the thread empties it.
 */
static __always_inline u64 release_one(struct rtfm_core *core, u64 instant, u64 now)
{
	u32 nr = core->queue.heap[0];
	struct rtfm_core_timer *timer = &core->timers[nr];
	u32 level = timer->level, seq = 0;
	u64 period = timer->period;
	bool pushed = false;

	if (period && timer->released && rtfm_region_waiting(&core->view, level, timer->entry)) {
		core->stats.overruns++;
	} else {
		timer->entry = core->view.ktail[level];
		pushed = rtfm_region_push(&core->view, level, timer->job, instant, &seq);
		timer->released = pushed;
		if (likely(pushed))
			core->stats.releases++;
		else
			core->stats.lost++;
	}
	if (trace_rtfm_release_enabled())
		trace_rtfm_release(core->app, core->index, level, timer->job, seq, instant, now,
				   pushed);
	if (period)
		repeat(core, period, instant, now);
	else
		rtfm_timerq_remove(&core->queue, nr);
	return rtfm_ready_bit(level);
}

/* The instant at which to continue work that began at @begin. */
static u64 pause_after(u64 begin)
{
	u64 end = ktime_get_ns();

	return end + min(end - begin, LONGEST) + PAUSE;
}

/*
 * End the work that began at @begin; there is @more of it, or the next timer expires at
 * @next. Only if the next interrupt follows within a GAP does the time that the work took
 * count. Returns the instant of the next interrupt.
 */
static u64 take_pause(struct rtfm_core *core, u64 begin, u64 next, bool more)
{
	if (!more && next > ktime_get_ns() + GAP) {
		core->series = 0;
		return next;
	}
	if (!core->series)
		core->series = begin;
	if (!more && ktime_get_ns() - core->series < SERIES)
		return next;
	core->rest = pause_after(core->series);
	core->series = 0;
	return max(next, core->rest);
}

/**
 * struct turn - what an interrupt has done
 * @bits: ready bits
 * @next: instant of the next interrupt, or RTFM_NEVER
 */
struct turn {
	u64 bits;
	u64 next;
};

/* Release timers up to the instant @limit, at most @left. Returns their ready bits. */
static u64 release_until(struct rtfm_core *core, u64 limit, u64 now, int *left)
{
	const struct rtfm_timer *first = rtfm_timerq_first(&core->queue);
	u64 bits = 0;

	for (; *left && first && first->instant <= limit; --*left) {
		bits |= release_one(core, first->instant, now);
		first = rtfm_timerq_first(&core->queue);
	}
	return bits;
}

/*
 * The same, with entries in the submission ring, which are taken in as far as the bounds
 * allow. Jobs are released in the order of their instants, so a timer with a later instant
 * than an entry waits for it. Returns the ready bits, and in @again the instant at which to
 * continue, or RTFM_NEVER.
 */
static u64 release_and_take_in(struct rtfm_core *core, u64 begin, int *left, u64 *again)
{
	u64 now = begin, bits = 0;
	u32 taken, waiting;

	for (taken = 0;; taken += STEP) {
		waiting = rtfm_region_submits(&core->view);
		bits |= release_until(core, waiting ?
				      min(now, rtfm_region_first_submitted(&core->view)) : now,
				      now, left);
		if (!waiting || !*left || (bits && waiting > FEW) || taken >= RTFM_SUBMITS)
			break;
		take_in(core);
		now = ktime_get_ns();
	}
	*again = waiting ? pause_after(begin) : RTFM_NEVER;
	return bits;
}

/* All but the common case of release_due(), which has released the jobs of @bits. */
static noinline struct turn release_rest(struct rtfm_core *core, u64 now, u64 bits)
{
	u64 again = RTFM_NEVER;
	int left = bits ? BATCH - 1 : BATCH;
	struct turn turn;

	if (rtfm_region_quiet(&core->view))
		bits |= release_until(core, now, now, &left);
	else
		bits |= release_and_take_in(core, now, &left, &again);
	if (core->armed <= now) {
		core->armed = RTFM_NEVER;
		bits |= RTFM_READY_TIME;
	}
	turn.bits = bits;
	turn.next = take_pause(core, now, min(earliest(core), again), !left);
	return turn;
}

/*
 * Release the timers that have expired at @now, and take in submissions. The common case is
 * inline: no submission, one expired timer, and no other that expires soon.
 */
static __always_inline struct turn release_due(struct rtfm_core *core, u64 now)
{
	const struct rtfm_timer *first = rtfm_timerq_first(&core->queue);
	struct turn turn = {};

	if (unlikely(!rtfm_region_quiet(&core->view)))
		return release_rest(core, now, 0);
	if (likely(first && first->instant <= now))
		turn.bits = release_one(core, first->instant, now);
	turn.next = earliest(core);
	if (unlikely(turn.next <= now + SERIES))
		return release_rest(core, now, turn.bits);
	core->series = 0;
	return turn;
}

/*
 * Is the core's thread on this CPU, and will it remain there until this interrupt has
 * returned? If it does not run now, only if it is still pinned; it no longer is once its CPU
 * has been offline.
 */
static bool is_here(const struct task_struct *task)
{
	return task == current ||
	       (task_cpu(task) == smp_processor_id() && task->nr_cpus_allowed == 1);
}

/*
 * The core's CPU was offline and is online again: poke it to set the timer there. ctl->next
 * is not changed, because look_here() sets no later instant.
 */
static enum hrtimer_restart send_home(struct rtfm_core *core)
{
	core->programmed = RTFM_NEVER;
	rtfm_release_poke(core);
	return HRTIMER_NORESTART;
}

/* Reasons to do nothing: the app has ended, or the thread has gone. */
static enum hrtimer_restart expire(struct rtfm_core *core)
{
	enum hrtimer_restart again;
	struct turn turn;
	u64 begin;
	bool here;

	lockdep_assert_held(&core->lock);
	core->programmed = RTFM_NEVER;
	if (unlikely(!rtfm_core_alive(core) || rtfm_core_left(core)))
		return HRTIMER_NORESTART;
	begin = ktime_get_ns();
	turn = release_due(core, begin);
	again = program_again(core, turn.next);
	here = is_here(core->task);
	/*
	 * The thread, on another CPU, may have submitted something while it saw the old
	 * ctl->next. (On this CPU it cannot: it was interrupted before or after.)
	 */
	if (unlikely(!here && rtfm_region_submitted(&core->view)))
		again = program_again(core, min(core->programmed, pause_after(begin)));
	/*
	 * A thread whose levels have no senders on other CPUs does not check
	 * remote_ready when it lowers its ceiling: notify it in any case.
	 */
	if (unlikely(turn.bits && !here))
		turn.bits |= RTFM_READY_LOOK;
	if (likely(turn.bits)) {
		rtfm_region_make_ready(&core->view, turn.bits, here);
		if (READ_ONCE(core->parked))
			rtfm_deliver_wake(core);
		else
			rtfm_deliver_look(core, get_irq_regs());
	}
	if (unlikely(core->cpu != smp_processor_id()) && again == HRTIMER_RESTART &&
	    cpu_online(core->cpu))
		return send_home(core);
	return again;
}

/*
 * Context: hard irq on every kernel, interrupts off, normally on the core's CPU.
 */
static enum hrtimer_restart on_expiry(struct hrtimer *timer)
{
	struct rtfm_core *core = container_of(timer, struct rtfm_core, timer);
	enum hrtimer_restart again;

	raw_spin_lock(&core->lock);
	again = expire(core);
	raw_spin_unlock(&core->lock);
	return again;
}

/*
 * The other half of rtfm_release_poke().
 *
 * Context: hard irq or idle, on the core's CPU, interrupts off.
 */
static void on_poke(void *data)
{
	struct rtfm_core *core = data;

	raw_spin_lock(&core->lock);
	core->poked = false;
	if (rtfm_core_alive(core))
		look_here(core);
	/* the last access: see rtfm_thread_detach() */
	raw_spin_unlock(&core->lock);
}

/**
 * rtfm_release_poke() - let the core's CPU set its timer and check its words
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
 * @ntimers: how many may be pending
 *
 * Context: process, may sleep.
 * Return: 0 or -ENOMEM; after 0, rtfm_release_free() gives the memory back.
 */
int rtfm_release_init(struct rtfm_core *core, u32 ntimers)
{
	struct rtfm_core_timer *timers;
	struct rtfm_timer *entries;
	u32 *heap;

	core->armed = RTFM_NEVER;
	core->programmed = RTFM_NEVER;
	rtfm_compat_hrtimer_setup(&core->timer, on_expiry, HRTIMER_MODE_ABS_PINNED_HARD);
	INIT_CSD(&core->csd, on_poke, core);
	if (!ntimers)
		return 0;

	entries = kvcalloc(ntimers, sizeof(*entries), GFP_KERNEL_ACCOUNT);
	heap = kvcalloc(ntimers, sizeof(*heap), GFP_KERNEL_ACCOUNT);
	timers = kvcalloc(ntimers, sizeof(*timers), GFP_KERNEL_ACCOUNT);
	if (!entries || !heap || !timers)
		goto err_free_queue;
	rtfm_timerq_init(&core->queue, entries, heap, ntimers);
	core->timers = timers;
	return 0;

err_free_queue:
	kvfree(timers);
	kvfree(entries);
	kvfree(heap);
	return -ENOMEM;
}

/**
 * rtfm_release_free() - free what rtfm_release_init() allocated
 * @core: without a thread
 *
 * Context: process, may sleep.
 */
void rtfm_release_free(struct rtfm_core *core)
{
	WARN_ON_ONCE(core->task);
	kvfree(core->timers);
	kvfree(core->queue.entries);
	kvfree(core->queue.heap);
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
	u64 now = ktime_get_ns();
	struct turn turn;

	lockdep_assert_held(&core->lock);
	if (core->task != current || core->cpu != smp_processor_id() || earliest(core) > now)
		return;
	turn = release_rest(core, now, 0);
	program(core, turn.next);
	if (!turn.bits)
		return;
	rtfm_region_make_ready(&core->view, turn.bits, true);
	if (!rtfm_region_masked(&core->view))
		rtfm_deliver_look(core, NULL);
}

/*
 * Take in what the thread has submitted: for a system call, and once round the ring, whatever
 * the thread does to it. Between two STEPs the lock is free and interrupts are on: a
 * release that has become due does not wait for the rest.
 */
static int take_in_all(struct rtfm_core *core, unsigned long *flags)
{
	u32 n;
	int err;

	lockdep_assert_held(&core->lock);
	for (n = 0;; n += STEP) {
		err = not_alive(core);
		if (err || n >= RTFM_SUBMITS || !rtfm_region_submits(&core->view))
			return err;
		take_in(core);
		settle(core);
		if (rtfm_region_submits(&core->view)) {
			raw_spin_unlock_irqrestore(&core->lock, *flags);
			raw_spin_lock_irqsave(&core->lock, *flags);
		}
	}
}

/**
 * rtfm_release_schedule() - release a job at an instant
 * @core: the core
 * @entry: what and when; nothing of it has been checked
 *
 * Context: process.
 * Return: 0, -EINVAL, -EBUSY if the timer is pending, -ENXIO, -ESHUTDOWN.
 */
int rtfm_release_schedule(struct rtfm_core *core, const struct rtfm_submit *entry)
{
	unsigned long flags;
	int err;

	raw_spin_lock_irqsave(&core->lock, flags);
	err = take_in_all(core, &flags);
	if (!err) {
		err = submit(core, entry);
		settle(core);
		release_now(core);
	}
	raw_spin_unlock_irqrestore(&core->lock, flags);
	return err;
}

/**
 * rtfm_release_submit() - take in the submission ring
 * @core: the calling thread's
 *
 * Context: process.
 * Return: 0, -ENXIO, -ESHUTDOWN.
 */
int rtfm_release_submit(struct rtfm_core *core)
{
	unsigned long flags;
	int err;

	raw_spin_lock_irqsave(&core->lock, flags);
	err = take_in_all(core, &flags);
	if (!err)
		release_now(core);
	raw_spin_unlock_irqrestore(&core->lock, flags);
	return err;
}

/**
 * rtfm_release_cancel() - take a job back
 * @core: the core
 * @nr: its timer
 * @tag: as submitted
 *
 * Context: process.
 * Return: 0, -ENOENT if it is not pending any more, -ENXIO, -ESHUTDOWN.
 */
int rtfm_release_cancel(struct rtfm_core *core, u32 nr, u32 tag)
{
	unsigned long flags;
	int err;

	raw_spin_lock_irqsave(&core->lock, flags);
	err = take_in_all(core, &flags);
	if (!err) {
		if (rtfm_timerq_number(&core->queue, &nr) &&
		    rtfm_timerq_queued(&core->queue, nr) && core->timers[nr].tag == tag)
			err = rtfm_timerq_remove(&core->queue, nr);
		else
			err = -ENOENT;
		settle(core);
	}
	raw_spin_unlock_irqrestore(&core->lock, flags);
	return err;
}

/**
 * rtfm_release_arm() - set or clear the instant of RTFM_IOC_ARM
 * @core: the calling thread's
 * @instant: ns, or RTFM_NEVER
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
 * Context: process, may sleep, app->lock held (no thread attaches meanwhile).
 */
void rtfm_release_forget(struct rtfm_core *core)
{
	unsigned long flags;
	bool more = true;
	u64 instant;
	int n;
	u32 nr;

	raw_spin_lock_irqsave(&core->lock, flags);
	/* one pass: the time must not depend on threads that write the region */
	for (n = 0; n < RTFM_SUBMITS; n += STEP)
		take_in(core);
	raw_spin_unlock_irqrestore(&core->lock, flags);
	while (more) {
		raw_spin_lock_irqsave(&core->lock, flags);
		for (n = 0; more && n < BATCH; n++)
			more = rtfm_timerq_pop(&core->queue, U64_MAX, &nr, &instant);
		core->armed = RTFM_NEVER;
		core->rest = 0;
		core->series = 0;
		program(core, RTFM_NEVER);
		raw_spin_unlock_irqrestore(&core->lock, flags);
		cond_resched();
	}
}
