// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Real-time properties that the system refuses: with RTFM_REALTIME=require the app does not
 * start, with prefer it prints one line and runs, with off it does not request them. Each
 * case is a child without any rights.
 */
#include "tap.h"
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define REALTIME(core, resource, task)					\
	core(0, init)
RTFM_APP(REALTIME);

#define NOBODY 65534

RTFM_INIT(0)
{
	rtfm_exit(17);
}

struct answer {
	int status;
	char error[1500];
	char text[4096];	/* on stderr */
	int lines;
	int policy;		/* in the child, afterwards */
};

static void drop_rights(void)
{
	struct rlimit none = { 0, 0 };

	setrlimit(RLIMIT_RTPRIO, &none);
	setrlimit(RLIMIT_NICE, &none);
	setrlimit(RLIMIT_MEMLOCK, &none);
	if (!getuid() && (setresgid(NOBODY, NOBODY, NOBODY) || setresuid(NOBODY, NOBODY, NOBODY)))
		_exit(99);
}

static void child(int out, const char *environment, const struct rtfm_options *options, bool rights)
{
	struct answer answer = { 0 };

	if (environment)
		setenv("RTFM_REALTIME", environment, 1);
	else
		unsetenv("RTFM_REALTIME");
	if (!rights)
		drop_rights();
	answer.status = rtfm_run(&rtfm_app, options);
	snprintf(answer.error, sizeof(answer.error), "%s", answer.status < 0 ? rtfm_error() : "");
	answer.policy = (int)syscall(SYS_sched_getscheduler, 0);
	if (write(out, &answer, sizeof(answer)) != (ssize_t)sizeof(answer))
		_exit(98);
	_exit(0);
}

static size_t read_all(int fd, void *to, size_t size)
{
	size_t at = 0;
	ssize_t n;

	while (at < size && (n = read(fd, (char *)to + at, size - at)) > 0)
		at += (size_t)n;
	return at;
}

static bool ask(struct answer *answer, const char *environment,
		const struct rtfm_options *options, bool rights)
{
	int out[2], err[2], status = -1;
	char text[sizeof(answer->text)] = "";
	pid_t pid;

	memset(answer, 0, sizeof(*answer));
	if (pipe(out) || pipe(err))
		return false;
	fflush(stdout);
	pid = fork();
	if (!pid) {
		dup2(err[1], 2);
		alarm(20);
		child(out[1], environment, options, rights);
	}
	close(out[1]);
	close(err[1]);
	read_all(out[0], answer, sizeof(*answer));
	read_all(err[0], text, sizeof(text) - 1);
	close(out[0]);
	close(err[0]);
	waitpid(pid, &status, 0);
	memcpy(answer->text, text, sizeof(text));
	for (char *c = text; *c; c++)
		answer->lines += *c == '\n';
	if (status)
		printf("# the child ended with %#x\n", status);
	return !status;
}

static void show(const struct answer *answer)
{
	printf("# status %d, error \"%s\", %d lines on stderr: %s\n", answer->status, answer->error,
	       answer->lines, answer->text);
}

static void ok_answer(bool good, const struct answer *answer, const char *name)
{
	if (!ok(good, "%s", name))
		show(answer);
}

static bool names(const char *text)
{
	return strstr(text, "SCHED_FIFO") || strstr(text, "memory") || strstr(text, "affinity");
}

int main(void)
{
	struct rtfm_options require = {
		.size = sizeof(require), .realtime = RTFM_REALTIME_REQUIRE,
	};
	struct rtfm_options off = { .size = sizeof(off), .realtime = RTFM_REALTIME_OFF };
	struct rtfm_options other = {
		.size = sizeof(other), .realtime = RTFM_REALTIME_REQUIRE,
		.policy = RTFM_POLICY_OTHER, .flags = RTFM_NO_MLOCK | RTFM_NO_AFFINITY,
	};
	struct answer answer;
	bool started;

	tap_begin(60);
	if (asked_for("kmod"))
		tap_skip_all("the device node decides about rights, not the limits");

	started = ask(&answer, "require", NULL, false);
	ok_answer(started && answer.status == -EPERM && strstr(answer.error, "SCHED_FIFO") &&
		  !answer.lines, &answer, "RTFM_REALTIME=require: EPERM, and what was refused");

	started = ask(&answer, NULL, &require, false);
	ok_answer(started && answer.status == -EPERM && names(answer.error), &answer,
		  "option require: the same");

	started = ask(&answer, "prefer", NULL, false);
	ok_answer(started && answer.status == 17 && answer.lines == 1 &&
		  strstr(answer.text, "SCHED_FIFO"), &answer,
		  "RTFM_REALTIME=prefer: runs, and says in one line what was refused");

	started = ask(&answer, NULL, NULL, false);
	ok_answer(started && answer.status == 17 && answer.lines == 1 && names(answer.text),
		  &answer, "nothing said: as prefer");

	started = ask(&answer, "off", NULL, false);
	ok_answer(started && answer.status == 17 && !*answer.text, &answer,
		  "RTFM_REALTIME=off: runs, says nothing");

	started = ask(&answer, "require", &off, false);
	ok_answer(started && answer.status == 17 && !*answer.text, &answer,
		  "an option is above the environment");

	started = ask(&answer, NULL, &other, false);
	ok_answer(started && answer.status == 17 && !*answer.text, &answer,
		  "require, but nothing is asked for that needs a right");

	if (getuid()) {
		ok_skip("with all rights require starts", "not root");
		return tap_end();
	}
	started = ask(&answer, "require", NULL, true);
	if (started && answer.status == -EPERM && strstr(answer.error, "RT_GROUP_SCHED"))
		ok_skip("with all rights require starts",
			"no real-time runtime in this control group");
	else
		ok_answer(started && answer.status == 17 && !*answer.text &&
			  answer.policy == SCHED_OTHER, &answer, "with all rights require starts");
	return tap_end();
}
