// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A timer releases a job each 10 ms; a script counts system calls during a hundred of these
 * jobs, between two calls of getppid() (selftests/strace/calls.sh). Run alone, the program
 * checks that all jobs ran.
 *
 *	calls [parked|busy|wait [schedule]]
 *
 * parked: the core sleeps in between; busy: another task spins; wait: idle calls
 * rtfm_wait(). schedule: a second task schedules itself.
 */
#include "tap.h"
#include <sys/syscall.h>

#define PERIOD	(10 * MSEC)
#define FROM	5
#define JOBS	100

#define CALLS(core, resource, task)					\
	core(0, init, idle)						\
	task(tick, priority(2), period(PERIOD))			\
	task(again, priority(2))					\
	task(spin, priority(1))
RTFM_APP(CALLS);

static const char *mode = "parked";
static bool schedules;
static int jobs, over;

static void count(void)
{
	jobs++;
	if (jobs == FROM || jobs == FROM + JOBS)
		syscall(SYS_getppid);
	if (jobs == FROM + JOBS) {
		STORE(over, 1);
		rtfm_exit(0);
	}
}

RTFM_INIT(0)
{
	if (schedules)
		rtfm_unwrap(rtfm_schedule(again, cx->scheduled + PERIOD));
	if (!strcmp(mode, "busy"))
		rtfm_unwrap(rtfm_spawn(spin));
}

RTFM_IDLE(0)
{
	while (!strcmp(mode, "wait") && rtfm_running())
		rtfm_wait();
}

RTFM_TASK(tick)
{
	count();
}

RTFM_TASK(again)
{
	count();
	if (rtfm_running())
		rtfm_unwrap(rtfm_schedule(again, cx->scheduled + PERIOD));
}

RTFM_TASK(spin)
{
	while (!LOAD(over))
		;
}

int main(int argc, char **argv)
{
	int status;

	tap_begin(60);
	if (argc > 1)
		mode = argv[1];
	schedules = argc > 2;
	if (!strcmp(mode, "busy") && !time_preempts())
		tap_skip_all(NO_TIME_PREEMPTION);
	status = rtfm_run(&rtfm_app, NULL);
	ok(!status && jobs == FROM + JOBS, "%s: all jobs ran", mode);
	return tap_end();
}
