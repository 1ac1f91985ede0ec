// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The submission ring: jobs with an instant are submitted without a system call, unless they
 * are the earliest.
 */
#include "rtfm_test.h"

#define LOW	2
#define MID	9
#define HIGH	31
#define LEVELS	(1u << LOW | 1u << MID | 1u << HIGH)
#define BELL	(SIGRTMIN + 1)
#define TIMERS	128

FIXTURE(submit) {
	struct app app;
	struct rtfm_ctl *ctl;
	__u64 seed;
};

/* One core, attached to the test's thread; its doorbell is out of the way. */
FIXTURE_SETUP(submit)
{
	ASSERT_EQ(0, catch_bell(BELL));
	ASSERT_EQ(0, app_start(&self->app, 2, LEVELS, TIMERS));
	ASSERT_EQ(0, core_attach(&self->app, 0, BELL, 0));
	self->ctl = ctl_of(&self->app, 0);
	self->ctl->ceiling = RTFM_MAX_PRIORITY;
	self->seed = 0x7375626d;
}

FIXTURE_TEARDOWN(submit)
{
	app_stop(&self->app);
}

/* In the ring, and no more. */
static bool put(struct rtfm_ctl *ctl, __u32 timer, __u32 level, __u32 job, __u64 instant)
{
	struct rtfm_submit submit = submission(timer, level, job, instant);

	return ring_put(ctl, &submit);
}

/* As an app does it: a system call only if the entry is the earliest. */
static int hand_in(struct app *app, const struct rtfm_submit *submit, unsigned int *calls)
{
	struct rtfm_ctl *ctl = ctl_of(app, 0);

	if (!ring_put(ctl, submit))
		return -EAGAIN;
	if (!ring_needs_take_in(ctl, submit->instant))
		return 0;
	++*calls;
	return core_take_in(app);
}

static __u32 tail_of(const struct rtfm_ctl *ctl, __u32 level)
{
	return __atomic_load_n(&ctl->ktail[level], __ATOMIC_ACQUIRE);
}

/* The detector of system calls detects one. */
APP_TEST(submit, premise)
{
	if (!catch_syscalls())
		SKIP(return, "system calls cannot be caught here");
	syscall(SYS_getppid);
	EXPECT_EQ(1, end_syscalls());
}

APP_TEST(submit, no_system_call_if_not_the_earliest)
{
	__u64 base = now_ns() + 500 * MSEC, now;
	struct rtfm_job job;
	bool ok = true;
	__u32 i, taken = 0;

	ASSERT_EQ(0, job_schedule(&self->app, 0, 0, HIGH, 0, base));
	ASSERT_EQ(base, self->ctl->next);
	if (!catch_syscalls())
		SKIP(return, "system calls cannot be caught here");
	/* the first of them equals the instant for which the timer is set */
	for (i = 0; i < 20; i++) {
		struct rtfm_submit s = submission(1 + i, MID, i, base + i * MSEC);

		ok &= ring_put(self->ctl, &s) && !ring_needs_take_in(self->ctl, s.instant);
	}
	ok &= self->ctl->shead == 0;
	SPIN_FOR(tail_of(self->ctl, MID));
	now = now_ns();
	SPIN_FOR(tail_of(self->ctl, MID) == 20);
	EXPECT_EQ(0, end_syscalls());
	EXPECT_TRUE(ok);
	EXPECT_LE(base, now);
	for (i = 0; take_job(&self->app, 0, MID, &job); i++, taken++) {
		EXPECT_EQ(i, job.job);
		EXPECT_EQ(base + i * MSEC, job.instant);
	}
	EXPECT_EQ(20, taken);
	EXPECT_EQ(21, counters(&self->app, 0).releases);
	EXPECT_EQ(0, counters(&self->app, 0).lost);
	EXPECT_EQ(self->ctl->stail, self->ctl->shead);
}

/* Each entry is only in the ring, and is released on time: not early, not with a later one. */
APP_TEST(submit, on_time)
{
	unsigned long i, n = scaled(200);
	struct rtfm_job job;
	unsigned int calls = 0;

	for (i = 0; i < n; i++) {
		__u64 first = now_ns() + 2 * MSEC;
		struct rtfm_submit s = submission(1, MID, (__u32)i, first +
						  random_u64(&self->seed) % (3 * MSEC));

		ASSERT_EQ(0, job_schedule(&self->app, 0, 0, HIGH, 0, first));
		ASSERT_EQ(0, job_schedule(&self->app, 0, 2, LOW, 0, first + 60 * SEC));
		ASSERT_EQ(0, hand_in(&self->app, &s, &calls));
		ASSERT_TRUE(SPIN_FOR(take_job(&self->app, 0, MID, &job)));
		ASSERT_LE(s.instant, now_ns());
		ASSERT_EQ(s.instant, job.instant);
		ASSERT_EQ(i, job.job);
		ASSERT_TRUE(take_job(&self->app, 0, HIGH, &job));
		ASSERT_EQ(0, job_cancel(&self->app, 0, 2, 0));
	}
	EXPECT_EQ(0, counters(&self->app, 0).lost);
	/* on a slow machine the first instant may have passed, but not in every round */
	EXPECT_LT(calls, n);
}

