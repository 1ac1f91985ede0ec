// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Capacity: a spawn returns -EAGAIN exactly when the capacity is used up, and then changes
 * nothing; the slot of a job is released when the job starts.
 */
#include "tap.h"
#include <sys/resource.h>
#include <sys/wait.h>

#define CAPACITY(core, resource, task)					\
	core(0, init, idle)						\
	task(foo, capacity(4), message(int x))				\
	task(bar)							\
	task(self, message(int left))					\
	task(driver, priority(1))					\
	task(high, priority(2), capacity(2), message(int x))		\
	task(cap1, capacity(1), message(int x))				\
	task(cap2, capacity(2), message(int x))				\
	task(cap3, capacity(3), message(int x))				\
	task(cap7, capacity(7), message(int x))				\
	task(cap64, capacity(64), message(int x))			\
	task(cap65, capacity(65), message(int x))			\
	task(cap200, capacity(200), message(int x))
RTFM_APP(CAPACITY);

static void (*scenario)(struct init_0_cx *cx);

RTFM_INIT(0)
{
	scenario(cx);
}

RTFM_IDLE(0)
{
	rtfm_exit(0);
}

/* RTIC: capacity */
static void capacity(struct init_0_cx *cx)
{
	for (int i = 0; i < 4; i++)
		rtfm_unwrap(rtfm_spawn(foo, .x = i));
	rtfm_unwrap(rtfm_spawn(bar));
}

RTFM_TASK(foo)
{
	say("foo(%d)", msg->x);
}

RTFM_TASK(bar)
{
	say("bar");
}

/* RTIC: spawn_err */
static void spawn_err(struct init_0_cx *cx)
{
	say("init");
	rtfm_unwrap(rtfm_spawn(bar));
	if (rtfm_spawn(bar) == -EAGAIN)
		say("Cannot spawn a spawned (running) task!");
}

/* The slot of a job is released when the job starts: one slot, not two. */
static void slot_free(struct init_0_cx *cx)
{
	rtfm_unwrap(rtfm_spawn(self, .left = 3));
}

RTFM_TASK(self)
{
	int left = msg->left, ret;

	if (!left) {
		say("end");
		return;
	}
	ret = rtfm_spawn(self, .left = left - 1);
	say("%d: %d", left, ret);
	ret = rtfm_spawn(self, .left = 100);
	say("%s", ret == -EAGAIN ? "full" : "not full");
	if (msg->left != left)
		say("payload changed");
}

/* A task of higher priority runs every job at once: its capacity is never used up. */
static void never_full(struct init_0_cx *cx)
{
	rtfm_unwrap(rtfm_spawn(driver));
}

static int high_sum;

RTFM_TASK(driver)
{
	int refused = 0;

	high_sum = 0;
	for (int i = 0; i < 1000; i++)
		refused += rtfm_spawn(high, .x = i) != 0;
	say("%d refused, sum %d", refused, high_sum);
}

RTFM_TASK(high)
{
	high_sum += msg->x;
}

/* For a few capacities: the number of accepted spawns, twice, and the jobs that arrive. */
static int round_nr, arrived[2][256], narrived[2];
static int taken[2], after_eagain[2];

static void arrive(int x)
{
	if (narrived[round_nr] < 256)
		arrived[round_nr][narrived[round_nr]++] = x;
}

#define FILL(name)							\
	static void fill_##name(struct init_0_cx *cx)			\
	{								\
		int ret;						\
									\
		while (!(ret = rtfm_spawn(name, .x = 1000 * round_nr + taken[round_nr]))) \
			taken[round_nr]++;				\
		for (int i = 0; i < 5; i++)				\
			after_eagain[round_nr] += ret == -EAGAIN &&	\
				rtfm_spawn(name, .x = -1) == -EAGAIN;	\
	}								\
									\
	RTFM_TASK(name)							\
	{								\
		arrive(msg->x);						\
	}

FILL(cap1)
FILL(cap2)
FILL(cap3)
FILL(cap7)
FILL(cap64)
FILL(cap65)
FILL(cap200)

