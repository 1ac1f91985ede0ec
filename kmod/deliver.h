/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Deliver: something is ready on a core; decide how to notify its thread.
 */
#ifndef RTFM_DELIVER_H
#define RTFM_DELIVER_H

#include <linux/types.h>

#include "pure/deliver.h"

struct pt_regs;
struct rtfm_core;

void rtfm_deliver_look(struct rtfm_core *core, struct pt_regs *regs);
void rtfm_deliver_wake(struct rtfm_core *core);

#endif /* RTFM_DELIVER_H */
