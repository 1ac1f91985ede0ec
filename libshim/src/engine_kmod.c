// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * Engine kmod: rtfm.ko.
 *
 * The control blocks are in the region that the module and the app share: the
 * kernel reads the ceiling and sets ready bits. It keeps the timer queues and
 * releases jobs in hard interrupt, into rings of its own; it wakes a parked core
 * and rings for a running one. All else is as in engine soft, in user space.
 */
#include <errno.h>
#include <plan.h>
#include <ring.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "core.h"
#include "os.h"

/* The app's file; argument structs know their size. */
#define CALL(app, cmd, argument) call(app, cmd, ((argument)->size = sizeof(*(argument)), (argument)))

static int call(const struct app *app, unsigned long cmd, void *argument)
{
	int saved = errno;
	int ret = ioctl(app->fd, cmd, argument) ? -errno : 0;

	errno = saved;
	return ret;
}

static void kick(struct core *target)
{
	struct rtfm_kick kick = { .core = target->nr };

	CALL(target->app, RTFM_IOC_KICK, &kick);
}

static void park(struct core *core)
{
	struct rtfm_ctl *ctl = core->pub.ctl;
	struct rtfm_park park = { 0 };

	if (!(core->app->opt.flags & RTFM_POLL)) {
		int err = CALL(core->app, RTFM_IOC_PARK, &park);

		/* somebody closed the file or unmapped the region under our feet */
		if (err && err != -EINTR)
			app_abort(core->app, err, "engine kmod: the module has ended the app");
		return;
	}
	__atomic_store_n(&ctl->state, RTFM_STATE_POLLING, __ATOMIC_SEQ_CST);
	RTFMX_FENCE();	/* pairs with dispatch_post() */
	while (!(RTFMX_LOAD(&ctl->ready) | RTFMX_LOAD(&ctl->remote_ready)) && !app_ending(core))
		os_pause();
	__atomic_store_n(&ctl->state, RTFM_STATE_RUNNING, __ATOMIC_SEQ_CST);
	RTFMX_FENCE();	/* pairs with dispatch_post() */
}

static int schedule(struct core *core, struct core *target, uint32_t job, uint64_t instant,
		    __u64 *handle)
{
	struct rtfm_schedule schedule = {
		.core = target->nr,
		.level = task_of(core->app, job)->priority,
		.job = job,
		.instant = instant,
	};
	int err = CALL(core->app, RTFM_IOC_SCHEDULE, &schedule);

	*handle = schedule.handle;
	return err == -ENXIO ? -ESHUTDOWN : err;
}

static int arm(struct core *core, struct core *target, uint32_t job, uint64_t instant)
{
	__u64 handle;
	int err = schedule(core, target, job, instant, &handle);

	/* the slot is not used again before we take it again, so this is not too late */
	if (!err)
		__atomic_store_n(&slot_of(core->app, job)->timer, handle, __ATOMIC_RELEASE);
	return err;
}

/*
 * The kernel says who wins: a timer is released or cancelled, once. The slot's
 * state only keeps an old handle from naming a new job.
 */
static int take_back(struct core *core, struct core *target, uint32_t job, uint32_t gen,
		     __u64 *handle)
{
	struct rtfmx_slot *slot = slot_of(core->app, job);
	struct rtfm_cancel cancel = { .core = target->nr };
	int err;

	*handle = __atomic_load_n(&slot->timer, __ATOMIC_ACQUIRE);
	if (__atomic_load_n(&slot->state, __ATOMIC_ACQUIRE) != SLOT_STATE(gen, SLOT_ARMED))
		return -ENOENT;
	cancel.handle = *handle;
	err = CALL(core->app, RTFM_IOC_CANCEL, &cancel);
	return err == -ENXIO ? -ENOENT : err;
}

static int disarm(struct core *core, struct core *target, uint32_t job, uint32_t gen)
{
	__u64 handle;
	int err = take_back(core, target, job, gen, &handle);

	if (err)
		return err;
	__atomic_store_n(&slot_of(core->app, job)->state, SLOT_STATE(gen, SLOT_IDLE),
			 __ATOMIC_RELEASE);
	slot_give(core, job);
	return 0;
}

/*
 * The new timer may come, and its sender use the slot again, before we are back
 * with its handle: then slot->timer is not the old one any more, and not ours.
 */
static int move(struct core *core, struct core *target, uint32_t job, uint32_t gen,
		uint64_t instant)
{
	struct rtfmx_slot *slot = slot_of(core->app, job);
	__u64 old, handle;
	int err = take_back(core, target, job, gen, &old);

	if (err)
		return err;
	slot->scheduled = instant;
	__atomic_store_n(&slot->state, SLOT_STATE(slot_next_gen(gen), SLOT_ARMED),
			 __ATOMIC_RELEASE);
	/* an entry has just become free: the queue is not full, but the core may have gone */
	err = schedule(core, target, job, instant, &handle);
	if (err) {
		__atomic_store_n(&slot->state, SLOT_STATE(gen, SLOT_IDLE), __ATOMIC_RELEASE);
		slot_give(core, job);
		return err;
	}
	__atomic_compare_exchange_n(&slot->timer, &old, handle, false, __ATOMIC_ACQ_REL,
				    __ATOMIC_RELAXED);
	return 0;
}

