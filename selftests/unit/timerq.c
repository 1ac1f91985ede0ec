// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The timer queue: scripts, and random operations compared with a simple model. */
#include "unit.h"

/* Replaces array_index_nospec(): counts the calls, and reverses the numbers on request. */
static unsigned int clamped;
static bool reversed;
#define array_index_nospec(index, size)	\
	(clamped++, reversed ? (size) - 1 - (index) : (index))

#include "timerq_cases.h"
#include "timerq_model.h"

TEST(scripts)
{
	const struct timerq_case *c = timerq_cases;
	size_t i;
	int step;

	for (i = 0; i < ARRAY_SIZE(timerq_cases); i++, c++)
		CHECK_MODEL(timerq_wrong_script(c, &step), "case '%s', step %d", c->name,
			    step);
}

TEST(first_stays_queued)
{
	struct rtfm_timer entries[2];
	__u32 heap[2];
	struct rtfm_timerq q;

	rtfm_timerq_init(&q, entries, heap, 2);
	EXPECT_NULL(rtfm_timerq_first(&q));
	ASSERT_EQ(0, rtfm_timerq_add(&q, 0, 9));
	ASSERT_EQ(0, rtfm_timerq_add(&q, 1, 4));
	ASSERT_EQ(&entries[1], rtfm_timerq_first(&q));
	EXPECT_EQ(4, rtfm_timerq_first(&q)->instant);
	EXPECT_EQ(2, q.count);
}

TEST(postpone_is_pop_and_add)
{
	struct rtfm_timer entries[4];
	__u32 heap[4], nr, order[8], n = 0;
	struct rtfm_timerq q;
	__u64 instant;

	rtfm_timerq_init(&q, entries, heap, 4);
	ASSERT_EQ(0, rtfm_timerq_add(&q, 0, 10));
	ASSERT_EQ(0, rtfm_timerq_add(&q, 1, 20));
	ASSERT_EQ(0, rtfm_timerq_add(&q, 2, 30));
	/* behind one of a later instant, and behind one of the same */
	rtfm_timerq_postpone(&q, 25);
	EXPECT_EQ(1, q.heap[0]);
	rtfm_timerq_postpone(&q, 30);
	EXPECT_EQ(0, q.heap[0]);
	EXPECT_EQ(3, q.count);
	/* alone it stays the first */
	while (rtfm_timerq_pop(&q, 100, &nr, &instant))
		order[n++] = nr;
	ASSERT_EQ(3, n);
	EXPECT_EQ(0, order[0]);
	EXPECT_EQ(2, order[1]);
	EXPECT_EQ(1, order[2]);
	ASSERT_EQ(0, rtfm_timerq_add(&q, 3, 1));
	rtfm_timerq_postpone(&q, 2);
	EXPECT_EQ(2, rtfm_timerq_first(&q)->instant);
	EXPECT_EQ(0, rtfm_timerq_remove(&q, 3));
}

/* The result is the clamped number, or there is no such timer. */
TEST(number_is_clamped)
{
	struct rtfm_timer entries[4];
	struct rtfm_timerq q;
	__u32 heap[4], nr, i;

	rtfm_timerq_init(&q, entries, heap, 4);
	reversed = true;
	for (i = 0; i < 4; i++) {
		nr = i;
		clamped = 0;
		EXPECT_EQ(1, rtfm_timerq_number(&q, &nr));
		EXPECT_EQ(1, clamped);
		EXPECT_EQ(3 - i, nr);
	}
	for (nr = 4; nr; nr *= 2)
		EXPECT_EQ(0, rtfm_timerq_number(&q, &nr));
	nr = ~0u;
	EXPECT_EQ(0, rtfm_timerq_number(&q, &nr));
	reversed = false;
}

FIXTURE(model) {
	struct timerq_model model;
	struct rtfm_timer *entries;
	struct naive_timer *timer;
	__u32 *heap;
};

FIXTURE_VARIANT(model) {
	unsigned int run;
};

#define RUN(name, nr) FIXTURE_VARIANT_ADD(model, name) { .run = nr }

RUN(one_timer, 0);
RUN(two_timers_many_ties, 1);
RUN(three_timers_one_instant, 2);
RUN(four_timers_all_instants, 3);
RUN(sixteen_timers, 4);
RUN(sixteen_timers_all_instants, 5);
RUN(a_hundred_timers, 6);
RUN(a_thousand_timers, 7);
_Static_assert(ARRAY_SIZE(timerq_runs) == 8, "a variant for each run");

/* Exact sizes from malloc, so that AddressSanitizer sees one entry too far. */
FIXTURE_SETUP(model)
{
	__u32 n = timerq_runs[variant->run].capacity;

	self->entries = malloc(n * sizeof(*self->entries));
	self->timer = calloc(n, sizeof(*self->timer));
	self->heap = malloc(n * sizeof(*self->heap));
}

FIXTURE_TEARDOWN(model)
{
	free(self->entries);
	free(self->timer);
	free(self->heap);
}

TEST_F_TIMEOUT(model, random_operations, 120)
{
	const struct timerq_run *run = &timerq_runs[variant->run];

	CHECK_MODEL(timerq_wrong_run(&self->model, run, self->entries, self->heap,
				     self->timer, unit_scaled(run->operations)),
		    "%s", run->name);
}

TEST_HARNESS_MAIN
