// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * Who runs when: the dispatcher of the engines soft and kmod.
 *
 * A job of level p starts when p is above the system ceiling, on top of whatever
 * the thread is doing. Five things make the thread look: a spawn of its own, the
 * end of a lock, the end of a job, a doorbell and an upcall (another core, or
 * time). All five end in run_above().
 *
 * Invariants, seen from the core's own thread:
 *
 *  I1 masked == 0 and the thread is outside a look: no bit of ready is above the
 *     ceiling, unless a doorbell or an upcall is about to be handled.
 *  I2 A job that waits has its bit in ready or remote_ready, or run_above() is
 *     between clearing the bit and taking the job out.
 *  I3 The ceiling is lowered only where a look follows.
 *  I4 Between masked = 1 and masked = 0 no job of this core runs and nobody else
 *     touches this thread's lists and ends of the rings.
 *
 * The bits are cleared before the lists and rings are looked at, so a job that
 * arrives in between leaves a bit too many, never one too few.
 */
#include <ceiling.h>
#include <errno.h>

#include "arch/fpenv.h"
#include "arch/upcall.h"
#include "os.h"
#include "queue.h"
#include "ready.h"
#include "slot.h"
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

void dispatch_run(struct core *core, struct rtfmx_slot *slot)
{
	struct rtfmx_cx cx = { &core->pub, core->pub.ctl, slot->scheduled };

	slot->run(&cx, slot);
}

/* The rest of rtfmx_begin(): slots that are not simply put back on a list. */
PUBLIC void rtfmx_begin_slow(struct rtfmx_cx *cx, struct rtfmx_slot *slot)
{
	struct core *core = core_of(cx->rtfmx_core);

	queue_begun(core, slot);
	if (core->app->engine->direct)
		dispatch_include(core);
}

/*
 * Run a job that is above the ceiling, on top of what the thread is doing. Masked.
 * @frame: this runs on a frame of its own, of a signal or an upcall; it is masked
 * again before the ceiling is lowered, lest there be another frame of the same level on top
 * of it, and another.
 */
static inline HOT void run_above(struct core *core, struct rtfmx_slot *slot, uint32_t level,
				 uint32_t ceiling, bool frame)
{
	struct rtfmx_cx cx = { &core->pub, core->pub.ctl, slot->scheduled };
	struct fpenv fpenv;

	RTFMX_STORE(&cx.rtfmx_ctl->ceiling, level);
	fpenv_enter(&fpenv);
	slot->run(&cx, slot);
	fpenv_leave(&fpenv);
	if (frame)
		mask(core->pub.ctl);
	ready_lower(core, ceiling);
}

/* Take over what other CPUs made ready, and look at time if that is asked for. Masked. */
static void attend(struct core *core)
{
	if (ready_take_over(core) & RTFM_READY_TIME)
		core->app->engine->expire(core);
}

/*
 * Choose the next job above the ceiling. Masked. Only the attention bits tell of
 * the end, and of others' bits only a look at remote_ready.
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

/* One turn: run the highest job above the ceiling, if there is one. Unmasked after. */
static inline HOT void turn(struct core *core, uint32_t ceiling)
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
		run_above(core, slot, level, ceiling, false);
}

/*
 * Between two jobs the thread is not masked: the ceiling has been lowered, and then
 * it looks, as at the end of a lock.
 */
__attribute__((noinline)) void dispatch_look(struct core *core)
{
	uint32_t ceiling = RTFMX_LOAD(&core->pub.ctl->ceiling);

	do
		turn(core, ceiling);
	while (ready_due(core, ceiling) && !state_ending(core));
}

/*
 * In the handler of the doorbell, which the kernel has blocked; jobs run with it
 * unblocked. It is blocked again before the handler unmasks. So a doorbell comes upon
 * a handler either masked, and leaves a note, or while a job runs, and there are as
 * many jobs on the stack as levels: a storm of doorbells does not pile up.
 */
static void look_blocked(struct core *core)
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
			if (blocked)
				os_block(sig, false);
			blocked = false;
			run_above(core, slot, level, ceiling, true);
		}
		if (!blocked)
			os_block(sig, true);
		blocked = true;
		unmask(ctl);
	} while (ready_due(core, ceiling) && !state_ending(core));
}

/*
 * The upper half of an upcall, called by its entry (arch/). The kernel has masked;
 * the entry unmasks on its way out, and comes back if something came meanwhile.
 */
uint32_t upcall_dispatch(void)
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
		run_above(core, slot, level, ceiling, true);
	}
	*core->thread_errno = saved;
	return state_ending(core) ? 63 : ceiling;
}

