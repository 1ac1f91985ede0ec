// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * mc-sigprocmask: a lock has no effect on other cores. A task on core 1 prints its
 * signal mask twice, once while core 0 holds a lock and once while it does not. Both
 * lines are the same.
 */
#include "example.h"
#include <signal.h>

#define SIGPROCMASK(core, resource, task)				\
	core(0, init)							\
	resource(x, int, 0)						\
	task(a, priority(1), uses(x))					\
	task(b, priority(2), uses(x))					\
	core(1)								\
	task(c, remote)
RTFM_APP(SIGPROCMASK);

static int printed;	/* written by c, read by a: cores cannot share a resource */

static void wait_until_printed(int n)
{
	while (__atomic_load_n(&printed, __ATOMIC_ACQUIRE) < n)
		;
}

RTFM_INIT(0)
{
	rtfm_unwrap(rtfm_spawn(a));
}

RTFM_TASK(a)
{
	rtfm_lock(x) {
		rtfm_unwrap(rtfm_spawn(c));
		wait_until_printed(1);
	}

	rtfm_unwrap(rtfm_spawn(c));
	wait_until_printed(2);
	rtfm_exit(0);
}

/* Never spawned: raises the ceiling of x above the priority of a. */
RTFM_TASK(b)
{
	++*rtfm_exclusive(x);
}

RTFM_TASK(c)
{
	unsigned long long mask = 0;
	sigset_t set;

	sigprocmask(SIG_BLOCK, NULL, &set);
	for (int sig = 1; sig <= 64; sig++) {
		if (sigismember(&set, sig) == 1)
			mask |= 1ULL << (sig - 1);
	}
	print("%#llx\n", mask);
	__atomic_fetch_add(&printed, 1, __ATOMIC_RELEASE);
}

RTFM_MAIN()
