// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Core 1 moves a timer of core 0 to a later instant, and the old instant comes when the move
 * is half done: core 0 drops the timer, starts a job of a lower level, and only then finds
 * the request. The job of the timer preempts that job all the same.
 *
 * Core 1 is stopped after each few instructions of rtfm_reschedule(), by single-stepping.
 */
#include "tap.h"
#include <ucontext.h>

#define MOVED(core, resource, task)					\
	core(0, idle)							\
	task(set, priority(1), remote)					\
	task(low, priority(1))						\
	task(high, priority(2))						\
	core(1, idle)							\
	task(unused, priority(1))
RTFM_APP(MOVED);

#define STRIDE		5	/* instructions */
#define TRAP_FLAG	0x100
#define AHEAD_NS	(50 * MSEC)	/* a trap can take 10 us and more in a virtual machine */

static rtfm_handle handle;
static uint64_t instant;
static int low_runs, low_done, high_done, held_up;
static unsigned int steps, stop_at;

RTFM_TASK(unused)
{
}

RTFM_TASK(set)
{
	uint64_t at = rtfm_now() + AHEAD_NS;

	handle = rtfm_unwrap(rtfm_schedule(high, at));
	rtfm_unwrap(rtfm_schedule(low, at + MSEC / 5));
	STORE(instant, at);
}

RTFM_TASK(high)
{
	STORE(high_done, 1);
}

RTFM_TASK(low)
{
	uint64_t hang = rtfm_now() + 5 * SEC;

	STORE(low_runs, 1);
	while (!LOAD(high_done) && rtfm_now() < hang)
		;
	if (!LOAD(high_done))
		held_up++;
	STORE(low_done, 1);
}

RTFM_IDLE(0)
{
	while (rtfm_running())
		;
}

#ifdef __x86_64__
/* At the right instruction, wait until the old instant has had its effect. */
static void on_trap(int sig, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;

	if (++steps < stop_at)
		return;
	while (!LOAD(low_runs) && !LOAD(high_done))
		;
	uc->uc_mcontext.gregs[REG_EFL] &= ~TRAP_FLAG;
}

/* Compilers know nothing of the flag, so nothing is on the stack that they rely on. */
static __attribute__((noinline)) void trap(bool on)
{
	unsigned long flags = __builtin_ia32_readeflags_u64();

	__builtin_ia32_writeeflags_u64(on ? flags | TRAP_FLAG : flags & ~(unsigned long)TRAP_FLAG);
}

RTFM_IDLE(1)
{
	unsigned int rounds = 0, successes = 0;
	int64_t moved;

	for (stop_at = 1; !held_up && steps + STRIDE >= stop_at; stop_at += STRIDE) {
		steps = 0;
		STORE(instant, 0);
		STORE(low_runs, 0);
		STORE(low_done, 0);
		STORE(high_done, 0);
		rtfm_unwrap(rtfm_spawn(set));
		while (!LOAD(instant))
			;
		trap(true);
		moved = rtfm_reschedule(handle, instant + 5 * MSEC);
		trap(false);
		if (moved < 0 && moved != -ENOENT)
			held_up++;
		while (!LOAD(low_done) || !LOAD(high_done))
			;
		rounds++;
		successes += moved > 0;
	}
	printf("# stopped at %u instructions; %u times the move came in time\n", rounds, successes);
	rtfm_exit(0);
}
#else
static void on_trap(int sig)
{
}

RTFM_IDLE(1)
{
	rtfm_exit(0);
}
#endif

int main(void)
{
	struct sigaction action = { .sa_flags = SA_SIGINFO };

	tap_begin(100);
	need_cpus(2);
	if (!time_preempts())
		tap_skip_all(NO_TIME_PREEMPTION);
#ifndef __x86_64__
	tap_skip_all("single-stepping: on x86-64 only");
#endif
	action.sa_sigaction = (void (*)(int, siginfo_t *, void *))on_trap;
	sigaction(SIGTRAP, &action, NULL);
	ok_eq(rtfm_run(&rtfm_app, NULL), 0, "the app ends");
	ok_eq(held_up, 0, "no job of a lower level delays that of the timer");
	return tap_end();
}
