// SPDX-License-Identifier: MIT OR Apache-2.0
/* What is pending on a core, whoever sent it. The rules: queue.h. */
#include "queue.h"
#include "ready.h"

void queue_push_own(struct core *core, uint32_t level, struct rtfmx_slot *slot)
{
	struct rtfm_ctl *ctl = core->pub.ctl;
	struct rtfmx_level *list = &core->pub.levels[level];

	slot->next = NULL;
	slot->seq = RTFMX_LOAD(&ctl->seq);
	rtfmx_local_count(&ctl->seq);
	*list->last = slot;
	list->last = &slot->next;
	rtfmx_local_or(&ctl->ready, rtfm_ready_bit(level));
}

static struct ring *ring_of(const struct core *core, uint32_t level, uint32_t sender)
{
	return core->rings[level * core->app->decl->ncores + sender];
}

static void push_remote(struct core *core, struct core *target, uint32_t level, uint32_t job)
{
	struct ring *ring = ring_of(target, level, core->nr);
	uint32_t tail = ring->tail;

	ring->job[rtfm_ring_index(tail, ring->entries)] = job;
	rtfm_store_release(&ring->tail, tail + 1);	/* D: pairs with E in pop_remote() */
	ready_post(target, rtfm_ready_bit(level));
}

int queue_post(struct core *core, struct core *target, uint32_t level, struct rtfmx_slot *slot)
{
	if (core == target)
		queue_push_own(core, level, slot);
	else
		push_remote(core, target, level, slot->job);
	return 0;
}

static struct rtfmx_slot *pop_remote(struct core *core, uint32_t level, uint32_t sender)
{
	struct ring *ring = ring_of(core, level, sender);
	struct rtfmx_slot *slot;
	uint32_t head;

	if (!ring)
		return NULL;
	head = ring->head;
	/* E: pairs with D in push_remote() */
	if (!rtfm_ring_used(head, rtfm_load_acquire(&ring->tail), ring->entries))
		return NULL;
	slot = slot_of(core->app, ring->job[rtfm_ring_index(head, ring->entries)]);
	__builtin_prefetch(slot + 1);
	/* H: pairs with nothing that matters: slots bound the ring, it is never full */
	rtfm_store_release(&ring->head, head + 1);
	return slot;
}

/*
 * In the order in which this CPU made them ready: seq. It has 32 bits: a job that waits
 * while 2^31 others are made ready on its core is taken for the younger of two.
 */
static bool kernel_is_next(const struct core *core, uint32_t level)
{
	const struct rtfmx_slot *own = core->pub.levels[level].first;
	const struct rtfm_job *job =
		&core->kernel_rings[level][core->pub.ctl->khead[level] & core->kernel_mask];

	return !own || (int32_t)(job->seq - own->seq) <= 0;
}

/* What was made ready on this CPU, by the core or by the kernel: the oldest. */
static inline HOT struct rtfmx_slot *pop_near(struct core *core, uint32_t level)
{
	if (queue_kernel_used(core, level) && kernel_is_next(core, level))
		return queue_pop_kernel(core, level);
	return core->pub.levels[level].first ? queue_pop_own(core, level) : NULL;
}

/* One of those that take turns: each has a number, the cores those of the app. */
static struct rtfmx_slot *pop_turn(struct core *core, uint32_t level, uint32_t sender)
{
	if (sender == core->nr)
		return pop_near(core, level);
	return pop_remote(core, level, sender);
}

/*
 * Once all the rings were empty they are not looked at until one of their senders sets
 * the level's bit in remote_ready: see ready_take_over().
 */
static struct rtfmx_slot *pop_in_turn(struct core *core, uint32_t level)
{
	uint32_t turns = core->app->decl->ncores;
	struct rtfmx_slot *slot = NULL;
	uint32_t sender = 0, i;

	for (i = 0; i < turns && !slot; i++) {
		sender = core->turn[level];
		core->turn[level] = (uint8_t)(sender + 1 < turns ? sender + 1 : 0);
		slot = pop_turn(core, level, sender);
	}
	/* all the others have had their turn, and nothing to send */
	if (i == turns && (!slot || sender == core->nr))
		core->others &= ~(1u << level);
	return slot;
}

struct rtfmx_slot *queue_pop_shared(struct core *core, uint32_t level)
{
	struct rtfm_ctl *ctl = core->pub.ctl;
	struct rtfmx_slot *slot;

	rtfmx_local_clear(&ctl->ready, rtfm_ready_bit(level));
	slot = pop_near(core, level);
	if (core->pub.levels[level].first || queue_kernel_used(core, level))
		rtfmx_local_or(&ctl->ready, rtfm_ready_bit(level));
	return slot;
}

struct rtfmx_slot *queue_pop_any(struct core *core, uint32_t level)
{
	struct rtfm_ctl *ctl = core->pub.ctl;
	struct rtfmx_slot *slot;

	rtfmx_local_clear(&ctl->ready, rtfm_ready_bit(level));
	if (core->others >> level & 1)
		slot = pop_in_turn(core, level);
	else
		slot = pop_near(core, level);
	if (core->pub.levels[level].first || core->others >> level & 1 ||
	    queue_kernel_used(core, level))
		rtfmx_local_or(&ctl->ready, rtfm_ready_bit(level));
	return slot;
}
