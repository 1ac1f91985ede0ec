/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What is pending on a core, whoever sent it, and which job of a level is the next.
 *
 *	sender			storage, per level
 *	the core itself		a list, &struct rtfmx_core.levels
 *	the kernel		a ring of timers that have expired; engine kmod
 *	each other core		a ring of cells, &struct core.inboxes (cell.h)
 *
 * The first two are filled on this CPU, so the order of arrival is known: seq. They are one
 * sender among the others, which take turns, so that none of them starves another.
 *
 * Masked, unless said: no job of this core runs and nobody else touches this thread's lists
 * and ends of the rings. The bit of a level in ready is cleared before its lists and rings
 * are looked at, and set again if something is left: a job that arrives in between leaves a
 * bit too many, never one too few.
 *
 * A new kind of sender is a room of its own, below this one, with its own storage. It makes
 * ready with ready_post(); its levels are in &struct core.senders and .remote; pop_in_turn()
 * gives it a turn, and queue_begun() gives its slots back. No other room has to know.
 */
#ifndef RTFM_SRC_QUEUE_H
#define RTFM_SRC_QUEUE_H

#include <ceiling.h>
#include <ring.h>

#include "compiler.h"
#include "core.h"
#include "periodic.h"
#include "slot.h"
#include "timer.h"

/* Put a job in the core's own list. */
void queue_push_own(struct core *core, uint32_t level, struct rtfmx_slot *slot) INTERNAL;

/* &struct engine.post: put a job in the core's own list; 0. To other cores: cell_send(). */
int queue_post(struct core *core, struct core *target, uint32_t level,
	       struct rtfmx_slot *slot) INTERNAL;

/* For queue_pop(): levels that the kernel sends to, and that other cores send to as well. */
struct rtfmx_slot *queue_pop_shared(struct core *core, uint32_t level) INTERNAL;
struct rtfmx_slot *queue_pop_any(struct core *core, uint32_t level) INTERNAL;

/*
 * A core that polls and has nothing ready: take a message of this level out of its cell;
 * NULL if there is none.
 */
struct rtfmx_slot *queue_pop_cell(struct core *core, uint32_t level) INTERNAL;

/* How many jobs of this level has the kernel released? 0 if its count cannot be right. */
static inline HOT uint32_t queue_kernel_used(const struct core *core, uint32_t level)
{
	const struct rtfm_ctl *ctl = core->pub.ctl;
	/* E: pairs with D in rtfm_region_push() */
	uint32_t used = rtfm_load_acquire(&ctl->ktail[level]) - ctl->khead[level];

	return used <= core->kernel_entries ? used : 0;
}

/*
 * The oldest of them. The state of its slot may still say that the timer is armed: the
 * kernel does not write there, and refuses to cancel a timer that it has released.
 */
static inline HOT struct rtfmx_slot *queue_pop_kernel(struct core *core, uint32_t level)
{
	struct rtfm_ctl *ctl = core->pub.ctl;
	uint32_t head = ctl->khead[level];
	const struct rtfm_job *job = &core->kernel_rings[level][head & core->kernel_mask];
	struct rtfmx_slot *slot = timer_slot(core, job->job);

	if (RTFMX_UNLIKELY(slot->kind == RTFMX_SLOT_PERIODIC))
		periodic_released(slot, job->instant, head);
	/* H: pairs with A in rtfm_region_push() */
	rtfm_store_release(&ctl->khead[level], head + 1);
	return slot;
}

/* A job of a level that the kernel sends to, if the core's own list is empty. */
static inline HOT struct rtfmx_slot *queue_pop_only_kernel(struct core *core, uint32_t level)
{
	struct rtfm_ctl *ctl = core->pub.ctl;
	struct rtfmx_slot *slot;
	uint32_t used;

	rtfmx_local_clear(&ctl->ready, rtfm_ready_bit(level));
	used = queue_kernel_used(core, level);
	if (!used)
		return NULL;
	slot = queue_pop_kernel(core, level);
	if (used > 1)
		rtfmx_local_or(&ctl->ready, rtfm_ready_bit(level));
	return slot;
}

/* The oldest job of the core's own list, which is not empty. */
static inline struct rtfmx_slot *queue_pop_own(struct core *core, uint32_t level)
{
	struct rtfmx_level *list = &core->pub.levels[level];
	struct rtfmx_slot *own = list->first;

	list->first = own->next;
	if (!own->next)
		list->last = &list->first;
	return own;
}

/* The next job of a level whose bit is set; NULL if there is none any more. */
static inline HOT struct rtfmx_slot *queue_pop(struct core *core, uint32_t level)
{
	struct rtfmx_slot *own;

	if (core->senders >> level & 1) {
		if (core->remote >> level & 1)
			return queue_pop_any(core, level);
		if (core->pub.levels[level].first)
			return queue_pop_shared(core, level);
		return queue_pop_only_kernel(core, level);
	}
	own = queue_pop_own(core, level);
	if (!core->pub.levels[level].first)
		rtfmx_local_clear(&core->pub.ctl->ready, rtfm_ready_bit(level));
	return own;
}

/* The payload is on the stack of its task: the slot is free for the sender's next job. */
static inline void queue_begun(struct core *core, struct rtfmx_slot *slot)
{
	if (slot->kind == RTFMX_SLOT_PERIODIC)
		periodic_started(slot);
	else if (slot->kind != RTFMX_SLOT_CELL)
		slot_give(core, slot);
}

#endif /* RTFM_SRC_QUEUE_H */
