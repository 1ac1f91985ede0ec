/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What the compiler is told about functions: to inline them, and which registers to use. */
#ifndef RTFM_COMPILER_H
#define RTFM_COMPILER_H

/*
 * A body that is declared general_regs is compiled without the floating-point and vector
 * registers where the compiler can be told so for a single function. gcc inlines into it
 * only what is compiled in the same way, clang does not mind.
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
