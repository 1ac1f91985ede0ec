// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A thread that blocks the doorbell is not interrupted, by a signal or an upcall; jobs that
 * became ready meanwhile run as soon as it unblocks the doorbell.
 */
#include "tap.h"

#define BLOCKED(core, resource, task)					\
	core(0, idle)							\
	task(timed, priority(2))
RTFM_APP(BLOCKED);

static int ran;
static int while_blocked, after;

RTFM_TASK(timed)
{
	ADD(ran, 1);
}

static void block(int how, sigset_t *old)
{
	sigset_t set;

	sigfillset(&set);
	pthread_sigmask(how, &set, old);
}

RTFM_IDLE(0)
{
	uint64_t at, end;
	int before;
	sigset_t old;

	block(SIG_BLOCK, &old);
	at = rtfm_now() + AHEAD;
	rtfm_unwrap(rtfm_schedule(timed, at));
	/* the instant had passed when the job was scheduled: it ran at once */
	before = LOAD(ran);
	while (rtfm_now() < at + 20 * MSEC)
		;
	while_blocked = LOAD(ran) - before;
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	end = rtfm_now() + 10 * SEC;
	while (!LOAD(ran) && rtfm_now() < end)
		;
	after = LOAD(ran);
	rtfm_exit(0);
}

int main(void)
{
	tap_begin(60);
	need_cpus(1);
	if (!time_preempts())
		tap_skip_all(NO_TIME_PREEMPTION);
	ok_eq(rtfm_run(&rtfm_app, NULL), 0, "it ran");
	ok_eq(while_blocked, 0, "nothing runs while all signals are blocked");
	ok_eq(after, 1, "it runs when they are not");
	return tap_end();
}
