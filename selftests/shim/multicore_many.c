// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * More levels and senders than a polling core checks one by one: 17 levels of two cores, one
 * of which sends. Each message still arrives, once.
 */
#include "tap.h"

#define LEVELS 17
#define ROUNDS 200
#define ENOUGH (8 * SEC)	/* on a slow or busy machine, with fewer rounds */
#define STUCK  (30 * SEC)	/* a round takes less than that */

#define MANY(core, resource, task)					\
	core(0)								\
	task(t1, priority(1), remote) task(t2, priority(2), remote)	\
	task(t3, priority(3), remote) task(t4, priority(4), remote)	\
	task(t5, priority(5), remote) task(t6, priority(6), remote)	\
	task(t7, priority(7), remote) task(t8, priority(8), remote)	\
	task(t9, priority(9), remote) task(t10, priority(10), remote)	\
	task(t11, priority(11), remote) task(t12, priority(12), remote)	\
	task(t13, priority(13), remote) task(t14, priority(14), remote)	\
	task(t15, priority(15), remote) task(t16, priority(16), remote)	\
	task(t17, priority(17), remote)					\
	core(1, idle)							\
	core(2)
RTFM_APP(MANY);

static unsigned int runs[LEVELS + 1];
static int refused;
static unsigned int rounds;
static uint64_t hang;

static unsigned int all_runs(void)
{
	unsigned int sum = 0;

	for (int level = 1; level <= LEVELS; level++)
		sum += LOAD(runs[level]);
	return sum;
}

#define BODY(n)								\
	RTFM_TASK(t##n)							\
	{								\
		ADD(runs[n], 1);					\
	}
BODY(1) BODY(2) BODY(3) BODY(4) BODY(5) BODY(6) BODY(7) BODY(8) BODY(9)
BODY(10) BODY(11) BODY(12) BODY(13) BODY(14) BODY(15) BODY(16) BODY(17)

#define SEND(n)								\
do {									\
	while (rtfm_spawn(t##n) && rtfm_now() < hang)			\
		refused++;						\
} while (0)

/* After the last message of a round there is no other that would make the core check. */
RTFM_IDLE(1)
{
	uint64_t enough = rtfm_now() + ENOUGH;

	do {
		rounds++;
		hang = rtfm_now() + STUCK;
		SEND(1); SEND(16); SEND(2); SEND(15); SEND(3); SEND(14);
		SEND(4); SEND(13); SEND(5); SEND(12); SEND(6); SEND(11);
		SEND(7); SEND(10); SEND(8); SEND(9); SEND(17);
		while (all_runs() != rounds * LEVELS && rtfm_now() < hang)
			sched_yield();
	} while (all_runs() == rounds * LEVELS && rounds < ROUNDS && rtfm_now() < enough);
	rtfm_exit(0);
}

int main(void)
{
	struct rtfm_options options = {
		.size = sizeof(options),
		.flags = RTFM_POLL | RTFM_NO_AFFINITY,
		.realtime = RTFM_REALTIME_OFF,
	};
	unsigned int wrong = 0;

	tap_begin(110);
	if (asked_for("kmod")) {
		/* it pins its cores */
		need_cpus(3);
		options.flags = RTFM_POLL;
	}
	ok_eq(rtfm_run(&rtfm_app, &options), 0, "it ran");
	for (int level = 1; level <= LEVELS; level++)
		wrong += runs[level] != rounds;
	ok_eq(wrong, 0, "each message has arrived once, to each level");
	printf("# %u messages in %u rounds, refused %d times\n", all_runs(), rounds, refused);
	return tap_end();
}
