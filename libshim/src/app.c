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
 *	each core	idle, then park and look, until the app or the core ends
 *	rtfm_run	join the threads, put everything back
 */
#include <abi.h>
#include <ceiling.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>

#include "core.h"
#include "layout.h"
#include "os.h"
#include "periodic.h"
#include "state.h"

static int busy;		/* rtfm_run() is between its first and its last line */
static uint32_t visitors;	/* foreign threads that are inside rtfm_exit(), and AWAITED */
#define AWAITED (1u << 31)	/* rtfm_run() sleeps until there are none */
/* ---- checks ------------------------------------------------------------ */

/* The compiler has checked the list; this is for a declaration made by hand. */
static int check_task(const struct rtfm_app *decl, const struct rtfmx_task_info *task)
{
	if (task->core >= decl->ncores)
		return state_error(-EINVAL, "task %s: core %u does not exist", task->name,
				   task->core);
	if (task->priority < 1 || task->priority > RTFM_MAX_PRIORITY)
		return state_error(-EINVAL, "task %s: priority %u is not 1..31", task->name,
				   task->priority);
	if (task->capacity < 1 || task->capacity > RTFMX_MAX_CAPACITY)
		return state_error(-EINVAL, "task %s: capacity %u is not 1..4096", task->name,
				   task->capacity);
	if (task->period && (task->period < 1000 || task->period > INT64_MAX))
		return state_error(-EINVAL, "task %s: period %llu is not 1000..2^63-1 ns",
				   task->name, (unsigned long long)task->period);
	if (task->offset > INT64_MAX / 2 || (task->offset && !task->period))
		return state_error(-EINVAL,
				   "task %s: offset %llu is not 0..2^62 ns of a periodic task",
				   task->name, (unsigned long long)task->offset);
	if (task->period && task->size)
		return state_error(-EINVAL, "task %s: a periodic task takes no message",
				   task->name);
	return 0;
}

/* What a core's timer queue can hold, on every engine. */
static int check_slots(const struct rtfm_app *decl)
{
	uint32_t c, timers;

	for (c = 0; c < decl->ncores; c++) {
		timers = layout_timers(decl, c);
		if (timers > RTFM_MAX_TIMERS)
			return state_error(-EINVAL,
					   "core %u: its tasks have %u slots, with those of remote senders; at most %d",
					   c, timers, RTFM_MAX_TIMERS);
	}
	return 0;
}

static int check_declaration(const struct rtfm_app *decl)
{
	uint32_t t;
	int err;

	if (!decl)
		return state_error(-EINVAL, "rtfm_run: no app");
	if (decl->size != sizeof(*decl))
		return state_error(-EINVAL, "app %s was built with another version of rtfm.h",
				   decl->name);
	if (!decl->ncores || decl->ncores > RTFM_MAX_CORES)
		return state_error(-EINVAL, "app %s: %u cores, not 1..32", decl->name,
				   decl->ncores);
	if (decl->ntasks > RTFMX_MAX_TASKS)
		return state_error(-EINVAL, "app %s: more than 4096 tasks", decl->name);
	for (t = 0; t < decl->ntasks; t++) {
		err = check_task(decl, &decl->tasks[t]);
		if (err)
			return err;
	}
	return check_slots(decl);
}

static int check_cpus(const struct rtfm_app *decl, const struct rtfm_options *opt)
{
	uint32_t i;

	if (!opt->cpus)
		return 0;
	if (opt->ncpus < decl->ncores)
		return state_error(-EINVAL, "options: %u CPUs for %u cores", opt->ncpus,
				   decl->ncores);
	for (i = 0; i < decl->ncores; i++)
		if (opt->cpus[i] < 0 || opt->cpus[i] >= CPU_SETSIZE)
			return state_error(-EINVAL, "options: no CPU %d", opt->cpus[i]);
	return 0;
}

static size_t stack_limit(void)
{
	struct rlimit limit = { 0, 0 };

	getrlimit(RLIMIT_STACK, &limit);
	return limit.rlim_cur < 128 << 20 ? limit.rlim_cur : 128 << 20;
}

/* What the caller's stack has room for. */
static size_t stack_room(void)
{
	char *base = NULL;
	size_t size = 0;

	/* without /proc that of the first thread is not known */
	if (os_stack(&base, &size))
		return stack_limit();
	size = (uintptr_t)__builtin_frame_address(0) - (uintptr_t)base;
	return size < 128 << 20 ? size : 128 << 20;
}

/* The kernel visits all threads of the process to send one of these. */
static bool is_job_control(int sig)
{
	return sig == SIGSTOP || sig == SIGTSTP || sig == SIGTTIN || sig == SIGTTOU ||
	       sig == SIGCONT;
}

