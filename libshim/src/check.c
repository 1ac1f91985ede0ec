// SPDX-License-Identifier: MIT OR Apache-2.0
/* What is checked before an app starts: the declaration, the options, the environment. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "arch/fpenv.h"
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
					   "core %u: its tasks need %u slots, including those of remote senders; the limit is %d",
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

static size_t stack_limit(void)
{
	struct rlimit limit = { 0, 0 };

	getrlimit(RLIMIT_STACK, &limit);
	return limit.rlim_cur < 128 << 20 ? limit.rlim_cur : 128 << 20;
}

/* What the caller's stack has room for. */
static size_t stack_room(void)
{
	uintptr_t here = (uintptr_t)__builtin_frame_address(0);
	char *base = NULL;
	size_t size = 0, used;

	/* without /proc that of the first thread is not known */
	if (os_stack(&base, &size))
		return stack_limit();
	if (os_gettid() == getpid()) {
		/* it grows; musl has the size that it has grown to */
		used = (uintptr_t)base + size - here;
		size = stack_limit() > used ? stack_limit() - used : 0;
	} else {
		size = here - (uintptr_t)base;
	}
	return size < 128 << 20 ? size : 128 << 20;
}

/* The kernel visits all threads of the process to send one of these. */
static bool is_job_control(int sig)
{
	return sig == SIGSTOP || sig == SIGTSTP || sig == SIGTTIN || sig == SIGTTOU ||
	       sig == SIGCONT;
}

/* ---- the environment ------------------------------------------------------ */

/**
 * struct word - a word of the environment
 * @name: the word
 * @value: what it stands for
 */
struct word {
	const char *name;
	unsigned int value;
};

/**
 * struct variable - an option in the environment
 * @name: of the variable
 * @values: what it can be, for messages
 * @read: take over a value, unless the caller's options have one; 0 or -EINVAL
 * @field: offset in struct rtfm_options of an option that is one of @words, or bits of them
 * @words: up to the first without a name
 */
struct variable {
	const char *name;
	const char *values;
	int (*read)(struct app *app, const struct variable *var, const char *value);
	size_t field;
	const struct word *words;
};

static const struct word *find_word(const struct word *words, const char *text, size_t length)
{
	for (; words->name; words++)
		if (strlen(words->name) == length && !strncmp(words->name, text, length))
			return words;
	return NULL;
}

static unsigned int *field_of(struct app *app, const struct variable *var)
{
	return (unsigned int *)(void *)((char *)&app->opt + var->field);
}

static int read_word(struct app *app, const struct variable *var, const char *value)
{
	const struct word *word = find_word(var->words, value, strlen(value));
	unsigned int *field = field_of(app, var);

	if (*field)
		return 0;
	if (!word)
		return -EINVAL;
	*field = word->value;
	return 0;
}

static int read_flags(struct app *app, const struct variable *var, const char *value)
{
	const struct word *word;
	size_t length;

	for (;; value += length + 1) {
		length = strcspn(value, ",");
		word = find_word(var->words, value, length);
		if (!word)
			return -EINVAL;
		*field_of(app, var) |= word->value;
		if (!value[length])
			return 0;
	}
}

/* A number without sign at *text, which moves behind it; -EINVAL: there is none. */
static long read_number(const char **text, long most)
{
	const char *at = *text;
	long n = 0;

	while (*at >= '0' && *at <= '9' && n <= most)
		n = 10 * n + (*at++ - '0');
	if (at == *text || n > most)
		return -EINVAL;
	*text = at;
	return n;
}

static int read_doorbell(struct app *app, const struct variable *var, const char *value)
{
	long n = read_number(&value, 64);

	(void)var;
	if (app->opt.doorbell)
		return 0;
	if (n < 1 || *value)
		return -EINVAL;
	app->opt.doorbell = (int)n;
	return 0;
}

/* "40" or "40-50" */
static int read_signals(struct app *app, const struct variable *var, const char *value)
{
	long first = read_number(&value, 64), last = 0;

	(void)var;
	if (app->opt.first_signal || app->opt.last_signal)
		return 0;
	if (first > 0 && *value == '-') {
		value++;
		last = read_number(&value, 64);
	}
	if (first < 1 || last < 0 || *value)
		return -EINVAL;
	app->opt.first_signal = (int)first;
	app->opt.last_signal = (int)last;
	return 0;
}

