// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * Who runs when: the dispatcher of the engines soft and kmod.
 *
 * A job of level p starts when p is above the system ceiling, on top of whatever
 * the thread is doing. Four things make the thread look: a spawn of its own, the
 * end of a lock, the end of a job, and a doorbell (another core, or time). All
 * four end in look().
 *
 * Invariants, seen from the core's own thread:
 *
 *  I1 masked == 0 and the thread is outside look(): no bit of ready is above the
 *     ceiling, unless a doorbell is about to be handled.
 *  I2 A job in a ring has its bit in ready or remote_ready, or look() is between
 *     clearing the bit and taking the job out.
 *  I3 The ceiling is lowered only where a look follows.
 *  I4 Between masked = 1 and masked = 0 no job of this core runs and nobody else
 *     touches this thread's ends of the rings.
 *
 * The bits are cleared before the rings are looked at, so a job that arrives in
 * between leaves a bit too many, never one too few.
 */
#include <ceiling.h>
#include <errno.h>
#include <ring.h>

#include "arch/fpenv.h"
#include "core.h"
#include "os.h"

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

void dispatch_push_local(struct core *core, uint32_t level, uint32_t job)
{
	struct rtfm_ctl *ctl = core->pub.ctl;
	struct rtfmx_ring *ring = ring_of(core, level, core->nr);
	struct rtfm_job *entry = &ring->job[rtfm_ring_index(ring->tail, ring->entries)];

	entry->job = job;
	entry->seq = rtfmx_local_count(&ctl->seq);
	ring->tail++;
	rtfmx_local_or(&ctl->ready, rtfm_ready_bit(level));
}

/*
 * The sender's half of the fence that rtfmx_unlock() and look() have: first the
 * bit, then a look at the receiver.
 *
 * A kick costs a system call, so one that another sender has completed is not
 * repeated. @kicked is the receiver's epoch as that sender read it *before* it set
 * its bit, stored *after* its kick. The receiver counts the epoch up right before
 * and right after it takes bits. Our bit is set; if kicked == epoch now, then
 *
 *	the epoch was read outside of a taking: the other's bit has not been taken
 *	yet, its kick is still to be answered with a look, and that takes ours, too;
 *
 *	or it was read inside of one, which goes on: the kick falls upon a masked
 *	receiver, or later, so another look follows this one.
 *
 * Counting on one side only would lose: a sender that reads the new epoch, and
 * whose bit the same exchange takes, would leave it as the epoch of a kick to
 * which no look with a bit to take ever answers. A sender that stalls between its
 * bit and its kick has stored nothing yet and silences nobody.
 */
void dispatch_post(struct core *target, uint64_t bits)
{
	struct rtfm_ctl *ctl = target->pub.ctl;
	uint32_t epoch = __atomic_load_n(&target->epoch, __ATOMIC_SEQ_CST);
	uint32_t state;

	/* pairs with RTFMX_FENCE() in rtfmx_unlock(), look() and the parks */
	__atomic_fetch_or(&ctl->remote_ready, bits, __ATOMIC_SEQ_CST);
	state = __atomic_load_n(&ctl->state, __ATOMIC_SEQ_CST);
	if (state == RTFM_STATE_POLLING)
		return;
	if (state == RTFM_STATE_RUNNING && !rtfm_ready_above(bits, RTFMX_LOAD(&ctl->ceiling)))
		return;
	/* pairs with take_over() and the store below */
	if (__atomic_load_n(&target->kicked, __ATOMIC_SEQ_CST) ==
	    __atomic_load_n(&target->epoch, __ATOMIC_SEQ_CST))
		return;
	target->app->engine->kick(target);
	__atomic_store_n(&target->kicked, epoch, __ATOMIC_SEQ_CST);
}

/* The rings of other cores take turns, so that none of them starves another. */
static bool pop_remote(struct core *core, uint32_t level, uint32_t *job)
{
	uint32_t ncores = core->app->decl->ncores;
	uint32_t i;

	for (i = 0; i < ncores; i++) {
		uint32_t sender = core->turn++ % ncores;
		struct rtfmx_ring *ring = ring_of(core, level, sender);
		uint32_t head;

		if (sender == core->nr || !ring)
			continue;
		head = ring->head;
		/* pairs with the release in push_remote() */
		if (!rtfm_ring_used(head, rtfm_load_acquire(&ring->tail), ring->entries))
			continue;
		*job = ring->job[rtfm_ring_index(head, ring->entries)].job;
		/* pairs with nothing that matters: slots bound the ring, it is never full */
		rtfm_store_release(&ring->head, head + 1);
		return true;
	}
	return false;
}

