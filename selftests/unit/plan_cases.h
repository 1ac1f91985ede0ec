/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Cases of kmod/pure/plan.h. */
#ifndef RTFM_PLAN_CASES_H
#define RTFM_PLAN_CASES_H

#include <linux/rtfm.h>
#include <linux/types.h>

#ifdef __KERNEL__
#include <linux/errno.h>
#else
#include <errno.h>
#endif

#include "plan.h"

#define PLAN_MB(n) ((__u64)(n) << 20)

/* The plan of the other cores of a case. */
#define PLAN_GOOD { .levels = 1u << 1, .timers = 1, .ring_entries = 1 }

#define PLAN_LIMITS { .cores = 4, .timers = 16, .bytes = PLAN_MB(1) }
#define PLAN_FORMAT_LIMITS						\
	{ .cores = RTFM_MAX_CORES, .timers = RTFM_MAX_TIMERS,		\
	  .bytes = 1ULL << 62 }

/* 31 rings of 2^17 entries of 16 bytes */
#define PLAN_MAX_RINGS (62ULL << 20)

/**
 * struct plan_case - rtfm_plan_region()
 * @name: of the case
 * @ncores: how many
 * @at: core @at of them asks for @core, the others for PLAN_GOOD
 * @everyone: all of them ask for @core
 * @core: what it asks for
 * @user_bytes: the app's own part
 * @limits: the limits of the module
 * @err: expected, positive
 * @user_offset: expected if @err is 0
 * @region_bytes: expected if @err is 0
 */
struct plan_case {
	const char *name;
	__u32 ncores;
	__u32 at;
	__u32 everyone;
	struct rtfm_core_plan core;
	__u64 user_bytes;
	struct rtfm_limits limits;
	int err;
	__u64 user_offset;
	__u64 region_bytes;
};

