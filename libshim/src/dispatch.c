// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * The dispatcher of the engines soft and kmod: which job runs next.
 *
 * A job of level p starts when p is above the system ceiling, and preempts whatever
 * the thread is doing. The thread checks its ready words at five places: in a spawn to
 * its own core, at the end of a lock, at the end of a job, in the handler of the doorbell,
 * and in an upcall (sent by another core, or by a timer). From each of them jobs are
 * started by run_above().
 *
 * Invariants, seen from the core's own thread:
 *
 *  I1 While masked == 0 and the thread is not in the dispatcher, no bit of ready is above
 *     the ceiling, unless a doorbell or an upcall is about to be handled.
 *  I2 A job that waits has its bit in ready or remote_ready, or queue_pop() is
 *     between clearing the bit and taking the job out.
 *  I3 After the ceiling is lowered, the ready words are checked.
 *  I4 Between masked = 1 and masked = 0 no job of this core runs, and nothing else
 *     accesses this thread's lists and its ends of the rings.
 */
#include <errno.h>
#include <time.h>

#include "dispatch.h"
#include "end.h"
#include "fault.h"
#include "os.h"
#include "queue.h"
#include "ready.h"
#include "realtime.h"
#include "state.h"

static void mask(struct rtfm_ctl *ctl)
{
	RTFMX_STORE(&ctl->masked, 1);
	RTFMX_BARRIER();
}

static void unmask(struct rtfm_ctl *ctl)
{
	RTFMX_BARRIER();
	RTFMX_STORE(&ctl->masked, 0);
	RTFMX_BARRIER();
}

/* The rest of rtfmx_begin(): slots that are not on a free list. */
PUBLIC void rtfmx_begin_slow(struct rtfmx_core *pub, struct rtfmx_slot *slot)
{
	struct core *core = core_of(pub);

	queue_begun(core, slot);
	if (core->app->engine->direct)
		dispatch_include(core);
}

/*
 * Run a job that is above the ceiling. Masked.
 * @frame: the caller has a frame of its own, of a signal or an upcall. Then the thread is
 * masked again before the ceiling is lowered, so that no second frame of the same level is
 * put on top of it.
 */
static inline HOT void run_above(struct core *core, struct rtfm_ctl *ctl, struct rtfmx_slot *slot,
				 uint32_t level, uint32_t ceiling, bool frame)
{
	RTFMX_STORE(&ctl->ceiling, level);
	slot->run(&core->pub, slot);
	if (frame)
		mask(core->pub.ctl);
	ready_lower(core, ceiling);
}

/*
 * Take over the levels that other CPUs made ready. Release expired timers if one of them
 * requests it, or if no timer of the system is armed for the next one. Masked.
 */
static void attend(struct core *core)
{
	if ((ready_take_over(core) | core->unwatched) & RTFM_READY_TIME)
		core->app->engine->expire(core);
}

/*
 * Choose the level of the next job above the ceiling. Masked. The end of the app is an
 * attention bit, and the levels that other CPUs have made ready are in remote_ready: without
 * either, ready is complete.
 *
 * Return: its level, or 0.
 */
static inline HOT uint32_t choose(struct core *core, uint32_t ceiling)
{
	struct rtfm_ctl *ctl = core->pub.ctl;
	uint32_t level;

	if (RTFMX_UNLIKELY(ready_news(core))) {
		attend(core);
		if (state_ending(core))
			return 0;
	}
	level = rtfm_ready_highest(RTFMX_LOAD(&ctl->ready));
	return level > ceiling ? level : 0;
}

/* Run the highest job above the ceiling, if there is one. Unmasked afterwards. */
static inline HOT void run_highest(struct core *core, uint32_t ceiling)
{
	struct rtfm_ctl *ctl = core->pub.ctl;
	struct rtfmx_slot *slot = NULL;
	uint32_t level;

	mask(ctl);
	level = choose(core, ceiling);
	if (level)
		slot = queue_pop(core, level);
	if (RTFMX_UNLIKELY(!slot))
		unmask(ctl);
	else
		run_above(core, ctl, slot, level, ceiling, false);
}

