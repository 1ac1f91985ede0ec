// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Periodic timers: submitted once, released by the kernel until they are cancelled. */
#include "rtfm_test.h"

#define LOW	2
#define MID	9
#define LEVELS	(1u << LOW | 1u << MID)
#define BELL	(SIGRTMIN + 1)
#define TIMERS	16
#define PERIOD	MSEC
#define LAST	((1ULL << 63) - 1)

FIXTURE(period) {
	struct app app;
	struct rtfm_ctl *ctl;
	__u64 seed;
};

/* One core, attached to the test's thread; its doorbell is out of the way. */
FIXTURE_SETUP(period)
{
	ASSERT_EQ(0, catch_bell(BELL));
	ASSERT_EQ(0, app_start(&self->app, 2, LEVELS, TIMERS));
	ASSERT_EQ(0, core_attach(&self->app, 0, BELL, 0));
	self->ctl = ctl_of(&self->app, 0);
	self->ctl->ceiling = RTFM_MAX_PRIORITY;
	self->seed = 0x706572;
}

FIXTURE_TEARDOWN(period)
{
	app_stop(&self->app);
}

static __u32 tail_of(const struct rtfm_ctl *ctl, __u32 level)
{
	return __atomic_load_n(&ctl->ktail[level], __ATOMIC_ACQUIRE);
}

/*
 * Of the only timer of a core: so many of its instants, from @first on, have been
 * released or counted as overruns, and the next one is what the kernel's timer is set
 * to. 0, or what is wrong.
 */
static int account(struct app *app, __u64 first, __u64 period)
{
	struct rtfm_ctl *ctl = ctl_of(app, 0);
	struct rtfm_query query;
	__u64 next, again, until = now_ns() + SEC;

	/* next may be the end of a pause (take_pause() in the module): not for long */
	do {
		next = __atomic_load_n(&ctl->next, __ATOMIC_SEQ_CST);
		query = counters(app, 0);
		again = __atomic_load_n(&ctl->next, __ATOMIC_SEQ_CST);
		/* the kernel has kept up: the next instant is not long past */
		if (next == again &&
		    next == first + (query.releases + query.overruns) * period)
			return next + PATIENCE > now_ns() ? 0 : -ETIMEDOUT;
	} while (now_ns() < until);
	fprintf(stderr, "# %llu releases, %llu overruns, next %lld after the first\n",
		query.releases, query.overruns, (long long)(next - first));
	return -EILSEQ;
}

/* Exactly at first + k * period, in that order, never early, and all are accounted for. */
APP_TEST(period, instants)
{
	unsigned long i, n = scaled(100);
	__u64 first = now_ns() + 5 * MSEC, last = 0, next;
	struct rtfm_job job;

	ASSERT_EQ(0, job_repeat(&self->app, 0, 3, MID, 77, first, PERIOD));
	next = self->ctl->next;
	EXPECT_TRUE(next == first || (next > first && first <= now_ns()));
	for (i = 0; i < n; i++) {
		ASSERT_TRUE(SPIN_FOR(take_job(&self->app, 0, MID, &job)));
		ASSERT_LE(job.instant, now_ns());
		ASSERT_EQ(77, job.job);
		ASSERT_EQ(i, job.seq);
		ASSERT_EQ(0, (job.instant - first) % PERIOD);
		ASSERT_TRUE(i ? job.instant > last : job.instant == first);
		last = job.instant;
	}
	EXPECT_EQ(0, account(&self->app, first, PERIOD));
	EXPECT_EQ(1, counters(&self->app, 0).pending);
	EXPECT_EQ(0, counters(&self->app, 0).lost);
}

APP_TEST(period, no_system_call)
{
	__u64 first = now_ns() + 5 * MSEC, last = first - PERIOD;
	struct rtfm_job job;
	bool ok = true;
	int i;

	ASSERT_EQ(0, job_repeat(&self->app, 0, 3, MID, 1, first, PERIOD));
	if (!catch_syscalls())
		SKIP(return, "system calls cannot be caught here");
	for (i = 0; i < 100 && ok; i++) {
		ok = SPIN_FOR(take_job(&self->app, 0, MID, &job));
		ok = ok && job.instant > last && (job.instant - first) % PERIOD == 0;
		last = job.instant;
	}
	EXPECT_EQ(0, end_syscalls());
	EXPECT_TRUE(ok);
	EXPECT_EQ(100, i);
}

