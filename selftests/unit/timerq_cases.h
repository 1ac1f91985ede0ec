/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Cases of kmod/pure/timerq.h: short scripts, each on an empty queue. */
#ifndef RTFM_TIMERQ_CASES_H
#define RTFM_TIMERQ_CASES_H

#include <linux/types.h>

#define TIMERQ_CASE_STEPS 12
#define TIMERQ_CASE_CAPACITY 4

#define TIMERQ_EAGAIN 11
#define TIMERQ_ENOENT 2

/*
 * ADD	queue @arg with cookie @tag, expect @result; the handle is kept under @tag
 * CUT	remove handle @tag, expect @result
 * RAW	remove the number @arg, expect @result
 * POP	pop what is due at @arg, expect cookie @tag; nothing if @result is 0
 */
enum timerq_verb { TIMERQ_END, TIMERQ_ADD, TIMERQ_CUT, TIMERQ_RAW, TIMERQ_POP };

/**
 * struct timerq_step - one call and what it answers
 * @verb: which
 * @tag: names a handle and is its cookie, 0..7
 * @arg: instant, or raw handle
 * @result: expected return value
 */
struct timerq_step {
	enum timerq_verb verb;
	__u32 tag;
	__u64 arg;
	int result;
};

/**
 * struct timerq_case - one script
 * @name: of the case
 * @capacity: of the queue, at most TIMERQ_CASE_CAPACITY
 * @gen: preset generation of every entry, 0: leave it
 * @step: up to TIMERQ_END
 */
struct timerq_case {
	const char *name;
	__u32 capacity;
	__u32 gen;
	struct timerq_step step[TIMERQ_CASE_STEPS];
};

static const struct timerq_case timerq_cases[] = {
	{ "capacity 0", 0, 0, {
		{ TIMERQ_ADD, 0, 5, -TIMERQ_EAGAIN },
		{ TIMERQ_POP, 0, ~0ULL, 0 },
		{ TIMERQ_RAW, 0, 0, -TIMERQ_ENOENT },
		{ TIMERQ_RAW, 0, 1ULL << 32, -TIMERQ_ENOENT },
	} },
	{ "one: full, freed, full again", 1, 0, {
		{ TIMERQ_ADD, 0, 5, 0 },
		{ TIMERQ_ADD, 1, 1, -TIMERQ_EAGAIN },
		{ TIMERQ_CUT, 0, 0, 0 },
		{ TIMERQ_ADD, 1, 1, 0 },
		{ TIMERQ_ADD, 2, 1, -TIMERQ_EAGAIN },
		{ TIMERQ_POP, 1, 1, 1 },
		{ TIMERQ_POP, 0, ~0ULL, 0 },
	} },
	{ "never early, at the instant", 1, 0, {
		{ TIMERQ_ADD, 3, 100, 0 },
		{ TIMERQ_POP, 0, 99, 0 },
		{ TIMERQ_POP, 3, 100, 1 },
	} },
	{ "instant 0 is due at 0", 1, 0, {
		{ TIMERQ_ADD, 0, 0, 0 },
		{ TIMERQ_POP, 0, 0, 1 },
	} },
	{ "last instant of all", 2, 0, {
		{ TIMERQ_ADD, 0, ~0ULL, 0 },
		{ TIMERQ_ADD, 1, ~0ULL - 1, 0 },
		{ TIMERQ_POP, 1, ~0ULL - 1, 1 },
		{ TIMERQ_POP, 0, ~0ULL - 1, 0 },
		{ TIMERQ_POP, 0, ~0ULL, 1 },
	} },
	{ "by instant, not by submission", 3, 0, {
		{ TIMERQ_ADD, 0, 30, 0 },
		{ TIMERQ_ADD, 1, 10, 0 },
		{ TIMERQ_ADD, 2, 20, 0 },
		{ TIMERQ_POP, 1, 99, 1 },
		{ TIMERQ_POP, 2, 99, 1 },
		{ TIMERQ_POP, 0, 99, 1 },
	} },
	{ "ties by submission", 4, 0, {
		{ TIMERQ_ADD, 3, 7, 0 },
		{ TIMERQ_ADD, 1, 7, 0 },
		{ TIMERQ_ADD, 2, 7, 0 },
		{ TIMERQ_ADD, 0, 7, 0 },
		{ TIMERQ_POP, 3, 7, 1 },
		{ TIMERQ_POP, 1, 7, 1 },
		{ TIMERQ_POP, 2, 7, 1 },
		{ TIMERQ_POP, 0, 7, 1 },
	} },
	{ "cancel succeeds once", 2, 0, {
		{ TIMERQ_ADD, 0, 7, 0 },
		{ TIMERQ_CUT, 0, 0, 0 },
		{ TIMERQ_CUT, 0, 0, -TIMERQ_ENOENT },
		{ TIMERQ_POP, 0, ~0ULL, 0 },
	} },
	{ "cancel after the release", 2, 0, {
		{ TIMERQ_ADD, 0, 7, 0 },
		{ TIMERQ_POP, 0, 7, 1 },
		{ TIMERQ_CUT, 0, 0, -TIMERQ_ENOENT },
	} },
	{ "an old handle does not name a new job", 1, 0, {
		{ TIMERQ_ADD, 0, 7, 0 },
		{ TIMERQ_CUT, 0, 0, 0 },
		{ TIMERQ_ADD, 1, 7, 0 },
		{ TIMERQ_CUT, 0, 0, -TIMERQ_ENOENT },
		{ TIMERQ_POP, 1, 7, 1 },
	} },
	{ "handles that nobody gave out", 4, 0, {
		{ TIMERQ_ADD, 0, 7, 0 },
		{ TIMERQ_RAW, 0, 0, -TIMERQ_ENOENT },
		{ TIMERQ_RAW, 0, ~0ULL, -TIMERQ_ENOENT },
		{ TIMERQ_RAW, 0, 4, -TIMERQ_ENOENT },
		{ TIMERQ_RAW, 0, 1ULL << 32 | 1, -TIMERQ_ENOENT },
		{ TIMERQ_RAW, 0, 1ULL << 32 | 4, -TIMERQ_ENOENT },
		{ TIMERQ_RAW, 0, 1ULL << 32 | 0xffffffff, -TIMERQ_ENOENT },
		{ TIMERQ_POP, 0, 7, 1 },
	} },
	{ "the last generation", 1, 0xffffffff, {
		{ TIMERQ_ADD, 0, 7, 0 },
		{ TIMERQ_CUT, 0, 0, 0 },
		{ TIMERQ_ADD, 1, 7, 0 },
		{ TIMERQ_CUT, 0, 0, -TIMERQ_ENOENT },
		{ TIMERQ_RAW, 0, 0, -TIMERQ_ENOENT },
		{ TIMERQ_CUT, 1, 0, 0 },
		{ TIMERQ_ADD, 2, 7, 0 },
		{ TIMERQ_CUT, 1, 0, -TIMERQ_ENOENT },
		{ TIMERQ_POP, 2, 7, 1 },
	} },
	{ "cancel from the middle keeps the order", 4, 0, {
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
};

#endif /* RTFM_TIMERQ_CASES_H */
