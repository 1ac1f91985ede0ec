// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Limits of times, in every argument that is one; the share of a CPU that timers may use;
 * and five CVEs of ALSA's timers, tried on this module.
 */
#include "rtfm_test.h"

#define LOW	2
#define MID	9
#define LEVELS	(1u << LOW | 1u << MID)
#define BELL	(SIGRTMIN + 1)
#define TIMERS	64

FIXTURE(bounds) {
	struct app app;
	struct rtfm_ctl *ctl;
	__u64 seed;
};

FIXTURE_SETUP(bounds)
{
	ASSERT_EQ(0, catch_bell(BELL));
	ASSERT_EQ(0, app_start(&self->app, 1, LEVELS, TIMERS));
	ASSERT_EQ(0, core_attach(&self->app, 0, BELL, 0));
	self->ctl = ctl_of(&self->app, 0);
	self->ctl->ceiling = RTFM_MAX_PRIORITY;
	self->seed = 0x626f756e;
}

FIXTURE_TEARDOWN(bounds)
{
	app_stop(&self->app);
}

static void drain(struct app *app)
{
	struct rtfm_job job;
	__u32 level;

	take_ready(app, 0);
	for (level = 1; level <= RTFM_MAX_PRIORITY; level++)
		while (LEVELS >> level & 1 && take_job(app, 0, level, &job))
			;
}

/* --- instants and periods at the limits ------------------------------------ */

enum edge {
	ZERO, ONE, BELOW_MIN, MIN, TWO_31, TWO_32, BELOW_LAST, LAST, BEYOND, MINUS_ONE,
	PAST, NOW, EDGES
};

static __u64 edge_value(enum edge edge, __u64 min)
{
	switch (edge) {
	case ZERO: return 0;
	case ONE: return 1;
	case BELOW_MIN: return min - 1;
	case MIN: return min;
	case TWO_31: return 1ULL << 31;
	case TWO_32: return 1ULL << 32;
	case BELOW_LAST: return (1ULL << 63) - 2;
	case LAST: return (1ULL << 63) - 1;
	case BEYOND: return 1ULL << 63;
	case MINUS_ONE: return ~0ULL;
	case PAST: return now_ns() - SEC;
	default: return now_ns();
	}
}

/* One case, by ioctl or by the ring: 0, or the problem. */
static int try_edge(struct app *app, __u64 instant, __u64 period, __u64 min, bool by_ring)
{
	struct rtfm_ctl *ctl = ctl_of(app, 0);
	struct rtfm_submit s = submission(7, MID, 1, instant);
	bool fine = instant < 1ULL << 63 && period < 1ULL << 63 && (!period || period >= min);
	struct rtfm_query before = counters(app, 0), after;
	bool due, repeats;
	struct rtfm_job job;
	int err;

	s.period = period;
	if (by_ring)
		err = ring_put(ctl, &s) ? core_take_in(app) : -EAGAIN;
	else
		err = schedule_entry(app, 0, &s);
	due = instant <= now_ns();
	if (err != (fine || by_ring ? 0 : -EINVAL))
		return 1;
	if (!fine) {
		after = counters(app, 0);
		if (after.pending || after.releases != before.releases ||
		    take_job(app, 0, MID, &job))
			return 2;
		if (after.lost != before.lost + by_ring)
			return 3;
		return job_cancel(app, 0, 7, 1) == -ENOENT ? 0 : 4;
	}
	if (due) {
		if (!SPIN_FOR(take_job(app, 0, MID, &job)))
			return 5;
		if (job.instant != instant)
			return 6;
	}
	/* a periodic timer ends if its next instant is above the largest one */
	repeats = period && instant + period < 1ULL << 63;
	if (due && job_cancel(app, 0, 7, 1) != (repeats ? 0 : -ENOENT))
		return 7;
	/* 2^31 and 2^32 may be near, if the machine was started recently */
	if (!due && job_cancel(app, 0, 7, 1) && instant > now_ns())
		return 8;
	drain(app);
	return counters(app, 0).pending ? 9 : 0;
}

