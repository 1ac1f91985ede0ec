// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Two cores.
 *
 *	cross lock	lock_unlock_remote: other cores may send to a level above the lock
 *	cross polling	xcore_rtt_polling: a job to the other core and a job back; both poll
 *	cross below	xcore_rtt_polling_below: the same, and each core has a task of a
 *			higher priority, which may preempt
 *	cross parked	xcore_rtt_parked: the round trip; both cores sleep in between
 *	cross busy	xcore_rtt_busy: the round trip; both cores run a task of lower
 *			priority; kick_to_task_busy: from the spawn to the first instruction
 *			of the task on the other core
 *
 * The clock is not read inside a round trip: kick_to_task_busy has samples of its own.
 */
#include "bench.h"

#define BATCH		256
#define ROUNDS		16	/* of a sample of polling */

#define CROSS(core, resource, task)					\
	core(0, init)							\
	resource(shared, unsigned long, 0)				\
	task(driver, priority(1), uses(shared))				\
	task(pong, priority(2), remote, uses(shared))			\
	task(pong_top, priority(3), remote)				\
	core(1)								\
	task(spinner, priority(1), remote)				\
	task(ping, priority(2), remote)					\
	task(ping_top, priority(3), remote)
RTFM_APP(CROSS);

static struct series series, kick;
static const char *mode;
static int answered, spins, over;

/* The private data of core 0 and the data that ping uses are in different cache lines. */
static struct {
	uint64_t start, returned;
	unsigned int rounds;
} here __attribute__((aligned(128)));

static struct {
	uint64_t arrived;
	bool stamp;		/* ping reads the clock */
} there __attribute__((aligned(128)));

static bool mode_is(const char *what)
{
	return !strcmp(mode, what);
}

RTFM_INIT(0)
{
	rtfm_unwrap(rtfm_spawn(driver));
}

/* The other core is busy from here on, for a limited time. */
RTFM_TASK(spinner)
{
	uint64_t hang = rtfm_now() + 5 * SEC;

	STORE(spins, 1);
	while (!LOAD(over) && rtfm_now() < hang)
		;
}

RTFM_TASK(ping)
{
	if (there.stamp)
		there.arrived = bench_tsc();
	(void)!rtfm_spawn(pong);
}

/* In C, rtfm_lock() is not for an argument that is expanded several times. */
static inline __attribute__((always_inline)) void lock_unlock(struct driver_cx *cx)
{
	rtfm_lock(shared)
		BARRIER();
}

static void measure_lock(struct driver_cx *cx)
{
	BENCH_SERIES(&series, "lock_unlock_remote", BATCH, lock_unlock(cx););
	rtfm_exit(0);
}

static void measure_busy(struct driver_cx *cx)
{
	uint64_t hang = rtfm_now() + 5 * SEC;

	rtfm_unwrap(rtfm_spawn(spinner));
	while (!LOAD(spins) && rtfm_now() < hang)
		;
	series_begin(&series, "xcore_rtt_busy", 1);
	series_begin(&kick, "kick_to_task_busy", 1);
	while (!(series_full(&series) && series_full(&kick)) && rtfm_now() < hang) {
		answered = 0;
		there.stamp = !there.stamp;
		bench_start(&here.start);
		(void)!rtfm_spawn(ping);
		while (!LOAD(answered) && rtfm_now() < hang)
			;
		if (there.stamp)
			series_add(&kick, there.arrived - here.start);
		else
			series_add(&series, here.returned - here.start);
	}
	STORE(over, 1);
	series_end(&series);
	series_end(&kick);
	rtfm_exit(0);
}

RTFM_TASK(ping_top)
{
	(void)!rtfm_spawn(pong_top);
}

static const char *op(void)
{
	if (mode_is("polling"))
		return "xcore_rtt_polling";
	return mode_is("below") ? "xcore_rtt_polling_below" : "xcore_rtt_parked";
}

RTFM_TASK(driver)
{
	if (mode_is("lock")) {
		measure_lock(cx);
	} else if (mode_is("busy")) {
		measure_busy(cx);
	} else {
		series_begin(&series, op(), mode_is("parked") ? 1 : ROUNDS);
		bench_start(&here.start);
		if (mode_is("polling"))
			(void)!rtfm_spawn(ping_top);
		else
			(void)!rtfm_spawn(ping);
	}
}

/* A round trip is over: is another one to follow? */
static bool more(void)
{
	if (++here.rounds < series.batch)
		return true;
	here.returned = bench_tsc();
	here.rounds = 0;
	if (mode_is("busy")) {
		STORE(answered, 1);
		return false;
	}
	series_add(&series, here.returned - here.start);
	if (series_full(&series)) {
		series_end(&series);
		rtfm_exit(0);
		return false;
	}
	bench_start(&here.start);
	return true;
}

RTFM_TASK(pong)
{
	if (more())
		(void)!rtfm_spawn(ping);
}

RTFM_TASK(pong_top)
{
	if (more())
		(void)!rtfm_spawn(ping_top);
}

int main(int argc, char **argv)
{
	int n = bench_begin(argc, argv);

	mode = n > 1 ? argv[1] : "";
	if (!mode_is("lock") && !mode_is("polling") && !mode_is("below") && !mode_is("parked") &&
	    !mode_is("busy")) {
		fprintf(stderr, "usage: cross lock|polling|below|parked|busy\n");
		return 2;
	}
	/* what a lock costs needs no second CPU */
	if (bench.cpus[1] < 0 && mode_is("lock"))
		bench.cpus[1] = bench.cpus[0];
	if (bench.cpus[1] < 0) {
		fprintf(stderr, "bench: one CPU: nothing to measure across cores\n");
		return 0;
	}
	return bench_run(mode_is("polling") || mode_is("below") ? RTFM_POLL : 0);
}
