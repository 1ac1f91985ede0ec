// SPDX-License-Identifier: GPL-2.0-only
/* Jobs with an instant: never early, in order, once; and the armed instant. */
#include "rtfm_test.h"

#define LOW	2
#define MID	9
#define HIGH	31
#define LEVELS	(1u << LOW | 1u << MID | 1u << HIGH)
#define BELL	(SIGRTMIN + 1)
#define TIMERS	64
#define LATER	(600 * MSEC)	/* cancelled before it passes, also on a slow machine */

FIXTURE(timer) {
	struct app app;
	struct rtfm_ctl *ctl;
	__u64 seed;
};

/* One core, attached to the test's thread; its doorbell is out of the way. */
FIXTURE_SETUP(timer)
{
	ASSERT_EQ(0, catch_bell(BELL));
	ASSERT_EQ(0, app_start(&self->app, 2, LEVELS, TIMERS));
	ASSERT_EQ(0, core_attach(&self->app, 0, BELL, 0));
	self->ctl = ctl_of(&self->app, 0);
	self->ctl->ceiling = RTFM_MAX_PRIORITY;
	self->seed = 0x74696d;
}

FIXTURE_TEARDOWN(timer)
{
	app_stop(&self->app);
}

static bool any_job(struct app *app, __u32 *level, struct rtfm_job *job)
{
	for (*level = 1; *level <= RTFM_MAX_PRIORITY; ++*level)
		if (LEVELS >> *level & 1 && take_job(app, 0, *level, job))
			return true;
	return false;
}

/*
 * Polls the ring, so that an early release is seen when it happens.
 */
APP_TEST(timer, never_early)
{
	unsigned long i, n = scaled(200);
	struct rtfm_job job;
	__u32 level;

	for (i = 0; i < n; i++) {
		__u64 instant = now_ns() + random_u64(&self->seed) % (3 * MSEC);

		ASSERT_EQ(0, job_schedule(&self->app, 0, 0, MID, (__u32)i, instant));
		ASSERT_TRUE(SPIN_FOR(any_job(&self->app, &level, &job)));
		ASSERT_LE(instant, now_ns());
		EXPECT_EQ(i, job.job);
		EXPECT_EQ(MID, level);
	}
	EXPECT_EQ(n, counters(&self->app, 0).releases);
	EXPECT_EQ(0, counters(&self->app, 0).lost);
}

/* Nor when the timer of another job expires. */
APP_TEST(timer, never_early_in_company)
{
	unsigned long round, rounds = scaled(30);
	__u64 instant[TIMERS];
	struct rtfm_job job;
	__u32 i, level;

	for (round = 0; round < rounds; round++) {
		for (i = 0; i < TIMERS; i++) {
			instant[i] = now_ns() + random_u64(&self->seed) % (10 * MSEC);
			ASSERT_EQ(0, job_schedule(&self->app, 0, i, MID, i, instant[i]));
		}
		for (i = 0; i < TIMERS; i++) {
			ASSERT_TRUE(SPIN_FOR(any_job(&self->app, &level, &job)));
			ASSERT_LE(instant[job.job], now_ns());
		}
	}
}

APP_TEST(timer, never_early_parked)
{
	unsigned long i, n = scaled(100);
	struct rtfm_job job;

	for (i = 0; i < n; i++) {
		__u64 instant = now_ns() + random_u64(&self->seed) % (3 * MSEC);

		ASSERT_EQ(0, job_schedule(&self->app, 0, 0, MID, (__u32)i, instant));
		ASSERT_EQ(0, wait_job(&self->app, 0, MID, &job));
		ASSERT_LE(instant, now_ns());
		EXPECT_EQ(i, job.job);
	}
}

struct expected {
	__u64 instant;
	__u32 order;
	__u32 level;
	bool cancelled;
};

static int by_instant(const void *a, const void *b)
{
	const struct expected *x = a, *y = b;

	if (x->instant != y->instant)
		return x->instant < y->instant ? -1 : 1;
	return x->order < y->order ? -1 : 1;
}

/* Takes n jobs, and puts each where its seq says. */
static int collect(struct app *app, __u32 first_seq, __u32 n, __u32 *jobs,
		   __u32 *levels)
{
	__u64 until = now_ns() + PATIENCE;
	__u32 got = 0, level;
	struct rtfm_job job;

	while (got < n && now_ns() < until) {
		take_ready(app, 0);
		while (any_job(app, &level, &job)) {
			__u32 at = job.seq - first_seq;

			if (at >= n || levels[at])
				return -EILSEQ;
			jobs[at] = job.job;
			levels[at] = level;
			got++;
		}
		if (got < n)
			sleep_ns(MSEC / 4);
	}
	return got == n ? 0 : -ETIMEDOUT;
}

