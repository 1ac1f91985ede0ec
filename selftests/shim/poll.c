// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A polling real-time core of engine kmod sleeps from time to time, so that neither
 * throttling nor the fair server takes the CPU from it: with both disabled, an ordinary
 * process on the same CPU makes progress. No time is asserted.
 */
#include "tap.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#define THROTTLE "/proc/sys/kernel/sched_rt_runtime_us"
#define SERVER	 "/sys/kernel/debug/sched/fair_server/cpu0/runtime"
#define PATIENCE (20 * SEC)

#define POLLS(core, resource, task)					\
	core(0, init, idle)						\
	task(tick, priority(1), period(RTFM_MSEC(4)))
RTFM_APP(POLLS);

static volatile uint64_t *ordinary;	/* counted up by the ordinary process */
static uint64_t before, until;
static int ticks;
static bool progress;

RTFM_INIT(0)
{
	until = rtfm_now() + PATIENCE;
}

RTFM_TASK(tick)
{
	/* until its start the core sleeps */
	if (++ticks <= 3)
		before = *ordinary;
	else
		progress = *ordinary != before;
	if (progress || rtfm_now() > until)
		rtfm_exit(0);
}

RTFM_IDLE(0)
{
	while (rtfm_running())
		rtfm_wait();
}

static bool read_text(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, size - 1);

	if (fd >= 0)
		close(fd);
	text[n < 0 ? 0 : n] = 0;
	return n > 0;
}

static bool write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : write(fd, text, strlen(text));

	if (fd >= 0)
		close(fd);
	return n == (ssize_t)strlen(text);
}

static pid_t start_ordinary(void)
{
	pid_t child = fork();

	if (child)
		return child;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;)
		++*ordinary;
}

int main(void)
{
	struct rtfm_options options = { .size = sizeof(options), .flags = RTFM_POLL };
	char throttle[32], server[32];
	bool has_server = read_text(SERVER, server, sizeof(server));
	cpu_set_t set;
	pid_t child;

	tap_begin(120);
	if (!asked_for("kmod"))
		tap_skip_all("only the polling cores of engine kmod sleep");
	CPU_ZERO(&set);
	CPU_SET(0, &set);
	if (sched_setaffinity(0, sizeof(set), &set) ||
	    !read_text(THROTTLE, throttle, sizeof(throttle)) || !write_text(THROTTLE, "-1"))
		tap_skip_all("needs CPU 0, and to set sched_rt_runtime_us");
	if (has_server && !write_text(SERVER, "0"))
		tap_skip_all("cannot turn the fair server off");
	ordinary = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	child = start_ordinary();
	while (!*ordinary)
		sched_yield();
	ok_eq(rtfm_run(&rtfm_app, &options), 0, "the app ends");
	ok(progress, "ordinary tasks run beside a core that polls");
	ok(ticks > 3, "and time releases jobs");
	printf("# after %d releases\n", ticks);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	if (has_server)
		write_text(SERVER, server);
	write_text(THROTTLE, throttle);
	return tap_end();
}
