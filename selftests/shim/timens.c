// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * In a time namespace CLOCK_MONOTONIC may have an offset to the kernel's clock: jobs are
 * released by the clock that the app reads, or the engine is refused, with the reason.
 */
#include "tap.h"
#include <fcntl.h>
#include <linux/rtfm.h>
#include <sys/ioctl.h>
#include <sys/wait.h>

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80
#endif

#define TIMENS(core, resource, task)					\
	core(0, init)							\
	task(once, priority(1))						\
	task(tick, priority(2), period(RTFM_MSEC(1)))
RTFM_APP(TIMENS);

static uint64_t instant;
static int ticks;
static bool early;

RTFM_INIT(0)
{
	instant = rtfm_now() + 20 * MSEC;
	rtfm_unwrap(rtfm_schedule(once, instant));
}

RTFM_TASK(tick)
{
	ticks++;
	if (rtfm_now() < cx->scheduled)
		early = true;
}

RTFM_TASK(once)
{
	if (rtfm_now() < instant || cx->scheduled != instant)
		early = true;
	rtfm_exit(17);
}

/* In a child of the one that made the namespace: does the module refuse it, too? */
static bool module_refuses(void)
{
	struct rtfm_core_plan plan = { .levels = 2 };
	struct rtfm_setup setup = {
		.size = sizeof(setup), .ncores = 1, .cores = (uintptr_t)&plan,
	};
	int fd = open("/dev/rtfm", O_RDWR | O_CLOEXEC);

	return fd >= 0 && ioctl(fd, RTFM_IOC_SETUP, &setup) && errno == EOPNOTSUPP;
}

static int run(bool refused)
{
	int status = rtfm_run(&rtfm_app, NULL);

	if (!refused)
		return status == 17 && ticks && !early ? 0 : 1;
	if (status != -EOPNOTSUPP || !strstr(rtfm_error(), "time namespace"))
		return 2;
	return module_refuses() ? 0 : 3;
}

/* Status of the child; 77: time namespaces do not exist or are not permitted here. */
static int in_namespace(const char *seconds, bool refused)
{
	char line[64];
	int fd, n, status = -1;
	pid_t pid;

	n = snprintf(line, sizeof(line), "monotonic %s 0\n", seconds);
	fflush(stdout);
	pid = fork();
	if (pid) {
		waitpid(pid, &status, 0);
		return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
	}
	alarm(40);
	if (unshare(CLONE_NEWTIME))
		_exit(77);
	fd = open("/proc/self/timens_offsets", O_WRONLY);
	if (fd < 0 || write(fd, line, (size_t)n) != n)
		_exit(77);
	close(fd);
	pid = fork();
	if (!pid) {
		alarm(40);
		_exit(run(refused));
	}
	waitpid(pid, &status, 0);
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
}

static void ok_namespace(const char *seconds, bool refused, const char *name)
{
	int status = in_namespace(seconds, refused);

	if (status == 77)
		ok_skip(name, "no time namespaces, or no right to make one");
	else
		ok_eq(status, 0, name);
}

int main(void)
{
	bool kmod = asked_for("kmod");

	tap_begin(200);
	need_cpus(1);
	ok_namespace("0", false, "a time namespace without offset");
	ok_namespace("1000", kmod, "a clock that is ahead");
	/* not before the machine was started */
	if (rtfm_now() > 20 * SEC)
		ok_namespace("-10", kmod, "a clock that is behind");
	setenv("RTFM_ENGINE", "auto", 1);
	ok_namespace("1000", false, "engine auto does not take kmod then");
	return tap_end();
}
