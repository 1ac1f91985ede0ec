/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * System calls that are not an engine's own. None of these but os_stack() changes errno;
 * all return 0 or a value, or -errno. Async-signal-safe unless said.
 */
#ifndef RTFM_SRC_OS_H
#define RTFM_SRC_OS_H

#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "compiler.h"
#include "core.h"

/* Wait while *word == value, until a wake-up, a signal, or the instant, or TIMER_NEVER. */
int os_futex_wait(uint32_t *word, uint32_t value, uint64_t instant) INTERNAL;
void os_futex_wake(uint32_t *word, int count) INTERNAL;
/* Sleep until the instant, or a signal. */
void os_sleep_until(uint64_t instant) INTERNAL;
int os_tgkill(pid_t tid, int sig) INTERNAL;
/*
 * The same, with a siginfo that os_sent() recognises: @cookie is a random number of the
 * sender, not 0. Without memory for a pending signal (RLIMIT_SIGPENDING) it fails for a
 * real-time signal, and drops the siginfo of any other.
 */
int os_send(pid_t pid, pid_t tid, int sig, int cookie, int value) INTERNAL;
/*
 * Any process with the permission can send a signal of any number, with any value, that
 * claims to come from this process. Signals of the program and of other processes do not have
 * the cookie: sigqueue(), timers and the kernel set si_errno to 0.
 */
bool os_sent(const siginfo_t *info, pid_t pid, int cookie) INTERNAL;
/* A new cookie */
int os_cookie(void) INTERNAL;
pid_t os_gettid(void) INTERNAL;
/* Block or unblock one signal for the calling thread; whether it was blocked. */
bool os_block(int sig, bool block) INTERNAL;

/* The signals that the calling thread has blocked, n as bit n - 1; and set them. */
uint64_t os_mask(void) INTERNAL;
void os_set_mask(uint64_t mask) INTERNAL;
/* ppoll(2) with this mask. */
int os_poll_mask(struct pollfd *files, unsigned int nfiles, const struct timespec *timeout,
		 uint64_t mask) INTERNAL;

/*
 * In a handler that has taken the place of @to: call that one, with the signals blocked
 * that it wants blocked. Not as it wants: the stack, and whether system calls restart.
 */
void os_pass_on(struct sigaction *to, int sig, siginfo_t *info, void *context) INTERNAL;
uint32_t os_random(void) INTERNAL;

/* A timer of CLOCK_MONOTONIC that sends @sig to a thread, with @value: its number. */
int os_timer_create(pid_t tid, int sig, void *value) INTERNAL;
/* Let it fire at @instant, which may be over; TIMER_NEVER disarms it. */
void os_timer_set(int timer, uint64_t instant) INTERNAL;
void os_timer_delete(int timer) INTERNAL;

/* Is this a PREEMPT_RT kernel, where timers but those of sleeping tasks fire in a thread? */
bool os_preempt_rt(void) INTERNAL;

/* Throw away what is pending of a signal, in all threads; its handler goes, too. */
void os_discard(int sig) INTERNAL;

/* The CPUs that the calling thread may use; how many they are. */
int os_get_cpus(struct os_cpus *cpus) INTERNAL;
int os_set_cpus(const struct os_cpus *cpus) INTERNAL;
/* Pin a thread of the process; 0: the calling thread. */
int os_pin(pid_t tid, int cpu) INTERNAL;

static inline bool os_has_cpu(const struct os_cpus *cpus, int cpu)
{
	const int bits = 8 * sizeof(*cpus->bits);

	return cpus->bits[cpu / bits] >> cpu % bits & 1;
}

static inline void os_forget_cpu(struct os_cpus *cpus, int cpu)
{
	const int bits = 8 * sizeof(*cpus->bits);

	cpus->bits[cpu / bits] &= ~(1UL << cpu % bits);
}

/* In a loop that spins: a hint to the CPU. */
static inline void os_pause(void)
{
#if defined(__x86_64__) || defined(__i386__)
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	__asm__ __volatile__("yield");
#endif
}

/* A line on stderr, with its newline. Not async-signal-safe. */
void os_tell(const char *format, ...) __attribute__((format(printf, 1, 2))) INTERNAL;

/* The lowest address of the calling thread's stack, and its size. Not async-signal-safe. */
int os_stack(char **base, size_t *size) INTERNAL;

#endif /* RTFM_SRC_OS_H */
