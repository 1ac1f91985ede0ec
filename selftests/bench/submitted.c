// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The lateness of a task that a timer releases, at 1 kHz, on a core that sleeps, if the core has
 * scheduled 60 jobs since, each of them earlier than those that are pending: with --insn,
 * release_behind_submissions, else timer_lateness_submitted. Compare with release idle.
 */
#include "timer.h"

#define SUBMISSIONS	60
#define CAPACITY	4095

#define SUBMITTED(core, resource, task)					\
	core(0, init)							\
	task(tick, priority(2), period(1000000))			\
	task(far0, priority(1), capacity(4095))				\
	task(far1, priority(1), capacity(4095))
RTFM_APP(SUBMITTED);

static uint64_t far;
static unsigned int scheduled;

RTFM_INIT(0)
{
	release.series.engine = bench_engine();
	far = rtfm_now() + 3600 * SEC;
}

RTFM_TASK(far0) { }
RTFM_TASK(far1) { }

RTFM_TASK(tick)
{
	uint64_t tsc = bench_tsc();

	release_note(tsc, cx->scheduled);
	if (release_over()) {
		rtfm_exit(0);
		return;
	}
	for (int i = 0; i < SUBMISSIONS && scheduled < 2 * CAPACITY; i++) {
		far -= USEC;
		if (scheduled++ < CAPACITY)
			rtfm_unwrap(rtfm_schedule(far0, far));
		else
			rtfm_unwrap(rtfm_schedule(far1, far));
	}
}

int main(int argc, char **argv)
{
	int status;

	bench_begin(argc, argv);
	release_begin_as("timer_lateness_submitted", "release_behind_submissions");
	status = bench_run(0);
	if (!status)
		release_end_as("syscalls_per_period_submitted");
	return status;
}
