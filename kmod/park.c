// SPDX-License-Identifier: GPL-2.0-only
/*
 * Park: the core's thread sleeps until something is ready. It takes four steps, none of
 * them under core->lock; anything else may come between any two of them.
 *
 *	P1  core->parked = true, state = PARKED
 *	P2  task state = INTERRUPTIBLE
 *	    full fence
 *	P3  check alive, ready and remote_ready: sleep if no bit is set
 *	P4  core->parked = false, state = RUNNING
 *	    full fence; the thread checks its ready words in user mode
 *
 * The timer, or a poke: sets its bits, then checks @parked, all under core->lock. On the
 * thread's CPU that is program order, on another one there is a fence between the two.
 *	before P1	not parked: a signal if above the ceiling, which P3 sees;
 *			P3 sees the bits anyway
 *	P1..P3		parked: wakes the thread, which is not asleep yet and will
 *			not fall asleep
 *	asleep		wakes it
 *	after P4	not parked: a signal, taken on the way to user mode. If it still
 *			sees the thread parked, from another CPU, the wake-up has no
 *			effect and the thread's check sees the bits
 *
 * Another core: sets remote_ready; full fence; checks state and ceiling; kicks.
 *	before P1	sees RUNNING or POLLING. If it kicks: as above. If not, its
 *			fence and ours order it: P3 sees the bits
 *	P1..P4		sees PARKED, kicks: as above
 *	after P4	as for any running thread
 *
 * A signal: P3 sees it, or it wakes the thread. Its handler runs before the thread checks its
 * ready words, and nobody has sent a doorbell for bits that were set while it was parked. So
 * after P4 the thread sends it itself, if it is necessary.
 *
 * Silence, detach: core->dead or core->task; full fence; core->parked. P3 sees it; or the
 * thread is woken, and P3 of its next iteration sees it.
 *
 * Every iteration of the loop passes P2 again before P3, so that a wake-up which
 * falls between P3 and schedule() undoes the task state that P2 set, and
 * schedule() returns. The bits need not be above the ceiling: a thread that
 * parks runs no job, so it can handle every ready level.
 */
#include <linux/sched.h>
#include <linux/sched/signal.h>

#include "core.h"
#include "deliver.h"
#include "park.h"
#include "region.h"
#include "trace.h"

static inline void set_parked(struct rtfm_core *core, bool parked)
{
	WRITE_ONCE(core->parked, parked);
	rtfm_region_set_state(&core->view, parked ? RTFM_STATE_PARKED : RTFM_STATE_RUNNING);
}

/* Bits that were set while the thread was parked, and a signal that is handled first */
static noinline void ring_itself(struct rtfm_core *core)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&core->lock, flags);
	if (rtfm_core_alive(core))
		rtfm_deliver_look(core, NULL);
	raw_spin_unlock_irqrestore(&core->lock, flags);
}

/**
 * rtfm_park_sleep() - sleep until something is ready
 * @core: the calling thread's
 *
 * Context: process, sleeps.
 * Return: 0, -EINTR if a signal is pending, -ESHUTDOWN if the app has ended.
 */
int rtfm_park_sleep(struct rtfm_core *core)
{
	int err = 0;

	trace_rtfm_park(core->app, core->index);
	set_parked(core, true);
	for (;;) {
		/*
		 * K: pairs with M, the sender's fence between remote_ready and state; and
		 * with the fences between @dead or @task and @parked
		 */
		set_current_state(TASK_INTERRUPTIBLE);
		if (READ_ONCE(core->dead) || READ_ONCE(core->task) != current) {
			err = -ESHUTDOWN;
			break;
		}
		if (rtfm_region_ready(&core->view))
			break;
		if (signal_pending(current)) {
			err = -EINTR;
			break;
		}
		schedule();
		/* a shortcut past P2 and P3, which matter only to a thread that sleeps again */
		if (rtfm_region_ready(&core->view))
			break;
	}
	__set_current_state(TASK_RUNNING);
	set_parked(core, false);
	/* L: pairs with M: a sender that saw the thread parked has set its bits */
	smp_mb();
	if (signal_pending(current) && rtfm_region_ready(&core->view))
		ring_itself(core);
	trace_rtfm_unpark(core->app, core->index, err);
	return err;
}