/* Nothing is pending: the kernel has to be called, and is called. */
APP_TEST(submit, system_call_if_the_earliest)
{
	struct rtfm_submit s = submission(5, MID, 1, now_ns() + 60 * SEC);
	unsigned int calls = 0;
	struct rtfm_job job;

	ASSERT_EQ(RTFM_NEVER, self->ctl->next);
	ASSERT_EQ(0, hand_in(&self->app, &s, &calls));
	EXPECT_EQ(1, calls);
	EXPECT_EQ(s.instant, self->ctl->next);
	EXPECT_EQ(1, counters(&self->app, 0).pending);
	/* an earlier one, and a later one */
	s = submission(6, MID, 2, now_ns() + 5 * MSEC);
	ASSERT_EQ(0, hand_in(&self->app, &s, &calls));
	EXPECT_EQ(2, calls);
	ASSERT_TRUE(SPIN_FOR(take_job(&self->app, 0, MID, &job)));
	EXPECT_EQ(2, job.job);
	EXPECT_LE(s.instant, now_ns());
	s = submission(7, MID, 3, now_ns() + 70 * SEC);
	ASSERT_EQ(0, hand_in(&self->app, &s, &calls));
	EXPECT_EQ(2, calls);
	/* the kernel does not read the ring before the instant in next */
	EXPECT_EQ(1, counters(&self->app, 0).pending);
	EXPECT_EQ(1, self->ctl->stail - self->ctl->shead);
}

/* Every call that uses the queue takes the ring in first. */
APP_TEST(submit, taken_in_by_other_calls)
{
	ASSERT_EQ(0, job_schedule(&self->app, 0, 0, MID, 0, now_ns() + 60 * SEC));
	ASSERT_TRUE(put(self->ctl, 1, MID, 1, NEVER));
	ASSERT_EQ(0, job_schedule(&self->app, 0, 2, MID, 2, NEVER));
	EXPECT_EQ(3, counters(&self->app, 0).pending);
	/* a cancel finds what is only in the ring */
	ASSERT_TRUE(put(self->ctl, 3, MID, 3, NEVER));
	EXPECT_EQ(0, job_cancel(&self->app, 0, 3, 3));
	EXPECT_EQ(3, counters(&self->app, 0).pending);
	/* a timer that is pending in the ring is pending */
	ASSERT_TRUE(put(self->ctl, 4, MID, 4, NEVER));
	EXPECT_ERR(EBUSY, job_schedule(&self->app, 0, 4, MID, 5, NEVER));
	EXPECT_EQ(4, counters(&self->app, 0).pending);
	EXPECT_EQ(0, counters(&self->app, 0).lost);
	EXPECT_EQ(self->ctl->stail, self->ctl->shead);
}

APP_TEST(submit, full_ring)
{
	__u64 base = now_ns() + 500 * MSEC;
	struct rtfm_job job;
	__u32 i;

	ASSERT_EQ(0, job_schedule(&self->app, 0, 100, HIGH, 0, base));
	for (i = 0; i < RTFM_SUBMITS; i++)
		ASSERT_TRUE(put(self->ctl, i, MID, i, base + i));
	EXPECT_FALSE(put(self->ctl, 99, MID, 99, base));
	EXPECT_EQ(RTFM_SUBMITS, self->ctl->stail - self->ctl->shead);
	ASSERT_TRUE(SPIN_FOR(tail_of(self->ctl, MID) == RTFM_SUBMITS));
	EXPECT_EQ(self->ctl->stail, self->ctl->shead);
	for (i = 0; i < RTFM_SUBMITS; i++) {
		ASSERT_TRUE(take_job(&self->app, 0, MID, &job));
		ASSERT_EQ(i, job.job);
	}
	EXPECT_EQ(0, counters(&self->app, 0).lost);
	/* room again */
	EXPECT_TRUE(put(self->ctl, 99, MID, 99, 0));
	EXPECT_EQ(0, core_take_in(&self->app));
	EXPECT_TRUE(SPIN_FOR(take_job(&self->app, 0, MID, &job)));
	EXPECT_EQ(99, job.job);
}

