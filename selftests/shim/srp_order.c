// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The order in which tasks run: the sequences that RTIC's examples print. */
#include "tap.h"

static bool idle_is_hardware;

#define ORDER(core, resource, task)					\
	core(0, init, idle)						\
	task(preempt_foo, priority(1))					\
	task(preempt_bar, priority(2))					\
	task(preempt_baz, priority(2))					\
	task(task_foo, priority(1))					\
	task(task_bar, priority(1))					\
	task(task_baz, priority(2))					\
	resource(shared, int, 0)					\
	task(lock_foo, priority(1), uses(shared))			\
	task(lock_bar, priority(2), uses(shared))			\
	task(lock_baz, priority(3))					\
	resource(s1, int, 0)						\
	resource(s2, int, 0)						\
	resource(s3, int, 0)						\
	task(locks, priority(1), uses(s1, s2, s3))			\
	task(locks_high, priority(2), uses(s1, s2, s3))			\
	task(uart, priority(2))						\
	resource(counter, int, 0)					\
	task(free_foo, priority(1), uses(counter))			\
	task(free_bar, priority(1), uses(counter))			\
	task(last, priority(1))
RTFM_APP(ORDER);

static void (*scenario)(struct init_0_cx *cx);

RTFM_INIT(0)
{
	scenario(cx);
}

RTFM_IDLE(0)
{
	if (idle_is_hardware) {
		say("idle");
		rtfm_unwrap(rtfm_spawn(uart));
	}
	rtfm_exit(0);
}

static void preempt(struct init_0_cx *cx)
{
	rtfm_unwrap(rtfm_spawn(preempt_foo));
}

RTFM_TASK(preempt_foo)
{
	say("foo - start");
	rtfm_unwrap(rtfm_spawn(preempt_baz));
	say("foo - end");
}

RTFM_TASK(preempt_bar)
{
	say(" bar");
}

RTFM_TASK(preempt_baz)
{
	say(" baz - start");
	rtfm_unwrap(rtfm_spawn(preempt_bar));
	say(" baz - end");
}

static void task(struct init_0_cx *cx)
{
	rtfm_unwrap(rtfm_spawn(task_foo));
}

RTFM_TASK(task_foo)
{
	say("foo - start");
	rtfm_unwrap(rtfm_spawn(task_bar));
	say("foo - middle");
	rtfm_unwrap(rtfm_spawn(task_baz));
	say("foo - end");
}

RTFM_TASK(task_bar)
{
	say("bar");
}

RTFM_TASK(task_baz)
{
	say("baz");
}

static void lock(struct init_0_cx *cx)
{
	rtfm_unwrap(rtfm_spawn(lock_foo));
}

RTFM_TASK(lock_foo)
{
	say("A");
	rtfm_lock(shared) {
		++*shared;
		rtfm_unwrap(rtfm_spawn(lock_bar));
		say("B - shared = %d", *shared);
		rtfm_unwrap(rtfm_spawn(lock_baz));
	}
	say("E");
}

RTFM_TASK(lock_bar)
{
	say("D - shared = %d", ++*rtfm_exclusive(shared));
}

RTFM_TASK(lock_baz)
{
	say("C");
}

static void multilock(struct init_0_cx *cx)
{
	rtfm_unwrap(rtfm_spawn(locks));
}

RTFM_TASK(locks)
{
	rtfm_lock(s1) {
		rtfm_lock(s2) {
			rtfm_lock(s3) {
				rtfm_unwrap(rtfm_spawn(locks_high));
				++*s1;
				++*s2;
				++*s3;
				say("Multiple locks, s1: %d, s2: %d, s3: %d", *s1, *s2, *s3);
			}
		}
	}
}

RTFM_TASK(locks_high)
{
	say("%d", *rtfm_exclusive(s1) + *rtfm_exclusive(s2) + *rtfm_exclusive(s3));
}

static void init_first(struct init_0_cx *cx)
{
	rtfm_unwrap(rtfm_spawn(preempt_bar));
	say("init");
}

/* A spawn replaces the hardware interrupt of RTIC. */
static void hardware(struct init_0_cx *cx)
{
	rtfm_unwrap(rtfm_spawn(uart));
	idle_is_hardware = true;
	say("init");
}

RTFM_TASK(uart)
{
	static int times;

	times++;
	say("UART0 called %d time%s", times, times == 1 ? "" : "s");
}

static void lock_free(struct init_0_cx *cx)
{
	rtfm_unwrap(rtfm_spawn(free_foo));
}

RTFM_TASK(free_foo)
{
	rtfm_unwrap(rtfm_spawn(free_bar));
	say("foo = %d", ++*rtfm_exclusive(counter));
}

RTFM_TASK(free_bar)
{
	say("bar = %d", ++*rtfm_exclusive(counter));
}

/* Jobs that became ready in init start in the order of their priority. */
static void after_init(struct init_0_cx *cx)
{
	rtfm_unwrap(rtfm_spawn(last));
	rtfm_unwrap(rtfm_spawn(task_bar));
	rtfm_unwrap(rtfm_spawn(preempt_bar));
	rtfm_unwrap(rtfm_spawn(task_baz));
	rtfm_unwrap(rtfm_spawn(lock_baz));
}

RTFM_TASK(last)
{
	say("last");
}

/* No tasks run, only idle. */
static void nothing(struct init_0_cx *cx)
{
	say("init %u", rtfm_core() + (unsigned int)(cx->scheduled == 0));
}

int main(void)
{
	static const struct {
		const char *name;
		void (*scenario)(struct init_0_cx *cx);
		const char *journal;
	} cases[] = {
		{ "preempt", preempt, "foo - start| baz - start| baz - end| bar|foo - end" },
		{ "task", task, "foo - start|foo - middle|baz|foo - end|bar" },
		{ "lock", lock, "A|B - shared = 1|C|D - shared = 2|E" },
		{ "multilock", multilock, "Multiple locks, s1: 1, s2: 1, s3: 1|3" },
		{ "spawn", init_first, "init| bar" },
		{ "lock-free", lock_free, "foo = 1|bar = 2" },
		{ "after init", after_init, "C| bar|baz|last|bar" },
		{ "init", nothing, "init 0" },
		{ "hardware", hardware, "init|UART0 called 1 time|idle|UART0 called 2 times" },
	};

	tap_begin(60);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		scenario = cases[i].scenario;
		ok_run(cases[i].name, cases[i].journal);
	}
	return tap_end();
}
