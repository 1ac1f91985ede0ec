// SPDX-License-Identifier: GPL-2.0 OR MIT
/* How a thread is notified of a ready level: all cases of the table. */
#include "unit.h"

#include "deliver_cases.h"
#include "deliver_model.h"

TEST(table)
{
	const struct deliver_case *c = deliver_cases;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(deliver_cases); i++, c++)
		CHECK_MODEL(deliver_wrong_case(c), "case '%s'", c->name);
}

/* 4 places, above or not, masked or not, polling or not: each once */
TEST(the_table_is_complete)
{
	unsigned int seen = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(deliver_cases); i++) {
		const struct deliver_case *c = &deliver_cases[i];
		unsigned int bit = 1u << (c->at << 3 | c->above << 2 | c->masked << 1 |
					  c->polling);

		CHECK(!(seen & bit), "case '%s' is there twice", c->name);
		seen |= bit;
	}
	EXPECT_EQ(~0u, seen);
}

TEST(interrupted_iff_above_the_ceiling)
{
	CHECK_MODEL(deliver_wrong_interrupt(), "every bit, every ceiling");
}

TEST(nobody_sleeps_through_it)
{
	CHECK_MODEL(deliver_wrong_silence(), "every place");
}

TEST_HARNESS_MAIN
