/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Cases of kmod/pure/timerq.h: short scripts, each on an empty queue. */
#ifndef RTFM_TIMERQ_CASES_H
#define RTFM_TIMERQ_CASES_H

#include <linux/types.h>

#ifdef __KERNEL__
#include <linux/errno.h>
#else
#include <errno.h>
#endif

#define TIMERQ_CASE_STEPS 12
#define TIMERQ_CASE_CAPACITY 4

/*
 * ADD	queue timer @nr at @arg, expect @result
 * CUT	remove timer @nr, expect @result
 * HAS	is timer @nr queued, expect @result
 * POP	pop an expired timer at the time @arg, expect @nr; none if @result is 0
 */
enum timerq_verb { TIMERQ_END, TIMERQ_ADD, TIMERQ_CUT, TIMERQ_HAS, TIMERQ_POP };

/**
 * struct timerq_step - one call and its expected result
 * @verb: which
 * @nr: number of a timer
 * @arg: instant
 * @result: expected return value
 */
struct timerq_step {
	enum timerq_verb verb;
	__u32 nr;
	__u64 arg;
	int result;
};

/**
 * struct timerq_case - one script
 * @name: of the case
 * @capacity: of the queue, at most TIMERQ_CASE_CAPACITY
 * @step: up to TIMERQ_END
 */
struct timerq_case {
	const char *name;
	__u32 capacity;
	struct timerq_step step[TIMERQ_CASE_STEPS];
};

