// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * Engine signal: the reference. The kernel's signal queue is the ready queue, the
 * signal mask is the ceiling.
 *
 *	level p		a real-time signal; the more urgent, the lower its number,
 *			because the lowest pending one is delivered first. The same
 *			number serves all cores: it is sent to a thread.
 *	spawn		rt_tgsigqueueinfo(), the job in si_value
 *	a job runs	as the handler; sa_mask holds the levels up to its own
 *	lock		blocks the levels up to the ceiling
 *	time		timer_create() for the thread, and a signal with a lower number
 *			than all others, whose handler sends the jobs of expired timers.
 *			The core that schedules the first job creates the timer.
 *
 * The system calls are those of linux-rtfm, in its order. Two limits: on PREEMPT_RT,
 * timer_create() expires in a softirq thread, which a busy SCHED_FIFO task starves
 * (use soft or kmod there). And if the kernel's signal queue is full
 * (RLIMIT_SIGPENDING), spawn returns -EAGAIN.
 */
#include <ceiling.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <time.h>

#include "dispatch.h"
#include "doorbell.h"
#include "layout.h"
#include "os.h"
#include "slot.h"
#include "state.h"
#include "timer.h"

/* the name of the field in timer_create(2) and in musl; glibc has none */
#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

static struct {
	int number[RTFM_LEVELS];	/* the signal of a level, 0 if no task has it */
	uint32_t level[65];		/* the level of a signal */
	int time;
	int time_ready;			/* its handler is installed; atomic */
	bool ready;			/* the handlers of the levels are installed */
	struct sigaction old[65];	/* the program's handlers */
	pid_t pid;
	int cookie;			/* new in each run */
	uint64_t levels;		/* the signals to block where no job may run */
} signals;

/* The kernel's sigset: bit n - 1 is signal n. The C library's calls would be the same. */
static int set_mask(int how, uint64_t set, uint64_t *old)
{
	return (int)syscall(SYS_rt_sigprocmask, how, &set, old, sizeof(set));
}

static uint64_t bit(int sig)
{
	return 1ULL << (sig - 1);
}

/* The signals of the levels low < p <= high. */
static uint64_t between(uint32_t low, uint32_t high)
{
	uint64_t set = 0;
	uint32_t p;

	for (p = low + 1; p <= high; p++)
		if (signals.number[p])
			set |= bit(signals.number[p]);
	return set;
}

static void set_level(struct core *core, uint32_t level)
{
	core->engine_data.signal.level = level;
	RTFMX_STORE(&core->pub.ctl->ceiling, RTFM_CEILING_SLOW | level);
	RTFMX_BARRIER();
}

static int send(struct core *target, int sig, uint32_t job)
{
	return os_send(signals.pid, target->tid, sig, signals.cookie, (int)job);
}

static int post(struct core *core, struct core *target, uint32_t level,
		struct rtfmx_slot *slot)
{
	int err = send(target, signals.number[level], slot->job);

	(void)core;
	return err == -ESRCH ? -ESHUTDOWN : err ? -EAGAIN : 0;
}

static bool ours(const siginfo_t *info)
{
	return os_sent(info, signals.pid, signals.cookie);
}

static bool of_timer(const struct core *core, const siginfo_t *info)
{
	return core && info->si_code == SI_TIMER && info->si_value.sival_ptr == core;
}

/* Run a job: raise the ceiling to the level of the signal, and restore it after the job. */
static void on_level(int sig, siginfo_t *info, void *context)
{
	struct core *core = self;
	int saved = errno;
	uint32_t job = (uint32_t)info->si_value.sival_int;
	struct rtfmx_slot *slot;
	uint32_t below;

	if (!ours(info)) {
		os_pass_on(&signals.old[sig], sig, info, context);
		errno = saved;
		return;
	}
	if (!core || !job_valid(core->app, job) || state_ending(core))
		return;
	below = core->engine_data.signal.level;
	set_level(core, signals.level[sig]);
	slot = slot_of(core->app, job);
	slot->run(&core->pub, slot);
	set_level(core, below);
	errno = saved;
}

static uint32_t lock(struct core *core, uint32_t ceiling)
{
	uint32_t level = core->engine_data.signal.level;

	if (level < ceiling) {
		set_mask(SIG_BLOCK, between(level, ceiling), NULL);
		set_level(core, ceiling);
	}
	return RTFM_CEILING_SLOW | level;
}

