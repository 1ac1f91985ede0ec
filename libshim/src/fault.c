// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * A core that has used up its stack gets SIGSEGV, on an alternate stack, for there is no
 * other left. One that aborts sends itself SIGABRT: an exception that leaves a task, a failed
 * assertion or rtfm_unwrap(), a corrupt heap. The handler reports the core and where it is, in
 * one line, and does then what would have been done without it: it calls the program's
 * handler, or lets the signal kill.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/auxv.h>
#include <ucontext.h>
#include <unistd.h>

#include "fault.h"
#include "os.h"
#include "state.h"

#ifndef AT_MINSIGSTKSZ
#define AT_MINSIGSTKSZ 51
#endif

size_t fault_stack(void)
{
	size_t least = getauxval(AT_MINSIGSTKSZ);

	/* the frame, and for handlers of the program that run there, too */
	return (least > 4096 ? least : 4096) + (32 << 10);
}

static uintptr_t stack_pointer(const ucontext_t *context)
{
#if defined(__x86_64__)
	return (uintptr_t)context->uc_mcontext.gregs[REG_RSP];
#elif defined(__aarch64__)
	return (uintptr_t)context->uc_mcontext.sp;
#else
	(void)context;
	return UINTPTR_MAX;
#endif
}

/*
 * What is mapped of the stack does not fault. A large frame may have jumped over the guard
 * with the stack pointer before it touches anything.
 */
static bool is_overflow(const struct core *core, uintptr_t at, const ucontext_t *context)
{
	uintptr_t low = (uintptr_t)core->stack_base, sp = stack_pointer(context);

	if (sp < low)
		low = sp;
	return at < (uintptr_t)core->stack_top && at + FAULT_GUARD >= low;
}

/* ---- a line without stdio -------------------------------------------------- */

struct line {
	char text[256];
	size_t length;
};

static void put(struct line *line, const char *text)
{
	for (; *text && line->length < sizeof(line->text); text++)
		line->text[line->length++] = *text;
}

static void put_number(struct line *line, uint64_t n)
{
	char digits[24];
	size_t at = sizeof(digits) - 1;

	digits[at] = 0;
	do
		digits[--at] = (char)('0' + n % 10);
	while (n /= 10);
	put(line, digits + at);
}

/* ---- where the core is ----------------------------------------------------- */

/* "a, b or c": the tasks of the core that have this priority; whether there are any. */
static bool put_tasks(struct line *line, const struct core *core, uint32_t priority)
{
	const struct rtfm_app *decl = core->app->decl;
	bool any = false;
	uint32_t t;

	for (t = 0; t < decl->ntasks; t++) {
		if (decl->tasks[t].core != core->nr || decl->tasks[t].priority != priority)
			continue;
		put(line, any ? " or " : "in task ");
		put(line, decl->tasks[t].name);
		any = true;
	}
	return any;
}

/*
 * The ceiling is all that is known of it. It is the priority of the job that runs, or higher:
 * that of a resource which the job has locked, or idle.
 */
static void put_place(struct line *line, const struct core *core)
{
	const struct rtfm_app *decl = core->app->decl;
	uint32_t ceiling = RTFMX_LOAD(&core->pub.ctl->ceiling) & RTFM_CEILING_LEVEL, r;
	bool any;

	if (core->arrived < 3) {
		put(line, "in init");
		return;
	}
	if (!ceiling) {
		put(line, decl->cores[core->nr].idle && !core->idle ? "in idle" :
		    "outside of its tasks");
		return;
	}
	any = put_tasks(line, core, ceiling);
	for (r = 0; r < decl->nresources; r++) {
		if (decl->resources[r].core != core->nr || decl->resources[r].ceiling != ceiling)
			continue;
		put(line, any ? " or in a lock of " : "in a lock of ");
		put(line, decl->resources[r].name);
		any = true;
	}
}

void fault_place(const struct core *core, char *text, size_t size)
{
	struct line line = { .length = 0 };

	put_place(&line, core);
	if (line.length >= size)
		line.length = size - 1;
	memcpy(text, line.text, line.length);
	text[line.length] = 0;
}

