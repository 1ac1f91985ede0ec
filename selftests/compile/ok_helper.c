// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Functions that tasks, init, idle and other helpers share. */
/* expect: ok */
#include <rtfm.h>

#define APP(core, resource, task)					\
	core(0, init, idle, uses(count, log))				\
	resource(count, int, 0)						\
	resource(log, int, 0)						\
	task(low, priority(1), uses(count, log))			\
	task(high, priority(5), uses(log, count))			\
	task(other, priority(3), uses(log))				\
	core(1)								\
	task(afar, remote)
RTFM_APP(APP);

RTFM_HELPER(add, 0, uses(count));
RTFM_HELPER(note, 0, uses(count, log));
RTFM_HELPER(none, 0);
RTFM_HELPER(say, 0, uses(log));

static int add(struct add_cx *cx, int x, int y)
{
	rtfm_lock(count) {
		return *count += x + y;
	}
}

static int none(struct none_cx *cx)
{
	return rtfm_spawn(afar);
}

static void say(struct say_cx *cx, const char *text, const int *n)
{
	rtfm_lock(log)
		*log += text[*n];
}

static void note(struct note_cx *cx)
{
	rtfm_lock(log)
		*log += rtfm_call(add, 1, 2) + rtfm_call(none);
}

RTFM_INIT(0)
{
	rtfm_call(note);
}

RTFM_IDLE(0)
{
	rtfm_call(note);
}

RTFM_TASK(low)
{
	rtfm_call(note);
}

RTFM_TASK(high)
{
	rtfm_call(note);
	int one = 1;

	rtfm_call(say, "text", &one);
	rtfm_exit(rtfm_call(add, (int)sizeof(one), -4));
}

RTFM_TASK(other)
{
	rtfm_unwrap(rtfm_call(none));
}

RTFM_TASK(afar)
{
}

RTFM_MAIN()
