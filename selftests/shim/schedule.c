// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Scheduled jobs on one core: never early; jobs of the same instant in the order of
 * submission; past instants at once; cancel and reschedule succeed exactly once; old
 * handles are invalid.
 */
#include "tap.h"

#define SCHEDULE(core, resource, task)					\
	core(0, init, idle)						\
	task(driver, priority(1))					\
	task(foo, priority(1), capacity(8), message(int x))		\
	task(bar, priority(1), capacity(8), message(int x))		\
	task(high, priority(2), capacity(8), message(int x))		\
	task(one, priority(1))						\
	task(many, priority(2), capacity(100), message(int x))		\
	task(end, priority(1))
RTFM_APP(SCHEDULE);

static void (*scenario)(struct driver_cx *cx);
static rtfm_handle handles[128];
static int early, runs, cancelled, highs;

RTFM_INIT(0)
{
	rtfm_unwrap(rtfm_spawn(driver));
}

RTFM_IDLE(0)
{
	while (rtfm_running())
		rtfm_wait();
}

RTFM_TASK(driver)
{
	scenario(cx);
}

static void check_early(uint64_t instant)
{
	if (rtfm_now() < instant)
		early++;
}

RTFM_TASK(foo)
{
	check_early(cx->scheduled);
	say("foo %d", msg->x);
}

RTFM_TASK(bar)
{
	check_early(cx->scheduled);
	say("bar %d", msg->x);
}

RTFM_TASK(high)
{
	check_early(cx->scheduled);
	say("high %d", msg->x);
	ADD(highs, 1);
}

RTFM_TASK(end)
{
	check_early(cx->scheduled);
	rtfm_exit(0);
}

RTFM_TASK(one)
{
	say("one");
}

/* RTIC: schedule, and the order of two instants: earlier, though submitted later */
static void order(struct driver_cx *cx)
{
	uint64_t now = rtfm_now() + AHEAD;

	/* bar far before high: jobs that are released together run by priority */
	rtfm_unwrap(rtfm_schedule(end, now + AHEAD + 40 * MSEC));
	rtfm_unwrap(rtfm_schedule(foo, now + AHEAD + 30 * MSEC, .x = 3));
	rtfm_unwrap(rtfm_schedule(bar, now + 10 * MSEC, .x = 1));
	rtfm_unwrap(rtfm_schedule(high, now + AHEAD + 20 * MSEC, .x = 2));
}

/* Wait until the given number of jobs has run; on some engines that takes an interrupt. */
static void wait_for_jobs(const int *count, int want)
{
	uint64_t hang = rtfm_now() + 5 * SEC;

	while (LOAD(*count) < want && rtfm_now() < hang)
		;
}

/* Equal instants, one level, two tasks: as submitted. Another level: by priority. */
static void ties(struct driver_cx *cx)
{
	uint64_t at = rtfm_now() + 5 * MSEC;

	highs = 0;
	for (int i = 0; i < 4; i++) {
		rtfm_unwrap(rtfm_schedule(foo, at, .x = i));
		rtfm_unwrap(rtfm_schedule(bar, at, .x = i));
	}
	rtfm_unwrap(rtfm_schedule(high, at, .x = 0));
	rtfm_unwrap(rtfm_schedule(high, at, .x = 1));
	rtfm_unwrap(rtfm_schedule(end, at + 1));
	/* all instants pass while no job may run: now the priority decides */
	wait_for_jobs(&highs, 2);
	say("driver");
}

/* Past instants, down to 0: released at once, but started only above the ceiling. */
static void past(struct driver_cx *cx)
{
	uint64_t now = rtfm_now();

	highs = 0;
	rtfm_unwrap(rtfm_schedule(foo, now - 1, .x = 0));
	rtfm_unwrap(rtfm_schedule(high, now - SEC, .x = 1));
	wait_for_jobs(&highs, 1);
	rtfm_unwrap(rtfm_schedule(high, 0ULL, .x = 2));
	wait_for_jobs(&highs, 2);
	rtfm_unwrap(rtfm_schedule(high, 1ULL, .x = 3));
	wait_for_jobs(&highs, 3);
	rtfm_unwrap(rtfm_schedule(end, cx->scheduled));
	say("driver");
}

/* Relative durations: never early, at once if negative, refused above the largest instant. */
static void after(struct driver_cx *cx)
{
	rtfm_handle far;

	highs = 0;
	far = rtfm_unwrap(rtfm_schedule_after(foo, RTFM_SEC(3600), .x = 3));
	rtfm_unwrap(rtfm_schedule_after(high, -RTFM_SEC(1), .x = 1));
	wait_for_jobs(&highs, 1);
	rtfm_unwrap(rtfm_schedule_after(high, INT64_MIN, .x = 2));
	wait_for_jobs(&highs, 2);
	say("%s", rtfm_schedule_after(foo, INT64_MAX, .x = 0) == -EINVAL ? "EINVAL" : "too far");
	say("%s", rtfm_reschedule_after(far, INT64_MAX) == -EINVAL ? "EINVAL" : "too far");
	rtfm_unwrap(rtfm_reschedule_after(far, RTFM_MSEC(1)));
	rtfm_unwrap(rtfm_schedule_after(end, RTFM_MSEC(2)));
	say("driver");
}