static const struct timerq_case timerq_cases[] = {
	{ "capacity 0", 0, {
		{ TIMERQ_ADD, 0, 5, -EINVAL },
		{ TIMERQ_ADD, ~0u, 5, -EINVAL },
		{ TIMERQ_HAS, 0, 0, 0 },
		{ TIMERQ_POP, 0, ~0ULL, 0 },
		{ TIMERQ_CUT, 0, 0, -ENOENT },
	} },
	{ "a number behind the last one", 2, {
		{ TIMERQ_ADD, 2, 5, -EINVAL },
		{ TIMERQ_ADD, 0x80000000, 5, -EINVAL },
		{ TIMERQ_ADD, ~0u, 5, -EINVAL },
		{ TIMERQ_HAS, 2, 0, 0 },
		{ TIMERQ_HAS, ~0u, 0, 0 },
		{ TIMERQ_CUT, 2, 0, -ENOENT },
		{ TIMERQ_CUT, ~0u, 0, -ENOENT },
		{ TIMERQ_POP, 0, ~0ULL, 0 },
	} },
	{ "the last number", 2, {
		{ TIMERQ_ADD, 1, 5, 0 },
		{ TIMERQ_HAS, 1, 0, 1 },
		{ TIMERQ_HAS, 0, 0, 0 },
		{ TIMERQ_POP, 1, 5, 1 },
		{ TIMERQ_HAS, 1, 0, 0 },
	} },
	{ "queued twice keeps its first instant", 2, {
		{ TIMERQ_ADD, 0, 5, 0 },
		{ TIMERQ_ADD, 0, 1, -EBUSY },
		{ TIMERQ_POP, 0, 4, 0 },
		{ TIMERQ_POP, 0, 5, 1 },
		{ TIMERQ_POP, 0, ~0ULL, 0 },
	} },
	{ "released, queued again", 1, {
		{ TIMERQ_ADD, 0, 5, 0 },
		{ TIMERQ_POP, 0, 5, 1 },
		{ TIMERQ_ADD, 0, 3, 0 },
		{ TIMERQ_POP, 0, 3, 1 },
	} },
	{ "cancelled, queued again", 1, {
		{ TIMERQ_ADD, 0, 5, 0 },
		{ TIMERQ_CUT, 0, 0, 0 },
		{ TIMERQ_ADD, 0, 8, 0 },
		{ TIMERQ_POP, 0, 7, 0 },
		{ TIMERQ_POP, 0, 8, 1 },
	} },
	{ "never early, at the instant", 4, {
		{ TIMERQ_ADD, 3, 100, 0 },
		{ TIMERQ_POP, 0, 99, 0 },
		{ TIMERQ_POP, 3, 100, 1 },
	} },
	{ "instant 0 is due at 0", 1, {
		{ TIMERQ_ADD, 0, 0, 0 },
		{ TIMERQ_POP, 0, 0, 1 },
	} },
	{ "last instant of all", 2, {
		{ TIMERQ_ADD, 0, ~0ULL, 0 },
		{ TIMERQ_ADD, 1, ~0ULL - 1, 0 },
		{ TIMERQ_POP, 1, ~0ULL - 1, 1 },
		{ TIMERQ_POP, 0, ~0ULL - 1, 0 },
		{ TIMERQ_POP, 0, ~0ULL, 1 },
	} },
	{ "by instant, not by submission or number", 3, {
		{ TIMERQ_ADD, 0, 30, 0 },
		{ TIMERQ_ADD, 1, 10, 0 },
		{ TIMERQ_ADD, 2, 20, 0 },
		{ TIMERQ_POP, 1, 99, 1 },
		{ TIMERQ_POP, 2, 99, 1 },
		{ TIMERQ_POP, 0, 99, 1 },
	} },
	{ "ties by submission", 4, {
		{ TIMERQ_ADD, 3, 7, 0 },
		{ TIMERQ_ADD, 1, 7, 0 },
		{ TIMERQ_ADD, 2, 7, 0 },
		{ TIMERQ_ADD, 0, 7, 0 },
		{ TIMERQ_POP, 3, 7, 1 },
		{ TIMERQ_POP, 1, 7, 1 },
		{ TIMERQ_POP, 2, 7, 1 },
		{ TIMERQ_POP, 0, 7, 1 },
	} },
	{ "queued again, it is the last of its instant", 2, {
		{ TIMERQ_ADD, 0, 7, 0 },
		{ TIMERQ_ADD, 1, 7, 0 },
		{ TIMERQ_CUT, 0, 0, 0 },
		{ TIMERQ_ADD, 0, 7, 0 },
		{ TIMERQ_POP, 1, 7, 1 },
		{ TIMERQ_POP, 0, 7, 1 },
	} },
	{ "cancel succeeds once", 2, {
		{ TIMERQ_ADD, 0, 7, 0 },
		{ TIMERQ_CUT, 0, 0, 0 },
		{ TIMERQ_CUT, 0, 0, -ENOENT },
		{ TIMERQ_POP, 0, ~0ULL, 0 },
	} },
	{ "cancel after the release", 2, {
		{ TIMERQ_ADD, 0, 7, 0 },
		{ TIMERQ_POP, 0, 7, 1 },
		{ TIMERQ_CUT, 0, 0, -ENOENT },
	} },
	{ "cancel of what was never queued", 2, {
		{ TIMERQ_ADD, 0, 7, 0 },
		{ TIMERQ_CUT, 1, 0, -ENOENT },
		{ TIMERQ_POP, 0, 7, 1 },
	} },
	{ "cancel from the middle keeps the order", 4, {
		{ TIMERQ_ADD, 0, 1, 0 },
		{ TIMERQ_ADD, 1, 5, 0 },
		{ TIMERQ_ADD, 2, 3, 0 },
		{ TIMERQ_ADD, 3, 6, 0 },
		{ TIMERQ_CUT, 1, 0, 0 },
		{ TIMERQ_POP, 0, 9, 1 },
		{ TIMERQ_POP, 2, 9, 1 },
		{ TIMERQ_POP, 3, 9, 1 },
		{ TIMERQ_POP, 0, 9, 0 },
	} },
	{ "cancel of the first", 3, {
		{ TIMERQ_ADD, 2, 1, 0 },
		{ TIMERQ_ADD, 0, 4, 0 },
		{ TIMERQ_ADD, 1, 2, 0 },
		{ TIMERQ_CUT, 2, 0, 0 },
		{ TIMERQ_HAS, 2, 0, 0 },
		{ TIMERQ_POP, 1, 3, 1 },
		{ TIMERQ_POP, 0, 3, 0 },
		{ TIMERQ_POP, 0, 4, 1 },
	} },
};

/**
 * struct timerq_run - random operations against timerq_model.h
 * @name: of the run
 * @capacity: of the queue
 * @span: instants are below it; 0: all instants there are
 * @operations: how many
 */
struct timerq_run {
	const char *name;
	__u32 capacity;
	__u64 span;
	unsigned long operations;
};

#define TIMERQ_RUN_CAPACITY 1024

static const struct timerq_run timerq_runs[] = {
	{ "1 timer", 1, 4, 100000 },
	{ "2 timers, many ties", 2, 4, 200000 },
	{ "3 timers, one instant", 3, 1, 200000 },
	{ "4 timers, all instants there are", 4, 0, 300000 },
	{ "16 timers", 16, 20, 300000 },
	{ "16 timers, all instants there are", 16, 0, 300000 },
	{ "100 timers", 100, 1000, 300000 },
	{ "1024 timers", TIMERQ_RUN_CAPACITY, 5000, 100000 },
};

#endif /* RTFM_TIMERQ_CASES_H */
