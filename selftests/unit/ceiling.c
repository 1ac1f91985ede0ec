// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Levels and ceilings: every level against a naive second implementation. */
#include "unit.h"

#include "ceiling.h"
#include "ceiling_cases.h"

static __u64 naive_above(__u64 ready, unsigned int level)
{
	__u64 above = 0;
	unsigned int bit;

	for (bit = 0; bit < 64; bit++)
		if (bit > level && ready & 1ULL << bit)
			above |= 1ULL << bit;
	return above;
}

static unsigned int naive_highest(__u64 ready)
{
	unsigned int level;

	for (level = 31; level; level--)
		if (ready & 1ULL << level)
			return level;
	return 0;
}

static unsigned int naive_rank(__u32 levels, unsigned int level)
{
	unsigned int rank = 0, l;

	for (l = 0; l < level; l++)
		rank += levels >> l & 1;
	return rank;
}

TEST(above_table)
{
	const struct ceiling_above_case *c = ceiling_above_cases;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(ceiling_above_cases); i++, c++)
		CHECK(rtfm_ready_above(c->ready, c->ceiling) == c->above,
		      "%s", c->name);
}

TEST(highest_table)
{
	const struct ceiling_highest_case *c = ceiling_highest_cases;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(ceiling_highest_cases); i++, c++)
		CHECK(rtfm_ready_highest(c->ready) == c->highest, "%s", c->name);
}

TEST(rank_table)
{
	const struct ceiling_rank_case *c = ceiling_rank_cases;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(ceiling_rank_cases); i++, c++)
		CHECK(rtfm_level_rank(c->levels, c->level) == c->rank,
		      "%s", c->name);
}

TEST(bit_is_the_level)
{
	unsigned int level;

	for (level = 1; level <= RTFM_MAX_PRIORITY; level++) {
		EXPECT_EQ(1ULL << level, rtfm_ready_bit(level));
		EXPECT_EQ(level, rtfm_ready_highest(rtfm_ready_bit(level)));
	}
}

/* Every ceiling, with and without the flag, under every pair of ready bits. */
TEST(above_every_pair_of_bits)
{
	unsigned int a, b, level;

	for (level = 0; level < RTFM_LEVELS; level++) {
		for (a = 0; a < 64; a++) {
			for (b = 0; b < 64; b++) {
				__u64 ready = 1ULL << a | 1ULL << b;
				__u64 above = naive_above(ready, level);

				CHECK(rtfm_ready_above(ready, level) == above,
				      "%u %u %u", a, b, level);
				CHECK(rtfm_ready_above(ready, level |
						       RTFM_CEILING_SLOW) == above,
				      "%u %u %u slow", a, b, level);
			}
		}
	}
}

TEST(highest_every_pair_of_bits)
{
	unsigned int a, b;

	for (a = 0; a < 64; a++) {
		for (b = 0; b < 64; b++) {
			__u64 ready = 1ULL << a | 1ULL << b;

			CHECK(rtfm_ready_highest(ready) == naive_highest(ready),
			      "%u %u", a, b);
		}
	}
}

TEST(random_words)
{
	__u64 seed = 0x52544643u;
	unsigned int i, level;

	for (i = 0; i < 100000; i++) {
		__u64 ready = unit_random(&seed) & unit_random(&seed);
		__u32 levels = (__u32)unit_random(&seed) & 0xfffffffe;

		CHECK(rtfm_ready_highest(ready) == naive_highest(ready),
		      "%#llx", ready);
		for (level = 0; level < RTFM_LEVELS; level++) {
			CHECK(rtfm_ready_above(ready, level) ==
			      naive_above(ready, level), "%#llx %u", ready, level);
			CHECK(rtfm_level_rank(levels, level) ==
			      naive_rank(levels, level), "%#x %u", levels, level);
		}
	}
}

/* The start condition of the Stack Resource Policy, for every pair. */
TEST(starts_iff_above_the_ceiling)
{
	unsigned int p, ceiling;

	for (p = 1; p <= RTFM_MAX_PRIORITY; p++)
		for (ceiling = 0; ceiling < RTFM_LEVELS; ceiling++)
			CHECK(!!rtfm_ready_above(rtfm_ready_bit(p), ceiling) ==
			      (p > ceiling), "%u %u", p, ceiling);
}

TEST_HARNESS_MAIN
