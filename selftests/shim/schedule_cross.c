// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Scheduled jobs across cores: core 0 schedules jobs of core 1, and cancels and moves them
 * and those that core 1 has scheduled; if two cores cancel one job, one succeeds.
 */
#include "tap.h"

#define CROSS(core, resource, task)					\
	core(0, init)							\
	task(driver0, priority(1), remote)				\
	task(back, priority(2), remote, capacity(8), message(int x))	\
	core(1)								\
	task(foo, priority(1), remote, capacity(8), message(int x))	\
	task(high, priority(2), remote, capacity(8), message(int x))	\
	task(busy, priority(1), remote, message(uint64_t until))	\
	task(driver1, priority(1), remote)				\
	task(raced, priority(3), remote, capacity(64), message(int x))
RTFM_APP(CROSS);

#define ROUNDS	200

static void (*scenario)(struct driver0_cx *cx);
static void (*scenario1)(struct driver1_cx *cx);
static int early, is_busy, last_high, foos;
static rtfm_handle handle1;
static rtfm_handle contested[ROUNDS];
static int ready_round, done_round, wins[2][ROUNDS], ran[ROUNDS];

RTFM_INIT(0)
{
	rtfm_unwrap(rtfm_spawn(driver0));
}

RTFM_TASK(driver0)
{
	scenario(cx);
}

RTFM_TASK(driver1)
{
	scenario1(cx);
}

static void check_early(uint64_t instant)
{
	if (rtfm_now() < instant)
		ADD(early, 1);
}

RTFM_TASK(foo)
{
	check_early(cx->scheduled);
	say("foo %d", msg->x);
	ADD(foos, 1);
	if (msg->x < 0)
		rtfm_exit(0);
}

RTFM_TASK(high)
{
	check_early(cx->scheduled);
	say("high %d%s", msg->x, LOAD(is_busy) ? " preempts" : "");
	STORE(last_high, msg->x);
	if (msg->x < 0)
		rtfm_exit(0);
}

RTFM_TASK(back)
{
	check_early(cx->scheduled);
	say("back %d", msg->x);
	rtfm_exit(0);
}

RTFM_TASK(busy)
{
	STORE(is_busy, 1);
	while (LOAD(last_high) != 2 && rtfm_now() < msg->until)
		;
	STORE(is_busy, 0);
	rtfm_unwrap(rtfm_spawn(high, .x = -1));
}

static void order(struct driver0_cx *cx)
{
	uint64_t now = rtfm_now() + AHEAD;

	rtfm_unwrap(rtfm_schedule(foo, now + 30 * MSEC, .x = -1));
	rtfm_unwrap(rtfm_schedule(foo, now + 20 * MSEC, .x = 3));
	rtfm_unwrap(rtfm_schedule(foo, now + 10 * MSEC, .x = 1));
	rtfm_unwrap(rtfm_schedule(foo, now + 10 * MSEC, .x = 2));
}

/* A parked core, then a busy one. */
static void preempts(struct driver0_cx *cx)
{
	uint64_t now = rtfm_now();

	rtfm_unwrap(rtfm_schedule(high, now + 10 * MSEC, .x = 1));
	rtfm_unwrap(rtfm_schedule(busy, now + 20 * MSEC, .until = now + 8 * SEC));
	/* far apart: on a busy machine, jobs that are released together run by priority */
	rtfm_unwrap(rtfm_schedule(high, now + 400 * MSEC, .x = 2));
}

/* Scheduled while the receiver is busy already. */
static void while_busy(struct driver0_cx *cx)
{
	uint64_t now = rtfm_now();

	rtfm_unwrap(rtfm_spawn(busy, .until = now + 8 * SEC));
	while (!LOAD(is_busy))
		;
	rtfm_unwrap(rtfm_schedule(high, 1ULL, .x = 1));
	rtfm_unwrap(rtfm_schedule(high, rtfm_now() + 10 * MSEC, .x = 2));
}

