// SPDX-License-Identifier: MIT OR Apache-2.0
/* System calls that are not an engine's own. */
#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "core.h"
#include "os.h"

/* timer_create(2) and musl name the field so; glibc has no name for it */
#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

PUBLIC uint64_t rtfm_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

/*
 * syscall(2) puts the error in errno: keep the caller's.
 *
 * The answers of rt_sigprocmask(), timer_settime(), timer_delete() and FUTEX_WAKE are not looked
 * at, here and in the engines: they need no memory and no right, and their arguments are valid.
 * The same holds for sigaction() with a signal for which it has succeeded before.
 */
#define OS_CALL(...) (__extension__ ({					\
	int os_saved = errno;						\
	long os_ret = syscall(__VA_ARGS__);				\
									\
	if (os_ret < 0)							\
		os_ret = -errno;					\
	errno = os_saved;						\
	os_ret;								\
}))

static struct timespec timespec_of(uint64_t instant)
{
	return (struct timespec){ (time_t)(instant / 1000000000u), (long)(instant % 1000000000u) };
}

int os_futex_wait(uint32_t *word, uint32_t value, uint64_t instant)
{
	struct timespec ts = timespec_of(instant);

	return (int)OS_CALL(SYS_futex, word, FUTEX_WAIT_BITSET_PRIVATE, value,
			    instant == TIMER_NEVER ? NULL : &ts, NULL, FUTEX_BITSET_MATCH_ANY);
}

void os_futex_wake(uint32_t *word, int count)
{
	OS_CALL(SYS_futex, word, FUTEX_WAKE_PRIVATE, count, NULL, NULL, 0);
}

void os_sleep_until(uint64_t instant)
{
	struct timespec ts = { (time_t)(instant / 1000000000u), (long)(instant % 1000000000u) };

	/* -EINTR, after which the caller reads the clock */
	OS_CALL(SYS_clock_nanosleep, CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL);
}

int os_tgkill(pid_t tid, int sig)
{
	return (int)OS_CALL(SYS_tgkill, getpid(), tid, sig);
}

int os_send(pid_t pid, pid_t tid, int sig, int cookie, int value)
{
	siginfo_t info;

	memset(&info, 0, sizeof(info));
	info.si_code = SI_QUEUE;
	info.si_errno = cookie;
	info.si_pid = pid;
	info.si_value.sival_int = value;
	return (int)OS_CALL(SYS_rt_tgsigqueueinfo, pid, tid, sig, &info);
}

bool os_sent(const siginfo_t *info, pid_t pid, int cookie)
{
	return info->si_code == SI_QUEUE && info->si_errno == cookie && info->si_pid == pid;
}

pid_t os_gettid(void)
{
	return (pid_t)syscall(SYS_gettid);
}

bool os_block(int sig, bool block)
{
	uint64_t set = 1ULL << (sig - 1), old = 0;

	OS_CALL(SYS_rt_sigprocmask, block ? SIG_BLOCK : SIG_UNBLOCK, &set, &old, sizeof(set));
	return old & set;
}

uint64_t os_mask(void)
{
	uint64_t mask = 0;

	OS_CALL(SYS_rt_sigprocmask, SIG_BLOCK, NULL, &mask, sizeof(mask));
	return mask;
}

void os_set_mask(uint64_t mask)
{
	OS_CALL(SYS_rt_sigprocmask, SIG_SETMASK, &mask, NULL, sizeof(mask));
}

int os_timer_create(pid_t tid, int sig, void *value)
{
	struct sigevent event;
	int timer = -1, ret;

	memset(&event, 0, sizeof(event));
	event.sigev_notify = SIGEV_THREAD_ID;
	event.sigev_signo = sig;
	event.sigev_value.sival_ptr = value;
	event.sigev_notify_thread_id = tid;
	ret = (int)OS_CALL(SYS_timer_create, CLOCK_MONOTONIC, &event, &timer);
	return ret ? ret : timer;
}

void os_timer_set(int timer, uint64_t instant)
{
	struct itimerspec at = { { 0, 0 }, { 0, 0 } };

	if (instant != TIMER_NEVER)
		at.it_value = timespec_of(instant ? instant : 1); /* 0 would disarm */
	OS_CALL(SYS_timer_settime, timer, TIMER_ABSTIME, &at, NULL);
}

void os_timer_delete(int timer)
{
	OS_CALL(SYS_timer_delete, timer);
}

