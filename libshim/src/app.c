// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * The life of an app.
 *
 *	rtfm_run	check the declaration and the options, choose the engine,
 *			reserve memory, make a thread for each core but the first
 *	each core	real-time properties, the engine's part; from here it can be
 *			sent to, and runs nothing
 *	-- barrier --	here the app fails as a whole or starts as a whole
 *	each core	init, with nothing else able to run
 *	-- barrier --	no task runs before the last init has ended
 *	core 0		sets the start of the app, START_LEAD_NS ahead if a task is periodic
 *	-- barrier --
 *	each core	makes it the baseline of the jobs that init has spawned, arms
 *			the periodic tasks
 *	-- barrier --
 *	each core	from the start of the app on: jobs, idle, then park and look,
 *			until the app or the core ends
 *	rtfm_run	join the threads, put everything back
 */
#include <abi.h>
#include <errno.h>
#include <fcntl.h>

#include "arch/fpenv.h"
#include "cell.h"
#include "check.h"
#include "dispatch.h"
#include "doorbell.h"
#include "end.h"
#include "fault.h"
#include "layout.h"
#include "os.h"
#include "periodic.h"
#include "realtime.h"
#include "reason.h"
#include "slot.h"
#include "state.h"
#include "thread.h"

/*
 * From the end of the last init to the start of the app: what the cores take to wake from
 * the barrier and to arm their periodic tasks, so that the first release is as punctual as
 * any other.
 */
#define START_LEAD_NS	2000000u

#define BARRIERS 5

/* Too few descriptors or too little memory are no errors of the device. */
static int no_device(int err)
{
	if (err == EACCES || err == EPERM)
		return -EACCES;
	return err == EMFILE || err == ENFILE || err == ENOMEM ? -err : -ENODEV;
}

/* If the device exists but cannot be opened, report it: engine soft was probably not intended. */
static int open_device(struct app *app)
{
	long offset = reason_clock_offset();
	char why[400];
	int err = 0;

	app->fd = open("/dev/rtfm", O_RDWR | O_CLOEXEC);
	if (app->fd < 0) {
		err = errno;
		reason_device(why, sizeof(why), err);
		err = no_device(err);
	} else if (offset) {
		snprintf(why, sizeof(why),
			 "CLOCK_MONOTONIC of this time namespace differs by %ld s from the host's, which the module uses: use engine soft, or leave the time namespace",
			 offset);
		close(app->fd);
		app->fd = -1;
		err = -EOPNOTSUPP;
	}
	if (err && app->opt.engine == RTFM_ENGINE_KMOD)
		return state_error(err, "engine kmod: /dev/rtfm: %s", why);
	if (err && !access("/dev/rtfm", F_OK) && app->opt.realtime != RTFM_REALTIME_OFF)
		os_tell("rtfm: engine soft, not kmod: /dev/rtfm: %s\n", why);
	return 0;
}

static int choose_engine(struct app *app)
{
	enum rtfm_engine engine = app->opt.engine;
	int err = 0;

	if (engine == RTFM_ENGINE_AUTO || engine == RTFM_ENGINE_KMOD)
		err = open_device(app);
	if (engine == RTFM_ENGINE_SIGNAL)
		app->engine = &engine_signal;
	else
		app->engine = app->fd >= 0 ? &engine_kmod : &engine_soft;
	return err;
}

/* The nth time: all cores have arrived n times when this returns. */
static void barrier(struct core *core, uint32_t n)
{
	struct app *app = core->app;
	uint32_t all = n * app->decl->ncores, arrived;

	core->arrived = n;
	arrived = __atomic_add_fetch(&app->arrived, 1, __ATOMIC_SEQ_CST);

	if (app->decl->ncores == 1)
		return;
	if (arrived >= all) {
		os_futex_wake(&app->arrived, INT32_MAX);
		return;
	}
	while (arrived < all) {
		os_futex_wait(&app->arrived, arrived, TIMER_NEVER);
		arrived = __atomic_load_n(&app->arrived, __ATOMIC_SEQ_CST);
	}
}