/* Released by instant, ties in the order of submission, over all the levels. */
APP_TEST(timer, order)
{
	static const __u32 level_of[] = { LOW, MID, HIGH };
	unsigned long round = 0, rounds = scaled(40);
	__u64 lead = 10 * MSEC;
	bool in_time;

	while (round < rounds) {
		struct expected e[TIMERS];
		__u32 jobs[TIMERS] = { 0 }, levels[TIMERS] = { 0 };
		__u32 first = self->ctl->seq, i;
		__u64 base = now_ns() + lead;

		for (i = 0; i < TIMERS; i++) {
			/* 8 instants: many ties */
			e[i].instant = base + random_u64(&self->seed) % 8 * MSEC / 4;
			e[i].order = i;
			e[i].level = level_of[random_u64(&self->seed) % 3];
			/* the numbers of the timers say nothing about the order */
			ASSERT_EQ(0, job_schedule(&self->app, 0, (i * 37 + round) % TIMERS,
						  e[i].level, i, e[i].instant));
		}
		ASSERT_GT(4 * SEC, lead);
		in_time = now_ns() <= base;
		ASSERT_EQ(0, collect(&self->app, first, TIMERS, jobs, levels));
		if (!in_time) {
			/* a slow machine: this round has no result */
			lead *= 2;
			continue;
		}
		round++;
		qsort(e, TIMERS, sizeof(e[0]), by_instant);
		for (i = 0; i < TIMERS; i++) {
			ASSERT_EQ(e[i].order, jobs[i]);
			ASSERT_EQ(e[i].level, levels[i]);
		}
	}
}

APP_TEST(timer, past_is_released_at_once)
{
	const __u64 past[] = { 0, 1, now_ns() - SEC, now_ns() };
	struct rtfm_job job;
	__u32 level;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(past); i++) {
		ASSERT_EQ(0, job_schedule(&self->app, 0, 0, MID, (__u32)i, past[i]));
		ASSERT_TRUE(SPIN_FOR(any_job(&self->app, &level, &job)));
		EXPECT_EQ(i, job.job);
	}
	EXPECT_NE(0, self->ctl->ready & 1u << MID);
}

APP_TEST(timer, boundaries)
{
	const __u64 fine[] = { 0, 1, now_ns(), 1ULL << 31, 1ULL << 32, NEVER - 1, NEVER };
	static const __u64 bad[] = { NEVER + 1, NEVER + 2, 1ULL << 63 | 5, ~0ULL };
	struct rtfm_query query;
	struct rtfm_job job;
	unsigned int seen = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(fine); i++)
		ASSERT_EQ(0, job_schedule(&self->app, 0, i, MID, (__u32)i, fine[i]));
	/* of a young machine, 2^31 and 2^32 may be in the future */
	while ((seen & 7) != 7) {
		ASSERT_EQ(0, wait_job(&self->app, 0, MID, &job));
		ASSERT_GT(5, job.job);
		EXPECT_EQ(fine[job.job], job.instant);
		EXPECT_EQ(0, seen & 1u << job.job);
		seen |= 1u << job.job;
	}
	/* the last two do not expire during the test */
	ASSERT_EQ(0, app_query(&self->app, 0, &query));
	EXPECT_LE(2, query.pending);
	EXPECT_EQ(0, job_cancel(&self->app, 0, 6, 6));
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_ERR(EINVAL, job_schedule(&self->app, 0, 6, MID, 9, bad[i]));
		EXPECT_ERR(EINVAL, core_arm(&self->app, bad[i]));
	}
	EXPECT_ERR(ENOENT, job_cancel(&self->app, 0, 6, 9));
	for (i = 0; i < ARRAY_SIZE(fine); i++)
		EXPECT_EQ(0, core_arm(&self->app, fine[i]));
}

APP_TEST(timer, cancel_once)
{
	__u32 i;

	for (i = 0; i < TIMERS; i++)
		ASSERT_EQ(0, job_schedule(&self->app, 0, i, MID, i, now_ns() + 60 * SEC + i));
	EXPECT_EQ(TIMERS, counters(&self->app, 0).pending);
	for (i = 0; i < TIMERS; i += 2) {
		EXPECT_EQ(0, job_cancel(&self->app, 0, i, i));
		EXPECT_ERR(ENOENT, job_cancel(&self->app, 0, i, i));
	}
	EXPECT_EQ(TIMERS / 2, counters(&self->app, 0).pending);
	/* an old tag does not name the new job in its place */
	for (i = 0; i < TIMERS; i += 2)
		ASSERT_EQ(0, job_schedule(&self->app, 0, i, MID, 1000 + i, NEVER));
	for (i = 0; i < TIMERS; i += 2)
		EXPECT_ERR(ENOENT, job_cancel(&self->app, 0, i, i));
	EXPECT_EQ(TIMERS, counters(&self->app, 0).pending);
	EXPECT_EQ(0, job_cancel(&self->app, 0, 0, 1000));
	/* a timer is of its core only, which has no thread here */
	EXPECT_ERR(ENXIO, job_cancel(&self->app, 1, 1, 1));
	EXPECT_EQ(0, job_cancel(&self->app, 0, 1, 1));
}

