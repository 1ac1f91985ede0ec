/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Why the system refused something, and what would make it grant that: a text for
 * messages. Not async-signal-safe.
 */
#ifndef RTFM_SRC_REASON_H
#define RTFM_SRC_REASON_H

#include <stdbool.h>
#include <stddef.h>

#include "compiler.h"

/* Does the calling thread have a capability, in the initial user namespace? */
bool reason_capable(unsigned int capability) INTERNAL;

/**
 * reason_priority() - why a real-time policy was refused
 * @text: out, "" if @size is 0
 * @size: of @text
 * @err: the errno, of sched_setscheduler() or pthread_create()
 * @priority: the priority that was requested
 */
void reason_priority(char *text, size_t size, int err, int priority) INTERNAL;
void reason_memory(char *text, size_t size, int err) INTERNAL;
/* @err: of sched_setaffinity() with @cpu alone */
void reason_cpu(char *text, size_t size, int err, int cpu) INTERNAL;
/*
 * How far the CLOCK_MONOTONIC of this process is ahead of the kernel's, in whole seconds away
 * from zero: time_namespaces(7). 0 if /proc is not there to ask.
 */
long reason_clock_offset(void) INTERNAL;
/* @err: of open() for /dev/rtfm */
void reason_device(char *text, size_t size, int err) INTERNAL;

#endif /* RTFM_SRC_REASON_H */
