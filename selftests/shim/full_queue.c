// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Full queues across cores: each sender has the whole capacity for itself; a refused spawn
 * changes nothing; each job that starts releases one slot.
 */
#include "tap.h"

#define FULL(core, resource, task)					\
	core(0, init)							\
	task(driver, priority(1))					\
	core(1)								\
	task(sink, priority(1), remote, capacity(5), message(int sender; int x)) \
	task(other, priority(1), remote, message(int x))		\
	task(holds, priority(1), remote)				\
	task(above, priority(3), remote, capacity(5), message(int x))	\
	task(busy, priority(2), remote)
RTFM_APP(FULL);

static void (*scenario)(struct driver_cx *cx);
static int is_busy, release_busy, is_held, release_held, nholds;
static int own_taken, ndelivered, nabove;
static struct {
	int sender;
	int x;
} delivered[64];

RTFM_INIT(0)
{
	rtfm_unwrap(rtfm_spawn(driver));
}

RTFM_TASK(driver)
{
	scenario(cx);
	rtfm_exit(0);
}

RTFM_TASK(sink)
{
	delivered[ndelivered % 64].sender = msg->sender;
	delivered[ndelivered % 64].x = msg->x;
	ADD(ndelivered, 1);
}

RTFM_TASK(other)
{
	say("other %d", msg->x);
}

RTFM_TASK(above)
{
	ADD(nabove, 1);
}

/* Keeps tasks of lower priority from running, and fills its own queue meanwhile. */
RTFM_TASK(busy)
{
	while (!rtfm_spawn(sink, 1, own_taken))
		own_taken++;
	for (int i = 0; i < 5; i++) {
		if (rtfm_spawn(sink, 1, -1) != -EAGAIN)
			say("own: not full");
	}
	STORE(is_busy, 1);
	while (!LOAD(release_busy))
		;
	STORE(is_busy, 0);
}

RTFM_TASK(holds)
{
	ADD(nholds, 1);
	STORE(is_held, 1);
	while (!LOAD(release_held))
		;
}

static void wait_for(const int *word, int value, const char *what)
{
	uint64_t hang = rtfm_now() + 5 * SEC;

	while (LOAD(*word) != value) {
		if (rtfm_now() > hang) {
			say("no %s: %d instead of %d", what, LOAD(*word), value);
			return;
		}
	}
}

static void both(struct driver_cx *cx)
{
	int taken = 0, seen[2] = { 0 };

	rtfm_unwrap(rtfm_spawn(busy));
	wait_for(&is_busy, 1, "busy");
	while (!rtfm_spawn(sink, 0, taken))
		taken++;
	for (int i = 0; i < 5; i++) {
		if (rtfm_spawn(sink, 0, -1) != -EAGAIN)
			say("not full");
	}
	/* other tasks, of this level and of others, are not affected */
	rtfm_unwrap(rtfm_spawn(other, 1));
	for (int i = 1; i <= 20; i++) {
		rtfm_unwrap(rtfm_spawn(above, i));
		wait_for(&nabove, i, "above");
	}
	say("%d %d", taken, own_taken);
	STORE(release_busy, 1);
	wait_for(&ndelivered, 10, "delivery");
	for (int i = 0; i < 10; i++) {
		int sender = delivered[i].sender;

		if (sender < 0 || sender > 1 || delivered[i].x != seen[sender]++)
			say("%d of %d is out of order", delivered[i].x, sender);
	}
	/* and each further call fails as well */
	for (int i = 0; i < 1000; i++) {
		int before = LOAD(ndelivered);

		if (rtfm_spawn(sink, 0, i))
			say("full");
		wait_for(&ndelivered, before + 1, "delivery");
	}
}

/* A job that starts releases its slot: one more spawn succeeds, and only one. */
static void one_more(struct driver_cx *cx)
{
	rtfm_unwrap(rtfm_spawn(holds));
	wait_for(&is_held, 1, "job");
	say("%d", rtfm_spawn(holds));
	for (int i = 0; i < 3; i++)
		say("%s", rtfm_spawn(holds) == -EAGAIN ? "full" : "not full");
	STORE(release_held, 1);
	wait_for(&nholds, 2, "second job");
}

/* Scheduled jobs use the same capacity, and release it. */
static void fill_with_scheduled(struct driver_cx *cx)
{
	uint64_t far = rtfm_now() + 3600 * SEC;
	rtfm_handle handles[5];
	int before = LOAD(ndelivered);

	for (int i = 0; i < 5; i++)
		handles[i] = rtfm_unwrap(rtfm_schedule(sink, far, 0, i));
	say("%s", rtfm_spawn(sink, 0, 5) == -EAGAIN ? "full" : "not full");
	say("%s", rtfm_schedule(sink, 0ULL, 0, 5) == -EAGAIN ? "full" : "not full");
	for (int i = 4; i >= 0; i--)
		handles[i] = rtfm_unwrap(rtfm_reschedule(handles[i], 1ULL));
	wait_for(&ndelivered, before + 5, "delivery");
	for (int i = 0; i < 5; i++) {
		if (delivered[(before + i) % 64].x != 4 - i)
			say("%d in place %d", delivered[(before + i) % 64].x, i);
	}
}

static void scheduled(struct driver_cx *cx)
{
	fill_with_scheduled(cx);
	fill_with_scheduled(cx);
}

int main(void)
{
	tap_begin(60);
	need_cpus(2);
	scenario = both;
	ok_run("each sender has the capacity for itself", "5 5|other 1");
	scenario = one_more;
	ok_run("one slot comes free with each start", "0|full|full|full");
	scenario = scheduled;
	ok_run("scheduled jobs are of the same capacity", "full|full|full|full");
	return tap_end();
}
