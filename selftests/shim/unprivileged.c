// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A user whose only right is to open /dev/rtfm (in this test, every user may): the
 * scheduling policy of the caller is restored, also if the module had changed it. With a
 * finite RLIMIT_MEMLOCK the stacks of all cores are locked, or, if real-time properties are
 * required, the app does not start.
 */
#include "tap.h"
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define UNPRIVILEGED(core, resource, task)				\
	core(0, init)							\
	task(foo, priority(1), remote)					\
	core(1, init)							\
	task(stack, priority(1), remote)
RTFM_APP(UNPRIVILEGED);

#define NOBODY 65534

static struct answer {
	int status;
	int within;		/* the policy, in a task */
	int before, after;
	int priority;		/* afterwards */
	int unlocked;		/* stacks */
	char error[600];
} answer;

RTFM_INIT(0)
{
	rtfm_unwrap(rtfm_spawn(foo));
}

RTFM_INIT(1)
{
}

/* Is the stack of the calling thread locked? */
static bool is_locked(void)
{
	uintptr_t here = (uintptr_t)__builtin_frame_address(0);
	FILE *file = fopen("/proc/self/smaps", "r");
	unsigned long long from, to;
	bool inside = false, locked = false;
	char line[512];

	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%llx-%llx ", &from, &to) == 2)
			inside = from <= here && here < to;
		else if (inside && !strncmp(line, "VmFlags:", 8))
			locked = !!strstr(line, " lo");
	}
	if (file)
		fclose(file);
	return locked;
}

RTFM_TASK(foo)
{
	answer.within = (int)syscall(SYS_sched_getscheduler, 0);
	answer.unlocked += !is_locked();
	rtfm_unwrap(rtfm_spawn(stack));
}

RTFM_TASK(stack)
{
	answer.unlocked += !is_locked();
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

static size_t size_of_process(void)
{
	FILE *file = fopen("/proc/self/statm", "r");
	unsigned long pages = 0;

	if (!file || fscanf(file, "%lu", &pages) != 1)
		_exit(97);
	fclose(file);
	return pages * (size_t)sysconf(_SC_PAGESIZE);
}

static void child(int out, const struct rtfm_options *options, size_t room)
{
	struct sched_param param = { 0 };
	struct rlimit memlock;

	alarm(40);
	if (room) {
		memlock.rlim_cur = size_of_process() + room;
		memlock.rlim_max = memlock.rlim_cur;
		if (setrlimit(RLIMIT_MEMLOCK, &memlock))
			answer.status = -EPERM;	/* more than we may have */
	}
	drop_rights();
	answer.before = (int)syscall(SYS_sched_getscheduler, 0);
	if (!answer.status)
		answer.status = rtfm_run(&rtfm_app, options);
	answer.after = (int)syscall(SYS_sched_getscheduler, 0);
	syscall(SYS_sched_getparam, 0, &param);
	answer.priority = param.sched_priority;
	if (answer.status < 0)
		snprintf(answer.error, sizeof(answer.error), "%s", rtfm_error());
	_exit(write(out, &answer, sizeof(answer)) != (ssize_t)sizeof(answer));
}

static bool ask(const struct rtfm_options *options, size_t room)
{
	int out[2], status = -1;
	ssize_t got;
	pid_t pid;

	if (pipe(out))
		return false;
	fflush(stdout);
	memset(&answer, 0, sizeof(answer));
	pid = fork();
	if (!pid)
		child(out[1], options, room);
	close(out[1]);
	got = read(out[0], &answer, sizeof(answer));
	close(out[0]);
	waitpid(pid, &status, 0);
	return !status && got == (ssize_t)sizeof(answer);
}

static void scheduling(void)
{
	bool ran = ask(NULL, 0);

	if (!ok(ran && answer.status == 7, "it ran"))
		printf("# %d: %s\n", answer.status, answer.error);
	if (asked_for("kmod"))
		ok_eq(answer.within & ~SCHED_RESET_ON_FORK, SCHED_FIFO,
		      "the module gave a priority");
	ok_eq(answer.after & ~SCHED_RESET_ON_FORK, answer.before & ~SCHED_RESET_ON_FORK,
	      "the policy is put back");
	ok_eq(answer.priority, 0, "the priority is put back");
}

/* From too little to enough. (The address sanitizer does not let lock.) */
static void lock_memory(void)
{
#ifndef __SANITIZE_ADDRESS__
	struct rtfm_options options = {
		.size = sizeof(options), .realtime = RTFM_REALTIME_REQUIRE,
		.policy = RTFM_POLICY_OTHER, .flags = RTFM_NO_AFFINITY,
	};
	int started = 0, refused = 0;
	size_t room;

	for (room = 4096; room < 1 << 30; room += room < 4 << 20 ? 128 << 10 : 512 << 20) {
		if (!ask(&options, room)) {
			ok(false, "the stacks are locked: a child failed");
			return;
		}
		started += answer.status == 7;
		refused += answer.status == -EPERM;
		if (answer.status == 7 ? answer.unlocked : answer.status != -EPERM) {
			ok(false, "the stacks are locked");
			printf("# %zu KiB: status %d, %d stacks are not locked\n", room / 1024,
			       answer.status, answer.unlocked);
			return;
		}
	}
	ok(started && refused, "it starts with enough of the limit, else it says so");
	ok(true, "the stacks are locked");
	printf("# %d times it started, %d times it did not\n", started, refused);
#endif
}

int main(void)
{
	struct stat before;
	bool device = !stat("/dev/rtfm", &before);

	tap_begin(100);
	need_cpus(2);
	if (device && !getuid())
		chmod("/dev/rtfm", 0666);
	scheduling();
	lock_memory();
	if (device && !getuid())
		chmod("/dev/rtfm", before.st_mode & 07777);
	return tap_end();
}
