// SPDX-License-Identifier: GPL-2.0-only
/* The timer queue: scripts, and random operations compared with a simple model. */
#include "test.h"

#include "timerq_cases.h"
#include "timerq_model.h"

/* the code under test; rtfm.ko contains it, too, but exports nothing */
#include "timerq.c"

TEST_CASES(timerq_cases);
TEST_CASES(timerq_runs);

static void timerq_script(struct kunit *test)
{
	int step;

	EXPECT_MODEL(test, timerq_wrong_script(test->param_value, &step), "step %d", step);
}

/* Exact sizes from kmalloc(), so that KASAN sees one entry too far. */
static void timerq_random_operations(struct kunit *test)
{
	const struct timerq_run *run = test->param_value;
	u32 n = run->capacity;
	struct rtfm_timer *entries = kunit_kmalloc_array(test, n, sizeof(*entries), GFP_KERNEL);
	struct naive_timer *timer = kunit_kcalloc(test, n, sizeof(*timer), GFP_KERNEL);
	struct timerq_model *m = kunit_kzalloc(test, sizeof(*m), GFP_KERNEL);
	u32 *heap = kunit_kmalloc_array(test, n, sizeof(*heap), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, entries);
	KUNIT_ASSERT_NOT_NULL(test, timer);
	KUNIT_ASSERT_NOT_NULL(test, m);
	KUNIT_ASSERT_NOT_NULL(test, heap);
	EXPECT_MODEL(test, timerq_wrong_run(m, run, entries, heap, timer,
					    run->operations / 100), "%s", run->name);
}

static void timerq_first_stays_queued(struct kunit *test)
{
	struct rtfm_timer entries[2];
	struct rtfm_timerq q;
	u32 heap[2];

	rtfm_timerq_init(&q, entries, heap, 2);
	KUNIT_EXPECT_PTR_EQ(test, rtfm_timerq_first(&q), (const struct rtfm_timer *)NULL);
	KUNIT_ASSERT_EQ(test, 0, rtfm_timerq_add(&q, 0, 9));
	KUNIT_ASSERT_EQ(test, 0, rtfm_timerq_add(&q, 1, 4));
	KUNIT_EXPECT_PTR_EQ(test, rtfm_timerq_first(&q),
			    (const struct rtfm_timer *)&entries[1]);
	KUNIT_EXPECT_EQ(test, q.count, 2U);
}

static struct kunit_case timerq_tests[] = {
	KUNIT_CASE_PARAM(timerq_script, timerq_cases_gen_params),
	KUNIT_CASE(timerq_first_stays_queued),
	KUNIT_CASE_PARAM(timerq_random_operations, timerq_runs_gen_params),
	{}
};

static struct kunit_suite timerq_suite = {
	.name = "rtfm_timerq",
	.test_cases = timerq_tests,
};
kunit_test_suite(timerq_suite);
