// SPDX-License-Identifier: MIT OR Apache-2.0
/* The threads of libshim: one for each core but the first, and their helpers. */
#include <errno.h>
#include <sched.h>
#include <stdio.h>

#include "fault.h"
#include "realtime.h"
#include "thread.h"

#define CORE_STACK	 (1024UL * 1024)

/*
 * @what: beside the name of the app and the number of the core, in the name of the thread
 * @priority: SCHED_FIFO, if it may be had; 0: as the kernel makes threads of the caller
 */
static int create(struct core *core, const char *what, pthread_t *thread, void *(*body)(void *),
		  int priority)
{
	char name[32];
	struct sched_param param = { .sched_priority = priority };
	size_t stack = CORE_STACK + core->stack;
	pthread_attr_t attr;
	int err;

	err = pthread_attr_init(&attr);
	if (err)
		return -err;
	err = pthread_attr_setstacksize(&attr, (stack + 4095) & ~(size_t)4095);
	if (!err)
		err = pthread_attr_setguardsize(&attr, FAULT_GUARD);
	if (priority) {
		pthread_attr_setinheritsched(&attr, PTHREAD_EXPLICIT_SCHED);
		pthread_attr_setschedpolicy(&attr, SCHED_FIFO);
		pthread_attr_setschedparam(&attr, &param);
	}
	if (!err)
		err = pthread_create(thread, &attr, body, core);
	/* then with that of the core, or without */
	if (err == EPERM && priority) {
		realtime_refused(core, REFUSED_HELPER, err);
		param.sched_priority = core->priority;
		pthread_attr_setschedparam(&attr, &param);
		err = pthread_create(thread, &attr, body, core);
	}
	if (err == EPERM && priority) {
		pthread_attr_setinheritsched(&attr, PTHREAD_INHERIT_SCHED);
		err = pthread_create(thread, &attr, body, core);
	}
	pthread_attr_destroy(&attr);
	if (!err) {
		snprintf(name, sizeof(name), "%.5s/%s %u", core->app->decl->name, what, core->nr);
		pthread_setname_np(*thread, name);
	}
	return -err;
}

int thread_helper(struct core *core, pthread_t *helper, void *(*body)(void *))
{
	bool realtime = core->priority && !(core->refused & REFUSED_POLICY);
	sigset_t all, old;
	int err;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	err = create(core, "time", helper, body, realtime ? core->priority + 1 : 0);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return err;
}

int thread_core(struct core *core, void *(*body)(void *))
{
	return create(core, "core", &core->thread, body, 0);
}
