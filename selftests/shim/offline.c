// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The CPU of a core goes offline: the core continues, pinned to another CPU, and reports
 * it. Runs in a virtual machine only, because it takes a CPU offline for all processes.
 */
#include "tap.h"
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>

#define OFFLINE(core, resource, task)					\
	core(0)								\
	task(end, priority(1), remote)					\
	core(1)								\
	task(tick, priority(2), period(RTFM_MSEC(2)))
RTFM_APP(OFFLINE);

static int ticks, away, pinned_away;

static bool set_online(bool online)
{
	int fd = open("/sys/devices/system/cpu/cpu1/online", O_WRONLY | O_CLOEXEC);
	bool done = fd >= 0 && write(fd, online ? "1" : "0", 1) == 1;

	if (fd >= 0)
		close(fd);
	return done;
}

RTFM_TASK(tick)
{
	cpu_set_t set;

	ADD(ticks, 1);
	if (sched_getcpu() != 0)
		return;
	ADD(away, 1);
	if (!sched_getaffinity(0, sizeof(set), &set) && CPU_COUNT(&set) == 1 && CPU_ISSET(0, &set))
		ADD(pinned_away, 1);
	if (LOAD(pinned_away) == 10)
		rtfm_unwrap(rtfm_spawn(end));
}

RTFM_TASK(end)
{
	rtfm_exit(17);
}

static void *take_offline(void *arg)
{
	while (LOAD(ticks) < 10)
		usleep(1000);
	if (!set_online(false))
		rtfm_exit(1);
	return arg;
}

int main(void)
{
	char text[4096] = "";
	int err[2], old, status;
	pthread_t thread;
	struct stat st;
	ssize_t n;

	tap_begin(200);
	need_cpus(2);
	if (stat("/rtfm.ko", &st) || getuid() || !set_online(true))
		tap_skip_all("not in a virtual machine of scripts/vm");
	if (pipe(err) || pthread_create(&thread, NULL, take_offline, NULL))
		return TAP_FAIL;
	fflush(stdout);
	old = dup(2);
	dup2(err[1], 2);
	status = rtfm_run(&rtfm_app, NULL);
	dup2(old, 2);
	close(err[1]);
	pthread_join(thread, NULL);
	n = read(err[0], text, sizeof(text) - 1);
	ok(set_online(true), "the CPU is online again");
	ok_eq(status, 17, "jobs go on, on a core that is pinned to another CPU");
	if (!ok(n > 0 && strstr(text, "core 1 lost CPU 1") && strstr(text, "on CPU 0 now"),
		"it says so"))
		printf("# %s\n# %d ticks, %d away, %d of them pinned\n", text, ticks, away,
		       pinned_away);
	return tap_end();
}