static int check_options(const struct rtfm_app *decl, struct rtfm_options *opt,
			 const struct rtfm_options *given)
{
	memset(opt, 0, sizeof(*opt));
	if (given) {
		if (given->size != sizeof(*opt))
			return state_error(-EINVAL, "options: size is %zu, not %zu", given->size,
					   sizeof(*opt));
		*opt = *given;
	}
	if ((unsigned int)opt->engine > RTFM_ENGINE_KMOD)
		return state_error(-EINVAL, "options: no engine %d", opt->engine);
	if ((unsigned int)opt->realtime > RTFM_REALTIME_OFF)
		return state_error(-EINVAL, "options: no realtime %d", opt->realtime);
	if ((unsigned int)opt->policy > RTFM_POLICY_OTHER)
		return state_error(-EINVAL, "options: no policy %d", opt->policy);
	if (opt->flags & ~(unsigned int)(RTFM_NO_MLOCK | RTFM_NO_AFFINITY | RTFM_POLL))
		return state_error(-EINVAL, "options: unknown flags %#x", opt->flags);
	if (opt->priority < 0 || opt->priority > 98)
		return state_error(-EINVAL, "options: priority %d is not 1..98", opt->priority);
	/* a real-time signal can be lost for want of queue memory */
	if (opt->doorbell < 0 || opt->doorbell >= 32 || opt->doorbell == SIGKILL ||
	    is_job_control(opt->doorbell))
		return state_error(-EINVAL,
				   "options: signal %d cannot be a doorbell: it is a standard one that can be caught, and not of job control",
				   opt->doorbell);
	if ((unsigned int)opt->delivery > RTFM_DELIVERY_DOORBELL)
		return state_error(-EINVAL, "options: no delivery %d", opt->delivery);
	if (!opt->priority)
		opt->priority = 1;
	if (!opt->doorbell)
		opt->doorbell = SIGURG;
	if (!opt->stack)
		opt->stack = 64 << 10;
	if (opt->stack > stack_room() / 2)
		return state_error(-EINVAL,
				   "options: stack %zu is more than half of what the caller's has left, %zu",
				   opt->stack, stack_room());
	return check_cpus(decl, opt);
}

static int from_environment(const char *name, const char *const *words, int count)
{
	const char *value = getenv(name);
	int i;

	if (!value || !*value)
		return 0;
	for (i = 1; i < count; i++)
		if (words[i] && !strcmp(value, words[i]))
			return i;
	return -1;
}

static int choose_realtime(struct rtfm_options *opt)
{
	static const char *const words[] = {
		[RTFM_REALTIME_PREFER] = "prefer",
		[RTFM_REALTIME_REQUIRE] = "require",
		[RTFM_REALTIME_OFF] = "off",
	};
	int word;

	if (opt->realtime != RTFM_REALTIME_DEFAULT)
		return 0;
	word = from_environment("RTFM_REALTIME", words, 4);
	if (word < 0)
		return state_error(-EINVAL, "RTFM_REALTIME=%s: it is require, prefer or off",
				   getenv("RTFM_REALTIME"));
	opt->realtime = word ? (enum rtfm_realtime)word : RTFM_REALTIME_PREFER;
	return 0;
}

static int choose_delivery(struct rtfm_options *opt)
{
	static const char *const words[] = {
		[RTFM_DELIVERY_AUTO] = "auto",
		[RTFM_DELIVERY_UPCALL] = "upcall",
		[RTFM_DELIVERY_DOORBELL] = "doorbell",
	};
	int word;

	if (opt->delivery != RTFM_DELIVERY_DEFAULT)
		return 0;
	word = from_environment("RTFM_DELIVERY", words, 4);
	if (word < 0)
		return state_error(-EINVAL, "RTFM_DELIVERY=%s: it is auto, upcall or doorbell",
				   getenv("RTFM_DELIVERY"));
	opt->delivery = word ? (enum rtfm_delivery)word : RTFM_DELIVERY_AUTO;
	return 0;
}

/* Why /dev/rtfm does not open: that files are short says nothing of the device. */
static int no_device(int err)
{
	if (err == EACCES || err == EPERM)
		return -EACCES;
	return err == EMFILE || err == ENFILE || err == ENOMEM ? -err : -ENODEV;
}

