// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * The doorbell: the signal that interrupts a running thread when a job is ready, and a
 * system call when the app ends.
 *
 * When the app ends, the thread that ends it sends the doorbell once, with a handler without
 * SA_RESTART. It has no effect on a thread that has tested whether the app runs, and is
 * about to sleep in a system call; nor on one whose call was to be restarted by
 * the handler in which the app ends. So a timer rings again after REMIND_FIRST_NS, and
 * every REMIND_NS, until the core has ended. It is made before there is an app to end: to
 * set it needs no memory, and a signal handler may.
 */
#include <errno.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "dispatch.h"
#include "doorbell.h"
#include "os.h"
#include "state.h"

#define REMIND_FIRST_NS	1000000
#define REMIND_NS	20000000

/* Engine soft: the timer of a core has fired. */
static bool of_timer(const siginfo_t *info)
{
	return info->si_code == SI_TIMER && info->si_value.sival_ptr == &the_app;
}

/* The same, or a reminder, whose value is a core. */
static bool from_timer(const siginfo_t *info)
{
	uintptr_t at = (uintptr_t)info->si_value.sival_ptr;
	uintptr_t first = (uintptr_t)the_app.memory;

	return of_timer(info) ||
	       (info->si_code == SI_TIMER && at >= first && at - first < the_app.bytes);
}

static int cookie;	/* new in each run; start */

/*
 * Did a sender of the app send it? If not, the signal is the program's: it or another
 * process has sent a signal with this number. One for which there was no memory
 * (RLIMIT_SIGPENDING) has nothing that identifies its sender: @unsaid, a sender has sent one
 * since the last. Of two that are pending together the first is delivered.
 */
static bool ours(const siginfo_t *info, bool unsaid)
{
	const struct engine *engine = __atomic_load_n(&the_app.engine, __ATOMIC_ACQUIRE);

	if (info->si_code == SI_USER && !info->si_pid)
		return unsaid;
	if (info->si_code == SI_KERNEL)
		return engine && engine->module &&
		       info->si_value.sival_int == RTFM_DOORBELL_VALUE;
	return os_sent(info, the_app.pid, cookie) || from_timer(info);
}

/* It fails if the thread has ended, and then it has no job to run. */
void doorbell_ring(struct core *target)
{
	__atomic_store_n(&target->rung, 1, __ATOMIC_SEQ_CST);
	os_send(target->app->pid, target->tid, target->app->opt.doorbell, cookie, 0);
}

/*
 * Anywhere in the thread. Engine signal: it has interrupted a system call, which is what it
 * is for. In rtfm_poll() the same, and it leaves a bit. Masked: set RTFM_READY_LOOK, for
 * which the code that masked the thread checks after unmasking it. Parked or polling: the
 * thread is about to check its ready words, and its state must be running by then, or no
 * sender would send the doorbell again. It checks them after a signal that is not ours, too:
 * ours may have been pending with it.
 */
static void doorbell(int sig, siginfo_t *info, void *context)
{
	struct core *core = self;
	bool rung = core && __atomic_exchange_n(&core->rung, 0, __ATOMIC_SEQ_CST);
	/* core 0 has ended, and the sender had not seen that yet */
	bool late = !core && os_gettid() == the_app.caller;
	uint32_t parked = RTFM_STATE_PARKED;
	struct rtfm_ctl *ctl;
	int saved = errno;

	/* if that handler is this one, this is a child that was not made by fork() */
	if (!ours(info, rung || late) && the_app.doorbell_old.sa_sigaction != doorbell)
		os_pass_on(&the_app.doorbell_old, sig, info, context);
	errno = saved;
	if (!core)
		return;
	if (!core->app->engine->direct)
		return;
	ctl = core->pub.ctl;
	if (of_timer(info))
		rtfmx_local_or(&ctl->ready, RTFM_READY_TIME);
	if (RTFMX_LOAD(&ctl->state) != RTFM_STATE_RUNNING) {
		rtfmx_local_or(&ctl->ready, RTFM_READY_LOOK);
		__atomic_compare_exchange_n(&ctl->state, &parked, RTFM_STATE_RUNNING, false,
					    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
		return;
	}
	if (RTFMX_LOAD(&ctl->masked) || core->polls_files) {
		rtfmx_local_or(&ctl->ready, RTFM_READY_LOOK);
		return;
	}
	dispatch_doorbell(core);
	errno = saved;
}

/* Without memory for a timer (RLIMIT_SIGPENDING) the doorbell is rung once. */
static void make_reminder(struct core *core)
{
	int timer = os_timer_create(core->tid, core->app->opt.doorbell, core);

	if (timer >= 0)
		core->reminder = timer + 1;
}

void doorbell_open(struct core *core)
{
	make_reminder(core);
	core->doorbell_blocked = os_block(core->app->opt.doorbell, false);
}

void doorbell_close(struct core *core)
{
	if (core->doorbell_blocked)
		os_block(core->app->opt.doorbell, true);
}

static int set_handler(struct app *app, int flags, struct sigaction *old)
{
	struct sigaction action = { .sa_flags = SA_SIGINFO | flags };

	action.sa_sigaction = doorbell;
	sigemptyset(&action.sa_mask);
	return sigaction(app->opt.doorbell, &action, old);
}

void doorbell_interrupt(struct app *app)
{
	const struct itimerspec at = {
		.it_value.tv_nsec = REMIND_FIRST_NS,
		.it_interval.tv_nsec = REMIND_NS,
	};
	int saved = errno;
	uint32_t c;

	/* neither fails: the signal has been ours, and the timers are there until we have gone */
	set_handler(app, 0, NULL);
	for (c = 0; c < app->decl->ncores; c++)
		if (app->cores[c].reminder)
			syscall(SYS_timer_settime, app->cores[c].reminder - 1, 0, &at, NULL);
	errno = saved;
}

int doorbell_install(struct app *app)
{
	cookie = os_cookie();
	if (set_handler(app, SA_RESTART, &app->doorbell_old))
		return state_error(-errno, "no handler for the doorbell, signal %d: %s",
				   app->opt.doorbell, strerror(errno));
	app->doorbell_there = true;
	app->signals |= 1ULL << (app->opt.doorbell - 1);
	return 0;
}

/*
 * A late doorbell is still pending if the caller has the signal blocked. It is discarded:
 * otherwise it would go to the caller's handler.
 */
void doorbell_remove(struct app *app)
{
	uint32_t c;

	if (!app->doorbell_there)
		return;
	/* the child of a fork has inherited none, nor the memory that says so */
	for (c = 0; app->memory && c < app->decl->ncores; c++)
		if (app->cores[c].reminder)
			os_timer_delete(app->cores[c].reminder - 1);
	app->doorbell_there = false;
	os_discard(app->opt.doorbell);
	sigaction(app->opt.doorbell, &app->doorbell_old, NULL);
}
