// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Periodic tasks: each release is at start + offset + k * period, no two have the same k,
 * and skipped releases are counted. How many jobs run depends on the machine; the sum of
 * jobs and skipped releases does not.
 */
#include "tap.h"

#define PERIOD		RTFM_USEC(2000)
#define OFFSET		RTFM_MSEC(5)
#define SLOW		RTFM_MSEC(4)

#define PERIODIC(core, resource, task)					\
	core(0, init, idle, uses(order))				\
	resource(order, int, 0)						\
	task(begin, priority(31))					\
	task(tick, priority(3), period(PERIOD), offset(OFFSET), uses(order)) \
	task(slow, priority(1), period(SLOW))				\
	task(also, priority(3), period(PERIOD), capacity(2))		\
	core(1, init)							\
	task(begin_other, priority(31))					\
	task(other, priority(2), period(PERIOD), offset(PERIOD / 2))
RTFM_APP(PERIODIC);

static enum { BUSY, PARKED, BLOCKED, LATE } scenario;

struct seen {
	uint64_t offset, period, last;
	unsigned long jobs, gaps, off_grid, back, early;
};

static struct seen ticks, slows, alsos, others;
static __thread uint64_t start;	/* of the app, as the core knows it */
static uint64_t blocked_jobs, overruns_tick, overruns_slow;
static bool slow_preempted;
static int spawned, spawned_also;

static void look(struct seen *seen, uint64_t scheduled)
{
	if (rtfm_now() < scheduled)
		seen->early++;
	if (scheduled < start + seen->offset ||
	    (scheduled - start - seen->offset) % seen->period)
		seen->off_grid++;
	else if (seen->jobs && scheduled <= seen->last)
		seen->back++;
	else if (seen->jobs)
		seen->gaps += (scheduled - seen->last) / seen->period - 1;
	else
		seen->gaps += (scheduled - start - seen->offset) / seen->period;
	seen->last = scheduled;
	seen->jobs++;
}

/* On a machine that others use, 60 ms may be over before the app has begun. */
static bool all_seen(void)
{
	return LOAD(ticks.jobs) > 2 && LOAD(slows.jobs) > 4 && LOAD(alsos.jobs) > 2 &&
	       LOAD(others.jobs) > 2;
}

RTFM_INIT(0)
{
	rtfm_unwrap(rtfm_spawn(begin));
}

RTFM_INIT(1)
{
	rtfm_unwrap(rtfm_spawn(begin_other));
}

/* Before any other */
RTFM_TASK(begin)
{
	start = cx->scheduled;
}

RTFM_TASK(begin_other)
{
	start = cx->scheduled;
}

RTFM_IDLE(0)
{
	uint64_t end = start + 60 * MSEC;

	if (scenario == BLOCKED) {
		unsigned long before;

		while (!LOAD(ticks.jobs))
			;
		rtfm_lock(order) {
			before = ticks.jobs;
			while (rtfm_now() < end)
				;
			blocked_jobs = ticks.jobs - before;
		}
		end += 40 * MSEC;
	}
	while (rtfm_now() < end || (!all_seen() && rtfm_now() < start + 10 * SEC)) {
		if (scenario == PARKED)
			rtfm_wait();
	}
	rtfm_exit(0);
	/* no job starts any more, so the number of overruns is final */
	overruns_tick = rtfm_overruns(tick);
	overruns_slow = rtfm_overruns(slow);
}

RTFM_TASK(tick)
{
	look(&ticks, cx->scheduled);
	rtfm_lock(order)
		++*order;
}

/*
 * In scenario LATE it takes two and a half periods, once; on a busy machine it waits until
 * the next release of tick.
 */
RTFM_TASK(slow)
{
	unsigned long before = LOAD(ticks.jobs);

	look(&slows, cx->scheduled);
	if (scenario == LATE && slows.jobs == 3) {
		uint64_t end = rtfm_now() + SLOW * 5 / 2;

		while (rtfm_now() < end || (LOAD(ticks.last) < end && rtfm_now() < end + 10 * SEC))
			;
		slow_preempted = LOAD(ticks.jobs) > before;
	}
}

/* A periodic task may be sent to as well. */
RTFM_TASK(also)
{
	bool by_time = cx->scheduled >= start && (cx->scheduled - start) % PERIOD == 0;

	if (!by_time) {
		spawned_also++;
		return;
	}
	look(&alsos, cx->scheduled);
	if (alsos.jobs == 2) {
		spawned = rtfm_schedule(also, start + 1) > 0;
		spawned += rtfm_schedule(also, start + 3) > 0;
		spawned += rtfm_schedule(also, start + 5) == -EAGAIN;
	}
}

RTFM_TASK(other)
{
	look(&others, cx->scheduled);
}

static void on_grid(const char *what, const char *task, const struct seen *seen)
{
	ok(seen->jobs > 1, "%s: %s: there were jobs", what, task);
	ok(!seen->off_grid && !seen->back && !seen->early,
	   "%s: %s: at start + offset + k periods, each once, never early", what, task);
}

static void check_all(const char *what)
{
	struct rtfm_options options = { .size = sizeof(options) };
	int status;

	memset(&ticks, 0, sizeof(ticks));
	memset(&slows, 0, sizeof(slows));
	memset(&alsos, 0, sizeof(alsos));
	memset(&others, 0, sizeof(others));
	ticks.period = alsos.period = others.period = PERIOD;
	ticks.offset = OFFSET;
	others.offset = PERIOD / 2;
	slows.period = SLOW;
	spawned = spawned_also = 0;
	status = rtfm_run(&rtfm_app, &options);
	ok_eq(status, 0, what);
	if (status < 0)
		printf("# %s\n", rtfm_error());
	on_grid(what, "tick", &ticks);
	on_grid(what, "slow", &slows);
	on_grid(what, "also", &alsos);
	on_grid(what, "other", &others);
	/* each gap is an overrun, and so is a release that waited for the previous job */
	ok(overruns_tick >= ticks.gaps, "%s: what is left out is counted", what);
}

int main(void)
{
	tap_begin(110);
	need_cpus(2);
	ok(rtfm_error(), "there is an error text");

	scenario = PARKED;
	check_all("parked");
	ok_eq(spawned, 3, "parked: capacity is without the slot of time");
	ok_eq(spawned_also, 2, "parked: two were scheduled as well");

	if (!time_preempts()) {
		ok_skip("busy, blocked, late", NO_TIME_PREEMPTION);
		return tap_end();
	}
	scenario = BUSY;
	check_all("busy");

	scenario = BLOCKED;
	check_all("blocked");
	ok_eq((long long)blocked_jobs, 0, "blocked: no job while the lock is held");
	ok(overruns_tick >= 5, "blocked: the releases meanwhile are overruns");
	printf("# %lu jobs, %lu gaps, %lu overruns\n", ticks.jobs, ticks.gaps,
	       (unsigned long)overruns_tick);

	scenario = LATE;
	check_all("late");
	ok(slow_preempted, "late: higher ones run meanwhile");
	/* of the releases in 2.5 periods, one starts late and the others are skipped */
	ok(overruns_slow >= 2, "late: the releases that find it running are overruns");
	ok(slows.gaps >= 1 && overruns_slow >= slows.gaps + 1,
	   "late: one of them was not left out, but started late");
	printf("# %lu jobs, %lu gaps, %lu overruns\n", slows.jobs, slows.gaps,
	       (unsigned long)overruns_slow);
	return tap_end();
}
