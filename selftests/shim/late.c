// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Signals for a core that arrive after the core has ended, while the app still runs, belong
 * to the app: after rtfm_run() none is pending in its caller, and the caller's own handler
 * is not called.
 */
#include "tap.h"
#include <dlfcn.h>
#include <pthread.h>
#include <sys/syscall.h>

#define LATE(core, resource, task)					\
	core(0, init)							\
	task(leaves, priority(1))					\
	task(urgent, priority(2), remote)				\
	core(1, idle)							\
	task(unused, priority(1))
RTFM_APP(LATE);

static int sig, blocked, sent, seen, spins, urgents;
static pid_t caller;

/* The signal of a sender of engine soft: the library's last doorbell for core 0 */
static siginfo_t doorbell;
static long (*next_syscall)(long nr, ...);

long syscall(long nr, ...)
{
	long arg[6];
	va_list args;

	va_start(args, nr);
	/* the sixth is on the stack, if there is one */
	for (int i = 0; i < 6; i++)
		arg[i] = i < 5 || nr == SYS_futex ? va_arg(args, long) : 0;
	va_end(args);
	if (!next_syscall)
		next_syscall = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
	if (nr == SYS_rt_tgsigqueueinfo && arg[1] == caller && arg[2] == sig)
		doorbell = *(siginfo_t *)arg[3];
	return next_syscall(nr, arg[0], arg[1], arg[2], arg[3], arg[4], arg[5]);
}

RTFM_INIT(0)
{
	rtfm_unwrap(rtfm_spawn(leaves));
}

RTFM_TASK(urgent)
{
	ADD(urgents, 1);
}

/* It spins, so a sender has to send the doorbell. */
RTFM_TASK(leaves)
{
	uint64_t hang = rtfm_now() + 10 * SEC;

	STORE(spins, 1);
	while (!LOAD(urgents) && rtfm_now() < hang)
		;
	rtfm_leave();
}

RTFM_TASK(unused)
{
}

/* A field of a thread's status, a mask */
static unsigned long long mask_of(const char *field)
{
	char path[64], line[200], format[32];
	unsigned long long mask = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/task/%d/status", (int)caller);
	snprintf(format, sizeof(format), "%s: %%llx", field);
	file = fopen(path, "r");
	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, format, &mask) == 1)
			break;
	if (file)
		fclose(file);
	return mask;
}

/* As a sender that has read the state of core 0 before that core left. */
RTFM_IDLE(1)
{
	unsigned long long bit = 1ULL << (sig - 1);
	uint64_t hang = rtfm_now() + 10 * SEC;

	while (!LOAD(spins) && rtfm_now() < hang)
		usleep(1000);
	rtfm_unwrap(rtfm_spawn(urgent));
	/* the core has ended when the signal has the caller's action again */
	while (blocked && !(mask_of("SigBlk") & bit) && rtfm_now() < hang)
		usleep(1000);
	if (!blocked)
		usleep(100000);
	if (blocked ? !syscall(SYS_tgkill, getpid(), caller, sig) :
	    !syscall(SYS_rt_tgsigqueueinfo, getpid(), caller, sig, &doorbell))
		sent++;
	while (!blocked && mask_of("SigPnd") & bit && rtfm_now() < hang)
		usleep(1000);
	rtfm_leave();
}

static void handler(int number)
{
	seen++;
}

static void run(const char *name)
{
	struct rtfm_options options = { .size = sizeof(options), .doorbell = sig < 32 ? sig : 0 };
	int status;

	sent = 0;
	STORE(spins, 0);
	STORE(urgents, 0);
	status = rtfm_run(&rtfm_app, &options);
	if (!ok(!status && sent == 1, "%s", name))
		printf("# rtfm_run: %d, %s; sent %d\n", status, rtfm_error(), sent);
}

int main(void)
{
	struct sigaction action = { .sa_handler = handler };
	sigset_t set, pending;

	tap_begin(60);
	need_cpus(2);
	caller = (pid_t)syscall(SYS_gettid);
	/* engine signal: that of the one level; the first is that of time */
	sig = asked_for("signal") ? SIGRTMIN + 1 : SIGUSR1;
	sigemptyset(&set);
	sigaddset(&set, sig);

	sigprocmask(SIG_BLOCK, &set, NULL);
	blocked = 1;
	run("a signal comes late, and the caller has it blocked");
	sigpending(&pending);
	ok(!sigismember(&pending, sig), "it is not pending any more");
	sigprocmask(SIG_UNBLOCK, &set, NULL);

	if (!asked_for("soft")) {
		ok_skip("the handler does not see it", "only senders of engine soft ring");
		return tap_end();
	}
	sig = SIGUSR1;
	sigaction(sig, &action, NULL);
	blocked = 0;
	run("a signal comes late, and the caller has a handler for it");
	ok_eq(seen, 0, "the handler does not see it");
	raise(sig);
	ok_eq(seen, 1, "it sees those that are its own");
	return tap_end();
}
