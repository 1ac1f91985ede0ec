/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The arithmetic of levels and ceilings (T. P. Baker, "Stack-Based Scheduling
 * of Realtime Processes", Real-Time Systems 3, 1991).
 *
 * A level is a task priority: 1..31, higher is more urgent; 0 is idle. A job of
 * level p starts when p > system ceiling, the maximum of the running job's
 * level and the ceilings of the resources it holds. One core:
 *
 *	SRP level		1 .. 31		bit p of a ready word
 *	ceiling word		0 .. 31		low five bits
 *	kernel ring		rank of p among the core's levels
 *	SCHED_FIFO priority	one for the whole core: levels are not threads
 */
#ifndef RTFM_PURE_CEILING_H
#define RTFM_PURE_CEILING_H

#include <linux/rtfm.h>
#include <linux/types.h>

/**
 * rtfm_ready_above() - is there something to do above a ceiling
 * @ready: ready word, attention bits included
 * @ceiling: 0..31
 *
 * Return: the ready bits above @ceiling; attention bits are above every one.
 */
static inline __u64 rtfm_ready_above(__u64 ready, __u32 ceiling)
{
	return ready & (~0ULL << (ceiling & RTFM_CEILING_LEVEL) << 1);
}

/**
 * rtfm_ready_highest() - the most urgent level of a ready word
 * @ready: ready word; attention bits are ignored
 *
 * Return: 1..31, or 0 if no level is ready.
 */
static inline __u32 rtfm_ready_highest(__u64 ready)
{
	/* bit 0 is no level: with it set, the highest bit is that of the answer */
	return 31 - (__u32)__builtin_clz((__u32)(ready & RTFM_READY_LEVELS) | 1);
}

/**
 * rtfm_ready_bit() - the bit of a level
 * @level: 1..31
 */
static inline __u64 rtfm_ready_bit(__u32 level)
{
	return 1ULL << level;
}

/**
 * rtfm_level_rank() - which of a core's levels this is
 * @levels: the levels of the core, a bit each
 * @level: one of them
 *
 * Return: how many of @levels are below @level.
 */
static inline __u32 rtfm_level_rank(__u32 levels, __u32 level)
{
	__u32 below = levels & ((1U << level) - 1);
	__u32 rank = 0;

	/* no popcount instruction in the kernel's baseline */
	for (; below; below &= below - 1)
		rank++;
	return rank;
}

#endif /* RTFM_PURE_CEILING_H */
