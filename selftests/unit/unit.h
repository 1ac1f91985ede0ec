/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* What the unit tests share: a generator with a fixed seed, and a scale. */
#ifndef RTFM_UNIT_H
#define RTFM_UNIT_H

#include <linux/types.h>
#include <stdlib.h>

#include "kselftest_harness.h"

/* EXPECT_EQ(0, unsigned) is how the harness is meant to be used */
#pragma GCC diagnostic ignored "-Wsign-compare"

/* One failure line, then out of the test: a loop must not print thousands. */
#define CHECK(condition, ...)						\
	do {								\
		if (!(condition)) {					\
			TH_LOG("not true: %s", #condition);		\
			TH_LOG(__VA_ARGS__);				\
			ASSERT_TRUE(!"see the line above");		\
		}							\
	} while (0)

/* xorshift64*: the same numbers everywhere */
static inline __u64 unit_random(__u64 *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * 0x2545f4914f6cdd1dULL;
}

/* RTFM_SCALE=0.1 makes a test do a tenth of its work */
static inline unsigned long unit_scaled(unsigned long n)
{
	const char *scale = getenv("RTFM_SCALE");
	double scaled = scale ? (double)n * atof(scale) : (double)n;

	return scaled < 1 ? 1 : (unsigned long)scaled;
}

#endif /* RTFM_UNIT_H */
