// SPDX-License-Identifier: GPL-2.0-only
/*
 * An app: its owner, the checks of its system calls, and its end. States: app.h.
 *
 * The checks of a system call, in this order, after those of its format:
 *
 *	-ENXIO		not set up: there is no owner yet
 *	-EPERM		not the owning process
 *	-ESHUTDOWN	the app has ended
 *	-EINVAL, -E2BIG	what the call names is not there, or out of its range
 *	-EPERM, ...	the caller, or what it names, is not in the right state
 *
 * How an app ends:
 *
 *	the owner closes a descriptor	flush: end, at once
 *	the last mapping goes: munmap,	under mmap_lock: silence, at once; the rest
 *	exec, exit			of the end from a work item
 *	the last descriptor goes	release: end, unless that has been, and free
 *
 * A child that inherited the descriptor, or a process that was sent it, delays
 * only the last: some memory, but no timer, no thread and no reference to one.
 */
#include <linux/atomic.h>
#include <linux/cache.h>
#include <linux/err.h>
#include <linux/init.h>
#include <linux/mm.h>
#include <linux/minmax.h>
#include <linux/mutex.h>
#include <linux/nsproxy.h>
#include <linux/pid.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/sched/prio.h>
#include <linux/slab.h>
#include <linux/time64.h>
#include <linux/time_namespace.h>
#include <linux/workqueue.h>

#include "app.h"
#include "core.h"
#include "cores.h"
#include "doorbell.h"
#include "grant.h"
#include "park.h"
#include "pure/ceiling.h"
#include "region.h"
#include "release.h"
#include "thread.h"

#define FEATURES	(RTFM_FEATURE_DOORBELL | RTFM_FEATURE_PARK | RTFM_UPCALL_FEATURE)

enum state { NEW, READY, DEAD };

/**
 * struct rtfm_app - one open of the device
 * @limits: of the administrator
 * @id: for tracing
 * @state: NEW, READY, DEAD; release and acquire publish all that is below @lock
 * @maps: mappings of the region in the owner's address space
 * @lock: see core.h
 * @end_work: ends the app after its last mapping has gone
 * @mm: the owner's address space (mmgrab: compared, never looked into; to hold
 *	users of it from a file that it maps would be a cycle)
 * @tgid: the owner's process (get_pid)
 * @cores: constant after set-up, but for what is in a core, which has a lock of its own
 */
struct rtfm_app {
	const struct rtfm_app_limits *limits;
	u32 id;
	atomic_t state;
	atomic_t maps;
	struct mutex lock;	/* set-up, attach, detach, end: see core.h */
	struct work_struct end_work;

	struct mm_struct *mm;
	struct pid *tgid;
	struct rtfm_cores cores;
};

static atomic_t last_id = ATOMIC_INIT(0);
static atomic_t napps = ATOMIC_INIT(0);

/* Unbound: a worker of a CPU would wait for as long as a core's thread hogs that. */
static struct workqueue_struct *end_queue __ro_after_init;

/**
 * rtfm_app_init() - what apps share
 *
 * Context: process, may sleep.
 * Return: 0 or -ENOMEM; after 0, rtfm_app_exit() undoes it.
 */
int __init rtfm_app_init(void)
{
	end_queue = alloc_workqueue("rtfm", WQ_UNBOUND, 0);
	return end_queue ? 0 : -ENOMEM;
}

/**
 * rtfm_app_exit() - undo rtfm_app_init()
 *
 * Context: process, may sleep. There is no app any more.
 */
void rtfm_app_exit(void)
{
	rtfm_grant_exit();
	destroy_workqueue(end_queue);
}

static void end_later(struct work_struct *work)
{
	rtfm_app_end(container_of(work, struct rtfm_app, end_work));
}

/**
 * rtfm_app_create() - an app that is not set up
 * @limits: of the administrator, outlive the app
 *
 * Context: process, may sleep.
 * Return: the app, or an ERR_PTR(): -ENFILE if there are as many as may be, -ENOMEM.
 */
struct rtfm_app *rtfm_app_create(const struct rtfm_app_limits *limits)
{
	struct rtfm_app *app;