/* Many wraps of the ring, in portions of every size. */
APP_TEST(submit, wraps)
{
	__u32 n = (__u32)scaled(200000), sent = 0, got = 0, some, i;
	struct rtfm_job job;

	while (got < n) {
		some = (__u32)(random_u64(&self->seed) % RTFM_SUBMITS + 1);
		for (i = 0; i < some; i++)
			ASSERT_TRUE(put(self->ctl, i, LOW, sent + i, 1 + i));
		ASSERT_EQ(0, core_take_in(&self->app));
		sent += some;
		ASSERT_EQ(sent, self->ctl->shead);
		for (i = 0; i < some; i++, got++) {
			/* there when the call returns, but for a pause after many */
			ASSERT_TRUE(SPIN_FOR(take_job(&self->app, 0, LOW, &job)));
			ASSERT_EQ(got, job.job);
			ASSERT_EQ(got, job.seq);
			ASSERT_EQ(1 + i, job.instant);
		}
	}
	EXPECT_EQ(got, counters(&self->app, 0).releases);
	EXPECT_EQ(0, counters(&self->app, 0).lost);
	EXPECT_EQ(got, self->ctl->khead[LOW]);
}

static void *schedules_a_tie(void *arg)
{
	void **a = arg;

	pin_to(cpu_of(1));
	return (void *)(long)job_schedule(a[0], 0, 4, MID, 4, *(__u64 *)a[1]);
}

/* Jobs of one instant, by way of the ring and of the call: in the order of submission. */
APP_TEST(submit, ties)
{
	__u64 instant = now_ns() + 400 * MSEC;
	void *arg[] = { &self->app, &instant };
	struct rtfm_job job;
	pthread_t thread;
	void *err;
	__u32 i;

	/* numbers that are in no order */
	ASSERT_TRUE(put(self->ctl, 70, MID, 0, instant));
	ASSERT_TRUE(put(self->ctl, 3, MID, 1, instant));
	ASSERT_EQ(0, job_schedule(&self->app, 0, 60, MID, 2, instant));
	ASSERT_TRUE(put(self->ctl, 50, MID, 3, instant));
	ASSERT_EQ(0, pthread_create(&thread, NULL, schedules_a_tie, arg));
	ASSERT_EQ(0, pthread_join(thread, &err));
	ASSERT_EQ(0, (long)err);
	ASSERT_TRUE(put(self->ctl, 1, MID, 5, instant));
	ASSERT_EQ(0, job_schedule(&self->app, 0, 0, MID, 6, instant));
	ASSERT_TRUE(put(self->ctl, 2, MID, 7, instant));
	if (now_ns() >= instant)
		SKIP(return, "too slow a machine for this");
	for (i = 0; i < 8; i++) {
		ASSERT_TRUE(SPIN_FOR(take_job(&self->app, 0, MID, &job)));
		EXPECT_EQ(i, job.job);
		EXPECT_EQ(i, job.seq);
	}
}

/* One invalid entry between two valid ones: it is dropped and counted, the others are taken. */
static int with_wrong_one(struct app *app, const struct rtfm_submit *wrong)
{
	struct rtfm_ctl *ctl = ctl_of(app, 0);
	struct rtfm_query before = counters(app, 0), after;
	int err;

	put(ctl, 10, MID, 10, NEVER);
	ring_put(ctl, wrong);
	put(ctl, 11, MID, 11, NEVER);
	err = core_take_in(app);
	after = counters(app, 0);
	if (err)
		return err;
	if (ctl->shead != ctl->stail)
		return -EILSEQ;
	if (after.pending != before.pending + 2 || after.lost != before.lost + 1 ||
	    after.releases != before.releases)
		return -EBADMSG;
	return job_cancel(app, 0, 10, 10) ?: job_cancel(app, 0, 11, 11);
}

#define EXPECT_DROPPED(field, value) do {				\
	struct rtfm_submit _s = submission(20, MID, 20, 1);		\
	_s.field = (value);						\
	EXPECT_EQ(0, with_wrong_one(&self->app, &_s)) {			\
		TH_LOG("%s = %#llx", #field, (unsigned long long)_s.field); \
	}								\
} while (0)

