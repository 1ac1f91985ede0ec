// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A lock, a spawn on the same core, and a preemption with its return make no system call.
 * The program does a million of each between two calls of getppid(), and
 * selftests/strace/no_syscalls.sh checks the system calls in between. Run alone, it checks
 * that all jobs ran.
 *
 *	no_syscalls [N]
 */
#include "tap.h"
#include <sys/syscall.h>

#define QUIET(core, resource, task)					\
	core(0, init)							\
	resource(shared, unsigned long, 0)				\
	task(begin, priority(1))					\
	task(driver, priority(1), uses(shared))				\
	task(above, priority(2), uses(shared), message(unsigned long x)) \
	task(below, priority(1), capacity(10), message(unsigned long x)) \
	task(next, priority(1))
RTFM_APP(QUIET);

static unsigned long operations = 1000000, preempted, deferred, unlocked, locks;

static void marker(void)
{
	syscall(SYS_getppid);
}

/*
 * A timer releases the first job, so the engine's own thread for timers has run before;
 * it goes to sleep meanwhile.
 */
RTFM_INIT(0)
{
	rtfm_unwrap(rtfm_schedule(begin, rtfm_now() + 20 * MSEC));
}

RTFM_TASK(begin)
{
	spin_until(rtfm_now() + 500 * MSEC);
	rtfm_unwrap(rtfm_spawn(driver));
}

RTFM_TASK(driver)
{
	unsigned long i;

	marker();
	for (i = 0; i < operations; i++) {
		rtfm_lock(shared)
			++*shared;
	}
	for (i = 0; i < operations; i++)
		rtfm_unwrap(rtfm_spawn(above, .x = 1));
	for (i = 0; i < operations / 10; i++) {
		rtfm_lock(shared) {
			rtfm_unwrap(rtfm_spawn(above, .x = 0));
			++*shared;
		}
	}
	rtfm_lock(shared)
		locks = *shared;
	rtfm_unwrap(rtfm_spawn(next));
}

RTFM_TASK(above)
{
	if (msg->x)
		preempted++;
	else
		unlocked++;
}

/* Jobs that wait for the end of the one that sent them. */
RTFM_TASK(next)
{
	static unsigned long left;

	if (!left)
		left = operations / 10;
	for (unsigned long i = 0; i < 10; i++)
		rtfm_unwrap(rtfm_spawn(below, .x = i));
	if (--left) {
		rtfm_unwrap(rtfm_spawn(next));
		return;
	}
	marker();
	rtfm_exit(0);
}

RTFM_TASK(below)
{
	deferred += msg->x < 10;
}

int main(int argc, char **argv)
{
	int status;

	if (asked_for("signal"))
		tap_skip_all("on engine signal each lock and each spawn is a system call");
	tap_begin(60);
	if (argc > 1)
		operations = strtoul(argv[1], NULL, 0) / 10 * 10;
	status = rtfm_run(&rtfm_app, NULL);
	if (status)
		printf("# status %d: %s\n", status, rtfm_error());
	ok(!status && locks == operations + operations / 10, "%lu locks", locks);
	ok(preempted == operations, "%lu spawns that preempt", preempted);
	ok(unlocked == operations / 10, "%lu spawns that an unlock lets in", unlocked);
	/* the jobs of the last round are pending when the app ends */
	ok(deferred >= operations - 10, "%lu spawns that wait for their sender", deferred);
	return tap_end();
}
