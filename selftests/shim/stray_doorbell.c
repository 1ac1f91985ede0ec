// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * No doorbell of the library reaches the program's handler of the same signal: not the second
 * of two that are sent one right after the other either, which arrives when the handler of the
 * first has run.
 *
 *	RTFM_SHORT=1			a third of the time
 */
#include "tap.h"

#define STRAY(core, resource, task)					\
	core(0, idle)							\
	task(low, priority(1), remote)					\
	task(high, priority(2), remote)					\
	core(1, idle)							\
	task(unused, priority(1))
RTFM_APP(STRAY);

static unsigned long jobs, strays, rounds;

static void on_doorbell(int sig)
{
	ADD(strays, 1);
}

RTFM_TASK(low)
{
	ADD(jobs, 1);
}

RTFM_TASK(high)
{
	ADD(jobs, 1);
}

RTFM_TASK(unused)
{
}

/* It does not sleep, so each spawn has to interrupt it. */
RTFM_IDLE(0)
{
	while (rtfm_running())
		;
}

RTFM_IDLE(1)
{
	uint64_t until = rtfm_now() + (getenv("RTFM_SHORT") ? SEC / 2 : 3 * SEC / 2);

	for (rounds = 0; rounds < 100 || rtfm_now() < until; rounds++) {
		rtfm_unwrap(rtfm_spawn(low));
		rtfm_unwrap(rtfm_spawn(high));
		while (LOAD(jobs) < 2 * rounds + 2)
			;
	}
	rtfm_exit(0);
}

int main(void)
{
	struct sigaction action = { .sa_handler = on_doorbell, .sa_flags = SA_RESTART };

	tap_begin(60);
	need_cpus(2);
	sigaction(SIGURG, &action, NULL);
	if (!ok(!rtfm_run(&rtfm_app, NULL) && jobs == 2 * rounds, "jobs of another core"))
		printf("# %lu jobs in %lu rounds: %s\n", jobs, rounds, rtfm_error());
	if (!ok(!strays, "the program's handler has seen no doorbell in %lu rounds", rounds))
		printf("# it has seen %lu\n", strays);
	raise(SIGURG);
	ok_eq((long long)strays, 1, "it sees a signal of its own");
	return tap_end();
}