APP_TEST(submit, wrong_entries)
{
	static const __u32 levels[] = { 0, 1, 3, 30, 32, 32 + MID, 64 + MID, 1u << 31, ~0u };
	static const __u32 timers[] = { TIMERS, TIMERS + 1, 1u << 16, 1u << 31, ~0u };
	static const __u64 never[] = { 1ULL << 63, 1ULL << 63 | 1, ~0ULL - 1, ~0ULL };
	__u64 min = counters(&self->app, 0).min_period;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(levels); i++)
		EXPECT_DROPPED(level, levels[i]);
	for (i = 0; i < ARRAY_SIZE(timers); i++)
		EXPECT_DROPPED(timer, timers[i]);
	for (i = 0; i < ARRAY_SIZE(never); i++) {
		EXPECT_DROPPED(instant, never[i]);
		EXPECT_DROPPED(period, never[i]);
	}
	EXPECT_DROPPED(period, 1);
	EXPECT_DROPPED(period, min / 2);
	EXPECT_DROPPED(period, min - 1);
	/* pending: from the ring a moment ago, and by a call */
	EXPECT_DROPPED(timer, 10);
	ASSERT_EQ(0, job_schedule(&self->app, 0, 30, MID, 30, NEVER));
	EXPECT_DROPPED(timer, 30);
	EXPECT_EQ(0, job_cancel(&self->app, 0, 30, 30));
	EXPECT_EQ(0, counters(&self->app, 0).pending);
	EXPECT_EQ(0, ready_of(&self->app, 0));
	/* none of it was released when the timers fired */
	EXPECT_EQ(0, job_schedule(&self->app, 0, 0, HIGH, 0, 0));
	EXPECT_EQ(1u << HIGH, ready_of(&self->app, 0));
}

/* An app without timers cannot use the ring. */
APP_TEST(submit, no_timers)
{
	struct app app;

	ASSERT_EQ(0, core_detach(&self->app));
	ASSERT_EQ(0, app_start(&app, 1, LEVELS, 0));
	ASSERT_EQ(0, core_attach(&app, 0, BELL, 0));
	ASSERT_TRUE(put(ctl_of(&app, 0), 0, MID, 0, 0));
	ASSERT_EQ(0, core_take_in(&app));
	EXPECT_EQ(1, counters(&app, 0).lost);
	EXPECT_EQ(0, ready_of(&app, 0));
	app_stop(&app);
}

/* An impossible tail: nothing is taken in, now or later. */
APP_TEST(submit, hostile_tail)
{
	static const __u32 off[] = {
		RTFM_SUBMITS + 1, RTFM_SUBMITS + 2, 2 * RTFM_SUBMITS, 1000, 0x7fffffff,
		0x80000000, ~0u - RTFM_SUBMITS, ~0u,
	};
	__u32 good = 0;
	size_t i;

	for (i = 0; i < RTFM_SUBMITS; i++)
		self->ctl->submit[i] = submission(i, MID, i, 1);
	for (i = 0; i < ARRAY_SIZE(off); i++) {
		self->ctl->stail = good + off[i];
		ASSERT_EQ(0, core_take_in(&self->app));
		ASSERT_EQ(good, self->ctl->shead);
		ASSERT_EQ(0, job_schedule(&self->app, 0, 100, HIGH, 0, NEVER));
		ASSERT_EQ(0, job_cancel(&self->app, 0, 100, 0));
		ASSERT_EQ(good, self->ctl->shead);
		/* also when the timer fires */
		ASSERT_EQ(0, job_schedule(&self->app, 0, 101, HIGH, 0, now_ns() + MSEC / 4));
		ASSERT_TRUE(SPIN_FOR(tail_of(self->ctl, HIGH) == i + 1));
		ASSERT_EQ(good, self->ctl->shead);
	}
	EXPECT_EQ(0, counters(&self->app, 0).lost);
	EXPECT_EQ(0, tail_of(self->ctl, MID));
	/* with a valid tail the ring works again */
	self->ctl->stail = good;
	EXPECT_TRUE(put(self->ctl, 0, MID, 7, 1));
	EXPECT_EQ(0, core_take_in(&self->app));
	EXPECT_EQ(1, tail_of(self->ctl, MID));
}

/* If the app overwrites shead, the kernel's own head does not change. */
APP_TEST(submit, hostile_head)
{
	struct rtfm_job job;
	__u32 i;

	for (i = 0; i < 3 * RTFM_SUBMITS; i++) {
		__u32 at = i & (RTFM_SUBMITS - 1);

		self->ctl->shead = (__u32)random_u64(&self->seed);
		self->ctl->submit[at] = submission(i % TIMERS, MID, i, 1);
		self->ctl->stail = i + 1;
		ASSERT_EQ(0, core_take_in(&self->app));
		ASSERT_EQ(i + 1, self->ctl->shead);
		ASSERT_TRUE(take_job(&self->app, 0, MID, &job));
		ASSERT_EQ(i, job.job);
	}
}

