// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The lateness of a task that a timer releases, at 1 kHz, on a core that sleeps (idle), that
 * polls (polled: RTFM_POLL), or whose other task spins (busy). With --insn,
 * timer_to_task_parked, timer_to_task_polled and timer_to_task_busy.
 * The core has no idle; wait.c measures one that calls rtfm_wait().
 *
 *	release idle|busy|polled
 */
#include "timer.h"

#define RELEASE(core, resource, task)					\
	core(0, init)							\
	task(tick, priority(2), period(1000000))			\
	task(spin, priority(1))
RTFM_APP(RELEASE);

static int running = 1;

RTFM_INIT(0)
{
	release.series.engine = bench_engine();
	if (release.busy)
		rtfm_unwrap(rtfm_spawn(spin));
}

RTFM_TASK(tick)
{
	uint64_t tsc = bench_tsc();

	release_note(tsc, cx->scheduled);
	if (release_over())
		rtfm_exit(0);
}

RTFM_TASK(spin)
{
	if (!release_spin(&running))
		rtfm_exit(0);
}

int main(int argc, char **argv)
{
	int n = bench_begin(argc, argv), status;

	if (!release_begin(n, argv, 1)) {
		fprintf(stderr, "usage: release idle|busy|polled\n");
		return 2;
	}
	status = bench_run(release.polled ? RTFM_POLL : 0);
	if (!status)
		release_end();
	return status;
}
