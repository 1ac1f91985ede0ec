// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * An ordinary thread ends an app whose core is SCHED_FIFO on the same CPU: the core preempts
 * the thread in the middle of rtfm_exit(), and must let it finish the call.
 */
#include "tap.h"
#include <pthread.h>
#include <sys/syscall.h>

#define VISITOR(core, resource, task)					\
	core(0, init)
RTFM_APP(VISITOR);

#define ROUNDS 10

static int inits;

RTFM_INIT(0)
{
	ADD(inits, 1);
}

static void *visit(void *arg)
{
	for (int round = 1; round <= ROUNDS; round++) {
		while (LOAD(inits) < round || !rtfm_running())
			usleep(1000);
		/* the core sleeps */
		usleep(10000);
		rtfm_exit(round);
	}
	return NULL;
}

static uint64_t cpu_time(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return (uint64_t)ts.tv_sec * SEC + (uint64_t)ts.tv_nsec;
}

int main(void)
{
	struct sched_param param = { .sched_priority = 1 };
	uint64_t begin, ns;
	pthread_t thread;
	cpu_set_t cpus;
	int good = 0, cheap = 0;

	tap_begin(60);
	need_cpus(1);
	CPU_ZERO(&cpus);
	CPU_SET(0, &cpus);
	sched_setaffinity(0, sizeof(cpus), &cpus);
	pthread_create(&thread, NULL, visit, NULL);
	if (syscall(SYS_sched_setscheduler, 0, SCHED_FIFO, &param))
		tap_skip_all("no right to SCHED_FIFO");
	for (int round = 1; round <= ROUNDS; round++) {
		begin = cpu_time();
		good += rtfm_run(&rtfm_app, NULL) == round;
		ns = cpu_time() - begin;
		cheap += ns < 500 * MSEC;
		if (ns >= 500 * MSEC)
			printf("# round %d: %llu ms\n", round, (unsigned long long)(ns / MSEC));
	}
	pthread_join(thread, NULL);
	ok_eq(good, ROUNDS, "each visitor ended the app");
	/* else it spins until the kernel lets an ordinary task run: 900 ms, every second time */
	ok(cheap > ROUNDS * 3 / 4, "waiting for a visitor takes no CPU");
	return tap_end();
}