struct runner {
	struct rtfm_ctl *ctl;
	__u64 until;
	bool stop;
};

/* Fills the ring as fast as it is emptied, for a while. */
static void *runs_ahead(void *arg)
{
	struct runner *r = arg;
	__u32 i;

	pin_to(cpu_of(1));
	for (i = 0; i < RTFM_SUBMITS; i++)
		r->ctl->submit[i] = submission(i, MID, i, NEVER - i);
	while (!__atomic_load_n(&r->stop, __ATOMIC_RELAXED) && now_ns() < r->until)
		for (i = 0; i < 1000; i++)
			__atomic_store_n(&r->ctl->stail,
					 __atomic_load_n(&r->ctl->shead, __ATOMIC_RELAXED) +
					 RTFM_SUBMITS, __ATOMIC_RELAXED);
	return NULL;
}

static int run_ahead(struct runner *r, struct rtfm_ctl *ctl, pthread_t *thread)
{
	*r = (struct runner){ .ctl = ctl, .until = now_ns() + PATIENCE + SEC };
	return -pthread_create(thread, NULL, runs_ahead, r);
}

static void end_run(struct runner *r, pthread_t thread)
{
	__atomic_store_n(&r->stop, true, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
}

/* A ring that is never empty delays neither a call nor the timer. */
APP_TEST(submit, runs_ahead_of_calls)
{
	unsigned long i, n = scaled(500);
	struct runner r;
	pthread_t thread;
	__u64 start;

	if (cpus_online() < 2)
		SKIP(return, "needs two CPUs");
	ASSERT_EQ(0, run_ahead(&r, self->ctl, &thread));
	start = now_ns();
	for (i = 0; i < n && now_ns() < start + PATIENCE; i++) {
		core_take_in(&self->app);
		job_schedule(&self->app, 0, 100, HIGH, (__u32)i, now_ns() + MSEC / 10);
		job_cancel(&self->app, 0, (__u32)i % RTFM_SUBMITS, (__u32)i % RTFM_SUBMITS);
		core_arm(&self->app, now_ns() + MSEC / 10);
	}
	end_run(&r, thread);
	EXPECT_GT(r.until, now_ns());
	EXPECT_EQ(n, i);
	EXPECT_FALSE(kernel_is_hurt());
}

/*
 * Nor the end of an app: at detach, close and exit the kernel takes a bounded number of
 * entries.
 */
APP_TEST(submit, runs_ahead_of_detach)
{
	unsigned long i, n = scaled(300);
	struct runner r;
	pthread_t thread;
	__u32 head, most = 0;
	__u64 start, took = 0;

	if (cpus_online() < 2)
		SKIP(return, "needs two CPUs");
	ASSERT_EQ(0, run_ahead(&r, self->ctl, &thread));
	for (i = 0; i < n && now_ns() < r.until - SEC; i++) {
		if (!SPIN_FOR(__atomic_load_n(&self->ctl->stail, __ATOMIC_RELAXED) !=
			      self->ctl->shead))
			break;
		head = self->ctl->shead;
		start = now_ns();
		if (core_detach(&self->app))
			break;
		if (took < now_ns() - start)
			took = now_ns() - start;
		if (most < self->ctl->shead - head)
			most = self->ctl->shead - head;
		if (core_attach(&self->app, 0, BELL, 0))
			break;
	}
	end_run(&r, thread);
	EXPECT_NE(0, i);
	TH_LOG("%lu times, at most %u entries and %llu us in detach", i, most, took / 1000);
	EXPECT_GE(2 * RTFM_SUBMITS, most);
	EXPECT_GT(2 * SEC, took);
}

/* Timers that expire one close behind the other, from in a moment on. */
static __u64 dense(struct app *app, struct rtfm_ctl *ctl, __u64 distance)
{
	__u64 first = now_ns() + 300000;
	__u32 i;

	for (i = 0; i < TIMERS; i++) {
		put(ctl, i, MID, i, first + i * distance);
		if (i % 60 == 59 || i == TIMERS - 1)
			core_take_in(app);
	}
	return first;
}

/*
 * A thread detaches in a series of interrupts, the work of which is followed by a pause as
 * long. For the next thread of the core the time in between is no work.
 */
APP_TEST(submit, pause_is_not_inherited)
{
	unsigned long i, n = scaled(150);
	__u64 until, next;

	for (i = 0; i < n; i++) {
		self->ctl->state = RTFM_STATE_POLLING;
		until = dense(&self->app, self->ctl, 1000 + 100 * (i % 30)) +
			random_u64(&self->seed) % 100000;
		while (now_ns() < until)
			;
		ASSERT_EQ(0, core_detach(&self->app));
		self->ctl->khead[MID] = self->ctl->ktail[MID];
		sleep_ns(60 * MSEC);
		ASSERT_EQ(0, core_attach(&self->app, 0, BELL, 0));
		self->ctl->state = RTFM_STATE_POLLING;
		until = dense(&self->app, self->ctl, 1000) + 2 * MSEC;
		while (now_ns() < until)
			;
		next = __atomic_load_n(&self->ctl->next, __ATOMIC_RELAXED);
		ASSERT_TRUE(next == RTFM_NEVER || next < now_ns() + 30 * MSEC) {
			TH_LOG("turn %lu: due for 2 ms, and %llu us to wait", i,
			       (next - now_ns()) / 1000);
		}
		ASSERT_EQ(0, core_detach(&self->app));
		self->ctl->khead[MID] = self->ctl->ktail[MID];
		ASSERT_EQ(0, core_attach(&self->app, 0, BELL, 0));
	}
}

APP_TEST(submit, next)
{
	struct rtfm_ctl *ctl = self->ctl;
	__u64 base = now_ns() + 60 * SEC;
	struct rtfm_job job;

	EXPECT_EQ(RTFM_NEVER, ctl->next);
	ASSERT_EQ(0, job_schedule(&self->app, 0, 0, MID, 0, NEVER));
	EXPECT_EQ(NEVER, ctl->next);
	ASSERT_EQ(0, job_schedule(&self->app, 0, 1, MID, 1, base));
	EXPECT_EQ(base, ctl->next);
	ASSERT_EQ(0, job_schedule(&self->app, 0, 2, MID, 2, base + 1));
	EXPECT_EQ(base, ctl->next);
	/* the armed instant is one of them */
	ASSERT_EQ(0, core_arm(&self->app, base - SEC));
	EXPECT_EQ(base - SEC, ctl->next);
	/* a cancel does not change the timer, so next must not become later */
	ASSERT_EQ(0, core_arm(&self->app, 0));
	EXPECT_EQ(base - SEC, ctl->next);
	ASSERT_EQ(0, job_cancel(&self->app, 0, 1, 1));
	EXPECT_EQ(base - SEC, ctl->next);
	/* the kernel does not read what the app writes there */
	ctl->next = 5;
	ASSERT_EQ(0, job_schedule(&self->app, 0, 3, MID, 3, now_ns() + MSEC));
	ASSERT_EQ(0, wait_job(&self->app, 0, MID, &job));
	EXPECT_EQ(3, job.job);
	core_arm(&self->app, 0);
	/* after the expiry for nothing, it is the earliest again */
	ASSERT_EQ(0, core_arm(&self->app, now_ns() + MSEC));
	ASSERT_TRUE(SPIN_FOR(ready_of(&self->app, 0) & RTFM_READY_TIME));
	EXPECT_EQ(base + 1, ctl->next);
	ASSERT_EQ(0, job_cancel(&self->app, 0, 2, 2));
	ASSERT_EQ(0, job_cancel(&self->app, 0, 0, 0));
	ASSERT_EQ(0, core_arm(&self->app, now_ns() + MSEC));
	ASSERT_TRUE(SPIN_FOR(ctl->next == RTFM_NEVER));
	EXPECT_EQ(0, counters(&self->app, 0).pending);
}

/* Random work: next is never later than the earliest pending instant. */
APP_TEST(submit, next_is_never_late)
{
	unsigned long i, n = scaled(3000), pauses = 0;
	__u64 instant[16] = { 0 };
	struct rtfm_job job;

	for (i = 0; i < n; i++) {
		__u64 random = random_u64(&self->seed), next, now;
		__u32 nr = (random >> 8) % 16, t;

		if (!instant[nr]) {
			struct rtfm_submit s;
			unsigned int call = 0;

			instant[nr] = now_ns() + (random >> 16) % (20 * MSEC);
			s = submission(nr, MID, nr, instant[nr]);
			ASSERT_EQ(0, random & 1 ? schedule_entry(&self->app, 0, &s) :
						  hand_in(&self->app, &s, &call));
		} else if (random & 1) {
			if (!job_cancel(&self->app, 0, nr, nr))
				instant[nr] = 0;
		}
		while (take_job(&self->app, 0, MID, &job)) {
			ASSERT_EQ(instant[job.job], job.instant);
			ASSERT_LE(job.instant, now_ns());
			instant[job.job] = 0;
		}
		/* the word before the clock: what is due by then may be gone from it */
		next = __atomic_load_n(&self->ctl->next, __ATOMIC_SEQ_CST);
		now = now_ns();
		for (t = 0; t < 16; t++) {
			if (instant[t] <= now || instant[t] >= next)
				continue;
			/* the end of a pause, after an interrupt that took as long */
			ASSERT_GT(10, ++pauses);
			ASSERT_TRUE(SPIN_FOR(now_ns() >= next));
			break;
		}
	}
	EXPECT_EQ(0, counters(&self->app, 0).lost);
}

/* After a cancel the hardware timer still expires: entries of the ring rely on it. */
APP_TEST(submit, after_a_cancel)
{
	unsigned long i, n = scaled(100);
	struct rtfm_job job;

	for (i = 0; i < n; i++) {
		__u64 first = now_ns() + 2 * MSEC;

		ASSERT_EQ(0, job_schedule(&self->app, 0, 0, MID, 1, first));
		if (job_cancel(&self->app, 0, 0, 1)) {
			/* a slow machine: it was released */
			ASSERT_TRUE(take_job(&self->app, 0, MID, &job));
			continue;
		}
		ASSERT_TRUE(put(self->ctl, 1, MID, (__u32)i, first + MSEC / 4));
		if (ring_needs_take_in(self->ctl, first + MSEC / 4))
			ASSERT_EQ(0, core_take_in(&self->app));
		ASSERT_TRUE(SPIN_FOR(take_job(&self->app, 0, MID, &job)));
		ASSERT_EQ(i, job.job);
		ASSERT_EQ(first + MSEC / 4, job.instant);
	}
}

/* Jobs whose instants have passed are released when the call returns, in order. */
APP_TEST(submit, past)
{
	__u64 now = now_ns();
	const __u64 past[] = { now, 7, now - SEC, 0, now - 1, 1 };
	static const __u32 order[] = { 3, 5, 1, 2, 4, 0 };
	struct rtfm_job job;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(past); i++)
		ASSERT_TRUE(put(self->ctl, i, MID, i, past[i]));
	EXPECT_TRUE(ring_needs_take_in(self->ctl, now));
	ASSERT_EQ(0, core_take_in(&self->app));
	for (i = 0; i < ARRAY_SIZE(past); i++) {
		ASSERT_TRUE(take_job(&self->app, 0, MID, &job));
		EXPECT_EQ(order[i], job.job);
		EXPECT_EQ(past[order[i]], job.instant);
	}
	EXPECT_EQ(1u << MID, ready_of(&self->app, 0));
	/* the same by a call, and in the ring when something else is the earliest */
	ASSERT_EQ(0, job_schedule(&self->app, 0, 0, MID, 9, now_ns()));
	EXPECT_TRUE(take_job(&self->app, 0, MID, &job));
	ASSERT_EQ(0, job_schedule(&self->app, 0, 0, MID, 9, now_ns() + 60 * SEC));
	ASSERT_TRUE(put(self->ctl, 1, MID, 10, now_ns() - 1));
	ASSERT_EQ(0, core_take_in(&self->app));
	EXPECT_TRUE(take_job(&self->app, 0, MID, &job));
	EXPECT_EQ(10, job.job);
	EXPECT_EQ(0, bells);
}

