/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What an engine is to the rest of the library, which calls it through this struct. */
#ifndef RTFM_SRC_ENGINE_H
#define RTFM_SRC_ENGINE_H

#include <stdbool.h>
#include <stdint.h>

#include "compiler.h"

struct app;
struct core;
struct pollfd;
struct rtfmx_slot;
struct timespec;

/**
 * struct engine - how a core is interrupted, woken and put to sleep
 * @name: as in RTFM_ENGINE
 * @module: rtfm.ko gives the cores their priority, and wants them pinned
 * @direct: jobs go through rings and the dispatcher; if not, through @post alone
 * @start: once, before any thread: lay out the app and what it needs of the system
 * @stop: once, after all threads have ended
 * @core_start: in the thread of each core: no job starts until @core_open; may fail
 * @core_open: the inits of all cores have ended: let jobs start
 * @core_close: the core runs no job any more
 * @core_stop: in the thread of each core, undoes @core_start
 * @post: send a job whose payload is in its slot; -EAGAIN if the system cannot take it
 * @kick: interrupt or wake @target; its remote_ready is set already
 * @interrupt: the app ends: make system calls of the cores return -EINTR, again and again
 * @arm: release a job at an instant
 * @repeat: release a job of the own core at an instant, and every period after it
 * @disarm: 0, or -ENOENT: the job was released, or its core has left
 * @move: @arm again with another instant; -ENOENT: the job was released; -ESHUTDOWN:
 *	its core has left
 * @look_at_time: let @target run timer_expire(): engines that use timer.c
 * @expire: the armed instant may have come
 * @unwatch: a slot of kind %RTFMX_SLOT_WATCH was taken out by a core without idle: need
 *	it not run? Masked
 * @park: sleep until a bit of a ready word is set
 * @poll: the same, or until a file is ready, or a time is over: as ppoll(2), -errno
 * @lock: raise the ceiling, for an engine that sets RTFM_CEILING_SLOW
 * @unlock: lower it again
 * @exclude: nothing of this core runs until @include; not nested
 * @include: undoes @exclude; jobs that were held back run before it returns
 *
 * All but start and stop are called by a core's own thread, @kick and @interrupt by any
 * thread and signal handler.
 */
struct engine {
	const char *name;
	bool module;
	bool direct;
	int (*start)(struct app *app);
	void (*stop)(struct app *app);
	int (*core_start)(struct core *core);
	void (*core_open)(struct core *core);
	void (*core_close)(struct core *core);
	void (*core_stop)(struct core *core);
	int (*post)(struct core *core, struct core *target, uint32_t level,
		    struct rtfmx_slot *slot);
	void (*kick)(struct core *target);
	void (*interrupt)(struct app *app);
	int (*arm)(struct core *core, struct core *target, struct rtfmx_slot *slot,
		   uint64_t instant);
	int (*repeat)(struct core *core, struct rtfmx_slot *slot, uint64_t instant,
		      uint64_t period);
	int (*disarm)(struct core *core, struct core *target, struct rtfmx_slot *slot,
		      uint32_t gen);
	int (*move)(struct core *core, struct core *target, struct rtfmx_slot *slot,
		    uint32_t gen, uint64_t instant);
	int (*look_at_time)(struct core *core, struct core *target);
	void (*expire)(struct core *core);
	bool (*unwatch)(struct core *core);
	void (*park)(struct core *core);
	int (*poll)(struct core *core, struct pollfd *files, unsigned int nfiles,
		    const struct timespec *timeout);
	uint32_t (*lock)(struct core *core, uint32_t ceiling);
	void (*unlock)(struct core *core, uint32_t old);
	void (*exclude)(struct core *core);
	void (*include)(struct core *core);
};

extern const struct engine engine_soft INTERNAL;
extern const struct engine engine_signal INTERNAL;
extern const struct engine engine_kmod INTERNAL;

#endif /* RTFM_SRC_ENGINE_H */
