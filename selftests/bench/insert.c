// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The cost of scheduling a job and of cancelling it.
 *
 *	schedule_insert_0	nothing is pending: the new job is the earliest, and may
 *				preempt its sender: the timer has to be armed
 *	schedule_insert_100	100 are pending, the new one is not the earliest
 *	schedule_insert_10000	the same with 10,000
 *	cancel			of a job that is not the earliest, 100 are pending
 */
#include "bench.h"

#define BATCH	16

#define INSERT(core, resource, task)					\
	core(0, init)							\
	task(driver, priority(1))					\
	task(probe, priority(1), capacity(16))				\
	task(above, priority(2))					\
	task(far0, priority(1), capacity(4096))				\
	task(far1, priority(1), capacity(4096))				\
	task(far2, priority(1), capacity(4096))
RTFM_APP(INSERT);

static struct series insert, cancel;
static uint64_t begin;

/* None of these is released. */
RTFM_TASK(probe) {}
RTFM_TASK(above) {}
RTFM_TASK(far0) {}
RTFM_TASK(far1) {}
RTFM_TASK(far2) {}

/* In the third hour from now; the earliest is in the second. */
static uint64_t some_instant(void)
{
	static uint64_t x = 88172645463325252;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return begin + 7200 * SEC + x % (3600 * SEC);
}

static void fill(struct driver_cx *cx, unsigned int from, unsigned int to)
{
	for (unsigned int i = from; i < to; i++) {
		uint64_t instant = i ? some_instant() : begin + 3600 * SEC;

		if (i < 4096)
			rtfm_unwrap(rtfm_schedule(far0, instant));
		else if (i < 8192)
			rtfm_unwrap(rtfm_schedule(far1, instant));
		else
			rtfm_unwrap(rtfm_schedule(far2, instant));
	}
}

/* Each is earlier than all before, also than those that were taken back. */
static void measure_earliest(struct driver_cx *cx)
{
	uint64_t instant = begin + 7200 * SEC, start;

	series_begin(&insert, "schedule_insert_0", 1);
	while (!series_full(&insert)) {
		rtfm_handle handle;

		instant -= USEC;
		bench_start(&start);
		handle = rtfm_schedule(above, instant);
		series_add(&insert, bench_tsc() - start);
		rtfm_unwrap(rtfm_cancel(handle));
	}
	series_end(&insert);
}

static void measure(struct driver_cx *cx, const char *op)
{
	unsigned int batch = bench.insn ? 1 : BATCH, i;
	rtfm_handle handles[BATCH];
	uint64_t at[BATCH], start;

	series_begin(&insert, op, batch);
	series_begin(&cancel, "cancel", batch);
	while (!series_full(&insert)) {
		for (i = 0; i < batch; i++)
			at[i] = some_instant();
		bench_start(&start);
		for (i = 0; i < batch; i++)
			handles[i] = rtfm_schedule(probe, at[i]);
		series_add(&insert, bench_tsc() - start);
		bench_start(&start);
		for (i = 0; i < batch; i++)
			(void)!rtfm_cancel(handles[i]);
		series_add(&cancel, bench_tsc() - start);
	}
	series_end(&insert);
}

/* The engine's own threads go to sleep in the meantime. */
RTFM_INIT(0)
{
	bench_sleep(10 * MSEC);
	rtfm_unwrap(rtfm_spawn(driver));
}

RTFM_TASK(driver)
{
	begin = rtfm_now();
	if (bench_wanted("schedule_insert_0"))
		measure_earliest(cx);
	bench_pause();
	fill(cx, 0, 100);
	if (bench_wanted("schedule_insert_100") || bench_wanted("cancel")) {
		measure(cx, "schedule_insert_100");
		series_end(&cancel);
	}
	bench_pause();
	if (bench_wanted("schedule_insert_10000")) {
		fill(cx, 100, 10000);
		measure(cx, "schedule_insert_10000");
	}
	rtfm_exit(0);
}

int main(int argc, char **argv)
{
	bench_begin(argc, argv);
	return bench_run(0);
}
