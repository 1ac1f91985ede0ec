// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * Slots: where the payload of a pending job lies.
 *
 * Each (task, sender) has its own, so that a sender that uses all of its slots does not
 * affect others. The free ones of a task on the sender's own core are on a list, which only
 * that thread touches, masked. All others are bits of port->pool, where the sender
 * takes and the receiver gives with one atomic operation each. The receiver's
 * release pairs with the sender's acquire: the payload has been read before the
 * slot is written again.
 */
#include "slot.h"

_Static_assert(sizeof(struct rtfmx_slot) % RTFMX_PAYLOAD_ALIGN == 0,
	       "the payload follows its slot");

static struct rtfmx_slot *take_from_pool(const struct app *app, struct rtfmx_port *port)
{
	uint32_t word;

	for (word = 0; word * 64 < port->capacity; word++) {
		uint64_t free = __atomic_load_n(&port->pool[word], __ATOMIC_RELAXED);

		while (free) {
			uint64_t bit = free & -free;
			/* S: pairs with R in slot_give() */
			uint64_t old = __atomic_fetch_and(&port->pool[word], ~bit,
							  __ATOMIC_ACQUIRE);

			if (old & bit)
				return slot_of(app, port->job + word * 64 +
					       (uint32_t)__builtin_ctzll(bit));
			/* a task that preempted us took it */
			free = old & ~bit;
		}
	}
	return NULL;
}

struct rtfmx_slot *slot_take(struct core *core, uint32_t task)
{
	struct rtfmx_port *port = &core->pub.ports[task];
	struct rtfmx_slot *slot = port->free;

	if (!slot)
		return take_from_pool(core->app, port);
	port->free = slot->next;
	return slot;
}

void slot_give(struct core *core, struct rtfmx_slot *slot)
{
	struct rtfmx_port *port = port_of(core->app, slot->job);
	uint32_t nr = RTFMX_JOB_SLOT(slot->job);

	if (slot->kind == RTFMX_SLOT_LOCAL && RTFMX_JOB_SENDER(slot->job) == core->nr) {
		slot->next = port->free;
		port->free = slot;
	} else {
		/* R: pairs with S in take_from_pool() */
		__atomic_fetch_or(&port->pool[nr / 64], 1ULL << nr % 64, __ATOMIC_RELEASE);
	}
}

/* A scheduled job keeps its instant, also one that its timer has released already. */
void slot_rebase(struct core *core, uint64_t from, uint64_t to)
{
	uint32_t t, nr;

	for (t = 0; t < core->app->decl->ntasks; t++) {
		const struct rtfmx_port *port = &core->pub.ports[t];

		for (nr = 0; nr < port->capacity; nr++) {
			struct rtfmx_slot *slot = slot_of(core->app, port->job + nr);

			if (slot->scheduled == from && SLOT_WHAT(slot->state) == SLOT_IDLE)
				slot->scheduled = to;
		}
	}
}

struct rtfmx_slot *slot_of(const struct app *app, uint32_t job)
{
	return (void *)(port_of(app, job)->slots +
			RTFMX_JOB_SLOT(job) * slot_stride(task_of(app, job)));
}

size_t slot_stride(const struct rtfmx_task_info *task)
{
	return RTFMX_STRIDE(task->size);
}
