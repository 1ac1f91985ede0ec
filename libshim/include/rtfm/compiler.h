/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Function attributes: inlining, and the registers that a function may use. */
#ifndef RTFM_COMPILER_H
#define RTFM_COMPILER_H

/*
 * The attribute of a body that is declared general_regs: no floating-point and vector
 * registers, where the compiler has such an attribute for a single function. Into such a
 * function gcc inlines only functions with the same attribute; clang inlines any.
 */
#if defined(__x86_64__) || (defined(__aarch64__) && !defined(__clang__))
#define RTFMX_GENERAL_REGS_BODY	__attribute__((target("general-regs-only")))
#define RTFMX_GENERAL_REGS	1
#else
#define RTFMX_GENERAL_REGS_BODY
#define RTFMX_GENERAL_REGS	0
#endif

#ifdef __clang__
#define RTFMX_INLINE	static inline __attribute__((always_inline))
#else
#define RTFMX_INLINE	static inline __attribute__((always_inline)) RTFMX_GENERAL_REGS_BODY
#endif
#define RTFMX_UNLIKELY(x) __builtin_expect(!!(x), 0)

#endif /* RTFM_COMPILER_H */
