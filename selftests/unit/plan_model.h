/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* A second implementation of the rules of a plan, to compare kmod/pure/plan.h with. */
#ifndef RTFM_PLAN_MODEL_H
#define RTFM_PLAN_MODEL_H

#include "model.h"
#include "plan.h"
#include "plan_cases.h"

#define PLAN_POISON 0xccccccccccccccccULL

struct plan_extent {
	__u64 start;
	__u64 bytes;
};

/**
 * struct plan_model - room for one call
 * @cores: the requested plans, and the results
 * @before: the requested plans
 * @extents: control pages, rings, the app's own part
 */
struct plan_model {
	struct rtfm_core_plan cores[RTFM_MAX_CORES];
	struct rtfm_core_plan before[RTFM_MAX_CORES];
	struct plan_extent extents[2 * RTFM_MAX_CORES + 1];
};

static inline __u64 plan_naive_ring_bytes(const struct rtfm_core_plan *c)
{
	__u64 bytes = 0;
	int level;

	for (level = 1; level <= RTFM_MAX_PRIORITY; level++)
		if (c->levels >> level & 1)
			bytes += (__u64)c->ring_entries * sizeof(struct rtfm_job);
	return bytes;
}

static inline int plan_naive_error(const struct rtfm_core_plan *c,
				   const struct rtfm_limits *limits)
{
	bool power = false;
	int i;

	for (i = 0; i < 32; i++)
		power |= c->ring_entries == 1u << i;
	if (c->levels & 1 || c->reserved)
		return -EINVAL;
	if (c->timers > limits->timers)
		return -E2BIG;
	if (!c->timers)
		return c->ring_entries ? -EINVAL : 0;
	if (!power || c->ring_entries < c->timers ||
	    c->ring_entries > 2 * RTFM_MAX_TIMERS)
		return -EINVAL;
	return 0;
}

static inline const char *plan_wrong_extents(const struct plan_extent *e, __u32 n,
					     __u64 region_bytes)
{
	__u32 i, j;

	for (i = 0; i < n; i++) {
		__u64 end = e[i].start + e[i].bytes;

		if (end < e[i].start || end > region_bytes)
			return "beyond the region";
		for (j = 0; j < n; j++)
			if (j != i && e[j].start >= e[i].start && e[j].start < end)
				return "overlap";
	}
	return NULL;
}

/* Return the problem of the layout of @m->cores, or NULL. */
static inline const char *plan_wrong_layout(struct plan_model *m, __u32 ncores,
					    __u64 user_bytes, __u64 user_offset,
					    __u64 region_bytes)
{
	__u32 i, n = 0;

	if (region_bytes % RTFM_PLAN_PAGE || user_offset % RTFM_PLAN_PAGE)
		return "page alignment";
	for (i = 0; i < ncores; i++) {
		const struct rtfm_core_plan *c = &m->cores[i];
		__u64 bytes = plan_naive_ring_bytes(c);

		if (c->ctl_offset % RTFM_PLAN_PAGE)
			return "control page alignment";
		if (c->ring_offset % RTFM_PLAN_LINE)
			return "ring alignment";
		m->extents[n++] = (struct plan_extent){ c->ctl_offset, RTFM_PLAN_PAGE };
		if (bytes)
			m->extents[n++] = (struct plan_extent){ c->ring_offset, bytes };
		/* nothing the kernel writes shares a page with the app's own part */
		if (c->ring_offset + bytes > user_offset)
			return "ring behind the app's own part";
	}
	if (user_bytes)
		m->extents[n++] = (struct plan_extent){ user_offset, user_bytes };
	return plan_wrong_extents(m->extents, n, region_bytes);
}

/* Are the in fields unchanged, and the memory behind the last core? */
static inline const char *plan_wrong_writes(const struct plan_model *m, __u32 ncores)
{
	__u32 i;

	for (i = 0; i < ncores; i++) {
		const struct rtfm_core_plan *c = &m->cores[i], *b = &m->before[i];

		if (c->levels != b->levels || c->timers != b->timers ||
		    c->ring_entries != b->ring_entries || c->reserved != b->reserved)
			return "wrote to an in field";
	}
	if (memcmp(&m->before[ncores], &m->cores[ncores],
		   (RTFM_MAX_CORES - ncores) * sizeof(m->cores[0])))
		return "wrote behind the array";
	return NULL;
}

