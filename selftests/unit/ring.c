// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Ring arithmetic: the wrap at 2^32, small sizes, hostile counts. */
#include "unit.h"

#include "ring.h"
#include "ring_cases.h"

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

/* Every fill of a small ring around the wrap; one more is answered with 0. */
TEST(every_fill_around_the_wrap)
{
	__u32 entries, used;
	__s64 start;

	for (entries = 1; entries <= 64; entries *= 2) {
		for (start = -140; start <= 140; start++) {
			__u32 head = (__u32)start;

			for (used = 0; used <= 300; used++) {
				__u32 fits = used <= entries;

				CHECK(rtfm_ring_used(head, head + used, entries) ==
				      (fits ? used : 0), "%u+%u", head, used);
				CHECK(rtfm_ring_room(head, head + used, entries) ==
				      (fits ? entries - used : 0), "%u+%u", head,
				      used);
			}
		}
	}
}

/* The index runs on without a gap where the count wraps. */
TEST(index_runs_on)
{
	__u32 entries, count, i;

	for (entries = 1; entries; entries *= 2) {
		count = 0xffffff00;
		for (i = 0; i < 512; i++, count++) {
			__u32 at = rtfm_ring_index(count, entries);

			CHECK(at < entries, "%u", count);
			CHECK(rtfm_ring_index(count + 1, entries) ==
			      (at + 1 == entries ? 0 : at + 1), "%u", count);
		}
	}
}

/* Whatever the other side claims, nothing outside the ring is touched. */
TEST(hostile_counts)
{
	__u64 seed = 0x686f7374;
	__u32 i;

	for (i = 0; i < 2000000; i++) {
		__u32 own = (__u32)unit_random(&seed);
		__u32 other = (__u32)unit_random(&seed);
		__u32 entries = 1u << (unit_random(&seed) % 18);
		__u32 room, used;

		if (i & 1)	/* near misses are the interesting ones */
			other = own + (__u32)(unit_random(&seed) % 8) - 4;
		room = rtfm_ring_room(other, own, entries);
		used = rtfm_ring_used(own, other, entries);
		CHECK(room <= entries, "%u %u %u", own, other, entries);
		CHECK(used <= entries, "%u %u %u", own, other, entries);
		if (own - other > entries)
			CHECK(!room, "%u %u %u", own, other, entries);
		if (other - own > entries)
			CHECK(!used, "%u %u %u", own, other, entries);
	}
}

struct model {
	__u64 put;		/* what a ring of unbounded counts would say */
	__u64 taken;
	__u64 slot[64];
};

/* Random puts and takes across the wrap: nothing lost, doubled or reordered. */
TEST(random_against_model)
{
	static struct model m;
	__u64 seed = 0x72696e67;
	__u32 entries, head, tail, i;

	for (entries = 1; entries <= 64; entries *= 2) {
		memset(&m, 0, sizeof(m));
		head = 0xffffffff - 1000;
		tail = head;
		for (i = 0; i < 200000; i++) {
			__u32 room = rtfm_ring_room(head, tail, entries);
			__u32 used = rtfm_ring_used(head, tail, entries);

			CHECK(used == m.put - m.taken, "%u", i);
			CHECK(room == entries - used, "%u", i);
			if (unit_random(&seed) & 1) {
				if (room)
					m.slot[rtfm_ring_index(tail++, entries)] =
						m.put++;
			} else if (used) {
				CHECK(m.slot[rtfm_ring_index(head++, entries)] ==
				      m.taken, "%u", i);
				m.taken++;
			}
		}
		CHECK(tail < 0x80000000, "%u: the wrap was not crossed", entries);
	}
}

TEST_HARNESS_MAIN
