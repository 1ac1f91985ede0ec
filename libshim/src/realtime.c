// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * Real-time properties: locked memory, a CPU for each core, a scheduling policy. Each is
 * requested, what is refused is recorded, and realtime_verdict() reports it, or ends the
 * app.
 *
 * What threads and children of a core inherit: not its policy, for the kernel resets that
 * in what it forks (SCHED_RESET_ON_FORK). Its CPU they do. So init, where threads are
 * made, runs on the CPUs of the caller of rtfm_run(), the core is pinned for all the rest
 * (realtime_unpin(), realtime_pin()), and a child of fork() gets them back
 * (realtime_ordinary()).
 */
#include <errno.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "os.h"
#include "realtime.h"
#include "reason.h"
#include "state.h"

void realtime_refused(struct core *core, unsigned int what, int err)
{
	core->refused |= what;
	if (what & (REFUSED_POLICY | REFUSED_HELPER))
		core->why_policy = err;
	if (what & REFUSED_AFFINITY)
		core->why_cpu = err;
	__atomic_fetch_or(&core->app->refused, what, __ATOMIC_RELAXED);
}

static void memory_refused(struct app *app, int err)
{
	__atomic_store_n(&app->why_mlock, err, __ATOMIC_RELAXED);
	__atomic_fetch_or(&app->refused, REFUSED_MLOCK, __ATOMIC_RELAXED);
}

/*
 * With a finite limit MCL_FUTURE would make later allocations fail, and the growth
 * of the stack kill: then only what is there is locked.
 */
static bool may_lock_all(void)
{
	struct rlimit limit = { 0, 0 };

	getrlimit(RLIMIT_MEMLOCK, &limit);
	return limit.rlim_cur == RLIM_INFINITY || reason_capable(CAP_IPC_LOCK);
}

void realtime_process(struct app *app)
{
	if (app->opt.realtime == RTFM_REALTIME_OFF || app->opt.flags & RTFM_NO_MLOCK)
		return;
	app->locks_all = may_lock_all();
	if (mlockall(MCL_CURRENT | (app->locks_all ? MCL_FUTURE : 0)))
		memory_refused(app, errno);
	else
		app->locked = true;
}

void realtime_lock_stack(struct app *app, size_t bytes)
{
	size_t size = 0, below;
	char *base = NULL;
	int err;

	if (!app->locked || app->locks_all)
		return;
	err = os_stack(&base, &size);
	if (err) {
		memory_refused(app, -err);
		return;
	}
	below = (uintptr_t)__builtin_frame_address(0) - (uintptr_t)base;
	below = below > bytes ? below - bytes : 0;
	if (mlock(base + below, size - below))
		memory_refused(app, errno);
}

void realtime_process_restore(struct app *app)
{
	if (app->locked)
		munlockall();
}

/* ---- the CPU of a core ----------------------------------------------------- */

static void set_affinity(struct core *core)
{
	struct app *app = core->app;
	int err;

	/* a policy that cannot be restored later is not changed */
	if (app->ncaller_cpus < 0)
		err = app->ncaller_cpus;
	else
		err = os_pin(0, core->cpu);
	core->pinned = !err;
	if (core->pinned)
		__atomic_store_n(&app->pins, true, __ATOMIC_RELAXED);
	if (err)
		realtime_refused(core, REFUSED_AFFINITY, -err);
	else if (!app->opt.cpus && (uint32_t)app->ncaller_cpus < app->decl->ncores &&
		 app->opt.realtime != RTFM_REALTIME_OFF)
		realtime_refused(core, REFUSED_SHARED, 0);
}

/* If none of these CPUs is left, init runs where the core is, and what it creates does, too. */
void realtime_unpin(struct core *core)
{
	if (core->pinned)
		os_set_cpus(&core->app->caller_cpus);
}

void realtime_pin(struct core *core)
{
	if (core->pinned && os_pin(0, core->cpu))
		realtime_follow(core);
}

int realtime_ordinary(const struct app *app)
{
	os_set_mask((os_mask() & ~app->signals) | (app->caller_mask & app->signals));
	return app->pins ? os_set_cpus(&app->caller_cpus) : 0;
}

PUBLIC int rtfm_ordinary(void)
{
	if (!state_live(&the_app))
		return 0;
	/* the child of vfork() shares all memory, thread-local too, but is another process */
	if (self && getpid() == the_app.pid)
		return 0;
	return realtime_ordinary(&the_app);
}

