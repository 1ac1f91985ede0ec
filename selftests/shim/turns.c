// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * One level, several senders: a task that sends to itself all the time does not starve jobs
 * that another core sends to the same level; and each sender's jobs keep their order.
 */
#include "tap.h"

#define TURNS(core, resource, task)					\
	core(0, init)							\
	task(again, priority(1), capacity(2), message(int x))		\
	task(timed, priority(1), capacity(2))				\
	task(other, priority(1), remote, capacity(8), message(int x))	\
	core(1, init)							\
	task(sends, priority(1), remote)
RTFM_APP(TURNS);

#define ROUNDS 50

static int wrong, others, times, own;
static uint64_t hang;

RTFM_INIT(0)
{
	hang = rtfm_now() + 20 * SEC;
	rtfm_unwrap(rtfm_spawn(again, .x = 0));
	rtfm_unwrap(rtfm_schedule(timed, 1ULL));
}

RTFM_INIT(1)
{
	rtfm_unwrap(rtfm_spawn(sends));
}

/* There is always one of them ready. */
RTFM_TASK(again)
{
	wrong += msg->x != own++;
	if ((others == 8 * ROUNDS && times) || rtfm_now() > hang)
		rtfm_exit(0);
	else
		rtfm_unwrap(rtfm_spawn(again, .x = own));
}

RTFM_TASK(timed)
{
	times++;
}

RTFM_TASK(other)
{
	wrong += msg->x != others;
	ADD(others, 1);
}

RTFM_TASK(sends)
{
	for (int x = 0; x < 8 * ROUNDS && rtfm_now() < hang;) {
		int ret = rtfm_spawn(other, .x = x);

		x += !ret;
		if (ret && ret != -EAGAIN)
			break;
	}
}

int main(void)
{
	tap_begin(60);
	need_cpus(2);
	ok_eq(rtfm_run(&rtfm_app, NULL), 0, "it ran");
	ok_eq(others, 8 * ROUNDS, "who sends from another core has its turns");
	ok(times, "and so has time");
	ok_eq(wrong, 0, "the jobs of a sender are in order");
	printf("# %d jobs of its own\n", own);
	return tap_end();
}
