/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The timer queue of a core, for the engines that keep it in user space.
 *
 * The queue belongs to the core's own thread. Other cores ask it through a ring
 * each; the core takes the requests out when RTFM_READY_TIME tells it to.
 *
 * One word in the slot says whose the job is. state is (gen, ARMED) from the
 * submission on; a compare-and-swap takes it away from there, once:
 *
 *	(gen, ARMED) -> (gen, IDLE)		released, by the core
 *	(gen, ARMED) -> (gen, CANCELLED)	cancelled, by anyone
 *	(gen, ARMED) -> (gen + 1, ARMED)	moved, by anyone
 *
 * So of two that try, one succeeds and the other learns that it did not. What is
 * in the queue for a state that is gone is dropped when it is met; who drops a
 * cancelled entry gives its slot back.
 */
#ifndef RTFM_SRC_TIMER_H
#define RTFM_SRC_TIMER_H

#include <stdbool.h>
#include <stdint.h>
#include <timerq.h>

#include "compiler.h"

struct core;
struct rtfmx_slot;

struct timer_request {
	uint64_t instant;	/* of no use if the slot's state says that it is cancelled */
	uint32_t job;
	uint32_t gen;
};

struct timer_ring {
	uint32_t tail;
	uint32_t entries;
	struct timer_request *request;
	uint32_t head __attribute__((aligned(64)));
} __attribute__((aligned(64)));

#define TIMER_NEVER	(~0ULL)

/**
 * struct timer_entry - what a timer releases
 * @slot: whose job; start
 * @gen: of the slot, when it was queued; own
 * @period: ns, 0 for once; start
 */
struct timer_entry {
	struct rtfmx_slot *slot;
	uint64_t period;
	uint32_t gen;
};

/**
 * struct timers - the timer queue of a core
 * @queue: own
 * @entries: one for each number of @queue
 * @next: the instant that the engine is armed for, TIMER_NEVER if none; written
 *	by own, read by all
 * @requests: one ring for each core of the app
 */
struct timers {
	struct rtfm_timerq queue;
	struct timer_entry *entries;
	uint64_t next;
	struct timer_ring *requests;
};

/**
 * timer_submit() - release @job of @target at @instant
 * @core: the calling core, excluded
 * @target: the core of the job
 * @slot: the job's, whose state says (gen, ARMED)
 * @gen: of the slot
 * @instant: ns
 *
 * Return: 0; 1 if @target has to look (timer_expire()) for the instant to be met;
 * -EAGAIN if @target has not taken in what was asked before: it has been told to.
 */
int timer_submit(struct core *core, struct core *target, struct rtfmx_slot *slot, uint32_t gen,
		 uint64_t instant) INTERNAL;

/**
 * timer_repeat() - release a job of the own core at an instant, and every period after it
 * @core: the calling core, excluded
 * @slot: the job's
 * @instant: ns
 * @period: ns
 */
void timer_repeat(struct core *core, struct rtfmx_slot *slot, uint64_t instant,
		  uint64_t period) INTERNAL;

/**
 * timer_withdraw() - undo timer_submit() when @target cannot be told to look
 * @core: the calling core, excluded
 * @slot: as submitted
 * @gen: as submitted
 *
 * Return: whether the job is the caller's again. If not, it has been released.
 */
bool timer_withdraw(struct core *core, struct rtfmx_slot *slot, uint32_t gen)
	INTERNAL;

/**
 * timer_disarm() - take a job back
 * @core: the calling core, excluded
 * @target: the core of the job
 * @slot: as submitted
 * @gen: as submitted
 *
 * Return: 0, or -ENOENT, also if @target has left.
 */
int timer_disarm(struct core *core, struct core *target, struct rtfmx_slot *slot, uint32_t gen)
	INTERNAL;

/**
 * timer_move() - release a job at another instant
 * @core: the calling core, excluded
 * @target: the core of the job
 * @slot: as submitted
 * @gen: as submitted; the slot's is one more afterwards
 * @instant: ns
 *
 * Return: 0, -ENOENT, -ESHUTDOWN if @target has left, or -EAGAIN if @target has not
 * taken in what was asked before: it has been told to.
 */
int timer_move(struct core *core, struct core *target, struct rtfmx_slot *slot, uint32_t gen,
	       uint64_t instant) INTERNAL;

/**
 * timer_expire() - take in requests, release what is due
 * @core: the calling core, excluded
 * @release: called for each job that is due; if it returns an error, the job
 *	stays queued and is tried again a millisecond later
 *
 * Return: the instant to arm for, which is in @next too, or TIMER_NEVER.
 */
uint64_t timer_expire(struct core *core, int (*release)(struct core *core, struct rtfmx_slot *slot))
	INTERNAL;

#endif /* RTFM_SRC_TIMER_H */
