// SPDX-License-Identifier: GPL-2.0-only
/* Ring arithmetic: the wrap at 2^32, small sizes, hostile counters. */
#include "test.h"

#include "ring_cases.h"
#include "ring_model.h"

TEST_CASES(ring_cases);

static void ring_table(struct kunit *test)
{
	const struct ring_case *c = test->param_value;

	KUNIT_EXPECT_EQ(test, rtfm_ring_room(c->head, c->tail, c->entries), c->room);
	KUNIT_EXPECT_EQ(test, rtfm_ring_used(c->head, c->tail, c->entries), c->used);
}

static void ring_size(struct kunit *test)
{
	const struct ring_size_case *c = ring_size_cases;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(ring_size_cases); i++, c++)
		KUNIT_EXPECT_EQ(test, rtfm_ring_size(c->n), c->size);
}

static void ring_every_fill_around_the_wrap(struct kunit *test)
{
	u32 entries;

	for (entries = 1; entries <= 64; entries *= 2)
		EXPECT_MODEL(test, ring_wrong_fill(entries), "%u entries", entries);
}

static void ring_index_runs_on(struct kunit *test)
{
	u32 entries;

	for (entries = 1; entries; entries *= 2)
		EXPECT_MODEL(test, ring_wrong_index(entries), "%u entries", entries);
}

static void ring_hostile_counts(struct kunit *test)
{
	u64 seed = 0x686f7374;
	u32 i;

	for (i = 0; i < 50000; i++)
		EXPECT_MODEL(test, ring_wrong_hostile(&seed), "number %u", i);
}

static void ring_random_operations(struct kunit *test)
{
	struct ring_model *m = kunit_kmalloc(test, sizeof(*m), GFP_KERNEL);
	u32 entries;

	KUNIT_ASSERT_NOT_NULL(test, m);
	for (entries = 1; entries <= RING_MODEL_ENTRIES; entries *= 2)
		EXPECT_MODEL(test, ring_wrong_run(m, entries, 5000), "%u entries", entries);
}

static struct kunit_case ring_tests[] = {
	KUNIT_CASE_PARAM(ring_table, ring_cases_gen_params),
	KUNIT_CASE(ring_size),
	KUNIT_CASE(ring_every_fill_around_the_wrap),
	KUNIT_CASE(ring_index_runs_on),
	KUNIT_CASE(ring_hostile_counts),
	KUNIT_CASE(ring_random_operations),
	{}
};

static struct kunit_suite ring_suite = {
	.name = "rtfm_ring",
	.test_cases = ring_tests,
};
kunit_test_suite(ring_suite);
