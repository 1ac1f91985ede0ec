// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Messages from core to core: payloads of all sizes, in order, with their baseline; and a
 * receiver that polls, which the sender does not kick: while it runs a job that arrived
 * during the polling, it still notices a message of a higher level.
 *
 *	RTFM_SHORT=1			a quarter of the time
 */
#include <signal.h>

#include "tap.h"

struct b1 { unsigned char b[1]; };
struct b40 { unsigned char b[40]; };
struct b48 { unsigned char b[48]; };
struct b49 { unsigned char b[49]; };
struct b1000 { unsigned char b[1000]; };

/* Those up to large are of one level, so that their order is one; 48 bytes fit in a cell. */
#define CELLS(core, resource, task)					\
	core(0, init)							\
	task(driver, priority(1))					\
	core(1)								\
	task(none, priority(1), remote, capacity(3))			\
	task(one, priority(1), remote, capacity(2), message(struct b1 data)) \
	task(forty, priority(1), remote, capacity(4), message(struct b40 data)) \
	task(last, priority(1), remote, capacity(3), message(struct b48 data)) \
	task(first, priority(1), remote, capacity(2), message(struct b49 data)) \
	task(large, priority(1), remote, message(struct b1000 data))	\
	task(low, priority(2), remote, message(int round))		\
	task(high, priority(3), remote, message(int round))		\
	task(top, priority(4), remote, capacity(5), message(unsigned int nr))
RTFM_APP(CELLS);

enum { NONE, ONE, FORTY, LAST, FIRST, LARGE, KINDS };

static void (*scenario)(struct driver_cx *cx);
static struct rtfm_options options = { .size = sizeof(options) };
static uint64_t length, end, baseline;
static unsigned int sent, arrived, wrong, unblocked;
static int rounds, preempted, followed, ended, lost;

RTFM_INIT(0)
{
	rtfm_unwrap(rtfm_spawn(driver));
}

RTFM_TASK(driver)
{
	baseline = cx->scheduled;
	scenario(cx);
	rtfm_exit(0);
}

/* The content of message number @nr, for the sender and for the receiver */
static unsigned int kind_of(unsigned int nr)
{
	return (nr * 2654435761u >> 16) % KINDS;
}

static void fill(unsigned char *b, size_t size)
{
	for (size_t i = 0; i < size; i++)
		b[i] = (unsigned char)(sent * 31 + i * 7);
}

static void check(unsigned int kind, const unsigned char *b, size_t size, uint64_t scheduled)
{
	unsigned int bad = kind != kind_of(arrived) || scheduled != baseline;

	for (size_t i = 0; i < size; i++)
		bad += b[i] != (unsigned char)(arrived * 31 + i * 7);
	ADD(wrong, bad);
	ADD(arrived, 1);
}

#define RECEIVE(t, kind)						\
	RTFM_TASK(t)							\
	{								\
		check(kind, msg->data.b, sizeof(msg->data.b), cx->scheduled); \
	}
RECEIVE(one, ONE)
RECEIVE(forty, FORTY)
RECEIVE(last, LAST)
RECEIVE(first, FIRST)
RECEIVE(large, LARGE)

RTFM_TASK(none)
{
	check(NONE, NULL, 0, cx->scheduled);
}

#define SEND(t, type) ({						\
	struct type data;						\
									\
	fill(data.b, sizeof(data.b));					\
	rtfm_spawn(t, .data = data);					\
})

static int send_next(struct driver_cx *cx)
{
	switch (kind_of(sent)) {
	case ONE:
		return SEND(one, b1);
	case FORTY:
		return SEND(forty, b40);
	case LAST:
		return SEND(last, b48);
	case FIRST:
		return SEND(first, b49);
	case LARGE:
		return SEND(large, b1000);
	default:
		return rtfm_spawn(none);
	}
}

static void await(const unsigned int *word, unsigned int value)
{
	uint64_t hang = rtfm_now() + 10 * SEC;

	while (LOAD(*word) != value && rtfm_now() < hang)
		;
}