static void cancel_once(struct driver_cx *cx)
{
	uint64_t at = rtfm_now() + AHEAD;
	rtfm_handle a = rtfm_unwrap(rtfm_schedule(foo, at, .x = 1));
	rtfm_handle b = rtfm_unwrap(rtfm_schedule(foo, at, .x = 2));
	rtfm_handle c = rtfm_unwrap(rtfm_schedule(foo, at, .x = 3));

	say("%s", a > 0 && b > 0 && c > 0 && a != b && b != c && a != c ? "handles" : "bad");
	say("%d", rtfm_cancel(b));
	say("%s", rtfm_cancel(b) == -ENOENT ? "ENOENT" : "twice");
	handles[0] = a;
	rtfm_unwrap(rtfm_schedule(one, at + 1));
	rtfm_unwrap(rtfm_schedule(end, at + 2));
}

static void never_named(struct driver_cx *cx)
{
	static const rtfm_handle none[] = {
		0, 1, -1, -ENOENT, 1LL << 32, INT64_MAX, INT64_MIN, 0x100000000fffffffLL,
		0x7fffffff00000000LL, (1LL << 32) + 0xfff,
	};
	rtfm_handle handle;

	for (size_t i = 0; i < ARRAY_SIZE(none); i++) {
		if (rtfm_cancel(none[i]) != -ENOENT)
			say("cancel %#llx", (long long)none[i]);
		if (rtfm_reschedule(none[i], 1ULL) != -ENOENT)
			say("reschedule %#llx", (long long)none[i]);
	}
	/* almost that of a job */
	handle = rtfm_unwrap(rtfm_schedule(foo, rtfm_now() + 3600 * SEC, .x = 1));
	for (int bit = 0; bit < 64; bit++) {
		rtfm_handle other = handle ^ (rtfm_handle)(1ULL << bit);

		if (rtfm_cancel(other) != -ENOENT || rtfm_reschedule(other, 1ULL) != -ENOENT)
			say("bit %d", bit);
	}
	say("%d", rtfm_cancel(handle));
	rtfm_exit(0);
}

/* After the release the handle is invalid, and the next job of its slot has another one. */
static void stale(struct driver_cx *cx)
{
	uint64_t at = rtfm_now() + 3600 * SEC;
	rtfm_handle old, new;

	highs = 0;
	old = rtfm_unwrap(rtfm_schedule(high, 1ULL, .x = 1));
	wait_for_jobs(&highs, 1);
	say("%s", rtfm_cancel(old) == -ENOENT ? "released" : "cancelled");
	say("%s", rtfm_reschedule(old, at) == -ENOENT ? "released" : "moved");
	for (int i = 0; i < 100; i++) {
		new = rtfm_unwrap(rtfm_schedule(one, at));
		if (new == old)
			say("the same handle");
		if (i && rtfm_cancel(old) != -ENOENT)
			say("an old handle cancels");
		if (i && rtfm_reschedule(old, at) != -ENOENT)
			say("an old handle moves");
		if (rtfm_cancel(new))
			say("a new one does not");
		old = new;
	}
	at = rtfm_now() + 10 * MSEC;
	rtfm_unwrap(rtfm_schedule(one, at));
	rtfm_unwrap(rtfm_schedule(end, at));
}

static void reschedule(struct driver_cx *cx)
{
	uint64_t now = rtfm_now() + AHEAD;
	rtfm_handle a = rtfm_unwrap(rtfm_schedule(foo, now + 10 * MSEC, .x = 1));
	rtfm_handle b = rtfm_unwrap(rtfm_schedule(foo, now + 3600 * SEC, .x = 2));
	rtfm_handle c = rtfm_unwrap(rtfm_schedule(foo, now + 20 * MSEC, .x = 3));
	rtfm_handle moved;

	moved = rtfm_unwrap(rtfm_reschedule(b, now + 5 * MSEC));	/* earlier, and first */
	say("%s", rtfm_cancel(b) == -ENOENT && rtfm_reschedule(b, now) == -ENOENT ?
	    "old handle gone" : "old handle lives");
	say("%s", moved > 0 && moved != b ? "new handle" : "no new handle");
	a = rtfm_unwrap(rtfm_reschedule(a, now + 30 * MSEC));		/* later */
	c = rtfm_unwrap(rtfm_reschedule(c, now + 25 * MSEC));
	c = rtfm_unwrap(rtfm_reschedule(c, now + 35 * MSEC));
	say("%s", rtfm_reschedule(c, 1ULL << 63) == -EINVAL ? "EINVAL" : "moved too far");
	say("%d", rtfm_cancel(a));
	rtfm_unwrap(rtfm_schedule(end, now + 40 * MSEC));
}

