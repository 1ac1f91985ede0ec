/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Real-time properties of an app: locked memory, CPUs, scheduling policies. Not
 * async-signal-safe.
 */
#ifndef RTFM_SRC_REALTIME_H
#define RTFM_SRC_REALTIME_H

#include <sched.h>

#include "compiler.h"
#include "core.h"

/* Remember that @what, REFUSED_*, was refused to a core, with this errno. */
void realtime_refused(struct core *core, unsigned int what, int err) INTERNAL;

/**
 * realtime_process() - lock the memory of the process
 * @app: the app; what is refused is noted in it
 */
void realtime_process(struct app *app) INTERNAL;
void realtime_process_restore(struct app *app) INTERNAL;

/**
 * realtime_lock_stack() - lock the stack of a thread that was made after realtime_process()
 * @app: the app; if it is refused that is noted in it
 * @bytes: below the caller's frame; and all above it
 */
void realtime_lock_stack(struct app *app, size_t bytes) INTERNAL;

/**
 * realtime_core() - pin the calling core, give it its policy and stack
 * @core: the core; what is refused is noted in its app
 */
void realtime_core(struct core *core) INTERNAL;
void realtime_core_restore(struct core *core) INTERNAL;

/* For init, on any CPU of the caller of rtfm_run(); and back, before the core opens. */
void realtime_unpin(struct core *core) INTERNAL;
void realtime_pin(struct core *core) INTERNAL;

/*
 * Is the core on another CPU than its own? No system call: the C library asks rseq or the
 * vDSO.
 */
static inline bool realtime_moved(const struct core *core)
{
	return core->pinned && sched_getcpu() != core->cpu;
}

/* It is: pin it again, to its own CPU or else to another, and report that. */
void realtime_follow(struct core *core) INTERNAL;

/*
 * The CPUs and the blocked signals of the calling thread, which are a core's, become those
 * of the caller of rtfm_run(). Async-signal-safe: the child of a fork calls it.
 */
int realtime_ordinary(const struct app *app) INTERNAL;

/**
 * realtime_verdict() - what to do about refused properties
 * @app: the app, when all cores have requested theirs
 *
 * Prints the report on stderr if they were only preferred.
 *
 * Return: 0, or -EPERM if they were required.
 */
int realtime_verdict(struct app *app) INTERNAL;

#endif /* RTFM_SRC_REALTIME_H */
