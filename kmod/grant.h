/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Grant: the SCHED_FIFO priority that a core's thread has been lent by RTFM_IOC_ATTACH.
 */
#ifndef RTFM_GRANT_H
#define RTFM_GRANT_H

#include <linux/list.h>
#include <linux/types.h>
#include <uapi/linux/sched/types.h>

struct mm_struct;
struct task_struct;

/**
 * struct rtfm_grant - what was lent
 * @link: in the list of all grants
 * @task: the thread, with a reference, or NULL: nothing is lent
 * @mm: address space that it was lent in (compared, never looked into)
 * @priority: that it was given
 * @right: the highest priority that it could have given itself
 * @before: what it had, and gets back
 * @leaving: somebody is about to restore @before, and then to clear @task
 *
 * Protected by a lock of grant.c.
 */
struct rtfm_grant {
	struct list_head link;
	struct task_struct *task;
	struct mm_struct *mm;
	u32 priority;
	u32 right;
	struct sched_attr before;
	bool leaving;
};

int rtfm_grant_fifo(struct rtfm_grant *grant, u32 priority);
void rtfm_grant_withdraw(struct rtfm_grant *grant);
void rtfm_grant_await(struct rtfm_grant *grant);
void rtfm_grant_exit(void);

#endif /* RTFM_GRANT_H */
