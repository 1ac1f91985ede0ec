// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A user without any right but to open /dev/rtfm: the caller's scheduling is put back,
 * also what the module gave. (For the test anybody may open it.)
 */
#include "tap.h"
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define UNPRIVILEGED(core, resource, task)				\
	core(0, init)							\
	task(foo, priority(1))
RTFM_APP(UNPRIVILEGED);

#define NOBODY 65534

static struct answer {
	int status;
	int within;		/* the policy, in a task */
	int before, after;
	int priority;		/* afterwards */
	char error[600];
} answer;

RTFM_INIT(0)
{
	rtfm_unwrap(rtfm_spawn(foo));
}

RTFM_TASK(foo)
{
	answer.within = sched_getscheduler(0);
	rtfm_exit(7);
}

static void drop_rights(void)
{
	struct rlimit none = { 0, 0 };

	setrlimit(RLIMIT_RTPRIO, &none);
	setrlimit(RLIMIT_NICE, &none);
	if (!getuid() && (setresgid(NOBODY, NOBODY, NOBODY) || setresuid(NOBODY, NOBODY, NOBODY)))
		_exit(99);
}

static void child(int out)
{
	struct sched_param param = { 0 };

	alarm(40);
	drop_rights();
	answer.before = sched_getscheduler(0);
	answer.status = rtfm_run(&rtfm_app, NULL);
	answer.after = sched_getscheduler(0);
	sched_getparam(0, &param);
	answer.priority = param.sched_priority;
	if (answer.status < 0)
		snprintf(answer.error, sizeof(answer.error), "%s", rtfm_error());
	_exit(write(out, &answer, sizeof(answer)) != (ssize_t)sizeof(answer));
}

static bool ask(void)
{
	int out[2], status = -1;
	ssize_t got;
	pid_t pid;

	if (pipe(out))
		return false;
	fflush(stdout);
	pid = fork();
	if (!pid)
		child(out[1]);
	close(out[1]);
	got = read(out[0], &answer, sizeof(answer));
	close(out[0]);
	waitpid(pid, &status, 0);
	return !status && got == (ssize_t)sizeof(answer);
}

int main(void)
{
	struct stat before;
	bool device = !stat("/dev/rtfm", &before), ran;

	tap_begin(60);
	need_cpus(1);
	if (device && !getuid())
		chmod("/dev/rtfm", 0666);
	ran = ask();
	if (device && !getuid())
		chmod("/dev/rtfm", before.st_mode & 07777);
	if (!ok(ran && answer.status == 7, "it ran"))
		printf("# %d: %s\n", answer.status, answer.error);
	if (asked_for("kmod"))
		ok_eq(answer.within & ~SCHED_RESET_ON_FORK, SCHED_FIFO, "the module gave a priority");
	ok_eq(answer.after & ~SCHED_RESET_ON_FORK, answer.before & ~SCHED_RESET_ON_FORK,
	      "the policy is put back");
	ok_eq(answer.priority, 0, "the priority is put back");
	return tap_end();
}