/* Not masked, ceiling below: a job of a past instant sends the doorbell before the call returns. */
APP_TEST(submit, past_rings)
{
	self->ctl->ceiling = 0;
	ASSERT_TRUE(put(self->ctl, 0, MID, 1, 1));
	ASSERT_EQ(0, core_take_in(&self->app));
	EXPECT_TRUE(SPIN_FOR(bells));
	EXPECT_EQ(1, bells);
	/* a masked thread checks by itself */
	self->ctl->masked = 1;
	ASSERT_TRUE(put(self->ctl, 0, MID, 2, 1));
	ASSERT_EQ(0, core_take_in(&self->app));
	self->ctl->masked = 0;
	sleep_ns(5 * MSEC);
	EXPECT_EQ(1, bells);
}

/*
 * An expired timer is released before the entries of the ring are taken in: the thread, on
 * the same CPU, sees the job while nothing has been taken in. The thread runs between the
 * interrupt that releases and the one that takes in; it may take some rounds to see that.
 */
APP_TEST(submit, due_before_taken_in)
{
	__u64 until = now_ns() + PATIENCE, far = now_ns() + 1000 * SEC;
	unsigned long rounds = 0;
	struct rtfm_job job;
	bool first, in_time;
	__u32 i, tail, head;

	do {
		tail = tail_of(self->ctl, HIGH);
		head = self->ctl->shead;
		ASSERT_EQ(0, job_schedule(&self->app, 0, 100, HIGH, 0, now_ns() + 2 * MSEC));
		/* from the latest on: each is the earliest, which takes longest */
		for (i = 0; i < 60; i++)
			ASSERT_TRUE(put(self->ctl, i, MID, i, far - i));
		in_time = tail_of(self->ctl, HIGH) == tail;
		while (tail_of(self->ctl, HIGH) == tail)
			;
		first = __atomic_load_n(&self->ctl->shead, __ATOMIC_ACQUIRE) == head && in_time;
		/* needed only if some were put in after the interrupt */
		ASSERT_EQ(0, core_take_in(&self->app));
		ASSERT_EQ(self->ctl->stail, self->ctl->shead);
		for (i = 0; i < 60; i++)
			ASSERT_EQ(0, job_cancel(&self->app, 0, i, i));
		ASSERT_TRUE(take_job(&self->app, 0, HIGH, &job));
		rounds++;
	} while (!first && now_ns() < until);
	EXPECT_TRUE(first);
	EXPECT_EQ(0, counters(&self->app, 0).lost);
	TH_LOG("%lu rounds", rounds);
}

