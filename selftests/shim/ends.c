// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * rtfm_exit() ends the app at any time: while rtfm_run() is starting, from other threads and
 * from signal handlers, and wherever idle sleeps. The calls are made at random instants, and
 * the test is mainly that nothing hangs.
 *
 *	RTFM_SHORT=1			a third of the time
 */
#include "tap.h"
#include <poll.h>
#include <pthread.h>

#define ENDS(core, resource, task)					\
	core(0, init, idle, uses(flags))				\
	resource(flags, int, 0)						\
	task(end, priority(2))						\
	task(mark, priority(1), uses(flags))				\
	core(1, init, idle, uses(marks))				\
	resource(marks, int, 0)						\
	task(far_mark, priority(1), remote, uses(marks))
RTFM_APP(ENDS);

/* How idle of both cores waits */
static enum { WAIT, POLL, SLEEP_POLL, PAUSE, NANOSLEEP, READ } how;
static const char *const names[] = {
	"rtfm_wait()", "rtfm_poll()", "poll()", "pause()", "nanosleep()", "read()",
};

static enum { BY_THREAD, BY_HANDLER, BY_TASK, BY_JOB_IN_CALL, BY_LEAVING } who;
static void (*body)(struct idle_0_cx *cx);
static void (*far_body)(struct idle_1_cx *cx);
static int pipes[2], inits, status;
static unsigned int random_state = 1;
static pthread_t caller;

static unsigned int some(unsigned int most)
{
	random_state = random_state * 1103515245u + 12345u;
	return (random_state >> 8) % (most + 1);
}

static void delay(unsigned int ns)
{
	spin_until(rtfm_now() + ns);
}

/* Time limit of one case */
#define HANG	60

/* Time for which one case is repeated */
static uint64_t length(void)
{
	return getenv("RTFM_SHORT") ? SEC / 2 : 3 * SEC / 2;
}

RTFM_INIT(0)
{
	ADD(inits, 1);
	if (who == BY_TASK || who == BY_LEAVING)
		rtfm_unwrap(rtfm_schedule(end, rtfm_now() + some(300000)));
	if (who == BY_JOB_IN_CALL)
		rtfm_unwrap(rtfm_schedule(end, rtfm_now() + 5 * MSEC));
}

RTFM_INIT(1)
{
	ADD(inits, 1);
}

RTFM_TASK(end)
{
	if (who == BY_LEAVING)
		rtfm_leave();
	else
		rtfm_exit(status);
}

/* The test of rtfm_running(), and the call, in two steps. */
static void call(void)
{
	struct timespec hour = { 3600, 0 };
	struct pollfd file = { .fd = pipes[0], .events = POLLIN };
	char c;

	switch (how) {
	case SLEEP_POLL:
		poll(&file, 1, -1);
		break;
	case PAUSE:
		pause();
		break;
	case NANOSLEEP:
		nanosleep(&hour, NULL);
		break;
	default:
		if (read(pipes[0], &c, 1) > 0)
			abort();
	}
}

RTFM_IDLE(0)
{
	struct pollfd file = { .fd = pipes[0], .events = POLLIN };

	if (body)
		body(cx);
	while (rtfm_running()) {
		if (who != BY_JOB_IN_CALL)
			delay(some(20000));
		if (how == WAIT)
			rtfm_wait();
		else if (how == POLL)
			rtfm_poll(&file, 1, -1);
		else
			call();
	}
}

RTFM_IDLE(1)
{
	struct pollfd file = { .fd = pipes[0], .events = POLLIN };

	if (far_body)
		far_body(cx);
	if (who == BY_LEAVING)
		rtfm_leave();
	while (rtfm_running()) {
		if (how == WAIT)
			rtfm_wait();
		else if (how == POLL)
			rtfm_poll(&file, 1, -1);
		else
			call();
	}
}

/* ---- from other threads and signal handlers, at a random instant ---- */

static unsigned int after;
static int early;

static void on_signal(int sig)
{
	rtfm_exit(status);
}

/* rtfm_run() has been entered if another call returns -EBUSY; the app need not run yet. */
static void *ender(void *arg)
{
	while (early ? rtfm_run(NULL, NULL) != -EBUSY : !rtfm_running())
		;
	delay(after);
	if (who == BY_HANDLER)
		pthread_kill(caller, SIGUSR1);
	else
		rtfm_exit(status);
	return NULL;
}

static int run_ended(void)
{
	pthread_t thread;
	int got;

	if (pthread_create(&thread, NULL, ender, NULL))
		return -1;
	/* the other thread asks whether we have entered it */
	do
		got = rtfm_run(&rtfm_app, NULL);
	while (got == -EBUSY);
	pthread_join(thread, NULL);
	return got;
}

/* Until a good while after the app is live; later on idle sleeps. */
static void starting(int by, const char *name)
{
	uint64_t until = rtfm_now() + 3 * length();
	int without = 0, i, got = 0;
	bool good = true;

	alarm(HANG);
	who = by;
	how = WAIT;
	early = 1;
	for (i = 0; good && (i < 10 || rtfm_now() < until); i++) {
		status = 1 + i % 255;
		after = some(i % 2 ? 10000000 : 200000);
		inits = 0;
		got = run_ended();
		without += !inits;
		good = got == status && inits != 1;
	}
	if (!ok(good, "while it starts: %s, %d times", name, i))
		printf("# rtfm_run: %d, wanted %d, %d inits: %s\n", got, status, inits,
		       got < 0 ? rtfm_error() : "");
	printf("# %d times before the first init\n", without);
	early = 0;
}

