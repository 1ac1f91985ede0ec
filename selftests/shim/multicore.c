// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Two cores: no task runs before the last init has ended; every accepted message arrives
 * once, and those of one sender in order; no wake-up is lost.
 *
 *	multicore [--messages N]	number of messages in the flood
 *	RTFM_SHORT=1			a quarter of the time
 */
#include "tap.h"

#define CAPACITY 64

#define MULTICORE(core, resource, task)					\
	core(0, init)							\
	resource(held0, int, 0)						\
	task(source0, priority(1), uses(held0))				\
	task(sink0, priority(2), remote, capacity(CAPACITY), uses(held0), \
	     message(int sender; uint64_t seq; uint64_t check))		\
	task(credit0, priority(3), remote, capacity(CAPACITY))		\
	task(early0, priority(4), remote)				\
	core(1, init)							\
	resource(held1, int, 0)						\
	task(source1, priority(1), uses(held1))				\
	task(sink1, priority(2), remote, capacity(CAPACITY), uses(held1), \
	     message(int sender; uint64_t seq; uint64_t check))		\
	task(credit1, priority(3), remote, capacity(CAPACITY))		\
	task(early1, priority(4), remote)
RTFM_APP(MULTICORE);

static enum { BARRIER, FLOOD, CREDIT, UNLOCK } scenario;
static uint64_t quota;			/* messages of each pair of sender and receiver */
static int credits;

static int slow_core, inits, before_init, early_runs;
static uint64_t sent[2][2], next[2][2], refused[2];	/* [sender][receiver] */
static int wrong, finished;

static int rounds, go, answered, lost;

static struct rtfm_options options = { .size = sizeof(options) };

static void delay(unsigned int n)
{
	while (n--)
		__asm__ __volatile__("");
}

static unsigned int random_of(unsigned int *state, unsigned int below)
{
	*state = *state * 1103515245u + 12345u;
	return (*state >> 16) % below;
}

static uint64_t check_of(int sender, int receiver, uint64_t seq)
{
	return (seq * 4 + (uint64_t)sender * 2 + (uint64_t)receiver) * 0x9e3779b97f4a7c15ULL;
}

/* A job of sink: the next one of its sender. */
static void receive(int me, int sender, uint64_t seq, uint64_t check)
{
	if (sender < 0 || sender > 1 || check != check_of(sender, me, seq) ||
	    seq != next[sender][me]) {
		ADD(wrong, 1);
		return;
	}
	next[sender][me]++;
}

/* The last core that has received its share ends the app. */
static void finish(bool done)
{
	if (done && ADD(finished, 1) == 2)
		rtfm_exit(0);
}

/* Must succeed, unless the last message has arrived in the meantime. */
static void must(int ret)
{
	if (ret && !(ret == -ESHUTDOWN && !rtfm_running()))
		ADD(wrong, 1);
}

