// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Locks: which tasks may run under which ceiling, for every way to take, nest and leave
 * locks.
 *
 *	a	used at 1, 2		ceiling 2
 *	b	used at 1, 3		ceiling 3
 *	c	used at 1 and by idle	ceiling 1
 */
#include "tap.h"

static bool in_idle, in_init, in_wait;

#define LOCKS(core, resource, task)					\
	core(0, init, idle, uses(a, c))					\
	resource(a, int, 0)						\
	resource(b, int, 0)						\
	resource(c, int, 0)						\
	task(low, priority(1), uses(a, b, c))				\
	task(low2, priority(1))						\
	task(mid, priority(2), uses(a), capacity(4))			\
	task(mid2, priority(2))						\
	task(high, priority(3), uses(b), capacity(4))			\
	task(top, priority(4), capacity(4))				\
	task(mid_locks, priority(2), uses(a))
RTFM_APP(LOCKS);

static void (*scenario)(struct low_cx *cx);

RTFM_INIT(0)
{
	if (in_init) {
		rtfm_lock(a) {
			rtfm_lock(b) {
				rtfm_unwrap(rtfm_spawn(top));
				++*a;
				++*b;
			}
			say("in");
		}
		say("out");
		return;
	}
	if (!in_idle && !in_wait)
		rtfm_unwrap(rtfm_spawn(low));
}

RTFM_IDLE(0)
{
	if (in_idle) {
		rtfm_lock(c) {
			rtfm_unwrap(rtfm_spawn(low2));
			say("c");
			rtfm_unwrap(rtfm_spawn(mid));
			rtfm_lock(a) {
				rtfm_unwrap(rtfm_spawn(mid));
				rtfm_unwrap(rtfm_spawn(high));
				say("ca");
			}
			say("c");
		}
		say("idle");
	}
	if (in_wait) {
		rtfm_lock(c) {
			rtfm_unwrap(rtfm_spawn(low2));
			rtfm_wait();
			say("c");
		}
		say("idle");
	}
	rtfm_exit(0);
}

RTFM_TASK(low)
{
	scenario(cx);
	say("end");
}

RTFM_TASK(low2)
{
	say("low2");
}

RTFM_TASK(mid)
{
	++*rtfm_exclusive(a);
	say("mid");
}

RTFM_TASK(mid2)
{
	say("mid2");
}

RTFM_TASK(high)
{
	++*rtfm_exclusive(b);
	say("high");
}

RTFM_TASK(top)
{
	say("top");
}

/* At ceiling 2, high and top may run; at ceiling 3, top. */
#define SPAWN_ALL()							\
	do {								\
		rtfm_unwrap(rtfm_spawn(mid));				\
		rtfm_unwrap(rtfm_spawn(high));				\
		rtfm_unwrap(rtfm_spawn(top));				\
	} while (0)

static void none(struct low_cx *cx)
{
	SPAWN_ALL();
}

static void one(struct low_cx *cx)
{
	rtfm_lock(a) {
		SPAWN_ALL();
		say("a");
	}
}

static void nested(struct low_cx *cx)
{
	rtfm_lock(a) {
		rtfm_lock(b) {
			SPAWN_ALL();
			say("ab");
		}
		say("a");
	}
}

/* The outer ceiling is the higher one: the inner lock changes nothing, nor does its end. */
static void dynamic(struct low_cx *cx)
{
	rtfm_lock(b) {
		rtfm_lock(a) {
			SPAWN_ALL();
			say("ba");
		}
		say("b");
	}
}

static void raise_ceiling(struct low_cx *cx)
{
	rtfm_lock(a) {
		SPAWN_ALL();
		say("a");
		rtfm_lock(b) {
			SPAWN_ALL();
			say("ab");
		}
		say("a");
	}
}

/* After the inner lock the ceiling is that of the outer one again, not lower. */
static void lower_ceiling(struct low_cx *cx)
{
	rtfm_lock(a) {
		rtfm_lock(b)
			say("ab");
		SPAWN_ALL();
		say("a");
	}
}

/* A ceiling that is no higher than the priority: everything above may run. */
static void own_ceiling(struct low_cx *cx)
{
	rtfm_lock(c) {
		rtfm_unwrap(rtfm_spawn(low2));
		SPAWN_ALL();
		say("c");
	}
}

/* Deferred jobs run at the unlock, the highest first, then in the order of arrival. */
static void order(struct low_cx *cx)
{
	rtfm_lock(b) {
		rtfm_unwrap(rtfm_spawn(low2));
		rtfm_unwrap(rtfm_spawn(mid));
		rtfm_unwrap(rtfm_spawn(mid2));
		rtfm_unwrap(rtfm_spawn(mid));
		rtfm_unwrap(rtfm_spawn(high));
		say("b");
	}
}