/* Not those of other cores, if there are others. */
static int choose_other(const struct core *core, const struct os_cpus *cpus)
{
	const struct app *app = core->app;
	struct os_cpus left = *cpus;
	int count = 0, nth, cpu;
	uint32_t c;

	for (c = 0; c < app->decl->ncores; c++) {
		int theirs = __atomic_load_n(&app->cores[c].cpu, __ATOMIC_RELAXED);

		if (c != core->nr && theirs >= 0)
			os_forget_cpu(&left, theirs);
	}
	for (cpu = 0; cpu < OS_CPUS; cpu++)
		count += os_has_cpu(&left, cpu);
	if (!count) {
		left = *cpus;
		for (cpu = 0; cpu < OS_CPUS; cpu++)
			count += os_has_cpu(&left, cpu);
	}
	nth = count ? (int)core->nr % count : 0;
	for (cpu = 0; cpu < OS_CPUS; cpu++)
		if (os_has_cpu(&left, cpu) && !nth--)
			return cpu;
	return -1;
}

/* If it is refused, the helper does its work from where the kernel has put it. */
static void helper_follow(const struct core *core)
{
	pid_t helper = __atomic_load_n(&core->helper, __ATOMIC_ACQUIRE);

	if (helper && core->pinned)
		os_pin(helper, core->cpu);
}

#define LOST "offline, not in the cpuset any more, or taken with sched_setaffinity()"

/*
 * The kernel has moved the core: its CPU went offline, it is no longer in the cpuset, or
 * somebody set the affinity. One that is set to a single CPU is what somebody wants.
 */
void realtime_follow(struct core *core)
{
	int old = core->cpu, saved = errno, cpu;
	struct os_cpus cpus;
	int n = os_get_cpus(&cpus);

	if (n != 1 && !os_pin(0, old))
		goto out;
	cpu = n > 0 ? choose_other(core, &cpus) : -1;
	core->pinned = cpu >= 0 && !os_pin(0, cpu);
	__atomic_store_n(&core->cpu, core->pinned ? cpu : -1, __ATOMIC_RELAXED);
	if (!core->pinned)
		os_tell("rtfm: NOT REAL TIME: core %u lost CPU %d (" LOST "), and is not pinned\n",
			core->nr, old);
	else if (cpu != old)
		os_tell("rtfm: core %u lost CPU %d (" LOST "): it is on CPU %d now\n", core->nr,
			old, cpu);
out:
	helper_follow(core);
	errno = saved;
}

/* ---- its policy ------------------------------------------------------------ */

static int posix_policy(enum rtfm_policy policy)
{
	return policy == RTFM_POLICY_RR ? SCHED_RR : SCHED_FIFO;
}

static void set_policy(struct core *core)
{
	struct sched_param param = { .sched_priority = core->priority };
	int policy = posix_policy(core->app->opt.policy);

	if (syscall(SYS_sched_setscheduler, 0, policy | SCHED_RESET_ON_FORK, &param))
		realtime_refused(core, REFUSED_POLICY, errno);
}

/* So that no job meets a page fault for the stack. */
static __attribute__((noinline)) void touch_stack(size_t bytes)
{
	volatile char *page = __builtin_alloca(bytes);
	size_t i;

	for (i = 0; i < bytes; i += 4096)
		page[i] = 0;
}

void realtime_core(struct core *core)
{
	const struct rtfm_options *opt = &core->app->opt;
	bool kmod = core->app->engine->module;
	bool realtime = opt->realtime != RTFM_REALTIME_OFF;
	struct sched_param param;

	/* musl has no sched_getscheduler() and the like for threads */
	core->old_policy = (int)syscall(SYS_sched_getscheduler, 0);
	if (core->old_policy >= 0 && !syscall(SYS_sched_getparam, 0, &param)) {
		core->old_priority = param.sched_priority;
		core->restore = true;
	}
	touch_stack(core->stack);
	if (core->nr)
		realtime_lock_stack(core->app, core->stack);
	if (kmod || (realtime && !(opt->flags & RTFM_NO_AFFINITY)))
		set_affinity(core);
	/* SCHED_FIFO is the module's to give */
	if (core->priority && !(kmod && opt->policy == RTFM_POLICY_FIFO))
		set_policy(core);
}