	if (!atomic_add_unless(&napps, 1, limits->apps))
		return ERR_PTR(-ENFILE);
	app = kzalloc(sizeof(*app), GFP_KERNEL_ACCOUNT);
	if (!app) {
		atomic_dec(&napps);
		return ERR_PTR(-ENOMEM);
	}
	app->limits = limits;
	app->id = atomic_inc_return(&last_id);
	atomic_set(&app->state, NEW);
	mutex_init(&app->lock);
	INIT_WORK(&app->end_work, end_later);
	return app;
}

/**
 * rtfm_app_destroy() - end it, free it
 * @app: no system call on it runs, nothing maps it
 *
 * Context: process, may sleep, mmap_lock not held.
 */
void rtfm_app_destroy(struct rtfm_app *app)
{
	cancel_work_sync(&app->end_work);
	if (atomic_read(&app->state) != NEW) {
		rtfm_app_end(app);
		rtfm_cores_free(&app->cores);
		put_pid(app->tgid);
		mmdrop(app->mm);
	}
	mutex_destroy(&app->lock);
	kfree(app);
	atomic_dec(&napps);
}

/**
 * rtfm_app_owned() - does the current process own it
 * @app: the app
 *
 * By process, not by address space: the caller may be exiting, and have none.
 *
 * Context: process.
 * Return: false too if it is not set up.
 */
bool rtfm_app_owned(const struct rtfm_app *app)
{
	return atomic_read_acquire(&app->state) != NEW && app->tgid == task_tgid(current);
}

/**
 * rtfm_app_end() - stop all that happens for it, let go of all that is not memory
 * @app: set up; may have ended before, or be ending on another CPU
 *
 * Context: process, may sleep, mmap_lock not held.
 */
void rtfm_app_end(struct rtfm_app *app)
{
	u32 i;

	atomic_set(&app->state, DEAD);
	/* first of all: the holder of the lock may wait for a CPU that such a thread has */
	for (i = 0; i < app->cores.count; i++)
		rtfm_grant_withdraw(&app->cores.core[i].grant);
	mutex_lock(&app->lock);
	for (i = 0; i < app->cores.count; i++) {
		rtfm_thread_silence(&app->cores.core[i]);
		rtfm_thread_detach(&app->cores.core[i]);
	}
	mutex_unlock(&app->lock);
}

/* May the caller do anything with it? See the top of the file. */
static int admit(const struct rtfm_app *app)
{
	/* U: pairs with the release in rtfm_app_setup() */
	int state = atomic_read_acquire(&app->state);

	if (state == NEW)
		return -ENXIO;
	/* both: a vfork child has the address space, an exec'd owner the process */
	if (app->mm != current->mm || app->tgid != task_tgid(current))
		return -EPERM;
	return state == DEAD ? -ESHUTDOWN : 0;
}

/**
 * rtfm_app_map() - map the region
 * @app: the app
 * @vma: where
 *
 * Context: process, mmap_lock held for writing.
 * Return: 0, -ENXIO, -EPERM, -ESHUTDOWN, -EINVAL or -ENOMEM.
 */
int rtfm_app_map(struct rtfm_app *app, struct vm_area_struct *vma)
{
	int err = admit(app);

	return err ?: rtfm_region_map(&app->cores.region, vma);
}

/**
 * rtfm_app_mapped() - there is one more mapping
 * @app: the app
 * @vma: the mapping. That of a child, after MADV_DOFORK of the owner, does not
 *	 count.
 *
 * Context: process, mmap_lock held for writing.
 */
void rtfm_app_mapped(struct rtfm_app *app, const struct vm_area_struct *vma)
{
	if (vma->vm_mm == app->mm)
		atomic_inc(&app->maps);
}

/**
 * rtfm_app_unmapped() - there is one less; the last one ends the app
 * @app: the app
 * @vma: the mapping, which holds the file
 *
 * Context: process, mmap_lock held for writing.
 */
void rtfm_app_unmapped(struct rtfm_app *app, const struct vm_area_struct *vma)
{
	u32 i;

	if (vma->vm_mm != app->mm || !atomic_dec_and_test(&app->maps))
		return;
	atomic_set(&app->state, DEAD);
	for (i = 0; i < app->cores.count; i++)
		rtfm_thread_silence(&app->cores.core[i]);
	queue_work(end_queue, &app->end_work);
}

/*
 * Instants are of the host's CLOCK_MONOTONIC. In a time namespace with an offset the caller
 * reads another clock, and its jobs would be released at other instants than it requested.
 */
