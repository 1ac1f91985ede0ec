/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* All cases of kmod/pure/deliver.h, each named by the expected result. */
#ifndef RTFM_DELIVER_CASES_H
#define RTFM_DELIVER_CASES_H

#include "deliver.h"

/**
 * struct deliver_case - rtfm_deliver_decide()
 * @name: of the case
 * @at: where the thread is
 * @above: is anything above its ceiling
 * @masked: it is inside its dispatcher or a queue
 * @polling: it polls
 * @verdict: expected
 */
struct deliver_case {
	const char *name;
	enum rtfm_deliver_at at;
	int above;
	int masked;
	int polling;
	enum rtfm_deliver_verdict verdict;
};

#define AWAY RTFM_DELIVER_AWAY
#define KERNEL RTFM_DELIVER_KERNEL
#define USER RTFM_DELIVER_USER
#define PARKED RTFM_DELIVER_PARKED
#define HOLD RTFM_DELIVER_HOLD
#define LOOK RTFM_DELIVER_LOOK
#define WAKE RTFM_DELIVER_WAKE
#define DOORBELL RTFM_DELIVER_DOORBELL
#define UPCALL RTFM_DELIVER_UPCALL

static const struct deliver_case deliver_cases[] = {
	{ "parked, below the ceiling: wake", PARKED, 0, 0, 0, WAKE },
	{ "parked, below the ceiling, polling: wake", PARKED, 0, 0, 1, WAKE },
	{ "parked, below the ceiling, masked: wake", PARKED, 0, 1, 0, WAKE },
	{ "parked, below the ceiling, masked, polling: wake", PARKED, 0, 1, 1, WAKE },
	{ "parked: wake", PARKED, 1, 0, 0, WAKE },
	{ "parked, polling: wake", PARKED, 1, 0, 1, WAKE },
	{ "parked, masked: wake", PARKED, 1, 1, 0, WAKE },
	{ "parked, masked, polling: wake", PARKED, 1, 1, 1, WAKE },

	{ "user mode, below the ceiling: hold", USER, 0, 0, 0, HOLD },
	{ "user mode, below the ceiling, polling: hold", USER, 0, 0, 1, HOLD },
	{ "user mode, below the ceiling, masked: look", USER, 0, 1, 0, LOOK },
	{ "user mode, below the ceiling, masked, polling: hold", USER, 0, 1, 1, HOLD },
	{ "user mode: upcall", USER, 1, 0, 0, UPCALL },
	{ "user mode, polling: hold", USER, 1, 0, 1, HOLD },
	{ "user mode, masked: look", USER, 1, 1, 0, LOOK },
	{ "user mode, masked, polling: hold", USER, 1, 1, 1, HOLD },

	{ "in the kernel, below the ceiling: hold", KERNEL, 0, 0, 0, HOLD },
	{ "in the kernel, below the ceiling, polling: hold", KERNEL, 0, 0, 1, HOLD },
	{ "in the kernel, below the ceiling, masked: hold", KERNEL, 0, 1, 0, HOLD },
	{ "in the kernel, below the ceiling, masked, polling: hold", KERNEL, 0, 1, 1, HOLD },
	{ "in the kernel: doorbell", KERNEL, 1, 0, 0, DOORBELL },
	{ "in the kernel, polling: hold", KERNEL, 1, 0, 1, HOLD },
	{ "in the kernel, masked: doorbell", KERNEL, 1, 1, 0, DOORBELL },
	{ "in the kernel, masked, polling: hold", KERNEL, 1, 1, 1, HOLD },

	{ "away, below the ceiling: hold", AWAY, 0, 0, 0, HOLD },
	{ "away, below the ceiling, polling: hold", AWAY, 0, 0, 1, HOLD },
	{ "away, below the ceiling, masked: hold", AWAY, 0, 1, 0, HOLD },
	{ "away, below the ceiling, masked, polling: hold", AWAY, 0, 1, 1, HOLD },
	{ "away: doorbell", AWAY, 1, 0, 0, DOORBELL },
	{ "away, polling: hold", AWAY, 1, 0, 1, HOLD },
	{ "away, masked: doorbell", AWAY, 1, 1, 0, DOORBELL },
	{ "away, masked, polling: hold", AWAY, 1, 1, 1, HOLD },
};

#undef AWAY
#undef KERNEL
#undef USER
#undef PARKED
#undef HOLD
#undef LOOK
#undef WAKE
#undef DOORBELL
#undef UPCALL

#endif /* RTFM_DELIVER_CASES_H */