static int read_stack(struct app *app, const struct variable *var, const char *value)
{
	long n = read_number(&value, 1 << 30);
	int shift = *value == 'k' ? 10 : *value == 'M' ? 20 : 0;

	(void)var;
	if (app->opt.stack)
		return 0;
	if (n < 1 || value[shift ? 1 : 0])
		return -EINVAL;
	app->opt.stack = (size_t)n << shift;
	return 0;
}

/* "2,4-7": more than there are cores is no error, and does not matter. */
static int read_cpus(struct app *app, const struct variable *var, const char *value)
{
	unsigned int count = 0;
	long first, last;

	(void)var;
	if (app->opt.cpus)
		return 0;
	for (;; value++) {
		first = read_number(&value, OS_CPUS - 1);
		last = first;
		if (first >= 0 && *value == '-') {
			value++;
			last = read_number(&value, OS_CPUS - 1);
		}
		if (first < 0 || last < first || (*value && *value != ','))
			return -EINVAL;
		for (; first <= last; first++, count++)
			if (count < RTFM_MAX_CORES)
				app->cpus[count] = (int)first;
		if (!*value)
			break;
	}
	app->opt.cpus = app->cpus;
	app->opt.ncpus = count;
	return 0;
}

/* "80" is for all cores, "80,70,none" for one after the other. */
static int read_priorities(struct app *app, const struct variable *var, const char *value)
{
	unsigned int count = 0;
	long n;

	(void)var;
	if (app->opt.priority || app->opt.priorities)
		return 0;
	for (;; value++) {
		n = RTFM_PRIORITY_NONE;
		if (!strncmp(value, "none", 4))
			value += 4;
		else
			n = read_number(&value, 98);
		if (!n || n < RTFM_PRIORITY_NONE || (*value && *value != ','))
			return -EINVAL;
		if (count < RTFM_MAX_CORES)
			app->priorities[count] = (int)n;
		count++;
		if (!*value)
			break;
	}
	if (count == 1) {
		app->opt.priority = app->priorities[0];
	} else {
		app->opt.priorities = app->priorities;
		app->opt.npriorities = count;
	}
	return 0;
}

#define FIELD(option)	offsetof(struct rtfm_options, option)

static const struct variable variables[] = {
	{ "RTFM_ENGINE", "auto, kmod, soft or signal", read_word, FIELD(engine),
	  (const struct word[]){ { "auto", RTFM_ENGINE_AUTO }, { "kmod", RTFM_ENGINE_KMOD },
				 { "soft", RTFM_ENGINE_SOFT }, { "signal", RTFM_ENGINE_SIGNAL },
				 { NULL, 0 } } },
	{ "RTFM_REALTIME", "prefer, require or off", read_word, FIELD(realtime),
	  (const struct word[]){ { "prefer", RTFM_REALTIME_PREFER },
				 { "require", RTFM_REALTIME_REQUIRE },
				 { "off", RTFM_REALTIME_OFF }, { NULL, 0 } } },
	{ "RTFM_POLICY", "fifo, rr or other", read_word, FIELD(policy),
	  (const struct word[]){ { "fifo", RTFM_POLICY_FIFO }, { "rr", RTFM_POLICY_RR },
				 { "other", RTFM_POLICY_OTHER }, { NULL, 0 } } },
	{ "RTFM_PRIORITY", "1..98 or none, for all cores or for each: 80,70,none",
	  read_priorities, 0, NULL },
	{ "RTFM_CPUS", "a CPU for each core: 2,3 or 2-3 or 2,4-7", read_cpus, 0, NULL },
	{ "RTFM_FLAGS", "any of no-mlock,no-affinity,poll,exit-on-signal", read_flags,
	  FIELD(flags),
	  (const struct word[]){ { "no-mlock", RTFM_NO_MLOCK },
				 { "no-affinity", RTFM_NO_AFFINITY }, { "poll", RTFM_POLL },
				 { "exit-on-signal", RTFM_EXIT_ON_SIGNAL }, { NULL, 0 } } },
	{ "RTFM_DOORBELL", "the number of a signal", read_doorbell, 0, NULL },
	{ "RTFM_SIGNALS", "the first real-time signal, or the first and the last: 40 or 40-50",
	  read_signals, 0, NULL },
	{ "RTFM_STACK", "bytes, as in 65536, 64k or 2M", read_stack, 0, NULL },
	{ "RTFM_DELIVERY", "auto, upcall or doorbell", read_word, FIELD(delivery),
	  (const struct word[]){ { "auto", RTFM_DELIVERY_AUTO },
				 { "upcall", RTFM_DELIVERY_UPCALL },
				 { "doorbell", RTFM_DELIVERY_DOORBELL }, { NULL, 0 } } },
	{ "RTFM_FP", "standard, flush-to-zero or caller", read_word, FIELD(fp),
	  (const struct word[]){ { "standard", RTFM_FP_STANDARD },
				 { "flush-to-zero", RTFM_FP_FLUSH_TO_ZERO },
				 { "caller", RTFM_FP_CALLER }, { NULL, 0 } } },
};