static bool has_other_clock(void)
{
	struct timespec64 offset = {};

	timens_add_monotonic(&offset);
	return offset.tv_sec || offset.tv_nsec;
}

/**
 * rtfm_app_setup() - RTFM_IOC_SETUP
 * @app: the app
 * @setup: format checked; the out fields are filled in
 *
 * Context: process, may sleep.
 * Return: 0 or an error of the ABI.
 */
int rtfm_app_setup(struct rtfm_app *app, struct rtfm_setup *setup)
{
	int err;

	if (mutex_lock_killable(&app->lock))
		return -EINTR;
	err = admit(app);
	if (err != -ENXIO) {
		err = err ?: -EBUSY;
		goto out_unlock;
	}
	err = -EINVAL;
	if (setup->features & ~FEATURES || !setup->ncores)
		goto out_unlock;
	err = -E2BIG;
	if (setup->ncores > app->limits->plan.cores)
		goto out_unlock;
	err = -EOPNOTSUPP;
	if (has_other_clock())
		goto out_unlock;
	setup->features = FEATURES;
	err = rtfm_cores_create(&app->cores, app->id, &app->limits->plan,
				app->limits->min_period, setup);
	if (err)
		goto out_unlock;
	mmgrab(current->mm);
	app->mm = current->mm;
	app->tgid = get_pid(task_tgid(current));
	/* U: pairs with the acquire in admit() and rtfm_app_owned() */
	atomic_set_release(&app->state, READY);
out_unlock:
	mutex_unlock(&app->lock);
	return err;
}

/*
 * The bell must preempt the thread that it is for, whatever priority that has: of the
 * module, or of its own. (Above 98 and below SCHED_DEADLINE there is no room.)
 */
static u32 bell_priority(const struct rtfm_app_limits *limits)
{
	return min_t(u32, max_t(u32, limits->fifo_priority, current->rt_priority) + 1,
		     MAX_RT_PRIO - 1);
}

/* Caller holds app->lock: no thread attaches or detaches, but the app may end. */
static int attach_locked(struct rtfm_app *app, struct rtfm_attach *attach)
{
	const struct rtfm_thread_role role = {
		.doorbell = attach->doorbell,
		.fifo_priority = attach->fifo_priority,
		.bell_priority = bell_priority(app->limits),
		.upcall = {
			.entry = attach->upcall_entry,
			.again = attach->upcall_again,
			.return_start = attach->upcall_return,
			.return_end = attach->upcall_return_end,
		},
	};
	struct rtfm_core *core;
	int err;

	lockdep_assert_held(&app->lock);
	err = admit(app);
	if (err)
		return err;
	if (!atomic_read(&app->maps))
		return -ENXIO;
	core = rtfm_cores_find(&app->cores, attach->core);
	if (!core || !rtfm_doorbell_valid(attach->doorbell) || rtfm_upcall_check(&role.upcall))
		return -EINVAL;
	if (attach->fifo_priority > app->limits->fifo_priority)
		return -E2BIG;
	if (current->nr_cpus_allowed != 1)
		return -EINVAL;
	if (core->task || rtfm_cores_own(&app->cores))
		return -EBUSY;
	err = rtfm_thread_attach(core, &role);
	if (!err)
		attach->cpu = core->cpu;
	return err;
}

/**
 * rtfm_app_attach() - RTFM_IOC_ATTACH
 * @app: the app
 * @attach: format checked; the out fields are filled in
 *
 * Context: process, may sleep.
 * Return: 0 or an error of the ABI.
 */
int rtfm_app_attach(struct rtfm_app *app, struct rtfm_attach *attach)
{
	int err;

	if (mutex_lock_killable(&app->lock))
		return -EINTR;
	err = attach_locked(app, attach);
	mutex_unlock(&app->lock);
	return err;
}

/**
 * rtfm_app_detach() - RTFM_IOC_DETACH
 * @app: the app
 *
 * Context: process, may sleep.
 * Return: 0 or an error of the ABI.
 */
int rtfm_app_detach(struct rtfm_app *app)
{
	struct rtfm_core *core;
	int err;

	if (mutex_lock_killable(&app->lock))
		return -EINTR;
	err = admit(app);
	if (err)
		goto out_unlock;
	core = rtfm_cores_own(&app->cores);
	if (core)
		rtfm_thread_detach(core);
	else
		err = -EPERM;
out_unlock:
	mutex_unlock(&app->lock);
	return err;
}

