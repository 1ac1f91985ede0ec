// SPDX-License-Identifier: MIT OR Apache-2.0
/* What is checked before an app starts: the declaration, the options, the environment. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "check.h"
#include "layout.h"
#include "os.h"
#include "state.h"

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

int check_declaration(const struct rtfm_app *decl)
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

static int check_given(const struct rtfm_app *decl, struct rtfm_options *opt)
{
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

static int choose_engine(struct rtfm_options *opt)
{
	static const char *const words[] = {
		[RTFM_ENGINE_AUTO] = "auto",
		[RTFM_ENGINE_SIGNAL] = "signal",
		[RTFM_ENGINE_SOFT] = "soft",
		[RTFM_ENGINE_KMOD] = "kmod",
	};
	int word;

	if (opt->engine != RTFM_ENGINE_DEFAULT)
		return 0;
	word = from_environment("RTFM_ENGINE", words, 5);
	if (word < 0)
		return state_error(-EINVAL, "RTFM_ENGINE=%s: it is signal, soft, kmod or auto",
				   getenv("RTFM_ENGINE"));
	opt->engine = word ? (enum rtfm_engine)word : RTFM_ENGINE_AUTO;
	return 0;
}

int check_options(const struct rtfm_app *decl, const struct rtfm_options *given,
		  struct rtfm_options *opt)
{
	int err;

	memset(opt, 0, sizeof(*opt));
	if (given) {
		if (given->size != sizeof(*opt))
			return state_error(-EINVAL, "options: size is %zu, not %zu", given->size,
					   sizeof(*opt));
		*opt = *given;
	}
	err = check_given(decl, opt);
	if (!err)
		err = choose_realtime(opt);
	if (!err)
		err = choose_delivery(opt);
	if (!err)
		err = choose_engine(opt);
	return err;
}
