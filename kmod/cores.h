/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The cores of an app and the region that they share: made from the plans that
 * user space gives at set-up, found by index or by thread.
 */
#ifndef RTFM_CORES_H
#define RTFM_CORES_H

#include <linux/compiler.h>
#include <linux/nospec.h>
#include <linux/rtfm.h>
#include <linux/sched.h>
#include <linux/types.h>

#include "core.h"
#include "pure/plan.h"
#include "region.h"

/**
 * struct rtfm_cores - cores and memory of an app
 * @region: memory
 * @count: how many cores
 * @core: each with a lock of its own
 *
 * Constant after set-up, but for what is in a core.
 */
struct rtfm_cores {
	struct rtfm_region region;
	u32 count;
	struct rtfm_core *core;
};

int rtfm_cores_create(struct rtfm_cores *cores, u32 app, const struct rtfm_limits *limits,
		      u64 min_period, struct rtfm_setup *setup);
void rtfm_cores_free(struct rtfm_cores *cores);

/**
 * rtfm_cores_find() - the core with an index
 * @cores: of an app that is set up
 * @index: from user space
 *
 * Context: process.
 * Return: the core, or NULL if there is none.
 */
static inline struct rtfm_core *rtfm_cores_find(const struct rtfm_cores *cores, u32 index)
{
	if (index >= cores->count)
		return NULL;
	return &cores->core[array_index_nospec(index, cores->count)];
}

/**
 * rtfm_cores_own() - the core of the calling thread
 * @cores: of an app that is set up
 *
 * Only the thread itself makes that true, and only the end of the app makes it false.
 *
 * Context: process.
 * Return: the core, or NULL if the thread is not attached.
 */
static inline struct rtfm_core *rtfm_cores_own(const struct rtfm_cores *cores)
{
	u32 i;

	for (i = 0; i < cores->count; i++)
		if (READ_ONCE(cores->core[i].task) == current)
			return &cores->core[i];
	return NULL;
}

#endif /* RTFM_CORES_H */
