// SPDX-License-Identifier: GPL-2.0-only
/*
 * The CPU time that the kernel reserves for ordinary tasks if a real-time thread never
 * sleeps, and its effect on an app:
 *
 *	until 6.11	real-time throttling: by default no real-time task runs for the last
 *			50 ms of a second; sched_rt_runtime_us, -1 disables it
 *	from 6.12	the fair server: a deadline server runs ordinary tasks, by default
 *			50 ms in each second, whatever the value of sched_rt_runtime_us;
 *			/sys/kernel/debug/sched/fair_server/cpuN/runtime, 0 disables it
 *
 * The test checks whether the file exists, not the version of the kernel. It asserts
 * whether an ordinary task makes progress, and that the app counts the releases that it
 * missed. No time is asserted.
 */
#include "rtfm_test.h"

#define LEVEL	4
#define LEVELS	(1u << LEVEL)
#define BELL	(SIGRTMIN + 1)
#define PERIOD	(5 * MSEC)	/* many in the 50 ms that the thread does not run */
#define NONE	(3 * SEC)	/* with no progress: three times the kernel's period */
#define SOME	(10 * SEC)	/* until there must have been progress */

#define THROTTLE "/proc/sys/kernel/sched_rt_runtime_us"
#define SERVER	"/sys/kernel/debug/sched/fair_server/cpu0/runtime"

FIXTURE(throttle) {
	struct app app;
	volatile __u64 *ordinary;	/* counted up by a task of SCHED_OTHER */
	pid_t child;
	bool server;
	long long throttle_was, server_was;
};

static int write_number(const char *path, long long number)
{
	char text[32];
	int fd = open(path, O_WRONLY | O_CLOEXEC), n, err = 0;

	if (fd < 0)
		return -errno;
	n = snprintf(text, sizeof(text), "%lld\n", number);
	if (write(fd, text, (size_t)n) != n)
		err = -errno;
	close(fd);
	return err;
}

FIXTURE_SETUP(throttle)
{
	self->server = !access(SERVER, F_OK);
	self->server_was = self->server ? read_number(SERVER) : 0;
	self->throttle_was = read_number(THROTTLE);
	self->ordinary = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, (void *)self->ordinary);
	ASSERT_EQ(0, pin_to(0));
	self->child = fork();
	ASSERT_LE(0, self->child);
	if (!self->child) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			++*self->ordinary;
	}
	ASSERT_EQ(0, catch_bell(BELL));
	ASSERT_EQ(0, app_start(&self->app, 1, LEVELS, 1));
	if (!counters(&self->app, 0).max_fifo_priority)
		SKIP_ALL("no SCHED_FIFO with max_fifo_priority=0");
	ASSERT_TRUE(WAIT_FOR(*self->ordinary));
}

FIXTURE_TEARDOWN(throttle)
{
	if (self->throttle_was >= -1)
		write_number(THROTTLE, self->throttle_was);
	if (self->server)
		write_number(SERVER, self->server_was);
	app_stop(&self->app);
	kill(self->child, SIGKILL);
	reap(self->child);
}

struct seen {
	bool progress;		/* of the ordinary task */
	__u64 overruns;		/* releases that the app missed */
};

/*
 * Spins at SCHED_FIFO and takes the jobs of a periodic timer, until the ordinary task has
 * made progress, at most that long.
 */
static int spin(struct app *app, const volatile __u64 *ordinary, __u64 most,
		struct seen *seen)
{
	struct rtfm_job job;
	__u64 until, before;
	int err;

	err = core_attach(app, 0, BELL, 1);
	ctl_of(app, 0)->ceiling = RTFM_MAX_PRIORITY;
	err = err ?: job_repeat(app, 0, 0, LEVEL, 1, now_ns() + MSEC, PERIOD);
	before = *ordinary;
	until = now_ns() + most;
	while (!err && *ordinary == before && now_ns() < until)
		take_job(app, 0, LEVEL, &job);
	seen->progress = *ordinary != before;
	seen->overruns = counters(app, 0).overruns;
	core_detach(app);
	return err;
}

#define EXPECT_TIME_FOR_ORDINARY_TASKS() do {				\
	struct seen _seen;						\
	ASSERT_EQ(0, spin(&self->app, self->ordinary, SOME, &_seen));	\
	EXPECT_TRUE(_seen.progress);					\
	/* the lost window shows in the app's own counters */		\
	EXPECT_LT(0, _seen.overruns);					\
} while (0)

#define EXPECT_NO_TIME_FOR_ORDINARY_TASKS() do {			\
	struct seen _seen;						\
	ASSERT_EQ(0, spin(&self->app, self->ordinary, NONE, &_seen));	\
	EXPECT_FALSE(_seen.progress);					\
} while (0)

APP_TEST(throttle, throttled_by_sched_rt_runtime_us)
{
	if (self->server)
		SKIP(return, "the fair server of this kernel has replaced throttling");
	if (self->throttle_was < 0)
		ASSERT_EQ(0, write_number(THROTTLE, 950000));
	EXPECT_TIME_FOR_ORDINARY_TASKS();
	ASSERT_EQ(0, write_number(THROTTLE, -1));
	EXPECT_NO_TIME_FOR_ORDINARY_TASKS();
}

APP_TEST(throttle, fair_server_ignores_sched_rt_runtime_us)
{
	if (!self->server)
		SKIP(return, "this kernel has no fair server");
	if (!self->server_was)
		ASSERT_EQ(0, write_number(SERVER, 50 * MSEC));
	ASSERT_EQ(0, write_number(THROTTLE, 950000));
	EXPECT_TIME_FOR_ORDINARY_TASKS();
	ASSERT_EQ(0, write_number(THROTTLE, -1));
	EXPECT_TIME_FOR_ORDINARY_TASKS();
}

APP_TEST(throttle, fair_server_is_turned_off)
{
	if (!self->server)
		SKIP(return, "this kernel has no fair server");
	/* first without a limit of bandwidth: with one, 6.12 answers -EBUSY */
	ASSERT_EQ(0, write_number(THROTTLE, -1));
	ASSERT_EQ(0, write_number(SERVER, 0));
	EXPECT_NO_TIME_FOR_ORDINARY_TASKS();
}

APP_TEST(throttle, throttling_does_not_replace_the_fair_server)
{
	int err;

	if (!self->server)
		SKIP(return, "this kernel has no fair server");
	ASSERT_EQ(0, write_number(THROTTLE, -1));
	ASSERT_EQ(0, write_number(SERVER, 0));
	err = write_number(THROTTLE, 950000);
	if (err == -EBUSY)
		SKIP(return, "this kernel takes no limit without its fair server");
	ASSERT_EQ(0, err);
	EXPECT_NO_TIME_FOR_ORDINARY_TASKS();
}

TEST_HARNESS_MAIN