/* What this CPU made ready comes in the order in which it did: seq. */
static bool pop_local(struct core *core, uint32_t level, uint32_t *job)
{
	struct rtfm_ctl *ctl = core->pub.ctl;
	struct rtfmx_ring *ring = ring_of(core, level, core->nr);
	struct rtfm_job *own = NULL, *timed = NULL;

	if (ring->head != ring->tail)
		own = &ring->job[rtfm_ring_index(ring->head, ring->entries)];
	if (core->kernel_entries) {
		uint32_t head = ctl->khead[level];

		/* pairs with the release in the module's push */
		if (rtfm_ring_used(head, rtfm_load_acquire(&ctl->ktail[level]),
				   core->kernel_entries))
			timed = &core->kernel_rings[level]
						   [rtfm_ring_index(head, core->kernel_entries)];
	}
	if (timed && (!own || (int32_t)(timed->seq - own->seq) <= 0)) {
		*job = timed->job;
		/* pairs with the acquire in the module's push */
		rtfm_store_release(&ctl->khead[level], ctl->khead[level] + 1);
		return true;
	}
	if (!own)
		return false;
	*job = own->job;
	ring->head++;
	return true;
}

static bool pop(struct core *core, uint32_t level, uint32_t *job)
{
	if (pop_local(core, level, job))
		return true;
	return core->remote & 1u << level && pop_remote(core, level, job);
}

void dispatch_run(struct core *core, uint32_t job)
{
	const struct rtfmx_task_info *task = task_of(core->app, job);
	struct rtfmx_slot *slot = slot_of(core->app, job);
	struct rtfmx_cx cx = { &core->pub, core->pub.ctl, slot->scheduled, job, 0 };

	task->run(&cx, slot + 1);
}

/*
 * The payload is on the stack now: free the slot, then let higher jobs in. What
 * arrived above this level since the job was chosen runs first.
 */
PUBLIC void rtfmx_begin(struct rtfmx_cx *cx)
{
	struct core *core = core_of(cx->rtfmx_core);
	struct rtfm_ctl *ctl = cx->rtfmx_ctl;
	struct rtfmx_slot *slot = slot_of(core->app, cx->rtfmx_job);
	uint32_t state = RTFMX_LOAD(&slot->state);

	/* a timer of the kernel: nobody told the slot that it has come */
	if ((state & 3u) == SLOT_ARMED)
		__atomic_store_n(&slot->state, SLOT_STATE(SLOT_GEN(state), SLOT_IDLE),
				 __ATOMIC_RELEASE);
	slot_give(core, cx->rtfmx_job);
	if (!core->app->engine->direct)
		return;
	unmask(ctl);
	if (RTFMX_UNLIKELY(rtfmx_due(RTFMX_LOAD(&ctl->ready), RTFMX_LOAD(&ctl->ceiling))))
		rtfmx_dispatch(&core->pub);
}

static void next_epoch(struct core *core)
{
	__atomic_store_n(&core->epoch, (core->epoch + 1) & EPOCH_MASK, __ATOMIC_SEQ_CST);
}

/*
 * Take over what others made ready; serve what is not a level. Masked.
 *
 * First the notes (a doorbell leaves RTFM_READY_LOOK), then what they are about:
 * a bit that is set after the exchange is told of by a note after the clear.
 */
static void take_over(struct core *core)
{
	struct rtfm_ctl *ctl = core->pub.ctl;
	uint64_t notes = RTFMX_LOAD(&ctl->ready) & RTFM_READY_ATTENTION;
	uint64_t bits;

	if (notes)
		rtfmx_local_clear(&ctl->ready, notes);
	if (RTFMX_LOAD(&ctl->remote_ready)) {
		/* on both sides of the exchange, which is a full fence: see dispatch_post() */
		next_epoch(core);
		bits = __atomic_exchange_n(&ctl->remote_ready, 0, __ATOMIC_SEQ_CST);
		next_epoch(core);
		rtfmx_local_or(&ctl->ready, bits & RTFM_READY_LEVELS);
		notes |= bits;
	}
	if (notes & RTFM_READY_TIME)
		core->app->engine->expire(core);
	/* the end stays: a core that is about to park has to see it, too */
	if (notes & RTFM_READY_STOP)
		rtfmx_local_or(&ctl->ready, RTFM_READY_STOP);
}

