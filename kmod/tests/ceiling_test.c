// SPDX-License-Identifier: GPL-2.0-only
/* Levels and ceilings: every level, compared with a simple second implementation. */
#include "test.h"

#include "ceiling_cases.h"
#include "ceiling_model.h"

TEST_CASES(ceiling_above_cases);
TEST_CASES(ceiling_highest_cases);
TEST_CASES(ceiling_rank_cases);

static void ceiling_above(struct kunit *test)
{
	const struct ceiling_above_case *c = test->param_value;

	KUNIT_EXPECT_EQ(test, rtfm_ready_above(c->ready, c->ceiling), c->above);
}

static void ceiling_highest(struct kunit *test)
{
	const struct ceiling_highest_case *c = test->param_value;

	KUNIT_EXPECT_EQ(test, rtfm_ready_highest(c->ready), c->highest);
}

static void ceiling_rank(struct kunit *test)
{
	const struct ceiling_rank_case *c = test->param_value;

	KUNIT_EXPECT_EQ(test, rtfm_level_rank(c->levels, c->level), c->rank);
}

static void ceiling_bit_is_the_level(struct kunit *test)
{
	u32 level;

	for (level = 1; level <= RTFM_MAX_PRIORITY; level++)
		KUNIT_EXPECT_EQ(test, rtfm_ready_highest(rtfm_ready_bit(level)), level);
}

static void ceiling_every_pair_of_bits(struct kunit *test)
{
	unsigned int a, b;

	for (a = 0; a < 64; a++) {
		for (b = a; b < 64; b++) {
			u64 ready = BIT_ULL(a) | BIT_ULL(b);

			EXPECT_MODEL(test, ceiling_wrong_above(ready), "%u %u", a, b);
			KUNIT_EXPECT_EQ(test, rtfm_ready_highest(ready),
					naive_highest(ready));
		}
	}
}

static void ceiling_random_words(struct kunit *test)
{
	u64 seed = 0x52544643u;
	u32 i;

	for (i = 0; i < 1000; i++) {
		u64 ready = model_random(&seed) & model_random(&seed);
		u32 levels = (u32)model_random(&seed) & 0xfffffffe;

		EXPECT_MODEL(test, ceiling_wrong_above(ready), "%#llx", ready);
		EXPECT_MODEL(test, ceiling_wrong_rank(levels), "%#x", levels);
	}
}

static void ceiling_starts_iff_above(struct kunit *test)
{
	EXPECT_MODEL(test, ceiling_wrong_start(), "every pair");
}

static struct kunit_case ceiling_tests[] = {
	KUNIT_CASE_PARAM(ceiling_above, ceiling_above_cases_gen_params),
	KUNIT_CASE_PARAM(ceiling_highest, ceiling_highest_cases_gen_params),
	KUNIT_CASE_PARAM(ceiling_rank, ceiling_rank_cases_gen_params),
	KUNIT_CASE(ceiling_bit_is_the_level),
	KUNIT_CASE(ceiling_every_pair_of_bits),
	KUNIT_CASE(ceiling_random_words),
	KUNIT_CASE(ceiling_starts_iff_above),
	{}
};

static struct kunit_suite ceiling_suite = {
	.name = "rtfm_ceiling",
	.test_cases = ceiling_tests,
};
kunit_test_suite(ceiling_suite);
