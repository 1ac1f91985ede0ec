// SPDX-License-Identifier: MIT OR Apache-2.0
/* Messages from core to core. The contract: cell.h. */
#include <barrier.h>
#include <errno.h>
#include <string.h>

#include "cell.h"
#include "ready.h"
#include "slot.h"

static struct outbox *outbox_to(const struct core *core, const struct rtfmx_task_info *task)
{
	return core->outboxes[task->core * RTFM_LEVELS + task->priority];
}

/* If the cell of the oldest message is free again, count the message as taken. There is one. */
static bool retire(struct core *core, struct outbox *box)
{
	const struct cell *cell = &box->cells[box->oldest & box->mask];
	uint32_t task;

	/* A: pairs with H in cell_take() */
	if (rtfm_load_acquire(&cell->seq) == CELL_FULL(box->oldest))
		return false;
	box->oldest++;
	task = RTFMX_JOB_TASK(cell->job);
	if (cell_holds(&core->app->decl->tasks[task]))
		core->pub.ports[task].sent--;
	return true;
}

static uint16_t slots_lent(const struct rtfmx_port *port)
{
	uint32_t word, free = 0;

	for (word = 0; word * 64 < port->capacity; word++)
		free += (uint32_t)__builtin_popcountll(RTFMX_LOAD(&port->pool[word]));
	return (uint16_t)(port->capacity - free);
}

static bool below_capacity(const struct rtfmx_port *port)
{
	return (uint32_t)port->sent + port->lent < port->capacity;
}

/* B: does the task have capacity for one more job? */
static bool has_room(struct core *core, struct rtfmx_port *port, struct outbox *box)
{
	while (!below_capacity(port) && port->sent && retire(core, box))
		;
	if (!below_capacity(port) && port->lent)
		port->lent = slots_lent(port);
	return below_capacity(port);
}

struct rtfmx_slot *cell_slot(struct core *core, uint32_t task)
{
	struct rtfmx_port *port = &core->pub.ports[task];
	struct rtfmx_slot *slot;

	if (!has_room(core, port, outbox_to(core, &core->app->decl->tasks[task])))
		return NULL;
	slot = slot_take(core, task);
	port->lent = (uint16_t)(port->lent + !!slot);
	return slot;
}

/*
 * The cell of the next message. If all cells are in use by the sender's counts, the oldest is
 * free nevertheless: there are as many cells as the tasks have capacity, and this task has
 * capacity left.
 */
static struct cell *next_cell(struct core *core, struct outbox *box)
{
	if (box->tail - box->oldest > box->mask)
		retire(core, box);
	return &box->cells[box->tail & box->mask];
}

int cell_send(struct core *core, uint32_t task, uint64_t scheduled, const void *payload)
{
	const struct rtfmx_task_info *info = &core->app->decl->tasks[task];
	struct rtfmx_port *port = &core->pub.ports[task];
	struct outbox *box = outbox_to(core, info);
	struct rtfmx_slot *slot = NULL;
	struct cell *cell;
	uint32_t full;

	if (cell_holds(info)) {
		if (!has_room(core, port, box))
			return -EAGAIN;
		port->sent++;
	} else {
		slot = cell_slot(core, task);
		if (!slot)
			return -EAGAIN;
		slot->scheduled = scheduled;
		memcpy(slot + 1, payload, info->size);
	}
	cell = next_cell(core, box);
	/* C */
	cell->job = slot ? slot->job : port->job;
	cell->scheduled = scheduled;
	if (!slot)
		memcpy(cell->payload, payload, info->size);
	full = CELL_FULL(box->tail++);
	rtfm_store_release(&cell->seq, full);	/* D: pairs with E in cell_take() */
	ready_post_cell(&core->app->cores[info->core], info->priority, cell, full);
	return 0;
}

void cell_rebase(struct core *core, uint64_t from, uint64_t to)
{
	uint32_t boxes = core->app->decl->ncores * RTFM_LEVELS, i, n;

	for (i = 0; i < boxes; i++) {
		const struct outbox *box = core->outboxes[i];

		if (!box)
			continue;
		for (n = box->oldest; n != box->tail; n++)
			if (box->cells[n & box->mask].scheduled == from)
				box->cells[n & box->mask].scheduled = to;
	}
}

struct rtfmx_slot *cell_take(struct core *core, struct inbox *inbox)
{
	struct cell *cell = inbox->next;
	const struct rtfmx_task_info *info;
	struct rtfmx_slot *slot;

	/* E: pairs with D in cell_send() */
	if (rtfm_load_acquire(&cell->seq) != inbox->full)
		return NULL;
	/* G */
	info = task_of(core->app, cell->job);
	if (cell_holds(info)) {
		slot = &core->taken.slot;
		slot->scheduled = cell->scheduled;
		slot->run = info->run;
		slot->job = cell->job;
		memcpy(core->taken.payload, cell->payload, CELL_PAYLOAD);
	} else {
		slot = slot_of(core->app, cell->job);
		__builtin_prefetch(slot + 1);
	}
	/* H: pairs with A in retire(). CELL_FREE() of the next message for this cell */
	rtfm_store_release(&cell->seq, inbox->full + 2 * inbox->mask + 1);
	inbox->full += 2;
	inbox->next = &inbox->cells[(inbox->full >> 1) & inbox->mask];
	return slot;
}