static void unlock(struct core *core, uint32_t old)
{
	uint32_t level = core->engine_data.signal.level;

	old &= RTFM_CEILING_LEVEL;
	if (old < level) {
		set_level(core, old);
		set_mask(SIG_UNBLOCK, between(old, level), NULL);
	}
}

/* ---- time -------------------------------------------------------------- */

static int release(struct core *core, struct rtfmx_slot *slot)
{
	return post(core, core, task_of(core->app, slot->job)->priority, slot);
}

static void set_timer(struct core *core, uint64_t instant)
{
	struct itimerspec at = { { 0, 0 }, { 0, 0 } };
	int timer = __atomic_load_n(&core->engine_data.signal.timer, __ATOMIC_ACQUIRE);

	if (timer < 0)
		return;
	if (instant != TIMER_NEVER) {
		/* 0 would disarm */
		at.it_value.tv_sec = (time_t)(instant / 1000000000u);
		at.it_value.tv_nsec = (long)(instant % 1000000000u);
		if (!instant)
			at.it_value.tv_nsec = 1;
	}
	syscall(SYS_timer_settime, timer, TIMER_ABSTIME, &at, NULL);
}

/*
 * The first core that schedules a job for a core creates the timer of that core. This may
 * fail (RLIMIT_SIGPENDING), and then the job is refused: if a job was accepted, the timer
 * exists. If two cores create it at once, one of the two timers is deleted.
 */