APP_TEST(bounds, every_instant_with_every_period)
{
	__u64 min = counters(&self->app, 0).min_period;
	unsigned long round, rounds = scaled(20);
	int instant, period, by_ring, err;

	for (round = 0; round < rounds; round++)
		for (instant = 0; instant < EDGES; instant++)
			for (period = 0; period < EDGES; period++)
				for (by_ring = 0; by_ring < 2; by_ring++) {
					err = try_edge(&self->app, edge_value(instant, min),
						       edge_value(period, min), min, by_ring);
					ASSERT_EQ(0, err) {
						TH_LOG("instant %d, period %d, by %s", instant,
						       period, by_ring ? "ring" : "call");
					}
				}
	EXPECT_FALSE(kernel_is_hurt());
}

APP_TEST(bounds, arm_every_instant)
{
	unsigned long round, rounds = scaled(20);
	int edge, err;

	for (round = 0; round < rounds; round++)
		for (edge = 0; edge < EDGES; edge++) {
			__u64 instant = edge_value(edge, 1000);

			err = core_arm(&self->app, instant);
			ASSERT_EQ(instant < 1ULL << 63 ? 0 : -EINVAL, err);
			/* 0 is not an instant: it disarms */
			if (!err && instant && instant <= now_ns())
				ASSERT_TRUE(SPIN_FOR(ready_of(&self->app, 0) &
						     RTFM_READY_TIME));
			ASSERT_EQ(0, core_arm(&self->app, 0));
			take_ready(&self->app, 0);
		}
	sleep_ns(10 * MSEC);
	EXPECT_EQ(0, ready_of(&self->app, 0));
}

/* --- the share of a CPU ----------------------------------------------------- */

struct worker {
	unsigned long work;
	bool stop;
	bool there;
};

static void *works(void *arg)
{
	struct worker *w = arg;

	pin_to(cpu_of(0));
	__atomic_store_n(&w->there, true, __ATOMIC_SEQ_CST);
	while (!__atomic_load_n(&w->stop, __ATOMIC_RELAXED))
		__atomic_store_n(&w->work, w->work + 1, __ATOMIC_RELAXED);
	return NULL;
}

/*
 * Periodic timers on CPU 0, while an ordinary thread works there: the amount of its work, in
 * thousandths of that without timers, or -errno if the app fails.
 */