/*
 * Between two jobs the thread is not masked: the ceiling has been lowered, and the ready
 * words are checked after that, as at the end of a lock.
 */
__attribute__((noinline)) void dispatch_pending(struct core *core)
{
	uint32_t ceiling = RTFMX_LOAD(&core->pub.ctl->ceiling);

	do
		run_highest(core, ceiling);
	while (ready_due(core, ceiling) && !state_ending(core));
}

/*
 * A job that nothing can preempt, because the core has no task of a higher level, runs without
 * a change of state: a sender that reads POLLING only fills its cell, which is correct because
 * its job has to wait in any case. The handler of a doorbell that is sent nevertheless sets
 * RTFM_READY_LOOK. For all other jobs, and for the levels in ready and remote_ready, the
 * caller stores RUNNING.
 */
bool dispatch_cell(struct core *core)
{
	uint32_t ceiling = RTFMX_LOAD(&core->pub.ctl->ceiling), level = core->top;
	struct rtfmx_slot *slot;

	if (level <= ceiling || ready_any(core) || state_ending(core))
		return false;
	mask(core->pub.ctl);
	slot = queue_pop_cell(core, level);
	if (slot)
		run_above(core, core->pub.ctl, slot, level, ceiling, false);
	else
		unmask(core->pub.ctl);
	return slot;
}

/*
 * The same for a core without idle. It will sleep next, until its next timer expires at the
 * latest. If no job of a lower level is ready, the alarm does not have to be armed until then.
 * If another CPU makes a job ready from here on, attend() arms it.
 */
static void pending_at_rest(struct core *core)
{
	struct rtfm_ctl *ctl = core->pub.ctl;
	struct rtfmx_slot *slot;
	uint32_t level;

	do {
		mask(ctl);
		level = choose(core, 0);
		slot = level ? queue_pop(core, level) : NULL;
		if (slot && slot->kind == RTFMX_SLOT_WATCH && core->app->engine->unwatch(core))
			slot = NULL;
		if (slot)
			run_above(core, ctl, slot, level, 0, false);
		else
			unmask(ctl);
	} while (ready_due(core, 0) && !state_ending(core));
}

/*
 * Can anything but the job itself make a job above its level ready? If the job itself
 * schedules one there, dispatch_let_in() unblocks the doorbell.
 */
static bool preemptible(const struct core *core, uint32_t level)
{
	return (core->senders | core->timers.levels | core->timers.moved) >> level > 1;
}

/*
 * Jobs that can be preempted run with the doorbell unblocked; it is blocked again before
 * the handler unmasks. So another doorbell interrupts this handler only while it is masked,
 * and sets RTFM_READY_LOOK, or while a job runs. There are no more handlers on the stack
 * than levels, however many doorbells come.
 */
void dispatch_doorbell(struct core *core)
{
	struct rtfm_ctl *ctl = core->pub.ctl;
	uint32_t ceiling = RTFMX_LOAD(&ctl->ceiling);
	int sig = core->app->opt.doorbell;
	bool blocked = true;
	uint32_t level;

	do {
		mask(ctl);
		while ((level = choose(core, ceiling))) {
			struct rtfmx_slot *slot = queue_pop(core, level);

			if (!slot)
				continue;
			if (blocked && preemptible(core, level)) {
				os_block(sig, false);
				blocked = false;
			}
			core->held = blocked ? level : 0;
			run_above(core, ctl, slot, level, ceiling, true);
			blocked = core->held;
			core->held = 0;
		}
		if (!blocked)
			os_block(sig, true);
		blocked = true;
		unmask(ctl);
	} while (ready_due(core, ceiling) && !state_ending(core));
}

void dispatch_let_in(struct core *core)
{
	if (!core->held || !preemptible(core, core->held))
		return;
	core->held = 0;
	os_block(core->app->opt.doorbell, false);
}

/*
 * The kernel has masked the thread. The entry (arch/) unmasks it when it returns, and calls
 * this function again if something was made ready meanwhile.
 */
