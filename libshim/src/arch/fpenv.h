/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The floating-point environment around a job: rounding, exceptions, flags.
 *
 * The kernel saves all of it around a signal handler, which starts with the
 * default. A job that is called directly gets the same rounding and masks, and
 * the caller gets its own back: the registers need not be saved, for a call
 * clobbers them anyway, but the environment must be. In most programs it is the
 * same before and after, so the fast path only looks.
 *
 * The exception flags of the x87 unit, which long double sets, are left as after
 * any function call: to read them costs 3 ns, twice for each job.
 */
#ifndef RTFM_SRC_ARCH_FPENV_H
#define RTFM_SRC_ARCH_FPENV_H

#include <stdint.h>

#if defined(__x86_64__)

#define FPENV_MXCSR	  0x1f80u	/* default */
#define FPENV_MXCSR_FLAGS 0x003fu	/* exceptions that have been */
#define FPENV_X87	  0x037fu	/* default control word */

struct fpenv {
	uint32_t mxcsr;
	uint16_t control;
};

/* A flag whose exception is not masked would trap: none is left behind. */
static __attribute__((noinline, cold, unused)) void fpenv_load(uint32_t mxcsr, uint16_t control)
{
	__asm__ __volatile__("fnclex");
	__asm__ __volatile__("ldmxcsr %0" : : "m"(mxcsr));
	__asm__ __volatile__("fldcw %0" : : "m"(control));
}

static inline void fpenv_look(struct fpenv *now)
{
	__asm__ __volatile__("stmxcsr %0" : "=m"(now->mxcsr));
	__asm__ __volatile__("fnstcw %0" : "=m"(now->control));
}

static inline void fpenv_enter(struct fpenv *saved)
{
	fpenv_look(saved);
	if (__builtin_expect((saved->mxcsr & ~FPENV_MXCSR_FLAGS) != FPENV_MXCSR ||
			     saved->control != FPENV_X87, 0))
		fpenv_load(FPENV_MXCSR, FPENV_X87);
}

static inline void fpenv_leave(const struct fpenv *saved)
{
	struct fpenv now;

	fpenv_look(&now);
	if (__builtin_expect(now.control != saved->control, 0))
		fpenv_load(saved->mxcsr, saved->control);
	else if (__builtin_expect(now.mxcsr != saved->mxcsr, 0))
		__asm__ __volatile__("ldmxcsr %0" : : "m"(saved->mxcsr));
}

#else

#include <fenv.h>

struct fpenv {
	fenv_t env;
};

static inline void fpenv_enter(struct fpenv *saved)
{
	fegetenv(&saved->env);
	fesetenv(FE_DFL_ENV);
}

static inline void fpenv_leave(const struct fpenv *saved)
{
	fesetenv(&saved->env);
}

#endif

#endif /* RTFM_SRC_ARCH_FPENV_H */
