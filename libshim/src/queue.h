/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The pending jobs of a core, from all senders, and which job of a level is the next.
 *
 *	sender			storage, per level
 *	the core itself		a list, &struct rtfmx_core.levels
 *	the kernel		a ring of timers that have expired; engine kmod
 *	each other core		a ring of cells, &struct core.inboxes (cell.h)
 *
 * The first two are filled on this CPU, and seq counts in which order. Together they are one
 * sender; this sender and the other cores are served in turn, so that none starves another.
 *
 * The caller is masked, unless a comment says otherwise: no job of this core runs, and nothing
 * else accesses this thread's lists and its ends of the rings. The bit of a level in ready is
 * cleared before its lists and rings are checked, and set again if a job is left. So a bit
 * may be set although no job is ready, but no job is ready without its bit.
 *
 * A new kind of sender is a file of its own, below this one, with its own storage. It sets
 * bits with ready_post(); its levels are in &struct core.senders and .remote; pop_in_turn()
 * takes its jobs, and queue_begun() releases its slots. No other file has to be changed.
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

/* Append a job to the core's own list. */
void queue_push_own(struct core *core, uint32_t level, struct rtfmx_slot *slot) INTERNAL;

/* &struct engine.post: append a job to the core's own list; 0. To other cores: cell_send(). */
int queue_post(struct core *core, struct core *target, uint32_t level,
	       struct rtfmx_slot *slot) INTERNAL;

/* &struct core.pop: which of the inline functions takes a job of a level out */
#define QUEUE_POP_ANY		0	/* none: queue_pop_any() */
#define QUEUE_POP_OWN		1	/* only the core itself sends to this level */
#define QUEUE_POP_KERNEL	2	/* only the core itself and the kernel do */

/* Before the core's first job: choose &struct core.pop from the senders of each level. */
void queue_open(struct core *core) INTERNAL;

/* For queue_pop(): take a job of a level, whoever may send to it. */
struct rtfmx_slot *queue_pop_any(struct core *core, uint32_t level) INTERNAL;

/*
 * A core that polls and has nothing ready: take a message of this level out of its cell;
 * NULL if there is none.
 */
struct rtfmx_slot *queue_pop_cell(struct core *core, uint32_t level) INTERNAL;

/*
 * Return @value in a way that the compiler cannot see through. So it does not keep a value
 * from which @value was computed in a register, and recomputes derived values on rare paths.
 */
static inline HOT uint32_t queue_same(uint32_t value)
{
	__asm__("" : "+r"(value));
	return value;
}

/* The number of jobs in the kernel's ring of this level; 0 if its count is impossible. */
static inline HOT uint32_t queue_kernel_used(const struct core *core, uint32_t level)
{
	const struct rtfm_ctl *ctl = core->pub.ctl;
	/* E: pairs with D in rtfm_region_push() */
	uint32_t used = rtfm_load_acquire(&ctl->ktail[level]) - ctl->khead[level];

	return used <= core->kernel_entries ? used : 0;
}

/*
 * Take the oldest of them, number @next - 1. The state of its slot may still be ARMED: the
 * kernel does not write to slots, and refuses to cancel a timer that it has released. The
 * instant equals the slot's own, except that it is a new one for each periodic job.
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

/* The next job of a QUEUE_POP_KERNEL level if the core's own list is empty, or NULL. */
static inline HOT struct rtfmx_slot *queue_pop_only_kernel(struct core *core,
							   struct rtfm_ctl *ctl, uint32_t level)
{
	uint32_t next = queue_same(ctl->khead[level] + 1);
	struct rtfmx_slot *slot;
	uint32_t more;

	rtfmx_local_clear(&ctl->ready, rtfm_ready_bit(level));
	/*
	 * E: pairs with D in rtfm_region_push(). The number of jobs after this one; too large
	 * if there is none, or if the kernel's count is impossible
	 */
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

/* The core's own next job of a QUEUE_POP_KERNEL level if the kernel's ring is empty, or NULL. */
static inline HOT struct rtfmx_slot *queue_pop_own_first(struct core *core, struct rtfm_ctl *ctl,
							 uint32_t level)
{
	struct rtfmx_slot *own;

	if (RTFMX_UNLIKELY(RTFMX_LOAD(&ctl->ktail[level]) != ctl->khead[level]))
		return NULL;
	own = queue_pop_only_own(core, ctl, level);
	/* the kernel may have released a job before the bit was cleared */
	if (RTFMX_UNLIKELY(RTFMX_LOAD(&ctl->ktail[level]) != ctl->khead[level]))
		rtfmx_local_or(&ctl->ready, rtfm_ready_bit(queue_same(level)));
	return own;
}

/*
 * The next job of a level whose bit is set, in the common cases, which are inline: only the
 * core itself sends to the level; or the kernel as well, and only one of the two has sent.
 * NULL in all other cases: the caller has to use queue_pop().
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

/* The next job of a level whose bit is set; NULL if no job is left. */
static inline HOT struct rtfmx_slot *queue_pop(struct core *core, uint32_t level)
{
	struct rtfmx_slot *slot = queue_pop_common(core, core->pub.ctl, level);

	return slot ? slot : queue_pop_any(core, level);
}

/* The payload has been copied to the stack of its task: release the slot to the sender. */
static inline void queue_begun(struct core *core, struct rtfmx_slot *slot)
{
	if (slot->kind == RTFMX_SLOT_PERIODIC)
		periodic_started(slot);
	else if (slot->kind != RTFMX_SLOT_CELL)
		slot_give(core, slot);
}

#endif /* RTFM_SRC_QUEUE_H */