static int choose_engine(struct app *app)
{
	static const char *const words[] = {
		[RTFM_ENGINE_AUTO] = "auto",
		[RTFM_ENGINE_SIGNAL] = "signal",
		[RTFM_ENGINE_SOFT] = "soft",
		[RTFM_ENGINE_KMOD] = "kmod",
	};
	enum rtfm_engine engine = app->opt.engine;
	int word;

	if (engine == RTFM_ENGINE_DEFAULT) {
		word = from_environment("RTFM_ENGINE", words, 5);
		if (word < 0)
			return state_error(-EINVAL,
					   "RTFM_ENGINE=%s: it is signal, soft, kmod or auto",
					   getenv("RTFM_ENGINE"));
		engine = word ? (enum rtfm_engine)word : RTFM_ENGINE_AUTO;
	}
	app->fd = -1;
	if (engine == RTFM_ENGINE_AUTO || engine == RTFM_ENGINE_KMOD) {
		app->fd = open("/dev/rtfm", O_RDWR | O_CLOEXEC);
		if (app->fd < 0 && engine == RTFM_ENGINE_KMOD)
			return state_error(no_device(errno),
					   "engine kmod: /dev/rtfm: %s%s", strerror(errno),
					   errno == ENOENT ? " (is rtfm.ko loaded?)" : "");
	}
	if (engine == RTFM_ENGINE_SIGNAL)
		app->engine = &engine_signal;
	else
		app->engine = app->fd >= 0 ? &engine_kmod : &engine_soft;
	return 0;
}

/* ---- the cores --------------------------------------------------------- */

/* The nth time: all cores have arrived n times when this returns. */
static void barrier(struct app *app, uint32_t n)
{
	uint32_t all = n * app->decl->ncores;
	uint32_t arrived = __atomic_add_fetch(&app->arrived, 1, __ATOMIC_SEQ_CST);

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

static void run_init(struct core *core, uint64_t start)
{
	struct rtfmx_cx cx = { &core->pub, core->pub.ctl, start };
	void (*init)(struct rtfmx_cx *cx) = core->app->decl->cores[core->nr].init;

	if (init)
		init(&cx);
}

static void run_idle(struct core *core, uint64_t start)
{
	struct rtfmx_cx cx = { &core->pub, core->pub.ctl, start };
	void (*idle)(struct rtfmx_cx *cx) = core->app->decl->cores[core->nr].idle;

	if (idle && !state_ending(core))
		idle(&cx);
	core->idle = true;
	while (!state_ending(core))
		rtfmx_wait(&core->pub);
}

PUBLIC void rtfmx_wait(struct rtfmx_core *pub)
{
	struct core *core = core_of(pub);
	int saved = errno;

	if (!state_ending(core)) {
		core->app->engine->park(core);
		if (core->app->engine->direct)
			dispatch_look(core);
	}
	errno = saved;
}

/* All cores have tried to start: does the app? From here it may be told to end. */
static void decide(struct app *app)
{
	int err = __atomic_load_n(&app->failed, __ATOMIC_SEQ_CST);

	if (!err)
		err = os_realtime_verdict(app);
	if (err)
		state_fail(app, err);
	else
		__atomic_store_n(&app->live, 1, __ATOMIC_SEQ_CST);
}

static void run_core(struct core *core)
{
	struct app *app = core->app;
	const struct engine *engine = app->engine;
	bool started;
	int err;

	core->tid = os_gettid();
	core->thread_errno = &errno;
	self = core;
	os_thread_realtime(core);
	err = engine->core_start(core);
	started = !err;
	if (err)
		state_fail(app, err);
	barrier(app, 1);
	if (!core->nr)
		decide(app);
	barrier(app, 2);
	if (!__atomic_load_n(&app->failed, __ATOMIC_SEQ_CST)) {
		run_init(core, app->start);
		err = periodic_arm(core);
		if (err)
			app_abort(app, err, "the timers of periodic tasks");
		barrier(app, 3);
		engine->core_open(core);
		run_idle(core, app->start);
		engine->core_close(core);
		__atomic_store_n(&core->over, 1, __ATOMIC_SEQ_CST);
	}
	self = NULL;
	if (started)
		engine->core_stop(core);
	os_thread_restore(core);
}

static void *core_thread(void *arg)
{
	run_core(arg);
	return NULL;
}

/*
 * The child of a fork has no app: its memory was not copied. It may run one of its
 * own, which must not take our doorbell for the handler that was there before.
 */
static void after_fork(void)
{
	self = NULL;
	doorbell_remove(&the_app);
	the_app.live = 0;
	busy = 0;
	visitors = 0;
}

static void register_fork(void)
{
	pthread_atfork(NULL, NULL, after_fork);
}

/* A thread that cannot be made arrives at the barriers as a failed core would. */
static uint32_t make_threads(struct app *app)
{
	uint32_t c;

	for (c = 1; c < app->decl->ncores; c++) {
		int err = os_core_thread(&app->cores[c], core_thread);

		if (err) {
			state_fail(app, state_error(err, "core %u: no thread: %s", c,
						    strerror(-err)));
			__atomic_fetch_add(&app->arrived, 2 * (app->decl->ncores - c),
					   __ATOMIC_SEQ_CST);
			break;
		}
	}
	return c;
}

/*
 * Sleeping, not yielding: this thread may be SCHED_FIFO, and a visitor that it has
 * preempted on its own CPU is not.
 */
static void await_visitors(void)
{
	uint32_t now = __atomic_or_fetch(&visitors, AWAITED, __ATOMIC_SEQ_CST);

	while (now != AWAITED) {
		os_futex_wait(&visitors, now, TIMER_NEVER);
		now = __atomic_load_n(&visitors, __ATOMIC_SEQ_CST);
	}
	__atomic_fetch_and(&visitors, ~AWAITED, __ATOMIC_SEQ_CST);
}

static int run(struct app *app)
{
	uint32_t made, c;
	int err;

	os_process_realtime(app);
	app->start = rtfm_now();
	made = make_threads(app);
	run_core(&app->cores[0]);
	for (c = 1; c < made; c++)
		pthread_join(app->cores[c].thread, NULL);
	__atomic_store_n(&app->live, 0, __ATOMIC_SEQ_CST);
	await_visitors();
	os_process_restore(app);
	err = state_failure(app);
	if (err)
		return err;
	return app->stopping & 0xff;
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
	app->decl = decl;
	err = check_options(decl, &app->opt, options);
	if (!err)
		err = choose_realtime(&app->opt);
	if (!err)
		err = choose_delivery(&app->opt);
	if (!err)
		err = choose_engine(app);
	return err;
}

PUBLIC int rtfm_run(const struct rtfm_app *decl, const struct rtfm_options *options)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct app *app = &the_app;
	int saved = errno;
	int none = 0;
	int ret;

	if (!__atomic_compare_exchange_n(&busy, &none, 1, false, __ATOMIC_ACQUIRE,
					 __ATOMIC_RELAXED))
		return state_error(-EBUSY, "an app is running in this process");
	pthread_once(&once, register_fork);
	ret = prepare(app, decl, options);
	if (!ret) {
		ret = app->engine->start(app);
		if (!ret) {
			ret = run(app);
			app->engine->stop(app);
		}
	}
	if (app->fd >= 0)
		close(app->fd);
	app->fd = -1;
	__atomic_store_n(&app->engine, NULL, __ATOMIC_RELEASE);
	__atomic_store_n(&busy, 0, __ATOMIC_RELEASE);
	errno = saved;
	return ret;
}

