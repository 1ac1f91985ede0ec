// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * Engine kmod: rtfm.ko.
 *
 * The control blocks are in the region that the module and the app share: the
 * kernel reads the ceiling and sets ready bits. It keeps the timer queues and
 * releases jobs in hard interrupt, into rings of its own; it wakes a parked core
 * and redirects a running one to the dispatcher (arch/), or sends it the doorbell. All
 * else is in user space, as in engine soft.
 *
 * A job is known to the kernel by the number of its timer.
 */
#include <errno.h>
#include <plan.h>
#include <ring.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "arch/upcall.h"
#include "dispatch.h"
#include "doorbell.h"
#include "end.h"
#include "layout.h"
#include "os.h"
#include "queue.h"
#include "ready.h"
#include "realtime.h"
#include "reason.h"
#include "slot.h"
#include "state.h"
#include "timer.h"

/* An ioctl on the app's file; sets the member size of its argument. */
#define CALL(app, cmd, argument) (__extension__ ({			\
	__auto_type call_argument = (argument);				\
									\
	call_argument->size = sizeof(*call_argument);			\
	call(app, cmd, call_argument);					\
}))

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

static void sleep_until_ready(struct core *core)
{
	struct rtfm_park argument = { 0 };
	int err = CALL(core->app, RTFM_IOC_PARK, &argument);

	/* the program has closed the file or unmapped the region */
	if (err && err != -EINTR)
		end_abort(core->app, err, "engine kmod: the module has ended the app");
}

/*
 * RTFM_POLL. The kernel takes 50 ms of each second from a real-time thread that never sleeps:
 * by throttling, from 6.12 on by the fair server. A release may be due in this time. So a core
 * that polls sleeps a tenth of the time by itself, in short sleeps: when nothing is ready, and
 * so that it polls again before the instant to which its timer is set.
 */
#define POLL_LEAD	100000u		/* ns: polls again this long before that instant */
#define POLL_SHORTEST	200000u		/* ns: a shorter sleep is not worth its system calls */
#define POLL_LONGEST	2000000u	/* ns: during a sleep another core has to wake it */
#define POLL_SHARE	10u		/* sleeps one part in so many of its time */
#define POLL_MOST	1000000000u	/* ns: sleep that was omitted longer ago is not made up */
#define POLL_LOOKS	64u		/* reads of the ready words between two of the clock */

/*
 * The instant until which to sleep now, or 0. engine_data.kmod.awake: the core has slept its
 * share of all time before that instant.
 */
static uint64_t poll_rest(struct core *core)
{
	uint64_t *awake = &core->engine_data.kmod.awake;
	uint64_t now = rtfm_now(), next = RTFMX_LOAD(&core->pub.ctl->next), rest;

	if (now - *awake > POLL_MOST)
		*awake = *awake ? now - POLL_MOST : now;
	rest = (now - *awake) / POLL_SHARE;
	if (rest > POLL_LONGEST)
		rest = POLL_LONGEST;
	if (rest < POLL_SHORTEST || next < now + POLL_LEAD + POLL_SHORTEST)
		return 0;
	if (rest > next - now - POLL_LEAD)
		rest = next - now - POLL_LEAD;
	*awake += POLL_SHARE * rest;
	return now + rest;
}

/* RTFM_READY_TIME is of RTFM_IOC_ARM, which nothing else uses. */
static void poll_ready(struct core *core)
{
	struct rtfm_ctl *ctl = core->pub.ctl;
	uint32_t looks = 0;

	ready_rest(core, RTFM_STATE_POLLING);
	do {
		while (!ready_seen(core) && !state_ending(core)) {
			struct rtfm_arm arm = { 0 };

			os_pause();
			if (++looks % POLL_LOOKS || !core->priority)
				continue;
			arm.instant = poll_rest(core);
			if (!arm.instant)
				continue;
			/* the kernel checks no cells: from here on senders set bits */
			ready_resume(core);
			if (!ready_any(core)) {
				CALL(core->app, RTFM_IOC_ARM, &arm);
				sleep_until_ready(core);
				rtfmx_local_clear(&ctl->ready, RTFM_READY_TIME);
			}
			ready_rest(core, RTFM_STATE_POLLING);
		}
	} while (dispatch_cell(core) && core->idle);
	ready_resume(core);
}

static void park(struct core *core)
{
	if (RTFMX_UNLIKELY(core->app->opt.flags & RTFM_POLL))
		poll_ready(core);
	else
		sleep_until_ready(core);
}