APP_TEST(timer, cancel_by_tag_and_number)
{
	static const __u32 tags[] = { 0, 1, 6, 8, 7u | 1u << 31, 1u << 31, ~0u };
	struct rtfm_submit submit = submission(3, MID, 1, NEVER);
	size_t i;

	submit.tag = 7;
	ASSERT_EQ(0, schedule_entry(&self->app, 0, &submit));
	for (i = 0; i < ARRAY_SIZE(tags); i++)
		EXPECT_ERR(ENOENT, timer_cancel(&self->app, 0, 3, tags[i]));
	/* the cookie of the job is no tag */
	EXPECT_ERR(ENOENT, timer_cancel(&self->app, 0, 3, 1));
	/* others that are there but not pending, and some that are not there */
	for (i = 0; i < TIMERS; i++)
		if (i != 3)
			EXPECT_ERR(ENOENT, timer_cancel(&self->app, 0, i, 7));
	EXPECT_ERR(ENOENT, timer_cancel(&self->app, 0, TIMERS, 7));
	EXPECT_ERR(ENOENT, timer_cancel(&self->app, 0, TIMERS + 3, 7));
	EXPECT_ERR(ENOENT, timer_cancel(&self->app, 0, 1u << 31, 7));
	EXPECT_ERR(ENOENT, timer_cancel(&self->app, 0, 1u << 16 | 3, 7));
	EXPECT_ERR(ENOENT, timer_cancel(&self->app, 0, ~0u, 7));
	EXPECT_EQ(1, counters(&self->app, 0).pending);
	EXPECT_EQ(0, timer_cancel(&self->app, 0, 3, 7));
	EXPECT_ERR(ENOENT, timer_cancel(&self->app, 0, 3, 7));
	EXPECT_EQ(0, counters(&self->app, 0).pending);
}

static void *cancels_three(void *arg)
{
	struct app *app = arg;
	long bad = 0;

	pin_to(cpu_of(1));
	bad |= timer_cancel(app, 0, 3, 8) != -ENOENT;
	bad |= (timer_cancel(app, 0, 3, 7) != 0) << 1;
	bad |= (timer_cancel(app, 0, 3, 7) != -ENOENT) << 2;
	return (void *)bad;
}

APP_TEST(timer, cancel_from_another_thread)
{
	struct rtfm_submit submit = submission(3, MID, 1, now_ns() + LATER);
	pthread_t thread;
	void *bad;

	submit.tag = 7;
	ASSERT_EQ(0, schedule_entry(&self->app, 0, &submit));
	ASSERT_EQ(0, pthread_create(&thread, NULL, cancels_three, &self->app));
	ASSERT_EQ(0, pthread_join(thread, &bad));
	EXPECT_EQ(0, (long)bad);
	sleep_ns(LATER + 100 * MSEC);
	EXPECT_EQ(0, ready_of(&self->app, 0));
	EXPECT_EQ(0, counters(&self->app, 0).releases);
}

APP_TEST(timer, released_is_not_cancelled)
{
	struct rtfm_job job;

	ASSERT_EQ(0, job_schedule(&self->app, 0, 0, MID, 1, now_ns() + MSEC));
	ASSERT_EQ(0, wait_job(&self->app, 0, MID, &job));
	EXPECT_ERR(ENOENT, job_cancel(&self->app, 0, 0, 1));
}

struct race {
	struct app *app;
	unsigned long round;	/* the thread's turn, or ~0 to end; the job as well */
	unsigned long done;
	int result;
};

static void *canceller(void *arg)
{
	struct race *r = arg;
	unsigned long seen = 0, round;

	for (;;) {
		do {
			round = __atomic_load_n(&r->round, __ATOMIC_ACQUIRE);
			if (round == seen)
				sched_yield();
		} while (round == seen);
		seen = round;
		if (round == ~0ul)
			return NULL;
		r->result = job_cancel(r->app, 0, 5, (__u32)round);
		__atomic_store_n(&r->done, round, __ATOMIC_RELEASE);
	}
}