/* ---- the end ----------------------------------------------------------- */

/* &struct app.stopping: the status, and that there is one. */
#define STOPPING 0x100

/* The next spawn, and the next look, of this core go out of line, and find out. */
/* First of all no job starts: one that did would put its slot back on a list. */
static void close_core(struct core *core)
{
	uint32_t t;

	rtfmx_local_or(&core->pub.ctl->ready, RTFM_READY_STOP);
	RTFMX_BARRIER();
	for (t = 0; t < core->app->decl->ntasks; t++)
		core->pub.ports[t].free = NULL;
}

static void stop_all(struct app *app, int status)
{
	int none = 0;
	uint32_t c;

	if (!__atomic_compare_exchange_n(&app->stopping, &none, STOPPING | (status & 0xff), false,
					 __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
		return;
	if (self)
		close_core(self);
	for (c = 0; c < app->decl->ncores; c++)
		if (&app->cores[c] != self && !state_over(&app->cores[c]))
			dispatch_post(&app->cores[c], RTFM_READY_STOP);
}

PUBLIC void rtfm_exit(int status)
{
	int saved = errno;

	/* rtfm_run() waits for visitors before it takes the app away */
	__atomic_fetch_add(&visitors, 1, __ATOMIC_SEQ_CST);
	if (state_live(&the_app))
		stop_all(&the_app, status);
	if (__atomic_sub_fetch(&visitors, 1, __ATOMIC_SEQ_CST) == AWAITED)
		os_futex_wake(&visitors, 1);
	errno = saved;
}

void app_abort(struct app *app, int err, const char *text)
{
	state_error(err, "%s: %s", text, strerror(-err));
	state_fail(app, err);
	stop_all(app, 0);
}

PUBLIC void rtfm_leave(void)
{
	struct core *core = self;

	if (!core)
		return;
	__atomic_store_n(&core->over, 1, __ATOMIC_SEQ_CST);
	close_core(core);
}
