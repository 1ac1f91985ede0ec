// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * How an app ends: rtfm_exit() from any thread, rtfm_leave() for the calling core, and
 * an engine that cannot go on.
 *
 * The thread that ends the app sets &struct app.stopping and posts RTFM_READY_STOP to all
 * cores. Each core sees one of the two when it searches for a job, and returns from there to
 * rtfm_run(), which joins the cores. A core that is in a system call, of idle for example,
 * is interrupted by the engine.
 *
 * The first request to end is kept in @request, also one that comes before the first call of
 * rtfm_run(). Between two apps it is dropped: a late caller must not end the next. A call
 * that has not returned when the next app begins may end that one: nobody can tell whether
 * it was made before. Until the cores exist, to keep it is all:
 *
 *	rtfm_exit()				core 0, before the first init
 *	request |= REQUESTED			live = 1
 *	full fence				full fence
 *	live? then stop the cores		request & REQUESTED? then no init runs
 *
 * so at least one of the two sees the other's store; if both do, stopping twice is stopping
 * once. What comes after live = 0 finds the cores at their end, and is the status all the
 * same if there was none before.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>

#include "end.h"
#include "os.h"
#include "ready.h"
#include "state.h"

/* &struct app.stopping: the status, and that there is one. */
#define STOPPING 0x100

/* @request: the status, that there is one, and which app it is for; 0: none. */
#define REQUESTED STOPPING
#define OPEN	  0x200u	/* the one of the rtfm_run() that has begun */
#define FIRST	  0x400u	/* the first one: rtfm_run() has not been called yet */

static uint32_t request = FIRST;

static uint32_t callers;	/* threads that are inside rtfm_exit(), and AWAITED */
#define AWAITED (1u << 31)	/* rtfm_run() sleeps until there are none */

/*
 * RTFM_READY_STOP comes first: no job starts from then on, so none puts its slot back on
 * a free list. With the lists empty, each spawn of this core goes out of line and is
 * refused there.
 */
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
	app->engine->interrupt(app);
	for (c = 0; c < app->decl->ncores; c++)
		if (&app->cores[c] != self && !state_over(&app->cores[c]))
			ready_post(&app->cores[c], RTFM_READY_STOP);
	/*
	 * In a signal handler this may be between the last check before a sleep and the sleep,
	 * and without memory for a timer (RLIMIT_SIGPENDING) there is no reminder.
	 */
	if (self)
		app->engine->kick(self);
}

bool end_begin(void)
{
	uint32_t now = __atomic_load_n(&request, __ATOMIC_SEQ_CST);

	do {
		if (now & OPEN)
			return false;
	} while (!__atomic_compare_exchange_n(&request, &now, (now & ~FIRST) | OPEN, false,
					      __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST));
	return true;
}

bool end_if_requested(struct app *app)
{
	uint32_t now = __atomic_load_n(&request, __ATOMIC_SEQ_CST);

	if (now & REQUESTED)
		stop_all(app, (int)now);
	return now & REQUESTED;
}

int end_status(void)
{
	return (int)(__atomic_exchange_n(&request, 0, __ATOMIC_SEQ_CST) & 0xff);
}

PUBLIC void rtfm_exit(int status)
{
	uint32_t now, ends = REQUESTED | ((uint32_t)status & 0xff);
	int saved = errno;

	/* rtfm_run() waits for all callers before it takes the app away */
	__atomic_fetch_add(&callers, 1, __ATOMIC_SEQ_CST);
	now = __atomic_load_n(&request, __ATOMIC_SEQ_CST);
	while ((now == FIRST || now == OPEN) &&
	       !__atomic_compare_exchange_n(&request, &now, now | ends, false, __ATOMIC_SEQ_CST,
					    __ATOMIC_SEQ_CST))
		;
	if (state_live(&the_app))
		end_if_requested(&the_app);
	if (__atomic_sub_fetch(&callers, 1, __ATOMIC_SEQ_CST) == AWAITED)
		os_futex_wake(&callers, 1);
	errno = saved;
}

/*
 * rtfm_run() sleeps here, it does not yield: its thread may be SCHED_FIFO and have
 * preempted, on the same CPU, a caller that is not.
 */
void end_await_callers(void)
{
	uint32_t now = __atomic_or_fetch(&callers, AWAITED, __ATOMIC_SEQ_CST);

	while (now != AWAITED) {
		os_futex_wait(&callers, now, TIMER_NEVER);
		now = __atomic_load_n(&callers, __ATOMIC_SEQ_CST);
	}
	__atomic_fetch_and(&callers, ~AWAITED, __ATOMIC_SEQ_CST);
}

/* RTFM_EXIT_ON_SIGNAL */
#define CAUGHT 2

static struct {
	int sig;
	bool there;		/* ours is, instead of @old */
	struct sigaction old;
} caught[CAUGHT] = { { .sig = SIGINT }, { .sig = SIGTERM } };

static void on_signal(int sig)
{
	rtfm_exit(128 + sig);
}

/* The second one is not caught. A signal that is ignored, as by nohup, stays ignored. */
int end_catch_signals(const struct app *app)
{
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND };
	int i;

	sigemptyset(&action.sa_mask);
	for (i = 0; app->opt.flags & RTFM_EXIT_ON_SIGNAL && i < CAUGHT; i++) {
		if (sigaction(caught[i].sig, NULL, &caught[i].old) ||
		    (caught[i].old.sa_handler != SIG_IGN &&
		     sigaction(caught[i].sig, &action, NULL)))
			return state_error(-errno, "no handler for signal %d: %s", caught[i].sig,
					   strerror(errno));
		caught[i].there = caught[i].old.sa_handler != SIG_IGN;
	}
	return 0;
}

/* It cannot fail: the signal has been ours. */
void end_release_signals(void)
{
	int i;

	for (i = 0; i < CAUGHT; i++)
		if (caught[i].there)
			sigaction(caught[i].sig, &caught[i].old, NULL);
	for (i = 0; i < CAUGHT; i++)
		caught[i].there = false;
}

void end_after_fork(void)
{
	end_release_signals();
	callers = 0;
	request = 0;
}

void end_failed(struct app *app, int err)
{
	state_fail(app, err);
	stop_all(app, 0);
}

void end_abort(struct app *app, int err, const char *text)
{
	end_failed(app, state_error(err, "%s: %s", text, strerror(-err)));
}

PUBLIC void rtfm_leave(void)
{
	struct core *core = self;

	if (!core)
		return;
	__atomic_store_n(&core->over, 1, __ATOMIC_SEQ_CST);
	close_core(core);
}
