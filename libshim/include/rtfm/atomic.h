/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The atomic operations and barriers of the fast path; the other public headers have none.
 *
 * Some words are written on one CPU only: by the core's thread, by the handlers that
 * interrupt it, and by hard interrupts of that CPU. All of these see the accesses in
 * program order. So it suffices that the compiler keeps the order, and that a
 * read-modify-write is one instruction: an interrupt arrives between two instructions,
 * never inside one.
 */
#ifndef RTFM_ATOMIC_H
#define RTFM_ATOMIC_H

#include <linux/types.h>

/* One load or store, neither torn nor repeated. */
#define RTFMX_LOAD(p)		__atomic_load_n(p, __ATOMIC_RELAXED)
#define RTFMX_STORE(p, v)	__atomic_store_n(p, v, __ATOMIC_RELAXED)

/* Compiler barrier: keeps the order of accesses as seen on this CPU. */
#define RTFMX_BARRIER()		__asm__ __volatile__("" ::: "memory")

/* Full memory fence: keeps the order of accesses as seen by every CPU. */
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

/* Increment a word that only this CPU writes: one instruction, no LOCK. */
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