/* Of two cancels and a release, exactly one succeeds. */
APP_TEST(timer, cancel_race)
{
	unsigned long i, n = scaled(1000), released = 0, cancelled = 0;
	struct race r = { .app = &self->app };
	pthread_t thread;

	ASSERT_EQ(0, pthread_create(&thread, NULL, canceller, &r));
	if (cpus_online() > 1) {
		cpu_set_t set;

		CPU_ZERO(&set);
		CPU_SET(1, &set);
		pthread_setaffinity_np(thread, sizeof(set), &set);
	}
	for (i = 1; i <= n; i++) {
		__u64 delay = random_u64(&self->seed) % 200000;
		struct rtfm_job job;
		int mine, winners;

		ASSERT_EQ(0, job_schedule(&self->app, 0, 5, MID, (__u32)i,
					  now_ns() + delay));
		__atomic_store_n(&r.round, i, __ATOMIC_RELEASE);
		if (i & 1)
			sleep_ns(delay / 2);
		mine = job_cancel(&self->app, 0, 5, (__u32)i);
		ASSERT_TRUE(WAIT_FOR(__atomic_load_n(&r.done, __ATOMIC_ACQUIRE) == i));
		ASSERT_TRUE(!mine || mine == -ENOENT);
		ASSERT_TRUE(!r.result || r.result == -ENOENT);
		winners = !mine + !r.result;
		cancelled += winners;
		if (!winners) {
			ASSERT_EQ(0, wait_job(&self->app, 0, MID, &job));
			ASSERT_EQ(i, job.job);
			released++;
		} else {
			ASSERT_EQ(1, winners);
		}
		ASSERT_FALSE(take_job(&self->app, 0, MID, &job));
		ASSERT_EQ(0, counters(&self->app, 0).pending);
	}
	__atomic_store_n(&r.round, ~0ul, __ATOMIC_RELEASE);
	pthread_join(thread, NULL);
	TH_LOG("%lu released, %lu cancelled", released, cancelled);
	EXPECT_EQ(n, released + cancelled);
	EXPECT_EQ(released, counters(&self->app, 0).releases);
}

/* A submission does not change a timer that is pending. */
APP_TEST(timer, busy_timer)
{
	struct rtfm_query before, after;
	__u32 i;

	for (i = 0; i < TIMERS; i++)
		ASSERT_EQ(0, job_schedule(&self->app, 0, i, MID, i, NEVER - i));
	ASSERT_EQ(0, app_query(&self->app, 0, &before));
	for (i = 0; i < TIMERS; i++) {
		/* also one that would be the earliest, or is in the past, or has its tag */
		EXPECT_ERR(EBUSY, job_schedule(&self->app, 0, i, HIGH, 99, i * 5));
		EXPECT_ERR(EBUSY, job_schedule(&self->app, 0, i, MID, i, NEVER - i));
		EXPECT_ERR(ENOENT, job_cancel(&self->app, 0, i, 99));
	}
	ASSERT_EQ(0, app_query(&self->app, 0, &after));
	EXPECT_EQ(0, memcmp(&before, &after, sizeof(before)));
	EXPECT_EQ(0, self->ctl->ready);
	EXPECT_EQ(0, job_cancel(&self->app, 0, 7, 7));
	EXPECT_EQ(0, job_schedule(&self->app, 0, 7, MID, 99, NEVER));
	EXPECT_ERR(EBUSY, job_schedule(&self->app, 0, 7, MID, 99, NEVER));
}

APP_TEST(timer, no_queue)
{
	struct app app;

	ASSERT_EQ(0, core_detach(&self->app));
	ASSERT_EQ(0, app_start(&app, 1, LEVELS, 0));
	ASSERT_EQ(0, core_attach(&app, 0, BELL, 0));
	EXPECT_ERR(EINVAL, job_schedule(&app, 0, 0, MID, 1, 0));
	EXPECT_ERR(ENOENT, job_cancel(&app, 0, 0, 1));
	/* a core without timers still has RTFM_IOC_ARM */
	ASSERT_EQ(0, core_arm(&app, 1));
	EXPECT_EQ(0, core_park(&app));
	EXPECT_EQ(RTFM_READY_TIME, take_ready(&app, 0));
	app_stop(&app);
}

APP_TEST(timer, arm)
{
	__u64 start = now_ns(), bits;

	ASSERT_EQ(0, core_arm(&self->app, start + 5 * MSEC));
	ASSERT_EQ(0, core_park(&self->app));
	bits = take_ready(&self->app, 0);
	EXPECT_EQ(RTFM_READY_TIME, bits);
	EXPECT_LE(start + 5 * MSEC, now_ns());
	/* once only */
	sleep_ns(10 * MSEC);
	EXPECT_EQ(0, ready_of(&self->app, 0));
}