static inline HOT void dispatch(struct core *core, uint32_t ceiling)
{
	int saved = *core->thread_errno;

	turn(core, ceiling);
	if (ready_due(core, ceiling))
		dispatch_look(core);
	*core->thread_errno = saved;
}

PUBLIC void rtfmx_dispatch(struct rtfmx_core *pub)
{
	dispatch(core_of(pub), RTFMX_LOAD(&pub->ctl->ceiling));
}

/*
 * The job of a spawn that is above the ceiling: nothing else can be (I1), or it left
 * a note while the thread was masked, and then this one has to queue.
 */
PUBLIC void rtfmx_spawn_now(struct rtfmx_core *pub, struct rtfmx_slot *slot, uint32_t level)
{
	struct core *core = core_of(pub);
	struct rtfm_ctl *ctl = pub->ctl;
	uint32_t ceiling = RTFMX_LOAD(&ctl->ceiling);
	int saved = *core->thread_errno;

	if (ready_due(core, ceiling))
		queue_push_own(core, level, slot);
	else
		run_above(core, slot, level, ceiling, false);
	if (ready_due(core, ceiling))
		dispatch_look(core);
	*core->thread_errno = saved;
}

PUBLIC uint32_t rtfmx_lock_slow(struct rtfm_ctl *ctl, uint32_t ceiling)
{
	(void)ctl;
	return the_app.engine->lock(self, ceiling);
}

PUBLIC void rtfmx_unlock_slow(struct rtfm_ctl *ctl, uint32_t old)
{
	struct core *core = self;

	if (RTFMX_UNLIKELY(RTFMX_LOAD(&ctl->ready) & RTFM_READY_SLOW))
		core->app->engine->unlock(core, old);
	else
		dispatch(core, old);
}

/* ---- sending ---------------------------------------------------------- */

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

/* Put a payload into a free slot: the slot, or NULL and the reason in *err. */
static struct rtfmx_slot *fill(struct core *core, uint32_t task, uint64_t scheduled,
			       const void *payload, int *err)
{
	const struct app *app = core->app;
	const struct rtfmx_task_info *info = &app->decl->tasks[task];
	struct rtfmx_slot *slot;

	*err = -ESHUTDOWN;
	if (state_ending(core) || state_over(&app->cores[info->core]))
		return NULL;
	*err = -EAGAIN;
	slot = slot_take(core, task);
	if (!slot)
		return NULL;
	*err = 0;
	slot->scheduled = scheduled;
	memcpy(slot + 1, payload, info->size);
	return slot;
}

PUBLIC int rtfmx_spawn_slow(struct rtfmx_core *pub, uint32_t task, uint64_t scheduled,
			    const void *payload)
{
	struct core *core = core_of(pub);
	const struct app *app = core->app;
	const struct rtfmx_task_info *info = &app->decl->tasks[task];
	int saved = errno;
	struct rtfmx_slot *slot;
	int err;

	slot = fill(core, task, scheduled, payload, &err);
	if (slot) {
		err = app->engine->post(core, &app->cores[info->core], info->priority, slot);
		if (err)
			slot_give(core, slot);
	}
	if (app->engine->direct)
		dispatch_include(core);
	errno = saved;
	return err;
}

PUBLIC int64_t rtfmx_schedule(struct rtfmx_core *pub, uint32_t task, uint64_t instant,
			      const void *payload)
{
	struct core *core = core_of(pub);
	const struct app *app = core->app;
	struct rtfmx_slot *slot;
	uint32_t gen = 0, job = 0;
	int saved = errno;
	int err;

	if (instant > INT64_MAX)
		return -EINVAL;
	app->engine->exclude(core);
	slot = fill(core, task, instant, payload, &err);
	if (slot) {
		gen = slot_next_gen(SLOT_GEN(RTFMX_LOAD(&slot->state)));
		job = slot->job;
		__atomic_store_n(&slot->state, SLOT_STATE(gen, SLOT_ARMED), __ATOMIC_RELEASE);
		err = app->engine->arm(core, &app->cores[app->decl->tasks[task].core], slot,
				       instant);
		if (err) {
			__atomic_store_n(&slot->state, SLOT_STATE(gen, SLOT_IDLE),
					 __ATOMIC_RELEASE);
			slot_give(core, slot);
		}
	}
	app->engine->include(core);
	errno = saved;
	return err ? err : (int64_t)((uint64_t)gen << 32 | job);
}

/* The job that a handle names. What cannot be a handle names one that is not valid. */
static uint32_t job_named(int64_t handle)
{
	return handle >> 62 ? ~0u : (uint32_t)handle;
}

