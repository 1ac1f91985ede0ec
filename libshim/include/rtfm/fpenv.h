/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The floating-point environment around a job: rounding direction, exceptions,
 * subnormal numbers.
 *
 * Every job begins in the environment of the app, &struct rtfmx_core.fp, and after the job
 * the preempted code has its own environment again. For a signal handler the kernel saves
 * and restores it, and the handler begins in the default environment. A job that is called
 * directly need not save the registers, because the caller of a function expects them to
 * change, but it must save and restore the environment. In most programs the environment
 * is the same before and after the job: then it is compared and not loaded. A task that is
 * declared general_regs computes nothing in floating point, so its environment is not
 * switched.
 *
 * The exception flags of the x87 unit, which long double sets, are not restored, as after
 * any function call: to read them takes 3 ns, twice for each job.
 */
#ifndef RTFM_FPENV_H
#define RTFM_FPENV_H

#include <stdint.h>

#include <rtfm/compiler.h>

#if defined(__x86_64__)

#define RTFMX_FP_MXCSR_FLAGS	0x003fu	/* MXCSR: exceptions that have occurred */

/**
 * struct rtfmx_fp - a floating-point environment
 * @mxcsr: MXCSR
 * @control: control word of the x87 unit
 */
struct rtfmx_fp {
	uint32_t mxcsr;
	uint16_t control;
};

/* A pending flag of an exception that is unmasked here would trap: clear all flags first. */
static __attribute__((noinline, cold, unused)) void
rtfmx_fp_load(uint32_t mxcsr, uint16_t control)
{
	__asm__ __volatile__("fnclex");
	__asm__ __volatile__("ldmxcsr %0" : : "m"(mxcsr));
	__asm__ __volatile__("fldcw %0" : : "m"(control));
}

RTFMX_INLINE void rtfmx_fp_read(struct rtfmx_fp *now)
{
	__asm__ __volatile__("stmxcsr %0" : "=m"(now->mxcsr));
	__asm__ __volatile__("fnstcw %0" : "=m"(now->control));
}

/* Save the environment of the calling code and change to that of the app. */
RTFMX_INLINE void rtfmx_fp_enter(const struct rtfmx_fp *app, struct rtfmx_fp *saved)
{
	rtfmx_fp_read(saved);
	if (RTFMX_UNLIKELY((saved->mxcsr & ~RTFMX_FP_MXCSR_FLAGS) != app->mxcsr ||
			   saved->control != app->control))
		rtfmx_fp_load(app->mxcsr, app->control);
}

/* Restore the environment that rtfmx_fp_enter() has saved. */
RTFMX_INLINE void rtfmx_fp_leave(const struct rtfmx_fp *saved)
{
	struct rtfmx_fp now;

	rtfmx_fp_read(&now);
	if (RTFMX_UNLIKELY(now.control != saved->control))
		rtfmx_fp_load(saved->mxcsr, saved->control);
	else if (RTFMX_UNLIKELY(now.mxcsr != saved->mxcsr))
		__asm__ __volatile__("ldmxcsr %0" : : "m"(saved->mxcsr));
}

#else

#include <fenv.h>

struct rtfmx_fp {
	fenv_t env;
};

RTFMX_INLINE void rtfmx_fp_read(struct rtfmx_fp *now)
{
	fegetenv(&now->env);
}

RTFMX_INLINE void rtfmx_fp_enter(const struct rtfmx_fp *app, struct rtfmx_fp *saved)
{
	fegetenv(&saved->env);
	fesetenv(&app->env);
}

RTFMX_INLINE void rtfmx_fp_leave(const struct rtfmx_fp *saved)
{
	fesetenv(&saved->env);
}

#endif

#endif /* RTFM_FPENV_H */
