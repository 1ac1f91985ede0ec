/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Shared by the benchmarks of timers: one release each millisecond, and its lateness. */
#ifndef BENCH_TIMER_H
#define BENCH_TIMER_H

#include "bench.h"

#define PERIOD		MSEC
#define BUSY		(400 * MSEC)	/* then a rest, or the kernel makes one: bench_pause() */
#define REST		(100 * MSEC)
#define HANG		(200 * MSEC)	/* no release for so long: there will be none */
#define MARKS_FROM	10		/* system calls are counted between two getppid() */
#define MARKS_TO	110

struct release {
	struct series series;
	unsigned int count;
	int resting;		/* releases are not counted while the thread rests, nor one after */
	bool busy;
	bool polled;
	uint64_t latest;
};

static struct release release;

static inline bool release_over(void)
{
	return bench.marks ? release.count > MARKS_TO : series_full(&release.series);
}

/* Called at the first instruction of the released task, with the TSC that it has read. */
static inline void release_note(uint64_t tsc, uint64_t instant)
{
	uint64_t now = bench_instant(tsc);

	release.latest = now;
	release.count++;
	if (bench.marks) {
		if (release.count == MARKS_FROM || release.count == MARKS_TO)
			syscall(SYS_getppid);
		return;
	}
	if (release.resting)
		release.resting -= release.resting == 1;
	else
		series_add(&release.series, now > instant ? now - instant : 0);
}

/* Be busy, and rest now and then, until it is over. False: nothing was released. */
static inline bool release_spin(const int *running)
{
	uint64_t rest = rtfm_now() + BUSY;

	release.latest = rtfm_now();
	while (!release_over() && LOAD(*running)) {
		uint64_t now = rtfm_now();

		if (now > LOAD(release.latest) + HANG)
			return false;
		if (bench.insn || bench.marks || now < rest)
			continue;
		STORE(release.resting, 2);
		bench_sleep(REST);
		STORE(release.resting, 1);
		rest = rtfm_now() + BUSY;
	}
	return true;
}

static inline void release_begin_as(const char *lateness, const char *insn)
{
	series_begin(&release.series, bench.insn ? insn : lateness, 0);
	release.series.until = UINT64_MAX;
	release.series.skip = 10;
}

/* idle|busy, and of an app polled */
static inline bool release_begin(int argc, char **argv, int at)
{
	if (at >= argc || !argv[at])
		return false;
	release.busy = !strcmp(argv[at], "busy");
	release.polled = !strcmp(argv[at], "polled");
	if (release.busy)
		release_begin_as("timer_lateness_busy", "timer_to_task_busy");
	else if (release.polled)
		release_begin_as("timer_lateness_polled", "timer_to_task_polled");
	else if (!strcmp(argv[at], "idle"))
		release_begin_as("timer_lateness_idle", "timer_to_task_parked");
	else
		return false;
	return true;
}

/* @calls: the operation, where system calls are counted */
static inline void release_end_as(const char *calls)
{
	if (!bench.marks)
		series_end(&release.series);
	else if (release.count > MARKS_TO)
		bench_marked(calls, release.series.engine, MARKS_TO - MARKS_FROM);
	else
		bench_note(calls, release.series.engine, "never");
}

static inline void release_end(void)
{
	release_end_as(release.busy ? "syscalls_per_period" : "syscalls_per_period_parked");
}

#endif /* BENCH_TIMER_H */
