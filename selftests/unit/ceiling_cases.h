/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Cases of kmod/pure/ceiling.h. */
#ifndef RTFM_CEILING_CASES_H
#define RTFM_CEILING_CASES_H

#include <linux/rtfm.h>
#include <linux/types.h>

/**
 * struct ceiling_above_case - rtfm_ready_above()
 * @name: of the case
 * @ready: ready word
 * @ceiling: ceiling word
 * @above: expected
 */
struct ceiling_above_case {
	const char *name;
	__u64 ready;
	__u32 ceiling;
	__u64 above;
};

static const struct ceiling_above_case ceiling_above_cases[] = {
	{ "nothing ready", 0, 0, 0 },
	{ "idle, level 1", 1ULL << 1, 0, 1ULL << 1 },
	{ "level 0 is no level", 1, 0, 0 },
	{ "same level waits", 1ULL << 5, 5, 0 },
	{ "one above", 1ULL << 6, 5, 1ULL << 6 },
	{ "one below", 1ULL << 4, 5, 0 },
	{ "several", 0xf0, 5, 0xc0 },
	{ "highest level, nothing above", RTFM_READY_LEVELS, 31, 0 },
	{ "level 31 over 30", RTFM_READY_LEVELS, 30, 1ULL << 31 },
	{ "attention is above every ceiling", RTFM_READY_TIME, 31, RTFM_READY_TIME },
	{ "look", RTFM_READY_LOOK, 31, RTFM_READY_LOOK },
	{ "stop", RTFM_READY_STOP, 31, RTFM_READY_STOP },
	{ "slow", RTFM_READY_SLOW, 31, RTFM_READY_SLOW },
	{ "all, idle", ~0ULL, 0, ~1ULL },
	{ "all, highest", ~0ULL, 31, RTFM_READY_ATTENTION },
	{ "the slow flag is no level", 0xf0, 5 | RTFM_CEILING_SLOW, 0xc0 },
	{ "garbage above the level", 0xf0, 5 | 0xffffff60u, 0xc0 },
};

/**
 * struct ceiling_highest_case - rtfm_ready_highest()
 * @name: of the case
 * @ready: ready word
 * @highest: expected
 */
struct ceiling_highest_case {
	const char *name;
	__u64 ready;
	__u32 highest;
};

static const struct ceiling_highest_case ceiling_highest_cases[] = {
	{ "nothing", 0, 0 },
	{ "level 0 is no level", 1, 0 },
	{ "level 1", 2, 1 },
	{ "level 31", 1ULL << 31, 31 },
	{ "all levels", RTFM_READY_LEVELS, 31 },
	{ "attention alone", RTFM_READY_ATTENTION, 0 },
	{ "attention and level 7", RTFM_READY_ATTENTION | 1ULL << 7, 7 },
	{ "everything", ~0ULL, 31 },
};

/**
 * struct ceiling_rank_case - rtfm_level_rank()
 * @name: of the case
 * @levels: levels of the core
 * @level: one of them
 * @rank: expected
 */
struct ceiling_rank_case {
	const char *name;
	__u32 levels;
	__u32 level;
	__u32 rank;
};

static const struct ceiling_rank_case ceiling_rank_cases[] = {
	{ "only level", 1u << 1, 1, 0 },
	{ "only level 31", 1u << 31, 31, 0 },
	{ "second of two", 1u << 3 | 1u << 9, 9, 1 },
	{ "first of two", 1u << 3 | 1u << 9, 3, 0 },
	{ "last of all", 0xfffffffe, 31, 30 },
	{ "first of all", 0xfffffffe, 1, 0 },
	{ "middle of all", 0xfffffffe, 16, 15 },
};

#endif /* RTFM_CEILING_CASES_H */