/* Past instants, down to 0: at once. */
static void past(struct driver0_cx *cx)
{
	for (uint64_t instant = 0; instant < 5; instant++) {
		int before = LOAD(foos);
		uint64_t hang = rtfm_now() + 2 * SEC;

		rtfm_unwrap(rtfm_schedule(foo, instant, .x = (int)instant));
		while (LOAD(foos) == before && rtfm_now() < hang)
			;
	}
	rtfm_exit(0);
}

static void cancel(struct driver0_cx *cx)
{
	uint64_t now = rtfm_now() + AHEAD;
	rtfm_handle a = rtfm_unwrap(rtfm_schedule(foo, now + 20 * MSEC, .x = 1));
	rtfm_handle b = rtfm_unwrap(rtfm_schedule(foo, now + 20 * MSEC, .x = 2));
	rtfm_handle c = rtfm_unwrap(rtfm_schedule(foo, now + 3600 * SEC, .x = 3));

	say("%d", rtfm_cancel(a));
	say("%s", rtfm_cancel(a) == -ENOENT ? "ENOENT" : "twice");
	c = rtfm_unwrap(rtfm_reschedule(c, now + 30 * MSEC));
	b = rtfm_unwrap(rtfm_reschedule(b, now + 40 * MSEC));
	(void)b;
	rtfm_unwrap(rtfm_schedule(foo, now + 50 * MSEC, .x = -1));
}

/* Core 1 cancels what core 0 scheduled for it, and schedules something back. */
static void give(struct driver0_cx *cx)
{
	handle1 = rtfm_unwrap(rtfm_schedule(foo, rtfm_now() + 3600 * SEC, .x = 1));
	rtfm_unwrap(rtfm_spawn(driver1));
}

static void take(struct driver1_cx *cx)
{
	say("%d", rtfm_cancel(handle1));
	say("%s", rtfm_cancel(handle1) == -ENOENT ? "ENOENT" : "twice");
	handle1 = rtfm_unwrap(rtfm_schedule(back, rtfm_now() + 3600 * SEC, .x = 5));
	handle1 = rtfm_unwrap(rtfm_reschedule(handle1, rtfm_now() + 10 * MSEC));
}

/*
 * A cancelled job releases its slot, at the latest when the core that has its timer has
 * processed the request.
 */
static rtfm_handle schedule_far(struct driver0_cx *cx, int x)
{
	uint64_t now = rtfm_now();
	rtfm_handle handle;

	do {
		handle = rtfm_schedule(foo, now + 3600 * SEC, .x = x);
	} while (handle == -EAGAIN && rtfm_now() < now + 5 * SEC);
	return handle;
}

/* A timeout that is moved to a later instant repeatedly, on a core that sleeps. */
static void pushed(struct driver0_cx *cx)
{
	uint64_t hang = rtfm_now() + 20 * SEC;
	rtfm_handle handle = rtfm_unwrap(rtfm_schedule(foo, rtfm_now() + 3600 * SEC, .x = -1));
	int moves = 0;

	/* it has processed the requests, and sleeps */
	spin_until(rtfm_now() + 20 * MSEC);
	while (moves < 3000 && rtfm_now() < hang) {
		rtfm_handle moved = rtfm_reschedule(handle, rtfm_now() + 3600 * SEC);

		if (moved > 0) {
			handle = moved;
			moves++;
		} else if (moved != -EAGAIN) {
			say("moved: %lld", (long long)moved);
			break;
		}
	}
	say("%d moves", moves);
	while (rtfm_reschedule(handle, 1ULL) == -EAGAIN && rtfm_now() < hang)
		;
}

static void slots(struct driver0_cx *cx)
{
	rtfm_handle handles[8];

	for (int round = 0; round < 50; round++) {
		for (int i = 0; i < 8; i++) {
			handles[i] = schedule_far(cx, i);
			if (handles[i] < 0)
				say("no slot: %lld", (long long)handles[i]);
		}
		if (rtfm_schedule(foo, rtfm_now(), .x = 8) != -EAGAIN)
			say("not full");
		for (int i = 0; i < 8; i++) {
			if (rtfm_cancel(handles[i]))
				say("not cancelled");
		}
	}
	rtfm_exit(0);
}