APP_TEST(timer, arm_never_early)
{
	unsigned long i, n = scaled(200);

	for (i = 0; i < n; i++) {
		__u64 instant = now_ns() + random_u64(&self->seed) % (2 * MSEC);

		ASSERT_EQ(0, core_arm(&self->app, instant));
		ASSERT_TRUE(SPIN_FOR(ready_of(&self->app, 0)));
		ASSERT_LE(instant, now_ns());
		ASSERT_EQ(RTFM_READY_TIME, take_ready(&self->app, 0));
	}
}

APP_TEST(timer, arm_past)
{
	ASSERT_EQ(0, core_arm(&self->app, 1));
	EXPECT_EQ(0, core_park(&self->app));
	EXPECT_EQ(RTFM_READY_TIME, take_ready(&self->app, 0));
	ASSERT_EQ(0, core_arm(&self->app, now_ns()));
	EXPECT_EQ(0, core_park(&self->app));
	EXPECT_EQ(RTFM_READY_TIME, take_ready(&self->app, 0));
}

APP_TEST(timer, arm_replaces)
{
	__u64 start = now_ns();

	/* later */
	ASSERT_EQ(0, core_arm(&self->app, start + LATER));
	ASSERT_EQ(0, core_arm(&self->app, start + LATER + 200 * MSEC));
	ASSERT_EQ(0, core_park(&self->app));
	EXPECT_LE(start + LATER + 200 * MSEC, now_ns());
	EXPECT_EQ(RTFM_READY_TIME, take_ready(&self->app, 0));
	/* earlier */
	ASSERT_EQ(0, core_arm(&self->app, now_ns() + 3600 * SEC));
	ASSERT_EQ(0, core_arm(&self->app, now_ns() + MSEC));
	EXPECT_EQ(0, core_park(&self->app));
	EXPECT_EQ(RTFM_READY_TIME, take_ready(&self->app, 0));
}

APP_TEST(timer, disarm)
{
	ASSERT_EQ(0, core_arm(&self->app, now_ns() + LATER));
	ASSERT_EQ(0, core_arm(&self->app, 0));
	sleep_ns(LATER + 100 * MSEC);
	EXPECT_EQ(0, ready_of(&self->app, 0));
	EXPECT_EQ(0, core_arm(&self->app, 0));
	/* jobs are not what is disarmed */
	ASSERT_EQ(0, core_arm(&self->app, now_ns() + LATER));
	ASSERT_EQ(0, job_schedule(&self->app, 0, 0, MID, 1, now_ns() + LATER));
	ASSERT_EQ(0, core_arm(&self->app, 0));
	EXPECT_EQ(0, core_park(&self->app));
	EXPECT_EQ(1u << MID, take_ready(&self->app, 0));
}

/* Both at once, each with its bit. */
APP_TEST(timer, arm_and_jobs)
{
	__u64 instant = now_ns() + 3 * MSEC;
	struct rtfm_job job = { 0 };

	ASSERT_EQ(0, core_arm(&self->app, instant));
	ASSERT_EQ(0, job_schedule(&self->app, 0, 0, HIGH, 7, instant));
	EXPECT_TRUE(SPIN_FOR(ready_of(&self->app, 0) == (RTFM_READY_TIME | 1u << HIGH)));
	EXPECT_TRUE(take_job(&self->app, 0, HIGH, &job));
	EXPECT_EQ(7, job.job);
}

/* Many jobs of one instant: the kernel releases them in portions, and releases all. */
APP_TEST(timer, storm)
{
	const __u32 n = 4096;
	__u64 instant;
	struct app app;
	struct rtfm_ctl *ctl;
	struct rtfm_job job;
	__u32 i;

	ASSERT_EQ(0, core_detach(&self->app));
	ASSERT_EQ(0, app_start(&app, 1, LEVELS, n));
	ASSERT_EQ(0, core_attach(&app, 0, BELL, 0));
	ctl = ctl_of(&app, 0);
	ctl->ceiling = RTFM_MAX_PRIORITY;
	instant = now_ns() + 300 * MSEC;
	for (i = 0; i < n; i++)
		ASSERT_EQ(0, job_schedule(&app, 0, i, MID, i, instant));
	EXPECT_TRUE(SPIN_FOR(__atomic_load_n(&ctl->ktail[MID], __ATOMIC_ACQUIRE) == n));
	for (i = 0; i < n; i++) {
		ASSERT_TRUE(take_job(&app, 0, MID, &job));
		ASSERT_EQ(i, job.job);
		ASSERT_EQ(i, job.seq);
	}
	EXPECT_EQ(n, counters(&app, 0).releases);
	EXPECT_EQ(0, counters(&app, 0).lost);
	EXPECT_EQ(0, counters(&app, 0).pending);
	app_stop(&app);
}

/*
 * One interrupt releases no more than 64 jobs (BATCH in kmod/release.c), and each
 * interrupt that releases something delivers once, here to a thread whose ceiling holds
 * all of it: so there are at least as many deliveries as portions.
 */
