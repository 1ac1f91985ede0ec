// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whoever may open the device node may have a SCHED_FIFO priority, so the caller's rights
 * are not checked here. The priority is lent until the thread detaches or the app ends in
 * any way. Then the thread gets back the policy that it had before, unless it has another
 * policy or a higher priority by then.
 *
 * A thread may lower its SCHED_FIFO priority without any right. So a priority at or below
 * the granted one counts as granted; otherwise a thread could keep 39 of 40.
 *
 * A thread has at most one grant. If it had two, the second would record the priority of
 * the first as the policy to restore, and restore it after the first grant had ended.
 */
#include <linux/list.h>
#include <linux/sched.h>
#include <linux/sched/prio.h>
#include <linux/sched/task.h>
#include <linux/spinlock.h>

#include "grant.h"

static DEFINE_SPINLOCK(lock);
static LIST_HEAD(grants);

/* Only the thread itself adds a grant of its own, so the answer cannot become true later. */
static bool has_grant(const struct task_struct *task)
{
	const struct rtfm_grant *grant;
	bool found = false;

	spin_lock(&lock);
	list_for_each_entry(grant, &grants, link)
		found |= grant->task == task;
	spin_unlock(&lock);
	return found;
}

static struct sched_attr attr_of(const struct task_struct *task)
{
	struct sched_attr attr = {
		.size = sizeof(attr),
		.sched_policy = task->policy,
		.sched_nice = task_nice(task),
		.sched_priority = task->rt_priority,
		.sched_flags = task->sched_reset_on_fork ? SCHED_FLAG_RESET_ON_FORK : 0,
	};

	/* other threads may have taken its bandwidth by then: admission could fail */
	if (task->policy == SCHED_DEADLINE)
		attr.sched_policy = SCHED_NORMAL;
	return attr;
}

/**
 * rtfm_grant_fifo() - lend the calling thread a SCHED_FIFO priority
 * @grant: of its core, nothing is lent
 * @priority: within the limit; 0: leave the policy as it is
 *
 * Children of the thread start without it.
 *
 * Context: process, may sleep.
 * Return: 0, -EBUSY if the thread has a grant, or an error of the scheduler.
 */
int rtfm_grant_fifo(struct rtfm_grant *grant, u32 priority)
{
	const struct sched_attr attr = {
		.size = sizeof(attr),
		.sched_policy = SCHED_FIFO,
		.sched_priority = priority,
		.sched_flags = SCHED_FLAG_RESET_ON_FORK,
	};
	struct sched_attr before = attr_of(current);
	int err;

	if (!priority)
		return 0;
	if (has_grant(current))
		return -EBUSY;
	err = sched_setattr_nocheck(current, &attr);
	if (err)
		return err;
	spin_lock(&lock);
	grant->task = get_task_struct(current);
	grant->priority = priority;
	grant->before = before;
	list_add(&grant->link, &grants);
	spin_unlock(&lock);
	return 0;
}

/* An exiting thread keeps its priority, so that it exits soon. */
static bool still_lent(const struct task_struct *task, u32 priority)
{
	return task->policy == SCHED_FIFO && task->rt_priority <= priority &&
	       !(READ_ONCE(task->flags) & PF_EXITING);
}

/**
 * rtfm_grant_withdraw() - take back what was lent
 * @grant: the grant; nothing may be lent
 *
 * The thread may be another one, in any state. Of several concurrent calls one restores
 * the policy, and the others may return before it has done so.
 *
 * Context: process, may sleep, mmap_lock not held: the scheduler waits for locks of
 * cgroups.
 */
void rtfm_grant_withdraw(struct rtfm_grant *grant)
{
	struct sched_attr normal = { .size = sizeof(normal) };
	struct rtfm_grant taken;

	spin_lock(&lock);
	taken = *grant;
	if (taken.task)
		list_del(&grant->link);
	grant->task = NULL;
	spin_unlock(&lock);
	if (!taken.task)
		return;

	if (still_lent(taken.task, taken.priority) &&
	    sched_setattr_nocheck(taken.task, &taken.before)) {
		normal.sched_nice = taken.before.sched_nice;
		sched_setattr_nocheck(taken.task, &normal);
	}
	put_task_struct(taken.task);
}
