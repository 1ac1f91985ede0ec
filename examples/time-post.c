// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * time-post: the time to send a job to a task that runs later because its priority is
 * lower than that of the sender.
 */
#include "timing.h"

#define N	100

#define POST(core, resource, task)					\
	core(0, init)							\
	task(foo, priority(2))						\
	task(bar, priority(1), capacity(N))				\
	task(again, priority(1))
RTFM_APP(POST);

static struct samples post;

RTFM_INIT(0)
{
	rtfm_unwrap(rtfm_spawn(foo));
}

RTFM_TASK(foo)
{
	uint64_t before = rtfm_now();

	for (int i = 0; i < N; i++)
		rtfm_unwrap(rtfm_spawn(bar));
	samples_add(&post, rtfm_now() - before, N);
	rtfm_unwrap(rtfm_spawn(again));
}

RTFM_TASK(bar)
{
}

/* Runs after all of bar. */
RTFM_TASK(again)
{
	if (!samples_full(&post)) {
		rtfm_unwrap(rtfm_spawn(foo));
		return;
	}
	rtfm_exit(0);
}

int main(void)
{
	int status = timing_run();

	if (!status)
		samples_print("post", &post);
	return status;
}
