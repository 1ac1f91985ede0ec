/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * System calls that are not an engine's own. None of these but os_stack() changes errno;
 * all return 0 or a value, or -errno. Async-signal-safe unless said.
 */
#ifndef RTFM_SRC_OS_H
#define RTFM_SRC_OS_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "compiler.h"

/* Wait while *word == value, until a wake-up, a signal, or the instant, or TIMER_NEVER. */
int os_futex_wait(uint32_t *word, uint32_t value, uint64_t instant) INTERNAL;
void os_futex_wake(uint32_t *word, int count) INTERNAL;
/* Sleep until the instant, or a signal. */
void os_sleep_until(uint64_t instant) INTERNAL;
int os_tgkill(pid_t tid, int sig) INTERNAL;
pid_t os_gettid(void) INTERNAL;
/* Block or unblock one signal for the calling thread; whether it was blocked. */
bool os_block(int sig, bool block) INTERNAL;

/* Throw away what is pending of a signal, in all threads; its handler goes, too. */
void os_discard(int sig) INTERNAL;

/* What a core spins on: tell the CPU so. */
static inline void os_pause(void)
{
#if defined(__x86_64__) || defined(__i386__)
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	__asm__ __volatile__("yield");
#endif
}

/* The lowest address of the calling thread's stack, and its size. Not async-signal-safe. */
int os_stack(char **base, size_t *size) INTERNAL;

#endif /* RTFM_SRC_OS_H */
