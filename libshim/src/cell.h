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
 * D pairs with E: a receiver that reads CELL_FULL() reads the whole message. H pairs with A:
 * a sender that reads CELL_FREE() may write to the cell, because the receiver has read it. A and
 * B are left out as long as the sender's own counts say that the task has capacity: then the
 * sender has read CELL_FREE() of the cell before.
 *
 * The sender reads no other word of the receiver's to find out what it has taken, and writes
 * to the cell only; a receiver that does not poll is notified as described in ready.h.
 *
 * A payload that is too large for a cell has a slot of its task, and the cell its number.
 *
 * Capacity. A task takes @capacity jobs of each sender: those in cells, &struct
 * rtfmx_port.sent, and those in slots, .lent, of messages that are too large for a cell and
 * of scheduled jobs. Both counts are the sender's own. It lowers them only when it checks the
 * sequence words of its oldest cells, in order, and the bits of the pool. It does so before it
 * returns -EAGAIN, so the counts are exact then. The ring has as many cells as the
 * tasks of the level have capacity.
 *
 * The receiver copies the message out of its cell before the task starts, and frees the cell:
 * while the task runs, the sender can send to it again.
 *
 * Model: cell. That no wake-up is lost: poll.
 */
#ifndef RTFM_SRC_CELL_H
#define RTFM_SRC_CELL_H

#include "compiler.h"
#include "core.h"

/* &struct cell.seq: message number @n is in the cell, or may be written to it */
#define CELL_FULL(n)	(2 * (uint32_t)(n) + 1)
#define CELL_FREE(n)	(2 * (uint32_t)(n))

/* The number of the first message: the counts wrap after 256 messages, so that tests see it. */
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
 * When the app starts, before the first job: messages that init has sent have the baseline
 * @from, and get @to.
 */
void cell_rebase(struct core *core, uint64_t from, uint64_t to) INTERNAL;
/*
 * Take the next message out of an inbox; NULL if there is none. If its payload was in the
 * cell, it is copied to &struct core.taken, and has to be run before the next is taken. Masked.
 */
struct rtfmx_slot *cell_take(struct core *core, struct inbox *inbox) INTERNAL;

#endif /* RTFM_SRC_CELL_H */