static int make_timer(struct core *target)
{
	struct sigevent event;
	int none = -1, timer;

	if (__atomic_load_n(&target->engine_data.signal.timer, __ATOMIC_ACQUIRE) >= 0)
		return 0;
	memset(&event, 0, sizeof(event));
	event.sigev_notify = SIGEV_THREAD_ID;
	event.sigev_signo = signals.time;
	event.sigev_value.sival_ptr = target;
	event.sigev_notify_thread_id = target->tid;
	if (syscall(SYS_timer_create, CLOCK_MONOTONIC, &event, &timer))
		return -EAGAIN;
	if (!__atomic_compare_exchange_n(&target->engine_data.signal.timer, &none, timer, false,
					 __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
		syscall(SYS_timer_delete, timer);
	return 0;
}

static void delete_timer(struct core *core)
{
	int timer = __atomic_exchange_n(&core->engine_data.signal.timer, -1, __ATOMIC_ACQ_REL);

	if (timer >= 0)
		syscall(SYS_timer_delete, timer);
}

static void expire(struct core *core)
{
	uint64_t next = timer_expire(core, rtfm_now(), release);

	set_timer(core, next);
	timer_promise(core, next);
}

static void on_time(int sig, siginfo_t *info, void *context)
{
	struct core *core = self;
	int saved = errno;

	if (!ours(info) && !of_timer(core, info))
		os_pass_on(&signals.old[sig], sig, info, context);
	else if (core && !state_ending(core))
		expire(core);
	errno = saved;
}

static int install(int sig, uint64_t hold, void (*handler)(int, siginfo_t *, void *),
		   struct sigaction *old)
{
	struct sigaction action = { .sa_flags = SA_SIGINFO | SA_RESTART };
	int other;

	action.sa_sigaction = handler;
	sigemptyset(&action.sa_mask);
	for (other = SIGRTMIN; other <= SIGRTMAX; other++)
		if (hold & bit(other))
			sigaddset(&action.sa_mask, other);
	return sigaction(sig, &action, old) ? -errno : 0;
}

/*
 * All cores share the handler; if two cores call this at once, both install the same one.
 * start() has read the previous one.
 */
static void need_time(void)
{
	if (__atomic_load_n(&signals.time_ready, __ATOMIC_ACQUIRE))
		return;
	/* it cannot fail: start() has read the previous handler */
	install(signals.time, signals.levels, on_time, NULL);
	__atomic_store_n(&signals.time_ready, 1, __ATOMIC_RELEASE);
}

static int look_at_time(struct core *core, struct core *target)
{
	if (core == target) {
		expire(core);
		return 0;
	}
	return send(target, signals.time, 0);
}

static int arm(struct core *core, struct core *target, struct rtfmx_slot *slot,
	       uint64_t instant)
{
	uint32_t gen = SLOT_GEN(slot->state);
	int ret;

	need_time();
	if (make_timer(target))
		return -EAGAIN;
	ret = timer_submit(core, target, slot, gen, instant);
	if (ret <= 0 || !look_at_time(core, target))
		return ret < 0 ? ret : 0;
	/* the other core cannot be notified (RLIMIT_SIGPENDING), but may have seen it */
	return timer_withdraw(core, slot, gen) ? -EAGAIN : 0;
}

static int repeat(struct core *core, struct rtfmx_slot *slot, uint64_t instant, uint64_t period)
{
	need_time();
	if (make_timer(core))
		return -EAGAIN;
	timer_repeat(core, slot, instant, period);
	return look_at_time(core, core);
}

/* The code between exclude() and include() changes the core's own queues: no job may run. */
static void exclude(struct core *core)
{
	uint64_t old = 0;

	set_mask(SIG_BLOCK, signals.levels | bit(signals.time), &old);
	core->engine_data.signal.held = old;
}

static void include(struct core *core)
{
	set_mask(SIG_SETMASK, core->engine_data.signal.held, NULL);
}

/* ---- life -------------------------------------------------------------- */

/* Only rtfm_exit() calls this, and it must not fail: the doorbell needs no queue memory. */
static void kick(struct core *target)
{
	doorbell_ring(target);
}

/*
 * Sleep with those signals unblocked that are not deferred by a lock of idle. The others
 * make app->fd readable. All are blocked until then: a signal that arrives after the test
 * of state_ending() is pending, and ends the sleep.
 *
 * In a core without idle, or whose idle has returned, the signals are blocked except during
 * the sleep. In idle, rtfm_wait() may sleep although a job ran just before the call: idle
 * could see the effect of that job before it called.
 */
static int sleep_until(struct core *core, struct pollfd *files, unsigned int nfiles,
		       const struct timespec *timeout)
{
	static const struct timespec now = { 0, 0 };
	uint32_t level = core->engine_data.signal.level;
	uint64_t mask = core->engine_data.signal.open | between(0, level);
	bool closed = core->engine_data.signal.closed;
	int ret;

	set_mask(SIG_BLOCK, signals.levels | bit(core->app->opt.doorbell), NULL);
	if (state_ending(core))
		timeout = &now;
	ret = os_poll_mask(files, nfiles, timeout, mask);
	if (!closed && !core->idle)
		set_mask(SIG_UNBLOCK, between(level, RTFM_MAX_PRIORITY) |
			 bit(core->app->opt.doorbell), NULL);
	else
		core->engine_data.signal.closed = true;
	return ret;
}

static int poll_files(struct core *core, struct pollfd *files, unsigned int nfiles,
		      const struct timespec *timeout)
{
	struct pollfd all[RTFM_MAX_POLL + 1];
	unsigned int i;
	int ret;

	if (!core->engine_data.signal.level)
		return sleep_until(core, files, nfiles, timeout);
	for (i = 0; i < nfiles; i++)
		all[i] = files[i];
	all[nfiles] = (struct pollfd){ .fd = core->app->fd, .events = POLLIN };
	ret = sleep_until(core, all, nfiles + 1, timeout);
	if (ret < 0)
		return ret;
	for (i = 0; i < nfiles; i++)
		files[i].revents = all[i].revents;
	return ret - !!all[nfiles].revents;
}

static void park(struct core *core)
{
	poll_files(core, NULL, 0, NULL);
}

static int levels_file(void)
{
	int fd = (int)syscall(SYS_signalfd4, -1, &signals.levels, sizeof(signals.levels),
			      SFD_CLOEXEC | SFD_NONBLOCK);

	return fd < 0 ? -errno : fd;
}

static int start(struct app *app)
{
	int first = app->opt.first_signal ? app->opt.first_signal : SIGRTMIN;
	int last = app->opt.last_signal ? app->opt.last_signal : SIGRTMAX;
	uint32_t levels = 0, t, p, c;
	int sig = first, err;

	memset(&signals, 0, sizeof(signals));
	signals.pid = getpid();
	signals.cookie = os_cookie();
	for (t = 0; t < app->decl->ntasks; t++)
		levels |= 1u << app->decl->tasks[t].priority;
	signals.time = sig++;
	for (p = RTFM_MAX_PRIORITY; p; p--) {
		if (!(levels & 1u << p))
			continue;
		if (sig > last)
			return state_error(-EINVAL,
					   "engine signal: priority %u has no signal left: signals %d to %d, one of them for time",
					   p, first, last);
		signals.level[sig] = p;
		signals.number[p] = sig++;
	}
	signals.levels = between(0, RTFM_MAX_PRIORITY);
	app->signals |= signals.levels | bit(signals.time);
	if (sigaction(signals.time, NULL, &signals.old[signals.time]))
		return state_error(-errno, "engine signal: signal %d, for time: %s", signals.time,
				   strerror(errno));
	app->fd = levels_file();
	if (app->fd < 0)
		return state_error(app->fd, "engine signal: no signalfd: %s", strerror(-app->fd));
	err = layout_reserve(app);
	if (err)
		return err;
	err = doorbell_install(app);
	if (err)
		layout_unreserve(app);
	for (c = 0; !err && c < app->decl->ncores; c++)
		app->cores[c].engine_data.signal.timer = -1;
	return err;
}

static void stop(struct app *app)
{
	uint32_t c;
	int sig;

	/* the timers of cores that had left when another core scheduled a job for them */
	for (c = 0; c < app->decl->ncores; c++)
		delete_timer(&app->cores[c]);
	for (sig = SIGRTMIN; sig <= SIGRTMAX; sig++) {
		if ((signals.level[sig] && signals.ready) ||
		    (sig == signals.time && signals.time_ready)) {
			/* jobs for core 0 that arrived late; the caller may have it blocked */
			os_discard(sig);
			sigaction(sig, &signals.old[sig], NULL);
		}
	}
	doorbell_remove(app);
	layout_unreserve(app);
}

/*
 * Dequeue the signals that are still pending for the thread: after the app has ended they
 * have no handler. A signal of the program is passed on to its handler.
 */
static void core_stop(struct core *core)
{
	uint64_t all = signals.levels | bit(signals.time);
	struct timespec now = { 0, 0 };
	siginfo_t info;
	int sig;

	set_mask(SIG_BLOCK, all, NULL);
	while ((sig = (int)syscall(SYS_rt_sigtimedwait, &all, &info, &now, sizeof(all))) > 0)
		if (!ours(&info) && !of_timer(core, &info))
			os_pass_on(&signals.old[sig], sig, &info, NULL);
	doorbell_close(core);
	set_mask(SIG_SETMASK, core->engine_data.signal.before, NULL);
}

static int install_levels(void)
{
	uint32_t p;

	signals.ready = true;
	for (p = 1; p <= RTFM_MAX_PRIORITY; p++) {
		int sig = signals.number[p];
		int err = sig ? install(sig, between(0, p), on_level, &signals.old[sig]) : 0;

		if (err)
			return state_error(err, "engine signal: no handler for signal %d: %s", sig,
					   strerror(-err));
	}
	return 0;
}

/* No core sends before all have called this, and from then on all levels are blocked. */
static int core_start(struct core *core)
{
	uint64_t *before = &core->engine_data.signal.before;
	int err;

	RTFMX_STORE(&core->pub.ctl->ready, RTFM_READY_SLOW);
	set_level(core, RTFM_MAX_PRIORITY);
	set_mask(SIG_BLOCK, signals.levels, before);
	core->engine_data.signal.open = *before & ~(signals.levels | bit(signals.time) |
						    bit(core->app->opt.doorbell));
	core->engine_data.signal.closed = true;
	if (*before & bit(signals.time))
		set_mask(SIG_UNBLOCK, bit(signals.time), NULL);
	doorbell_open(core);
	err = core->nr ? 0 : install_levels();
	if (err)
		core_stop(core);
	return err;
}

/* In a core without idle the levels remain blocked, except while it sleeps. */
static void core_open(struct core *core)
{
	set_level(core, 0);
	if (core->idle || !core->app->decl->cores[core->nr].idle)
		return;
	core->engine_data.signal.closed = false;
	set_mask(SIG_UNBLOCK, signals.levels, NULL);
}

/* From here on no job starts. */
static void core_close(struct core *core)
{
	set_mask(SIG_BLOCK, signals.levels | bit(signals.time), NULL);
	delete_timer(core);
}

const struct engine engine_signal = {
	.name = "signal",
	.start = start,
	.stop = stop,
	.core_start = core_start,
	.core_open = core_open,
	.core_close = core_close,
	.core_stop = core_stop,
	.post = post,
	.kick = kick,
	.interrupt = doorbell_interrupt,
	.arm = arm,
	.repeat = repeat,
	.disarm = timer_disarm,
	.move = timer_move,
	.look_at_time = look_at_time,
	.expire = expire,
	.park = park,
	.poll = poll_files,
	.lock = lock,
	.unlock = unlock,
	.exclude = exclude,
	.include = include,
};
