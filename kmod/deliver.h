/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Deliver: something is ready on a core; what does its thread need to hear?
 */
#ifndef RTFM_DELIVER_H
#define RTFM_DELIVER_H

#include <linux/types.h>

struct pt_regs;
struct rtfm_core;
struct task_struct;

/**
 * enum rtfm_deliver_at - where the core's thread is, seen from its CPU
 * @RTFM_DELIVER_AWAY: not current: preempted, blocked, or on another CPU
 * @RTFM_DELIVER_KERNEL: current, inside the kernel, or who knows
 * @RTFM_DELIVER_USER: current, in user mode
 * @RTFM_DELIVER_PARKED: asleep in RTFM_IOC_PARK, or about to be
 */
enum rtfm_deliver_at {
	RTFM_DELIVER_AWAY,
	RTFM_DELIVER_KERNEL,
	RTFM_DELIVER_USER,
	RTFM_DELIVER_PARKED,
};

/**
 * enum rtfm_deliver_verdict - what to do
 * @RTFM_DELIVER_HOLD: nothing: unlock, or the end of the job, will look
 * @RTFM_DELIVER_LOOK: the same, and set %RTFM_READY_LOOK
 * @RTFM_DELIVER_WAKE: wake the parked thread
 * @RTFM_DELIVER_DOORBELL: send the signal
 * @RTFM_DELIVER_UPCALL: redirect it
 */
enum rtfm_deliver_verdict {
	RTFM_DELIVER_HOLD,
	RTFM_DELIVER_LOOK,
	RTFM_DELIVER_WAKE,
	RTFM_DELIVER_DOORBELL,
	RTFM_DELIVER_UPCALL,
};

enum rtfm_deliver_verdict rtfm_deliver_decide(enum rtfm_deliver_at at, u64 above,
					      bool masked, bool polling);
void rtfm_deliver_look(struct rtfm_core *core, struct pt_regs *regs);
struct task_struct *rtfm_deliver_create_bell(struct rtfm_core *core, int cpu,
					     u32 priority);
void rtfm_deliver_destroy_bell(struct task_struct *bell);

#endif /* RTFM_DELIVER_H */