static void report_stack(const struct core *core, struct line *line)
{
	put(line, " has used up its stack of ");
	put_number(line, (uint64_t)(core->stack_top - core->stack_base) >> 10);
	put(line, " KiB, ");
	put_place(line, core);
	put(line, core->nr ? " (RTFM_STACK makes it larger)\n" :
	    " (it is the caller's of rtfm_run(): ulimit -s)\n");
}

static void report_abort(const struct core *core, struct line *line)
{
	put(line, " aborts ");
	put_place(line, core);
	put(line, "\n");
}

static void report(const struct core *core,
		   void (*what)(const struct core *core, struct line *line))
{
	struct line line = { .length = 0 };

	put(&line, "rtfm: core ");
	put_number(&line, core->nr);
	what(core, &line);
	if (line.length == sizeof(line.text))
		line.text[sizeof(line.text) - 1] = '\n';
	if (write(2, line.text, line.length) < 0)
		return;		/* stderr is closed */
}

/* ---- the signals ----------------------------------------------------------- */

static const int signals[] = { SIGSEGV, SIGABRT };

#define SIGNALS (sizeof(signals) / sizeof(*signals))

/*
 * What the program's handler would have blocked, and all signals that may run a job: that
 * would be on the alternate stack, which is small.
 */
static void block_for(const struct sigaction *old, int sig, const ucontext_t *context)
{
	sigset_t mask = context->uc_sigmask;
	int other;

	for (other = 1; other <= SIGRTMAX; other++)
		if (other >= SIGRTMIN || other == the_app.opt.doorbell || other == sig ||
		    sigismember(&old->sa_mask, other) == 1)
			sigaddset(&mask, other);
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
}

/* All signals are blocked: no job begins on the alternate stack. */
static void on_fault(int sig, siginfo_t *info, void *context)
{
	const struct sigaction *old = &the_app.fault_old[sig == SIGABRT];
	struct sigaction none = { .sa_handler = SIG_DFL };
	const struct core *core = self;
	int saved = errno;

	/* neither one that another process sent */
	if (core && sig == SIGSEGV && info->si_code > 0 &&
	    is_overflow(core, (uintptr_t)info->si_addr, context))
		report(core, report_stack);
	else if (core && sig == SIGABRT && info->si_code == SI_TKILL && info->si_pid == getpid())
		report(core, report_abort);
	errno = saved;
	if (old->sa_flags & SA_SIGINFO) {
		block_for(old, sig, context);
		old->sa_sigaction(sig, info, context);
	} else if (old->sa_handler != SIG_DFL && old->sa_handler != SIG_IGN) {
		block_for(old, sig, context);
		old->sa_handler(sig);
	} else if (info->si_code > 0 || old->sa_handler == SIG_DFL) {
		/* the instruction faults again, and dumps core where it did */
		sigaction(sig, &none, NULL);
		if (info->si_code <= 0)
			os_tgkill(os_gettid(), sig);
	}
}

void fault_install(struct app *app)
{
	struct sigaction action = { .sa_flags = SA_SIGINFO | SA_ONSTACK };
	size_t i;

	action.sa_sigaction = on_fault;
	sigfillset(&action.sa_mask);
	for (i = 0; i < SIGNALS; i++)
		app->fault_there[i] = !sigaction(signals[i], &action, &app->fault_old[i]);
}

void fault_remove(struct app *app)
{
	struct sigaction now;
	size_t i;

	for (i = 0; i < SIGNALS; i++) {
		if (app->fault_there[i] && !sigaction(signals[i], NULL, &now) &&
		    now.sa_flags & SA_SIGINFO && now.sa_sigaction == on_fault)
			sigaction(signals[i], &app->fault_old[i], NULL);
		app->fault_there[i] = false;
	}
}

void fault_open(struct core *core, void *stack)
{
	stack_t ours = { .ss_sp = stack, .ss_size = fault_stack() };
	size_t size = 0;
	stack_t old;

	/* from the caller of run_core() down: all that a task may have */
	if (os_stack(&core->stack_base, &size))
		core->stack_base = stack;
	core->stack_top = (char *)stack + ours.ss_size;
	core->alternate = !sigaltstack(NULL, &old) && old.ss_flags & SS_DISABLE &&
			  !sigaltstack(&ours, NULL);
}

void fault_close(struct core *core)
{
	stack_t none = { .ss_flags = SS_DISABLE };

	if (core->alternate)
		sigaltstack(&none, NULL);
	core->alternate = false;
}
