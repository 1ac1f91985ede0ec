// SPDX-License-Identifier: MIT OR Apache-2.0
/* The timer queue of a core in user space. The protocol: timer.h. */
#include <errno.h>
#include <ring.h>

#include "periodic.h"
#include "slot.h"
#include "state.h"
#include "timer.h"

#define RETRY_NS 1000000u

static bool claim(struct rtfmx_slot *slot, uint32_t from, uint32_t to)
{
	/* T: acquire and release: the payload is written before the state, and read after it */
	return __atomic_compare_exchange_n(&slot->state, &from, to, false, __ATOMIC_ACQ_REL,
					   __ATOMIC_RELAXED);
}

/* A timer of the level has been added to the queue (1), or removed from it (-1). */
static void count(struct timers *timers, uint32_t level, int change)
{
	timers->queued[level] += (uint32_t)change;
	if (timers->queued[level])
		timers->levels |= 1u << level;
	else
		timers->levels &= ~(1u << level);
}

/* The queue is never full: each slot has a timer of its own, which is queued once. */
static void enqueue(struct core *core, struct rtfmx_slot *slot, uint32_t gen, uint64_t instant)
{
	uint32_t nr = timer_of(core->app, slot);
	struct timer_entry *entry = &core->timers.entries[nr];

	entry->gen = gen;
	rtfm_timerq_add(&core->timers.queue, nr, instant);
	count(&core->timers, entry->level, 1);
}

/* Returns whether it was queued. */
static bool dequeue(struct core *core, const struct rtfmx_slot *slot)
{
	uint32_t nr = timer_of(core->app, slot);

	if (rtfm_timerq_remove(&core->timers.queue, nr))
		return false;
	count(&core->timers, core->timers.entries[nr].level, -1);
	return true;
}

static uint32_t room_of(const struct timer_ring *ring)
{
	/* A: pairs with H in drain_one() */
	return rtfm_ring_room(rtfm_load_acquire(&ring->head), ring->tail, ring->entries);
}

/*
 * Between two calls of timer_expire() by the target, a sender can submit and cancel each
 * of its slots once, because the slot is free again only after the call. A ring has four
 * times as many entries as the sender has slots there (layout.c), and half of them are not
 * available to moves and to cancels of jobs of other senders. It can nevertheless be full
 * if the engine fails to notify the target again and again (timer_withdraw()). A sender
 * that finds it full notifies the target, as no other notification may be under way.
 */
static bool ask(struct core *core, struct core *target, struct timer_request request)
{
	struct timer_ring *ring = &target->timers.requests[core->nr];
	uint32_t tail = ring->tail;

	if (!room_of(ring))
		return false;
	ring->request[rtfm_ring_index(tail, ring->entries)] = request;
	rtfm_store_release(&ring->tail, tail + 1);	/* D: pairs with E in drain_one() */
	/* P: with the load of next in timer_submit(); pairs with Q in timer_expire() */
	__atomic_fetch_or(&target->timers.asked, 1u << core->nr, __ATOMIC_SEQ_CST);
	return true;
}

int timer_submit(struct core *core, struct core *target, struct rtfmx_slot *slot, uint32_t gen,
		 uint64_t instant)
{
	uint64_t next;

	if (core == target) {
		next = timer_first(core);
		enqueue(core, slot, gen, instant);
		if (instant >= next)
			return 0;
	} else if (!ask(core, target, (struct timer_request){ instant, slot->job, gen })) {
		core->app->engine->look_at_time(core, target);
		return -EAGAIN;
	}
	/*
	 * P: SEQ_CST as well. On arm64 without LSE the OR in ask() is a pair of ldaxr and stlxr,
	 * which a plain load after it may pass.
	 */
	return instant < __atomic_load_n(&target->timers.next, __ATOMIC_SEQ_CST);
}

void timer_repeat(struct core *core, struct rtfmx_slot *slot, uint64_t instant, uint64_t period)
{
	core->timers.entries[timer_of(core->app, slot)].period = period;
	enqueue(core, slot, 0, instant);
}

bool timer_withdraw(struct core *core, struct rtfmx_slot *slot, uint32_t gen)
{
	(void)core;
	return claim(slot, SLOT_STATE(gen, SLOT_ARMED), SLOT_STATE(gen, SLOT_IDLE));
}

int timer_disarm(struct core *core, struct core *target, struct rtfmx_slot *slot, uint32_t gen)
{
	const struct timer_ring *ring = &target->timers.requests[core->nr];

	if (state_over(target))
		return -ENOENT;
	if (!claim(slot, SLOT_STATE(gen, SLOT_ARMED), SLOT_STATE(gen, SLOT_CANCELLED)))
		return -ENOENT;
	if (core != target) {
		bool own = RTFMX_JOB_SENDER(slot->job) == core->nr;

		/* If there is no room, the slot is released when the instant has passed. */
		if ((own || room_of(ring) > ring->entries / 2) &&
		    ask(core, target, (struct timer_request){ 0, slot->job, gen }))
			core->app->engine->look_at_time(core, target);
		return 0;
	}
	/* Another core's request may still be in its ring: then take_in() drops it. */
	if (dequeue(core, slot)) {
		__atomic_store_n(&slot->state, SLOT_STATE(gen, SLOT_IDLE), __ATOMIC_RELEASE);
		slot_give(core, slot);
	}
	return 0;
}