static struct rtfm_submit describe(const struct core *core, const struct rtfmx_slot *slot,
				   uint64_t instant)
{
	uint32_t timer = timer_of(core->app, slot);

	return (struct rtfm_submit){
		.instant = instant,
		.timer = timer,
		.tag = SLOT_GEN(slot->state),
		.level = task_of(core->app, slot->job)->priority,
		.job = timer,
	};
}

/*
 * To the own core: through the ring in the region. The kernel takes it in at its
 * next interrupt for this core, which is soon enough unless this is the earliest.
 */
static int submit(struct core *core, const struct rtfm_submit *entry)
{
	struct rtfm_ctl *ctl = core->pub.ctl;
	struct rtfm_take_in take_in = { 0 };
	uint32_t tail = ctl->stail;
	int err;

	/* A: pairs with H in rtfm_region_pull() */
	if (!rtfm_ring_room(rtfm_load_acquire(&ctl->shead), tail, RTFM_SUBMITS)) {
		err = CALL(core->app, RTFM_IOC_SUBMIT, &take_in);
		if (err)
			return err;
	}
	ctl->submit[rtfm_ring_index(tail, RTFM_SUBMITS)] = *entry;
	/* D: pairs with E in rtfm_region_pull() */
	rtfm_store_release(&ctl->stail, tail + 1);
	/* N: pairs with O in rtfm_region_submitted(): stail before next here */
	RTFMX_FENCE();
	if (entry->instant >= RTFMX_LOAD(&ctl->next))
		return 0;
	return CALL(core->app, RTFM_IOC_SUBMIT, &take_in);
}

static int schedule(struct core *core, struct core *target, struct rtfmx_slot *slot,
		    uint64_t instant)
{
	struct rtfm_schedule entry = {
		.core = target->nr,
		.submit = describe(core, slot, instant),
	};
	int err;

	if (core == target)
		err = submit(core, &entry.submit);
	else
		err = CALL(core->app, RTFM_IOC_SCHEDULE, &entry);
	return err == -ENXIO ? -ESHUTDOWN : err;
}

static int repeat(struct core *core, struct rtfmx_slot *slot, uint64_t instant, uint64_t period)
{
	struct rtfm_schedule entry = {
		.core = core->nr,
		.submit = describe(core, slot, instant),
	};

	entry.submit.period = period;
	return CALL(core->app, RTFM_IOC_SCHEDULE, &entry);
}

/*
 * The kernel decides whether a timer is released or cancelled, once. The tag is the slot's
 * generation, so an old handle does not cancel a new job. -ENXIO: the core has left.
 */
static int take_back(struct core *core, struct core *target, struct rtfmx_slot *slot,
		     uint32_t gen)
{
	struct rtfm_cancel cancel = {
		.core = target->nr,
		.timer = timer_of(core->app, slot),
		.tag = gen,
	};

	if (state_over(target))
		return -ENXIO;
	if (__atomic_load_n(&slot->state, __ATOMIC_ACQUIRE) != SLOT_STATE(gen, SLOT_ARMED))
		return -ENOENT;
	return CALL(core->app, RTFM_IOC_CANCEL, &cancel);
}

static int disarm(struct core *core, struct core *target, struct rtfmx_slot *slot, uint32_t gen)
{
	int err = take_back(core, target, slot, gen);

	if (err)
		return err == -ENXIO ? -ENOENT : err;
	__atomic_store_n(&slot->state, SLOT_STATE(gen, SLOT_IDLE), __ATOMIC_RELEASE);
	slot_give(core, slot);
	return 0;
}

static int move(struct core *core, struct core *target, struct rtfmx_slot *slot, uint32_t gen,
		uint64_t instant)
{
	int err = take_back(core, target, slot, gen);

	if (err)
		return err == -ENXIO ? -ESHUTDOWN : err;
	slot->scheduled = instant;
	__atomic_store_n(&slot->state, SLOT_STATE(slot_next_gen(gen), SLOT_ARMED),
			 __ATOMIC_RELEASE);
	err = schedule(core, target, slot, instant);
	/* the timer is free, but the core may have left */
	if (err) {
		__atomic_store_n(&slot->state, SLOT_STATE(gen, SLOT_IDLE), __ATOMIC_RELEASE);
		slot_give(core, slot);
	}
	return err;
}