/* The kernel releases; RTFM_READY_TIME comes only from RTFM_IOC_ARM. */
static void expire(struct core *core)
{
	(void)core;
}

static int core_start(struct core *core)
{
	struct app *app = core->app;
	struct rtfm_attach attach = {
		.core = core->nr,
		.doorbell = (uint32_t)app->opt.doorbell,
	};
	int err;

	if (app->opt.realtime != RTFM_REALTIME_OFF && app->opt.policy == RTFM_POLICY_FIFO)
		attach.fifo_priority = (uint32_t)app->opt.priority;
	err = CALL(app, RTFM_IOC_ATTACH, &attach);
	if (err == -E2BIG && attach.fifo_priority) {
		os_refused_policy(app);
		attach.fifo_priority = 0;
		err = CALL(app, RTFM_IOC_ATTACH, &attach);
	}
	if (err)
		return app_error(err, "engine kmod: core %u cannot attach: %s%s", core->nr,
				 strerror(-err),
				 err == -EINVAL ? " (it must be pinned to one CPU)" : "");
	doorbell_open(core);
	return 0;
}

static void core_stop(struct core *core)
{
	struct rtfm_detach detach = { 0 };

	doorbell_close(core);
	CALL(core->app, RTFM_IOC_DETACH, &detach);
}

/* The kernel's rings, one for each level, lowest first. */
static void find_rings(struct core *core, const struct rtfm_core_plan *plan)
{
	struct rtfm_job *ring = (void *)((char *)core->app->region + plan->ring_offset);
	uint32_t level;

	if (!plan->timers)
		return;
	core->kernel_entries = plan->ring_entries;
	for (level = 1; level < RTFM_LEVELS; level++) {
		if (!(plan->levels & 1u << level))
			continue;
		core->kernel_rings[level] = ring;
		ring += plan->ring_entries;
	}
}

static void make_plans(const struct app *app, struct rtfm_core_plan *plans)
{
	uint32_t c, t;

	memset(plans, 0, app->decl->ncores * sizeof(*plans));
	for (t = 0; t < app->decl->ntasks; t++)
		plans[app->decl->tasks[t].core].levels |= 1u << app->decl->tasks[t].priority;
	for (c = 0; c < app->decl->ncores; c++) {
		plans[c].timers = app_timers(app, c);
		if (plans[c].timers)
			plans[c].ring_entries = rtfm_ring_size(plans[c].timers);
	}
}

static int set_up(struct app *app, struct rtfm_core_plan *plans)
{
	struct rtfm_setup setup = {
		.ncores = app->decl->ncores,
		.features = RTFM_FEATURE_DOORBELL | RTFM_FEATURE_PARK,
		.cores = (uintptr_t)plans,
	};
	int err;

	make_plans(app, plans);
	err = CALL(app, RTFM_IOC_SETUP, &setup);
	if (err)
		return app_error(err, "engine kmod: the module refuses the app: %s%s",
				 strerror(-err),
				 err == -E2BIG ? " (a limit of the module, see /sys/module/rtfm/parameters)" : "");
	app->region = mmap(NULL, setup.region_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, app->fd, 0);
	if (app->region == MAP_FAILED) {
		app->region = NULL;
		return app_error(-errno, "engine kmod: cannot map the region: %s", strerror(errno));
	}
	app->region_bytes = setup.region_bytes;
	return 0;
}

static void use_region(struct app *app, const struct rtfm_core_plan *plans)
{
	uint32_t c;

	for (c = 0; c < app->decl->ncores; c++) {
		struct core *core = &app->cores[c];

		core->pub.ctl = (void *)((char *)app->region + plans[c].ctl_offset);
		core->pub.ctl->core = c;
		core->pub.ctl->ceiling = RTFM_MAX_PRIORITY;
		find_rings(core, &plans[c]);
	}
}

static int start(struct app *app)
{
	struct rtfm_core_plan plans[RTFM_MAX_CORES];
	int err = app_reserve(app);

	if (err)
		return err;
	err = set_up(app, plans);
	if (err)
		goto err_unreserve;
	use_region(app, plans);
	err = doorbell_install(app);
	if (err)
		goto err_unmap;
	return 0;

err_unmap:
	munmap(app->region, app->region_bytes);
err_unreserve:
	app_unreserve(app);
	return err;
}

/* Unmapping ends the app in the kernel; nothing rings after it. */
static void stop(struct app *app)
{
	munmap(app->region, app->region_bytes);
	app->region = NULL;
	doorbell_remove(app);
	app_unreserve(app);
}

const struct engine engine_kmod = {
	.name = "kmod",
	.direct = true,
	.start = start,
	.stop = stop,
	.core_start = core_start,
	.core_open = dispatch_open,
	.core_close = dispatch_close,
	.core_stop = core_stop,
	.post = dispatch_post_job,
	.kick = kick,
	.arm = arm,
	.disarm = disarm,
	.move = move,
	.expire = expire,
	.park = park,
	.exclude = dispatch_exclude,
	.include = dispatch_include,
};