static void run_init(struct core *core)
{
	struct rtfmx_cx cx = { &core->pub, core->pub.ctl, core->app->baseline };
	void (*init)(struct rtfmx_cx *cx) = core->app->decl->cores[core->nr].init;
	struct rtfmx_fp fp;

	if (!init)
		return;
	realtime_unpin(core);
	rtfmx_fp_enter(&core->app->fp, &fp);
	init(&cx);
	rtfmx_fp_leave(&fp);
	realtime_pin(core);
}

static void run_idle(struct core *core)
{
	struct rtfmx_cx cx = { &core->pub, core->pub.ctl, core->app->start };
	void (*idle)(struct rtfmx_cx *cx) = core->app->decl->cores[core->nr].idle;
	struct rtfmx_fp fp;

	rtfmx_fp_enter(&core->app->fp, &fp);
	if (idle && !state_ending(core)) {
		idle(&cx);
		dispatch_check_idle(core, false);
	}
	core->idle = true;
	while (!state_ending(core))
		rtfmx_wait(&core->pub);
	rtfmx_fp_leave(&fp);
}

/*
 * The inits have ended: agree upon the start of the app, prepare for it, and wait for it.
 * An app that was told to end in the meantime need not wait.
 */
static void await_start(struct core *core)
{
	struct app *app = core->app;
	int err;

	barrier(core, 3);
	if (!core->nr)
		app->start = rtfm_now() + (periodic_any(app->decl) ? START_LEAD_NS : 0);
	barrier(core, 4);
	slot_rebase(core, app->baseline, app->start);
	cell_rebase(core, app->baseline, app->start);
	err = periodic_arm(core);
	if (err)
		end_abort(app, err, "the timers of periodic tasks");
	barrier(core, BARRIERS);
	while (!state_ending(core) && rtfm_now() < app->start)
		os_sleep_until(app->start);
}

/* All cores have tried to start: does the app? From here it may be told to end. */
static void decide(struct app *app)
{
	int err = __atomic_load_n(&app->failed, __ATOMIC_SEQ_CST);

	if (!err)
		err = realtime_verdict(app);
	if (err) {
		state_fail(app, err);
		app->stillborn = true;
		return;
	}
	app->baseline = rtfm_now();
	__atomic_store_n(&app->live, 1, __ATOMIC_SEQ_CST);
	app->stillborn = end_if_requested(app);
}

static void close_core(struct core *core)
{
	core->app->engine->core_close(core);
	__atomic_store_n(&core->over, 1, __ATOMIC_SEQ_CST);
}

static void stop_core(struct core *core, bool started)
{
	/* no upcall from here on, whose entry needs self: of a core that did not live, too */
	RTFMX_STORE(&core->pub.ctl->masked, 1);
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	self = NULL;
	if (started)
		core->app->engine->core_stop(core);
	realtime_core_restore(core);
	fault_close(core);
	core->stopped = true;
}

/*
 * A body has ended the thread: pthread_exit(), or a cancellation that it has let in. Without
 * this core the app cannot go on. Its error is what rtfm_run() returns; but the thread of
 * core 0 does not get there.
 */
static void core_died(void *arg)
{
	struct core *core = arg;
	char place[FAULT_PLACE], text[FAULT_PLACE + 100];

	fault_place(core, place, sizeof(place));
	snprintf(text, sizeof(text),
		 "core %u: its thread has ended %s, by pthread_exit() or a cancellation", core->nr,
		 place);
	if (!core->nr) {
		os_tell("rtfm: %s\n", text);
		fault_remove(core->app);
		abort();
	}
	end_failed(core->app, state_error(-EOWNERDEAD, "%s", text));
	while (core->arrived < BARRIERS)
		barrier(core, core->arrived + 1);
	close_core(core);
	stop_core(core, true);
}

static void live_core(struct core *core)
{
	pthread_cleanup_push(core_died, core);
	run_init(core);
	await_start(core);
	core->app->engine->core_open(core);
	run_idle(core);
	pthread_cleanup_pop(0);
	close_core(core);
}

