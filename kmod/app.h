/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An app: one open of the device, from set-up to its end.
 *
 *	NEW	-> READY	set-up, which names the owner; under app->lock
 *	READY	-> DEAD		the owner closes a descriptor, unmaps the region,
 *				execs or dies; atomic, never taken back
 *
 * Memory goes only when the last reference to the file has gone, so no system
 * call on it needs to count references, and what is DEAD is still there.
 */
#ifndef RTFM_APP_H
#define RTFM_APP_H

#include <linux/rtfm.h>
#include <linux/types.h>

#include "pure/plan.h"

struct rtfm_app;
struct vm_area_struct;

/**
 * struct rtfm_app_limits - what the administrator allows
 * @apps: how many there may be
 * @plan: cores, timers, bytes of an app
 * @fifo_priority: highest SCHED_FIFO priority of its threads, 0..98
 * @min_period: shortest period of a timer, ns
 */
struct rtfm_app_limits {
	u32 apps;
	struct rtfm_limits plan;
	u32 fifo_priority;
	u64 min_period;
};

int rtfm_app_init(void);
void rtfm_app_exit(void);

struct rtfm_app *rtfm_app_create(const struct rtfm_app_limits *limits);
void rtfm_app_destroy(struct rtfm_app *app);
bool rtfm_app_owned(const struct rtfm_app *app);
void rtfm_app_end(struct rtfm_app *app);

int rtfm_app_map(struct rtfm_app *app, struct vm_area_struct *vma);
void rtfm_app_mapped(struct rtfm_app *app, const struct vm_area_struct *vma);
void rtfm_app_unmapped(struct rtfm_app *app, const struct vm_area_struct *vma);

int rtfm_app_setup(struct rtfm_app *app, struct rtfm_setup *setup);
int rtfm_app_attach(struct rtfm_app *app, struct rtfm_attach *attach);
int rtfm_app_detach(struct rtfm_app *app);
int rtfm_app_kick(struct rtfm_app *app, u32 core);
int rtfm_app_schedule(struct rtfm_app *app, const struct rtfm_schedule *schedule);
int rtfm_app_take_in(struct rtfm_app *app);
int rtfm_app_cancel(struct rtfm_app *app, const struct rtfm_cancel *cancel);
int rtfm_app_arm(struct rtfm_app *app, u64 instant);
int rtfm_app_park(struct rtfm_app *app);
int rtfm_app_query(struct rtfm_app *app, struct rtfm_query *query);

#endif /* RTFM_APP_H */
