/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The floating-point environment of an app, as the options ask; around jobs: <rtfm/fpenv.h>. */
#ifndef RTFM_SRC_ARCH_FPENV_H
#define RTFM_SRC_ARCH_FPENV_H

#include <rtfm.h>
#include <stdbool.h>

#if defined(__x86_64__)

/* The x86-64 psABI: what a program begins with. */
#define FPENV_MXCSR	0x1f80u
#define FPENV_CONTROL	0x037fu

/* MXCSR: subnormal operands are zero (DAZ), subnormal results are (FTZ) */
#define FPENV_FLUSH	(0x0040u | 0x8000u)

static inline bool fpenv_supported(enum rtfm_fp fp)
{
	(void)fp;
	return true;
}

/* In the thread that calls rtfm_run(). */
static inline struct rtfmx_fp fpenv_choose(enum rtfm_fp fp)
{
	struct rtfmx_fp env;

	rtfmx_fp_read(&env);
	env.mxcsr &= ~RTFMX_FP_MXCSR_FLAGS;
	if (fp != RTFM_FP_CALLER) {
		env.mxcsr = FPENV_MXCSR;
		env.control = FPENV_CONTROL;
	}
	if (fp == RTFM_FP_FLUSH_TO_ZERO)
		env.mxcsr |= FPENV_FLUSH;
	return env;
}

#else

static inline bool fpenv_supported(enum rtfm_fp fp)
{
	return fp != RTFM_FP_FLUSH_TO_ZERO;
}

static inline struct rtfmx_fp fpenv_choose(enum rtfm_fp fp)
{
	struct rtfmx_fp caller, standard;

	rtfmx_fp_read(&caller);
	fesetenv(FE_DFL_ENV);
	rtfmx_fp_read(&standard);
	rtfmx_fp_leave(&caller);
	return fp == RTFM_FP_CALLER ? caller : standard;
}

#endif

#endif /* RTFM_SRC_ARCH_FPENV_H */