/* One app after the other: state of one must not be visible to the next. */
static void ok_fill(const char *name, void (*fill)(struct init_0_cx *cx), int capacity)
{
	bool same = true;

	scenario = fill;
	memset(taken, 0, sizeof(taken));
	memset(narrived, 0, sizeof(narrived));
	memset(after_eagain, 0, sizeof(after_eagain));
	for (round_nr = 0; round_nr < 2; round_nr++) {
		int status = rtfm_run(&rtfm_app, NULL);

		if (status) {
			ok(false, "%s: runs", name);
			printf("# %d: %s\n", status, rtfm_error());
			return;
		}
		same = same && taken[round_nr] == capacity && narrived[round_nr] == capacity &&
		       after_eagain[round_nr] == 5;
		for (int i = 0; i < narrived[round_nr]; i++)
			same = same && arrived[round_nr][i] == 1000 * round_nr + i;
	}
	ok(same, "%s: %d jobs are taken, then none, and these %d arrive", name, capacity, capacity);
	if (!same)
		printf("# taken %d and %d, arrived %d and %d\n", taken[0], taken[1], narrived[0],
		       narrived[1]);
}

static void unwrap_spawn(struct init_0_cx *cx)
{
	for (;;)
		rtfm_unwrap(rtfm_spawn(cap3, .x = 1));
}

static void unwrap_schedule(struct init_0_cx *cx)
{
	for (;;)
		rtfm_unwrap(rtfm_schedule(bar, rtfm_now() + RTFM_SEC(3600)));
}

static void unwrap_other(struct init_0_cx *cx)
{
	rtfm_unwrap(rtfm_schedule(bar, UINT64_MAX));
}

/* The message of a child that a failed rtfm_unwrap() ends. */
static void ok_unwrap(const char *name, void (*fails)(struct init_0_cx *cx), const char *expected)
{
	char text[1024] = "";
	int pipes[2], status = 0;
	ssize_t n = 0, more;
	pid_t child;

	if (pipe(pipes))
		abort();
	child = fork();
	if (child < 0)
		abort();
	if (!child) {
		struct rlimit none = { 0, 0 };

		setrlimit(RLIMIT_CORE, &none);
		dup2(pipes[1], 2);
		close(pipes[0]);
		close(pipes[1]);
		scenario = fails;
		exit(rtfm_run(&rtfm_app, NULL) ? 2 : 0);
	}
	close(pipes[1]);
	while ((more = read(pipes[0], text + n, sizeof(text) - 1 - (size_t)n)) > 0)
		n += more;
	close(pipes[0]);
	waitpid(child, &status, 0);
	if (!ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT && strstr(text, expected),
		"%s", name))
		printf("# status %#x, says: %s\n", (unsigned int)status, text);
}

int main(void)
{
	tap_begin(60);
	scenario = capacity;
	ok_run("capacity", "foo(0)|foo(1)|foo(2)|foo(3)|bar");
	scenario = spawn_err;
	ok_run("spawn_err", "init|Cannot spawn a spawned (running) task!|bar");
	scenario = slot_free;
	ok_run("the slot is free when the job starts", "3: 0|full|2: 0|full|1: 0|full|end");
	scenario = never_full;
	ok_run("what is taken at once never fills a queue", "0 refused, sum 499500");
	ok_fill("capacity 1", fill_cap1, 1);
	ok_fill("capacity 2", fill_cap2, 2);
	ok_fill("capacity 3", fill_cap3, 3);
	ok_fill("capacity 7", fill_cap7, 7);
	ok_fill("capacity 64", fill_cap64, 64);
	ok_fill("capacity 65", fill_cap65, 65);
	ok_fill("capacity 200", fill_cap200, 200);
	ok_unwrap("rtfm_unwrap() of a spawn names the task and its capacity", unwrap_spawn,
		  "rtfm_spawn(cap3, .x = 1): task cap3: its capacity of 3 is used up\n");
	ok_unwrap("rtfm_unwrap() of a schedule, too", unwrap_schedule,
		  "task bar: its capacity of 1 is used up\n");
	ok_unwrap("rtfm_unwrap() of another error says which", unwrap_other,
		  "rtfm_schedule(bar, UINT64_MAX): Invalid argument\n");
	return tap_end();
}
