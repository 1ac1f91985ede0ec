/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Release: jobs with an instant, one hrtimer per core over a bounded queue.
 */
#ifndef RTFM_RELEASE_H
#define RTFM_RELEASE_H

#include <linux/types.h>

struct rtfm_core;
struct rtfm_submit;

int rtfm_release_init(struct rtfm_core *core, u32 ntimers);
void rtfm_release_free(struct rtfm_core *core);
int rtfm_release_schedule(struct rtfm_core *core, const struct rtfm_submit *entry);
int rtfm_release_submit(struct rtfm_core *core);
int rtfm_release_cancel(struct rtfm_core *core, u32 nr, u32 tag);
int rtfm_release_arm(struct rtfm_core *core, u64 instant);
void rtfm_release_forget(struct rtfm_core *core);
void rtfm_release_poke(struct rtfm_core *core);

#endif /* RTFM_RELEASE_H */