static int share(__u32 timers, __u64 period, struct rtfm_query *q)
{
	static struct worker w;
	unsigned long before, idle, busy;
	pthread_t thread;
	struct app app;
	__u32 i;
	int err;

	w = (struct worker){ 0 };
	err = app_start(&app, 1, LEVELS, timers);
	err = err ?: core_attach(&app, 0, BELL, 0);
	if (err)
		return err;
	ctl_of(&app, 0)->ceiling = RTFM_MAX_PRIORITY;
	if (pthread_create(&thread, NULL, works, &w))
		return -EAGAIN;
	/* the core's thread is out of the way: it sleeps in another system call */
	WAIT_FOR(__atomic_load_n(&w.there, __ATOMIC_SEQ_CST));
	before = w.work;
	sleep_ns(300 * MSEC);
	idle = w.work - before;
	for (i = 0; i < timers && !err; i++)
		err = job_repeat(&app, 0, i, MID, i, now_ns() + MSEC, period);
	before = w.work;
	sleep_ns(900 * MSEC);
	busy = (w.work - before) / 3;
	*q = counters(&app, 0);
	__atomic_store_n(&w.stop, true, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	app_stop(&app);
	return err ?: (int)(busy * 1000 / (idle + 1));
}

/* From few timers to the largest number, all with the shortest period. */
TEST_F_TIMEOUT(bounds, interrupts_leave_time, 300)
{
	static const __u32 timers[] = { 1, 16, 63, 64, 1024, 65536 };
	__u64 min = counters(&self->app, 0).min_period;
	struct rtfm_query q;
	size_t i;
	int got;

	ASSERT_EQ(0, core_detach(&self->app));
	for (i = 0; i < ARRAY_SIZE(timers); i++) {
		if (timers[i] > counters(&self->app, 0).max_timers)
			continue;
		got = share(timers[i], min, &q);
		TH_LOG("%u timers: %d/1000 left, %llu releases, %llu overruns", timers[i],
		       got, q.releases, q.overruns);
		EXPECT_LE(10, got);
		EXPECT_LE(1, q.releases);
	}
	EXPECT_FALSE(kernel_is_hurt());
}

/* --- five CVEs of ALSA's timers ---------------------------------------------- */

/* A period of 0 means no period, and one that is too short is refused. */
APP_TEST(bounds, alsa_division_by_zero)
{
	struct rtfm_submit s;
	struct rtfm_job job;
	__u64 period;

	for (period = 0; period < 3; period++) {
		s = submission(1, MID, 1, now_ns() - SEC);
		s.period = period;
		EXPECT_EQ(period ? -EINVAL : 0, schedule_entry(&self->app, 0, &s));
		EXPECT_EQ(!period, take_job(&self->app, 0, MID, &job));
		s.timer = 2;
		ASSERT_TRUE(ring_put(self->ctl, &s));
		EXPECT_EQ(0, core_take_in(&self->app));
		EXPECT_EQ(!period, take_job(&self->app, 0, MID, &job));
	}
	EXPECT_EQ(2, counters(&self->app, 0).releases);
	EXPECT_EQ(2, counters(&self->app, 0).lost);
	EXPECT_EQ(0, counters(&self->app, 0).pending);
	EXPECT_FALSE(kernel_is_hurt());
}

struct helper {
	struct app *app;
	unsigned long cancelled, n;
	int err;
};

/* At the very moment at which a release is seen, the timer is cancelled and reused. */
static void *cancels_at_release(void *arg)
{
	struct helper *h = arg;
	struct rtfm_ctl *ctl = ctl_of(h->app, 0);
	__u64 min = counters(h->app, 0).min_period;
	__u32 tail;

	pin_to(cpu_of(1));
	while (h->cancelled < h->n && !h->err) {
		tail = __atomic_load_n(&ctl->ktail[MID], __ATOMIC_ACQUIRE);
		h->err = job_repeat(h->app, 0, 1, MID, 1, now_ns() + min / 4, min);
		if (h->err)
			break;
		if (!SPIN_FOR(__atomic_load_n(&ctl->ktail[MID], __ATOMIC_ACQUIRE) != tail)) {
			h->err = -ETIMEDOUT;
			break;
		}
		/* the interrupt that pushed the job may not have returned yet */
		h->err = job_cancel(h->app, 0, 1, 1);
		h->cancelled++;
		if (!h->err && job_cancel(h->app, 0, 1, 1) != -ENOENT)
			h->err = -EILSEQ;
	}
	return NULL;
}

APP_TEST(bounds, alsa_cancel_from_the_release)
{
	struct helper h = { .app = &self->app, .n = scaled(1000) };
	pthread_t thread;

	ASSERT_EQ(0, pthread_create(&thread, NULL, cancels_at_release, &h));
	while (pthread_tryjoin_np(thread, NULL) == EBUSY) {
		drain(&self->app);
		if (cpus_online() < 2)
			sched_yield();
	}
	EXPECT_EQ(0, h.err);
	EXPECT_EQ(h.n, h.cancelled);
	EXPECT_EQ(0, counters(&self->app, 0).pending);
	EXPECT_FALSE(kernel_is_hurt());
}

/* Detach while the interrupt processes a long list. */
APP_TEST(bounds, alsa_stop_inside_the_release)
{
	unsigned long round, rounds = scaled(50);
	const __u32 n = 512;
	struct app app;
	__u32 i, tail;

	ASSERT_EQ(0, core_detach(&self->app));
	ASSERT_EQ(0, app_start(&app, 1, LEVELS, n));
	for (round = 0; round < rounds; round++) {
		__u64 instant;

		ASSERT_EQ(0, core_attach(&app, 0, BELL, 0));
		ctl_of(&app, 0)->ceiling = RTFM_MAX_PRIORITY;
		drain(&app);
		tail = ctl_of(&app, 0)->ktail[MID];
		instant = now_ns() + 8 * MSEC;
		for (i = 0; i < n; i++)
			ASSERT_EQ(0, job_repeat(&app, 0, i, MID, i, instant,
						i & 1 ? MSEC : 0));
		SPIN_FOR(__atomic_load_n(&ctl_of(&app, 0)->ktail[MID], __ATOMIC_ACQUIRE) !=
			 tail);
		ASSERT_EQ(0, core_detach(&app));
		ASSERT_EQ(0, counters(&app, 0).pending);
		tail = ctl_of(&app, 0)->ktail[MID];
		sleep_ns(2 * MSEC);
		ASSERT_EQ(tail, ctl_of(&app, 0)->ktail[MID]);
	}
	app_stop(&app);
	EXPECT_FALSE(kernel_is_hurt());
}

/* Close, unmap, while timers run on both CPUs. */
APP_TEST(bounds, alsa_free_while_armed)
{
	unsigned long round, rounds = scaled(100);
	__u64 min = counters(&self->app, 0).min_period;
	struct app app;
	__u32 i;

	app_stop(&self->app);
	for (round = 0; round < rounds; round++) {
		ASSERT_EQ(0, app_start(&app, 1, LEVELS, TIMERS));
		ASSERT_EQ(0, core_attach(&app, 0, BELL, 0));
		ctl_of(&app, 0)->ceiling = RTFM_MAX_PRIORITY;
		for (i = 0; i < TIMERS; i++)
			ASSERT_EQ(0, job_repeat(&app, 0, i, MID, i, now_ns() + i * 1000, min));
		ASSERT_EQ(0, core_arm(&app, now_ns() + min));
		/* now on its CPU, now from another one */
		if (round & 2)
			ASSERT_EQ(0, pin_to(cpu_of(1)));
		sleep_ns(random_u64(&self->seed) % (3 * min));
		if (round & 1) {
			ASSERT_EQ(0, munmap(app.region, app.setup.region_bytes));
			app.region = NULL;
		}
		app_stop(&app);
	}
	EXPECT_NOTHING_LEFT();
}

/* With the shortest period that an administrator can allow, the machine still works. */
TEST_F_TIMEOUT(bounds, alsa_tiny_period, 300)
{
	static const __u32 timers[] = { 1, 63, 64, 1024 };
	int file = open_module(), got[ARRAY_SIZE(timers)] = { 0 };
	struct rtfm_query q[ARRAY_SIZE(timers)] = { 0 };
	size_t i;

	app_stop(&self->app);
	if (file < 0)
		SKIP(return, "no module file: set RTFM_KO");
	if (!WAIT_FOR(read_number("/sys/module/rtfm/refcnt") <= 0))
		SKIP(return, "somebody else has the device open");
	ASSERT_EQ(0, reload_module(file, "min_period_ns=1000"));
	for (i = 0; i < ARRAY_SIZE(timers); i++)
		got[i] = share(timers[i], 1000, &q[i]);
	EXPECT_EQ(0, reload_module(file, ""));
	close(file);
	for (i = 0; i < ARRAY_SIZE(timers); i++) {
		TH_LOG("%u timers: %d/1000 left, %llu releases, %llu overruns", timers[i],
		       got[i], q[i].releases, q[i].overruns);
		EXPECT_LE(10, got[i]);
		EXPECT_LE(1, q[i].releases);
	}
	EXPECT_FALSE(kernel_is_hurt());
}

TEST_HARNESS_MAIN