/* Jobs are released in the order of their instants, also those that were only in the ring. */
APP_TEST(submit, in_the_order_of_instants)
{
	unsigned long round, n = scaled(300), checked = 0;
	__u64 lead = 5 * MSEC;
	struct rtfm_job job;
	bool in_time;
	__u32 i;

	for (round = 0; round < n; round++) {
		__u64 first = now_ns() + lead, last = 0;

		ASSERT_EQ(0, job_schedule(&self->app, 0, 0, MID, 0, first));
		for (i = 1; i < 20; i++)
			ASSERT_EQ(0, job_schedule(&self->app, 0, i, MID, i,
						  first + random_u64(&self->seed) % 100000));
		for (; i < 80; i++)
			ASSERT_TRUE(put(self->ctl, i, MID, i,
					first + random_u64(&self->seed) % 100000));
		/* else some were released before others were known */
		in_time = now_ns() < first;
		ASSERT_TRUE(SPIN_FOR(counters(&self->app, 0).releases == 80 * (round + 1)));
		for (i = 0; i < 80; i++) {
			ASSERT_TRUE(take_job(&self->app, 0, MID, &job));
			if (in_time)
				ASSERT_LE(last, job.instant);
			last = job.instant;
		}
		checked += in_time;
		lead = in_time || lead > PATIENCE / 4 ? lead : 2 * lead;
	}
	EXPECT_LT(0, checked);
	EXPECT_EQ(0, counters(&self->app, 0).lost);
}

