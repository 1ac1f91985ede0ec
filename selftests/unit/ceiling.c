// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Levels and ceilings: every level, compared with a simple second implementation. */
#include "unit.h"

#include "ceiling_cases.h"
#include "ceiling_model.h"

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

TEST(every_pair_of_bits)
{
	unsigned int a, b;

	for (a = 0; a < 64; a++) {
		for (b = 0; b < 64; b++) {
			__u64 ready = 1ULL << a | 1ULL << b;

			CHECK_MODEL(ceiling_wrong_above(ready), "%u %u", a, b);
			CHECK(rtfm_ready_highest(ready) == naive_highest(ready),
			      "%u %u", a, b);
		}
	}
}

TEST(random_words)
{
	__u64 seed = 0x52544643u;
	unsigned int i;

	for (i = 0; i < 100000; i++) {
		__u64 ready = model_random(&seed) & model_random(&seed);
		__u32 levels = (__u32)model_random(&seed) & 0xfffffffe;

		CHECK(rtfm_ready_highest(ready) == naive_highest(ready),
		      "%#llx", ready);
		CHECK_MODEL(ceiling_wrong_above(ready), "%#llx", ready);
		CHECK_MODEL(ceiling_wrong_rank(levels), "%#x", levels);
	}
}

TEST(starts_iff_above_the_ceiling)
{
	CHECK_MODEL(ceiling_wrong_start(), "every pair");
}

TEST_HARNESS_MAIN
