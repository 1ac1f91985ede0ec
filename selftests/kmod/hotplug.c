// SPDX-License-Identifier: GPL-2.0-only
/*
 * The CPU of a core goes offline and online again. The kernel moves thread and timer to
 * other CPUs: expired timers still release their jobs, through remote_ready if the CPUs
 * differ. When the CPU is online and the thread has pinned itself again, delivery is as
 * before.
 */
#include "rtfm_test.h"

#define LEVEL	3
#define LEVELS	(1u << LEVEL)
#define BIT	(1u << LEVEL)
#define BELL	(SIGRTMIN + 1)
#define PERIOD	(2 * MSEC)
#define TURNS	10000000000ULL	/* ns */

static int set_online(int cpu, bool online)
{
	char path[64];
	int file, err = 0;

	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%d/online", cpu);
	file = open(path, O_WRONLY | O_CLOEXEC);
	if (file < 0)
		return -errno;
	if (write(file, online ? "1" : "0", 1) != 1)
		err = -errno;
	close(file);
	return err;
}

static struct rtfm_ctl *ctl;
static volatile unsigned long by_ready, by_remote;

/* Take the jobs out: otherwise further releases would be overruns. */
static void look(int sig)
{
	if (__atomic_exchange_n(&ctl->remote_ready, 0, __ATOMIC_SEQ_CST) & BIT)
		by_remote++;
	if (__atomic_exchange_n(&ctl->ready, 0, __ATOMIC_SEQ_CST) & BIT)
		by_ready++;
	__atomic_store_n(&ctl->khead[LEVEL],
			 __atomic_load_n(&ctl->ktail[LEVEL], __ATOMIC_ACQUIRE), __ATOMIC_RELEASE);
}

FIXTURE(hotplug) {
	struct app app;
	int cpu;	/* the one that goes */
};

FIXTURE_SETUP(hotplug)
{
	/* a CPU that cannot go offline has no such file */
	self->cpu = cpus_online() - 1;
	if (self->cpu < 1 || set_online(self->cpu, true))
		SKIP_ALL("no CPU here can go offline");
	signal(BELL, look);
	ASSERT_EQ(0, app_start(&self->app, (__u32)self->cpu + 1, LEVELS, 16));
	ctl = ctl_of(&self->app, (__u32)self->cpu);
	by_ready = 0;
	by_remote = 0;
}

FIXTURE_TEARDOWN(hotplug)
{
	app_stop(&self->app);
	EXPECT_EQ(0, set_online(self->cpu, true));
	EXPECT_NOTHING_LEFT();
}

APP_TEST(hotplug, released_while_away_and_home_again)
{
	__u32 core = (__u32)self->cpu;

	ASSERT_EQ(0, core_attach(&self->app, core, BELL, 0));
	ASSERT_EQ(0, job_repeat(&self->app, core, 0, LEVEL, 1, now_ns(), PERIOD));
	ASSERT_TRUE(SPIN_FOR(by_ready > 10));
	EXPECT_EQ(0, by_remote);

	ASSERT_EQ(0, pin_to(0));
	ASSERT_EQ(0, set_online(self->cpu, false));
	by_ready = 0;
	by_remote = 0;
	EXPECT_TRUE(SPIN_FOR(by_ready + by_remote > 10));

	ASSERT_EQ(0, set_online(self->cpu, true));
	ASSERT_EQ(0, pin_to(self->cpu));
	by_ready = 0;
	EXPECT_TRUE(SPIN_FOR(by_ready > 10));
	by_remote = 0;
	by_ready = 0;
	EXPECT_TRUE(SPIN_FOR(by_ready > 10));
	EXPECT_EQ(0, by_remote);
}

/* While the CPU is offline, instants can be set, and cancelled. */
APP_TEST(hotplug, scheduled_while_away)
{
	__u32 core = (__u32)self->cpu;

	ASSERT_EQ(0, core_attach(&self->app, core, BELL, 0));
	ASSERT_EQ(0, pin_to(0));
	ASSERT_EQ(0, set_online(self->cpu, false));
	ASSERT_EQ(0, job_schedule(&self->app, core, 0, LEVEL, 1, now_ns() + MSEC));
	EXPECT_TRUE(SPIN_FOR(by_ready + by_remote == 1));
	ASSERT_EQ(0, job_schedule(&self->app, core, 0, LEVEL, 2, now_ns() + 3600 * SEC));
	EXPECT_EQ(0, job_cancel(&self->app, core, 0, 2));
	ASSERT_EQ(0, core_kick(&self->app, core));
	ASSERT_EQ(0, set_online(self->cpu, true));
	ASSERT_EQ(0, pin_to(self->cpu));
	ASSERT_EQ(0, job_schedule(&self->app, core, 0, LEVEL, 3, now_ns() + MSEC));
	EXPECT_TRUE(SPIN_FOR(by_ready + by_remote == 2));
}

/*
 * The interrupt that sends the timer home leaves entries in the submission ring. The thread,
 * which has been told an instant for them, makes no system call.
 */
