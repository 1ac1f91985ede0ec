/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Slots: storage for the payloads of pending jobs. */
#ifndef RTFM_SRC_SLOT_H
#define RTFM_SRC_SLOT_H

#include "compiler.h"
#include "core.h"

/* Take a free slot of a task, as this core may; NULL if there is none. */
struct rtfmx_slot *slot_take(struct core *core, uint32_t task) INTERNAL;
/* Give a slot back, from any core. */
void slot_give(struct core *core, struct rtfmx_slot *slot) INTERNAL;
/*
 * Jobs that this core has spawned with the baseline @from get the baseline @to. Nothing
 * runs meanwhile, on any core, and no job has begun.
 */
void slot_rebase(struct core *core, uint64_t from, uint64_t to) INTERNAL;
/* The slot of a job that is valid. */
struct rtfmx_slot *slot_of(const struct app *app, uint32_t job) INTERNAL;
size_t slot_stride(const struct rtfmx_task_info *task) INTERNAL;

/* &struct rtfmx_slot.state: uses << 2 | what the timer of the slot is */
#define SLOT_IDLE	0u
#define SLOT_ARMED	1u
#define SLOT_CANCELLED	2u
#define SLOT_RELEASED	3u	/* as %SLOT_IDLE, for all but slot_rebase() */
#define SLOT_STATE(gen, what) ((gen) << 2 | (what))
#define SLOT_GEN(state)	((state) >> 2)
#define SLOT_WHAT(state) ((state) & 3u)

/* A handle is gen << 32 | job and positive, so gen is 1..2^30 - 1. */
static inline uint32_t slot_next_gen(uint32_t gen)
{
	return gen + 1 < 1u << 30 ? gen + 1 : 1;
}

static inline const struct rtfmx_task_info *task_of(const struct app *app, uint32_t job)
{
	return &app->decl->tasks[RTFMX_JOB_TASK(job)];
}

static inline struct rtfmx_port *port_of(const struct app *app, uint32_t job)
{
	return &app->cores[RTFMX_JOB_SENDER(job)].pub.ports[RTFMX_JOB_TASK(job)];
}

/* A number from outside (a handle, a signal) may be anything. */
static inline bool job_valid(const struct app *app, uint32_t job)
{
	const struct rtfmx_port *port;

	if (RTFMX_JOB_TASK(job) >= app->decl->ntasks ||
	    RTFMX_JOB_SENDER(job) >= app->decl->ncores)
		return false;
	port = port_of(app, job);
	return RTFMX_JOB_SLOT(job) < port->capacity + (port->periodic ? 1 : 0);
}

#endif /* RTFM_SRC_SLOT_H */