APP_TEST(period, parked)
{
	__u64 first = now_ns() + 5 * MSEC, last = 0;
	struct rtfm_job job;
	int i;

	ASSERT_EQ(0, job_repeat(&self->app, 0, 3, MID, 1, first, PERIOD));
	for (i = 0; i < 50; i++) {
		do {
			take_ready(&self->app, 0);
			if (take_job(&self->app, 0, MID, &job))
				break;
			ASSERT_EQ(0, core_park(&self->app));
		} while (true);
		ASSERT_LT(last, job.instant);
		ASSERT_LE(job.instant, now_ns());
		last = job.instant;
	}
	EXPECT_EQ(0, account(&self->app, first, PERIOD));
}

/* Started by way of the ring, with no call at all. */
APP_TEST(period, by_the_ring)
{
	__u64 before = now_ns() + 600 * MSEC;
	struct rtfm_submit s = submission(4, MID, 5, before + MSEC);
	struct rtfm_job job;
	int i;

	s.period = PERIOD;
	ASSERT_EQ(0, job_schedule(&self->app, 0, 0, LOW, 0, before));
	ASSERT_TRUE(ring_put(self->ctl, &s));
	for (i = 0; i < 20; i++) {
		ASSERT_TRUE(SPIN_FOR(take_job(&self->app, 0, MID, &job)));
		ASSERT_EQ(0, (job.instant - s.instant) % PERIOD);
		ASSERT_EQ(5, job.job);
	}
	EXPECT_EQ(0, job_cancel(&self->app, 0, 4, 5));
	EXPECT_EQ(0, counters(&self->app, 0).lost);
}

/* If the job is not taken, it is in the ring once, and further releases are counted. */
APP_TEST(period, overruns)
{
	__u64 first = now_ns() + 2 * MSEC;
	struct rtfm_query q;
	struct rtfm_job job;

	ASSERT_EQ(0, job_repeat(&self->app, 0, 3, MID, 1, first, PERIOD));
	ASSERT_TRUE(SPIN_FOR(counters(&self->app, 0).overruns >= 10));
	EXPECT_EQ(0, account(&self->app, first, PERIOD));
	q = counters(&self->app, 0);
	EXPECT_EQ(1, q.releases);
	EXPECT_EQ(0, q.lost);
	EXPECT_EQ(1, tail_of(self->ctl, MID));
	EXPECT_EQ(1, self->ctl->seq);
	EXPECT_EQ(1, q.pending);
	/* the first release, and then one of now: the gap shows how many were skipped */
	ASSERT_TRUE(take_job(&self->app, 0, MID, &job));
	EXPECT_EQ(first, job.instant);
	q = counters(&self->app, 0);
	ASSERT_TRUE(SPIN_FOR(take_job(&self->app, 0, MID, &job)));
	EXPECT_LE(first + 10 * PERIOD, job.instant);
	EXPECT_EQ(0, (job.instant - first) % PERIOD);
	EXPECT_LE(job.instant, now_ns());
	EXPECT_EQ(1, job.seq);
	EXPECT_EQ(0, account(&self->app, first, PERIOD));
}

/* Only the timer's last job must have been taken, whether earlier ones were lost or not. */
APP_TEST(period, overrun_after_jobs_were_taken)
{
	__u64 first = now_ns() + 2 * MSEC, overruns;
	struct rtfm_job job;
	__u32 i;

	ASSERT_EQ(0, job_repeat(&self->app, 0, 3, MID, 1, first, PERIOD));
	for (i = 0; i < 5; i++)
		ASSERT_TRUE(SPIN_FOR(take_job(&self->app, 0, MID, &job)));
	overruns = counters(&self->app, 0).overruns;
	ASSERT_TRUE(SPIN_FOR(counters(&self->app, 0).overruns >= overruns + 10 ||
			     tail_of(self->ctl, MID) > 6));
	EXPECT_EQ(6, tail_of(self->ctl, MID));
	EXPECT_EQ(6, counters(&self->app, 0).releases);
	EXPECT_EQ(0, counters(&self->app, 0).lost);
	ASSERT_TRUE(take_job(&self->app, 0, MID, &job));
	EXPECT_EQ(5, job.seq);
	EXPECT_EQ(0, account(&self->app, first, PERIOD));
}

