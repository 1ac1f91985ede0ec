// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The floating-point environment in which init, idle and jobs begin, for each value of the
 * option: by a spawn, at the end of a lock, by a timer and from another core. Each body
 * checks its environment, then changes it; no other body may be affected. For a task that
 * is declared general_regs the environment is not switched.
 */
#include "tap.h"

#ifdef __x86_64__

#include <float.h>

#define FP(core, resource, task)					\
	core(0, init, idle)						\
	resource(shared, int, 0)					\
	task(low, priority(1), uses(shared))				\
	task(high, priority(2), uses(shared))				\
	task(timed, priority(3))					\
	task(late, priority(1))						\
	task(general, priority(4), general_regs)			\
	task(copier, priority(4), general_regs, message(char bytes[300])) \
	core(1, init)							\
	task(far, priority(1), remote)					\
	task(near, priority(2))
RTFM_APP(FP);

struct env {
	uint32_t mxcsr;
	uint16_t control;
};

/* MXCSR: masks; flags that stay set; rounding up or down; subnormal numbers are zero */
#define MASKS		0x1f80u
#define FLAGS		0x003fu
#define UP		0x4000u
#define DOWN		0x2000u
#define FLUSH		0x8040u
#define INEXACT		0x0020u
#define X87		0x037fu
#define X87_UP		0x0800u
#define X87_DOWN	0x0400u

/* The environments that preempted bodies set, and those that all other bodies set */
static const struct env strange = { MASKS | UP | INEXACT, X87 | X87_UP };
static const struct env spoilt = { MASKS | DOWN | FLUSH, X87 | X87_DOWN };
static struct env want;
static int looked[16], wrong, unequal, general_jobs;
static volatile double tiny = DBL_MIN, half = 0.5;	/* their product is subnormal */
static int not_flushed, flushed;

enum { INIT, IDLE, LOW, HIGH, TIMED, LATE, INIT1, FAR, NEAR, PLACES };

static void env_get(struct env *env)
{
	__asm__ __volatile__("stmxcsr %0\n\tfnstcw %1" : "=m"(env->mxcsr), "=m"(env->control));
}

static void env_set(const struct env *env)
{
	__asm__ __volatile__("ldmxcsr %0\n\tfldcw %1" :: "m"(env->mxcsr), "m"(env->control));
}

static bool same(const struct env *a, const struct env *b)
{
	return a->mxcsr == b->mxcsr && a->control == b->control;
}

/* Check the environment, and change it. */
static void look(int place, const struct env *next)
{
	struct env now;

	env_get(&now);
	now.mxcsr &= ~FLAGS;
	ADD(looked[place], 1);
	if (!same(&now, &want)) {
		ADD(wrong, 1);
		printf("# place %d: MXCSR %#x, control %#x\n", place, now.mxcsr, now.control);
	}
	if (tiny * half == 0)
		ADD(flushed, 1);
	else
		ADD(not_flushed, 1);
	env_set(next);
}

static void still_strange(void)
{
	struct env now;

	env_get(&now);
	if (!same(&now, &strange))
		ADD(unequal, 1);
}

RTFM_INIT(0)
{
	look(INIT, &spoilt);
	rtfm_unwrap(rtfm_spawn(low));
}

RTFM_INIT(1)
{
	look(INIT1, &spoilt);
}

RTFM_TASK(high)
{
	(void)*rtfm_exclusive(shared);
	look(HIGH, &spoilt);
}

RTFM_TASK(timed)
{
	look(TIMED, &spoilt);
}

RTFM_TASK(general)
{
	ADD(general_jobs, 1);
}

RTFM_TASK(copier)
{
	ADD(general_jobs, msg->bytes[299]);
}

RTFM_TASK(near)
{
	look(NEAR, &spoilt);
}

RTFM_TASK(far)
{
	look(FAR, &strange);
	rtfm_unwrap(rtfm_spawn(near));
	still_strange();
}

RTFM_TASK(late)
{
	look(LATE, &spoilt);
}

RTFM_TASK(low)
{
	look(LOW, &strange);
	rtfm_unwrap(rtfm_spawn(high));
	still_strange();
	rtfm_lock(shared) {
		rtfm_unwrap(rtfm_spawn(high));
	}
	still_strange();
	rtfm_unwrap(rtfm_spawn(general));
	still_strange();
	rtfm_unwrap(rtfm_spawn(copier, .bytes = { [299] = 1 }));
	still_strange();
	rtfm_unwrap(rtfm_spawn(late));
	rtfm_unwrap(rtfm_spawn(far));
	still_strange();
	/* whether it interrupts this or idle, or comes at once */
	if (rtfm_schedule(timed, rtfm_now() + MSEC) < 0)
		abort();
	for (uint64_t end = rtfm_now() + 5 * MSEC; rtfm_now() < end;)
		;
	still_strange();
}

RTFM_IDLE(0)
{
	uint64_t end = rtfm_now() + 10 * SEC;

	look(IDLE, &strange);
	while (rtfm_now() < end &&
	       (!LOAD(looked[TIMED]) || !LOAD(looked[LATE]) || !LOAD(looked[NEAR])))
		usleep(1000);
	still_strange();
	rtfm_exit(0);
}

static void run(enum rtfm_fp fp, const char *variable, const struct env *env, const char *how)
{
	static const struct env caller = { MASKS | DOWN | FLUSH | INEXACT, X87 | X87_DOWN };
	static const struct env standard = { MASKS, X87 };
	struct rtfm_options options = { .size = sizeof(options), .fp = fp };
	int status, missing = 0;
	struct env after;

	want = *env;
	memset(looked, 0, sizeof(looked));
	wrong = 0;
	unequal = 0;
	general_jobs = 0;
	flushed = 0;
	not_flushed = 0;
	if (variable)
		setenv("RTFM_FP", variable, 1);
	env_set(&caller);
	status = rtfm_run(&rtfm_app, &options);
	env_get(&after);
	env_set(&standard);
	unsetenv("RTFM_FP");
	ok(!status, "%s: runs", how);
	if (status)
		printf("# %d: %s\n", status, rtfm_error());
	for (int i = 0; i < PLACES; i++)
		missing += !looked[i];
	ok(!missing && !wrong, "%s: init, idle and jobs begin in it", how);
	if (missing)
		printf("# %d places were not reached\n", missing);
	ok(!unequal, "%s: a job leaves that of the code that it preempts", how);
	ok_eq(general_jobs, 2, "tasks of general registers");
	ok(env->mxcsr & FLUSH ? !not_flushed : !flushed, "%s: subnormal numbers", how);
	ok(same(&after, &caller), "%s: the caller's is restored", how);
}

int main(void)
{
	static const struct env standard = { MASKS, X87 };
	static const struct env flush = { MASKS | FLUSH, X87 };
	static const struct env caller = { MASKS | DOWN | FLUSH, X87 | X87_DOWN };

	tap_begin(60);
	need_cpus(2);
	run(RTFM_FP_DEFAULT, NULL, &standard, "default");
	run(RTFM_FP_STANDARD, "flush-to-zero", &standard, "standard");
	run(RTFM_FP_FLUSH_TO_ZERO, NULL, &flush, "flush to zero");
	run(RTFM_FP_DEFAULT, "flush-to-zero", &flush, "RTFM_FP=flush-to-zero");
	run(RTFM_FP_CALLER, NULL, &caller, "caller");
	return tap_end();
}

#else

int main(void)
{
	tap_skip_all("looks at registers of x86-64");
}

#endif
