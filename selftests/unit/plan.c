// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The plan of a region: what is refused, and that nothing overlaps. */
#include "unit.h"

#include "plan.h"
#include "plan_cases.h"

_Static_assert(PLAN_EINVAL == EINVAL && PLAN_E2BIG == E2BIG, "errno");

#define POISON 0xccccccccccccccccULL

struct extent {
	__u64 start;
	__u64 bytes;
};

static void fill(struct rtfm_core_plan *cores, const struct plan_case *c)
{
	static const struct rtfm_core_plan good = PLAN_GOOD;
	__u32 i;

	for (i = 0; i < RTFM_MAX_CORES; i++) {
		cores[i] = c->everyone || i == c->at ? c->core : good;
		cores[i].ctl_offset = POISON;
		cores[i].ring_offset = POISON;
	}
}

static __u64 naive_ring_bytes(const struct rtfm_core_plan *c)
{
	__u64 bytes = 0;
	int level;

	for (level = 1; level <= RTFM_MAX_PRIORITY; level++)
		if (c->levels >> level & 1)
			bytes += (__u64)c->ring_entries * sizeof(struct rtfm_job);
	return bytes;
}

static int by_start(const void *a, const void *b)
{
	const struct extent *x = a, *y = b;

	return (x->start > y->start) - (x->start < y->start);
}

/* What is wrong with a layout, or NULL. */
static const char *bad_geometry(const struct rtfm_core_plan *cores, __u32 ncores,
				__u64 user_bytes, __u64 user_offset,
				__u64 region_bytes)
{
	struct extent e[2 * RTFM_MAX_CORES + 1];
	__u32 i, n = 0;

	if (region_bytes % RTFM_PLAN_PAGE || user_offset % RTFM_PLAN_PAGE)
		return "page alignment";
	for (i = 0; i < ncores; i++) {
		if (cores[i].ctl_offset % RTFM_PLAN_PAGE)
			return "control page alignment";
		if (cores[i].ring_offset % RTFM_PLAN_LINE)
			return "ring alignment";
		e[n++] = (struct extent){ cores[i].ctl_offset, RTFM_PLAN_PAGE };
		if (naive_ring_bytes(&cores[i]))
			e[n++] = (struct extent){ cores[i].ring_offset,
						  naive_ring_bytes(&cores[i]) };
	}
	if (user_bytes)
		e[n++] = (struct extent){ user_offset, user_bytes };
	qsort(e, n, sizeof(e[0]), by_start);
	for (i = 0; i < n; i++) {
		__u64 end = e[i].start + e[i].bytes;

		if (end < e[i].start || end > region_bytes)
			return "beyond the region";
		if (i + 1 < n && end > e[i + 1].start)
			return "overlap";
	}
	/* nothing the kernel writes shares a page with the app's own part */
	for (i = 0; i < ncores; i++)
		if (cores[i].ring_offset + naive_ring_bytes(&cores[i]) > user_offset)
			return "ring behind the app's own part";
	return NULL;
}

TEST(table)
{
	struct rtfm_core_plan cores[RTFM_MAX_CORES], before[RTFM_MAX_CORES];
	const struct plan_case *c = plan_cases;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(plan_cases); i++, c++) {
		__u64 user_offset = POISON, region_bytes = POISON;
		const char *bad;

		fill(cores, c);
		memcpy(before, cores, sizeof(cores));
		EXPECT_EQ(-c->err,
			  rtfm_plan_region(cores, c->ncores, c->user_bytes,
					   &c->limits, &user_offset,
					   &region_bytes)) {
			TH_LOG("case '%s'", c->name);
			continue;
		}
		EXPECT_EQ(c->err ? POISON : c->user_offset, user_offset) {
			TH_LOG("case '%s'", c->name);
		}
		EXPECT_EQ(c->err ? POISON : c->region_bytes, region_bytes) {
			TH_LOG("case '%s'", c->name);
		}
		if (c->err) {
			EXPECT_EQ(0, memcmp(before, cores, sizeof(cores))) {
				TH_LOG("case '%s' wrote something", c->name);
			}
			continue;
		}
		bad = bad_geometry(cores, c->ncores, c->user_bytes, user_offset,
				   region_bytes);
		EXPECT_NULL(bad) {
			TH_LOG("case '%s': %s", c->name, bad);
		}
		EXPECT_EQ(0, memcmp(&before[c->ncores], &cores[c->ncores],
				    (RTFM_MAX_CORES - c->ncores) *
				    sizeof(cores[0]))) {
			TH_LOG("case '%s' wrote behind the array", c->name);
		}
	}
}