/* One call; @c->err, and the offsets if there are any, are what is expected. */
static inline const char *plan_wrong_call(struct plan_model *m, const struct plan_case *c,
					  bool offsets)
{
	__u64 user_offset = PLAN_POISON, region_bytes = PLAN_POISON;

	memcpy(m->before, m->cores, sizeof(m->cores));
	if (rtfm_plan_region(m->cores, c->ncores, c->user_bytes, &c->limits,
			     &user_offset, &region_bytes) != -c->err)
		return "another verdict";
	if (c->err) {
		if (user_offset != PLAN_POISON || region_bytes != PLAN_POISON ||
		    memcmp(m->before, m->cores, sizeof(m->cores)))
			return "wrote something though it refused";
		return NULL;
	}
	if (offsets && user_offset != c->user_offset)
		return "user_offset";
	if (offsets && region_bytes != c->region_bytes)
		return "region_bytes";
	if (region_bytes > c->limits.bytes)
		return "above the limit";
	return plan_wrong_writes(m, c->ncores) ?:
	       plan_wrong_layout(m, c->ncores, c->user_bytes, user_offset,
				 region_bytes);
}

static inline const char *plan_wrong_case(struct plan_model *m, const struct plan_case *c)
{
	static const struct rtfm_core_plan good = PLAN_GOOD;
	__u32 i;

	for (i = 0; i < RTFM_MAX_CORES; i++) {
		m->cores[i] = c->everyone || i == c->at ? c->core : good;
		m->cores[i].ctl_offset = PLAN_POISON;
		m->cores[i].ring_offset = PLAN_POISON;
	}
	return plan_wrong_call(m, c, true);
}

#define PLAN_PICK(seed, from) ((from)[model_random(seed) % ARRAY_SIZE(from)])

/* A random plan; @good counts those that are fine. */
static inline const char *plan_wrong_random(struct plan_model *m, __u64 *seed,
					    unsigned long *good)
{
	static const __u32 levels[] = { 0, 1, 2, 6, 0x80000000, 0xfffffffe, 0x5554 };
	static const __u32 timers[] = { 0, 0, 1, 2, 5, 64, 100, 101, 65536, ~0u };
	static const __u32 rings[] = { 0, 0, 1, 2, 7, 8, 64, 128, 128, 131072, 262144,
				       1u << 31, ~0u };
	static const __u64 bytes[] = { 0, 1, 4095, 4096, 4097, 1 << 20, ~0ULL };
	struct plan_case c = {
		.ncores = (__u32)(model_random(seed) % 10),
		.user_bytes = PLAN_PICK(seed, bytes),
		.limits = { .cores = 8, .timers = 100, .bytes = PLAN_MB(8) },
	};
	__u64 sum = (__u64)c.ncores * 4096;
	const char *wrong;
	__u32 i;

	c.err = !c.ncores ? EINVAL : c.ncores > 8 ? E2BIG : 0;
	memset(m->cores, 0xcc, sizeof(m->cores));
	for (i = 0; i < c.ncores; i++) {
		struct rtfm_core_plan *core = &m->cores[i];

		core->levels = PLAN_PICK(seed, levels);
		core->timers = PLAN_PICK(seed, timers);
		core->ring_entries = PLAN_PICK(seed, rings);
		core->reserved = model_random(seed) % 40 == 0;
		if (model_random(seed) % 4) {	/* mostly good ones */
			core->levels &= ~1u;
			core->timers %= 101;
			core->ring_entries = core->timers ? 128 : 0;
		}
		if (!c.err)
			c.err = -plan_naive_error(core, &c.limits);
		sum += (plan_naive_ring_bytes(core) + 63) / 64 * 64;
	}
	sum = (sum + 4095) / 4096 * 4096;
	if (!c.err && (sum > c.limits.bytes || c.user_bytes > c.limits.bytes - sum))
		c.err = E2BIG;
	wrong = plan_wrong_call(m, &c, false);
	*good += !wrong && !c.err;
	return wrong;
}

#endif /* RTFM_PLAN_MODEL_H */
