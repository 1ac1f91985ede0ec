/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The timer queue of a core, for the engines that keep it in user space.
 *
 * Only the core's own thread accesses the queue. Each other core has a ring for its
 * requests, and sets RTFM_READY_TIME; the core then takes the requests out.
 *
 * The word state of the slot tells who owns the job. It is (gen, ARMED) from the
 * submission on; one compare-and-swap changes it from there, once:
 *
 *	(gen, ARMED) -> (gen, RELEASED)		released, by the core
 *	(gen, ARMED) -> (gen, CANCELLED)	cancelled, by anyone
 *	(gen, ARMED) -> (gen + 1, ARMED)	moved, by anyone
 *
 * Of two threads that try, one succeeds and the other is told that it failed. When the
 * core takes out a timer or a request, it drops it if gen is no longer the slot's or the
 * job is cancelled; in the second case it also releases the slot.
 */
#ifndef RTFM_SRC_TIMER_H
#define RTFM_SRC_TIMER_H

#include <stdbool.h>
#include <stdint.h>

#include "compiler.h"
#include "core.h"
#include "slot.h"

/**
 * timer_submit() - release @job of @target at @instant
 * @core: the calling core, excluded
 * @target: the core of the job
 * @slot: the job's, whose state says (gen, ARMED)
 * @gen: of the slot
 * @instant: ns
 *
 * Return: 0; 1 if the caller has to notify @target, because the instant is before that at
 * which it will call timer_expire(); -EAGAIN if the ring of requests is full: @target has
 * been notified and will take them out.
 */
int timer_submit(struct core *core, struct core *target, struct rtfmx_slot *slot, uint32_t gen,
		 uint64_t instant) INTERNAL;

/**
 * timer_repeat() - release a job of the own core at an instant, and every period after it
 * @core: the calling core, excluded
 * @slot: the job's
 * @instant: ns
 * @period: ns
 */
void timer_repeat(struct core *core, struct rtfmx_slot *slot, uint64_t instant,
		  uint64_t period) INTERNAL;

/**
 * timer_withdraw() - undo timer_submit() when @target cannot be notified
 * @core: the calling core, excluded
 * @slot: as submitted
 * @gen: as submitted
 *
 * Return: whether the job is the caller's again. If not, it has been released.
 */
bool timer_withdraw(struct core *core, struct rtfmx_slot *slot, uint32_t gen)
	INTERNAL;

/**
 * timer_disarm() - take a job back
 * @core: the calling core, excluded
 * @target: the core of the job
 * @slot: as submitted
 * @gen: as submitted
 *
 * Return: 0, or -ENOENT, also if @target has left.
 */
int timer_disarm(struct core *core, struct core *target, struct rtfmx_slot *slot, uint32_t gen)
	INTERNAL;

/**
 * timer_move() - release a job at another instant
 * @core: the calling core, excluded
 * @target: the core of the job
 * @slot: as submitted
 * @gen: as submitted; the slot's is one more afterwards
 * @instant: ns
 *
 * Return: 0, -ENOENT, -ESHUTDOWN if @target has left, or -EAGAIN if half the ring of
 * requests is full: @target has been notified and will take them out.
 */
int timer_move(struct core *core, struct core *target, struct rtfmx_slot *slot, uint32_t gen,
	       uint64_t instant) INTERNAL;

/**
 * timer_expire() - take in requests, release the jobs of expired timers
 * @core: the calling core, excluded
 * @now: a timer has expired if its instant is not later than this
 * @release: called for each job to be released; if it returns an error, the job
 *	stays queued and is tried again a millisecond later
 *
 * From here on other cores notify the core of each job that they schedule, until the
 * caller promises to call again at an instant: timer_promise().
 *
 * Return: the instant of the next timer, or TIMER_NEVER.
 */
uint64_t timer_expire(struct core *core, uint64_t now,
		      int (*release)(struct core *core, struct rtfmx_slot *slot)) INTERNAL;

/*
 * The core will call timer_expire() at @instant at the latest: other cores need not notify
 * it of later ones. Its alarm is armed for that, or it is about to sleep until then. No
 * fence: if a sender reads an older promise, timer_expire() has taken its request, or it
 * notifies the core without need. A core that disarms its alarm because a job has cancelled
 * the timer must check for requests afterwards, as park() of engine soft does: a sender has
 * relied on the older promise.
 */
static inline void timer_promise(struct core *core, uint64_t instant)
{
	__atomic_store_n(&core->timers.next, instant, __ATOMIC_RELAXED);
}

/* The instant of the next timer in the core's own queue, or TIMER_NEVER. */
static inline uint64_t timer_first(const struct core *core)
{
	const struct rtfm_timer *first = rtfm_timerq_first(&core->timers.queue);

	return first ? first->instant : TIMER_NEVER;
}

/* The number of a slot's timer in the queue of the task's core. */
static inline uint32_t timer_of(const struct app *app, const struct rtfmx_slot *slot)
{
	return port_of(app, slot->job)->timer + RTFMX_JOB_SLOT(slot->job);
}

/* The slot of a timer of a core. The number may be invalid, as the kernel's ring is shared. */
static inline struct rtfmx_slot *timer_slot(const struct core *core, uint32_t timer)
{
	if (RTFMX_UNLIKELY(timer >= core->timers.queue.capacity))
		timer = 0;
	return core->timers.slots[timer];
}

#endif /* RTFM_SRC_TIMER_H */
