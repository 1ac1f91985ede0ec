/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The floating-point environment of an app; around each job: <rtfm/fpenv.h>. */
#ifndef RTFM_SRC_ARCH_FPENV_H
#define RTFM_SRC_ARCH_FPENV_H

#include <rtfm.h>

#if defined(__x86_64__)

/* The x86-64 psABI: what a program begins with. */
#define FPENV_MXCSR	0x1f80u
#define FPENV_CONTROL	0x037fu

static inline struct rtfmx_fp fpenv_standard(void)
{
	return (struct rtfmx_fp){ .mxcsr = FPENV_MXCSR, .control = FPENV_CONTROL };
}

#else

static inline struct rtfmx_fp fpenv_standard(void)
{
	struct rtfmx_fp saved, standard;

	rtfmx_fp_read(&saved);
	fesetenv(FE_DFL_ENV);
	rtfmx_fp_read(&standard);
	rtfmx_fp_leave(&saved);
	return standard;
}

#endif

#endif /* RTFM_SRC_ARCH_FPENV_H */
