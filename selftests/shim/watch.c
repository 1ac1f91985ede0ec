// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A released job preempts all code of a lower priority, whatever the core did before: engine
 * soft arms its timer only when code is about to run that a later release may have to
 * preempt. In each case a job or idle spins until the scheduled job has run.
 */
#include "tap.h"
#include <sys/resource.h>

#define WATCH(core, resource, task)					\
	core(0, init, idle, uses(shared))				\
	resource(shared, int, 0)					\
	task(low, priority(1), remote, uses(shared))			\
	task(timed, priority(2), uses(shared))				\
	task(top, priority(3))						\
	task(above, priority(4))					\
	core(1)								\
	task(sender, remote)
RTFM_APP(WATCH);

#define SOON	 (20 * MSEC)
#define HOUR	 (3600 * SEC)
#define PATIENCE (5 * SEC)

static enum {
	AFTER_LOCK, AFTER_JOB, HANDLER, HIGHER, MOVED, CANCELLED, TOGETHER, IN_IDLE, KICKED,
	IDLE_LOCK, IDLE_POLL,
} scenario;

static int hit, waits;

static void spin(const char *what)
{
	uint64_t until = rtfm_now() + PATIENCE;

	while (!LOAD(hit) && rtfm_now() < until)
		;
	if (!LOAD(hit))
		say("%s is not preempted", what);
	rtfm_exit(0);
}

RTFM_INIT(0)
{
	uint64_t soon = rtfm_now() + SOON;

	switch (scenario) {
	case TOGETHER:
		/* the core sleeps, and has two jobs when it wakes: the next comes in between */
		rtfm_unwrap(rtfm_schedule(top, soon));
		rtfm_unwrap(rtfm_schedule(low, soon));
		rtfm_unwrap(rtfm_schedule(timed, soon + SOON));
		break;
	case IN_IDLE:
		rtfm_unwrap(rtfm_schedule(top, soon));
		break;
	case KICKED:
		rtfm_unwrap(rtfm_schedule(timed, soon + 10 * SOON));
		rtfm_unwrap(rtfm_spawn(sender));
		break;
	case IDLE_LOCK:
	case IDLE_POLL:
		break;
	default:
		rtfm_unwrap(rtfm_spawn(low));
	}
}

RTFM_IDLE(0)
{
	uint64_t at;

	switch (scenario) {
	case IN_IDLE:
		/* a job of time has woken it, and another comes while it computes */
		while (!LOAD(waits))
			rtfm_wait();
		spin("idle");
		break;
	case IDLE_LOCK:
	case IDLE_POLL:
		/* the job that the lock defers is not due yet: nothing to stay awake for */
		rtfm_lock(shared) {
			at = rtfm_now() + 10 * SOON;
			rtfm_unwrap(rtfm_schedule(timed, at));
			while (rtfm_now() < at) {
				if (scenario == IDLE_LOCK)
					rtfm_wait();
				else
					rtfm_poll(NULL, 0, -1);
				waits++;
			}
		}
		rtfm_exit(0);
		break;
	default:
		break;		/* and the core sleeps */
	}
}

RTFM_TASK(low)
{
	switch (scenario) {
	case AFTER_LOCK:
		/* top runs on top of the lock, which keeps out the job that it schedules */
		rtfm_lock(shared)
			rtfm_unwrap(rtfm_spawn(top));
		break;
	case HANDLER:
		rtfm_unwrap(rtfm_schedule(top, rtfm_now() + SOON));
		break;
	case TOGETHER:
	case KICKED:
		break;
	default:
		rtfm_unwrap(rtfm_spawn(top));
	}
	spin("low");
}

RTFM_TASK(top)
{
	uint64_t soon = rtfm_now() + SOON;
	rtfm_handle handle;

	switch (scenario) {
	case AFTER_LOCK:
	case AFTER_JOB:
		rtfm_unwrap(rtfm_schedule(timed, soon));
		break;
	case HANDLER:
		/* it runs in a signal handler, and nothing was there that could preempt it */
		rtfm_unwrap(rtfm_schedule(above, soon));
		spin("top, in a handler");
		break;
	case HIGHER:
		rtfm_unwrap(rtfm_schedule(timed, soon + HOUR));
		rtfm_unwrap(rtfm_schedule(above, soon));
		spin("top");
		break;
	case MOVED:
		handle = rtfm_unwrap(rtfm_schedule(above, soon + HOUR));
		rtfm_unwrap(rtfm_reschedule(handle, soon));
		spin("top");
		break;
	case CANCELLED:
		/* what is armed for the first is too early for the second */
		handle = rtfm_unwrap(rtfm_schedule(above, soon));
		rtfm_unwrap(rtfm_cancel(handle));
		rtfm_unwrap(rtfm_schedule(above, soon + SOON));
		spin("top");
		break;
	case TOGETHER:
		break;
	default:
		STORE(waits, 1);
		rtfm_unwrap(rtfm_schedule(timed, soon));
	}
}

RTFM_TASK(timed)
{
	STORE(hit, 1);
}

RTFM_TASK(above)
{
	STORE(hit, 1);
}

RTFM_TASK(sender)
{
	spin_until(cx->scheduled + SOON);
	rtfm_unwrap(rtfm_spawn(low));
}

static void run(int what, const char *name)
{
	scenario = what;
	hit = 0;
	waits = 0;
	ok_run(name, "");
}

static void run_all(const char *alarm)
{
	printf("# %s\n", alarm);
	run(AFTER_LOCK, "at the end of a lock");
	run(AFTER_JOB, "at the end of a job");
	run(HANDLER, "a job that runs in a signal handler");
	run(HIGHER, "a job that schedules a higher one than is pending");
	run(MOVED, "a job that is moved to an earlier instant");
	run(CANCELLED, "after one that was cancelled");
	run(TOGETHER, "a job that was due together with a higher one");
	run(IN_IDLE, "idle, after it has waited");
	run(KICKED, "a job that woke the core");
	run(IDLE_LOCK, "idle waits with a lock");
	ok(waits < 50, "it sleeps while the job that the lock defers is not due");
	printf("# it returned %d times\n", waits);
	run(IDLE_POLL, "idle waits with a lock, in rtfm_poll()");
	ok(waits < 50, "there it sleeps, too");
	printf("# it returned %d times\n", waits);
}

int main(void)
{
	struct rlimit none = { 0, 0 };

	tap_begin(100);
	need_cpus(2);
	if (!time_preempts())
		tap_skip_all(NO_TIME_PREEMPTION);
	run_all("as it is");
	/* engine soft has a timekeeper then, and engine signal no signals */
	if (!asked_for("signal") && !setrlimit(RLIMIT_SIGPENDING, &none))
		run_all("RLIMIT_SIGPENDING is 0");
	return tap_end();
}