static void sleeping(int in, int by, const char *name)
{
	uint64_t until = rtfm_now() + length();
	bool good = true;
	int i, got = 0;

	alarm(HANG);
	how = in;
	who = by;
	for (i = 0; good && (!i || rtfm_now() < until); i++) {
		status = by == BY_LEAVING ? 0 : 1 + i % 255;
		after = some(300000);
		got = by >= BY_TASK ? rtfm_run(&rtfm_app, NULL) : run_ended();
		good = got == status;
	}
	if (!ok(good, "idle in %s: %s, %d times", names[in], name, i))
		printf("# rtfm_run: %d, wanted %d\n", got, status);
}

/* ---- rtfm_poll() ---- */

static unsigned long marks_seen, lost;

RTFM_TASK(mark)
{
	rtfm_lock(flags)
		++*flags;
}

RTFM_TASK(far_mark)
{
	rtfm_lock(marks)
		++*marks;
}

static void files(struct idle_0_cx *cx)
{
	struct pollfd file[2] = { { .fd = pipes[0], .events = POLLIN },
				  { .fd = pipes[1], .events = POLLOUT } };
	uint64_t before = rtfm_now();
	char c;

	ok_eq(rtfm_poll(file, 1, (int64_t)RTFM_MSEC(1)), 0, "no file, time-out: 0");
	ok(rtfm_now() - before >= MSEC, "and not early");
	ok_eq(rtfm_poll(file, 2, -1), 1, "a file is ready");
	ok(!file[0].revents && file[1].revents == POLLOUT, "it is the second");
	if (write(pipes[1], "x", 1) != 1)
		abort();
	ok(rtfm_poll(file, 1, -1) == 1 && file[0].revents == POLLIN, "another is ready");
	rtfm_lock(flags) {
		ok(rtfm_poll(file, 1, -1) == 1 && file[0].revents == POLLIN,
		   "in a lock, too");
		rtfm_unwrap(rtfm_spawn(mark));
		ok(rtfm_poll(NULL, 0, -1) == 0 && !*flags,
		   "a job that a lock defers ends it, and waits");
		ok(rtfm_poll(file, 1, -1) == 1 && !*flags, "that hides no file");
	}
	rtfm_lock(flags)
		ok_eq(*flags, 1, "it runs after the lock");
	if (read(pipes[0], &c, 1) != 1)
		abort();
	ok_eq(rtfm_poll(NULL, RTFM_MAX_POLL + 1, 0), -EINVAL, "too many descriptors");
	ok_eq(rtfm_poll(NULL, 0, 0), 0, "no time, no file: 0");
	rtfm_exit(0);
	ok_eq(rtfm_poll(NULL, 0, -1), 0, "it does not sleep after the end");
}

/* Core 0 sends, core 1 sleeps until what it waits for has changed. */
static void sends(struct idle_0_cx *cx)
{
	uint64_t until = rtfm_now() + 4 * length();
	unsigned long i;

	for (i = 1; rtfm_now() < until && !lost; i++) {
		uint64_t hang;

		delay(some(30000));
		if (i % 4 == 0)
			rtfm_unwrap(rtfm_schedule(far_mark, rtfm_now() + some(60000)));
		else
			rtfm_unwrap(rtfm_spawn(far_mark));
		hang = rtfm_now() + 20 * SEC;
		while (LOAD(marks_seen) < i && rtfm_now() < hang)
			;
		if (LOAD(marks_seen) < i)
			lost = i;
	}
	rtfm_exit(0);
}

static void waits(struct idle_1_cx *cx)
{
	unsigned long i;

	for (i = 1; rtfm_running(); i++) {
		unsigned long now = 0;

		while (now < i && rtfm_running()) {
			rtfm_lock(marks) {
				now = (unsigned long)*marks;
				if (now < i) {
					if (i % 2)
						rtfm_poll(NULL, 0, -1);
					else
						rtfm_wait();
				}
			}
		}
		STORE(marks_seen, now);
	}
}

static void poll_files(void)
{
	alarm(HANG);
	body = files;
	how = WAIT;
	who = BY_THREAD;
	rtfm_run(&rtfm_app, NULL);
	body = sends;
	far_body = waits;
	rtfm_run(&rtfm_app, NULL);
	body = NULL;
	far_body = NULL;
	ok(!lost && marks_seen, "no wake-up is lost in a lock, %lu times", marks_seen);
	if (lost)
		printf("# round %lu\n", lost);
}

/* A call before the first app ends that app; a call between two apps has no effect. */
static void before(void)
{
	rtfm_exit(9);
	rtfm_exit(8);
	ok_eq(rtfm_run(&rtfm_app, NULL), 9, "an early end ends the first rtfm_run()");
	ok_eq(inits, 0, "no init runs");
	rtfm_exit(9);
	who = BY_TASK;
	how = WAIT;
	status = 3;
	ok_eq(rtfm_run(&rtfm_app, NULL), 3, "an end between two of them is none");
	ok_eq(rtfm_run(NULL, NULL), -EINVAL, "nor is that of the last app");
}

int main(void)
{
	struct sigaction action = { .sa_handler = on_signal };

	tap_begin(HANG);
	need_cpus(2);
	caller = pthread_self();
	sigaction(SIGUSR1, &action, NULL);
	if (pipe(pipes))
		tap_skip_all("no pipe");
	before();
	starting(BY_THREAD, "another thread");
	starting(BY_HANDLER, "a signal handler");
	for (int in = WAIT; in <= READ; in++) {
		sleeping(in, BY_THREAD, "another thread");
		sleeping(in, BY_HANDLER, "a signal handler");
		sleeping(in, BY_TASK, "a task");
		if (in != WAIT && in != POLL)
			sleeping(in, BY_JOB_IN_CALL, "a job on top of the call");
		else
			sleeping(in, BY_LEAVING, "a task leaves");
	}
	poll_files();
	return tap_end();
}
