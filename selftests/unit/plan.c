// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The plan of a region: invalid plans are refused, and the parts do not overlap. */
#include "unit.h"

#include "plan_cases.h"
#include "plan_model.h"

static struct plan_model model;

TEST(table)
{
	const struct plan_case *c = plan_cases;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(plan_cases); i++, c++)
		CHECK_MODEL(plan_wrong_case(&model, c), "case '%s'", c->name);
}

TEST(random_plans)
{
	unsigned long good = 0, i, n = unit_scaled(300000);
	__u64 seed = 0x706c616e;

	for (i = 0; i < n; i++)
		CHECK_MODEL(plan_wrong_random(&model, &seed, &good), "plan %lu", i);
	EXPECT_GT(good, n / 50);
}

TEST_HARNESS_MAIN
