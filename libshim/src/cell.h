/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Cells: messages from core to core, in engines that keep their queues in memory.
 *
 * From each core to each level of each other core that it may send to there is a ring of
 * cells, one cache line each, with one sender and one receiver: FIFO, and wait-free for
 * both. The sequence word of the cell is all that they share:
 *
 *	sender, cell_send()			receiver, cell_take()
 *	A: load_acquire(seq of the oldest)	E: load_acquire(seq)
 *	B: no capacity left? give up		F: not CELL_FULL(head)? empty
 *	C: write the cell			G: read the cell
 *	D: store_release(CELL_FULL(tail))	H: store_release(CELL_FREE(...))
 *
 * D pairs with E: a receiver that sees that the cell is full sees the message. H pairs with A:
 * a sender that sees that it is free may write it, because it has been read. A and B are left
 * out as long as the task has capacity by what the sender has seen before: then the cell has
 * been seen free.
 *
 * Nothing else of the receiver's is read to find out what it has taken, and nothing is
 * written but the cell; a receiver that does not poll is notified as ready.h says.
 *
 * A payload that is too large for a cell has a slot of its task, and the cell its number.
 *
 * Capacity. A task takes @capacity jobs of each sender: those in cells, &struct
 * rtfmx_port.sent, and those in slots, .lent, of messages that are too large for a cell and
 * of scheduled jobs. Both counts are the sender's own, and both fall only when it looks: at
 * the sequence words of its oldest cells, in order, and at the bits of the pool. It looks
 * before it refuses, so they are exact when it does. The ring has as many cells as the
 * tasks of the level have capacity.
 *
 * The receiver copies the message out of its cell before the task starts, and the cell is
 * free from then on: the task may be sent again by the time that it runs.
 *
 * Model: cell. That no wake-up is lost: poll.
 */
#ifndef RTFM_SRC_CELL_H
#define RTFM_SRC_CELL_H

#include "compiler.h"
#include "core.h"

/* &struct cell.seq: message number @n, counted since the start, is in it, or can be put there */
#define CELL_FULL(n)	(2 * (uint32_t)(n) + 1)
#define CELL_FREE(n)	(2 * (uint32_t)(n))

/* The number of the first: not 0, so that the counts have wrapped after 256 messages. */
#define CELL_FIRST	(0u - 256u)

/* Is the payload of the task's messages in the cell itself? */
static inline bool cell_holds(const struct rtfmx_task_info *task)
{
	return task->size <= CELL_PAYLOAD;
}

/* Send a job to a task of another core; 0 or -EAGAIN. Masked. */
int cell_send(struct core *core, uint32_t task, uint64_t scheduled,
	      const void *payload) INTERNAL;
/* Take a slot of a task of another core: slot_take(), within the task's capacity. Masked. */
struct rtfmx_slot *cell_slot(struct core *core, uint32_t task) INTERNAL;
/*
 * The app has started, no job has: messages that init has sent have the baseline @from, and
 * get @to.
 */
void cell_rebase(struct core *core, uint64_t from, uint64_t to) INTERNAL;
/*
 * Take the next message out of an inbox; NULL if there is none. A message that was in its
 * cell is in &struct core.taken, and has to be run before the next is taken. Masked.
 */
struct rtfmx_slot *cell_take(struct core *core, struct inbox *inbox) INTERNAL;

#endif /* RTFM_SRC_CELL_H */
