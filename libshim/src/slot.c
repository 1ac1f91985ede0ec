// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * Slots: where the payload of a pending job lies.
 *
 * Each (task, sender) has its own, so that a sender that fills up starves nobody
 * else. A free slot is a bit. The first 64 slots of a task on the sender's own
 * core are in port->free, which only that thread touches, masked; all others are
 * in port->pool, where the sender takes and the receiver gives with one atomic
 * operation each. The receiver's release pairs with the sender's acquire: the
 * payload has been read before the slot is written again.
 */
#include "core.h"

int slot_take(struct rtfmx_port *port)
{
	uint64_t free = port->free;
	uint32_t word;

	if (free) {
		port->free = free & (free - 1);
		return __builtin_ctzll(free);
	}
	for (word = 0; word * 64 < port->capacity; word++) {
		free = __atomic_load_n(&port->pool[word], __ATOMIC_RELAXED);
		while (free) {
			uint64_t bit = free & -free;
			/* pairs with the release in slot_give() */
			uint64_t old = __atomic_fetch_and(&port->pool[word], ~bit,
							  __ATOMIC_ACQUIRE);

			if (old & bit)
				return (int)(word * 64) + __builtin_ctzll(bit);
			/* a task that preempted us took it */
			free = old & ~bit;
		}
	}
	return -1;
}

void slot_give(struct core *core, uint32_t job)
{
	const struct app *app = core->app;
	struct rtfmx_port *port = port_of(app, job);
	uint32_t nr = RTFMX_JOB_SLOT(job);

	if (app->engine->direct && RTFMX_JOB_SENDER(job) == core->nr &&
	    task_of(app, job)->core == core->nr && nr < 64)
		port->free |= 1ULL << nr;
	else
		/* pairs with the acquire in slot_take() */
		__atomic_fetch_or(&port->pool[nr / 64], 1ULL << nr % 64, __ATOMIC_RELEASE);
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
