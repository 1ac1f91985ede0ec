// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * Periodic tasks: time sends to them, at start + offset + k * period.
 *
 * A periodic task has one slot more than its senders need, for the jobs of time.
 * At most one of these waits, while another may be running. An overrun is a
 * release that finds its predecessor unfinished. If that is still waiting, the
 * release is left out; if it is running, the release waits and starts late. Both
 * are counted: the first by the gap between the instants of two jobs, the second
 * where the release is seen. Where the kernel releases, that is when the job
 * before ends: what is in the kernel's ring by then came too early.
 */
#include "periodic.h"
#include "slot.h"
#include "state.h"

bool periodic_any(const struct rtfm_app *decl)
{
	uint32_t t;

	for (t = 0; t < decl->ntasks; t++)
		if (decl->tasks[t].period)
			return true;
	return false;
}

int periodic_arm(struct core *core)
{
	const struct app *app = core->app;
	uint32_t t;
	int err;

	for (t = 0; t < app->decl->ntasks; t++) {
		const struct rtfmx_task_info *task = &app->decl->tasks[t];
		struct rtfmx_slot *slot = core->pub.ports[t].periodic;
		uint64_t first = app->start + task->offset;

		if (!slot)
			continue;
		periodic_of(slot)->last = first - task->period;
		app->engine->exclude(core);
		err = app->engine->repeat(core, slot, first, task->period);
		app->engine->include(core);
		if (err)
			return err;
	}
	return 0;
}

static void count(struct periodic *periodic, uint64_t overruns)
{
	__atomic_store_n(&periodic->overruns, periodic->overruns + overruns, __ATOMIC_RELAXED);
}

bool periodic_release(struct rtfmx_slot *slot, uint64_t instant)
{
	struct periodic *periodic = periodic_of(slot);

	if (periodic->waiting)
		return false;
	slot->scheduled = instant;
	periodic->waiting = true;
	periodic->early = periodic->running;
	return true;
}

void periodic_started(struct rtfmx_slot *slot)
{
	struct periodic *periodic = periodic_of(slot);
	const struct rtfmx_task_info *task = task_of(&the_app, slot->job);
	uint64_t missed = (slot->scheduled - periodic->last) / task->period - 1;

	count(periodic, missed + periodic->early);
	periodic->last = slot->scheduled;
	periodic->running = true;
	periodic->waiting = false;
}

void periodic_run(struct rtfmx_core *core, struct rtfmx_slot *slot)
{
	const struct rtfmx_task_info *task = task_of(&the_app, slot->job);
	struct periodic *periodic = periodic_of(slot);
	uint32_t entry = RTFMX_LOAD(&core->ctl->khead[task->priority]) - 1;

	if (core_of(core)->kernel_entries)
		periodic->early = (int32_t)(entry - periodic->mark) < 0;
	task->run(core, slot);
	periodic->running = false;
	periodic->mark = RTFMX_LOAD(&core->ctl->ktail[task->priority]);
}

PUBLIC uint64_t rtfmx_overruns(uint32_t task)
{
	const struct rtfmx_slot *slot;

	if (!state_live(&the_app))
		return 0;
	slot = the_app.cores[the_app.decl->tasks[task].core].pub.ports[task].periodic;
	return slot ? __atomic_load_n(&periodic_of((struct rtfmx_slot *)slot)->overruns,
				      __ATOMIC_RELAXED) : 0;
}