bool os_preempt_rt(void)
{
	struct utsname kernel;

	return !uname(&kernel) && (strstr(kernel.version, "PREEMPT_RT") ||
				   !access("/sys/kernel/realtime", F_OK));
}

int os_poll_mask(struct pollfd *files, unsigned int nfiles, const struct timespec *timeout,
		 uint64_t mask)
{
	struct timespec left;

	/* the kernel writes the remaining time into it */
	if (timeout)
		left = *timeout;
	return (int)OS_CALL(SYS_ppoll, files, nfiles, timeout ? &left : NULL, &mask,
			    sizeof(mask));
}

void os_pass_on(struct sigaction *to, int sig, siginfo_t *info, void *context)
{
	struct sigaction action = *to;
	sigset_t held;

	if (action.sa_handler == SIG_DFL || action.sa_handler == SIG_IGN)
		return;
	if (action.sa_flags & (int)SA_RESETHAND)
		to->sa_handler = SIG_DFL;
	pthread_sigmask(SIG_BLOCK, &action.sa_mask, &held);
	if (action.sa_flags & SA_NODEFER && !sigismember(&action.sa_mask, sig))
		os_block(sig, false);
	if (action.sa_flags & SA_SIGINFO)
		action.sa_sigaction(sig, info, context);
	else
		action.sa_handler(sig);
	pthread_sigmask(SIG_SETMASK, &held, NULL);
}

uint32_t os_random(void)
{
	uint32_t bits = 0;

	/* before the kernel has random numbers, early at boot */
	if (OS_CALL(SYS_getrandom, &bits, sizeof(bits), GRND_NONBLOCK) != sizeof(bits))
		bits = (uint32_t)(rtfm_now() * 2654435761u) ^ (uint32_t)(uintptr_t)&bits;
	return bits;
}

int os_cookie(void)
{
	int cookie;

	do
		cookie = (int)os_random();
	while (!cookie);
	return cookie;
}

void os_discard(int sig)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };

	sigaction(sig, &ignore, NULL);
}

/* The C library's cpu_set_t ends at 1,024 CPUs, and then the kernel answers EINVAL. */
int os_get_cpus(struct os_cpus *cpus)
{
	int ret, n = 0;
	size_t i;

	memset(cpus, 0, sizeof(*cpus));
	ret = (int)OS_CALL(SYS_sched_getaffinity, 0, sizeof(*cpus), cpus);
	if (ret < 0)
		return ret;
	for (i = 0; i < sizeof(cpus->bits) / sizeof(*cpus->bits); i++)
		n += __builtin_popcountl(cpus->bits[i]);
	return n;
}

int os_set_cpus(const struct os_cpus *cpus)
{
	return (int)OS_CALL(SYS_sched_setaffinity, 0, sizeof(*cpus), cpus);
}

int os_pin(pid_t tid, int cpu)
{
	const int bits = 8 * sizeof(unsigned long);
	struct os_cpus cpus = { { 0 } };

	cpus.bits[cpu / bits] = 1UL << cpu % bits;
	return (int)OS_CALL(SYS_sched_setaffinity, tid, sizeof(cpus), &cpus);
}

void os_tell(const char *format, ...)
{
	char line[1500];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	if (n > (int)sizeof(line) - 1)
		n = sizeof(line) - 1;
	if (write(2, line, (size_t)n) < 0)
		return;		/* the message cannot be written */
}

/*
 * What the main thread's stack may grow to, at least: RLIMIT_STACK, as far as the kernel
 * keeps that much address space free, without the arguments and the environment, which
 * take a quarter at most (execve(2)).
 */
static size_t main_stack(void)
{
	const rlim_t gap = 128UL << 20;
	struct rlimit limit;

	if (getpid() != os_gettid() || getrlimit(RLIMIT_STACK, &limit))
		return 0;
	return (limit.rlim_cur < gap ? limit.rlim_cur : gap) / 4 * 3 & ~4095UL;
}

int os_stack(char **base, size_t *size)
{
	size_t grows = main_stack();
	pthread_attr_t attr;
	void *low = NULL;
	int err = pthread_getattr_np(pthread_self(), &attr);

	if (err)
		return -err;
	err = pthread_attr_getstack(&attr, &low, size);
	pthread_attr_destroy(&attr);
	*base = low;
	/* musl reports what of the main thread's is mapped so far */
	if (*size < grows) {
		*base -= grows - *size;
		*size = grows;
	}
	return -err;
}
