// SPDX-License-Identifier: GPL-2.0-only
/*
 * Upcall on x86-64. Nothing here is trusted with more than the thread could do to
 * itself: its own ip, sp and flags are moved, to addresses that it chose.
 */
#include <linux/errno.h>
#include <linux/hardirq.h>
#include <linux/ptrace.h>
#include <linux/rseq.h>
#include <linux/sched.h>
#include <linux/sched/task_stack.h>
#include <linux/uaccess.h>
#include <asm/processor-flags.h>

#include "../compat.h"
#include "../region.h"
#include "../upcall.h"

/* System V ABI, AMD64: below sp, a leaf function keeps its variables there. */
#define RED_ZONE	128
#define STACK_ALIGN	64

/*
 * What the entry must not inherit, as at the start of a signal handler: string
 * instructions that go backwards, faults upon unaligned access, a leftover of a
 * breakpoint; and NT, with which its IRET would fault. What the interrupted code
 * had is in the control block.
 */
#define CLEARED		(X86_EFLAGS_DF | X86_EFLAGS_AC | X86_EFLAGS_RF | X86_EFLAGS_NT)

/**
 * rtfm_upcall_check() - may a thread register this
 * @upcall: what it asks for
 *
 * Below TASK_SIZE_MAX is canonical and not the kernel's.
 *
 * Context: any.
 * Return: 0 or -EINVAL.
 */
int rtfm_upcall_check(const struct rtfm_upcall *upcall)
{
	if (!upcall->entry && !upcall->again && !upcall->return_start && !upcall->return_end)
		return 0;
	if (!upcall->entry || upcall->entry >= TASK_SIZE_MAX)
		return -EINVAL;
	if (!upcall->again || upcall->again >= TASK_SIZE_MAX)
		return -EINVAL;
	if (!upcall->return_start || upcall->return_start >= upcall->return_end ||
	    upcall->return_end > TASK_SIZE_MAX)
		return -EINVAL;
	return 0;
}

/**
 * rtfm_upcall_interrupted() - what this IPI interrupted, if that was user mode
 *
 * The vector of smp_call_function_single_async() does not leave its registers for
 * get_irq_regs(). But call_on_irqstack_cond() (asm/irq_stack.h) lets an interrupt run on
 * the thread's own stack only if it came from user mode. Its registers are then those
 * that task_pt_regs() finds. An interrupt from the kernel runs on the CPU's interrupt
 * stack, a nested one too. So hard irq on the thread's stack proves user mode.
 *
 * orig_ax, which an interrupt from user mode sets to -1, proves nothing and is not looked
 * at: where the stack says user mode it is -1; it is -1 as well in the kernel, in a page
 * fault, in rt_sigreturn(2), and in the delivery of a signal after either of them.
 *
 * Context: hard irq, or the idle thread with interrupts off.
 * Return: the registers, or NULL if it was not user mode or cannot be determined.
 */
struct pt_regs *rtfm_upcall_interrupted(void)
{
	struct pt_regs *regs = task_pt_regs(current);
	unsigned long here;

	if (!in_hardirq() || !current->mm || !object_is_on_stack(&here))
		return NULL;
	return user_mode(regs) ? regs : NULL;
}

/*
 * A restartable sequence has to be aborted if its thread is preempted or migrated. The
 * kernel recognizes the sequence by the thread's ip, which an upcall would change. No fault
 * can be taken here: if the page is not present, assume that the thread is in a sequence.
 */
static bool in_rseq(const struct pt_regs *regs)
{
	struct rseq __user *rseq = rtfm_compat_rseq();
	struct rseq_cs cs;
	int err;
	u64 ptr;

	if (!rseq)
		return false;
	/* one word of the thread that this interrupted: its address space is loaded */
	pagefault_disable();
	err = get_user(ptr, (u64 __user *)&rseq->rseq_cs);
	pagefault_enable();
	if (err)
		return true;
	if (likely(!ptr))
		return false;
	if (copy_from_user_nofault(&cs, u64_to_user_ptr(ptr), sizeof(cs)))
		return true;
	return regs->ip - cs.start_ip < cs.post_commit_offset;
}

/*
 * TF: a debugger steps it, uprobes do, or it does so itself; each wants to see it
 * arrive at the next instruction. The signal code knows how to deal with them. Shadow
 * stack: the entry's IRET would find nothing of this return there, and fault. Inside
 * an unlock of the vDSO: killed in a job, the thread would leave a pending operation
 * that the kernel would have cleared.
 */
static bool may_redirect(struct pt_regs *regs)
{
	return user_64bit_mode(regs) && !(regs->flags & X86_EFLAGS_TF) &&
	       !rtfm_compat_shadow_stack() && !rtfm_compat_robust_unlock(regs) &&
	       !in_rseq(regs);
}

/**
 * rtfm_upcall() - redirect the current thread
 * @upcall: where to, checked
 * @view: its core's part of the region; not masked
 * @regs: what this interrupt interrupted: the thread, in user mode
 *
 * Context: hard irq, the core's lock held.
 * Return: false if that cannot be, and nothing has changed.
 */
bool rtfm_upcall(const struct rtfm_upcall *upcall, struct rtfm_region_view *view,
		 struct pt_regs *regs)
{
	if (!upcall->entry || !may_redirect(regs))
		return false;
	if (regs->ip >= upcall->return_start && regs->ip < upcall->return_end) {
		rtfm_region_mask(view);
		regs->ip = upcall->again;
	} else {
		rtfm_region_save(view, regs->ip, regs->sp, regs->flags);
		rtfm_region_mask(view);
		regs->ip = upcall->entry;
		regs->sp = (regs->sp - RED_ZONE) & ~(STACK_ALIGN - 1UL);
	}
	regs->flags &= ~CLEARED;
	return true;
}
