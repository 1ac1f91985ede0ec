// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * Engine soft: any Linux, no module.
 *
 * A core without a job sleeps on a futex, its state word. A core that runs is
 * interrupted by a signal, the doorbell, sent to its thread.
 *
 * Time. A parked core has the instant of its next timer as the timeout of its futex: one
 * system call, and no other thread wakes for the instant. A core that runs needs its alarm
 * armed: a POSIX timer that sends the doorbell to its thread. On PREEMPT_RT such timers
 * fire in a softirq thread, which a busy SCHED_FIFO task starves; there, and where
 * timer_create() is refused (RLIMIT_SIGPENDING), the alarm is a timekeeper thread, on the
 * same CPU and one real-time priority above the core. It sleeps until the instant in a futex,
 * whose timeout fires in hard interrupt for real-time threads on every kernel.
 *
 * To arm the alarm is a system call, so the core defers it until code is about to run that
 * the job of a timer may have to preempt:
 *
 *  W  While the thread runs code and is not masked, and a timer of a level above the
 *     ceiling is queued: the alarm is armed for an instant not after that of the first
 *     timer, and the doorbell is not blocked.
 *
 * How W is kept. The first timer's instant is "watched" if the alarm is armed for it, or
 * for an earlier one. If it is not, expire() queues &soft.watch at the highest level L of
 * all timers, behind the jobs that it released: it is no job; watch_run() arms the alarm.
 * The dispatcher treats it as a job. So it starts no job of a level below L before
 * watch_run(), and does not return to code below L, not even at the end of
 * a lock or of init: that is W. If a timer of a level above that of the queued watch
 * is added, the alarm is armed at once. If the instant is not watched for another reason,
 * the dispatcher calls expire() before it chooses a job: &struct core.unwatched, set
 *
 *  -  when a core without idle is about to sleep, with nothing ready but the watch
 *     (pending_at_rest() in dispatch.c): it is dropped, park() reads the queue itself;
 *  -  while the core is parked, where the alarm is not armed.
 *
 * The alarm is not disarmed when a job is cancelled: then it may fire without need.
 *
 * A core that schedules a job for this one notifies it, unless the instant is later than
 * what this core has promised (timer.h): the watched instant, or that until which it sleeps.
 *
 * The doorbell is blocked in its own handler. It remains blocked while a job runs there
 * that can be preempted only by jobs that it schedules itself: dispatch_let_in().
 *
 * Model: watch.
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

/*
 * At the instant at which a timer has fired on one CPU, the clock may be a little less on
 * another one: the TSCs of a virtual machine's CPUs, for example.
 */
#define EDGE_NS		10000u

