/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The floating-point environment around a job: rounding, exceptions, flags.
 *
 * The kernel saves all of it around a signal handler, which starts with the
 * default. A job that is called directly gets the same: the registers need not be
 * saved, for a call clobbers them anyway, but the environment must be.
 */
#ifndef RTFM_SRC_ARCH_FPENV_H
#define RTFM_SRC_ARCH_FPENV_H

#include <stdint.h>

#if defined(__x86_64__)

#define FPENV_MXCSR	0x1f80u
#define FPENV_X87	0x037fu
#define FPENV_X87_FLAGS	0x003fu

struct fpenv {
	uint32_t mxcsr;
	uint16_t control;
	uint16_t status;
};

/* The legacy x87 unit: its flags can be put back only with all the rest of it. */
static inline void fpenv_set_x87_flags(uint16_t flags)
{
	struct { uint16_t control, pad0, status, pad1; uint32_t rest[5]; } env;

	__asm__ __volatile__("fnstenv %0" : "=m"(env));
	env.status = (uint16_t)((env.status & ~FPENV_X87_FLAGS) | flags);
	__asm__ __volatile__("fldenv %0" : : "m"(env));
}

static inline void fpenv_save(struct fpenv *now)
{
	__asm__ __volatile__("stmxcsr %0" : "=m"(now->mxcsr));
	__asm__ __volatile__("fnstcw %0" : "=m"(now->control));
	__asm__ __volatile__("fnstsw %0" : "=m"(now->status));
}

/* Change only what differs: in most programs nothing does. */
static inline void fpenv_set(const struct fpenv *now, const struct fpenv *to)
{
	if (now->mxcsr != to->mxcsr)
		__asm__ __volatile__("ldmxcsr %0" : : "m"(to->mxcsr));
	if ((now->status ^ to->status) & FPENV_X87_FLAGS)
		fpenv_set_x87_flags(to->status & FPENV_X87_FLAGS);
	if (now->control != to->control)
		__asm__ __volatile__("fldcw %0" : : "m"(to->control));
}

static inline void fpenv_enter(struct fpenv *saved)
{
	static const struct fpenv clean = { FPENV_MXCSR, FPENV_X87, 0 };

	fpenv_save(saved);
	fpenv_set(saved, &clean);
}

static inline void fpenv_leave(const struct fpenv *saved)
{
	struct fpenv now;

	fpenv_save(&now);
	fpenv_set(&now, saved);
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
