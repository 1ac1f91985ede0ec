/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* A simple implementation of kmod/pure/ceiling.h, bit by bit, for comparison. */
#ifndef RTFM_CEILING_MODEL_H
#define RTFM_CEILING_MODEL_H

#include "ceiling.h"
#include "model.h"

static inline __u64 naive_above(__u64 ready, unsigned int level)
{
	__u64 above = 0;
	unsigned int bit;

	for (bit = 0; bit < 64; bit++)
		if (bit > level && ready & 1ULL << bit)
			above |= 1ULL << bit;
	return above;
}

static inline unsigned int naive_highest(__u64 ready)
{
	unsigned int level;

	for (level = 31; level; level--)
		if (ready & 1ULL << level)
			return level;
	return 0;
}

static inline unsigned int naive_rank(__u32 levels, unsigned int level)
{
	unsigned int rank = 0, l;

	for (l = 0; l < level; l++)
		rank += levels >> l & 1;
	return rank;
}

/* Every ceiling, with and without the flag, over one ready word. */
static inline const char *ceiling_wrong_above(__u64 ready)
{
	unsigned int level;

	for (level = 0; level < RTFM_LEVELS; level++) {
		__u64 above = naive_above(ready, level);

		if (rtfm_ready_above(ready, level) != above)
			return "above a ceiling";
		if (rtfm_ready_above(ready, level | RTFM_CEILING_SLOW) != above)
			return "above a ceiling with the slow flag";
	}
	return NULL;
}

static inline const char *ceiling_wrong_rank(__u32 levels)
{
	unsigned int level;

	for (level = 0; level < RTFM_LEVELS; level++)
		if (rtfm_level_rank(levels, level) != naive_rank(levels, level))
			return "rank";
	return NULL;
}

/* The start condition of the Stack Resource Policy, for every pair. */
static inline const char *ceiling_wrong_start(void)
{
	unsigned int p, ceiling;

	for (p = 1; p <= RTFM_MAX_PRIORITY; p++)
		for (ceiling = 0; ceiling < RTFM_LEVELS; ceiling++)
			if (!!rtfm_ready_above(rtfm_ready_bit(p), ceiling) !=
			    (p > ceiling))
				return "a job starts iff its level is above the ceiling";
	return NULL;
}

#endif /* RTFM_CEILING_MODEL_H */