APP_TEST(timer, portions)
{
	const __u32 n = 1024;
	__u64 lead = 300 * MSEC, instant;
	struct rtfm_query before;
	struct rtfm_job job;
	struct app app;
	bool in_time;
	__u32 i;

	ASSERT_EQ(0, core_detach(&self->app));
	ASSERT_EQ(0, app_start(&app, 1, LEVELS, n));
	ASSERT_EQ(0, core_attach(&app, 0, BELL, 0));
	ctl_of(&app, 0)->ceiling = RTFM_MAX_PRIORITY;
	do {
		before = counters(&app, 0);
		instant = now_ns() + lead;
		for (i = 0; i < n; i++)
			ASSERT_EQ(0, job_schedule(&app, 0, i, MID, i, instant));
		in_time = now_ns() < instant;
		ASSERT_TRUE(SPIN_FOR(counters(&app, 0).releases == before.releases + n));
		while (take_job(&app, 0, MID, &job))
			;
		take_ready(&app, 0);
		/* on a slow machine some were late, each released by its system call */
		lead *= 2;
	} while (!in_time && lead < PATIENCE);
	ASSERT_TRUE(in_time);
	EXPECT_LE(n / 64, counters(&app, 0).held - before.held);
	EXPECT_EQ(0, counters(&app, 0).lost);
	EXPECT_EQ(0, bells);
	app_stop(&app);
}

/*
 * Instants that are equal, or so close that one passes during the interrupt of the previous
 * one: only the callback sets the timer again for each. From 7.1 on the kernel programs it
 * when it leaves the interrupt.
 */
APP_TEST(timer, set_anew_by_its_callback)
{
	static const __u64 gaps[] = { 0, 100, 1000, 3000, 10000, 30000, 200000 };
	unsigned long round, rounds = scaled(70), n = 0;
	struct rtfm_job job;
	__u32 i, level;

	for (round = 0; round < rounds; round++) {
		__u64 gap = gaps[round % ARRAY_SIZE(gaps)], instant = now_ns() + 2 * MSEC;

		for (i = 0; i < TIMERS; i++)
			ASSERT_EQ(0, job_schedule(&self->app, 0, i, MID, i, instant + i * gap));
		for (i = 0; i < TIMERS; i++) {
			ASSERT_TRUE(SPIN_FOR(any_job(&self->app, &level, &job))) {
				TH_LOG("%u jobs, %llu ns apart: %u have come", TIMERS, gap, i);
			}
			ASSERT_LE(instant + job.job * gap, now_ns());
		}
		n += TIMERS;
	}
	EXPECT_EQ(n, counters(&self->app, 0).releases);
	EXPECT_EQ(0, counters(&self->app, 0).lost);
	EXPECT_EQ(0, counters(&self->app, 0).pending);
}

struct sooner {
	struct app *app;
	unsigned long n, sent, taken;
	int err;
};

/* The next when the one before has been taken. */
static void *schedules_sooner(void *arg)
{
	__u64 seed = 0x736f6f6e;
	struct sooner *s = arg;

	pin_to(cpu_of(1));
	while (s->sent < s->n && !s->err) {
		__u64 until = now_ns() + PATIENCE;

		s->err = job_schedule(s->app, 0, 1, HIGH, (__u32)s->sent,
				      now_ns() + random_u64(&seed) % 100000);
		__atomic_store_n(&s->sent, s->sent + 1, __ATOMIC_RELEASE);
		while (!s->err && __atomic_load_n(&s->taken, __ATOMIC_ACQUIRE) != s->sent) {
			if (now_ns() > until)
				s->err = -ETIMEDOUT;
			sched_yield();
		}
	}
	__atomic_store_n(&s->sent, ~0ul, __ATOMIC_RELEASE);
	return NULL;
}

/*
 * Another CPU schedules an instant that is before the one for which the timer is set,
 * sometimes while the callback runs: only that request makes the timer expire in time.
 */
