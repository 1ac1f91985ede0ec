// SPDX-License-Identifier: MIT OR Apache-2.0
/* The threads of libshim: one for each core but the first, and their helpers. */
#include <errno.h>
#include <sched.h>

#include "realtime.h"
#include "thread.h"

#define CORE_STACK	 (1024UL * 1024)

/* A core that has started meanwhile may be refused at any time. */
static bool policy_refused(const struct app *app)
{
	return __atomic_load_n(&app->refused, __ATOMIC_RELAXED) & REFUSED_POLICY;
}

static int create(struct core *core, pthread_t *thread, void *(*body)(void *), bool realtime)
{
	const struct rtfm_options *opt = &core->app->opt;
	struct sched_param param = { .sched_priority = opt->priority + 1 };
	size_t stack = CORE_STACK + opt->stack;
	pthread_attr_t attr;
	int err;

	err = pthread_attr_init(&attr);
	if (err)
		return -err;
	pthread_attr_setstacksize(&attr, (stack + 4095) & ~(size_t)4095);
	if (realtime) {
		if (opt->policy != RTFM_POLICY_OTHER && !policy_refused(core->app)) {
			pthread_attr_setinheritsched(&attr, PTHREAD_EXPLICIT_SCHED);
			pthread_attr_setschedpolicy(&attr, SCHED_FIFO);
			pthread_attr_setschedparam(&attr, &param);
		}
	}
	err = pthread_create(thread, &attr, body, core);
	if (err == EPERM && realtime) {
		realtime_refused(core->app, REFUSED_HELPER);
		pthread_attr_setinheritsched(&attr, PTHREAD_INHERIT_SCHED);
		err = pthread_create(thread, &attr, body, core);
	}
	pthread_attr_destroy(&attr);
	return -err;
}

int thread_helper(struct core *core, pthread_t *helper, void *(*body)(void *))
{
	bool realtime = core->app->opt.realtime != RTFM_REALTIME_OFF;
	sigset_t all, old;
	int err;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	err = create(core, helper, body, realtime);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return err;
}

int thread_core(struct core *core, void *(*body)(void *))
{
	return create(core, &core->thread, body, false);
}
