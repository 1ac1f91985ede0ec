/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Periodic tasks: releases by time, and which of them were overruns. */
#ifndef RTFM_SRC_PERIODIC_H
#define RTFM_SRC_PERIODIC_H

#include "compiler.h"
#include "core.h"

/**
 * struct periodic - what follows the slot of a periodic task
 * @last: instant of the last release that was started
 * @mark: engine kmod: what the kernel had released of the level when the last job ended
 * @waiting: released and not started
 * @running: started and not finished
 * @early: the one that waits was released while its predecessor ran
 * @overruns: see rtfm_overruns(); atomic, written by own
 *
 * Own, and interrupts of it.
 */
struct periodic {
	uint64_t last;
	uint32_t mark;
	bool waiting;
	bool running;
	bool early;
	uint64_t overruns;
};

/* Has the app a periodic task? */
bool periodic_any(const struct rtfm_app *decl) INTERNAL;
/* Arm the periodic tasks of a core that is about to open. */
int periodic_arm(struct core *core) INTERNAL;
/* A release by timer.c: is there a job to post, or does one wait already? */
bool periodic_release(struct rtfmx_slot *slot, uint64_t instant) INTERNAL;
void periodic_started(struct rtfmx_slot *slot) INTERNAL;
/* &struct rtfmx_slot.run of a periodic slot. */
void periodic_run(struct rtfmx_core *core, struct rtfmx_slot *slot) INTERNAL;

static inline struct periodic *periodic_of(struct rtfmx_slot *slot)
{
	return (struct periodic *)(void *)(slot + 1);
}

#endif /* RTFM_SRC_PERIODIC_H */