APP_TEST(timer, set_to_earlier_while_its_callback_runs)
{
	struct sooner s = { .app = &self->app, .n = scaled(2000) };
	__u64 min = counters(&self->app, 0).min_period;
	unsigned long taken = 0, of_period = 0;
	struct rtfm_job job;
	pthread_t thread;
	int i;

	for (i = 0; i < 2; i++) {
		/* first beside an instant that is far away, then beside a short period */
		s.sent = 0;
		s.taken = 0;
		taken = 0;
		ASSERT_EQ(0, i ? job_repeat(&self->app, 0, 0, MID, 7, now_ns(), 2 * min) :
			     job_schedule(&self->app, 0, 0, MID, 7, NEVER));
		ASSERT_EQ(0, pthread_create(&thread, NULL, schedules_sooner, &s));
		while (__atomic_load_n(&s.sent, __ATOMIC_ACQUIRE) != ~0ul) {
			of_period += take_job(&self->app, 0, MID, &job);
			if (!take_job(&self->app, 0, HIGH, &job))
				continue;
			EXPECT_EQ(taken, job.job);
			EXPECT_LE(job.instant, now_ns());
			__atomic_store_n(&s.taken, ++taken, __ATOMIC_RELEASE);
		}
		ASSERT_EQ(0, pthread_join(thread, NULL));
		EXPECT_EQ(0, s.err);
		EXPECT_EQ(s.n, taken);
		EXPECT_EQ(0, job_cancel(&self->app, 0, 0, 7));
	}
	of_period += take_job(&self->app, 0, MID, &job);
	EXPECT_EQ(2 * s.n + of_period, counters(&self->app, 0).releases);
	EXPECT_EQ(0, counters(&self->app, 0).lost);
}

static void *schedules(void *arg)
{
	__u64 base = now_ns() + 500 * MSEC;
	struct app *app = arg;
	long bad = 0;
	__u32 i;

	pin_to(cpu_of(1));
	for (i = 0; i < 20; i++) {
		/* the earliest so far, each time; the last one is past */
		bad |= job_schedule(app, 0, i, MID, 19 - i,
				    i == 19 ? 0 : base - i * 5 * MSEC);
	}
	return (void *)bad;
}

APP_TEST(timer, scheduled_by_another_thread)
{
	struct rtfm_job job;
	pthread_t thread;
	void *bad;
	__u32 i;

	ASSERT_EQ(0, pthread_create(&thread, NULL, schedules, &self->app));
	for (i = 0; i < 20; i++) {
		ASSERT_EQ(0, wait_job(&self->app, 0, MID, &job));
		EXPECT_EQ(i, job.job);
	}
	ASSERT_EQ(0, pthread_join(thread, &bad));
	EXPECT_EQ(0, (long)bad);
}

static void *core_one(void *arg)
{
	struct app *app = arg;
	struct rtfm_job job;
	long bad;
	__u32 i;

	bad = core_attach(app, 1, BELL, 0);
	for (i = 0; !bad && i < 50; i++) {
		bad = wait_job(app, 1, LOW, &job);
		if (!bad && job.job != i)
			bad = -EILSEQ;
		/* and back */
		bad = bad ?: job_schedule(app, 0, 0, HIGH, i, now_ns() + MSEC / 2);
	}
	return (void *)bad;
}

APP_TEST(timer, scheduled_by_another_core)
{
	struct rtfm_job job;
	pthread_t thread;
	void *bad;
	__u32 i;

	ASSERT_EQ(0, pthread_create(&thread, NULL, core_one, &self->app));
	ASSERT_TRUE(WAIT_FOR(counters(&self->app, 1).attached));
	for (i = 0; i < 50; i++) {
		ASSERT_EQ(0, job_schedule(&self->app, 1, 0, LOW, i, now_ns() + MSEC / 2));
		ASSERT_EQ(0, wait_job(&self->app, 0, HIGH, &job));
		ASSERT_EQ(i, job.job);
	}
	ASSERT_EQ(0, pthread_join(thread, &bad));
	EXPECT_EQ(0, (long)bad);
	EXPECT_EQ(50, counters(&self->app, 1).releases);
	EXPECT_EQ(50, counters(&self->app, 0).releases);
}

/* Many wraps of a ring of 4 entries. */
APP_TEST(timer, ring_wraps)
{
	__u32 i, n = (__u32)scaled(500), put = 0, got = 0;
	struct rtfm_job job;
	struct app app;

	ASSERT_EQ(0, core_detach(&self->app));
	ASSERT_EQ(0, app_start(&app, 1, LEVELS, 4));
	ASSERT_EQ(0, core_attach(&app, 0, BELL, 0));
	while (got < n) {
		__u32 some = (__u32)(random_u64(&self->seed) % 4 + 1);

		for (i = 0; i < some; i++)
			ASSERT_EQ(0, job_schedule(&app, 0, i, HIGH, put++, 0));
		for (i = 0; i < some; i++, got++) {
			ASSERT_EQ(0, wait_job(&app, 0, HIGH, &job));
			ASSERT_EQ(got, job.job);
			ASSERT_EQ(got, job.seq);
		}
	}
	EXPECT_EQ(got, counters(&app, 0).releases);
	EXPECT_EQ(0, counters(&app, 0).lost);
	app_stop(&app);
}

