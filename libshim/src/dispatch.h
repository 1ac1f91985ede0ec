/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Who runs when. What applications call: <rtfm/fast.h>. */
#ifndef RTFM_SRC_DISPATCH_H
#define RTFM_SRC_DISPATCH_H

#include "compiler.h"
#include "core.h"

/* Run what is above the ceiling. */
void dispatch_look(struct core *core) INTERNAL;
/*
 * The core polls: run a job of its highest level that came in a cell, if there is nothing
 * else to do. False: the core has to leave the polling state for what is there.
 */
bool dispatch_cell(struct core *core) INTERNAL;
/* The same in the handler of the doorbell, which the kernel has blocked meanwhile. */
void dispatch_doorbell(struct core *core) INTERNAL;
/*
 * The calling job has scheduled another: unblock the doorbell if the job runs in its
 * handler, and the other may preempt it.
 */
void dispatch_let_in(struct core *core) INTERNAL;
/*
 * The same in an upcall, for its entry (arch/). Returns the ceiling above which nothing
 * must be left when it unmasks, 63 for none.
 */
uint32_t dispatch_upcall(void) INTERNAL;

/* &struct engine.poll. */
int dispatch_poll(struct core *core, struct pollfd *files, unsigned int nfiles,
		  const struct timespec *timeout) INTERNAL;
/* &struct engine.core_open: all inits have ended, let jobs start. */
void dispatch_open(struct core *core) INTERNAL;
/* &struct engine.core_close: doorbells from now on set a bit that nobody reads. */
void dispatch_close(struct core *core) INTERNAL;
/* &struct engine.exclude and .include. */
void dispatch_exclude(struct core *core) INTERNAL;
void dispatch_include(struct core *core) INTERNAL;

#endif /* RTFM_SRC_DISPATCH_H */
