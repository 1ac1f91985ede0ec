// SPDX-License-Identifier: MIT OR Apache-2.0
/* The pending jobs of a core, from all senders. The rules: queue.h. */
#include "cell.h"
#include "queue.h"

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

int queue_post(struct core *core, struct core *target, uint32_t level, struct rtfmx_slot *slot)
{
	(void)target;
	queue_push_own(core, level, slot);
	return 0;
}

/*
 * Jobs run in the order in which this CPU made them ready: seq. It has 32 bits, so the order
 * of two jobs is wrong if 2^31 others were made ready on this core between them.
 */
static bool kernel_is_next(const struct core *core, uint32_t level)
{
	const struct rtfmx_slot *own = core->pub.levels[level].first;
	const struct rtfm_job *job =
		&core->kernel_rings[level][core->pub.ctl->khead[level] & core->kernel_mask];

	return !own || (int32_t)(job->seq - own->seq) <= 0;
}

/* The oldest job that was made ready on this CPU, by the core or by the kernel. */
static inline HOT struct rtfmx_slot *pop_near(struct core *core, uint32_t level)
{
	if (queue_kernel_used(core, level) && kernel_is_next(core, level))
		return queue_pop_kernel(core, core->pub.ctl, level,
					core->pub.ctl->khead[level] + 1);
	return core->pub.levels[level].first ? queue_pop_own(core, level) : NULL;
}

/*
 * Take from the inboxes of the level in turn, and after the last of them from this CPU's own
 * jobs. When all inboxes have been found empty, they are not checked again until one of their
 * senders makes the level ready: see ready_take_over().
 */
static struct rtfmx_slot *pop_in_turn(struct core *core, uint32_t level)
{
	struct inbox *inboxes = &core->inboxes[core->first[level]];
	uint32_t near = core->first[level + 1] - core->first[level];
	struct rtfmx_slot *slot = NULL;
	uint32_t turn = near, i;

	for (i = 0; i <= near && !slot; i++) {
		turn = core->turn[level];
		core->turn[level] = (uint8_t)(turn < near ? turn + 1 : 0);
		slot = turn < near ? cell_take(core, &inboxes[turn]) : pop_near(core, level);
	}
	/* all the inboxes have been checked and are empty */
	if (i > near && (!slot || turn == near))
		core->others &= ~(1u << level);
	return slot;
}

struct rtfmx_slot *queue_pop_cell(struct core *core, uint32_t level)
{
	uint32_t n = core->first[level + 1] - core->first[level], i;
	struct rtfmx_slot *slot = NULL;

	/* turn n is that of this CPU's own jobs: there is none */
	for (i = 0; i <= n && !slot; i++) {
		uint32_t turn = core->turn[level];

		core->turn[level] = (uint8_t)(turn < n ? turn + 1 : 0);
		if (turn < n)
			slot = cell_take(core, &core->inboxes[core->first[level] + turn]);
	}
	return slot;
}

void queue_open(struct core *core)
{
	uint32_t level;

	for (level = 1; level < RTFM_LEVELS; level++) {
		if (!(core->senders >> level & 1))
			core->pop[level] = QUEUE_POP_OWN;
		else if (!(core->remote >> level & 1))
			core->pop[level] = QUEUE_POP_KERNEL;
	}
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
