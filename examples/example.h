/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Shared by the examples: printing from a task, seconds, and the stack pointer. */
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
 * Print from a task; see "What a task may call" in Documentation/guide.rst. A task must
 * not call printf(), which takes a lock and allocates memory: if a task preempts another
 * one inside printf() and calls it as well, it waits for a lock that is never released.
 * write(2) is async-signal-safe. POSIX does not list vsnprintf() as async-signal-safe, but
 * in glibc and musl it takes no lock and allocates nothing for integers, strings and
 * pointers.
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
