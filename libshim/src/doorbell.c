// SPDX-License-Identifier: MIT OR Apache-2.0
/* The doorbell: the signal by which a running thread is told to look. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "dispatch.h"
#include "doorbell.h"
#include "os.h"
#include "state.h"

/* Engine soft: the timer of a core has fired. */
static bool of_timer(const siginfo_t *info)
{
	return info->si_code == SI_TIMER && info->si_value.sival_ptr == &the_app;
}

/*
 * Anywhere in the thread. Masked: set RTFM_READY_LOOK, for which the code that masked the
 * thread looks after unmasking it. Parked or polling: the thread is about to look by
 * itself, and its state must say that it runs by then, or no sender would ring for it
 * again.
 */
static void doorbell(int sig, siginfo_t *info, void *context)
{
	struct core *core = self;
	struct rtfm_ctl *ctl;
	uint32_t parked = RTFM_STATE_PARKED;
	int saved = errno;

	if (!core) {
		struct sigaction *old = &the_app.doorbell_old;

		/* core 0 has ended, and the sender had not seen that yet */
		if (os_gettid() == the_app.caller &&
		    (of_timer(info) ||
		     (info->si_code == SI_TKILL && info->si_pid == getpid())))
			return;
		if (old->sa_flags & SA_SIGINFO) {
			/* if it is ours, this is a child that was not made by fork() */
			if (old->sa_sigaction != doorbell)
				old->sa_sigaction(sig, info, context);
		} else if (old->sa_handler != SIG_DFL && old->sa_handler != SIG_IGN) {
			old->sa_handler(sig);
		}
		return;
	}
	ctl = core->pub.ctl;
	if (of_timer(info))
		rtfmx_local_or(&ctl->ready, RTFM_READY_TIME);
	if (RTFMX_LOAD(&ctl->state) != RTFM_STATE_RUNNING) {
		rtfmx_local_or(&ctl->ready, RTFM_READY_LOOK);
		__atomic_compare_exchange_n(&ctl->state, &parked, RTFM_STATE_RUNNING, false,
					    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
		return;
	}
	if (RTFMX_LOAD(&ctl->masked)) {
		rtfmx_local_or(&ctl->ready, RTFM_READY_LOOK);
		return;
	}
	dispatch_doorbell(core);
	errno = saved;
}

void doorbell_open(struct core *core)
{
	core->doorbell_blocked = os_block(core->app->opt.doorbell, false);
}

void doorbell_close(struct core *core)
{
	if (core->doorbell_blocked)
		os_block(core->app->opt.doorbell, true);
}

int doorbell_install(struct app *app)
{
	struct sigaction action = { .sa_flags = SA_SIGINFO | SA_RESTART };

	action.sa_sigaction = doorbell;
	sigemptyset(&action.sa_mask);
	if (sigaction(app->opt.doorbell, &action, &app->doorbell_old))
		return state_error(-errno, "no handler for the doorbell, signal %d: %s",
				   app->opt.doorbell, strerror(errno));
	app->doorbell_there = true;
	app->signals = 1ULL << (app->opt.doorbell - 1);
	return 0;
}

/*
 * A late doorbell is still pending if the caller has the signal blocked. It is discarded:
 * otherwise it would go to the caller's handler.
 */
void doorbell_remove(struct app *app)
{
	if (!app->doorbell_there)
		return;
	app->doorbell_there = false;
	os_discard(app->opt.doorbell);
	sigaction(app->opt.doorbell, &app->doorbell_old, NULL);
}
