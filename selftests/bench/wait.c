// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The lateness of a task that a timer releases, at 1 kHz, on a core whose idle calls
 * rtfm_wait(): timer_lateness_wait, or timer_to_task_wait. Unlike a core without idle, it
 * runs code between two releases.
 */
#include "timer.h"

#define WAIT(core, resource, task)					\
	core(0, init, idle)						\
	task(tick, priority(2), period(1000000))
RTFM_APP(WAIT);

RTFM_INIT(0)
{
	release.series.engine = bench_engine();
}

RTFM_TASK(tick)
{
	uint64_t tsc = bench_tsc();

	release_note(tsc, cx->scheduled);
	if (release_over())
		rtfm_exit(0);
}

RTFM_IDLE(0)
{
	while (rtfm_running())
		rtfm_wait();
}

int main(int argc, char **argv)
{
	int status;

	bench_begin(argc, argv);
	release_begin_as("timer_lateness_wait", "timer_to_task_wait");
	status = bench_run(0);
	if (!status)
		release_end_as("syscalls_per_period_wait");
	return status;
}