APP_TEST(hotplug, submitted_while_away)
{
	__u32 core = (__u32)self->cpu, i;
	__u64 first;

	ASSERT_EQ(0, core_attach(&self->app, core, BELL, 0));
	ASSERT_EQ(0, pin_to(0));
	ASSERT_EQ(0, set_online(self->cpu, false));
	first = now_ns() + 4 * SEC;
	ASSERT_EQ(0, job_schedule(&self->app, core, 0, LEVEL, 1, first));
	for (i = 1; i <= 3; i++) {
		struct rtfm_submit entry = submission(i, LEVEL, i + 1, first + i * MSEC);

		ASSERT_TRUE(ring_put(ctl, &entry));
		/* or the machine is so slow that the first one has come */
		if (ring_needs_take_in(ctl, entry.instant))
			SKIP(return, "too slow for it");
	}
	ASSERT_EQ(0, set_online(self->cpu, true));
	if (now_ns() > first)
		SKIP(return, "too slow for it");
	EXPECT_TRUE(WAIT_FOR(ctl->ktail[LEVEL] == 4)) {
		TH_LOG("released %u, in the ring %u", ctl->ktail[LEVEL],
		       ctl->stail - ctl->shead);
	}
}

APP_TEST(hotplug, detached_while_away)
{
	__u32 core = (__u32)self->cpu;

	ASSERT_EQ(0, core_attach(&self->app, core, BELL, 0));
	ASSERT_EQ(0, job_repeat(&self->app, core, 0, LEVEL, 1, now_ns(), PERIOD));
	ASSERT_EQ(0, pin_to(0));
	ASSERT_EQ(0, set_online(self->cpu, false));
	EXPECT_EQ(0, core_detach(&self->app));
	EXPECT_EQ(0, counters(&self->app, core).pending);
}

/* --- on two CPUs at once, about the timer of a third ------------------------- */

struct caller {
	struct app *app;
	__u32 core;
	int cpu;
	unsigned long turns;
	__u64 asleep;	/* since when, 0 if it is not */
	struct caller *other;
};

static bool attached, over;
static const struct caller *stuck;

static void *owner(void *arg)
{
	struct caller *c = arg;
	sigset_t set;

	sigfillset(&set);
	pthread_sigmask(SIG_SETMASK, &set, NULL);
	if (core_attach(c->app, c->core, BELL, 0))
		return NULL;
	__atomic_store_n(&attached, true, __ATOMIC_RELEASE);
	while (!__atomic_load_n(&over, __ATOMIC_ACQUIRE))
		sleep_ns(10 * MSEC);
	return NULL;
}

/*
 * Schedule an instant for which this CPU sets the timer, then, shortly before it, earlier
 * ones, while the other CPU is in the timer's callback. A thread that sleeps on a CPU shows
 * whether the timers of that CPU still work.
 */
static void *hammer(void *arg)
{
	__u64 end = now_ns() + scaled(TURNS), instant, since, seed;
	struct caller *c = arg;
	int i;

	seed = 0x686f74 + (__u64)c->cpu;
	pin_to(c->cpu);
	while (now_ns() < end && !__atomic_load_n(&over, __ATOMIC_ACQUIRE)) {
		instant = now_ns() + random_u64(&seed) % 30000;
		job_schedule(c->app, c->core, 1 + 2 * (__u32)c->cpu, LEVEL, 1, instant);
		while (now_ns() + 3000 < instant)
			;
		for (i = 0; i < 6; i++)
			job_schedule(c->app, c->core, 2 + 2 * (__u32)c->cpu, LEVEL, 1,
				     1 + random_u64(&seed) % MSEC);
		if (++c->turns % 50 == 0) {
			__atomic_store_n(&c->asleep, now_ns(), __ATOMIC_RELEASE);
			sleep_ns(20000);
			__atomic_store_n(&c->asleep, 0, __ATOMIC_RELEASE);
		}
		since = __atomic_load_n(&c->other->asleep, __ATOMIC_ACQUIRE);
		if (since && now_ns() > since + 10 * SEC) {
			stuck = c->other;
			__atomic_store_n(&over, true, __ATOMIC_RELEASE);
		}
	}
	return NULL;
}

/* The timer expires on one CPU while another one sets it: the timers of both CPUs still work. */
APP_TEST(hotplug, set_elsewhere_while_it_fires)
{
	struct caller home = { .app = &self->app, .core = (__u32)self->cpu };
	struct caller callers[2];
	pthread_t thread, threads[2];
	int i;

	if (self->cpu < 2)
		SKIP(return, "needs three CPUs: scripts/vm --cpus 3");
	attached = false;
	over = false;
	stuck = NULL;
	ASSERT_EQ(0, pthread_create(&thread, NULL, owner, &home));
	ASSERT_TRUE(WAIT_FOR(__atomic_load_n(&attached, __ATOMIC_ACQUIRE)));
	__atomic_store_n(&ctl->state, RTFM_STATE_POLLING, __ATOMIC_SEQ_CST);
	ASSERT_EQ(0, job_schedule(&self->app, home.core, 0, LEVEL, 1, now_ns() + 1000 * SEC));
	ASSERT_EQ(0, set_online(self->cpu, false));
	for (i = 0; i < 2; i++) {
		callers[i] = home;
		callers[i].cpu = i;
		callers[i].other = &callers[!i];
	}
	for (i = 0; i < 2; i++)
		ASSERT_EQ(0, pthread_create(&threads[i], NULL, hammer, &callers[i]));
	for (i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	EXPECT_EQ(NULL, stuck) {
		TH_LOG("CPU %d does not come back from a sleep of 20 us", stuck->cpu);
	}
	EXPECT_LT(0, callers[0].turns);
	EXPECT_LT(0, callers[1].turns);
	TH_LOG("%lu and %lu turns", callers[0].turns, callers[1].turns);
	__atomic_store_n(&over, true, __ATOMIC_RELEASE);
	pthread_join(thread, NULL);
}

TEST_HARNESS_MAIN
