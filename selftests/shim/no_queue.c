// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Engine signal uses kernel memory for each pending signal and each timer, limited by
 * RLIMIT_SIGPENDING. When the limit is reached, a job that is scheduled is either refused or
 * runs. The other engines are not affected.
 */
#include "tap.h"
#include <sys/resource.h>

#define NO_QUEUE(core, resource, task)					\
	core(0, init)							\
	task(driver, priority(1))					\
	core(1, idle)							\
	task(timed, priority(1), remote, capacity(2))			\
	task(filler, priority(1), remote, capacity(4))
RTFM_APP(NO_QUEUE);

static int places;		/* free entries below the limit */
static int blocked, unblock, ran;
static int64_t answer;

RTFM_INIT(0)
{
	rtfm_unwrap(rtfm_spawn(driver));
}

RTFM_TASK(timed)
{
	ADD(ran, 1);
}

RTFM_TASK(filler)
{
}

/* While its signals are blocked, it takes nothing out of its queue. */
RTFM_IDLE(1)
{
	uint64_t hang = rtfm_now() + 10 * SEC;
	sigset_t set, old;

	sigfillset(&set);
	sigdelset(&set, SIGALRM);
	pthread_sigmask(SIG_BLOCK, &set, &old);
	STORE(blocked, 1);
	while (!LOAD(unblock) && rtfm_now() < hang)
		;
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	while (rtfm_running())
		rtfm_wait();
}

/* The number of pending signals and timers of the user. */
static long queued(void)
{
	FILE *file = fopen("/proc/self/status", "r");
	char line[200];
	long n = 0;

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "SigQ: %ld", &n) == 1)
			break;
	if (file)
		fclose(file);
	return n;
}

static void limit(long n)
{
	struct rlimit limit;

	getrlimit(RLIMIT_SIGPENDING, &limit);
	limit.rlim_cur = n < 0 || (rlim_t)n > limit.rlim_max ? limit.rlim_max : (rlim_t)n;
	setrlimit(RLIMIT_SIGPENDING, &limit);
}

/*
 * Core 1 has no timer yet. It is notified of the job; then other signals use the queue
 * entry of its signal as soon as that is free.
 */
RTFM_TASK(driver)
{
	uint64_t hang = rtfm_now() + 10 * SEC;
	int sent = 0;

	while (!LOAD(blocked) && rtfm_now() < hang)
		;
	limit(queued() + places);
	answer = rtfm_schedule(timed, rtfm_now() + MSEC);
	while (!rtfm_spawn(filler))
		sent++;
	STORE(unblock, 1);
	for (int tries = 0; tries < 100000 && sent < 4; tries++)
		sent += !rtfm_spawn(filler);
	while (answer > 0 && !LOAD(ran) && rtfm_now() < hang)
		;
	limit(-1);
	rtfm_exit(0);
}

int main(void)
{
	tap_begin(110);
	need_cpus(2);
	for (places = 0; places <= 3; places++) {
		for (int i = 0; i < 5; i++) {
			STORE(blocked, 0);
			STORE(unblock, 0);
			STORE(ran, 0);
			if (rtfm_run(&rtfm_app, NULL) ||
			    !(answer > 0 ? LOAD(ran) == 1 : answer == -EAGAIN)) {
				ok(false, "%d places: schedule answers %lld, %d ran", places,
				   (long long)answer, ran);
				break;
			}
			if (i == 4)
				ok(true, "%d places: a job that was accepted ran", places);
		}
	}
	return tap_end();
}
