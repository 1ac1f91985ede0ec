// SPDX-License-Identifier: GPL-2.0-only
/*
 * Park: the core's thread sleeps until something is ready. It takes four steps, two
 * of them under core->lock; the others may come between any two of them.
 *
 *	P1  task state = INTERRUPTIBLE
 *	P2  core->parked = true, state = PARKED		core->lock
 *	    full fence
 *	P3  look at ready and remote_ready: sleep if nothing is there
 *	P4  core->parked = false, state = RUNNING	core->lock
 *
 * The timer, or a poke: sets its bits, then looks, all under core->lock.
 *	before P2	not parked: a signal if above the ceiling, which P3 sees;
 *			P3 sees the bits anyway
 *	P2..P3		parked: wakes the thread, which is not asleep yet and will
 *			not fall asleep
 *	asleep		wakes it
 *	after P4	not parked: a signal, taken on the way to user mode
 *
 * Another core: sets remote_ready; full fence; looks at state and ceiling; kicks.
 *	before P2	sees RUNNING or POLLING. If it kicks: as above. If not, its
 *			fence and ours order it: P3 sees the bits
 *	P2..P4		sees PARKED, kicks: as above
 *	after P4	as for any running thread
 *
 * A signal: P3 sees it, or it wakes the thread.
 *
 * Silence, detach: P2 sees it; or the thread is woken, and P2 of its next turn
 * sees it.
 *
 * Every turn of the loop passes P1 again before P3, so that a wake-up which
 * falls between P3 and schedule() undoes the task state that P1 set, and
 * schedule() returns. The bits need not be above the ceiling: a thread that
 * parks has nothing to do, so whatever is ready is its business.
 */
#include <linux/sched.h>
#include <linux/sched/signal.h>

#include "core.h"
#include "park.h"
#include "region.h"
#include "trace.h"

static int lie_down(struct rtfm_core *core)
{
	int err = 0;

	raw_spin_lock_irq(&core->lock);
	if (!rtfm_core_alive(core) || core->task != current) {
		err = -ESHUTDOWN;
	} else {
		core->parked = true;
		rtfm_region_set_state(&core->view, RTFM_STATE_PARKED);
	}
	raw_spin_unlock_irq(&core->lock);
	/* K: pairs with M, the sender's fence between remote_ready and state */
	smp_mb();
	return err;
}

static void get_up(struct rtfm_core *core)
{
	raw_spin_lock_irq(&core->lock);
	core->parked = false;
	rtfm_region_set_state(&core->view, RTFM_STATE_RUNNING);
	raw_spin_unlock_irq(&core->lock);
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
	int err;

	trace_rtfm_park(core->app, core->index);
	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE);
		err = lie_down(core);
		if (err)
			break;
		if (rtfm_region_ready(&core->view))
			break;
		if (signal_pending(current)) {
			err = -EINTR;
			break;
		}
		schedule();
		/* not for P2 and P3 once more; what they are for is over */
		if (rtfm_region_ready(&core->view))
			break;
	}
	__set_current_state(TASK_RUNNING);
	get_up(core);
	trace_rtfm_unpark(core->app, core->index, err);
	return err;
}
