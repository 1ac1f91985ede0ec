/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The threads of libshim. */
#ifndef RTFM_SRC_THREAD_H
#define RTFM_SRC_THREAD_H

#include "compiler.h"
#include "core.h"

/**
 * thread_helper() - a thread beside a core
 * @core: the caller's; the thread inherits its CPU affinity, runs one real-time priority
 *	  above it, and blocks all signals
 * @helper: out
 * @body: called with @core
 */
int thread_helper(struct core *core, pthread_t *helper, void *(*body)(void *)) INTERNAL;

/* A thread for a core; signals as the caller's. */
int thread_core(struct core *core, void *(*body)(void *)) INTERNAL;

#endif /* RTFM_SRC_THREAD_H */