/* Each timer has an overrun of its own, though they share a ring. */
APP_TEST(period, overrun_of_one)
{
	__u64 first = now_ns() + 2 * MSEC;
	struct rtfm_job job;
	__u32 i;

	for (i = 0; i < TIMERS; i++)
		ASSERT_EQ(0, job_repeat(&self->app, 0, i, MID, i, first, PERIOD));
	ASSERT_TRUE(SPIN_FOR(counters(&self->app, 0).releases == TIMERS &&
			     counters(&self->app, 0).overruns >= 5 * TIMERS));
	EXPECT_EQ(TIMERS, tail_of(self->ctl, MID));
	EXPECT_EQ(0, counters(&self->app, 0).lost);
	/* five are taken: these five are released again, the others are not */
	for (i = 0; i < 5; i++) {
		ASSERT_TRUE(take_job(&self->app, 0, MID, &job));
		ASSERT_EQ(i, job.job);
	}
	ASSERT_TRUE(SPIN_FOR(tail_of(self->ctl, MID) == TIMERS + 5));
	sleep_ns(5 * PERIOD);
	EXPECT_EQ(TIMERS + 5, tail_of(self->ctl, MID));
	for (i = 5; i < TIMERS + 5; i++) {
		ASSERT_TRUE(take_job(&self->app, 0, MID, &job));
		ASSERT_TRUE(i < TIMERS ? job.job == i : job.job < 5);
	}
}

/* Periods that passed before the first release. */
APP_TEST(period, begins_in_the_past)
{
	__u64 first = now_ns() - 300 * PERIOD;
	struct rtfm_job job;

	ASSERT_EQ(0, job_repeat(&self->app, 0, 3, MID, 1, first, PERIOD));
	ASSERT_TRUE(take_job(&self->app, 0, MID, &job));
	EXPECT_EQ(first, job.instant);
	EXPECT_LE(299, counters(&self->app, 0).overruns);
	EXPECT_EQ(0, account(&self->app, first, PERIOD));
	ASSERT_TRUE(SPIN_FOR(take_job(&self->app, 0, MID, &job)));
	EXPECT_LE(first + 300 * PERIOD, job.instant);
	EXPECT_LE(job.instant, now_ns());
	EXPECT_EQ(0, account(&self->app, first, PERIOD));
}

APP_TEST(period, cancel_stops_it)
{
	__u64 first = now_ns() + 2 * MSEC;
	struct rtfm_query before;
	struct rtfm_job job;
	__u32 tail;

	ASSERT_EQ(0, job_repeat(&self->app, 0, 3, MID, 1, first, PERIOD));
	/* always pending */
	EXPECT_ERR(EBUSY, job_repeat(&self->app, 0, 3, MID, 2, first, PERIOD));
	ASSERT_TRUE(SPIN_FOR(take_job(&self->app, 0, MID, &job)));
	EXPECT_ERR(EBUSY, job_schedule(&self->app, 0, 3, MID, 2, first));
	EXPECT_ERR(ENOENT, job_cancel(&self->app, 0, 3, 2));
	EXPECT_ERR(ENOENT, job_cancel(&self->app, 0, 2, 1));
	EXPECT_EQ(0, job_cancel(&self->app, 0, 3, 1));
	tail = tail_of(self->ctl, MID);
	before = counters(&self->app, 0);
	EXPECT_EQ(0, before.pending);
	EXPECT_ERR(ENOENT, job_cancel(&self->app, 0, 3, 1));
	sleep_ns(10 * PERIOD);
	EXPECT_EQ(tail, tail_of(self->ctl, MID));
	EXPECT_EQ(before.overruns, counters(&self->app, 0).overruns);
	EXPECT_EQ(before.releases, counters(&self->app, 0).releases);
	EXPECT_TRUE(WAIT_FOR(self->ctl->next == RTFM_NEVER));
	/* free for another use, which does not repeat */
	while (take_job(&self->app, 0, MID, &job))
		;
	ASSERT_EQ(0, job_schedule(&self->app, 0, 3, MID, 9, now_ns() + MSEC));
	ASSERT_TRUE(SPIN_FOR(take_job(&self->app, 0, MID, &job)));
	EXPECT_EQ(9, job.job);
	EXPECT_EQ(0, counters(&self->app, 0).pending);
}

