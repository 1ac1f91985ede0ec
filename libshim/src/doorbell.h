/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The doorbell: one signal and one handler for all cores of the app. */
#ifndef RTFM_SRC_DOORBELL_H
#define RTFM_SRC_DOORBELL_H

#include "compiler.h"
#include "core.h"

int doorbell_install(struct app *app) INTERNAL;
/* Put back the handler that was there. Async-signal-safe: the child of a fork calls it. */
void doorbell_remove(struct app *app) INTERNAL;
/* Ring for a core's thread. Async-signal-safe. */
void doorbell_ring(struct core *target) INTERNAL;
/* &struct engine.interrupt. */
void doorbell_interrupt(struct app *app) INTERNAL;
/* Let the calling core have doorbells: the caller of rtfm_run() may have it blocked. */
void doorbell_open(struct core *core) INTERNAL;
void doorbell_close(struct core *core) INTERNAL;

#endif /* RTFM_SRC_DOORBELL_H */
