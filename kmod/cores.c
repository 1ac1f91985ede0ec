// SPDX-License-Identifier: GPL-2.0-only
/* The cores of an app: from their plans to memory and timers, and back. */
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "core.h"
#include "cores.h"
#include "doorbell.h"
#include "pure/plan.h"
#include "region.h"
#include "release.h"

static void free_cores(struct rtfm_cores *cores)
{
	while (cores->count)
		rtfm_release_free(&cores->core[--cores->count]);
	kvfree(cores->core);
	cores->core = NULL;
}

static int create_cores(struct rtfm_cores *cores, u32 app, u64 min_period,
			const struct rtfm_core_plan *plans, u32 ncores)
{
	struct rtfm_core *core;
	u32 i;
	int err;

	cores->core = kvcalloc(ncores, sizeof(*core), GFP_KERNEL_ACCOUNT);
	if (!cores->core)
		return -ENOMEM;
	for (i = 0; i < ncores; i++) {
		core = &cores->core[i];
		core->app = app;
		core->index = i;
		core->levels = plans[i].levels;
		core->min_period = min_period;
		core->mm = current->mm;
		raw_spin_lock_init(&core->lock);
		rtfm_doorbell_init(core);
		rtfm_region_view(&cores->region, i, &plans[i], &core->view);
		err = rtfm_release_init(core, plans[i].timers);
		if (err)
			goto err_free_cores;
		cores->count++;
	}
	return 0;

err_free_cores:
	free_cores(cores);
	return err;
}

/* What the kernel keeps of the timers, beside the region: a plan has up to 2^21 of them. */
static u64 timer_bytes(const struct rtfm_core_plan *plans, u32 ncores)
{
	u64 timers = 0;
	u32 i;

	for (i = 0; i < ncores; i++)
		timers += plans[i].timers;
	return timers * RTFM_CORE_TIMER_BYTES;
}

/* The user's @plans become ours, and the user gets them back with their out fields. */
static int create(struct rtfm_cores *cores, u32 app, const struct rtfm_limits *limits,
		  u64 min_period, struct rtfm_setup *setup, struct rtfm_core_plan *plans)
{
	void __user *user = u64_to_user_ptr(setup->cores);
	size_t bytes = array_size(setup->ncores, sizeof(*plans));
	int err;

	if (copy_from_user(plans, user, bytes))
		return -EFAULT;
	err = rtfm_plan_region(plans, setup->ncores, setup->user_bytes, limits,
			       &setup->user_offset, &setup->region_bytes);
	if (err)
		return err;
	if (timer_bytes(plans, setup->ncores) > limits->bytes - setup->region_bytes)
		return -E2BIG;
	err = rtfm_region_alloc(&cores->region, setup->region_bytes);
	if (err)
		return err;
	err = create_cores(cores, app, min_period, plans, setup->ncores);
	if (err)
		goto err_free_region;
	if (copy_to_user(user, plans, bytes)) {
		err = -EFAULT;
		goto err_free_cores;
	}
	return 0;

err_free_cores:
	free_cores(cores);
err_free_region:
	rtfm_region_free(&cores->region);
	return err;
}

/**
 * rtfm_cores_create() - make what the plans of RTFM_IOC_SETUP ask for
 * @cores: zeroed
 * @app: id of the app, for tracing
 * @limits: cores, timers, bytes of an app
 * @min_period: shortest period of a timer, ns
 * @setup: @ncores within @limits; the out fields of it and of the plans that it
 *	   points to are filled in
 *
 * Context: process, may sleep, mmap_lock not held. The caller's address space is the
 * one that the threads of the cores must be in.
 * Return: 0, or an error of the ABI and nothing has changed; after 0,
 * rtfm_cores_free() undoes it.
 */
int rtfm_cores_create(struct rtfm_cores *cores, u32 app, const struct rtfm_limits *limits,
		      u64 min_period, struct rtfm_setup *setup)
{
	struct rtfm_core_plan *plans;
	int err;

	plans = kcalloc(setup->ncores, sizeof(*plans), GFP_KERNEL_ACCOUNT);
	if (!plans)
		return -ENOMEM;
	err = create(cores, app, limits, min_period, setup, plans);
	kfree(plans);
	return err;
}

/**
 * rtfm_cores_free() - undo rtfm_cores_create()
 * @cores: without threads
 *
 * Context: process, may sleep. The cores and their views are not used any more.
 */
void rtfm_cores_free(struct rtfm_cores *cores)
{
	free_cores(cores);
	rtfm_region_free(&cores->region);
}
