// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Timers work while a task is busy: periodic releases, scheduled by this core and by the
 * other one, preempt a task of lower priority that spins.
 */
#include "tap.h"

#define PERIOD	(10 * MSEC)
#define SPIN	(300 * MSEC)	/* far below the 950 ms after which ordinary tasks get the CPU */
#define EXPECT	((int)(SPIN / PERIOD))
#define ENOUGH	(EXPECT * 8 / 10)
#define PATIENCE (8 * SEC)

#define BUSY(core, resource, task)					\
	core(0, init)							\
	task(spin, priority(1), message(uint64_t until))		\
	task(tick, priority(2))						\
	task(asked, priority(3), remote, capacity(64))			\
	core(1)								\
	task(asks, remote)
RTFM_APP(BUSY);

static enum { SELF, AFTER_PARK, PLANNED, CROSS } scenario;

static int busy;		/* spin is on the stack */
static int releases, during, late, early;
static uint64_t worst;

RTFM_INIT(0)
{
	uint64_t now = rtfm_now();

	switch (scenario) {
	case SELF:
		rtfm_unwrap(rtfm_schedule(tick, now));
		rtfm_unwrap(rtfm_spawn(spin, .until = now + SPIN));
		break;
	case AFTER_PARK:
		/* the core sleeps at first: a timer wakes it, later ones interrupt it */
		rtfm_unwrap(rtfm_schedule(tick, now + 20 * MSEC));
		rtfm_unwrap(rtfm_schedule(spin, now + 50 * MSEC, .until = now + 50 * MSEC + SPIN));
		break;
	case PLANNED:
		rtfm_unwrap(rtfm_schedule(spin, now + 20 * MSEC, .until = now + 20 * MSEC + SPIN));
		break;
	case CROSS:
		rtfm_unwrap(rtfm_spawn(asks));
		rtfm_unwrap(rtfm_spawn(spin, .until = now + SPIN));
		break;
	}
}

RTFM_TASK(spin)
{
	uint64_t begun = rtfm_now();

	STORE(busy, 1);
	/* all are scheduled in advance, and nothing is scheduled later */
	for (uint64_t at = PERIOD; scenario == PLANNED && at < SPIN; at += PERIOD)
		rtfm_unwrap(rtfm_schedule(asked, begun + 2 * at));
	spin_until(msg->until);
	/* on a busy machine the test takes longer; it does not fail */
	while ((LOAD(during) < ENOUGH || LOAD(late) == LOAD(during)) &&
	       rtfm_now() < msg->until + PATIENCE)
		;
	STORE(busy, 0);
	rtfm_exit(0);
}

static void release(uint64_t instant)
{
	uint64_t now = rtfm_now();

	releases++;
	early += now < instant;
	if (!LOAD(busy))
		return;
	ADD(during, 1);
	late += now > instant + PERIOD;
	if (now - instant > worst)
		worst = now - instant;
}

RTFM_TASK(tick)
{
	release(cx->scheduled);
	if (rtfm_running())
		rtfm_unwrap(rtfm_schedule(tick, cx->scheduled + PERIOD));
}

RTFM_TASK(asked)
{
	release(cx->scheduled);
}

/* Schedules each release on core 0 a little before its instant. */
RTFM_TASK(asks)
{
	uint64_t at = cx->scheduled + PERIOD;

	/* refused: core 0 has not run the last ones yet */
	(void)!rtfm_schedule(asked, at);
	if (rtfm_running())
		(void)!rtfm_schedule(asks, at);
}

static void run(int what, const char *name)
{
	int status;

	usleep(200000);
	scenario = what;
	releases = 0;
	during = 0;
	late = 0;
	early = 0;
	worst = 0;
	status = rtfm_run(&rtfm_app, NULL);
	if (status)
		printf("# status %d: %s\n", status, rtfm_error());
	ok(!status && during >= ENOUGH, "%s: releases preempt the busy task", name);
	ok(late < during, "%s: not all of them late", name);
	ok_eq(early, 0, "none is early");
	printf("# %d releases while busy, %d expected, %d late; worst %llu us\n", during, EXPECT,
	       late, (unsigned long long)worst / 1000);
}

int main(void)
{
	tap_begin(60);
	need_cpus(2);
	if (!time_preempts())
		tap_skip_all(NO_TIME_PREEMPTION);
	run(SELF, "periodic");
	run(AFTER_PARK, "periodic, the core slept before");
	run(PLANNED, "asked for in advance");
	run(CROSS, "asked for by the other core");
	return tap_end();
}
