// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * time-dispatch: the time from a spawn until the task starts. A task of a lower priority
 * starts when its sender has ended; a task of a higher priority preempts its sender. Both
 * times include one reading of the clock.
 */
#include "timing.h"

#define DISPATCH(core, resource, task)					\
	core(0, init)							\
	task(low, priority(1), message(uint64_t sent))			\
	task(high, priority(2), message(uint64_t sent))
RTFM_APP(DISPATCH);

static struct samples waits, preempts, reading;

RTFM_INIT(0)
{
	rtfm_unwrap(rtfm_spawn(high, .sent = rtfm_now()));
}

RTFM_TASK(high)
{
	samples_add(&preempts, rtfm_now() - msg->sent, 1);
	rtfm_unwrap(rtfm_spawn(low, .sent = rtfm_now()));
}

RTFM_TASK(low)
{
	uint64_t now = rtfm_now();

	samples_add(&waits, now - msg->sent, 1);
	samples_add(&reading, rtfm_now() - now, 1);
	if (!samples_full(&waits)) {
		rtfm_unwrap(rtfm_spawn(high, .sent = rtfm_now()));
		return;
	}
	rtfm_exit(0);
}

int main(void)
{
	int status = timing_run();

	if (!status) {
		samples_print("dispatch, the sender ends", &waits);
		samples_print("dispatch, the sender is preempted", &preempts);
		samples_print("reading the clock", &reading);
	}
	return status;
}
