// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * time-lock: the time of one edge of a lock. A lock and its unlock are two edges.
 */
#include "timing.h"

#define N	100

#define LOCK(core, resource, task)					\
	core(0, init)							\
	resource(shared, unsigned long, 0)				\
	task(foo, priority(1), uses(shared))				\
	task(bar, priority(2), uses(shared))
RTFM_APP(LOCK);

static struct samples edge;

RTFM_INIT(0)
{
	rtfm_unwrap(rtfm_spawn(foo));
}

RTFM_TASK(foo)
{
	while (!samples_full(&edge)) {
		uint64_t before = rtfm_now();

		for (int i = 0; i < N; i++) {
			rtfm_lock(shared)
				++*shared;
		}
		samples_add(&edge, rtfm_now() - before, 2 * N);
	}
	rtfm_exit(0);
}

/* Never spawned: raises the ceiling of the resource, so that foo needs the lock. */
RTFM_TASK(bar)
{
	++*rtfm_exclusive(shared);
}

int main(void)
{
	int status = timing_run();

	if (!status)
		samples_print("edge of a lock", &edge);
	return status;
}
