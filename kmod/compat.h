/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What differs between kernels, from 6.1 to 7.3. Each difference is found by testing for
 * the feature: in the preprocessor, in the configuration, or, if only a declaration
 * differs, in Kbuild, which searches the headers (RTFM_HAVE_*).
 */
#ifndef RTFM_COMPAT_H
#define RTFM_COMPAT_H

#include <linux/futex.h>
#include <linux/hrtimer.h>
#include <linux/mm.h>
#include <linux/ptrace.h>
#include <linux/rseq.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/version.h>

#ifdef CONFIG_X86_USER_SHADOW_STACK
#include <asm/prctl.h>
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 1, 0)
#error "rtfm needs Linux 6.1: on no older kernel has a line of it ever been run"
#endif

/**
 * rtfm_compat_vm_flags() - set and clear flags of a mapping
 * @vma: the mapping
 * @set: flags to set
 * @clear: flags to clear
 *
 * From 6.3 vm_flags is const, and vm_flags_mod() changes it; 6.1 does not have it.
 *
 * Context: process, mmap_lock held for writing.
 */
static inline void rtfm_compat_vm_flags(struct vm_area_struct *vma, vm_flags_t set,
					vm_flags_t clear)
{
#ifdef RTFM_HAVE_VM_FLAGS_MOD
	vm_flags_mod(vma, set, clear);
#else
	vma->vm_flags = (vma->vm_flags | set) & ~clear;
#endif
}

/**
 * rtfm_compat_hrtimer_setup() - initialize a timer of CLOCK_MONOTONIC
 * @timer: the timer
 * @function: its callback
 * @mode: HRTIMER_MODE_*
 *
 * From 6.13 hrtimer_setup() takes the callback; later hrtimer_init() went.
 *
 * Context: any.
 */
static inline void rtfm_compat_hrtimer_setup(struct hrtimer *timer,
					     enum hrtimer_restart (*function)(struct hrtimer *),
					     enum hrtimer_mode mode)
{
#ifdef RTFM_HAVE_HRTIMER_SETUP
	hrtimer_setup(timer, function, CLOCK_MONOTONIC, mode);
#else
	hrtimer_init(timer, CLOCK_MONOTONIC, mode);
	timer->function = function;
#endif
}

/**
 * rtfm_compat_dequeue_signal() - take a signal off the queue of the current thread
 * @mask: signals to leave there
 * @info: out
 *
 * Until 6.11 dequeue_signal() names the task, which had to be current anyway.
 *
 * Context: process, siglock held.
 * Return: the signal, or 0.
 */
static inline int rtfm_compat_dequeue_signal(sigset_t *mask, kernel_siginfo_t *info)
{
	enum pid_type type;

#ifdef RTFM_HAVE_DEQUEUE_SIGNAL_TASK
	return dequeue_signal(current, mask, info, &type);
#else
	return dequeue_signal(mask, info, &type);
#endif
}

/**
 * rtfm_compat_rseq() - where the current thread has registered struct rseq
 *
 * From 6.19 the pointer is in a struct.
 *
 * Context: any.
 * Return: an address in user space, or NULL.
 */
static inline struct rseq __user *rtfm_compat_rseq(void)
{
#if !defined(CONFIG_RSEQ)
	return NULL;
#elif defined(RTFM_HAVE_RSEQ_USRPTR)
	return current->rseq.usrptr;
#else
	return current->rseq;
#endif
}

/**
 * rtfm_compat_robust_unlock() - is the thread in a critical section of the vDSO
 * @regs: of the current thread, in user mode
 *
 * From 7.2 the vDSO unlocks robust futexes. If it is interrupted between the unlock
 * and the clearing of the list's pending operation, the kernel completes that before
 * it delivers a signal. It recognizes the section by ip.
 *
 * Context: any.
 */
static inline bool rtfm_compat_robust_unlock(struct pt_regs *regs)
{
#ifdef CONFIG_FUTEX_ROBUST_UNLOCK
	struct futex_unlock_cs_range *range = current->mm->futex.unlock.cs_ranges;
	int i;

	for (i = 0; i < FUTEX_ROBUST_MAX_CS_RANGES; i++)
		if (futex_within_robust_unlock(regs, &range[i]))
			return true;
#endif
	return false;
}

/**
 * rtfm_compat_shadow_stack() - has the current thread a shadow stack
 *
 * User shadow stacks came to x86 with 6.6.
 *
 * Context: any.
 */
static inline bool rtfm_compat_shadow_stack(void)
{
#ifdef CONFIG_X86_USER_SHADOW_STACK
	return current->thread.features & ARCH_SHSTK_SHSTK;
#else
	return false;
#endif
}

#endif /* RTFM_COMPAT_H */