#define NVARIABLES	(sizeof(variables) / sizeof(*variables))

/* RTFM_HELP: all of them, in place of an error. */
static int list_environment(void)
{
	const struct variable *var = variables;
	char text[1200] = "";
	size_t at = 0;

	for (; var < variables + NVARIABLES && at < sizeof(text); var++)
		at += (size_t)snprintf(text + at, sizeof(text) - at, "\n%-15s %s", var->name,
				       var->values);
	return state_error(-ECANCELED, "environment variables:%s", text);
}

static int read_environment(struct app *app)
{
	const char *help = getenv("RTFM_HELP");
	const struct variable *var = variables;

	if (help && *help)
		return list_environment();
	for (; var < variables + NVARIABLES; var++) {
		const char *value = getenv(var->name);

		if (value && *value && var->read(app, var, value))
			return state_error(-EINVAL, "%s=%s: it is %s", var->name, value,
					   var->values);
	}
	return 0;
}

/* ---- the options ----------------------------------------------------------- */

static int check_given(const struct rtfm_options *opt)
{
	if ((unsigned int)opt->engine > RTFM_ENGINE_KMOD)
		return state_error(-EINVAL, "options: unknown engine %d", opt->engine);
	if ((unsigned int)opt->realtime > RTFM_REALTIME_OFF)
		return state_error(-EINVAL, "options: unknown realtime %d", opt->realtime);
	if ((unsigned int)opt->policy > RTFM_POLICY_OTHER)
		return state_error(-EINVAL, "options: unknown policy %d", opt->policy);
	if (opt->flags & ~(unsigned int)(RTFM_NO_MLOCK | RTFM_NO_AFFINITY | RTFM_POLL |
					 RTFM_EXIT_ON_SIGNAL))
		return state_error(-EINVAL, "options: unknown flags %#x", opt->flags);
	/* a real-time signal can be lost for want of queue memory */
	if (opt->doorbell < 0 || opt->doorbell >= 32 || opt->doorbell == SIGKILL ||
	    is_job_control(opt->doorbell))
		return state_error(-EINVAL,
				   "options: signal %d cannot be the doorbell: use a standard signal that can be caught and is not for job control",
				   opt->doorbell);
	if (opt->flags & RTFM_EXIT_ON_SIGNAL &&
	    (opt->doorbell == SIGINT || opt->doorbell == SIGTERM))
		return state_error(-EINVAL,
				   "options: signal %d cannot be the doorbell: with RTFM_EXIT_ON_SIGNAL it ends the app",
				   opt->doorbell);
	if ((opt->first_signal && (opt->first_signal < SIGRTMIN || opt->first_signal > SIGRTMAX)) ||
	    (opt->last_signal && (opt->last_signal < SIGRTMIN || opt->last_signal > SIGRTMAX)))
		return state_error(-EINVAL,
				   "options: signals %d to %d: engine signal needs real-time signals, which are %d to %d",
				   opt->first_signal, opt->last_signal, SIGRTMIN, SIGRTMAX);
	if ((unsigned int)opt->delivery > RTFM_DELIVERY_DOORBELL)
		return state_error(-EINVAL, "options: unknown delivery %d", opt->delivery);
	if ((unsigned int)opt->fp > RTFM_FP_CALLER)
		return state_error(-EINVAL, "options: unknown fp %d", opt->fp);
	if (!fpenv_supported(opt->fp))
		return state_error(-EOPNOTSUPP,
				   "options: this architecture cannot flush subnormal numbers to zero");
	return 0;
}

/*
 * What the messages of a core's jobs take of its stack: on each level the largest one, in
 * the job and in a job below that sends it, and the largest that it may send elsewhere.
 * @largest: out, the task with the largest one, NULL if there are none
 */
static size_t message_room(const struct rtfm_app *decl, uint32_t core,
			   const struct rtfmx_task_info **largest)
{
	size_t level[RTFM_LEVELS] = { 0 }, remote = 0, sum = 0;
	uint32_t t, p;

	*largest = NULL;
	for (t = 0; t < decl->ntasks; t++) {
		const struct rtfmx_task_info *task = &decl->tasks[t];
		size_t *most = task->core == core ? &level[task->priority] : &remote;

		if (task->core != core && !task->remote)
			continue;
		if (*most < task->size)
			*most = task->size;
		if (task->size && (!*largest || (*largest)->size < task->size))
			*largest = task;
	}
	for (p = 1; p < RTFM_LEVELS; p++)
		sum += 2 * level[p];
	return sum + remote;
}

