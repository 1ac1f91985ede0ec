/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Real-time properties of an app: locked memory, CPUs, scheduling policies. Not
 * async-signal-safe.
 */
#ifndef RTFM_SRC_REALTIME_H
#define RTFM_SRC_REALTIME_H

#include "compiler.h"
#include "core.h"

/* Remember that @what, REFUSED_*, was refused. */
void realtime_refused(struct app *app, unsigned int what) INTERNAL;

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

/**
 * realtime_verdict() - what to do about refused properties
 * @app: the app, when all cores have asked
 *
 * Prints the one loud line if they were only preferred.
 *
 * Return: 0, or -EPERM if they were required.
 */
int realtime_verdict(struct app *app) INTERNAL;

#endif /* RTFM_SRC_REALTIME_H */