/*
 * A thread that has left its CPU submits while the timer, on the old CPU, moves next to a
 * later instant: at least one of the two sees the other's store.
 */
APP_TEST(submit, races_with_expiry_on_another_cpu)
{
	unsigned long i, n = scaled(4000), calls = 0;
	struct rtfm_job job;

	if (cpus_online() < 2)
		SKIP(return, "needs two CPUs");
	ASSERT_EQ(0, pin_to(1));
	for (i = 0; i < n; i++) {
		__u64 first = now_ns() + 150000;
		struct rtfm_submit s;
		unsigned int call = 0;

		ASSERT_EQ(0, job_schedule(&self->app, 0, 0, LOW, 1, first));
		/* before and after the instant of the interrupt */
		s = submission(1, MID, (__u32)i, first);
		s.instant += random_u64(&self->seed) % 50000;
		while (now_ns() < s.instant)
			;
		ASSERT_EQ(0, hand_in(&self->app, &s, &call));
		calls += call;
		ASSERT_TRUE(SPIN_FOR(take_job(&self->app, 0, MID, &job))) {
			TH_LOG("round %lu: %u in the ring", i,
			       self->ctl->stail - self->ctl->shead);
		}
		ASSERT_EQ(i, job.job);
		ASSERT_TRUE(SPIN_FOR(take_job(&self->app, 0, LOW, &job)));
	}
	EXPECT_EQ(0, counters(&self->app, 0).lost);
	TH_LOG("%lu of %lu by a call", calls, n);
}

TEST_HARNESS_MAIN
