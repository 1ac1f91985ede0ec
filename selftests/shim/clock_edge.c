// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A timer fires, and the clock, read on another CPU, is a nanosecond short of its instant. The
 * job is not released early, and it is not lost.
 */
#include "tap.h"
#include <dlfcn.h>

#define EDGE(core, resource, task)					\
	core(0, idle)							\
	task(timed, priority(1))
RTFM_APP(EDGE);

static uint64_t edge;		/* the first reading from here on is a nanosecond before; 0: none */
static uint64_t ran_at, edges;
static bool spins;

static int (*next_gettime)(clockid_t clock, struct timespec *ts);

static uint64_t ns(const struct timespec *ts)
{
	return (uint64_t)ts->tv_sec * SEC + (uint64_t)ts->tv_nsec;
}

int clock_gettime(clockid_t clock, struct timespec *ts)
{
	uint64_t at = LOAD(edge);
	int ret;

	if (!next_gettime)
		next_gettime = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT,
									    "clock_gettime");
	ret = next_gettime(clock, ts);
	if (clock != CLOCK_MONOTONIC || !at || ns(ts) < at)
		return ret;
	STORE(edge, 0);
	edges++;
	ts->tv_sec = (time_t)((at - 1) / SEC);
	ts->tv_nsec = (long)((at - 1) % SEC);
	return ret;
}

RTFM_TASK(timed)
{
	struct timespec ts;

	next_gettime(CLOCK_MONOTONIC, &ts);
	STORE(ran_at, ns(&ts));
}

/* Until it has run, nothing but the library reads the clock before the edge has been seen. */
static void round_of(struct idle_0_cx *cx)
{
	uint64_t at = rtfm_now() + 5 * MSEC;

	STORE(ran_at, 0);
	rtfm_unwrap(rtfm_schedule(timed, at));
	STORE(edge, at);
	while (!LOAD(ran_at) && (LOAD(edge) || rtfm_now() < at + 10 * SEC))
		if (!spins)
			rtfm_poll(NULL, 0, RTFM_SEC(1));
	STORE(edge, 0);
	ok(LOAD(ran_at) >= at, "released, and not early: %s", spins ? "idle spins" : "idle sleeps");
}

RTFM_IDLE(0)
{
	int i;

	for (i = 0; i < 5; i++) {
		spins = time_preempts() && i % 2;
		round_of(cx);
	}
	rtfm_exit(0);
}

int main(void)
{
	tap_begin(60);
	need_cpus(1);
	ok_eq(rtfm_run(&rtfm_app, NULL), 0, "the app ends");
	printf("# %llu readings short of the instant\n", (unsigned long long)edges);
	return tap_end();
}
