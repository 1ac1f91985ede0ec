/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The thread of a core, from RTFM_IOC_ATTACH until it detaches or the app ends.
 */
#ifndef RTFM_THREAD_H
#define RTFM_THREAD_H

#include <linux/rtfm.h>
#include <linux/types.h>

#include "upcall.h"

struct rtfm_core;

/**
 * struct rtfm_thread_role - what an attaching thread asks for
 * @doorbell: signal, 1..64
 * @fifo_priority: of the thread, 0 to leave it
 * @bell_priority: of the bell thread
 * @upcall: where it may be redirected to
 */
struct rtfm_thread_role {
	int doorbell;
	u32 fifo_priority;
	u32 bell_priority;
	struct rtfm_upcall upcall;
};

int rtfm_thread_attach(struct rtfm_core *core, const struct rtfm_thread_role *role);
void rtfm_thread_detach(struct rtfm_core *core);
void rtfm_thread_silence(struct rtfm_core *core);
int rtfm_thread_kick(struct rtfm_core *core);
void rtfm_thread_query(struct rtfm_core *core, struct rtfm_query *query);

#endif /* RTFM_THREAD_H */
