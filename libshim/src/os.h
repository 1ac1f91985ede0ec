/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What libshim asks of the system: the only file with system calls that are not
 * an engine's own. None of these touches errno but for the pthread functions
 * that do; all return 0 or a value, or -errno. Async-signal-safe unless said.
 */
#ifndef RTFM_SRC_OS_H
#define RTFM_SRC_OS_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "core.h"

/* Wait while *word == value, until a wake-up, a signal, or the instant. */
int os_futex_wait(uint32_t *word, uint32_t value, uint64_t instant) INTERNAL;
void os_futex_wake(uint32_t *word, int count) INTERNAL;
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

/**
 * os_process_realtime() - lock the memory of the process
 * @app: the app; what is refused is noted in it
 *
 * Not async-signal-safe.
 */
void os_process_realtime(struct app *app) INTERNAL;
void os_process_restore(struct app *app) INTERNAL;

/* The lowest address of the calling thread's stack, and its size. Not async-signal-safe. */
int os_stack(char **base, size_t *size) INTERNAL;

/**
 * os_lock_stack() - lock the stack of a thread that was made after os_process_realtime()
 * @app: the app; if it is refused that is noted in it
 * @bytes: below the caller's frame; and all above it
 *
 * Not async-signal-safe.
 */
void os_lock_stack(struct app *app, size_t bytes) INTERNAL;

/**
 * os_thread_realtime() - pin the calling core, give it its policy and stack
 * @core: the core; what is refused is noted in its app
 *
 * Not async-signal-safe.
 */
void os_thread_realtime(struct core *core) INTERNAL;
void os_thread_restore(struct core *core) INTERNAL;
void os_refused_policy(struct app *app) INTERNAL;

/**
 * os_realtime_verdict() - what to do about refused properties
 * @app: the app, when all cores have asked
 *
 * Prints the one loud line if they were only preferred.
 *
 * Return: 0, or -EPERM if they were required.
 */
int os_realtime_verdict(struct app *app) INTERNAL;

/**
 * os_helper_thread() - a thread beside a core
 * @core: the caller's; the thread inherits its CPU affinity, runs one real-time priority
 *	  above it, and blocks all signals
 * @helper: out
 * @body: called with @core
 */
int os_helper_thread(struct core *core, pthread_t *helper, void *(*body)(void *)) INTERNAL;

/* A thread for a core; signals as the caller's. */
int os_core_thread(struct core *core, void *(*body)(void *)) INTERNAL;

#endif /* RTFM_SRC_OS_H */
