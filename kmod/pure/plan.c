// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The plan of a region. The picture: plan.h. */
#ifdef __KERNEL__
#include <linux/errno.h>
#else
#include <errno.h>
#endif

#include "ceiling.h"
#include "plan.h"

static __u64 align_up(__u64 bytes, __u64 to)
{
	return (bytes + to - 1) & ~(to - 1);
}

static int check_core(const struct rtfm_core_plan *c, const struct rtfm_limits *limits)
{
	if (c->levels & 1u || c->reserved)
		return -EINVAL;
	if (c->timers > limits->timers)
		return -E2BIG;
	if (!c->timers)
		return c->ring_entries ? -EINVAL : 0;
	if (c->ring_entries & (c->ring_entries - 1) || c->ring_entries < c->timers ||
	    c->ring_entries > 2 * RTFM_MAX_TIMERS)
		return -EINVAL;
	return 0;
}

/* At most 31 levels of 2^17 entries of 16 bytes: no overflow. */
static __u64 ring_bytes(const struct rtfm_core_plan *c)
{
	__u64 nlevels = rtfm_level_rank(c->levels, RTFM_MAX_PRIORITY) +
			(c->levels >> RTFM_MAX_PRIORITY);

	return align_up(nlevels * c->ring_entries * sizeof(struct rtfm_job), RTFM_PLAN_LINE);
}

int rtfm_plan_region(struct rtfm_core_plan *cores, __u32 ncores, __u64 user_bytes,
		     const struct rtfm_limits *limits, __u64 *user_offset,
		     __u64 *region_bytes)
{
	__u64 most = limits->bytes & ~(__u64)(RTFM_PLAN_PAGE - 1);
	__u64 at = (__u64)ncores * RTFM_PLAN_PAGE;
	__u64 bytes = at;
	__u32 i;
	int err;

	if (!ncores)
		return -EINVAL;
	if (ncores > limits->cores)
		return -E2BIG;
	for (i = 0; i < ncores; i++) {
		err = check_core(&cores[i], limits);
		if (err)
			return err;
		bytes += ring_bytes(&cores[i]);
	}
	bytes = align_up(bytes, RTFM_PLAN_PAGE);
	/* both in whole pages: what is rounded up below stays within the limit */
	if (bytes > most || user_bytes > most - bytes)
		return -E2BIG;

	for (i = 0; i < ncores; i++) {
		cores[i].ctl_offset = (__u64)i * RTFM_PLAN_PAGE;
		cores[i].ring_offset = at;
		at += ring_bytes(&cores[i]);
	}
	*user_offset = bytes;
	*region_bytes = align_up(bytes + user_bytes, RTFM_PLAN_PAGE);
	return 0;
}
