/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Shared by the unit tests: checks with an explanation, and a scale. */
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

/* A check of a model: NULL, or what is wrong. */
#define CHECK_MODEL(check, ...)						\
	do {								\
		const char *wrong_ = (check);				\
									\
		if (wrong_) {						\
			TH_LOG("%s", wrong_);				\
			TH_LOG(__VA_ARGS__);				\
			ASSERT_TRUE(!"see the line above");		\
		}							\
	} while (0)

/* RTFM_SCALE=0.1 makes a test do a tenth of its work */
static inline unsigned long unit_scaled(unsigned long n)
{
	const char *scale = getenv("RTFM_SCALE");
	double scaled = scale ? (double)n * atof(scale) : (double)n;

	return scaled < 1 ? 1 : (unsigned long)scaled;
}

#endif /* RTFM_UNIT_H */
