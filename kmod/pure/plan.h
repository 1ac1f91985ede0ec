/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The plan of a region: where each core's control block and rings lie.
 *
 *	0	control page of core 0, core 1, ...	RTFM_PLAN_PAGE each
 *	...	kernel rings of core 0, core 1, ...	cache-line aligned
 *	...	the app's own part			page aligned
 *
 * The module and the engines without a module lay out their regions with it.
 */
#ifndef RTFM_PURE_PLAN_H
#define RTFM_PURE_PLAN_H

#include <linux/rtfm.h>
#include <linux/types.h>

#define RTFM_PLAN_PAGE	4096u
#define RTFM_PLAN_LINE	64u

/**
 * struct rtfm_limits - what a plan may ask for
 * @cores: 1..RTFM_MAX_CORES
 * @timers: per core, 0..RTFM_MAX_TIMERS
 * @bytes: of the whole region
 */
struct rtfm_limits {
	__u32 cores;
	__u32 timers;
	__u64 bytes;
};

/**
 * rtfm_plan_region() - check what an app asks for and lay out its region
 * @cores: @ncores plans; the out fields are filled in
 * @ncores: how many
 * @user_bytes: size of the app's own part
 * @limits: what it may ask for
 * @user_offset: out
 * @region_bytes: out, a multiple of RTFM_PLAN_PAGE
 *
 * Return: 0; -EINVAL if a field is out of its range or @reserved is not zero;
 * -E2BIG if a limit is exceeded. Nothing has been written then.
 */
int rtfm_plan_region(struct rtfm_core_plan *cores, __u32 ncores, __u64 user_bytes,
		     const struct rtfm_limits *limits, __u64 *user_offset,
		     __u64 *region_bytes);

#endif /* RTFM_PURE_PLAN_H */