/* A task that preempts under a lock leaves the ceiling as it found it. */
static void preempted(struct low_cx *cx)
{
	rtfm_lock(a) {
		rtfm_unwrap(rtfm_spawn(high));
		rtfm_unwrap(rtfm_spawn(mid));
		rtfm_unwrap(rtfm_spawn(top));
		say("a");
	}
}

/* In C, goto leaves a lock in a loop: to the next round, or out of the loop. */
static void leave_loop(struct low_cx *cx)
{
	for (int i = 0; i < 2; i++) {
		rtfm_lock(a) {
			rtfm_unwrap(rtfm_spawn(mid));
			say("a%d", i);
			switch (i) {
			case 0:
				break;
			default:
				goto out;
			}
		}
		say("next");
	}
out:
	say("out");
}

/* A helper: its lock is in effect whichever task calls it. */
RTFM_HELPER(help, 0, uses(a));
static void help(struct help_cx *cx, int x)
{
	rtfm_lock(a) {
		rtfm_unwrap(rtfm_spawn(mid));
		say("%d", x);
	}
	say("out");
}

static void helper(struct low_cx *cx)
{
	rtfm_call(help, 7);
	say("back");
}

static void leave_continue(struct low_cx *cx)
{
	rtfm_lock(b) {
		rtfm_lock(a) {
			rtfm_unwrap(rtfm_spawn(mid));
			continue;
		}
		say("b");
	}
	say("out");
}

static int leave_return_inner(struct low_cx *cx)
{
	rtfm_lock(a) {
		rtfm_lock(b) {
			SPAWN_ALL();
			return *a - *a + 7;
		}
	}
	return 0;
}

static void leave_return(struct low_cx *cx)
{
	say("%d", leave_return_inner(cx));
}

static void leave_goto(struct low_cx *cx)
{
	rtfm_lock(b) {
		rtfm_lock(a) {
			SPAWN_ALL();
			goto out;
		}
	}
out:
	say("out");
}

/* At the priority of the ceiling: no lock, and equals do not preempt. */
static void highest(struct low_cx *cx)
{
	rtfm_unwrap(rtfm_spawn(mid_locks));
}

RTFM_TASK(mid_locks)
{
	rtfm_lock(a) {
		SPAWN_ALL();
		say("a");
	}
	say("mid_locks");
}

/* A loop of locks: the ceiling is the same after each. */
static void many(struct low_cx *cx)
{
	for (int i = 0; i < 1000; i++) {
		rtfm_lock(a) {
			rtfm_lock(b)
				*a += *b - *b;
		}
	}
	SPAWN_ALL();
}

int main(void)
{
	static const struct {
		const char *name;
		void (*scenario)(struct low_cx *cx);
		const char *journal;
	} cases[] = {
		{ "no lock", none, "mid|high|top|end" },
		{ "one", one, "high|top|a|mid|end" },
		{ "nested", nested, "top|ab|high|a|mid|end" },
		{ "dynamic order", dynamic, "top|ba|b|high|mid|end" },
		{ "raise", raise_ceiling, "high|top|a|top|ab|high|a|mid|mid|end" },
		{ "lower", lower_ceiling, "ab|high|top|a|mid|end" },
		{ "a ceiling not above the priority", own_ceiling, "mid|high|top|c|end|low2" },
		{ "order of the deferred", order, "b|high|mid|mid2|mid|end|low2" },
		{ "preempted under a lock", preempted, "high|top|a|mid|end" },
		{ "loop", leave_loop, "a0|mid|next|a1|mid|out|end" },
		{ "helper", helper, "7|mid|out|back|end" },
		{ "continue", leave_continue, "b|mid|out|end" },
		{ "return", leave_return, "top|high|mid|7|end" },
		{ "goto", leave_goto, "top|high|mid|out|end" },
		{ "highest user", highest, "high|top|a|mid_locks|mid|end" },
		{ "many", many, "mid|high|top|end" },
	};

	tap_begin(60);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		scenario = cases[i].scenario;
		ok_run(cases[i].name, cases[i].journal);
	}
	in_init = true;
	ok_run("in init nothing runs, locked or not", "in|out|top");
	in_init = false;
	in_idle = true;
	ok_run("in idle", "c|mid|high|ca|mid|c|low2|idle");
	in_idle = false;
	in_wait = true;
	ok_run("rtfm_wait() does not open a lock", "c|low2|idle");
	return tap_end();
}
