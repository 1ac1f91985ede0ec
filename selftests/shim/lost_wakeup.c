// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * No wake-up is lost between two CPUs. A receiver stores its ceiling and then loads
 * remote_ready, a sender stores to remote_ready and then loads the ceiling. If both loads
 * return the old value, nobody notifies the receiver, and the job waits until the receiver
 * calls libshim again. This is the store buffering litmus test, on the real code; the
 * fences J (receiver) and M (sender) forbid that outcome.
 *
 * In each round core 0 lowers its ceiling once, as a lock or a job ends, and then spins
 * without a call until the job of core 1 has started. It waits before that: longer if the
 * job of the previous round came later, less long if it came earlier, so that the two
 * meet. Core 0 first writes to lines that core 1 has just written to, which keeps the
 * store of the ceiling in the store buffer for a while.
 *
 *	RTFM_SHORT=1			a quarter of the time
 */
#include "tap.h"

#define ROUNDS	200000
#define LINES	8
#define MAX_SHIFT 10		/* of the steps by which the delay changes */

#define LITMUS(core, resource, task)					\
	core(0, idle, uses(held))					\
	resource(held, int, 0)						\
	task(own, priority(3))						\
	task(wanted, priority(2), remote, uses(held))			\
	core(1, idle)
RTFM_APP(LITMUS);

/* Each in a line of its own */
static struct {
	unsigned long value __attribute__((aligned(64)));
} armed, go, sent, started, shared[LINES];

static bool by_job;
static uint64_t length;
static unsigned long rounds, earlier, lost;

static void write_shared(unsigned long value)
{
	for (int i = 0; i < LINES; i++)
		__atomic_store_n(&shared[i].value, value, __ATOMIC_RELAXED);
}

RTFM_TASK(own)
{
	write_shared(1);
}

RTFM_TASK(wanted)
{
	STORE(started.value, LOAD(go.value));
}

/* The job is lost if it has not started a second after it was sent. */
static bool starts(unsigned long round)
{
	uint64_t limit = 0;

	while (LOAD(started.value) != round) {
		if (LOAD(sent.value) != round)
			continue;
		if (!limit)
			limit = rtfm_now() + SEC;
		else if (rtfm_now() > limit)
			/* this thread may have been preempted for as long */
			return LOAD(started.value) == round;
	}
	return true;
}

static void delay(long n)
{
	while (n-- > 0)
		__asm__ __volatile__("");
}

RTFM_IDLE(0)
{
	uint64_t end = rtfm_now() + length;
	unsigned int random = 1;
	unsigned int same = 0;
	bool is = false, was;		/* earlier than the lowering */
	long before = 0;

	while (!lost && rounds < ROUNDS && rtfm_now() < end) {
		unsigned long round = rounds + 1;
		long step;

		while (LOAD(armed.value) != round)
			;
		STORE(go.value, round);
		delay(before);
		if (by_job) {
			rtfm_unwrap(rtfm_spawn(own));
		} else {
			rtfm_lock(held)
				write_shared(1);
		}
		was = is;
		is = LOAD(started.value) == round;
		earlier += is;
		/* in larger steps while it stays on one side */
		same = is == was ? same + 1 : 0;
		random = random * 1103515245u + 12345u;
		step = (random >> 26) << (same < 4 * MAX_SHIFT ? same / 4 : MAX_SHIFT);
		before += is ? -step : step;
		if (!starts(round))
			lost = round;
		rounds = round;
	}
	rtfm_exit(0);
}

RTFM_IDLE(1)
{
	for (unsigned long round = 1; ; round++) {
		write_shared(0);
		STORE(armed.value, round);
		while (LOAD(go.value) != round) {
			if (!rtfm_running())
				return;
		}
		rtfm_unwrap(rtfm_spawn(wanted));
		STORE(sent.value, round);
	}
}

static void run(bool job, const char *name)
{
	int status;

	by_job = job;
	armed.value = go.value = sent.value = started.value = 0;
	rounds = earlier = lost = 0;
	status = rtfm_run(&rtfm_app, NULL);
	ok(!status && !lost && rounds, "no wake-up is lost as %s ends, %lu times", name, rounds);
	printf("# %lu jobs came earlier, %lu later\n", earlier, rounds - earlier);
	if (lost)
		printf("# round %lu: the job was sent and has not started\n", lost);
	if (status)
		printf("# rtfm_run: %d: %s\n", status, rtfm_error());
}

int main(void)
{
	tap_begin(60);
	need_cpus(2);
	length = getenv("RTFM_SHORT") ? SEC / 2 : 2 * SEC;
	run(false, "a lock");
	run(true, "a job");
	return tap_end();
}