uint32_t dispatch_upcall(void)
{
	struct core *core = self;
	struct rtfm_ctl *ctl = core->pub.ctl;
	uint32_t ceiling = RTFMX_LOAD(&ctl->ceiling);
	int saved = *core->thread_errno;
	uint32_t level;

	while ((level = choose(core, ceiling))) {
		struct rtfmx_slot *slot = queue_pop(core, level);

		if (!slot)
			continue;
		run_above(core, ctl, slot, level, ceiling, true);
	}
	*core->thread_errno = saved;
	return state_ending(core) ? 63 : ceiling;
}

/*
 * Take out the highest job above the ceiling, unless an attention bit or a bit of
 * remote_ready is set. Masked.
 *
 * Return: its slot, and its level in *@level; NULL if there is none, or if choose() has to
 * decide.
 */
static inline HOT struct rtfmx_slot *take_highest(struct core *core, struct rtfm_ctl *ctl,
						  uint32_t ceiling, uint32_t *level)
{
	/* attention bits are higher than the bit of any level */
	*level = 63 - (uint32_t)__builtin_clzll(RTFMX_LOAD(&ctl->ready) | 1);
	if (RTFMX_UNLIKELY(*level > RTFM_MAX_PRIORITY || *level <= ceiling ||
			   RTFMX_LOAD(&ctl->remote_ready)))
		return NULL;
	return queue_pop_common(core, ctl, *level);
}

/* An engine that needs a system call at each unlock has an attention bit of its own. */
static __attribute__((noinline)) void dispatch_otherwise(struct core *core, uint32_t ceiling)
{
	if (RTFMX_LOAD(&core->pub.ctl->ready) & RTFM_READY_SLOW)
		core->app->engine->unlock(core, ceiling);
	else
		dispatch_pending(core);
}

/*
 * The common case is inline: one job above the ceiling, in the core's own list or in the
 * kernel's ring, and no other after it.
 */
static inline HOT void dispatch(struct core *core, struct rtfm_ctl *ctl, uint32_t ceiling)
{
	int saved = *core->thread_errno;
	struct rtfmx_slot *slot;
	uint32_t level;

	mask(ctl);
	slot = take_highest(core, ctl, ceiling, &level);
	if (RTFMX_UNLIKELY(!slot)) {
		dispatch_otherwise(core, ceiling);
	} else {
		run_above(core, ctl, slot, level, ceiling, false);
		if (ready_due(core, ceiling))
			dispatch_pending(core);
	}
	*core->thread_errno = saved;
}

PUBLIC void rtfmx_dispatch(struct rtfmx_core *pub)
{
	dispatch(core_of(pub), pub->ctl, RTFMX_LOAD(&pub->ctl->ceiling));
}

/*
 * Run the job of a spawn that is above the ceiling. No other job is above it (I1), unless one
 * was made ready while the thread was masked: then the new job is queued.
 */
PUBLIC void rtfmx_spawn_now(struct rtfmx_core *pub, struct rtfmx_slot *slot, uint32_t level,
			    uint32_t ceiling)
{
	struct core *core = core_of(pub);
	int saved = *core->thread_errno;

	if (ready_due(core, ceiling))
		queue_push_own(core, level, slot);
	else
		run_above(core, pub->ctl, slot, level, ceiling, false);
	if (ready_due(core, ceiling))
		dispatch_pending(core);
	*core->thread_errno = saved;
}

PUBLIC uint32_t rtfmx_lock_slow(struct rtfm_ctl *ctl, uint32_t ceiling)
{
	(void)ctl;
	return the_app.engine->lock(self, ceiling);
}

PUBLIC void rtfmx_unlock_slow(struct rtfm_ctl *ctl, uint32_t old)
{
	dispatch(self, ctl, old);
}

/*
 * The ceiling is that of the job: nothing lowers it any more, so all tasks below would be
 * dead. If the job ran in the handler of the doorbell, that signal is still blocked.
 */