/* Released jobs remain; a new use of the timer does not depend on the old one. */
APP_TEST(period, cancel_while_the_job_waits)
{
	__u64 first = now_ns() + MSEC, again;
	struct rtfm_job job;

	ASSERT_EQ(0, job_repeat(&self->app, 0, 3, MID, 1, first, PERIOD));
	ASSERT_TRUE(SPIN_FOR(tail_of(self->ctl, MID) == 1));
	EXPECT_EQ(0, job_cancel(&self->app, 0, 3, 1));
	EXPECT_EQ(1, tail_of(self->ctl, MID));
	again = now_ns() + MSEC;
	ASSERT_EQ(0, job_repeat(&self->app, 0, 3, MID, 2, again, PERIOD));
	ASSERT_TRUE(SPIN_FOR(tail_of(self->ctl, MID) == 2));
	EXPECT_EQ(0, job_cancel(&self->app, 0, 3, 2));
	ASSERT_TRUE(take_job(&self->app, 0, MID, &job));
	EXPECT_EQ(1, job.job);
	EXPECT_EQ(first, job.instant);
	ASSERT_TRUE(take_job(&self->app, 0, MID, &job));
	EXPECT_EQ(2, job.job);
	EXPECT_EQ(again, job.instant);
	EXPECT_FALSE(take_job(&self->app, 0, MID, &job));
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

	pin_to(cpu_of(1));
	for (;;) {
		while ((round = __atomic_load_n(&r->round, __ATOMIC_ACQUIRE)) == seen)
			sched_yield();
		seen = round;
		if (round == ~0ul)
			return NULL;
		r->result = job_cancel(r->app, 0, 5, (__u32)round);
		__atomic_store_n(&r->done, round, __ATOMIC_RELEASE);
	}
}

/* Of two cancels exactly one succeeds, whatever the interrupt does; then no release follows. */
APP_TEST(period, cancel_race)
{
	unsigned long i, n = scaled(500), wins = 0;
	struct race r = { .app = &self->app };
	__u64 min = counters(&self->app, 0).min_period;
	struct rtfm_job job;
	pthread_t thread;

	ASSERT_EQ(0, pthread_create(&thread, NULL, canceller, &r));
	for (i = 1; i <= n; i++) {
		__u64 until = now_ns() + random_u64(&self->seed) % (3 * min), last;
		__u32 tail;
		int mine;

		ASSERT_EQ(0, job_repeat(&self->app, 0, 5, MID, (__u32)i, now_ns() + min / 2,
					min));
		while (now_ns() < until)
			take_job(&self->app, 0, MID, &job);
		__atomic_store_n(&r.round, i, __ATOMIC_RELEASE);
		mine = job_cancel(&self->app, 0, 5, (__u32)i);
		ASSERT_TRUE(SPIN_FOR(__atomic_load_n(&r.done, __ATOMIC_ACQUIRE) == i));
		wins += !mine;
		ASSERT_EQ(1, !mine + !r.result);
		ASSERT_EQ(-ENOENT, mine + r.result);
		tail = tail_of(self->ctl, MID);
		last = counters(&self->app, 0).overruns;
		until = now_ns() + 3 * min;
		while (now_ns() < until)
			;
		ASSERT_EQ(tail, tail_of(self->ctl, MID));
		ASSERT_EQ(last, counters(&self->app, 0).overruns);
		ASSERT_EQ(0, counters(&self->app, 0).pending);
		while (take_job(&self->app, 0, MID, &job))
			ASSERT_GE(i, job.job);
	}
	__atomic_store_n(&r.round, ~0ul, __ATOMIC_RELEASE);
	pthread_join(thread, NULL);
	TH_LOG("%lu of %lu cancelled here", wins, n);
}

