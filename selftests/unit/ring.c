// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Ring arithmetic: the wrap at 2^32, small sizes, hostile counters. */
#include "unit.h"

#include "ring_cases.h"
#include "ring_model.h"

TEST(table)
{
	const struct ring_case *c = ring_cases;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(ring_cases); i++, c++) {
		CHECK(rtfm_ring_room(c->head, c->tail, c->entries) == c->room,
		      "%s", c->name);
		CHECK(rtfm_ring_used(c->head, c->tail, c->entries) == c->used,
		      "%s", c->name);
	}
}

TEST(size_table)
{
	const struct ring_size_case *c = ring_size_cases;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(ring_size_cases); i++, c++)
		CHECK(rtfm_ring_size(c->n) == c->size, "%u", c->n);
}

TEST(size_naive)
{
	__u32 expected = 1, n;

	for (n = 1; n < 300000; n++) {
		if (n > expected)
			expected *= 2;
		CHECK(rtfm_ring_size(n) == expected, "%u", n);
	}
}

TEST(every_fill_around_the_wrap)
{
	__u32 entries;

	for (entries = 1; entries <= 64; entries *= 2)
		CHECK_MODEL(ring_wrong_fill(entries), "%u entries", entries);
}

TEST(index_runs_on)
{
	__u32 entries;

	for (entries = 1; entries; entries *= 2)
		CHECK_MODEL(ring_wrong_index(entries), "%u entries", entries);
}

TEST(hostile_counts)
{
	__u64 seed = 0x686f7374;
	__u32 i;

	for (i = 0; i < 2000000; i++)
		CHECK_MODEL(ring_wrong_hostile(&seed), "number %u", i);
}

TEST(random_against_model)
{
	static struct ring_model m;
	__u32 entries;

	for (entries = 1; entries <= RING_MODEL_ENTRIES; entries *= 2)
		CHECK_MODEL(ring_wrong_run(&m, entries, 200000), "%u entries", entries);
}

TEST_HARNESS_MAIN
