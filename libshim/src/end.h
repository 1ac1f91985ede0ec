/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* How an app ends: rtfm_exit(), rtfm_leave(), and an engine that cannot go on. */
#ifndef RTFM_SRC_END_H
#define RTFM_SRC_END_H

#include "compiler.h"
#include "core.h"

/* End the app with an error, whose text is @text and that of @err. */
void end_abort(struct app *app, int err, const char *text) INTERNAL;
/* Sleep until no thread is inside rtfm_exit(). No more enter: the app is not live. */
void end_await_callers(void) INTERNAL;
/* In the child of a fork: the threads that were inside rtfm_exit() are not there. */
void end_after_fork(void) INTERNAL;

#endif /* RTFM_SRC_END_H */