/*
 * A core need not be notified of a move to a later instant. So that these do not fill the
 * ring of a core that sleeps, it is notified of each once a quarter of the ring is full.
 */
int timer_move(struct core *core, struct core *target, struct rtfmx_slot *slot, uint32_t gen,
	       uint64_t instant)
{
	struct timer_ring *ring = &target->timers.requests[core->nr];
	uint32_t next = slot_next_gen(gen), room = ring->entries;
	int ret;

	if (state_over(target))
		return -ESHUTDOWN;
	if (core != target)
		room = room_of(ring);
	if (room <= ring->entries / 2) {
		core->app->engine->look_at_time(core, target);
		return -EAGAIN;
	}
	if (!claim(slot, SLOT_STATE(gen, SLOT_ARMED), SLOT_STATE(next, SLOT_ARMED)))
		return -ENOENT;
	/* the job cannot be released before it is submitted again */
	slot->scheduled = instant;
	if (core == target)
		dequeue(core, slot);
	ret = timer_submit(core, target, slot, next, instant);
	if (ret > 0 || room <= ring->entries / 4 * 3)
		core->app->engine->look_at_time(core, target);
	return ret < 0 ? ret : 0;
}

static void take_in(struct core *core, const struct timer_request *request)
{
	struct rtfmx_slot *slot = slot_of(core->app, request->job);
	uint32_t state = __atomic_load_n(&slot->state, __ATOMIC_ACQUIRE);

	if (SLOT_GEN(state) != request->gen)
		return;		/* moved meanwhile: another request follows */
	dequeue(core, slot);
	if (state == SLOT_STATE(request->gen, SLOT_ARMED)) {
		enqueue(core, slot, request->gen, request->instant);
	} else if (claim(slot, SLOT_STATE(request->gen, SLOT_CANCELLED),
			 SLOT_STATE(request->gen, SLOT_IDLE))) {
		slot_give(core, slot);
	}
}

static void drain_one(struct core *core, struct timer_ring *ring)
{
	uint32_t head = ring->head;
	/* E: pairs with D in ask() */
	uint32_t tail = rtfm_load_acquire(&ring->tail);

	for (; head != tail; head++) {
		struct timer_request request = ring->request[rtfm_ring_index(head, ring->entries)];

		/* H: pairs with A in room_of() */
		rtfm_store_release(&ring->head, head + 1);
		take_in(core, &request);
	}
}

static bool asked(const struct core *core)
{
	return __atomic_load_n(&core->timers.asked, __ATOMIC_RELAXED);
}

/* The bits are cleared first: a request after that sets its bit again. */
static void drain(struct core *core)
{
	uint32_t senders;

	if (!asked(core))
		return;
	senders = __atomic_exchange_n(&core->timers.asked, 0, __ATOMIC_SEQ_CST);
	for (; senders; senders &= senders - 1)
		drain_one(core, &core->timers.requests[__builtin_ctz(senders)]);
}

/* If the release fails, the job stays queued and is tried again. */
static void release_once(struct core *core, struct rtfmx_slot *slot, uint32_t gen, uint64_t now,
			 int (*release)(struct core *core, struct rtfmx_slot *slot))
{
	if (claim(slot, SLOT_STATE(gen, SLOT_ARMED), SLOT_STATE(gen, SLOT_RELEASED))) {
		if (!release(core, slot))
			return;
		__atomic_store_n(&slot->state, SLOT_STATE(gen, SLOT_ARMED), __ATOMIC_RELEASE);
		enqueue(core, slot, gen, now + RETRY_NS);
	} else if (claim(slot, SLOT_STATE(gen, SLOT_CANCELLED), SLOT_STATE(gen, SLOT_IDLE))) {
		slot_give(core, slot);
	} else {
		/* the request of the move follows; until then no timer is queued for the job */
		core->timers.moved |= 1u << task_of(core->app, slot->job)->priority;
	}
}

/*
 * A release is skipped if the previous job has not started, if the next release is due as
 * well, or if it fails. The task sees it as a gap between the instants of two jobs.
 */
static void release_again(struct core *core, struct rtfmx_slot *slot, uint64_t period,
			  uint64_t instant, uint64_t now,
			  int (*release)(struct core *core, struct rtfmx_slot *slot))
{
	uint64_t missed = (now - instant) / period;

	if (periodic_release(slot, instant) && release(core, slot))
		periodic_of(slot)->waiting = false;
	enqueue(core, slot, 0, instant + (missed + 1) * period);
}

static void release_due(struct core *core, uint64_t now,
			int (*release)(struct core *core, struct rtfmx_slot *slot))
{
	__u64 instant;
	__u32 nr;

	while (rtfm_timerq_pop(&core->timers.queue, now, &nr, &instant)) {
		struct timer_entry *entry = &core->timers.entries[nr];
		struct rtfmx_slot *slot = core->timers.slots[nr];

		count(&core->timers, entry->level, -1);
		if (entry->period)
			release_again(core, slot, entry->period, instant, now, release);
		else
			release_once(core, slot, entry->gen, now, release);
	}
}

uint64_t timer_expire(struct core *core, uint64_t now,
		      int (*release)(struct core *core, struct rtfmx_slot *slot))
{
	do {
		drain(core);
		release_due(core, now, release);
		timer_promise(core, TIMER_NEVER);
		/* Q: pairs with P in ask(): a request sent by the old promise is seen here */
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
	} while (asked(core));
	return timer_first(core);
}