static void kick(struct core *target)
{
	struct rtfm_ctl *ctl = target->pub.ctl;
	uint32_t parked = RTFM_STATE_PARKED;

	if (__atomic_compare_exchange_n(&ctl->state, &parked, RTFM_STATE_RUNNING, false,
					__ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
		os_futex_wake(&ctl->state, 1);
	else if (parked == RTFM_STATE_RUNNING)
		doorbell_ring(target);
}

/* Arm the alarm, or disarm it: TIMER_NEVER. */
static void set_alarm(struct core *core, uint64_t instant)
{
	RTFMX_STORE(&core->engine_data.soft.armed, instant);
	if (core->engine_data.soft.timer >= 0) {
		os_timer_set(core->engine_data.soft.timer, instant);
		return;
	}
	__atomic_fetch_add(&core->engine_data.soft.changes, 1, __ATOMIC_SEQ_CST);
	os_futex_wake(&core->engine_data.soft.changes, 1);
}

/* &struct rtfmx_slot.run of the watch. Masked before; not after, as after a job. */
static void watch_run(struct rtfmx_core *pub, struct rtfmx_slot *slot)
{
	struct core *core = core_of(pub);
	uint64_t first = timer_first(core);

	(void)slot;
	core->engine_data.soft.watching = 0;
	if (first < core->engine_data.soft.armed)
		set_alarm(core, first);
	timer_promise(core, first);
	dispatch_include(core);
}

/* Keep W: ensure that the alarm will be armed before it is needed. Masked. */
static void watch(struct core *core)
{
	uint32_t level = rtfm_ready_highest(core->timers.levels);
	uint64_t first = timer_first(core);

	core->unwatched = 0;
	if (core->engine_data.soft.armed <= first) {
		timer_promise(core, first);
	} else if (!core->engine_data.soft.watching) {
		core->engine_data.soft.watching = level;
		queue_push_own(core, level, &core->engine_data.soft.watch);
	} else if (core->engine_data.soft.watching < level) {
		set_alarm(core, first);
		timer_promise(core, first);
	}
}

/*
 * The alarm is not needed if the core sleeps next, nor while other jobs of the watch's level
 * are to run. Return: whether the watch was dropped or queued behind them.
 */
static bool unwatch(struct core *core)
{
	uint32_t level = core->engine_data.soft.watching;

	if (!ready_any(core)) {
		core->engine_data.soft.watching = 0;
		core->unwatched = RTFM_READY_TIME;
		return true;
	}
	if (!(RTFMX_LOAD(&core->pub.ctl->ready) >> level & 1))
		return false;
	queue_push_own(core, level, &core->engine_data.soft.watch);
	return true;
}

/*
 * The watch is no reason not to sleep: remove it from the queue. If it is not the only entry
 * of its level, there is a job, and the core does not sleep.
 */
static void take_back_watch(struct core *core)
{
	uint32_t level = core->engine_data.soft.watching;
	struct rtfmx_level *list = &core->pub.levels[level];

	if (!level || list->first != &core->engine_data.soft.watch || list->first->next)
		return;
	queue_pop_own(core, level);
	if (!(core->others >> level & 1))
		rtfmx_local_clear(&core->pub.ctl->ready, rtfm_ready_bit(level));
	core->engine_data.soft.watching = 0;
}

static bool is_over(uint64_t instant)
{
	return instant != TIMER_NEVER && instant <= rtfm_now();
}

/* Sleep until a job or an attention bit is ready, or the instant has passed. */
static void sleep_until(struct core *core, uint64_t instant)
{
	struct rtfm_ctl *ctl = core->pub.ctl;

	while (!ready_any(core) && !state_ending(core) &&
	       RTFMX_LOAD(&ctl->state) == RTFM_STATE_PARKED &&
	       os_futex_wait(&ctl->state, RTFM_STATE_PARKED, instant) != -ETIMEDOUT)
		;
}

static void poll_until(struct core *core, uint64_t instant)
{
	while (!ready_any(core) && !state_ending(core) && !is_over(instant)) {
		if (!ready_cells(core))
			os_pause();
		else if (!dispatch_cell(core) || !core->idle)
			break;
	}
}

/*
 * Masked until the state is PARKED or POLLING: from there to ready_resume() the handler of a
 * doorbell runs no job.
 */
static void park(struct core *core)
{
	bool poll = core->app->opt.flags & RTFM_POLL;
	uint64_t first;

	dispatch_exclude(core);
	take_back_watch(core);
	first = timer_first(core);
	if (core->engine_data.soft.armed != TIMER_NEVER && !ready_any(core))
		set_alarm(core, TIMER_NEVER);
	core->unwatched = first == TIMER_NEVER ? 0 : RTFM_READY_TIME;
	timer_promise(core, first);
	ready_rest(core, poll ? RTFM_STATE_POLLING : RTFM_STATE_PARKED);
	if (poll)
		RTFMX_FENCE();
	/*
	 * A sender does not notify the core of a request that is due after an older promise,
	 * and a job may have cancelled the timer for which that was made. So check once more,
	 * after the fence K or, if the core polls, this one.
	 */
	if (RTFMX_LOAD(&core->timers.asked))
		rtfmx_local_or(&core->pub.ctl->ready, RTFM_READY_TIME);
	RTFMX_STORE(&core->pub.ctl->masked, 0);
	if (poll)
		poll_until(core, first);
	else
		sleep_until(core, first);
	/* the instant is not watched now: the dispatcher calls expire() next */
	rtfmx_local_or(&core->pub.ctl->ready, core->unwatched);
	ready_resume(core);
}

/*
 * The core counts as running, so the alarm is armed, also for a job that a lock of idle
 * defers. So the watch is not needed, and is removed as in park().
 */
static int poll_files(struct core *core, struct pollfd *files, unsigned int nfiles,
		      const struct timespec *timeout)
{
	uint64_t first;

	dispatch_exclude(core);
	take_back_watch(core);
	first = timer_first(core);
	if (first < core->engine_data.soft.armed)
		set_alarm(core, first);
	timer_promise(core, first);
	dispatch_include(core);
	return dispatch_poll(core, files, nfiles, timeout);
}

static int release(struct core *core, struct rtfmx_slot *slot)
{
	queue_push_own(core, task_of(core->app, slot->job)->priority, slot);
	return 0;
}

static void expire(struct core *core)
{
	uint64_t now = rtfm_now();

	/* the alarm has fired, or is about to: otherwise watch() takes it for armed */
	if (core->engine_data.soft.armed <= now + EDGE_NS)
		RTFMX_STORE(&core->engine_data.soft.armed, TIMER_NEVER);
	timer_expire(core, now, release);
	watch(core);
}

static int look_at_time(struct core *core, struct core *target)
{
	if (core == target)
		expire(core);
	else
		ready_post(target, RTFM_READY_TIME);
	return 0;
}

/* The calling job has added a timer to its core's queue. */
static void added(struct core *core)
{
	watch(core);
	dispatch_let_in(core);
}

static int arm(struct core *core, struct core *target, struct rtfmx_slot *slot,
	       uint64_t instant)
{
	int ret = timer_submit(core, target, slot, SLOT_GEN(slot->state), instant);

	if (ret > 0)
		look_at_time(core, target);
	if (core == target)
		added(core);
	return ret < 0 ? ret : 0;
}

static int move(struct core *core, struct core *target, struct rtfmx_slot *slot, uint32_t gen,
		uint64_t instant)
{
	int ret = timer_move(core, target, slot, gen, instant);

	if (core == target)
		added(core);
	return ret;
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

	__atomic_store_n(&core->helper, os_gettid(), __ATOMIC_RELEASE);
	realtime_lock_stack(core->app, KEEPER_STACK);
	for (;;) {
		/* before quit: the thread that sets quit counts changes afterwards */
		uint32_t changes = __atomic_load_n(&core->engine_data.soft.changes,
						   __ATOMIC_SEQ_CST);
		uint64_t armed = RTFMX_LOAD(&core->engine_data.soft.armed);

		if (__atomic_load_n(&core->engine_data.soft.quit, __ATOMIC_ACQUIRE))
			break;
		if (armed <= rtfm_now() && armed != rung) {
			ready_post(core, RTFM_READY_TIME);
			rung = armed;
		}
		os_futex_wait(&core->engine_data.soft.changes, changes,
			      armed == rung ? TIMER_NEVER : armed);
	}
	return NULL;
}

static int make_alarm(struct core *core)
{
	int err;

	core->engine_data.soft.armed = TIMER_NEVER;
	core->engine_data.soft.timer = -1;
	if (!os_preempt_rt())
		core->engine_data.soft.timer = os_timer_create(core->tid, core->app->opt.doorbell,
							       core->app);
	if (core->engine_data.soft.timer >= 0)
		return 0;
	err = thread_helper(core, &core->engine_data.soft.keeper, timekeeper);
	if (err)
		return state_error(err, "core %u: cannot create its timekeeper thread: %s",
				   core->nr, strerror(-err));
	return 0;
}

static void remove_alarm(struct core *core)
{
	if (core->engine_data.soft.timer >= 0) {
		os_timer_delete(core->engine_data.soft.timer);
		return;
	}
	__atomic_store_n(&core->engine_data.soft.quit, 1, __ATOMIC_RELEASE);
	__atomic_fetch_add(&core->engine_data.soft.changes, 1, __ATOMIC_SEQ_CST);
	os_futex_wake(&core->engine_data.soft.changes, 1);
	pthread_join(core->engine_data.soft.keeper, NULL);
}

static int core_start(struct core *core)
{
	int err = make_alarm(core);

	if (err)
		return err;
	core->engine_data.soft.watch.kind = RTFMX_SLOT_WATCH;
	core->engine_data.soft.watch.run = watch_run;
	doorbell_open(core);
	return 0;
}

static void core_stop(struct core *core)
{
	doorbell_close(core);
	remove_alarm(core);
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
	.interrupt = doorbell_interrupt,
	.arm = arm,
	.repeat = repeat,
	.disarm = timer_disarm,
	.move = move,
	.look_at_time = look_at_time,
	.expire = expire,
	.unwatch = unwatch,
	.park = park,
	.poll = poll_files,
	.exclude = dispatch_exclude,
	.include = dispatch_include,
};
