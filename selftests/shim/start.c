// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The app starts after the last init has ended, however long that took. The start is the
 * origin of periodic tasks and the baseline of jobs that init has spawned, on all cores; no
 * task runs before it.
 */
#include "tap.h"

#define PERIOD	RTFM_MSEC(1)
#define WORK	RTFM_MSEC(50)

#define START(core, resource, task)					\
	core(0, init, idle)						\
	task(first, priority(2), period(PERIOD))			\
	task(near, priority(3))						\
	task(reused, priority(3))					\
	task(timed, priority(4))					\
	task(kept, priority(4), capacity(2))				\
	core(1, init, idle)						\
	task(second, priority(2), period(PERIOD), offset(PERIOD / 2))	\
	task(far, priority(3), remote)					\
	task(large, priority(3), remote, message(char bytes[200]))
RTFM_APP(START);

/* The baseline of a body, and the time at which it began */
struct seen {
	uint64_t scheduled, now;
};

static struct seen inits[2], idles[2], firsts, seconds, nears, reuseds, fars, larges, timeds;
static struct seen kepts[2];
static uint64_t ended[2], instant;
static int done;
static bool bytes_kept;

static void note(struct seen *seen, uint64_t scheduled)
{
	if (seen->scheduled)
		return;
	seen->now = rtfm_now();
	seen->scheduled = scheduled;
	ADD(done, 1);
}

RTFM_INIT(0)
{
	note(&inits[0], cx->scheduled);
	rtfm_unwrap(rtfm_spawn(near));
	/* in the only slot of the task, which a scheduled job has used before */
	rtfm_unwrap(rtfm_cancel(rtfm_unwrap(rtfm_schedule(reused, cx->scheduled + 3600 * SEC))));
	rtfm_unwrap(rtfm_spawn(reused));
	rtfm_unwrap(rtfm_spawn(far));
	rtfm_unwrap(rtfm_spawn(large, .bytes = { 1, 2, 3 }));
	/* a scheduled job keeps its instant, also if it equals the baseline of init */
	rtfm_unwrap(rtfm_schedule(kept, cx->scheduled));
	rtfm_unwrap(rtfm_schedule(kept, cx->scheduled + 1));
	spin_until(rtfm_now() + WORK);
	instant = rtfm_now();
	rtfm_unwrap(rtfm_schedule(timed, instant));
	ended[0] = rtfm_now();
}

RTFM_INIT(1)
{
	note(&inits[1], cx->scheduled);
	spin_until(rtfm_now() + WORK / 2);
	ended[1] = rtfm_now();
}

RTFM_IDLE(0)
{
	uint64_t hang = rtfm_now() + 20 * SEC;

	note(&idles[0], cx->scheduled);
	while (LOAD(done) < 13 && rtfm_now() < hang)
		;
	rtfm_exit(0);
}

RTFM_IDLE(1)
{
	note(&idles[1], cx->scheduled);
	while (rtfm_running())
		rtfm_wait();
}

RTFM_TASK(first)
{
	note(&firsts, cx->scheduled);
}

RTFM_TASK(second)
{
	note(&seconds, cx->scheduled);
}

RTFM_TASK(near)
{
	note(&nears, cx->scheduled);
}

RTFM_TASK(reused)
{
	note(&reuseds, cx->scheduled);
}

RTFM_TASK(far)
{
	note(&fars, cx->scheduled);
}

RTFM_TASK(large)
{
	bytes_kept = msg->bytes[2] == 3 && !msg->bytes[199];
	note(&larges, cx->scheduled);
}

RTFM_TASK(timed)
{
	note(&timeds, cx->scheduled);
}

RTFM_TASK(kept)
{
	note(&kepts[cx->scheduled != inits[0].scheduled], cx->scheduled);
}

/* Is it one of the instants of a periodic task? On a busy machine some may be skipped. */
static bool on_grid(const struct seen *seen, uint64_t from)
{
	return seen->scheduled >= from && (seen->scheduled - from) % PERIOD == 0;
}

int main(void)
{
	uint64_t start, last;
	int status;

	tap_begin(60);
	need_cpus(2);
	if (!time_preempts())
		tap_skip_all(NO_TIME_PREEMPTION);
	status = rtfm_run(&rtfm_app, NULL);
	if (!ok(!status && done == 13, "all run"))
		printf("# rtfm_run: %d, %d of 13: %s\n", status, done, rtfm_error());
	last = ended[0] > ended[1] ? ended[0] : ended[1];
	start = idles[0].scheduled;
	ok(inits[0].scheduled == inits[1].scheduled && inits[0].scheduled <= inits[0].now &&
	   inits[0].scheduled <= inits[1].now,
	   "the baseline of init is the same on all cores, and before the first begins");
	ok(start >= last, "the app starts after the last init has ended");
	ok_eq((long long)idles[1].scheduled, (long long)start, "at the same instant on all cores");
	ok(on_grid(&firsts, start) && on_grid(&seconds, start + PERIOD / 2),
	   "it is the origin of the periodic tasks of all cores");
	printf("# first releases: %lld and %lld ns late\n", (long long)(firsts.now - start),
	       (long long)(seconds.now - start - PERIOD / 2));
	ok_eq((long long)nears.scheduled, (long long)start, "and the baseline of what init spawns");
	ok_eq((long long)reuseds.scheduled, (long long)start,
	      "also in a slot that a cancelled job has had");
	ok_eq((long long)fars.scheduled, (long long)start, "and of what it spawns on another core");
	ok(larges.scheduled == start && bytes_kept, "and of that with a large payload");
	ok(timeds.scheduled == instant && kepts[0].scheduled == inits[0].scheduled &&
	   kepts[1].scheduled == inits[0].scheduled + 1,
	   "what it schedules keeps its instant");
	ok(idles[0].now >= start && idles[1].now >= start && nears.now >= start &&
	   fars.now >= start && larges.now >= start && firsts.now >= start &&
	   seconds.now >= start && timeds.now >= start && kepts[0].now >= start,
	   "nothing but init runs before the start");
	return tap_end();
}
