// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Operations of a single core.
 *
 *	lock_unlock		an empty block under a lock
 *	spawn_low		a spawn to a task of lower priority, which does not run yet
 *	spawn_high		a spawn to a task that preempts, runs and returns
 *	spawn_high_general	the same, with a task that is declared general_regs
 *	spawn_to_start_low	from the spawn, through the end of the sender, to the first
 *				instruction of a task of lower priority
 *	unlock_to_deferred_task	from the unlock to the first instruction of a task of
 *				higher priority, whose timer fired under the lock
 */
#include "bench.h"

#define LOW_BATCH	48	/* a task has 64 slots on the fast path */
#define BATCH		256

/* A chain of tasks, each one sends to the next */
#define LEVELS(task)							\
	task(level24, priority(24)) task(level23, priority(23))		\
	task(level22, priority(22)) task(level21, priority(21))		\
	task(level20, priority(20)) task(level19, priority(19))		\
	task(level18, priority(18)) task(level17, priority(17))		\
	task(level16, priority(16)) task(level15, priority(15))		\
	task(level14, priority(14)) task(level13, priority(13))		\
	task(level12, priority(12)) task(level11, priority(11))		\
	task(level10, priority(10)) task(level9, priority(9))		\
	task(level8, priority(8)) task(level7, priority(7))		\
	task(level6, priority(6)) task(level5, priority(5))		\
	task(level4, priority(4)) task(level3, priority(3))		\
	task(level2, priority(2)) task(level1, priority(1))
#define STEPS	24	/* from the task "from" on */

#define LOCAL(core, resource, task)					\
	core(0, init)							\
	resource(shared, unsigned long, 0)				\
	task(driver, priority(1), uses(shared))				\
	task(above, priority(2), uses(shared))				\
	task(general, priority(2), general_regs)			\
	task(deferred, priority(2))					\
	task(sender, priority(2))					\
	task(low, priority(1), capacity(64))				\
	task(next, priority(1))						\
	task(from, priority(25))					\
	task(to, priority(1))						\
	LEVELS(task)
RTFM_APP(LOCAL);

static struct series series;
static uint64_t start, fired;

/* The engine's own threads go to sleep in the meantime. */
RTFM_INIT(0)
{
	bench_sleep(10 * MSEC);
	rtfm_unwrap(rtfm_spawn(driver));
}

/* In C, rtfm_lock() is not for an argument that is expanded several times. */
static inline __attribute__((always_inline)) void lock_unlock(struct driver_cx *cx)
{
	rtfm_lock(shared)
		BARRIER();
}

static void measure_lock(struct driver_cx *cx)
{
	BENCH_SERIES(&series, "lock_unlock", BATCH, lock_unlock(cx););
}

/* It makes the ceiling higher than the priority of driver. */
RTFM_TASK(above)
{
	BARRIER();
}

RTFM_TASK(general)
{
	BARRIER();
}

static void measure_high(struct driver_cx *cx)
{
	BENCH_SERIES(&series, "spawn_high", BATCH, (void)!rtfm_spawn(above););
	BENCH_SERIES(&series, "spawn_high_general", BATCH, (void)!rtfm_spawn(general););
}

RTFM_TASK(deferred)
{
	fired = bench_tsc();
}

/*
 * The timer has to fire between the lock and the unlock; how long before is found out.
 * Where the signal of timer_create() is starved it fires after the spinning, or never.
 */
static void measure_deferred(struct driver_cx *cx)
{
	uint64_t ahead = 20 * USEC, settle = 150 * USEC, hang;
	int missed = 0;

	if (!bench_wanted("unlock_to_deferred_task"))
		return;
	series_begin(&series, "unlock_to_deferred_task", 1);
	while (!series_full(&series) && missed < 20) {
		uint64_t instant = rtfm_now() + ahead;
		bool early;

		fired = 0;
		rtfm_unwrap(rtfm_schedule(deferred, instant));
		rtfm_lock(shared) {
			early = LOAD(fired);
			while (rtfm_now() < instant + settle)
				;
			bench_start(&start);
		}
		if (LOAD(fired) && !early) {
			series_add(&series, fired - start);
			missed = 0;
			continue;
		}
		missed++;
		if (early && ahead < 100 * MSEC)
			ahead *= 2;
		if (!early && settle < 20 * MSEC)
			settle *= 2;
		hang = rtfm_now() + 20 * MSEC;
		while (!LOAD(fired) && rtfm_now() < hang)
			;
		if (!LOAD(fired))
			bench_sleep(MSEC);
	}
	series_end(&series);
	bench_pause();
}

RTFM_TASK(driver)
{
	measure_lock(cx);
	measure_high(cx);
	measure_deferred(cx);
	series_begin(&series, "spawn_low", BENCH_BATCH(LOW_BATCH));
	rtfm_unwrap(rtfm_spawn(next));
}

RTFM_TASK(sender)
{
	BENCH_SAMPLE(&series, (void)!rtfm_spawn(low););
}

RTFM_TASK(low)
{
	BARRIER();
}

/* Sends at its end, so it runs again when all of low have run. */
RTFM_TASK(next)
{
	if (bench_wanted("spawn_low") && !series_full(&series)) {
		rtfm_unwrap(rtfm_spawn(sender));
		rtfm_unwrap(rtfm_spawn(next));
		return;
	}
	if (bench_wanted("spawn_low"))
		series_end(&series);
	if (!bench_wanted("spawn_to_start_low")) {
		rtfm_exit(0);
		return;
	}
	series_begin(&series, "spawn_to_start_low", 1);
	series.batch = bench.insn ? 1 : STEPS;
	rtfm_unwrap(rtfm_spawn(from));
}

RTFM_TASK(from)
{
	bench_start(&start);
	if (bench.insn)
		(void)!rtfm_spawn(to);
	else
		(void)!rtfm_spawn(level24);
}

#define LINK(here, below)						\
RTFM_TASK(level##here)							\
{									\
	(void)!rtfm_spawn(level##below);					\
}

LINK(24, 23) LINK(23, 22) LINK(22, 21) LINK(21, 20) LINK(20, 19) LINK(19, 18)
LINK(18, 17) LINK(17, 16) LINK(16, 15) LINK(15, 14) LINK(14, 13) LINK(13, 12)
LINK(12, 11) LINK(11, 10) LINK(10, 9) LINK(9, 8) LINK(8, 7) LINK(7, 6) LINK(6, 5)
LINK(5, 4) LINK(4, 3) LINK(3, 2) LINK(2, 1)

static inline __attribute__((always_inline)) void reached(void)
{
	series_add(&series, bench_tsc() - start);
}

RTFM_TASK(level1)
{
	reached();
	rtfm_unwrap(rtfm_spawn(to));
}

RTFM_TASK(to)
{
	if (bench.insn)
		reached();
	if (!series_full(&series)) {
		rtfm_unwrap(rtfm_spawn(from));
		return;
	}
	series_end(&series);
	rtfm_exit(0);
}

int main(int argc, char **argv)
{
	bench_begin(argc, argv);
	return bench_run(0);
}