/* A thread that does not take its jobs loses them, and the loss is counted. */
APP_TEST(timer, full_ring)
{
	struct rtfm_job job;
	struct app app;
	__u32 i;

	ASSERT_EQ(0, core_detach(&self->app));
	ASSERT_EQ(0, app_start(&app, 1, LEVELS, 2));
	ASSERT_EQ(0, core_attach(&app, 0, BELL, 0));
	ctl_of(&app, 0)->ceiling = RTFM_MAX_PRIORITY;
	for (i = 0; i < 5; i++) {
		ASSERT_EQ(0, job_schedule(&app, 0, 0, LOW, i, 0));
		ASSERT_TRUE(SPIN_FOR(counters(&app, 0).pending == 0));
	}
	EXPECT_EQ(2, counters(&app, 0).releases);
	EXPECT_EQ(3, counters(&app, 0).lost);
	for (i = 0; i < 2; i++) {
		ASSERT_TRUE(take_job(&app, 0, LOW, &job));
		EXPECT_EQ(i, job.job);
	}
	EXPECT_FALSE(take_job(&app, 0, LOW, &job));
	/* other levels have rings of their own, and there is room again */
	ASSERT_EQ(0, job_schedule(&app, 0, 0, MID, 6, 0));
	EXPECT_EQ(0, wait_job(&app, 0, MID, &job));
	ASSERT_EQ(0, job_schedule(&app, 0, 0, LOW, 7, 0));
	EXPECT_EQ(0, wait_job(&app, 0, LOW, &job));
	EXPECT_EQ(7, job.job);
	app_stop(&app);
}

/* An impossible head: jobs are lost, nothing is written, and the kernel is not affected. */
APP_TEST(timer, hostile_head)
{
	static const __u32 heads[] = { 1, 2, 100, 0x7fffffff, 0x80000000, ~0u - 64 };
	struct rtfm_job before[TIMERS];
	size_t i;

	memcpy(before, ring_of(&self->app, 0, MID), sizeof(before));
	for (i = 0; i < ARRAY_SIZE(heads); i++) {
		self->ctl->khead[MID] = heads[i];
		ASSERT_EQ(0, job_schedule(&self->app, 0, 0, MID, 5, 0));
		ASSERT_TRUE(SPIN_FOR(counters(&self->app, 0).lost == i + 1));
	}
	EXPECT_EQ(0, counters(&self->app, 0).releases);
	EXPECT_EQ(0, self->ctl->ktail[MID]);
	EXPECT_EQ(0, memcmp(before, ring_of(&self->app, 0, MID), sizeof(before)));
}

/* If the app overwrites the kernel's tail, the kernel's ring does not change. */
APP_TEST(timer, hostile_tail)
{
	struct rtfm_job *ring = ring_of(&self->app, 0, MID);
	__u32 i;

	for (i = 0; i < TIMERS; i++) {
		self->ctl->ktail[MID] = 0xdeadbeef + i;
		ASSERT_EQ(0, job_schedule(&self->app, 0, 0, MID, 100 + i, 7 + i));
		ASSERT_TRUE(SPIN_FOR(self->ctl->ktail[MID] == i + 1));
		EXPECT_EQ(100 + i, ring[i].job);
		EXPECT_EQ(7 + i, ring[i].instant);
	}
}

APP_TEST(timer, detach_forgets)
{
	struct rtfm_submit submit = submission(TIMERS - 1, MID, 1, now_ns() + 3600 * SEC);
	__u32 i;

	for (i = 0; i < TIMERS - 1; i++)
		ASSERT_EQ(0, job_repeat(&self->app, 0, i, MID, i, now_ns() + 200 * MSEC,
					i & 1 ? MSEC : 0));
	ASSERT_EQ(0, core_arm(&self->app, now_ns() + 200 * MSEC));
	/* also entries that were only in the ring */
	ASSERT_TRUE(ring_put(self->ctl, &submit));
	ASSERT_EQ(0, core_detach(&self->app));
	EXPECT_EQ(0, counters(&self->app, 0).pending);
	EXPECT_EQ(0, counters(&self->app, 0).attached);
	EXPECT_EQ(self->ctl->stail, self->ctl->shead);
	EXPECT_EQ(RTFM_NEVER, self->ctl->next);
	EXPECT_ERR(ENXIO, job_cancel(&self->app, 0, 1, 1));
	take_ready(&self->app, 0);
	sleep_ns(300 * MSEC);
	EXPECT_EQ(0, ready_of(&self->app, 0));
	/* and starts from an empty queue */
	ASSERT_EQ(0, core_attach(&self->app, 0, BELL, 0));
	EXPECT_ERR(ENOENT, job_cancel(&self->app, 0, 1, 1));
	for (i = 0; i < TIMERS; i++)
		EXPECT_EQ(0, job_schedule(&self->app, 0, i, MID, i, NEVER));
	sleep_ns(20 * MSEC);
	EXPECT_EQ(0, ready_of(&self->app, 0));
}

TEST_HARNESS_MAIN