static void run_core(struct core *core)
{
	struct app *app = core->app;
	bool started;
	int err;

	core->tid = os_gettid();
	core->pub.fp = app->fp;
	core->thread_errno = &errno;
	self = core;
	fault_open(core, __builtin_alloca(fault_stack()));
	realtime_core(core);
	err = app->engine->core_start(core);
	started = !err;
	if (err)
		state_fail(app, err);
	barrier(core, 1);
	if (!core->nr)
		decide(app);
	barrier(core, 2);
	/* all cores go the same way: another may have failed by now, in its init */
	if (!app->stillborn)
		live_core(core);
	stop_core(core, started);
}

static void *core_thread(void *arg)
{
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
	run_core(arg);
	return NULL;
}

/*
 * The child of a fork has no app: its memory was not copied. It may run one of its
 * own, which must not take our doorbell for the handler that was there before.
 */
static void after_fork(void)
{
	/* of a thread that is no core, nothing is ours */
	if (self) {
		realtime_ordinary(&the_app);
		pthread_setcancelstate(the_app.cancel_state, NULL);
	}
	self = NULL;
	the_app.memory = NULL;
	doorbell_remove(&the_app);
	fault_remove(&the_app);
	the_app.live = 0;
	end_after_fork();
}

static int fork_err;

static void register_fork(void)
{
	fork_err = -pthread_atfork(NULL, NULL, after_fork);
}

/* A thread that cannot be made arrives at the barriers as a failed core would. */
static uint32_t make_threads(struct app *app)
{
	uint32_t c;

	for (c = 1; c < app->decl->ncores; c++) {
		int err = thread_core(&app->cores[c], core_thread);

		if (err) {
			state_fail(app, state_error(err, "core %u: cannot create a thread: %s", c,
						    strerror(-err)));
			__atomic_fetch_add(&app->arrived, 2 * (app->decl->ncores - c),
					   __ATOMIC_SEQ_CST);
			break;
		}
	}
	return c;
}

/* What ends a thread in the kernel, with exit(2) or by a filter of seccomp, is found only here. */
static void join(struct core *core)
{
	pthread_join(core->thread, NULL);
	if (!core->stopped)
		state_fail(core->app, state_error(-EOWNERDEAD,
						  "core %u: its thread has ended, by exit(2) or by a seccomp filter",
						  core->nr));
}

static int run(struct app *app)
{
	uint32_t made, c;

	realtime_process(app);
	made = make_threads(app);
	run_core(&app->cores[0]);
	for (c = 1; c < made; c++)
		join(&app->cores[c]);
	__atomic_store_n(&app->live, 0, __ATOMIC_SEQ_CST);
	end_await_callers();
	realtime_process_restore(app);
	return state_failure(app);
}

static int prepare(struct app *app, const struct rtfm_app *decl,
		   const struct rtfm_options *options)
{
	int err = check_declaration(decl);

	if (err)
		return err;
	memset(app, 0, sizeof(*app));
	app->fd = -1;
	app->caller = os_gettid();
	app->pid = getpid();
	app->caller_mask = os_mask();
	app->decl = decl;
	err = check_options(app, options);
	app->fp = fpenv_choose(app->opt.fp);
	if (!err)
		err = choose_engine(app);
	return err;
}

PUBLIC int rtfm_run(const struct rtfm_app *decl, const struct rtfm_options *options)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct app *app = &the_app;
	int saved = errno;
	int cancel_state, ret, status;

	if (!end_begin())
		return state_busy();
	/* a core cannot be cancelled in a job; its caller is when this returns */
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel_state);
	state_begin();
	pthread_once(&once, register_fork);
	ret = prepare(app, decl, options);
	app->cancel_state = cancel_state;
	if (!ret && fork_err)
		ret = state_error(fork_err, "pthread_atfork() failed: %s",
				  strerror(-fork_err));
	if (!ret) {
		ret = end_catch_signals(app);
		if (!ret)
			ret = app->engine->start(app);
		if (!ret) {
			fault_install(app);
			ret = run(app);
			fault_remove(app);
			app->engine->stop(app);
		}
	}
	if (app->fd >= 0)
		close(app->fd);
	app->fd = -1;
	__atomic_store_n(&app->engine, NULL, __ATOMIC_RELEASE);
	ret = state_end(ret);
	end_release_signals();
	status = end_status();
	pthread_setcancelstate(cancel_state, NULL);
	errno = saved;
	return ret ? ret : status;
}