PUBLIC int rtfmx_cancel(struct rtfmx_core *pub, int64_t handle)
{
	struct core *core = core_of(pub);
	const struct app *app = core->app;
	uint32_t job = job_named(handle);
	int saved = errno;
	int err;

	if (handle <= 0 || !job_valid(app, job))
		return -ENOENT;
	app->engine->exclude(core);
	err = app->engine->disarm(core, &app->cores[task_of(app, job)->core],
				  slot_of(app, job), (uint32_t)(handle >> 32));
	app->engine->include(core);
	errno = saved;
	return err;
}

PUBLIC int64_t rtfmx_reschedule(struct rtfmx_core *pub, int64_t handle, uint64_t instant)
{
	struct core *core = core_of(pub);
	const struct app *app = core->app;
	uint32_t job = job_named(handle);
	uint32_t gen = (uint32_t)(handle >> 32);
	int saved = errno;
	int err;

	if (instant > INT64_MAX)
		return -EINVAL;
	if (handle <= 0 || !job_valid(app, job))
		return -ENOENT;
	app->engine->exclude(core);
	err = app->engine->move(core, &app->cores[task_of(app, job)->core],
				slot_of(app, job), gen, instant);
	app->engine->include(core);
	errno = saved;
	return err ? err : (int64_t)((uint64_t)slot_next_gen(gen) << 32 | job);
}

/* init has ended everywhere: let jobs in. */
void dispatch_open(struct core *core)
{
	ready_lower(core, 0);
	rtfmx_dispatch(&core->pub);
}

/* A doorbell that comes from now on leaves a bit that nobody reads. */
void dispatch_close(struct core *core)
{
	RTFMX_STORE(&core->pub.ctl->masked, 1);
}

/* ---- doorbell --------------------------------------------------------- */

/*
 * The handler may run anywhere in the thread. Masked: leave a note, whoever
 * masked reads it. Parked or polling: the thread is about to look by itself, and
 * must do so as a running one, or nobody would ring for it again.
 */
static void doorbell(int sig, siginfo_t *info, void *context)
{
	struct core *core = self;
	struct rtfm_ctl *ctl;
	uint32_t parked = RTFM_STATE_PARKED;
	int saved = errno;

	if (!core) {
		struct sigaction *old = &the_app.doorbell_old;

		/* core 0 has ended, and somebody has not seen it yet */
		if (info->si_code == SI_TKILL && info->si_pid == getpid() &&
		    os_gettid() == the_app.caller)
			return;
		if (old->sa_flags & SA_SIGINFO) {
			/* ours: a child that was not made by fork() */
			if (old->sa_sigaction != doorbell)
				old->sa_sigaction(sig, info, context);
		} else if (old->sa_handler != SIG_DFL && old->sa_handler != SIG_IGN) {
			old->sa_handler(sig);
		}
		return;
	}
	ctl = core->pub.ctl;
	if (RTFMX_LOAD(&ctl->state) != RTFM_STATE_RUNNING) {
		rtfmx_local_or(&ctl->ready, RTFM_READY_LOOK);
		__atomic_compare_exchange_n(&ctl->state, &parked, RTFM_STATE_RUNNING, false,
					    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
		return;
	}
	if (RTFMX_LOAD(&ctl->masked)) {
		rtfmx_local_or(&ctl->ready, RTFM_READY_LOOK);
		return;
	}
	look_blocked(core);
	errno = saved;
}

/* The caller's thread may have it blocked. */
void doorbell_open(struct core *core)
{
	core->doorbell_blocked = os_block(core->app->opt.doorbell, false);
}

void doorbell_close(struct core *core)
{
	if (core->doorbell_blocked)
		os_block(core->app->opt.doorbell, true);
}

int doorbell_install(struct app *app)
{
	struct sigaction action = { .sa_flags = SA_SIGINFO | SA_RESTART };

	action.sa_sigaction = doorbell;
	sigemptyset(&action.sa_mask);
	if (sigaction(app->opt.doorbell, &action, &app->doorbell_old))
		return state_error(-errno, "no handler for the doorbell, signal %d: %s",
				   app->opt.doorbell, strerror(errno));
	app->doorbell_there = true;
	return 0;
}

/*
 * What came late is still pending if the caller has the signal blocked: it is ours,
 * and would be met as the caller's. Async-signal-safe: the child of a fork calls it.
 */
void doorbell_remove(struct app *app)
{
	if (!app->doorbell_there)
		return;
	app->doorbell_there = false;
	os_discard(app->opt.doorbell);
	sigaction(app->opt.doorbell, &app->doorbell_old, NULL);
}