static void run_highest(struct core *core, uint32_t level, uint32_t ceiling)
{
	struct rtfm_ctl *ctl = core->pub.ctl;
	struct fpenv fpenv;
	uint32_t job;

	rtfmx_local_clear(&ctl->ready, rtfm_ready_bit(level));
	if (!pop(core, level, &job))
		return;
	/* there may be more, of this level and of any sender */
	rtfmx_local_or(&ctl->ready, rtfm_ready_bit(level));
	RTFMX_STORE(&ctl->ceiling, level);
	fpenv_enter(&fpenv);
	dispatch_run(core, job);
	fpenv_leave(&fpenv);
	mask(ctl);
	RTFMX_STORE(&ctl->ceiling, ceiling);
	if (core->remote)
		RTFMX_FENCE();	/* pairs with dispatch_post() */
}

/*
 * Run what is above the ceiling. @blocked: this is the handler of the doorbell,
 * which the kernel has blocked; jobs run with it unblocked.
 *
 * The doorbell is blocked again before the handler unmasks. So a doorbell comes
 * upon a handler either masked, and leaves a note, or while a job runs, and there
 * are as many jobs on the stack as levels: a storm of doorbells does not pile up.
 */
static void look(struct core *core, bool blocked)
{
	const bool handler = blocked;
	struct rtfm_ctl *ctl = core->pub.ctl;
	uint32_t ceiling = RTFMX_LOAD(&ctl->ceiling);

	do {
		mask(ctl);
		for (;;) {
			uint32_t level;

			take_over(core);
			level = rtfm_ready_highest(RTFMX_LOAD(&ctl->ready));
			if (level <= ceiling || app_ending(core))
				break;
			if (blocked) {
				os_block(core->app->opt.doorbell, false);
				blocked = false;
			}
			run_highest(core, level, ceiling);
		}
		if (handler && !blocked) {
			os_block(core->app->opt.doorbell, true);
			blocked = true;
		}
		unmask(ctl);
		/* a doorbell that fell before unmask() left a bit */
	} while (rtfm_ready_above(RTFMX_LOAD(&ctl->ready), ceiling) && !app_ending(core));
}

void dispatch_look(struct core *core)
{
	look(core, false);
}

PUBLIC void rtfmx_dispatch(struct rtfmx_core *core)
{
	int saved = errno;

	dispatch_look(core_of(core));
	errno = saved;
}

PUBLIC uint32_t rtfmx_lock_slow(struct rtfm_ctl *ctl, uint32_t ceiling)
{
	struct core *core = &the_app.cores[ctl->core];

	return the_app.engine->lock(core, ceiling);
}

PUBLIC void rtfmx_unlock_slow(struct rtfm_ctl *ctl, uint32_t old)
{
	struct core *core = &the_app.cores[ctl->core];

	if (the_app.engine->unlock)
		the_app.engine->unlock(core, old);
	else
		rtfmx_dispatch(&core->pub);
}

/* ---- sending ---------------------------------------------------------- */

static void push_remote(struct core *core, struct core *target, uint32_t level, uint32_t job)
{
	struct rtfmx_ring *ring = ring_of(target, level, core->nr);
	uint32_t tail = ring->tail;

	ring->job[rtfm_ring_index(tail, ring->entries)].job = job;
	rtfm_store_release(&ring->tail, tail + 1);	/* pairs with pop_remote() */
	dispatch_post(target, rtfm_ready_bit(level));
}

