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
 * What a task may print with: Documentation/guide.rst, "What a task may call".
 * printf() takes a lock and allocates; a task that preempts another inside of it
 * and calls it too never gets the lock. write(2) is async-signal-safe. vsnprintf() is
 * not among the functions that POSIX calls so, but glibc and musl take no lock
 * and no memory for integers, strings and pointers.
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