/**
 * rtfm_app_kick() - RTFM_IOC_KICK
 * @app: the app
 * @core: index of the core
 *
 * Context: process.
 * Return: 0 or an error of the ABI.
 */
int rtfm_app_kick(struct rtfm_app *app, u32 core)
{
	struct rtfm_core *target;
	int err = admit(app);

	if (err)
		return err;
	target = rtfm_cores_find(&app->cores, core);
	return target ? rtfm_thread_kick(target) : -EINVAL;
}

/**
 * rtfm_app_schedule() - RTFM_IOC_SCHEDULE
 * @app: the app
 * @schedule: format checked
 *
 * Context: process.
 * Return: 0 or an error of the ABI.
 */
int rtfm_app_schedule(struct rtfm_app *app, const struct rtfm_schedule *schedule)
{
	struct rtfm_core *core;
	int err = admit(app);

	if (err)
		return err;
	core = rtfm_cores_find(&app->cores, schedule->core);
	return core ? rtfm_release_schedule(core, &schedule->submit) : -EINVAL;
}

/**
 * rtfm_app_take_in() - RTFM_IOC_SUBMIT
 * @app: the app
 *
 * Context: process.
 * Return: 0 or an error of the ABI.
 */
int rtfm_app_take_in(struct rtfm_app *app)
{
	struct rtfm_core *core;
	int err = admit(app);

	if (err)
		return err;
	core = rtfm_cores_own(&app->cores);
	return core ? rtfm_release_submit(core) : -EPERM;
}

/**
 * rtfm_app_cancel() - RTFM_IOC_CANCEL
 * @app: the app
 * @cancel: format checked
 *
 * Context: process.
 * Return: 0 or an error of the ABI.
 */
int rtfm_app_cancel(struct rtfm_app *app, const struct rtfm_cancel *cancel)
{
	struct rtfm_core *core;
	int err = admit(app);

	if (err)
		return err;
	core = rtfm_cores_find(&app->cores, cancel->core);
	return core ? rtfm_release_cancel(core, cancel->timer, cancel->tag) : -EINVAL;
}

/**
 * rtfm_app_arm() - RTFM_IOC_ARM
 * @app: the app
 * @instant: ns, 0 for never
 *
 * Context: process.
 * Return: 0 or an error of the ABI.
 */
int rtfm_app_arm(struct rtfm_app *app, u64 instant)
{
	struct rtfm_core *core;
	int err = admit(app);

	if (err)
		return err;
	if (instant > S64_MAX)
		return -EINVAL;
	core = rtfm_cores_own(&app->cores);
	if (!core)
		return -EPERM;
	return rtfm_release_arm(core, instant ?: RTFM_NEVER);
}

/**
 * rtfm_app_park() - RTFM_IOC_PARK
 * @app: the app
 *
 * Context: process, sleeps.
 * Return: 0 or an error of the ABI.
 */
int rtfm_app_park(struct rtfm_app *app)
{
	struct rtfm_core *core;
	int err = admit(app);

	if (err)
		return err;
	core = rtfm_cores_own(&app->cores);
	return core ? rtfm_park_sleep(core) : -EPERM;
}

/**
 * rtfm_app_query() - RTFM_IOC_QUERY
 * @app: the app
 * @query: format checked; the out fields are filled in
 *
 * Context: process.
 * Return: 0 or an error of the ABI.
 */
int rtfm_app_query(struct rtfm_app *app, struct rtfm_query *query)
{
	int err = admit(app);
	struct rtfm_core *target;
	u32 core = query->core;

	if (err && err != -ENXIO)
		return err;
	/* before set-up there is no core, and only 0 may be named */
	if (core >= (err ? 1 : app->cores.count))
		return -EINVAL;
	*query = (struct rtfm_query) {
		.size = query->size,
		.core = core,
		.ncores = err ? 0 : app->cores.count,
		.features = FEATURES,
		.max_bytes = app->limits->plan.bytes,
		.max_cores = app->limits->plan.cores,
		.max_timers = app->limits->plan.timers,
		.max_fifo_priority = app->limits->fifo_priority,
		.min_period = app->limits->min_period,
		.cpu = ~0U,
	};
	target = err ? NULL : rtfm_cores_find(&app->cores, core);
	if (target)
		rtfm_thread_query(target, query);
	return 0;
}
