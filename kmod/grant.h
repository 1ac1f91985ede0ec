/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Grant: the SCHED_FIFO priority that a core's thread has been lent by RTFM_IOC_ATTACH.
 */
#ifndef RTFM_GRANT_H
#define RTFM_GRANT_H

#include <linux/list.h>
#include <linux/types.h>
#include <uapi/linux/sched/types.h>

struct task_struct;

/**
 * struct rtfm_grant - what was lent
 * @link: in the list of all grants
 * @task: the thread, with a reference, or NULL: nothing is lent
 * @priority: that it was given
 * @before: what it had, and gets back
 *
 * Protected by a lock of grant.c.
 */
struct rtfm_grant {
	struct list_head link;
	struct task_struct *task;
	u32 priority;
	struct sched_attr before;
};

int rtfm_grant_fifo(struct rtfm_grant *grant, u32 priority);
void rtfm_grant_withdraw(struct rtfm_grant *grant);

#endif /* RTFM_GRANT_H */