/* The same for both cores; c is the number of this one, o of the other. */
#define CORE(c, o)							\
	static bool send_##c##_##c(struct source##c##_cx *cx)		\
	{								\
		uint64_t seq = sent[c][c];				\
									\
		if (seq == quota || rtfm_spawn(sink##c, c, seq, check_of(c, c, seq))) \
			return false;					\
		sent[c][c]++;						\
		return true;						\
	}								\
									\
	static bool send_##c##_##o(struct source##c##_cx *cx)		\
	{								\
		uint64_t seq = sent[c][o];				\
		int ret;						\
									\
		if (seq == quota)					\
			return false;					\
		ret = rtfm_spawn(sink##o, c, seq, check_of(c, o, seq));	\
		if (ret == -EAGAIN)					\
			refused[c]++;					\
		else if (ret)						\
			ADD(wrong, 1);					\
		sent[c][o] += !ret;					\
		return !ret;						\
	}								\
									\
	/* Under the lock, what goes to sink on this core waits: its queue fills. */ \
	static void flood##c(struct source##c##_cx *cx)			\
	{								\
		for (int i = 0; i < 50 && send_##c##_##c(cx); i++)	\
			;						\
		for (int i = 0; i < 100 && send_##c##_##o(cx); i++)	\
			;						\
		rtfm_lock(held##c) {					\
			for (int i = 0; i < 100 && send_##c##_##c(cx); i++) \
				;					\
			for (int i = 0; i < 50 && send_##c##_##o(cx); i++) \
				;					\
		}							\
		if (sent[c][c] < quota || sent[c][o] < quota)		\
			must(rtfm_spawn(source##c));			\
	}								\
									\
	RTFM_TASK(source##c)						\
	{								\
		if (scenario == FLOOD)					\
			flood##c(cx);					\
		else if (scenario == UNLOCK)				\
			unlock##c(cx);					\
		else							\
			for (int i = 0; i < credits; i++)		\
				must(rtfm_spawn(credit##c));		\
	}								\
									\
	RTFM_TASK(sink##c)						\
	{								\
		if (scenario == UNLOCK) {				\
			STORE(answered, (int)msg->seq);			\
			return;						\
		}							\
		receive(c, msg->sender, msg->seq, msg->check);		\
		if (scenario == CREDIT) {				\
			must(rtfm_spawn(credit##o));			\
			finish(next[o][c] == quota);			\
		} else {						\
			finish(next[0][c] == quota && next[1][c] == quota); \
		}							\
	}								\
									\
	/* The only one that sends, here: no two tasks share sent[]. */	\
	RTFM_TASK(credit##c)						\
	{								\
		uint64_t seq = sent[c][o];				\
									\
		if (seq == quota)					\
			return;						\
		sent[c][o]++;						\
		must(rtfm_spawn(sink##o, c, seq, check_of(c, o, seq))); \
	}								\
									\
	RTFM_TASK(early##c)						\
	{								\
		if (LOAD(inits) != 2)					\
			ADD(before_init, 1);				\
		if (ADD(early_runs, 1) == 4)				\
			rtfm_exit(0);					\
	}								\
									\
	RTFM_INIT(c)							\
	{								\
		if (scenario != BARRIER) {				\
			rtfm_unwrap(rtfm_spawn(source##c));		\
			return;						\
		}							\
		rtfm_unwrap(rtfm_spawn(early0));			\
		rtfm_unwrap(rtfm_spawn(early1));			\
		if (slow_core == c)					\
			spin_until(rtfm_now() + 10 * MSEC);		\
		ADD(inits, 1);						\
	}

/*
 * Core 1 sends at about the instant at which core 0 leaves a lock. Core 0 must see the job
 * or be notified: it makes no other call in which it would check for jobs.
 */
static void unlock0(struct source0_cx *cx)
{
	unsigned int state = 1;

	for (int i = 1; i <= rounds; i++) {
		uint64_t hang;

		STORE(go, i);
		rtfm_lock(held0)
			delay(random_of(&state, 400));
		hang = rtfm_now() + 10 * SEC;
		while (LOAD(answered) != i) {
			if (rtfm_now() > hang) {
				lost = i;
				rtfm_exit(0);
				return;
			}
		}
	}
	rtfm_exit(0);
}

static void unlock1(struct source1_cx *cx)
{
	unsigned int state = 2;

	for (int i = 1; i <= rounds; i++) {
		while (LOAD(go) != i && rtfm_running())
			;
		delay(random_of(&state, 400));
		if (rtfm_spawn(sink0, 1, (uint64_t)i, 0))
			return;
	}
}

CORE(0, 1)
CORE(1, 0)

static bool run(const char *name)
{
	int status;

	memset(sent, 0, sizeof(sent));
	memset(next, 0, sizeof(next));
	memset(refused, 0, sizeof(refused));
	wrong = 0;
	finished = 0;
	inits = 0;
	early_runs = 0;
	status = rtfm_run(&rtfm_app, &options);
	if (status)
		ok(false, "%s: rtfm_run: %d: %s", name, status, rtfm_error());
	return !status;
}

static void barrier(void)
{
	scenario = BARRIER;
	for (int i = 0; i < 20; i++) {
		slow_core = i % 2;
		if (!run("barrier"))
			return;
	}
	ok_eq(before_init, 0, "no task before the last init has ended");
}

static bool arrived(uint64_t own)
{
	return !wrong && next[0][1] == quota && next[1][0] == quota && next[0][0] == own &&
	       next[1][1] == own;
}

/* In portions, until all have been sent or, on a slow machine, the time limit is reached. */
static void flood(uint64_t messages, uint64_t portion, uint64_t time)
{
	uint64_t start = rtfm_now(), done = 0, full[2] = { 0 };
	bool good = true;

	scenario = FLOOD;
	quota = portion / 4;
	while (good && done < messages && (!done || rtfm_now() < start + time)) {
		if (!run("flood"))
			return;
		good = arrived(quota);
		done += 4 * quota;
		full[0] += refused[0];
		full[1] += refused[1];
	}
	ok(good, "from all sides: %llu messages, each once and in order", (unsigned long long)done);
	printf("# refused because full: %llu to core 1, %llu to core 0\n",
	       (unsigned long long)full[0], (unsigned long long)full[1]);
}

static void credit(int n, uint64_t time)
{
	uint64_t start = rtfm_now(), done = 0;
	bool good = true;

	scenario = CREDIT;
	credits = n;
	quota = 1000;
	while (good && done < 100000 && (!done || rtfm_now() < start + time)) {
		if (!run("credit"))
			return;
		good = arrived(0);
		done += 2 * quota;
	}
	ok(good, "%d under way in each direction: %llu messages, each once and in order", n,
	   (unsigned long long)done);
}

static void unlock(uint64_t time)
{
	uint64_t start = rtfm_now();
	int done = 0;

	scenario = UNLOCK;
	rounds = 1000;
	while (!lost && done < 100000 && (!done || rtfm_now() < start + time)) {
		go = 0;
		answered = 0;
		if (!run("unlock"))
			return;
		done += rounds;
	}
	ok(!lost, "a job that comes as a lock is left is not lost, %d times", done);
	if (lost)
		printf("# lost in round %d\n", lost);
}

int main(int argc, char **argv)
{
	/* RTFM_SHORT: fewer messages, for slow machines */
	const uint64_t unit = getenv("RTFM_SHORT") ? SEC / 4 : SEC;
	uint64_t messages = 4000000;
	uint64_t time = 4 * unit;

	if (argc == 3 && !strcmp(argv[1], "--messages")) {
		messages = strtoull(argv[2], NULL, 0);
		time = 3600 * SEC;
	}
	tap_begin(argc > 1 ? 3600 : 120);
	need_cpus(2);
	barrier();
	flood(messages, 40000, time);
	credit(1, 2 * unit);
	credit(2, 2 * unit);
	credit(7, 2 * unit);
	credit(CAPACITY, 2 * unit);
	unlock(4 * unit);
	/* cores that poll: they are never woken */
	options.flags = RTFM_POLL;
	credit(1, unit);
	credit(CAPACITY, unit);
	return tap_end();
}
