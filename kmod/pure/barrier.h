/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The few atomics that code shared by the module and user space needs, under
 * one name on both sides.
 */
#ifndef RTFM_PURE_BARRIER_H
#define RTFM_PURE_BARRIER_H

#ifdef __KERNEL__
#include <asm/barrier.h>
#include <linux/compiler.h>
#define rtfm_load(p)			READ_ONCE(*(p))
#define rtfm_store(p, v)		WRITE_ONCE(*(p), v)
#define rtfm_load_acquire(p)		smp_load_acquire(p)
#define rtfm_store_release(p, v)	smp_store_release(p, v)
#else
#define rtfm_load(p)			__atomic_load_n(p, __ATOMIC_RELAXED)
#define rtfm_store(p, v)		__atomic_store_n(p, v, __ATOMIC_RELAXED)
#define rtfm_load_acquire(p)		__atomic_load_n(p, __ATOMIC_ACQUIRE)
#define rtfm_store_release(p, v)	__atomic_store_n(p, v, __ATOMIC_RELEASE)
#endif

#endif /* RTFM_PURE_BARRIER_H */
