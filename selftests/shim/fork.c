// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The child of a fork has no access to the app: in the child no app runs, the signal of the
 * doorbell has its previous action, and the child may run an app of its own.
 */
#include "tap.h"
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define FORK(core, resource, task)					\
	core(0, init)							\
	task(foo, priority(1))
RTFM_APP(FORK);

static enum { LOOKS, RINGS, RUNS, NO_CHILD } child;
static volatile sig_atomic_t rung;
static int running, old_status;
static pid_t pid;

/* The problems that the child finds, a bit each. */
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

/* The app is not started if a child could see its memory. */
static int refused(void)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_madvise, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[2])),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, MADV_DONTFORK, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOMEM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { ARRAY_SIZE(filter), filter };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		return TAP_SKIP;
	return rtfm_run(&rtfm_app, NULL) == -ENOMEM && strstr(rtfm_error(), "children") ?
	       TAP_PASS : TAP_FAIL;
}

static void ok_refused(void)
{
	const char *name = "no app whose memory a child could see";
	int status = -1;

	fflush(stdout);
	pid = fork();
	if (!pid)
		_exit(refused());
	waitpid(pid, &status, 0);
	if (status == TAP_SKIP << 8)
		ok_skip(name, "no seccomp");
	else
		ok_eq(status, 0, name);
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
	ok_refused();
	return tap_end();
}