/* Core 0 has the caller's stack; the others get what they need. */
static int choose_stacks(struct app *app)
{
	const struct rtfm_app *decl = app->decl;
	const struct rtfmx_task_info *largest;
	size_t room = stack_room(), messages;
	uint32_t c;

	if (app->opt.stack > room / 2)
		return state_error(-EINVAL,
				   "options: stack %zu is more than half of the space left on the caller's stack, %zu",
				   app->opt.stack, room);
	for (c = 0; c < decl->ncores; c++) {
		messages = message_room(decl, c, &largest);
		app->stacks[c] = app->opt.stack + messages;
		if (!c && largest && app->stacks[c] > room / 2)
			return state_error(-EINVAL,
					   "core 0: %zu bytes of messages, the largest of task %s (%u bytes), plus the option stack (%zu) are more than half of the space left on the caller's stack, %zu: raise ulimit -s, or send pointers",
					   messages, largest->name, largest->size, app->opt.stack,
					   room);
	}
	return 0;
}

/* The CPU of core @nr where none was named: the n-th that the caller may use. */
static int nth_cpu(const struct app *app, uint32_t nr)
{
	int cpu;

	if (app->ncaller_cpus <= 0)
		return -1;
	nr %= (uint32_t)app->ncaller_cpus;
	for (cpu = 0; cpu < OS_CPUS; cpu++)
		if (os_has_cpu(&app->caller_cpus, cpu) && !nr--)
			return cpu;
	return -1;
}

static int choose_cpus(struct app *app)
{
	const struct rtfm_options *opt = &app->opt;
	uint32_t ncores = app->decl->ncores, c;

	app->ncaller_cpus = os_get_cpus(&app->caller_cpus);
	if (opt->cpus && opt->ncpus < ncores)
		return state_error(-EINVAL, "options: %u CPUs for %u cores", opt->ncpus, ncores);
	for (c = 0; c < ncores; c++) {
		app->cpus[c] = opt->cpus ? opt->cpus[c] : nth_cpu(app, c);
		if (opt->cpus && (app->cpus[c] < 0 || app->cpus[c] >= OS_CPUS))
			return state_error(-EINVAL, "options: core %u: invalid CPU %d", c,
					   app->cpus[c]);
	}
	return 0;
}

static int choose_priorities(struct app *app)
{
	const struct rtfm_options *opt = &app->opt;
	uint32_t ncores = app->decl->ncores, c;

	if (opt->priorities && opt->npriorities < ncores)
		return state_error(-EINVAL, "options: %u priorities for %u cores",
				   opt->npriorities, ncores);
	for (c = 0; c < ncores; c++) {
		int priority = opt->priorities ? opt->priorities[c] : 0;

		if (!priority)
			priority = opt->priority ? opt->priority : 1;
		if (priority < RTFM_PRIORITY_NONE || priority > 98)
			return state_error(-EINVAL,
					   "options: core %u: priority %d is not 1..98 or RTFM_PRIORITY_NONE",
					   c, priority);
		if (priority < 0 || opt->policy == RTFM_POLICY_OTHER ||
		    opt->realtime == RTFM_REALTIME_OFF)
			priority = 0;
		app->priorities[c] = priority;
	}
	return 0;
}

int check_options(struct app *app, const struct rtfm_options *given)
{
	struct rtfm_options *opt = &app->opt;
	int err;

	if (given) {
		if (given->size != sizeof(*opt))
			return state_error(-EINVAL, "options: size is %zu, not %zu", given->size,
					   sizeof(*opt));
		*opt = *given;
	}
	err = read_environment(app);
	if (err)
		return err;
	if (!opt->engine)
		opt->engine = RTFM_ENGINE_AUTO;
	if (!opt->realtime)
		opt->realtime = RTFM_REALTIME_PREFER;
	if (!opt->delivery)
		opt->delivery = RTFM_DELIVERY_AUTO;
	if (!opt->fp)
		opt->fp = RTFM_FP_STANDARD;
	if (!opt->doorbell)
		opt->doorbell = SIGURG;
	if (!opt->stack)
		opt->stack = 64 << 10;
	err = check_given(opt);
	if (!err)
		err = choose_stacks(app);
	if (!err)
		err = choose_cpus(app);
	if (!err)
		err = choose_priorities(app);
	return err;
}
