// SPDX-License-Identifier: GPL-2.0-only
/* How a thread is notified of a ready level: all cases of the table. */
#include "test.h"

#include "deliver_cases.h"
#include "deliver_model.h"

TEST_CASES(deliver_cases);

static void deliver_table(struct kunit *test)
{
	const struct deliver_case *c = test->param_value;

	EXPECT_MODEL(test, deliver_wrong_case(c), "%s", c->name);
}

/* 4 places, above or not, masked or not, polling or not: each once */
static void deliver_table_is_complete(struct kunit *test)
{
	u32 seen = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(deliver_cases); i++) {
		const struct deliver_case *c = &deliver_cases[i];

		seen |= BIT(c->at << 3 | c->above << 2 | c->masked << 1 | c->polling);
	}
	KUNIT_EXPECT_EQ(test, seen, ~0U);
	KUNIT_EXPECT_EQ(test, ARRAY_SIZE(deliver_cases), (size_t)32);
}

static void deliver_interrupts_iff_above(struct kunit *test)
{
	EXPECT_MODEL(test, deliver_wrong_interrupt(), "every bit, every ceiling");
}

static void deliver_nobody_sleeps_through_it(struct kunit *test)
{
	EXPECT_MODEL(test, deliver_wrong_silence(), "every place");
}

static struct kunit_case deliver_tests[] = {
	KUNIT_CASE_PARAM(deliver_table, deliver_cases_gen_params),
	KUNIT_CASE(deliver_table_is_complete),
	KUNIT_CASE(deliver_interrupts_iff_above),
	KUNIT_CASE(deliver_nobody_sleeps_through_it),
	{}
};

static struct kunit_suite deliver_suite = {
	.name = "rtfm_deliver",
	.test_cases = deliver_tests,
};
kunit_test_suite(deliver_suite);
