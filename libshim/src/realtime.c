// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * Real-time properties: locked memory, a CPU for each core, a scheduling policy. Each is
 * asked for, what is refused is remembered, and realtime_verdict() says once what that
 * means for the app.
 */
#include <errno.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "os.h"
#include "realtime.h"
#include "state.h"

void realtime_refused(struct app *app, unsigned int what)
{
	__atomic_fetch_or(&app->refused, what, __ATOMIC_RELAXED);
}

/*
 * With a finite limit MCL_FUTURE would make later allocations fail, and the growth
 * of the stack kill: then only what is there is locked.
 */
static bool may_lock_all(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct caps[2] = { { 0 } };
	struct rlimit limit = { 0, 0 };

	getrlimit(RLIMIT_MEMLOCK, &limit);
	if (limit.rlim_cur == RLIM_INFINITY)
		return true;
	return !syscall(SYS_capget, &header, caps) &&
	       caps[CAP_TO_INDEX(CAP_IPC_LOCK)].effective & CAP_TO_MASK(CAP_IPC_LOCK);
}

void realtime_process(struct app *app)
{
	if (app->opt.realtime == RTFM_REALTIME_OFF || app->opt.flags & RTFM_NO_MLOCK)
		return;
	app->locks_all = may_lock_all();
	if (mlockall(MCL_CURRENT | (app->locks_all ? MCL_FUTURE : 0)))
		realtime_refused(app, REFUSED_MLOCK);
	else
		app->locked = true;
}

void realtime_lock_stack(struct app *app, size_t bytes)
{
	size_t size = 0, below;
	char *base = NULL;

	if (!app->locked || app->locks_all)
		return;
	if (os_stack(&base, &size)) {
		realtime_refused(app, REFUSED_MLOCK);
		return;
	}
	below = (uintptr_t)__builtin_frame_address(0) - (uintptr_t)base;
	below = below > bytes ? below - bytes : 0;
	if (mlock(base + below, size - below))
		realtime_refused(app, REFUSED_MLOCK);
}

void realtime_process_restore(struct app *app)
{
	if (app->locked)
		munlockall();
}

static void set_affinity(struct core *core)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(core->cpu, &cpus);
	pthread_getaffinity_np(pthread_self(), sizeof(core->old_cpus), &core->old_cpus);
	if (syscall(SYS_sched_setaffinity, 0, sizeof(cpus), &cpus))
		realtime_refused(core->app, errno == EINVAL ? REFUSED_CPU : REFUSED_AFFINITY);
	else
		core->restore |= RESTORE_CPUS;
}

static int posix_policy(enum rtfm_policy policy)
{
	return policy == RTFM_POLICY_RR ? SCHED_RR : SCHED_FIFO;
}

static void set_policy(struct core *core)
{
	struct sched_param param = { .sched_priority = core->app->opt.priority };

	if (syscall(SYS_sched_setscheduler, 0, posix_policy(core->app->opt.policy), &param))
		realtime_refused(core->app, REFUSED_POLICY);
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
	if (!syscall(SYS_sched_getparam, 0, &param)) {
		core->old_priority = param.sched_priority;
		core->restore |= RESTORE_POLICY;
	}
	touch_stack(opt->stack);
	if (core->nr)
		realtime_lock_stack(core->app, opt->stack);
	if (kmod || (realtime && !(opt->flags & RTFM_NO_AFFINITY)))
		set_affinity(core);
	/* SCHED_FIFO is the module's to give */
	if (realtime && opt->policy != RTFM_POLICY_OTHER &&
	    !(kmod && opt->policy == RTFM_POLICY_FIFO))
		set_policy(core);
}