/* The in fields are the caller's: they come back as they were. */
TEST(in_fields_are_kept)
{
	struct rtfm_core_plan core = { .levels = 0x30, .timers = 3, .ring_entries = 4 };
	struct rtfm_limits limits = PLAN_LIMITS;
	__u64 user_offset, region_bytes;

	ASSERT_EQ(0, rtfm_plan_region(&core, 1, 10, &limits, &user_offset,
				      &region_bytes));
	EXPECT_EQ(0x30, core.levels);
	EXPECT_EQ(3, core.timers);
	EXPECT_EQ(4, core.ring_entries);
	EXPECT_EQ(0, core.reserved);
}

static __u32 pick(__u64 *seed, const __u32 *from, size_t n)
{
	return from[unit_random(seed) % n];
}

static int naive_core_error(const struct rtfm_core_plan *c,
			    const struct rtfm_limits *limits)
{
	int power = 0, i;

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

/* Random plans: the verdict of a naive check, and no overlap if it is good. */
TEST(random_plans)
{
	static const __u32 levels[] = { 0, 1, 2, 6, 0x80000000, 0xfffffffe, 0x5554 };
	static const __u32 timers[] = { 0, 0, 1, 2, 5, 64, 100, 101, 65536, ~0u };
	static const __u32 rings[] = { 0, 0, 1, 2, 7, 8, 64, 128, 128, 131072, 262144,
				       1u << 31, ~0u };
	static const __u64 bytes[] = { 0, 1, 4095, 4096, 4097, 1 << 20, ~0ULL };
	struct rtfm_limits limits = {
		.cores = 8, .timers = 100, .bytes = PLAN_MB(8),
	};
	struct rtfm_core_plan cores[9], before[9];
	unsigned long good = 0, i, n = unit_scaled(300000);
	__u64 seed = 0x706c616e;

	for (i = 0; i < n; i++) {
		__u32 ncores = (__u32)(unit_random(&seed) % 10), c;
		__u64 user = bytes[unit_random(&seed) % ARRAY_SIZE(bytes)];
		__u64 user_offset = POISON, region_bytes = POISON, sum;
		int expected = !ncores ? -EINVAL : ncores > 8 ? -E2BIG : 0;
		const char *bad;
		int err;

		memset(cores, 0xcc, sizeof(cores));
		sum = (__u64)ncores * 4096;
		for (c = 0; c < ncores; c++) {
			cores[c].levels = pick(&seed, levels, ARRAY_SIZE(levels));
			cores[c].timers = pick(&seed, timers, ARRAY_SIZE(timers));
			cores[c].ring_entries = pick(&seed, rings, ARRAY_SIZE(rings));
			cores[c].reserved = unit_random(&seed) % 40 == 0;
			if (unit_random(&seed) % 4) {	/* mostly good ones */
				cores[c].levels &= ~1u;
				cores[c].timers %= 101;
				cores[c].ring_entries = cores[c].timers ? 128 : 0;
			}
			if (!expected)
				expected = naive_core_error(&cores[c], &limits);
			sum += (naive_ring_bytes(&cores[c]) + 63) / 64 * 64;
		}
		sum = (sum + 4095) / 4096 * 4096;
		if (!expected && (sum > limits.bytes || user > limits.bytes - sum))
			expected = -E2BIG;
		memcpy(before, cores, sizeof(cores));
		err = rtfm_plan_region(cores, ncores, user, &limits, &user_offset,
				       &region_bytes);
		CHECK(err == expected, "plan %lu: %d, not %d", i, err, expected);
		if (err) {
			CHECK(!memcmp(before, cores, sizeof(cores)), "%lu", i);
			CHECK(user_offset == POISON && region_bytes == POISON,
			      "%lu", i);
			continue;
		}
		good++;
		CHECK(region_bytes <= limits.bytes, "%lu", i);
		bad = bad_geometry(cores, ncores, user, user_offset, region_bytes);
		CHECK(!bad, "plan %lu: %s", i, bad);
	}
	EXPECT_GT(good, n / 50);
}

TEST_HARNESS_MAIN