static void sizes(struct driver_cx *cx)
{
	while (rtfm_now() < end) {
		int ret = send_next(cx);

		sent += !ret;
		if (ret && ret != -EAGAIN)
			ADD(wrong, 1);
	}
	await(&arrived, sent);
}

/* The highest level of the core: nothing preempts it. */
RTFM_TASK(top)
{
	ADD(wrong, msg->nr != arrived);
	ADD(arrived, 1);
}

static void tops(struct driver_cx *cx)
{
	while (rtfm_now() < end) {
		int ret = rtfm_spawn(top, sent);

		sent += !ret;
		if (ret && ret != -EAGAIN)
			ADD(wrong, 1);
		/* with as many in flight as the capacity allows, and with one */
		if (sent / 100 % 2)
			await(&arrived, sent);
	}
	await(&arrived, sent);
}

/*
 * ThreadSanitizer calls a handler at the next atomic operation, with all signals blocked, and
 * saves the mask before in one place of the thread. If a handler is interrupted so, the mask
 * of the handler is restored in place of the thread's, and the doorbell stays blocked.
 */
static bool blocked_by_tsan(void)
{
#ifdef __SANITIZE_THREAD__
	sigset_t mask;

	pthread_sigmask(SIG_SETMASK, NULL, &mask);
	if (sigismember(&mask, SIGURG)) {
		sigemptyset(&mask);
		pthread_sigmask(SIG_SETMASK, &mask, NULL);
		ADD(unblocked, 1);
		return true;
	}
#endif
	return false;
}

RTFM_TASK(low)
{
	uint64_t hang = 0;

	while (LOAD(preempted) != msg->round) {
		/* a second after high was sent, because the sender may be preempted before that */
		if (!hang && LOAD(followed) == msg->round)
			hang = rtfm_now() + SEC;
		/* this thread may have been preempted for as long */
		if (hang && rtfm_now() > hang && LOAD(preempted) != msg->round) {
			if (blocked_by_tsan()) {
				hang = 0;
				continue;
			}
			STORE(lost, msg->round);
			break;
		}
	}
	STORE(ended, msg->round);
}

RTFM_TASK(high)
{
	STORE(preempted, msg->round);
}

/* high is sent at about the instant at which the receiver stops polling to run low. */
static void preempt(struct driver_cx *cx)
{
	unsigned int random = 1;

	while (!LOAD(lost) && rtfm_now() < end) {
		rounds++;
		rtfm_unwrap(rtfm_spawn(low, rounds));
		random = random * 1103515245u + 12345u;
		for (unsigned int n = (random >> 16) % 512; n; n--)
			__asm__ __volatile__("");
		rtfm_unwrap(rtfm_spawn(high, rounds));
		STORE(followed, rounds);
		while (LOAD(ended) != rounds && !LOAD(lost))
			;
	}
}

static bool run(void (*what)(struct driver_cx *cx))
{
	scenario = what;
	sent = 0;
	arrived = 0;
	wrong = 0;
	rounds = 0;
	preempted = 0;
	followed = 0;
	ended = 0;
	lost = 0;
	end = rtfm_now() + length;
	return ok_eq(rtfm_run(&rtfm_app, &options), 0, "it ran");
}

static void each(const char *how)
{
	if (run(sizes))
		ok(!wrong && arrived == sent,
		   "%s: payloads of all sizes, %u messages in order", how, arrived);
	if (run(tops))
		ok(!wrong && arrived == sent, "%s: to the highest level, %u messages in order", how,
		   arrived);
	if (run(preempt))
		ok(!lost, "%s: a higher level preempts what came just before it, %d times", how,
		   rounds);
	if (lost)
		printf("# lost in round %d\n", lost);
	if (unblocked)
		printf("# signals left blocked by ThreadSanitizer: %u times\n", unblocked);
}

int main(void)
{
	tap_begin(120);
	need_cpus(2);
	length = getenv("RTFM_SHORT") ? SEC / 2 : 2 * SEC;
	each("asleep in between");
	options.flags = RTFM_POLL;
	each("polling");
	return tap_end();
}
