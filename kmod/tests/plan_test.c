// SPDX-License-Identifier: GPL-2.0-only
/* The plan of a region: invalid plans are refused, and the parts do not overlap. */
#include "test.h"

#include "plan_cases.h"
#include "plan_model.h"

/* the code under test; rtfm.ko contains it, too, but exports nothing */
#include "plan.c"

TEST_CASES(plan_cases);

static int plan_init(struct kunit *test)
{
	test->priv = kunit_kzalloc(test, sizeof(struct plan_model), GFP_KERNEL);
	return test->priv ? 0 : -ENOMEM;
}

static void plan_table(struct kunit *test)
{
	const struct plan_case *c = test->param_value;

	EXPECT_MODEL(test, plan_wrong_case(test->priv, c), "%s", c->name);
}

static void plan_random(struct kunit *test)
{
	unsigned long good = 0, i;
	u64 seed = 0x706c616e;

	for (i = 0; i < 10000; i++)
		EXPECT_MODEL(test, plan_wrong_random(test->priv, &seed, &good),
			     "plan %lu", i);
	KUNIT_EXPECT_GT(test, good, 200UL);
}

static struct kunit_case plan_tests[] = {
	KUNIT_CASE_PARAM(plan_table, plan_cases_gen_params),
	KUNIT_CASE(plan_random),
	{}
};

static struct kunit_suite plan_suite = {
	.name = "rtfm_plan",
	.init = plan_init,
	.test_cases = plan_tests,
};
kunit_test_suite(plan_suite);
