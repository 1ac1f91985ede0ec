// SPDX-License-Identifier: MIT OR Apache-2.0
/* The timer queue of a core in user space. The protocol: timer.h. */
#include <errno.h>
#include <ring.h>

#include "core.h"

#define RETRY_NS 1000000u

static bool claim(struct rtfmx_slot *slot, uint32_t from, uint32_t to)
{
	/* acquire: the payload was written before the state was; release: the contrary */
	return __atomic_compare_exchange_n(&slot->state, &from, to, false, __ATOMIC_ACQ_REL,
					   __ATOMIC_RELAXED);
}

static uint64_t cookie(uint32_t job, uint32_t gen)
{
	return (uint64_t)gen << 32 | job;
}

/* Never full: the queue has an entry for each slot, and a slot is in it once. */
static void enqueue(struct core *core, uint32_t job, uint32_t gen, uint64_t instant)
{
	struct rtfmx_slot *slot = slot_of(core->app, job);

	rtfm_timerq_add(&core->timers.queue, instant, cookie(job, gen), &slot->timer);
}

static void dequeue(struct core *core, struct rtfmx_slot *slot)
{
	rtfm_timerq_remove(&core->timers.queue, slot->timer, NULL);
	slot->timer = 0;
}

/*
 * Between two looks of the target a sender can submit and cancel each slot once,
 * for the slot is free again only after the look. A ring has four times as many
 * entries, and half of it is closed to moves (timer_move()). What can fill it all
 * the same is a sender that is refused again and again (timer_withdraw()).
 */
static bool ask(struct core *core, struct core *target, struct timer_request request)
{
	struct timer_ring *ring = &target->timers.requests[core->nr];
	uint32_t tail = ring->tail;
	uint32_t head = rtfm_load_acquire(&ring->head);	/* pairs with the release in drain() */

	if (!rtfm_ring_room(head, tail, ring->entries))
		return false;
	ring->request[rtfm_ring_index(tail, ring->entries)] = request;
	rtfm_store_release(&ring->tail, tail + 1);	/* pairs with the acquire in drain() */
	return true;
}

int timer_submit(struct core *core, struct core *target, uint32_t job, uint32_t gen,
		  uint64_t instant)
{
	if (core == target) {
		enqueue(core, job, gen, instant);
	} else {
		if (!ask(core, target, (struct timer_request){ instant, job, gen }))
			return -EAGAIN;
		/* pairs with the fence in timer_expire() */
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
	}
	return instant < __atomic_load_n(&target->timers.next, __ATOMIC_RELAXED);
}

bool timer_withdraw(struct core *core, uint32_t job, uint32_t gen)
{
	return claim(slot_of(core->app, job), SLOT_STATE(gen, SLOT_ARMED),
		     SLOT_STATE(gen, SLOT_IDLE));
}

int timer_cancel(struct core *core, struct core *target, uint32_t job, uint32_t gen)
{
	struct rtfmx_slot *slot = slot_of(core->app, job);

	if (!claim(slot, SLOT_STATE(gen, SLOT_ARMED), SLOT_STATE(gen, SLOT_CANCELLED)))
		return -ENOENT;
	/* If there is no room the slot is free when the instant comes. */
	if (core != target)
		return ask(core, target, (struct timer_request){ 0, job, gen });
	/* Another core's submission may not have been taken in: then it is met later. */
	if (slot->timer) {
		dequeue(core, slot);
		__atomic_store_n(&slot->state, SLOT_STATE(gen, SLOT_IDLE), __ATOMIC_RELEASE);
		slot_give(core, job);
	}
	return 0;
}

int timer_move(struct core *core, struct core *target, uint32_t job, uint32_t gen,
	       uint64_t instant)
{
	struct rtfmx_slot *slot = slot_of(core->app, job);
	struct timer_ring *ring = &target->timers.requests[core->nr];
	uint32_t next = slot_next_gen(gen);

	if (core != target &&
	    rtfm_ring_room(rtfm_load_acquire(&ring->head), ring->tail, ring->entries) <=
	    ring->entries / 2)
		return -EAGAIN;
	if (!claim(slot, SLOT_STATE(gen, SLOT_ARMED), SLOT_STATE(next, SLOT_ARMED)))
		return -ENOENT;
	/* nobody releases the job before it is submitted again */
	slot->scheduled = instant;
	if (core == target && slot->timer)
		dequeue(core, slot);
	return timer_submit(core, target, job, next, instant);
}

static void take_in(struct core *core, const struct timer_request *request)
{
	struct rtfmx_slot *slot = slot_of(core->app, request->job);
	uint32_t state = __atomic_load_n(&slot->state, __ATOMIC_ACQUIRE);

	if (SLOT_GEN(state) != request->gen)
		return;		/* moved since: another request follows */
	if (slot->timer)
		dequeue(core, slot);
	if (state == SLOT_STATE(request->gen, SLOT_ARMED)) {
		enqueue(core, request->job, request->gen, request->instant);
	} else if (claim(slot, SLOT_STATE(request->gen, SLOT_CANCELLED),
			 SLOT_STATE(request->gen, SLOT_IDLE))) {
		slot_give(core, request->job);
	}
}

static void drain(struct core *core)
{
	uint32_t sender;

	for (sender = 0; sender < core->app->decl->ncores; sender++) {
		struct timer_ring *ring = &core->timers.requests[sender];
		uint32_t head = ring->head;
		/* pairs with the release in ask() */
		uint32_t tail = rtfm_load_acquire(&ring->tail);

		for (; head != tail; head++) {
			struct timer_request request =
				ring->request[rtfm_ring_index(head, ring->entries)];

			/* pairs with the acquire in ask() */
			rtfm_store_release(&ring->head, head + 1);
			take_in(core, &request);
		}
	}
}

static bool asked(const struct core *core)
{
	uint32_t sender;

	for (sender = 0; sender < core->app->decl->ncores; sender++) {
		const struct timer_ring *ring = &core->timers.requests[sender];

		if (ring->head != __atomic_load_n(&ring->tail, __ATOMIC_RELAXED))
			return true;
	}
	return false;
}

static void release_due(struct core *core, int (*release)(struct core *core, uint32_t job))
{
	uint64_t now = rtfm_now();
	__u64 instant, what;

	while (rtfm_timerq_pop(&core->timers.queue, now, &instant, &what)) {
		uint32_t job = (uint32_t)what, gen = (uint32_t)(what >> 32);
		struct rtfmx_slot *slot = slot_of(core->app, job);

		slot->timer = 0;
		if (claim(slot, SLOT_STATE(gen, SLOT_ARMED), SLOT_STATE(gen, SLOT_IDLE))) {
			if (!release(core, job))
				continue;
			__atomic_store_n(&slot->state, SLOT_STATE(gen, SLOT_ARMED),
					 __ATOMIC_RELEASE);
			enqueue(core, job, gen, now + RETRY_NS);
		} else if (claim(slot, SLOT_STATE(gen, SLOT_CANCELLED),
				 SLOT_STATE(gen, SLOT_IDLE))) {
			slot_give(core, job);
		}
	}
}

uint64_t timer_expire(struct core *core, int (*release)(struct core *core, uint32_t job))
{
	const struct rtfm_timer *first;
	uint64_t next;

	do {
		drain(core);
		release_due(core, release);
		first = rtfm_timerq_first(&core->timers.queue);
		next = first ? first->instant : TIMER_NEVER;
		__atomic_store_n(&core->timers.next, next, __ATOMIC_RELAXED);
		/* pairs with the fence in timer_submit(): who did not see next is seen here */
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
	} while (asked(core));
	return next;
}
