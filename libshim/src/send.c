// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * Sending, out of line: spawn, schedule, cancel, reschedule. The engine takes the job
 * that is in its slot; masked, or with its signals blocked, from the choice of the slot on.
 * What is inline: <rtfm/fast.h>.
 */
#include <errno.h>
#include <string.h>

#include "cell.h"
#include "dispatch.h"
#include "slot.h"
#include "state.h"

/* Has the core left, or that of the task, or does the app end? */
static bool is_closed(const struct core *core, const struct rtfmx_task_info *info)
{
	return state_ending(core) || state_over(&core->app->cores[info->core]);
}

/* Do messages of the task go from core to core in cells? */
static bool by_cell(const struct core *core, const struct rtfmx_task_info *info)
{
	return core->app->engine->direct && info->core != core->nr;
}

/* Put a payload into a free slot: the slot, or NULL and the reason in *err. */
static struct rtfmx_slot *fill(struct core *core, uint32_t task, uint64_t scheduled,
			       const void *payload, int *err)
{
	const struct rtfmx_task_info *info = &core->app->decl->tasks[task];
	struct rtfmx_slot *slot;

	*err = -ESHUTDOWN;
	if (is_closed(core, info))
		return NULL;
	*err = -EAGAIN;
	slot = by_cell(core, info) ? cell_slot(core, task) : slot_take(core, task);
	if (!slot)
		return NULL;
	*err = 0;
	slot->scheduled = scheduled;
	memcpy(slot + 1, payload, info->size);
	return slot;
}

/* Through a slot and &struct engine.post */
static int post(struct core *core, uint32_t task, uint64_t scheduled, const void *payload)
{
	const struct app *app = core->app;
	const struct rtfmx_task_info *info = &app->decl->tasks[task];
	struct rtfmx_slot *slot;
	int err;

	slot = fill(core, task, scheduled, payload, &err);
	if (!slot)
		return err;
	err = app->engine->post(core, &app->cores[info->core], info->priority, slot);
	if (err)
		slot_give(core, slot);
	return err;
}

PUBLIC int rtfmx_spawn_slow(struct rtfmx_core *pub, uint32_t task, uint64_t scheduled,
			    const void *payload)
{
	struct core *core = core_of(pub);
	const struct app *app = core->app;
	const struct rtfmx_task_info *info = &app->decl->tasks[task];
	int saved = errno;
	int err;

	if (by_cell(core, info))
		err = is_closed(core, info) ? -ESHUTDOWN :
		      cell_send(core, task, scheduled, payload);
	else
		err = post(core, task, scheduled, payload);
	if (app->engine->direct)
		dispatch_include(core);
	errno = saved;
	return err;
}

PUBLIC int64_t rtfmx_schedule(struct rtfmx_core *pub, uint32_t task, uint64_t instant,
			      const void *payload)
{
	struct core *core = core_of(pub);
	const struct app *app = core->app;
	struct rtfmx_slot *slot;
	uint32_t gen = 0, job = 0;
	int saved = errno;
	int err;

	if (instant > INT64_MAX)
		return -EINVAL;
	app->engine->exclude(core);
	slot = fill(core, task, instant, payload, &err);
	if (slot) {
		gen = slot_next_gen(SLOT_GEN(RTFMX_LOAD(&slot->state)));
		job = slot->job;
		__atomic_store_n(&slot->state, SLOT_STATE(gen, SLOT_ARMED), __ATOMIC_RELEASE);
		err = app->engine->arm(core, &app->cores[app->decl->tasks[task].core], slot,
				       instant);
		if (err) {
			__atomic_store_n(&slot->state, SLOT_STATE(gen, SLOT_IDLE),
					 __ATOMIC_RELEASE);
			slot_give(core, slot);
		}
	}
	app->engine->include(core);
	errno = saved;
	return err ? err : (int64_t)((uint64_t)gen << 32 | job);
}

/* The job that a handle names. What cannot be a handle names one that is not valid. */
static uint32_t job_named(int64_t handle)
{
	return handle >> 62 ? ~0u : (uint32_t)handle;
}

PUBLIC int rtfmx_cancel(struct rtfmx_core *pub, int64_t handle)
{
	struct core *core = core_of(pub);
	const struct app *app = core->app;
	uint32_t job = job_named(handle);
	int saved = errno;
	int err;

	if (handle <= 0 || !job_valid(app, job))
		return -ENOENT;
	app->engine->exclude(core);
	err = app->engine->disarm(core, &app->cores[task_of(app, job)->core],
				  slot_of(app, job), (uint32_t)(handle >> 32));
	app->engine->include(core);
	errno = saved;
	return err;
}

PUBLIC int64_t rtfmx_reschedule(struct rtfmx_core *pub, int64_t handle, uint64_t instant)
{
	struct core *core = core_of(pub);
	const struct app *app = core->app;
	uint32_t job = job_named(handle);
	uint32_t gen = (uint32_t)(handle >> 32);
	int saved = errno;
	int err;

	if (instant > INT64_MAX)
		return -EINVAL;
	if (handle <= 0 || !job_valid(app, job))
		return -ENOENT;
	app->engine->exclude(core);
	err = app->engine->move(core, &app->cores[task_of(app, job)->core],
				slot_of(app, job), gen, instant);
	app->engine->include(core);
	errno = saved;
	return err ? err : (int64_t)((uint64_t)slot_next_gen(gen) << 32 | job);
}