/* The payload is kept by a move, and a move to a past instant releases at once. */
static void reschedule_past(struct driver_cx *cx)
{
	rtfm_handle a = rtfm_unwrap(rtfm_schedule(high, rtfm_now() + 3600 * SEC, .x = 7));

	highs = 0;
	a = rtfm_unwrap(rtfm_reschedule(a, rtfm_now() - 1));
	wait_for_jobs(&highs, 1);
	say("driver");
	say("%s", rtfm_cancel(a) == -ENOENT ? "released" : "cancelled");
	rtfm_exit(0);
}

/* A scheduled job has a slot until it starts; a cancelled job releases it. */
static void slots(struct driver_cx *cx)
{
	uint64_t far = rtfm_now() + 3600 * SEC;
	int n = 0;

	for (int round = 0; round < 3; round++) {
		rtfm_handle handle;

		for (n = 0; n < 8 && (handle = rtfm_schedule(foo, far, .x = n)) > 0; n++)
			handles[n] = handle;
		if (n != 8 || rtfm_schedule(foo, far, .x = n) != -EAGAIN ||
		    rtfm_spawn(foo, .x = n) != -EAGAIN)
			say("not full at %d", n);
		while (n--) {
			if (rtfm_cancel(handles[n]))
				say("not cancelled");
		}
	}
	say("%s", rtfm_schedule(foo, 1ULL << 63, .x = 0) == -EINVAL ? "EINVAL" : "too far");
	say("%s", rtfm_schedule(foo, UINT64_MAX, .x = 0) == -EINVAL ? "EINVAL" : "too far");
	handles[0] = rtfm_unwrap(rtfm_schedule(foo, (uint64_t)INT64_MAX, .x = 0));
	say("%d", rtfm_cancel(handles[0]));
	rtfm_exit(0);
}

static int seen[100], settled;	/* of a round: ran or cancelled */

RTFM_TASK(many)
{
	check_early(cx->scheduled);
	if (msg->x >= 0 && msg->x < 100)
		seen[msg->x]++;
	runs++;
	ADD(settled, 1);
}

/* Timers expire while their jobs are cancelled: each runs or is cancelled, never both. */
static void race(struct driver_cx *cx)
{
	for (int round = 0; round < 20; round++) {
		uint64_t now = rtfm_now();

		memset(seen, 0, sizeof(seen));
		STORE(settled, 0);
		for (int i = 0; i < 100; i++)
			handles[i] = rtfm_unwrap(rtfm_schedule(many, now + (uint64_t)i * 20000,
							       .x = i));
		for (int i = 99; i >= 0; i--) {
			uint64_t at = now + (uint64_t)i * 20000;
			rtfm_handle handle = handles[i];

			if (i % 3 == 0)
				handle = rtfm_reschedule(handle, at + 10000);
			if (handle < 0 ? handle != -ENOENT : 0)
				say("reschedule %lld", (long long)handle);
			if (handle > 0 && i % 2 && !rtfm_cancel(handle)) {
				cancelled++;
				seen[i]++;
				ADD(settled, 1);
			}
		}
		wait_for_jobs(&settled, 100);
		for (int i = 0; i < 100; i++) {
			if (seen[i] != 1)
				say("job %d: %d", i, seen[i]);
		}
	}
	rtfm_exit(0);
}

/* Scenarios in which a released job has to preempt a task that spins. */
static bool spins(void (*what)(struct driver_cx *cx))
{
	return what == ties || what == race;
}

int main(void)
{
	static const struct {
		const char *name;
		void (*scenario)(struct driver_cx *cx);
		const char *journal;
	} cases[] = {
		{ "by instant, not by submission", order, "bar 1|high 2|foo 3" },
		{ "equal instants, in the order of submission", ties,
		  "high 0|high 1|driver|foo 0|bar 0|foo 1|bar 1|foo 2|bar 2|foo 3|bar 3" },
		{ "the past, at once", past, "high 1|high 2|high 3|driver|foo 0" },
		{ "after a duration", after, "high 1|high 2|EINVAL|EINVAL|driver|foo 3" },
		{ "cancel, exactly once", cancel_once, "handles|0|ENOENT|foo 1|foo 3|one" },
		{ "what is no handle", never_named, "0" },
		{ "old handles", stale, "high 1|released|released|one" },
		{ "reschedule", reschedule, "old handle gone|new handle|EINVAL|0|foo 2|foo 3" },
		{ "reschedule into the past", reschedule_past, "high 7|driver|released" },
		{ "slots", slots, "EINVAL|EINVAL|0" },
		{ "cancel while jobs become due", race, "" },
	};

	tap_begin(60);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		if (spins(cases[i].scenario) && !time_preempts()) {
			ok_skip(cases[i].name, NO_TIME_PREEMPTION);
			continue;
		}
		scenario = cases[i].scenario;
		ok_run(cases[i].name, cases[i].journal);
	}
	if (time_preempts())
		ok_eq(runs + cancelled, 2000, "each of 2000 jobs ran or was cancelled");
	printf("# %d ran, %d were cancelled\n", runs, cancelled);
	ok_eq(early, 0, "none was early");
	return tap_end();
}
