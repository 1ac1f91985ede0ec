// SPDX-License-Identifier: GPL-2.0-only
/*
 * A hostile region: a thread writes random values into all of it, while other threads use
 * timers, kicks and parks. Anything may happen to that app, but the kernel works on, the
 * process can be killed, and nothing of the app remains.
 */
#include "rtfm_test.h"

#include <sys/prctl.h>

#define LEVELS	0xfffffffeu
#define BELL	(SIGRTMIN + 1)
#define TIMERS	32

static struct app app;

static void *scribbles(void *arg)
{
	__u64 seed = 0x7363726962;
	size_t words = app.setup.region_bytes / 8;
	__u64 *region = (__u64 *)app.region;

	for (;;) {
		__u64 random = random_u64(&seed);
		size_t at = random % words;

		/* most writes go to the control blocks */
		if (random >> 62)
			at = (random >> 32) % (sizeof(struct rtfm_ctl) / 8) +
			     (random >> 61 & 1) * (PAGE / 8);
		/* ... and there to the words that the kernel uses most */
		if (random >> 60 == 15)
			at = (random >> 32) % 8 + (random >> 35 & 1) * (PAGE / 8);
		switch (random >> 56 & 7) {
		case 0:
			random = 0;
			break;
		case 1:
			random = ~0ULL;
			break;
		case 2:
			random = random >> 40 & 0xff;
			break;
		default:
			random = random_u64(&seed);
		}
		__atomic_store_n(&region[at % words], random, __ATOMIC_RELAXED);
	}
	return arg;
}

/* Random system calls; their results do not matter. */
static void *core(void *arg)
{
	__u32 me = (__u32)(uintptr_t)arg;
	__u64 seed = 99 + me;
	struct rtfm_submit submit;

	if (core_attach(&app, me, BELL, 0))
		_exit(98);
	for (;;) {
		__u64 random = random_u64(&seed);
		__u32 level = 1 + random % 31;
		__u32 other = random >> 8 & 1;
		__u64 instant = now_ns() + (random >> 16) % (MSEC / 2);

		switch (random >> 60) {
		case 0: case 1: case 2: case 3: case 4: case 5:
			submit = submission((random >> 9) % TIMERS, level, (__u32)random,
					    instant);
			submit.period = random >> 14 & 1 ? MSEC / 8 + random % MSEC : 0;
			/* few tags, so that some cancels hit */
			submit.tag = random & 1;
			if (random >> 15 & 1)
				schedule_entry(&app, other, &submit);
			else if (ring_put(ctl_of(&app, me), &submit))
				core_take_in(&app);
			break;
		case 6:
			timer_cancel(&app, other, (random >> 9) % TIMERS, random & 1);
			break;
		case 7: case 8:
			core_kick(&app, other);
			break;
		case 9: case 10:
			core_arm(&app, instant);
			break;
		case 11: case 12:
			/* ends the sleep if no bit is scribbled */
			core_arm(&app, instant);
			core_park(&app);
			break;
		case 13:
			ctl_of(&app, me)->ready = 0;
			__atomic_store_n(&ctl_of(&app, me)->remote_ready, 0,
					 __ATOMIC_SEQ_CST);
			break;
		case 14:
			core_detach(&app);
			if (core_attach(&app, me, BELL, 0))
				_exit(97);
			break;
		default:
			for (instant = 0; instant < random >> 16 % 5000; instant += 1ULL << 36)
				__asm__ __volatile__("" ::: "memory");
		}
	}
	return NULL;
}

static void victim(void)
{
	pthread_t thread;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	catch_bell(BELL);
	if (app_start(&app, 2, LEVELS, TIMERS))
		_exit(99);
	pthread_create(&thread, NULL, scribbles, NULL);
	pthread_create(&thread, NULL, core, (void *)1);
	core((void *)0);
}

FIXTURE(hostile) {
	pid_t child;
};

FIXTURE_SETUP(hostile)
{
	if (read_number("/sys/module/rtfm/refcnt") > 0)
		SKIP_ALL("somebody else has the device open");
	self->child = fork();
	if (!self->child)
		victim();
}

FIXTURE_TEARDOWN(hostile)
{
	EXPECT_NOTHING_LEFT();
}

TEST_F_TIMEOUT(hostile, region, 600)
{
	int status;

	sleep_ns((__u64)scaled(8) * SEC);
	/* it has not given up by itself */
	EXPECT_EQ(0, waitpid(self->child, &status, WNOHANG)) {
		TH_LOG("exit status %#x", status);
	}
	EXPECT_EQ(0, kill(self->child, SIGKILL));
	EXPECT_EQ(128 + SIGKILL, reap(self->child));
}

/* Meanwhile other apps are not affected. */
TEST_F_TIMEOUT(hostile, neighbour, 300)
{
	unsigned long i, n = scaled(200);
	struct rtfm_job job;
	struct app mine;

	ASSERT_EQ(0, catch_bell(BELL));
	ASSERT_EQ(0, app_start(&mine, 1, 1u << 5, 4));
	ASSERT_EQ(0, core_attach(&mine, 0, BELL, 0));
	for (i = 0; i < n; i++) {
		__u64 instant = now_ns() + MSEC;

		ASSERT_EQ(0, job_schedule(&mine, 0, 0, 5, (__u32)i, instant));
		ASSERT_EQ(0, wait_job(&mine, 0, 5, &job));
		ASSERT_LE(instant, now_ns());
		ASSERT_EQ(i, job.job);
		ASSERT_EQ(i, job.seq);
	}
	EXPECT_EQ(n, counters(&mine, 0).releases);
	app_stop(&mine);
	EXPECT_EQ(0, kill(self->child, SIGKILL));
	EXPECT_EQ(128 + SIGKILL, reap(self->child));
}

TEST_HARNESS_MAIN
