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

/* &struct core.pop: which of the inline functions takes a job of a level out */
#define QUEUE_POP_ANY		0	/* none: queue_pop_any() */
#define QUEUE_POP_OWN		1	/* only the core itself sends to this level */
#define QUEUE_POP_KERNEL	2	/* the kernel does, too, and no other core */

/* The core is about to open: the senders to its levels are known. */
void queue_open(struct core *core) INTERNAL;

/* For queue_pop(): levels to which anybody may send. */
struct rtfmx_slot *queue_pop_any(struct core *core, uint32_t level) INTERNAL;

/*
 * A core that polls and has nothing ready: take a message of this level out of its cell;
 * NULL if there is none.
 */
struct rtfmx_slot *queue_pop_cell(struct core *core, uint32_t level) INTERNAL;

/*
 * @value, but the compiler does not know: it keeps no other value that this one could be
 * computed from, and computes one from it where that is seldom needed.
 */
static inline HOT uint32_t queue_same(uint32_t value)
{
	__asm__("" : "+r"(value));
	return value;
}

/* How many jobs of this level has the kernel released? 0 if its count cannot be right. */
static inline HOT uint32_t queue_kernel_used(const struct core *core, uint32_t level)
{
	const struct rtfm_ctl *ctl = core->pub.ctl;
	/* E: pairs with D in rtfm_region_push() */
	uint32_t used = rtfm_load_acquire(&ctl->ktail[level]) - ctl->khead[level];

	return used <= core->kernel_entries ? used : 0;
}

/*
 * The oldest of them, number @next - 1. The state of its slot may still say that the timer is
 * armed: the kernel does not write there, and refuses to cancel a timer that it has released.
 * The instant is the one that was asked for, but a periodic job has another each time.
 */
static inline HOT struct rtfmx_slot *queue_pop_kernel(struct core *core, struct rtfm_ctl *ctl,
						      uint32_t level, uint32_t next)
{
	const struct rtfm_job *job = &core->kernel_rings[level][(next - 1) & core->kernel_mask];
	struct rtfmx_slot *slot = timer_slot(core, job->job);

	slot->scheduled = job->instant;
	/* H: pairs with A in rtfm_region_push() */
	rtfm_store_release(&ctl->khead[level], next);
	return slot;
}

/* A job of a level that the kernel sends to, if the core's own list is empty. */
static inline HOT struct rtfmx_slot *queue_pop_only_kernel(struct core *core,
							   struct rtfm_ctl *ctl, uint32_t level)
{
	uint32_t next = queue_same(ctl->khead[level] + 1);
	struct rtfmx_slot *slot;
	uint32_t more;

	rtfmx_local_clear(&ctl->ready, rtfm_ready_bit(level));
	/* E: pairs with D in rtfm_region_push(); how many follow, if the count can be right */
	more = rtfm_load_acquire(&ctl->ktail[level]) - next;
	if (RTFMX_UNLIKELY(more >= core->kernel_entries))
		return NULL;
	slot = queue_pop_kernel(core, ctl, level, next);
	if (RTFMX_UNLIKELY(more))
		rtfmx_local_or(&ctl->ready, rtfm_ready_bit(queue_same(level)));
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

/* The next job of a level to which only the core itself sends. */
static inline HOT struct rtfmx_slot *queue_pop_only_own(struct core *core, struct rtfm_ctl *ctl,
							uint32_t level)
{
	struct rtfmx_slot *own = queue_pop_own(core, level);

	if (!core->pub.levels[level].first)
		rtfmx_local_clear(&ctl->ready, rtfm_ready_bit(level));
	return own;
}

/* The core's own job of a level that the kernel sends to, if the kernel's ring is empty. */
static inline HOT struct rtfmx_slot *queue_pop_own_first(struct core *core, struct rtfm_ctl *ctl,
							 uint32_t level)
{
	struct rtfmx_slot *own;

	if (RTFMX_UNLIKELY(RTFMX_LOAD(&ctl->ktail[level]) != ctl->khead[level]))
		return NULL;
	own = queue_pop_only_own(core, ctl, level);
	/* what the kernel has released before the bit was cleared */
	if (RTFMX_UNLIKELY(RTFMX_LOAD(&ctl->ktail[level]) != ctl->khead[level]))
		rtfmx_local_or(&ctl->ready, rtfm_ready_bit(queue_same(level)));
	return own;
}

/*
 * The next job of a level whose bit is set, in the cases that are inline: only the core
 * itself sends to the level, or the kernel as well, but only one of the two has sent. NULL:
 * use queue_pop().
 */
static inline HOT struct rtfmx_slot *queue_pop_common(struct core *core, struct rtfm_ctl *ctl,
						      uint32_t level)
{
	if (core->pop[level] == QUEUE_POP_KERNEL)
		return RTFMX_UNLIKELY(core->pub.levels[level].first) ?
		       queue_pop_own_first(core, ctl, queue_same(level)) :
		       queue_pop_only_kernel(core, ctl, level);
	if (core->pop[level] == QUEUE_POP_OWN)
		return queue_pop_only_own(core, ctl, level);
	return NULL;
}

/* The next job of a level whose bit is set; NULL if there is none any more. */
static inline HOT struct rtfmx_slot *queue_pop(struct core *core, uint32_t level)
{
	struct rtfmx_slot *slot = queue_pop_common(core, core->pub.ctl, level);

	return slot ? slot : queue_pop_any(core, level);
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
