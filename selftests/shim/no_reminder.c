// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A signal handler on the thread of a core calls rtfm_exit() at the worst instant: the core
 * has tested whether the app runs, and is about to sleep. Without memory for a timer
 * (RLIMIT_SIGPENDING) nothing reminds it later. It must not sleep.
 */
#include "tap.h"
#include <dlfcn.h>
#include <linux/futex.h>
#include <linux/rtfm.h>
#include <pthread.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#define NO_REMINDER(core, resource, task)				\
	core(0, idle)							\
	task(unused, priority(1))
RTFM_APP(NO_REMINDER);

static enum { RETURN, WAIT, POLL } how;
static int armed;		/* the next sleep is interrupted */
static int handled, over, late;
static pid_t caller;
static pthread_t core_0;
static long (*next_syscall)(long nr, ...);
static int (*next_ioctl)(int fd, unsigned long request, ...);

/* Right before the system call in which the core sleeps */
static void interrupt(void)
{
	if (LOAD(armed) && (pid_t)next_syscall(SYS_gettid) == caller) {
		STORE(armed, 0);
		raise(SIGUSR1);
	}
}

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
	if (nr == SYS_ppoll || (nr == SYS_futex && (arg[1] & FUTEX_CMD_MASK) == FUTEX_WAIT_BITSET))
		interrupt();
	return next_syscall(nr, arg[0], arg[1], arg[2], arg[3], arg[4], arg[5]);
}

/* musl declares the request as an int */
#ifdef __GLIBC__
int ioctl(int fd, unsigned long request, ...)
#else
int ioctl(int fd, int request, ...)
#endif
{
	va_list args;
	void *arg;

	va_start(args, request);
	arg = va_arg(args, void *);
	va_end(args);
	if ((unsigned int)request == (unsigned int)RTFM_IOC_PARK)
		interrupt();
	return next_ioctl(fd, (unsigned int)request, arg);
}

static void on_signal(int sig)
{
	handled++;
	rtfm_exit(0);
}

RTFM_TASK(unused)
{
}

RTFM_IDLE(0)
{
	STORE(armed, 1);
	while (how != RETURN && rtfm_running()) {
		if (how == WAIT)
			rtfm_wait();
		else
			rtfm_poll(NULL, 0, -1);
	}
}

static void on_rescue(int sig)
{
}

/* Wakes a core that sleeps nevertheless, so that the test can say which. */
static void *rescuer(void *arg)
{
	uint64_t hang = rtfm_now() + 20 * SEC;

	while (!LOAD(over) && rtfm_now() < hang)
		usleep(1000);
	for (; !LOAD(over); usleep(1000)) {
		STORE(late, 1);
		pthread_kill(core_0, SIGUSR2);
	}
	return NULL;
}

static void run(int in, const char *name)
{
	pthread_t thread;
	int status;

	how = in;
	handled = 0;
	late = 0;
	STORE(over, 0);
	if (pthread_create(&thread, NULL, rescuer, NULL))
		abort();
	status = rtfm_run(&rtfm_app, NULL);
	STORE(over, 1);
	pthread_join(thread, NULL);
	if (!ok(!status && handled == 1 && !late, "it does not sleep: %s", name))
		printf("# rtfm_run: %d, %s; %d signals; late: %d\n", status, rtfm_error(), handled,
		       late);
}

int main(void)
{
	struct sigaction action = { .sa_handler = on_signal }, rescue = { .sa_handler = on_rescue };
	struct rlimit none = { 0, 0 };

	tap_begin(100);
	need_cpus(1);
	caller = (pid_t)syscall(SYS_gettid);
	next_ioctl = (int (*)(int, unsigned long, ...))dlsym(RTLD_NEXT, "ioctl");
	core_0 = pthread_self();
	sigaction(SIGUSR1, &action, NULL);
	sigaction(SIGUSR2, &rescue, NULL);
	setrlimit(RLIMIT_SIGPENDING, &none);
	run(RETURN, "a core without idle");
	run(WAIT, "rtfm_wait()");
	run(POLL, "rtfm_poll()");
	return tap_end();
}
