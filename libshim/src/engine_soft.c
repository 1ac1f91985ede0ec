// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * Engine soft: any Linux, no module.
 *
 * A core that has nothing to do sleeps on a futex, its state word. A core that
 * runs is told to look by a signal, the doorbell, sent to its thread.
 *
 * Time: a timekeeper thread for each core, on the same CPU and one real-time
 * priority above it, sleeps until the core's deadline and rings. A futex with a
 * timeout wakes a real-time thread from hard interrupt on every kernel, whereas
 * the signal of timer_create() comes from a softirq thread on PREEMPT_RT, which a
 * busy SCHED_FIFO task starves. A parked core has the deadline as the timeout of
 * its own futex and needs no timekeeper then.
 */
#include <errno.h>
#include <linux/futex.h>
#include <signal.h>
#include <sys/syscall.h>

#include "dispatch.h"
#include "doorbell.h"
#include "layout.h"
#include "os.h"
#include "queue.h"
#include "ready.h"
#include "realtime.h"
#include "slot.h"
#include "state.h"
#include "thread.h"
#include "timer.h"

/* What a timekeeper needs of its stack */
#define KEEPER_STACK	4096

static void kick(struct core *target)
{
	struct rtfm_ctl *ctl = target->pub.ctl;
	uint32_t parked = RTFM_STATE_PARKED;

	if (__atomic_compare_exchange_n(&ctl->state, &parked, RTFM_STATE_RUNNING, false,
					__ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
		os_futex_wake(&ctl->state, 1);
	else if (parked == RTFM_STATE_RUNNING)
		os_tgkill(target->tid, target->app->opt.doorbell);
}

static void park(struct core *core)
{
	struct rtfm_ctl *ctl = core->pub.ctl;
	bool poll = core->app->opt.flags & RTFM_POLL;
	uint64_t deadline;

	ready_rest(core, poll ? RTFM_STATE_POLLING : RTFM_STATE_PARKED);
	/* from here a doorbell runs no job, so nobody sets another deadline */
	deadline = RTFMX_LOAD(&core->engine_data.soft.deadline);
	while (!ready_any(core) && !state_ending(core)) {
		if (poll) {
			os_pause();
			continue;
		}
		if (os_futex_wait(&ctl->state, RTFM_STATE_PARKED, deadline) == -ETIMEDOUT ||
		    RTFMX_LOAD(&ctl->state) != RTFM_STATE_PARKED)
			break;
	}
	ready_resume(core);
	/*
	 * The timekeeper does not ring for a deadline at which it saw us parked.
	 * That was before this line, so the deadline is over for us, too.
	 */
	if (deadline != TIMER_NEVER && deadline <= rtfm_now())
		rtfmx_local_or(&ctl->ready, RTFM_READY_TIME);
}

static void set_deadline(struct core *core, uint64_t deadline)
{
	uint64_t old = RTFMX_LOAD(&core->engine_data.soft.deadline);

	RTFMX_STORE(&core->engine_data.soft.deadline, deadline);
	__atomic_fetch_add(&core->engine_data.soft.changes, 1, __ATOMIC_SEQ_CST);
	/* a later one: the timekeeper finds out when it wakes for the old one, if it does */
	if (deadline < old || old <= rtfm_now())
		os_futex_wake(&core->engine_data.soft.changes, 1);
}

static int release(struct core *core, struct rtfmx_slot *slot)
{
	queue_push_own(core, task_of(core->app, slot->job)->priority, slot);
	return 0;
}

static void expire(struct core *core)
{
	uint64_t next = timer_expire(core, rtfm_now(), release);

	set_deadline(core, next);
	timer_promise(core, next);
}

static int look_at_time(struct core *core, struct core *target)
{
	if (core == target)
		expire(core);
	else
		ready_post(target, RTFM_READY_TIME);
	return 0;
}

static int arm(struct core *core, struct core *target, struct rtfmx_slot *slot,
	       uint64_t instant)
{
	int ret = timer_submit(core, target, slot, SLOT_GEN(slot->state), instant);

	if (ret > 0)
		look_at_time(core, target);
	return ret < 0 ? ret : 0;
}

static int repeat(struct core *core, struct rtfmx_slot *slot, uint64_t instant, uint64_t period)
{
	timer_repeat(core, slot, instant, period);
	return look_at_time(core, core);
}

static void *timekeeper(void *arg)
{
	struct core *core = arg;
	uint64_t rung = 0;

	realtime_lock_stack(core->app, KEEPER_STACK);
	while (!__atomic_load_n(&core->engine_data.soft.quit, __ATOMIC_ACQUIRE)) {
		uint32_t changes = __atomic_load_n(&core->engine_data.soft.changes,
						   __ATOMIC_SEQ_CST);
		uint64_t deadline = RTFMX_LOAD(&core->engine_data.soft.deadline);

		if (deadline <= rtfm_now() && deadline != rung) {
			ready_post_unless_parked(core, RTFM_READY_TIME);
			rung = deadline;
		}
		os_futex_wait(&core->engine_data.soft.changes, changes,
			      deadline == rung ? TIMER_NEVER : deadline);
	}
	return NULL;
}

static int core_start(struct core *core)
{
	int err;

	core->engine_data.soft.deadline = TIMER_NEVER;
	err = thread_helper(core, &core->engine_data.soft.keeper, timekeeper);
	if (err)
		return state_error(err, "core %u: no thread for its timekeeper: %s", core->nr,
				   strerror(-err));
	doorbell_open(core);
	return 0;
}

static void core_stop(struct core *core)
{
	doorbell_close(core);
	__atomic_store_n(&core->engine_data.soft.quit, 1, __ATOMIC_RELEASE);
	__atomic_fetch_add(&core->engine_data.soft.changes, 1, __ATOMIC_SEQ_CST);
	os_futex_wake(&core->engine_data.soft.changes, 1);
	pthread_join(core->engine_data.soft.keeper, NULL);
}

static int start(struct app *app)
{
	int err = layout_reserve(app);

	if (err)
		return err;
	err = doorbell_install(app);
	if (err)
		layout_unreserve(app);
	return err;
}

static void stop(struct app *app)
{
	doorbell_remove(app);
	layout_unreserve(app);
}

const struct engine engine_soft = {
	.name = "soft",
	.direct = true,
	.start = start,
	.stop = stop,
	.core_start = core_start,
	.core_open = dispatch_open,
	.core_close = dispatch_close,
	.core_stop = core_stop,
	.post = queue_post,
	.kick = kick,
	.arm = arm,
	.repeat = repeat,
	.disarm = timer_disarm,
	.move = timer_move,
	.look_at_time = look_at_time,
	.expire = expire,
	.park = park,
	.exclude = dispatch_exclude,
	.include = dispatch_include,
};
