// SPDX-License-Identifier: GPL-2.0-only
/* Deliver: how a thread is notified of ready levels. The table: pure/deliver.h. */
#include <linux/ptrace.h>
#include <linux/sched.h>

#include "core.h"
#include "deliver.h"
#include "doorbell.h"
#include "pure/ceiling.h"
#include "trace.h"
#include "upcall.h"

static enum rtfm_deliver_at where(const struct rtfm_core *core,
				  struct pt_regs *regs)
{
	if (core->task != current)
		return RTFM_DELIVER_AWAY;
	return regs && user_mode(regs) ? RTFM_DELIVER_USER : RTFM_DELIVER_KERNEL;
}

static void act(struct rtfm_core *core, enum rtfm_deliver_verdict verdict)
{
	switch (verdict) {
	case RTFM_DELIVER_LOOK:
		rtfm_region_make_ready(&core->view, RTFM_READY_LOOK, true);
		fallthrough;
	case RTFM_DELIVER_HOLD:
		core->stats.held++;
		break;
	case RTFM_DELIVER_WAKE:		/* only of a parked thread */
		break;
	case RTFM_DELIVER_DOORBELL:
		core->stats.doorbells++;
		rtfm_doorbell_ring(core);
		break;
	case RTFM_DELIVER_UPCALL:
		core->stats.upcalls++;
		break;
	}
}

/**
 * rtfm_deliver_wake() - the first row of the table
 * @core: alive, something is ready, its thread is parked
 *
 * Context: core->lock held, interrupts off; any CPU.
 */
void rtfm_deliver_wake(struct rtfm_core *core)
{
	lockdep_assert_held(&core->lock);
	if (trace_rtfm_deliver_enabled())
		trace_rtfm_deliver(core->app, core->index,
				   rtfm_ready_highest(rtfm_region_ready(&core->view)),
				   rtfm_region_ceiling(&core->view), RTFM_DELIVER_PARKED,
				   RTFM_DELIVER_WAKE);
	core->stats.wakeups++;
	wake_up_process(core->task);
}

/**
 * rtfm_deliver_look() - notify the thread of its ready levels, if that is necessary
 * @core: alive
 * @regs: registers of the interrupted code, or NULL if they are not known
 *
 * A thread that has another mm is not notified: it is exiting, or has exec'd and may
 * run with other rights now.
 *
 * Context: core->lock held, interrupts off. Upcalls only on the core's CPU, with @regs.
 */
void rtfm_deliver_look(struct rtfm_core *core, struct pt_regs *regs)
{
	u64 ready = rtfm_region_ready(&core->view);
	enum rtfm_deliver_verdict verdict;
	enum rtfm_deliver_at at;
	u32 ceiling;

	lockdep_assert_held(&core->lock);
	if (!ready || rtfm_core_left(core))
		return;
	if (READ_ONCE(core->parked)) {
		rtfm_deliver_wake(core);
		return;
	}
	at = where(core, regs);
	ceiling = rtfm_region_ceiling(&core->view);
	verdict = rtfm_deliver_decide(at, rtfm_ready_above(ready, ceiling),
				      rtfm_region_masked(&core->view),
				      rtfm_region_polling(&core->view));
	if (verdict == RTFM_DELIVER_UPCALL &&
	    (rtfm_doorbell_blocked(core) || !rtfm_upcall(&core->upcall, &core->view, regs)))
		verdict = RTFM_DELIVER_DOORBELL;
	trace_rtfm_deliver(core->app, core->index, rtfm_ready_highest(ready), ceiling,
			   at, verdict);
	act(core, verdict);
}