static const struct plan_case plan_cases[] = {
	/* what is fine */
	{ "one core, no timers", 1, 0, 0, { .levels = 2 }, 0, PLAN_LIMITS,
	  0, 4096, 4096 },
	{ "one core, nothing at all", 1, 0, 0, { 0 }, 0, PLAN_LIMITS, 0, 4096, 4096 },
	{ "no timers, all levels", 1, 0, 0, { .levels = 0xfffffffe }, 0, PLAN_LIMITS,
	  0, 4096, 4096 },
	{ "timers, no levels", 1, 0, 0, { .timers = 4, .ring_entries = 4 }, 0,
	  PLAN_LIMITS, 0, 4096, 4096 },
	{ "one byte of its own", 1, 0, 0, { .levels = 2 }, 1, PLAN_LIMITS,
	  0, 4096, 8192 },
	{ "one page of its own", 1, 0, 0, { .levels = 2 }, 4096, PLAN_LIMITS,
	  0, 4096, 8192 },
	{ "one page and a byte", 1, 0, 0, { .levels = 2 }, 4097, PLAN_LIMITS,
	  0, 4096, 12288 },
	{ "one ring of one", 1, 0, 0, PLAN_GOOD, 0, PLAN_LIMITS, 0, 8192, 8192 },
	{ "level 31", 1, 0, 0,
	  { .levels = 1u << 31, .timers = 16, .ring_entries = 16 }, 0, PLAN_LIMITS,
	  0, 8192, 8192 },
	{ "all levels", 1, 0, 0,
	  { .levels = 0xfffffffe, .timers = 16, .ring_entries = 32 }, 0, PLAN_LIMITS,
	  0, 4096 + 16384, 4096 + 16384 },
	{ "ring larger than timers", 1, 0, 0,
	  { .levels = 2, .timers = 3, .ring_entries = 1024 }, 0, PLAN_LIMITS,
	  0, 4096 + 16384, 4096 + 16384 },
	{ "four cores", 4, 3, 0, PLAN_GOOD, 0, PLAN_LIMITS,
	  0, 4 * 4096 + 4096, 4 * 4096 + 4096 },
	{ "region exactly at the limit", 1, 0, 0, { .levels = 2 },
	  PLAN_MB(1) - 4096, PLAN_LIMITS, 0, 4096, PLAN_MB(1) },
	{ "no own part, control page exactly at the limit", 1, 0, 0, { .levels = 2 }, 0,
	  { .cores = 4, .timers = 16, .bytes = 4096 }, 0, 4096, 4096 },
	{ "maximum of everything", RTFM_MAX_CORES, 0, 1,
	  { .levels = 0xfffffffe, .timers = RTFM_MAX_TIMERS,
	    .ring_entries = 2 * RTFM_MAX_TIMERS },
	  4096, PLAN_FORMAT_LIMITS, 0,
	  RTFM_MAX_CORES * (4096 + PLAN_MAX_RINGS),
	  RTFM_MAX_CORES * (4096 + PLAN_MAX_RINGS) + 4096 },
	{ "largest own part that fits", RTFM_MAX_CORES, 0, 1,
	  { .levels = 0xfffffffe, .timers = RTFM_MAX_TIMERS,
	    .ring_entries = 2 * RTFM_MAX_TIMERS },
	  (1ULL << 62) - RTFM_MAX_CORES * (4096 + PLAN_MAX_RINGS),
	  PLAN_FORMAT_LIMITS, 0,
	  RTFM_MAX_CORES * (4096 + PLAN_MAX_RINGS), 1ULL << 62 },

	/* a value out of its range */
	{ "no cores", 0, 0, 0, { 0 }, 0, PLAN_LIMITS, EINVAL, 0, 0 },
	{ "level 0", 1, 0, 0, { .levels = 1 }, 0, PLAN_LIMITS, EINVAL, 0, 0 },
	{ "level 0 among others", 1, 0, 0,
	  { .levels = ~0u, .timers = 1, .ring_entries = 1 }, 0, PLAN_LIMITS,
	  EINVAL, 0, 0 },
	{ "reserved", 1, 0, 0, { .levels = 2, .reserved = 1 }, 0, PLAN_LIMITS,
	  EINVAL, 0, 0 },
	{ "highest reserved bit", 1, 0, 0, { .levels = 2, .reserved = 1u << 31 }, 0,
	  PLAN_LIMITS, EINVAL, 0, 0 },
	{ "ring without timers", 1, 0, 0, { .levels = 2, .ring_entries = 4 }, 0,
	  PLAN_LIMITS, EINVAL, 0, 0 },
	{ "timers without ring", 1, 0, 0, { .levels = 2, .timers = 4 }, 0,
	  PLAN_LIMITS, EINVAL, 0, 0 },
	{ "ring smaller than timers", 1, 0, 0,
	  { .levels = 2, .timers = 5, .ring_entries = 4 }, 0, PLAN_LIMITS,
	  EINVAL, 0, 0 },
	{ "three entries", 1, 0, 0,
	  { .levels = 2, .timers = 3, .ring_entries = 3 }, 0, PLAN_LIMITS,
	  EINVAL, 0, 0 },
	{ "ring of 2^32 - 1", 1, 0, 0,
	  { .levels = 2, .timers = 3, .ring_entries = ~0u }, 0, PLAN_LIMITS,
	  EINVAL, 0, 0 },
	{ "ring of 2^18", 1, 0, 0,
	  { .levels = 2, .timers = 3, .ring_entries = 4 * RTFM_MAX_TIMERS }, 0,
	  PLAN_FORMAT_LIMITS, EINVAL, 0, 0 },
	{ "ring of 2^31", 1, 0, 0,
	  { .levels = 0xfffffffe, .timers = 3, .ring_entries = 1u << 31 }, 0,
	  PLAN_FORMAT_LIMITS, EINVAL, 0, 0 },
	{ "bad field in the last core", 4, 3, 0, { .levels = 3 }, 0, PLAN_LIMITS,
	  EINVAL, 0, 0 },
	{ "bad field in the middle", 4, 1, 0, { .levels = 2, .reserved = 9 }, 0,
	  PLAN_LIMITS, EINVAL, 0, 0 },

	/* a limit exceeded */
	{ "too many cores", 5, 0, 0, PLAN_GOOD, 0, PLAN_LIMITS, E2BIG, 0, 0 },
	{ "one timer too many", 1, 0, 0,
	  { .levels = 2, .timers = 17, .ring_entries = 32 }, 0, PLAN_LIMITS,
	  E2BIG, 0, 0 },
	{ "2^32 - 1 timers", 1, 0, 0,
	  { .levels = 2, .timers = ~0u, .ring_entries = 1u << 31 }, 0, PLAN_LIMITS,
	  E2BIG, 0, 0 },
	{ "one timer too many for the format", 1, 0, 0,
	  { .levels = 2, .timers = RTFM_MAX_TIMERS + 1,
	    .ring_entries = 2 * RTFM_MAX_TIMERS }, 0, PLAN_FORMAT_LIMITS,
	  E2BIG, 0, 0 },
	{ "too many timers in the last core", 4, 3, 0,
	  { .levels = 2, .timers = 17, .ring_entries = 32 }, 0, PLAN_LIMITS,
	  E2BIG, 0, 0 },
	{ "one byte too many", 1, 0, 0, { .levels = 2 }, PLAN_MB(1) - 4095,
	  PLAN_LIMITS, E2BIG, 0, 0 },
	{ "rings alone too large", 1, 0, 0,
	  { .levels = 0xfffffffe, .timers = 1, .ring_entries = 4096 }, 0,
	  PLAN_LIMITS, E2BIG, 0, 0 },
	{ "no room for the control page", 1, 0, 0, { .levels = 2 }, 0,
	  { .cores = 4, .timers = 16, .bytes = 4095 }, E2BIG, 0, 0 },
	{ "2^64 - 1 bytes", 1, 0, 0, { .levels = 2 }, ~0ULL, PLAN_LIMITS,
	  E2BIG, 0, 0 },
	{ "sum wraps to 0", 1, 0, 0, { .levels = 2 }, -4096ULL, PLAN_LIMITS,
	  E2BIG, 0, 0 },
	{ "sum wraps to one page", 1, 0, 0, { .levels = 2 }, -4095ULL,
	  PLAN_FORMAT_LIMITS, E2BIG, 0, 0 },
	{ "2^63 bytes", 1, 0, 0, { .levels = 2 }, 1ULL << 63, PLAN_FORMAT_LIMITS,
	  E2BIG, 0, 0 },
	{ "last page wraps", 1, 0, 0, { .levels = 2 }, -4097ULL,
	  { .cores = 4, .timers = 16, .bytes = ~0ULL }, E2BIG, 0, 0 },
	{ "rounding up passes the limit", 1, 0, 0, { .levels = 2 }, 100,
	  { .cores = 4, .timers = 16, .bytes = 5000 }, E2BIG, 0, 0 },
};

#endif /* RTFM_PLAN_CASES_H */
