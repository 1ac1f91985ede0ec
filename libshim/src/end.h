/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* How an app ends: rtfm_exit(), rtfm_leave(), and an engine that cannot go on. */
#ifndef RTFM_SRC_END_H
#define RTFM_SRC_END_H

#include <stdbool.h>

#include "compiler.h"
#include "core.h"

/*
 * The first line of rtfm_run(): from here on rtfm_exit() is a request to end this run.
 * False if another has begun and not ended.
 */
bool end_begin(void) INTERNAL;
/* If there has been a request, ends the app, which is live. */
bool end_if_requested(struct app *app) INTERNAL;
/* The last line of rtfm_run(): the status of the first request, 0 without one. */
int end_status(void) INTERNAL;
/* End the app with an error, for which state_error() was called. */
void end_failed(struct app *app, int err) INTERNAL;
/* The same, and the text is @text and that of @err. */
void end_abort(struct app *app, int err, const char *text) INTERNAL;
/* Sleep until no thread is inside rtfm_exit(). No more enter: the app is not live. */
void end_await_callers(void) INTERNAL;
/* %RTFM_EXIT_ON_SIGNAL, if it is among the options; and undo it, also if it failed. */
int end_catch_signals(const struct app *app) INTERNAL;
void end_release_signals(void) INTERNAL;
/* In the child of a fork: the threads that were inside rtfm_exit() are not there. */
void end_after_fork(void) INTERNAL;

#endif /* RTFM_SRC_END_H */
