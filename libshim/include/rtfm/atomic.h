/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * All the atomics of the fast path. No others in the public headers.
 *
 * A word that only one CPU writes (the core's thread, what interrupts it, and
 * hard interrupts on the same CPU) sees program order: what it needs is that the
 * compiler keeps the order, and that a read-modify-write is one instruction,
 * because an interrupt falls between instructions, never inside one.
 */
#ifndef RTFM_ATOMIC_H
#define RTFM_ATOMIC_H

#include <linux/types.h>

/* One load or store, not torn, not repeated. */
#define RTFMX_LOAD(p)		__atomic_load_n(p, __ATOMIC_RELAXED)
#define RTFMX_STORE(p, v)	__atomic_store_n(p, v, __ATOMIC_RELAXED)

/* What comes before stays before, as seen on this CPU. */
#define RTFMX_BARRIER()		__asm__ __volatile__("" ::: "memory")

/* What comes before stays before, as seen by every CPU. */
#define RTFMX_FENCE()		__atomic_thread_fence(__ATOMIC_SEQ_CST)

#if defined(__x86_64__)
/* Set bits of a word that only this CPU writes: one instruction, no LOCK. */
static inline void rtfmx_local_or(__u64 *word, __u64 bits)
{
	__asm__ __volatile__("orq %1, %0" : "+m"(*word) : "er"(bits) : "cc", "memory");
}

/* Clear bits of a word that only this CPU writes: one instruction, no LOCK. */
static inline void rtfmx_local_clear(__u64 *word, __u64 bits)
{
	__asm__ __volatile__("andq %1, %0" : "+m"(*word) : "er"(~bits) : "cc", "memory");
}

/* Count up a word that only this CPU writes: one instruction, no LOCK. */
static inline void rtfmx_local_count(__u32 *word)
{
	__asm__ __volatile__("incl %0" : "+m"(*word) : : "cc", "memory");
}
#else
static inline void rtfmx_local_or(__u64 *word, __u64 bits)
{
	__atomic_fetch_or(word, bits, __ATOMIC_RELAXED);
}

static inline void rtfmx_local_clear(__u64 *word, __u64 bits)
{
	__atomic_fetch_and(word, ~bits, __ATOMIC_RELAXED);
}

static inline void rtfmx_local_count(__u32 *word)
{
	__atomic_fetch_add(word, 1, __ATOMIC_RELAXED);
}
#endif

#endif /* RTFM_ATOMIC_H */
