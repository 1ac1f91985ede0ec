/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Shared by the tests of libshim: TAP on stdout, a journal that tasks write and main()
 * reads, and a time limit. Exit status: 0 passed, 1 failed, 4 skipped.
 */
#ifndef TAP_H
#define TAP_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <rtfm.h>

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <sys/utsname.h>
#include <time.h>

#define TAP_PASS	0
#define TAP_FAIL	1
#define TAP_SKIP	4

#define MSEC		UINT64_C(1000000)
#define SEC		UINT64_C(1000000000)
/* Later than the calls that name it end, though the machine stands still meanwhile */
#define AHEAD		(500 * MSEC)

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define LOAD(x)		__atomic_load_n(&(x), __ATOMIC_ACQUIRE)
#define STORE(x, v)	__atomic_store_n(&(x), v, __ATOMIC_RELEASE)
#define ADD(x, v)	__atomic_add_fetch(&(x), v, __ATOMIC_ACQ_REL)

static int tap_nr, tap_failed;

/* A test that hangs has failed: SIGALRM ends it. Nothing else is asked of the clock. */
static inline void tap_begin(unsigned int seconds)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("TAP version 13\n");
	alarm(seconds);
}

static inline __attribute__((format(printf, 2, 3))) bool ok(bool passed, const char *name, ...)
{
	va_list args;

	if (!passed)
		tap_failed++;
	printf("%sok %d ", passed ? "" : "not ", ++tap_nr);
	va_start(args, name);
	vprintf(name, args);
	va_end(args);
	printf("\n");
	return passed;
}

static inline void ok_skip(const char *name, const char *reason)
{
	printf("ok %d %s # SKIP %s\n", ++tap_nr, name, reason);
}

static inline int tap_end(void)
{
	printf("1..%d\n", tap_nr);
	return tap_failed ? TAP_FAIL : TAP_PASS;
}

static inline __attribute__((noreturn, unused)) void tap_skip_all(const char *reason)
{
	printf("1..0 # SKIP %s\n", reason);
	exit(TAP_SKIP);
}

/* Equal, or says both. */
static inline __attribute__((unused)) bool ok_eq(long long got, long long want, const char *name)
{
	bool same = got == want;

	ok(same, "%s", name);
	if (!same)
		printf("# got %lld, wanted %lld\n", got, want);
	return same;
}

/* Cores are pinned to CPUs 0, 1, ...: are they ours to use? */
static inline __attribute__((unused)) bool have_cpus(int n)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set))
		return false;
	while (n--) {
		if (!CPU_ISSET(n, &set))
			return false;
	}
	return true;
}

static inline __attribute__((unused)) void need_cpus(int n)
{
	if (!have_cpus(n))
		tap_skip_all("fewer CPUs than cores");
}

/* The engine that was requested. */
static inline __attribute__((unused)) bool asked_for(const char *engine)
{
	const char *value = getenv("RTFM_ENGINE");

	return value && !strcmp(value, engine);
}

/*
 * Does time preempt a task that spins? Not with POSIX timers on PREEMPT_RT, where
 * they expire in a thread of lower priority: that is what the other engines are for.
 */
#define NO_TIME_PREEMPTION "POSIX timers do not expire under a busy task on PREEMPT_RT"

static inline __attribute__((unused)) bool time_preempts(void)
{
	struct utsname kernel;

	return !asked_for("signal") || uname(&kernel) || !strstr(kernel.version, "PREEMPT_RT");
}

/* ---- the journal: what happened, in order, "a|b|c" --------------------- */

static char journal[8192];
static size_t journal_len;

/* May be interrupted, at any point, by a task that says something too. */
static inline __attribute__((format(printf, 1, 2), unused)) void say(const char *format, ...)
{
	char text[160];
	va_list args;
	size_t at, n;

	va_start(args, format);
	n = (size_t)vsnprintf(text, sizeof(text) - 1, format, args);
	va_end(args);
	if (n > sizeof(text) - 2)
		n = sizeof(text) - 2;
	text[n++] = '|';
	at = __atomic_fetch_add(&journal_len, n, __ATOMIC_RELAXED);
	if (at + n < sizeof(journal))
		memcpy(journal + at, text, n);
}

/* Runs the app and compares its journal. */
static inline __attribute__((unused)) bool ok_run(const char *name, const char *want)
{
	int status;

	memset(journal, 0, sizeof(journal));
	journal_len = 0;
	status = rtfm_run(&rtfm_app, NULL);
	if (journal_len && journal_len < sizeof(journal))
		journal[journal_len - 1] = 0;
	ok(!status && !strcmp(journal, want), "%s", name);
	if (status < 0)
		printf("# rtfm_run: %s: %s\n", strerror(-status), rtfm_error());
	else if (status)
		printf("# rtfm_run: status %d\n", status);
	if (strcmp(journal, want))
		printf("# got    %s\n# wanted %s\n", journal, want);
	return !status && !strcmp(journal, want);
}

static inline __attribute__((unused)) void spin_until(uint64_t instant)
{
	while (rtfm_now() < instant)
		;
}

#endif /* TAP_H */
