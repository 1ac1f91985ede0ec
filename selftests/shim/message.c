// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Messages: the payload that was sent arrives, and with it the sender's baseline. */
#include "tap.h"

struct b1 { unsigned char b[1]; };
struct b7 { unsigned char b[7]; };
struct b8 { unsigned char b[8]; };
struct b17 { unsigned char b[17]; };
struct b64 { unsigned char b[64]; };
struct b4096 { unsigned char b[4096]; };

static uint64_t start, want, later;
static int good, bad;

#define MESSAGE(core, resource, task)					\
	core(0, init, idle)						\
	task(foo)							\
	task(bar, message(int x))					\
	task(baz, message(int x; int y))				\
	task(size1, message(struct b1 data))				\
	task(size7, message(struct b7 data))				\
	task(size8, message(struct b8 data))				\
	task(size17, message(struct b17 data))				\
	task(size64, message(struct b64 data))				\
	task(size4096, message(struct b4096 data))			\
	task(aligned, message(char c; int x __attribute__((aligned(16)))), capacity(3)) \
	task(types, message(double d; const char *s; int a[3]; struct { char c; } n)) \
	task(zeroes, message(int x; int y; void *p))			\
	task(low, priority(1), message(int left))			\
	task(high, priority(2))						\
	task(timed, priority(3))					\
	task(timed_low, priority(1))
RTFM_APP(MESSAGE);

static void (*scenario)(struct init_0_cx *cx);

RTFM_INIT(0)
{
	start = cx->scheduled;
	scenario(cx);
}

RTFM_IDLE(0)
{
	while (later && rtfm_running())
		rtfm_wait();
	rtfm_exit(0);
}

/* RTIC: message */
static void message(struct init_0_cx *cx)
{
	rtfm_unwrap(rtfm_spawn(foo));
}

RTFM_TASK(foo)
{
	static int count;

	say("foo");
	rtfm_unwrap(rtfm_spawn(bar, .x = count++));
}

RTFM_TASK(bar)
{
	say("bar(%d)", msg->x);
	rtfm_unwrap(rtfm_spawn(baz, .x = msg->x + 1, .y = msg->x + 2));
}

RTFM_TASK(baz)
{
	say("baz(%d, %d)", msg->x, msg->y);
	if (msg->y < 3)
		rtfm_unwrap(rtfm_spawn(foo));
}

static void fill(void *to, size_t size)
{
	unsigned char *b = to;

	for (size_t i = 0; i < size; i++)
		b[i] = (unsigned char)((i * 167 + size) >> 2 ^ i);
}

static void check(const void *data, size_t size)
{
	unsigned char b[4096];

	fill(b, size);
	if (!memcmp(data, b, size))
		good++;
	else
		bad++;
}

/* Each overwrites the original and its own payload: a payload belongs to its job. */
#define SIZE(n, next)							\
	RTFM_TASK(size##n)						\
	{								\
		struct b##next send;					\
									\
		check(&msg->data, n);					\
		fill(&send, sizeof(send));				\
		rtfm_unwrap(rtfm_spawn(size##next, .data = send));	\
		memset(&send, 0xff, sizeof(send));			\
		memset(&msg->data, 0xee, n);				\
		check_next(cx);						\
	}

static int left;

static void check_next(const void *cx)
{
	(void)cx;
	if (!left--)
		rtfm_exit(0);
}

SIZE(1, 7)
SIZE(7, 8)
SIZE(8, 17)
SIZE(17, 64)
SIZE(64, 4096)
SIZE(4096, 1)

static void sizes(struct init_0_cx *cx)
{
	struct b1 send;

	left = 60;
	fill(&send, sizeof(send));
	rtfm_unwrap(rtfm_spawn(size1, .data = send));
}

static void layout(struct init_0_cx *cx)
{
	rtfm_unwrap(rtfm_spawn(aligned, 'a', 1));
	rtfm_unwrap(rtfm_spawn(aligned, 'b', .x = 2));
	rtfm_unwrap(rtfm_spawn(aligned, .x = 3));
	rtfm_unwrap(rtfm_spawn(types, .d = 1.5, .s = "text", .a = { 1, [2] = 3 }, .n.c = 'x'));
	rtfm_unwrap(rtfm_spawn(zeroes, .y = 2));
}

RTFM_TASK(aligned)
{
	say("%c%d%s", msg->c ? msg->c : '-', msg->x, (uintptr_t)&msg->x % 16 ? " misaligned" : "");
}

RTFM_TASK(types)
{
	say("%.1f %s %d%d%d %c", msg->d, msg->s, msg->a[0], msg->a[1], msg->a[2], msg->n.c);
}

/* Fields that the sender does not name are zero. */
RTFM_TASK(zeroes)
{
	say("%d %d %s", msg->x, msg->y, msg->p ? "pointer" : "NULL");
}

static void baseline(const char *who, uint64_t scheduled)
{
	say("%s %s", who, scheduled == want ? "good" : "bad");
}

/* RTFM 0.5: baseline. A job that a timer releases replaces the interrupt. */
static void baselines(struct init_0_cx *cx)
{
	uint64_t now = rtfm_now();

	want = start;
	say("init %s", cx->scheduled <= now && cx->scheduled ? "good" : "bad");
	rtfm_unwrap(rtfm_spawn(low, .left = 3));
}

RTFM_TASK(low)
{
	/* a job that init has spawned has the start of the app */
	if (msg->left == 3) {
		say("start %s", cx->scheduled >= start ? "good" : "bad");
		want = cx->scheduled;
	}
	baseline("low", cx->scheduled);
	if (msg->left) {
		rtfm_unwrap(rtfm_spawn(low, .left = msg->left - 1));
		return;
	}
	rtfm_unwrap(rtfm_spawn(high));
	baseline("low", cx->scheduled);
}

RTFM_TASK(high)
{
	baseline("high", cx->scheduled);
}

/* cx->scheduled is the requested instant, although the job runs long after it. */
static void late_baselines(struct init_0_cx *cx)
{
	want = cx->scheduled + 1;
	later = 1;
	rtfm_unwrap(rtfm_schedule(timed, want));
	spin_until(want + 2 * MSEC);
}

RTFM_TASK(timed)
{
	baseline("timed", cx->scheduled);
	rtfm_unwrap(rtfm_spawn(timed_low));
	want = cx->scheduled;
}

RTFM_TASK(timed_low)
{
	static int times;

	baseline("timed_low", cx->scheduled);
	if (times++) {
		rtfm_exit(0);
		return;
	}
	want = rtfm_now() + 2 * MSEC;
	rtfm_unwrap(rtfm_schedule(timed, want));
}

int main(void)
{
	int status;

	tap_begin(60);
	scenario = message;
	ok_run("message", "foo|bar(0)|baz(1, 2)|foo|bar(1)|baz(2, 3)");

	scenario = sizes;
	status = rtfm_run(&rtfm_app, NULL);
	ok(!status && !bad && good == 61, "payloads of 1 to 4096 bytes");
	if (status || bad || good != 61)
		printf("# status %d, %d good, %d bad\n", status, good, bad);

	scenario = layout;
	ok_run("alignment, types, and members that were not named",
	       "a1|b2|-3|1.5 text 103 x|0 2 NULL");
	scenario = baselines;
	ok_run("a spawned job inherits its sender's baseline",
	       "init good|start good|low good|low good|low good|low good|high good|low good");
	scenario = late_baselines;
	ok_run("a scheduled job sees its instant, and what it spawns sees it too",
	       "timed good|timed_low good|timed good|timed_low good");
	return tap_end();
}
