/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Doorbell: the signal that makes a core's thread check its ready words, sent by the
 * interrupt that releases or kicks, or by a work item if that may take long, or on
 * PREEMPT_RT by a kernel thread, the bell.
 */
#ifndef RTFM_DOORBELL_H
#define RTFM_DOORBELL_H

#include <linux/sched.h>
#include <linux/signal.h>
#include <linux/types.h>

#include "core.h"

bool rtfm_doorbell_valid(u32 sig);
void rtfm_doorbell_init(struct rtfm_core *core);
struct task_struct *rtfm_doorbell_start(struct rtfm_core *core, int cpu, u32 priority);
void rtfm_doorbell_stop(struct rtfm_core *core, struct task_struct *bell);
void rtfm_doorbell_ring(struct rtfm_core *core);
void rtfm_doorbell_forget(struct rtfm_core *core, int sig);

/**
 * rtfm_doorbell_blocked() - has the current thread blocked its doorbell
 * @core: the core of the current thread, which is in user mode
 *
 * A thread that has the doorbell blocked does not want to be disturbed: the C library
 * creating a thread, a handler that blocks all signals, the doorbell's own handler.
 * Only the thread itself changes its mask.
 *
 * Context: hard irq, core->lock held.
 */
static inline bool rtfm_doorbell_blocked(const struct rtfm_core *core)
{
	return sigismember(&current->blocked, core->doorbell);
}

#endif /* RTFM_DOORBELL_H */
