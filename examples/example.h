/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What the examples share: printing from a task, seconds, and the stack pointer. */
#ifndef EXAMPLE_H
#define EXAMPLE_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <rtfm.h>
#include <stdarg.h>

#define SECOND		UINT64_C(1000000000)	/* instants are nanoseconds */

#define example_sp()	__builtin_frame_address(0)

/*
 * One write(2), whole and at once. printf() may be interrupted in the middle by
 * a task that calls it too: with this, nothing has to be locked to print.
 */
static inline __attribute__((format(printf, 1, 2), unused)) void print(const char *format, ...)
{
	char line[160];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	if (n > (int)sizeof(line) - 1)
		n = sizeof(line) - 1;
	if (write(1, line, (size_t)n) != n)
		abort();
}

#endif /* EXAMPLE_H */
