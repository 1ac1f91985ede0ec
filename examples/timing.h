/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Shared by the time-* examples: samples of a duration, and their summary. Tasks add
 * samples; main() prints the summary after rtfm_run() has returned.
 */
#ifndef TIMING_H
#define TIMING_H

#include "example.h"

#define NSAMPLES	2001

/* A sample is the time of one operation, in tenths of a nanosecond. */
struct samples {
	uint64_t tenths[NSAMPLES];
	unsigned int n;
};

static inline int samples_full(const struct samples *samples)
{
	return samples->n == NSAMPLES;
}

/* Add a sample: the given number of operations took ns nanoseconds. */
static inline void samples_add(struct samples *samples, uint64_t ns, unsigned int operations)
{
	if (!samples_full(samples))
		samples->tenths[samples->n++] = ns * 10 / operations;
}

static inline int samples_order(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

#define TENTHS(x)	(unsigned long)((x) / 10), (unsigned int)((x) % 10)

/* Must not be called by a task: qsort() may allocate memory. */
static inline void samples_print(const char *what, struct samples *samples)
{
	uint64_t *tenths = samples->tenths;

	qsort(tenths, samples->n, sizeof(tenths[0]), samples_order);
	print("%s: min %lu.%u median %lu.%u max %lu.%u ns\n", what, TENTHS(tenths[0]),
	      TENTHS(tenths[samples->n / 2]), TENTHS(tenths[samples->n - 1]));
}

/* Run the app. Returns the exit status of main(). */
static inline int timing_run(void)
{
	int status = rtfm_run(&rtfm_app, NULL);

	if (status < 0)
		fprintf(stderr, "%s\n", rtfm_error());
	return status < 0 ? 1 : status;
}

#endif /* TIMING_H */