void realtime_core_restore(struct core *core)
{
	struct sched_param param = { .sched_priority = core->old_priority };

	/* what the module gave may be reset by forks, and only CAP_SYS_NICE clears that */
	if (core->restore & RESTORE_POLICY &&
	    syscall(SYS_sched_setscheduler, 0, core->old_policy, &param))
		syscall(SYS_sched_setscheduler, 0, core->old_policy | SCHED_RESET_ON_FORK, &param);
	if (core->restore & RESTORE_CPUS)
		pthread_setaffinity_np(pthread_self(), sizeof(core->old_cpus), &core->old_cpus);
	core->restore = 0;
}

static size_t policy_reason(char *text, size_t size, const struct app *app)
{
	bool helper = !(app->refused & REFUSED_POLICY);
	int priority = app->opt.priority + helper;
	const char *name = app->opt.policy == RTFM_POLICY_RR && !helper ? "RR" : "FIFO";
	const char *whose = helper ? " for the timekeeper, so a busy task delays time," : "";
	struct rlimit limit = { 0, 0 };

	if (app->engine->module)
		return (size_t)snprintf(text, size,
					"SCHED_%s %d refused (the module gives no more than /sys/module/rtfm/parameters/max_fifo_priority)",
					name, priority);
	getrlimit(RLIMIT_RTPRIO, &limit);
	if (limit.rlim_cur >= (rlim_t)priority || !geteuid())
		return (size_t)snprintf(text, size,
					"SCHED_%s %d%s refused (RT_GROUP_SCHED gives this control group no real-time runtime: set its cpu.rt_runtime_us, or run outside of it)",
					name, priority, whose);
	return (size_t)snprintf(text, size,
				"SCHED_%s %d%s refused (no CAP_SYS_NICE and RLIMIT_RTPRIO is %lu: run as root, set rtprio in /etc/security/limits.conf, or setcap cap_sys_nice+ep)",
				name, priority, whose, (unsigned long)limit.rlim_cur);
}

static size_t mlock_reason(char *text, size_t size)
{
	struct rlimit limit = { 0, 0 };

	getrlimit(RLIMIT_MEMLOCK, &limit);
	return (size_t)snprintf(text, size,
				"locked memory refused (RLIMIT_MEMLOCK is %lu KiB: set memlock in /etc/security/limits.conf, or setcap cap_ipc_lock+ep)",
				(unsigned long)(limit.rlim_cur / 1024));
}

static size_t cpu_reason(char *text, size_t size, const struct app *app)
{
	uint32_t most = 0, i;

	for (i = 0; i < app->decl->ncores; i++)
		if (app->cores[i].cpu > app->cores[most].cpu)
			most = i;
	return (size_t)snprintf(text, size,
				"CPU affinity refused (core %u wants CPU %d, which is not present or not allowed here: the cores are not pinned; name others with rtfm_options.cpus, or ask taskset and the cpuset)",
				most, app->cores[most].cpu);
}

static void describe(char *text, size_t size, const struct app *app)
{
	size_t at = 0;

	text[0] = 0;
	if (app->refused & (REFUSED_POLICY | REFUSED_HELPER))
		at += policy_reason(text + at, size - at, app);
	if (app->refused & (REFUSED_AFFINITY | REFUSED_CPU)) {
		if (at && at < size - 2)
			at += (size_t)snprintf(text + at, size - at, "; ");
		at += cpu_reason(text + at, size - at, app);
	}
	if (app->refused & REFUSED_MLOCK && at < size - 2) {
		if (at)
			at += (size_t)snprintf(text + at, size - at, "; ");
		mlock_reason(text + at, size - at);
	}
}

int realtime_verdict(struct app *app)
{
	char reason[1024], line[1200];
	int n;

	if (!app->refused)
		return 0;
	describe(reason, sizeof(reason), app);
	if (app->opt.realtime == RTFM_REALTIME_REQUIRE)
		return state_error(-EPERM, "real time was required: %s", reason);
	n = snprintf(line, sizeof(line), "rtfm: NOT REAL TIME: %s\n", reason);
	if (write(2, line, (size_t)n) < 0)
		return 0;	/* nobody to tell */
	return 0;
}