static __attribute__((cold, noinline)) void abandoned(struct core *core)
{
	char place[FAULT_PLACE];

	fault_place(core, place, sizeof(place));
	end_failed(core->app, state_error(-ENOTRECOVERABLE,
					  "core %u: longjmp() or an exception has left a job or a lock, %s",
					  core->nr, place));
	if (core->app->engine->direct)
		os_block(core->app->opt.doorbell, false);
}

void dispatch_check_idle(struct core *core, bool locked)
{
	uint32_t ceiling = RTFMX_LOAD(&core->pub.ctl->ceiling) & RTFM_CEILING_LEVEL;

	if (RTFMX_UNLIKELY(ceiling && !(locked && core->locks >> ceiling & 1)))
		abandoned(core);
}

PUBLIC void rtfmx_wait(struct rtfmx_core *pub)
{
	struct core *core = core_of(pub);
	int saved = errno;

	dispatch_check_idle(core, true);
	if (!state_ending(core)) {
		if (RTFMX_UNLIKELY(realtime_moved(core)))
			realtime_follow(core);
		core->app->engine->park(core);
		if (core->app->engine->direct && core->idle)
			pending_at_rest(core);
		else if (core->app->engine->direct)
			dispatch_pending(core);
	}
	errno = saved;
}

PUBLIC int rtfmx_poll(struct rtfmx_core *pub, struct pollfd *files, unsigned int nfiles,
		      int64_t timeout)
{
	struct timespec ts = { (time_t)(timeout / 1000000000), (long)(timeout % 1000000000) };
	struct core *core = core_of(pub);
	int saved = errno;
	int ret;

	if (nfiles > RTFM_MAX_POLL)
		return -EINVAL;
	dispatch_check_idle(core, true);
	if (RTFMX_UNLIKELY(realtime_moved(core)))
		realtime_follow(core);
	ret = core->app->engine->poll(core, files, nfiles, timeout < 0 ? NULL : &ts);
	if (core->app->engine->direct && !state_ending(core))
		dispatch_pending(core);
	errno = saved;
	return ret == -EINTR ? 0 : ret;
}

/*
 * For the engines that have a doorbell. To a sender, the thread is running, in idle without
 * a lock, and has the doorbell blocked. So every sender rings it, also for a job that a lock
 * of idle defers: the kernel, because it does not redirect a thread that has the doorbell
 * blocked; another core, because of the ceiling. A job that was ready before the doorbell was
 * blocked is found by the check after that; the doorbell of a later one is pending when
 * ppoll() unblocks it, or arrives after that. Its handler runs no job while @polls_files is
 * set, because the ceiling is not that of idle.
 */
int dispatch_poll(struct core *core, struct pollfd *files, unsigned int nfiles,
		  const struct timespec *timeout)
{
	static const struct timespec now = { 0, 0 };
	uint32_t ceiling = RTFMX_LOAD(&core->pub.ctl->ceiling);
	int doorbell = core->app->opt.doorbell;
	bool blocked = os_block(doorbell, true);
	int ret;

	core->polls_files = true;
	ready_lower(core, 0);
	if (ready_any(core) || state_ending(core))
		timeout = &now;
	ret = os_poll_mask(files, nfiles, timeout, os_mask() & ~(1ULL << (doorbell - 1)));
	RTFMX_BARRIER();
	RTFMX_STORE(&core->pub.ctl->ceiling, ceiling);
	RTFMX_BARRIER();
	core->polls_files = false;
	RTFMX_BARRIER();
	if (!blocked)
		os_block(doorbell, false);
	return ret;
}

void dispatch_exclude(struct core *core)
{
	mask(core->pub.ctl);
}

void dispatch_include(struct core *core)
{
	struct rtfm_ctl *ctl = core->pub.ctl;

	unmask(ctl);
	if (rtfmx_due(RTFMX_LOAD(&ctl->ready), RTFMX_LOAD(&ctl->ceiling)))
		rtfmx_dispatch(&core->pub);
}

void dispatch_open(struct core *core)
{
	queue_open(core);
	ready_lower(core, 0);
	rtfmx_dispatch(&core->pub);
}

void dispatch_close(struct core *core)
{
	RTFMX_STORE(&core->pub.ctl->masked, 1);
}