/* No release after the largest instant, and no overflow. */
APP_TEST(period, end_of_time)
{
	static const struct {
		__u64 instant, period;
		bool stays;
	} rows[] = {
		{ 0, LAST, true },		/* and next at the last instant that there is */
		{ 1, LAST, false },		/* one after it */
		{ 1, LAST - 1, true }, { 2, LAST - 1, false },
		{ 1000, LAST, false }, { 0, LAST - 1, true },
		{ 0, 1ULL << 62, true },
	};
	static const __u64 far[] = { LAST, LAST - 1, LAST - PERIOD, 1ULL << 62 };
	struct rtfm_job job;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		ASSERT_EQ(0, job_repeat(&self->app, 0, 3, MID, i, rows[i].instant,
					rows[i].period));
		ASSERT_TRUE(take_job(&self->app, 0, MID, &job));
		EXPECT_EQ(rows[i].instant, job.instant);
		EXPECT_EQ(rows[i].stays, counters(&self->app, 0).pending) {
			TH_LOG("row %zu", i);
		}
		EXPECT_EQ(rows[i].stays ? 0 : -ENOENT, job_cancel(&self->app, 0, 3, i));
	}
	for (i = 0; i < ARRAY_SIZE(far); i++) {
		ASSERT_EQ(0, job_repeat(&self->app, 0, 3, MID, 1, far[i], PERIOD));
		EXPECT_EQ(0, job_cancel(&self->app, 0, 3, 1));
		ASSERT_EQ(0, job_repeat(&self->app, 0, 3, MID, 1, far[i], LAST));
		EXPECT_EQ(0, job_cancel(&self->app, 0, 3, 1));
	}
	EXPECT_EQ(0, counters(&self->app, 0).overruns);
	EXPECT_FALSE(take_job(&self->app, 0, MID, &job));
}

APP_TEST(period, shortest)
{
	__u64 min = counters(&self->app, 0).min_period, first = now_ns() + MSEC;
	struct rtfm_submit s = submission(1, MID, 1, first);
	struct rtfm_job job;
	int i;

	EXPECT_EQ(read_number("/sys/module/rtfm/parameters/min_period_ns"), min);
	EXPECT_ERR(EINVAL, job_repeat(&self->app, 0, 1, MID, 1, first, min - 1));
	s.period = min - 1;
	ASSERT_TRUE(ring_put(self->ctl, &s));
	ASSERT_EQ(0, core_take_in(&self->app));
	EXPECT_EQ(1, counters(&self->app, 0).lost);
	EXPECT_EQ(0, counters(&self->app, 0).pending);
	ASSERT_EQ(0, job_repeat(&self->app, 0, 1, MID, 1, first, min));
	for (i = 0; i < 50; i++) {
		ASSERT_TRUE(SPIN_FOR(take_job(&self->app, 0, MID, &job)));
		ASSERT_EQ(0, (job.instant - first) % min);
	}
	EXPECT_EQ(0, account(&self->app, first, min));
}

static void *repeats(void *arg)
{
	__u64 first = now_ns() + MSEC;

	pin_to(cpu_of(1));
	return (void *)(long)job_repeat(arg, 0, 7, MID, 7, first, PERIOD);
}

/* Another thread, on another CPU, starts it and the core's own thread stops it. */
APP_TEST(period, from_another_cpu)
{
	struct rtfm_job job;
	pthread_t thread;
	__u64 last = 0;
	void *err;
	int i;

	ASSERT_EQ(0, pthread_create(&thread, NULL, repeats, &self->app));
	for (i = 0; i < 20; i++) {
		ASSERT_TRUE(SPIN_FOR(take_job(&self->app, 0, MID, &job)));
		ASSERT_EQ(7, job.job);
		ASSERT_LT(last, job.instant);
		last = job.instant;
	}
	ASSERT_EQ(0, pthread_join(thread, &err));
	EXPECT_EQ(0, (long)err);
	EXPECT_EQ(0, job_cancel(&self->app, 0, 7, 7));
}

TEST_HARNESS_MAIN