/* Both cores cancel the same job as its timer expires: it runs, or one of them succeeds. */
RTFM_TASK(raced)
{
	ran[msg->x]++;
}

static void duel0(struct driver0_cx *cx)
{
	rtfm_unwrap(rtfm_spawn(driver1));
	for (int i = 0; i < ROUNDS; i++) {
		uint64_t at = rtfm_now() + 200000 + (uint64_t)(i % 20) * 5000;
		rtfm_handle handle = rtfm_unwrap(rtfm_schedule(raced, at, .x = i));
		int ret;

		contested[i] = handle;
		STORE(ready_round, i + 1);
		spin_until(at - 50000);
		ret = rtfm_cancel(handle);
		wins[0][i] = !ret;
		if (ret && ret != -ENOENT)
			say("core 0: %d", ret);
		while (LOAD(done_round) <= i)
			;
	}
	rtfm_unwrap(rtfm_schedule(back, rtfm_now() + 20 * MSEC, .x = 0));
}

static void duel1(struct driver1_cx *cx)
{
	for (int i = 0; i < ROUNDS; i++) {
		int ret;

		while (LOAD(ready_round) <= i)
			;
		spin_until(rtfm_now() + 100000 + (uint64_t)(i % 17) * 8000);
		ret = rtfm_cancel(contested[i]);
		wins[1][i] = !ret;
		if (ret && ret != -ENOENT)
			say("core 1: %d", ret);
		STORE(done_round, i + 1);
	}
}

/* Scenarios in which a released job has to preempt a task that spins. */
static bool spins(void (*what)(struct driver0_cx *cx))
{
	return what == preempts || what == while_busy;
}

int main(void)
{
	static const struct {
		const char *name;
		void (*scenario)(struct driver0_cx *cx);
		void (*scenario1)(struct driver1_cx *cx);
		const char *journal;
	} cases[] = {
		{ "by instant, then by submission", order, NULL, "foo 1|foo 2|foo 3|foo -1" },
		{ "into a parked core and a busy one", preempts, NULL,
		  "high 1|high 2 preempts|high -1" },
		{ "to a core that is busy", while_busy, NULL,
		  "high 1 preempts|high 2 preempts|high -1" },
		{ "the past, at once", past, NULL, "foo 0|foo 1|foo 2|foo 3|foo 4" },
		{ "cancel and reschedule", cancel, NULL, "0|ENOENT|foo 3|foo 2|foo -1" },
		{ "from the other core", give, take, "0|ENOENT|back 5" },
		{ "a timeout that is pushed out", pushed, NULL, "3000 moves|foo -1" },
		{ "slots of cancelled jobs", slots, NULL, "" },
		{ "both cores cancel", duel0, duel1, "back 0" },
	};
	int bad = 0, sum[3] = { 0 };

	tap_begin(60);
	need_cpus(2);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		if (spins(cases[i].scenario) && !time_preempts()) {
			ok_skip(cases[i].name, NO_TIME_PREEMPTION);
			continue;
		}
		last_high = 0;
		scenario = cases[i].scenario;
		scenario1 = cases[i].scenario1;
		ok_run(cases[i].name, cases[i].journal);
	}
	for (int i = 0; i < ROUNDS; i++) {
		bad += ran[i] + wins[0][i] + wins[1][i] != 1;
		sum[0] += wins[0][i];
		sum[1] += wins[1][i];
		sum[2] += ran[i];
	}
	ok_eq(bad, 0, "each job ran, or one of the cores cancelled it");
	printf("# cancelled by core 0: %d, by core 1: %d, ran: %d\n", sum[0], sum[1], sum[2]);
	ok_eq(early, 0, "none was early");
	return tap_end();
}
