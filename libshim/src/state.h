/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The running app, the core of the calling thread, and what went wrong. */
#ifndef RTFM_SRC_STATE_H
#define RTFM_SRC_STATE_H

#include <stdbool.h>

#include "compiler.h"
#include "core.h"

/* The core of the calling thread, NULL in a foreign one. Async-signal-safe. */
extern __thread struct core *self __attribute__((tls_model("initial-exec"))) INTERNAL;
extern struct app the_app INTERNAL;

/*
 * Set the text of rtfm_error(), unless this run has one already: the first error counts.
 * For the thread that runs the app, and its cores. Returns @err.
 */
int state_error(int err, const char *format, ...)
	__attribute__((format(printf, 2, 3))) INTERNAL;
/* rtfm_run() begins; it ends with @err, or a status, which it returns; it is refused. */
void state_begin(void) INTERNAL;
int state_end(int err) INTERNAL;
int state_busy(void) INTERNAL;
/* The app fails; state_error() was called. */
void state_fail(struct app *app, int err) INTERNAL;
/* What the app failed with, of which rtfm_error() has the text; or 0. */
int state_failure(const struct app *app) INTERNAL;

/* Does the core start no more jobs, because it has left or the app is ending? */
bool state_ending(const struct core *core) INTERNAL;

/* Do the cores exist? From the start as a whole until rtfm_run() has joined them. */
static inline bool state_live(const struct app *app)
{
	return __atomic_load_n(&app->live, __ATOMIC_SEQ_CST);
}

/* Has the core left, or ended? Then it releases nothing. */
static inline bool state_over(const struct core *core)
{
	return __atomic_load_n(&core->over, __ATOMIC_RELAXED);
}

static inline struct core *core_of(struct rtfmx_core *pub)
{
	return (struct core *)(void *)pub;
}

#endif /* RTFM_SRC_STATE_H */
