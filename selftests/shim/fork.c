// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The child of a fork has no access to the app: no app runs there, the doorbell's
 * signal is what it was before, and it may run an app of its own.
 */
#include "tap.h"
#include <sys/wait.h>

#define FORK(core, resource, task)					\
	core(0, init)							\
	task(foo, priority(1))
RTFM_APP(FORK);

static enum { LOOKS, RINGS, RUNS, NO_CHILD } child;
static volatile sig_atomic_t rung;
static int running, old_status;
static pid_t pid;

/* What the child finds, a bit each for what is wrong. */
static int look(void)
{
	int wrong = 0;

	alarm(20);
	if (rtfm_running() || strcmp(rtfm_engine_name(), "none"))
		wrong |= 1;
	rtfm_exit(3);
	if (child >= RINGS) {
		raise(SIGURG);
		if (rung != 1)
			wrong |= 2;
	}
	if (child >= RUNS) {
		child = NO_CHILD;
		if (rtfm_run(&rtfm_app, NULL) != 5)
			wrong |= 4;
		raise(SIGURG);
		if (rung != 2)
			wrong |= 8;
	}
	return wrong;
}

RTFM_INIT(0)
{
	if (child != NO_CHILD) {
		fflush(stdout);
		pid = fork();
		if (!pid)
			_exit(look());
	}
	rtfm_unwrap(rtfm_spawn(foo));
}

RTFM_TASK(foo)
{
	if (child != NO_CHILD) {
		waitpid(pid, &old_status, 0);
		running = rtfm_running();
	}
	rtfm_exit(5);
}

static void handler(int sig)
{
	rung++;
}

static void ok_child(const char *name, int what)
{
	int status;

	child = what;
	running = 0;
	old_status = -1;
	status = rtfm_run(&rtfm_app, NULL);
	if (!ok(status == 5 && running && !old_status, "%s", name))
		printf("# rtfm_run: %d, the child ended with %#x\n", status,
		       (unsigned int)old_status);
}

int main(void)
{
	struct sigaction action = { .sa_handler = handler };

	tap_begin(100);
	need_cpus(1);
	sigaction(SIGURG, &action, NULL);
	ok_child("no app runs in the child", LOOKS);
	ok_child("the doorbell's signal is the child's again", RINGS);
	ok_child("the child runs an app of its own", RUNS);
	ok_eq(rung, 0, "nothing of it is the parent's");
	child = NO_CHILD;
	ok_eq(rtfm_run(&rtfm_app, NULL), 5, "the parent runs another");
	return tap_end();
}
