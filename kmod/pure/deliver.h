/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * How a thread is notified that a job is ready:
 *
 *	the thread is		and			then
 *	parked						wake it
 *	anywhere else		polls			nothing, it checks
 *	in user mode		masked			set READY_LOOK, it checks
 *							when it unmasks
 *				nothing above ceiling	nothing, unlock checks
 *				else			upcall, or doorbell
 *	in the kernel, away	nothing above ceiling	nothing, unlock checks
 *				else			doorbell
 *
 * Attention bits are above every ceiling.
 *
 * Why "nothing" loses nothing: on the thread's own CPU, what we read of its
 * ceiling and mask is what it wrote last in program order, so it has yet to run
 * the unlock that checks the bits, which are set already. On another CPU the
 * fences of rtfm_region_make_ready(), or those of the sender that kicked, ensure
 * the same.
 *
 * Why a superfluous doorbell does no harm: its handler only checks the bits; when
 * masked, it sets READY_LOOK and returns. A thread inside the kernel gets one although
 * it is masked: it may be about to sleep in a system call, which a signal interrupts.
 */
#ifndef RTFM_PURE_DELIVER_H
#define RTFM_PURE_DELIVER_H

#include <linux/types.h>

/**
 * enum rtfm_deliver_at - where the core's thread is, seen from its CPU
 * @RTFM_DELIVER_AWAY: not current: preempted, blocked, or on another CPU
 * @RTFM_DELIVER_KERNEL: current, inside the kernel, or not known
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
 * @RTFM_DELIVER_HOLD: nothing: unlock, or the end of the job, will check
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

/**
 * rtfm_deliver_decide() - the table above
 * @at: where the thread is
 * @above: ready bits above its ceiling
 * @masked: it is inside its dispatcher or a queue
 * @polling: it polls its ready words
 *
 * Return: what to do; RTFM_DELIVER_UPCALL means: or a doorbell.
 */
static inline enum rtfm_deliver_verdict
rtfm_deliver_decide(enum rtfm_deliver_at at, __u64 above, int masked, int polling)
{
	if (at == RTFM_DELIVER_PARKED)
		return RTFM_DELIVER_WAKE;
	if (polling)
		return RTFM_DELIVER_HOLD;
	if (at == RTFM_DELIVER_USER && masked)
		return RTFM_DELIVER_LOOK;
	if (!above)
		return RTFM_DELIVER_HOLD;
	return at == RTFM_DELIVER_USER ? RTFM_DELIVER_UPCALL : RTFM_DELIVER_DOORBELL;
}

#endif /* RTFM_PURE_DELIVER_H */
