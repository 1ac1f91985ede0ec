/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The dispatcher: which job runs next. What applications call: <rtfm/fast.h>. */
#ifndef RTFM_SRC_DISPATCH_H
#define RTFM_SRC_DISPATCH_H

#include "compiler.h"
#include "core.h"

/* Run the jobs that are above the ceiling. */
void dispatch_pending(struct core *core) INTERNAL;
/*
 * The core polls: run a job of its highest level that came in a cell, if there is nothing
 * else to do. False: the core has to leave the polling state, for what is ready.
 */
bool dispatch_cell(struct core *core) INTERNAL;
/* As dispatch_pending(), in the handler of the doorbell, in which that signal is blocked. */
void dispatch_doorbell(struct core *core) INTERNAL;
/*
 * The calling job has scheduled another: unblock the doorbell if the job runs in its
 * handler, and the other may preempt it.
 */
void dispatch_let_in(struct core *core) INTERNAL;
/*
 * As dispatch_pending(), in an upcall, called by its entry (arch/). Returns the ceiling: if
 * anything above it is ready once the entry has unmasked the thread, the entry calls again.
 * 63: it does not.
 */
uint32_t dispatch_upcall(void) INTERNAL;

/*
 * Idle runs, with no lock or, if @locked, with those that it may hold. If the ceiling says
 * otherwise, end the app with an error: a job was left with longjmp().
 */
void dispatch_check_idle(struct core *core, bool locked) INTERNAL;

/* &struct engine.poll. */
int dispatch_poll(struct core *core, struct pollfd *files, unsigned int nfiles,
		  const struct timespec *timeout) INTERNAL;
/* &struct engine.core_open: all inits have ended, let jobs start. */
void dispatch_open(struct core *core) INTERNAL;
/* &struct engine.core_close: a doorbell sets a bit from now on, and has no effect. */
void dispatch_close(struct core *core) INTERNAL;
/* &struct engine.exclude and .include. */
void dispatch_exclude(struct core *core) INTERNAL;
void dispatch_include(struct core *core) INTERNAL;

#endif /* RTFM_SRC_DISPATCH_H */