int dispatch_post_job(struct core *core, struct core *target, uint32_t level, uint32_t job)
{
	if (core == target)
		dispatch_push_local(core, level, job);
	else
		push_remote(core, target, level, job);
	return 0;
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

/* Put a payload into a free slot: the job, or 0 and the reason in *err. */
static bool fill(struct core *core, uint32_t task, uint64_t scheduled, const void *payload,
		 uint32_t *job, int *err)
{
	const struct app *app = core->app;
	const struct rtfmx_task_info *info = &app->decl->tasks[task];
	struct rtfmx_port *port = &core->pub.ports[task];
	struct rtfmx_slot *slot;
	int nr;

	*err = -ESHUTDOWN;
	if (app_ending(core) || __atomic_load_n(&app->cores[info->core].over, __ATOMIC_RELAXED))
		return false;
	*err = -EAGAIN;
	nr = slot_take(port);
	if (nr < 0)
		return false;
	*job = port->job + (uint32_t)nr;
	slot = slot_of(app, *job);
	slot->scheduled = scheduled;
	memcpy(slot + 1, payload, info->size);
	return true;
}

PUBLIC int rtfmx_spawn_slow(struct rtfmx_core *pub, uint32_t task, uint64_t scheduled,
		     const void *payload)
{
	struct core *core = core_of(pub);
	const struct app *app = core->app;
	const struct rtfmx_task_info *info = &app->decl->tasks[task];
	int saved = errno;
	uint32_t job;
	int err;

	if (fill(core, task, scheduled, payload, &job, &err)) {
		err = app->engine->post(core, &app->cores[info->core], info->priority, job);
		if (err)
			slot_give(core, job);
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
	uint32_t job, gen = 0;
	int saved = errno;
	int err;

	if (instant > INT64_MAX)
		return -EINVAL;
	app->engine->exclude(core);
	if (fill(core, task, instant, payload, &job, &err)) {
		struct rtfmx_slot *slot = slot_of(app, job);

		gen = slot_next_gen(SLOT_GEN(RTFMX_LOAD(&slot->state)));
		__atomic_store_n(&slot->state, SLOT_STATE(gen, SLOT_ARMED), __ATOMIC_RELEASE);
		err = app->engine->arm(core, &app->cores[app->decl->tasks[task].core], job,
				       instant);
		if (err) {
			__atomic_store_n(&slot->state, SLOT_STATE(gen, SLOT_IDLE),
					 __ATOMIC_RELEASE);
			slot_give(core, job);
		}
	}
	app->engine->include(core);
	errno = saved;
	return err ? err : (int64_t)((uint64_t)gen << 32 | job);
}

PUBLIC int rtfmx_cancel(struct rtfmx_core *pub, int64_t handle)
{
	struct core *core = core_of(pub);
	const struct app *app = core->app;
	uint32_t job = (uint32_t)handle;
	int saved = errno;
	int err;

	if (handle <= 0 || !job_valid(app, job))
		return -ENOENT;
	app->engine->exclude(core);
	err = app->engine->disarm(core, &app->cores[task_of(app, job)->core], job,
				  (uint32_t)(handle >> 32));
	app->engine->include(core);
	errno = saved;
	return err;
}

PUBLIC int64_t rtfmx_reschedule(struct rtfmx_core *pub, int64_t handle, uint64_t instant)
{
	struct core *core = core_of(pub);
	const struct app *app = core->app;
	uint32_t job = (uint32_t)handle;
	uint32_t gen = (uint32_t)(handle >> 32);
	int saved = errno;
	int err;

	if (instant > INT64_MAX)
		return -EINVAL;
	if (handle <= 0 || !job_valid(app, job))
		return -ENOENT;
	app->engine->exclude(core);
	err = app->engine->move(core, &app->cores[task_of(app, job)->core], job, gen, instant);
	app->engine->include(core);
	errno = saved;
	return err ? err : (int64_t)((uint64_t)slot_next_gen(gen) << 32 | job);
}

/* init has ended everywhere: let jobs in. */
void dispatch_open(struct core *core)
{
	RTFMX_STORE(&core->pub.ctl->ceiling, 0);
	RTFMX_FENCE();	/* pairs with dispatch_post() */
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

		if (old->sa_flags & SA_SIGINFO)
			old->sa_sigaction(sig, info, context);
		else if (old->sa_handler != SIG_DFL && old->sa_handler != SIG_IGN)
			old->sa_handler(sig);
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
	look(core, true);
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
		return app_error(-errno, "no handler for the doorbell, signal %d: %s",
				 app->opt.doorbell, strerror(errno));
	return 0;
}

void doorbell_remove(struct app *app)
{
	sigaction(app->opt.doorbell, &app->doorbell_old, NULL);
}