/* Restore the scheduling of core 0, the caller of rtfm_run(); other cores' threads end. */
void realtime_core_restore(struct core *core)
{
	struct sched_param param = { .sched_priority = core->old_priority };
	int err;

	if (core->nr)
		return;
	/* only CAP_SYS_NICE clears SCHED_RESET_ON_FORK */
	if (core->restore && syscall(SYS_sched_setscheduler, 0, core->old_policy, &param) &&
	    syscall(SYS_sched_setscheduler, 0, core->old_policy | SCHED_RESET_ON_FORK, &param))
		os_tell("rtfm: the caller's scheduling policy cannot be restored: %s\n",
			strerror(errno));
	if (!core->pinned)
		return;
	err = os_set_cpus(&core->app->caller_cpus);
	/* none of these CPUs is available any more: allow all */
	if (err == -EINVAL) {
		struct os_cpus all;

		memset(&all, 0xff, sizeof(all));
		err = os_set_cpus(&all);
	}
	if (err)
		os_tell("rtfm: the caller's CPU affinity cannot be restored: %s\n", strerror(-err));
}

/* ---- the verdict ----------------------------------------------------------- */

/* The first core that was refused any of @what, NULL if none; how many more there are. */
static const struct core *first_refused(const struct app *app, unsigned int what, uint32_t *more)
{
	const struct core *first = NULL;
	uint32_t c;

	*more = 0;
	for (c = 0; c < app->decl->ncores; c++) {
		if (!(app->cores[c].refused & what))
			continue;
		if (first)
			++*more;
		else
			first = &app->cores[c];
	}
	return first;
}

static __attribute__((format(printf, 3, 4))) void add(char *text, size_t size,
						      const char *format, ...)
{
	size_t at = strlen(text);
	va_list args;

	if (at && at + 2 < size) {
		memcpy(text + at, "; ", 3);
		at += 2;
	}
	va_start(args, format);
	vsnprintf(text + at, size - at, format, args);
	va_end(args);
}

static void add_more(char *text, size_t size, uint32_t more)
{
	size_t at = strlen(text);

	if (more)
		snprintf(text + at, size - at, ", and so for %u other core%s", more,
			 more > 1 ? "s" : "");
}

static void add_policy(char *text, size_t size, const struct app *app, unsigned int what)
{
	bool helper = what == REFUSED_HELPER;
	char why[600] = "see max_fifo_priority in /sys/module/rtfm/parameters";
	const struct core *core;
	uint32_t more;

	core = first_refused(app, what, &more);
	if (!core)
		return;
	if (core->why_policy != E2BIG)
		reason_priority(why, sizeof(why), core->why_policy, core->priority + helper);
	add(text, size, "core %u: SCHED_%s %d%s refused (%s)", core->nr,
	    app->opt.policy == RTFM_POLICY_RR && !helper ? "RR" : "FIFO",
	    core->priority + helper,
	    helper ? " for its timekeeper, so a busy task delays time," : "", why);
	add_more(text, size, more);
}

static void add_cpu(char *text, size_t size, const struct app *app)
{
	const struct core *core;
	char why[600];
	uint32_t more;

	core = first_refused(app, REFUSED_AFFINITY, &more);
	if (core && app->ncaller_cpus < 0) {
		add(text, size, "CPU affinity refused: not pinned (sched_getaffinity: %s)",
		    strerror(core->why_cpu));
	} else if (core) {
		reason_cpu(why, sizeof(why), core->why_cpu, core->cpu);
		add(text, size, "CPU affinity refused: core %u is not pinned to CPU %d (%s)",
		    core->nr, core->cpu, why);
		add_more(text, size, more);
	}
	if (app->refused & REFUSED_SHARED)
		add(text, size,
		    "%u cores share %d CPU%s, core %u runs on CPU %d with core 0: while one of them does not sleep, the other cannot run (give the process more CPUs, or name one for each core in RTFM_CPUS)",
		    app->decl->ncores, app->ncaller_cpus, app->ncaller_cpus > 1 ? "s" : "",
		    (uint32_t)app->ncaller_cpus, app->cpus[0]);
}

static void describe(char *text, size_t size, const struct app *app)
{
	char why[600];

	text[0] = 0;
	add_policy(text, size, app, REFUSED_POLICY);
	add_policy(text, size, app, REFUSED_HELPER);
	add_cpu(text, size, app);
	if (app->refused & REFUSED_MLOCK) {
		reason_memory(why, sizeof(why), app->why_mlock);
		add(text, size, "locked memory refused (%s)", why);
	}
}

int realtime_verdict(struct app *app)
{
	char reason[1350];

	if (!app->refused)
		return 0;
	describe(reason, sizeof(reason), app);
	if (app->opt.realtime == RTFM_REALTIME_REQUIRE)
		return state_error(-EPERM, "real time was required: %s", reason);
	os_tell("rtfm: NOT REAL TIME: %s\n", reason);
	return 0;
}