/* The kernel releases jobs; only RTFM_IOC_ARM sets RTFM_READY_TIME. */
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
		attach.fifo_priority = (uint32_t)core->priority;
	if (app->upcalls) {
		attach.upcall_entry = (uintptr_t)upcall_entry;
		attach.upcall_again = (uintptr_t)upcall_again;
		attach.upcall_return = (uintptr_t)upcall_return;
		attach.upcall_return_end = (uintptr_t)upcall_return_end;
	}
	err = CALL(app, RTFM_IOC_ATTACH, &attach);
	if (err == -E2BIG && attach.fifo_priority) {
		realtime_refused(core, REFUSED_POLICY, E2BIG);
		attach.fifo_priority = 0;
		err = CALL(app, RTFM_IOC_ATTACH, &attach);
	}
	if (err == -EINVAL && !core->pinned) {
		char why[400];

		reason_cpu(why, sizeof(why), core->why_cpu, core->cpu);
		return state_error(err, "engine kmod: core %u cannot be pinned to CPU %d: %s",
				   core->nr, core->cpu, why);
	}
	if (err)
		return state_error(err, "engine kmod: core %u on CPU %d cannot attach: %s",
				   core->nr, core->cpu, strerror(-err));
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
	core->kernel_mask = plan->ring_entries - 1;
	for (level = 1; level < RTFM_LEVELS; level++) {
		if (!(plan->levels & 1u << level))
			continue;
		core->kernel_rings[level] = ring;
		core->senders |= 1u << level;
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
		plans[c].timers = layout_timers(app->decl, c);
		if (plans[c].timers)
			plans[c].ring_entries = rtfm_ring_size(plans[c].timers);
	}
}

/* The kernel would refuse a short period without the name of the task. */
static int check_periods(const struct app *app)
{
	struct rtfm_query query = { 0 };
	uint32_t t;
	int err = CALL(app, RTFM_IOC_QUERY, &query);

	if (err)
		return state_error(err,
				   "engine kmod: RTFM_IOC_QUERY failed: %s", strerror(-err));
	for (t = 0; t < app->decl->ntasks; t++) {
		uint64_t period = app->decl->tasks[t].period;

		if (period && period < query.min_period)
			return state_error(-EINVAL,
					   "engine kmod: task %s: period %llu ns is below min_period_ns of the module, %llu",
					   app->decl->tasks[t].name, (unsigned long long)period,
					   (unsigned long long)query.min_period);
	}
	return 0;
}

static int choose_delivery(struct app *app, uint64_t features)
{
	bool can = features & RTFM_FEATURE_UPCALL && upcall_init();

	app->upcalls = can && app->opt.delivery != RTFM_DELIVERY_DOORBELL;
	if (!can && app->opt.delivery == RTFM_DELIVERY_UPCALL)
		return state_error(-EOPNOTSUPP,
				   "engine kmod: no upcalls on this kernel or this machine");
	return 0;
}

static int set_up(struct app *app, struct rtfm_core_plan *plans)
{
	struct rtfm_setup setup = {
		.ncores = app->decl->ncores,
		.features = RTFM_FEATURE_DOORBELL | RTFM_FEATURE_PARK,
		.cores = (uintptr_t)plans,
	};
	void *region;
	int err;

	err = check_periods(app);
	if (err)
		return err;
	make_plans(app, plans);
	err = CALL(app, RTFM_IOC_SETUP, &setup);
	if (err)
		return state_error(err, "engine kmod: the module refuses the app: %s%s",
				   strerror(-err), err != -E2BIG ? "" :
				   " (a limit of the module, see /sys/module/rtfm/parameters)");
	err = choose_delivery(app, setup.features);
	if (err)
		return err;
	region = mmap(NULL, setup.region_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, app->fd, 0);
	if (region == MAP_FAILED) {
		err = -errno;
		return state_error(err, "engine kmod: cannot map the region: %s", strerror(-err));
	}
	app->region = region;
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
	int err = layout_reserve(app);

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
	layout_unreserve(app);
	return err;
}

/* Unmapping ends the app in the kernel, which sends no doorbell after it. */
static void stop(struct app *app)
{
	munmap(app->region, app->region_bytes);
	app->region = NULL;
	doorbell_remove(app);
	layout_unreserve(app);
}

const struct engine engine_kmod = {
	.name = "kmod",
	.module = true,
	.direct = true,
	.start = start,
	.stop = stop,
	.core_start = core_start,
	.core_open = dispatch_open,
	.core_close = dispatch_close,
	.core_stop = core_stop,
	.post = queue_post,
	.kick = kick,
	.interrupt = doorbell_interrupt,
	.arm = schedule,
	.repeat = repeat,
	.disarm = disarm,
	.move = move,
	.expire = expire,
	.park = park,
	.poll = dispatch_poll,
	.exclude = dispatch_exclude,
	.include = dispatch_include,
};
