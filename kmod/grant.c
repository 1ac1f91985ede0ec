// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whoever may open the device node may have a SCHED_FIFO priority, so the caller's rights
 * are not checked here. The priority is lent until the thread detaches, leaves the app's
 * address space, or the app ends in any way. Then the thread gets back the policy that it had
 * before, unless it has another policy or a higher priority by then.
 *
 * A thread may lower its SCHED_FIFO priority without any right, and with a RLIMIT_RTPRIO of 1
 * change it into one of SCHED_RR. So a priority at or below the granted one counts as
 * granted; otherwise a thread could keep 39 of 40. But one of SCHED_RR that is within the
 * rights with which the thread attached counts as its own.
 *
 * A thread has at most one grant. If it had two, the second would record the priority of
 * the first as the policy to restore, and restore it after the first grant had ended. So a
 * grant stays in the list until the policy has been restored.
 *
 * A thread that executes a program while another process has its address space (vfork(2),
 * CLONE_VM) ends no app by that if the new program inherits the descriptor, and no call tells
 * the module. So the grants are inspected once a second, as long as there are any.
 */
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/list.h>
#include <linux/sched.h>
#include <linux/sched/prio.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "grant.h"

static DEFINE_SPINLOCK(lock);
static LIST_HEAD(grants);

static void inspect(struct work_struct *work);
static DECLARE_DELAYED_WORK(inspection, inspect);

static void inspect_later(void)
{
	/* unbound: a worker of a CPU would wait for as long as a core's thread hogs that */
	queue_delayed_work(system_unbound_wq, &inspection, HZ);
}

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

/* The highest priority that the calling thread could give itself */
static u32 own_right(void)
{
	return ns_capable_noaudit(&init_user_ns, CAP_SYS_NICE) ? MAX_RT_PRIO - 1 :
	       min_t(unsigned long, rlimit(RLIMIT_RTPRIO), MAX_RT_PRIO - 1);
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
	struct sched_attr before;
	int err;

	if (!priority)
		return 0;
	if (has_grant(current))
		return -EBUSY;
	/* not earlier: until then another app may restore the policy */
	before = attr_of(current);
	err = sched_setattr_nocheck(current, &attr);
	if (err)
		return err;
	spin_lock(&lock);
	grant->task = get_task_struct(current);
	grant->mm = current->mm;
	grant->priority = priority;
	grant->right = own_right();
	grant->before = before;
	list_add(&grant->link, &grants);
	spin_unlock(&lock);
	inspect_later();
	return 0;
}

/* An exiting thread keeps its priority, so that it exits soon. */
static bool still_lent(const struct rtfm_grant *grant)
{
	const struct task_struct *task = grant->task;

	if (task->rt_priority > grant->priority || READ_ONCE(task->flags) & PF_EXITING)
		return false;
	return task->policy == SCHED_FIFO ||
	       (task->policy == SCHED_RR && task->rt_priority > grant->right);
}

/* Nobody else touches a grant that is @leaving. */
static void restore(struct rtfm_grant *grant)
{
	struct sched_attr normal = { .size = sizeof(normal) };
	struct task_struct *task = grant->task;

	if (still_lent(grant) && sched_setattr_nocheck(task, &grant->before)) {
		normal.sched_nice = grant->before.sched_nice;
		sched_setattr_nocheck(task, &normal);
	}
	spin_lock(&lock);
	list_del(&grant->link);
	grant->task = NULL;
	grant->leaving = false;
	spin_unlock(&lock);
	put_task_struct(task);
}

/**
 * rtfm_grant_withdraw() - take back what was lent
 * @grant: the grant; nothing may be lent
 *
 * The thread may be another one, in any state. Of several concurrent calls one restores
 * the policy, and the others may return before it has done so: rtfm_grant_await().
 *
 * Context: process, may sleep, mmap_lock not held: the scheduler waits for locks of
 * cgroups.
 */
void rtfm_grant_withdraw(struct rtfm_grant *grant)
{
	bool mine;

	spin_lock(&lock);
	mine = grant->task && !grant->leaving;
	if (mine)
		grant->leaving = true;
	spin_unlock(&lock);
	if (mine)
		restore(grant);
}

/**
 * rtfm_grant_await() - wait until what was lent has been taken back
 * @grant: rtfm_grant_withdraw() has been called
 *
 * Context: process, may sleep.
 */
void rtfm_grant_await(struct rtfm_grant *grant)
{
	bool leaving;

	for (;;) {
		spin_lock(&lock);
		leaving = grant->leaving;
		spin_unlock(&lock);
		if (!leaving)
			return;
		usleep_range(10, 100);
	}
}

/* A thread that executes another program leaves the address space, and never comes back. */
static struct rtfm_grant *find_left(void)
{
	struct rtfm_grant *grant;

	list_for_each_entry(grant, &grants, link)
		if (!grant->leaving && READ_ONCE(grant->task->mm) != grant->mm)
			return grant;
	return NULL;
}

static void inspect(struct work_struct *work)
{
	struct rtfm_grant *left;
	bool any;

	do {
		spin_lock(&lock);
		left = find_left();
		if (left)
			left->leaving = true;
		any = !list_empty(&grants);
		spin_unlock(&lock);
		if (left)
			restore(left);
	} while (left);
	if (any)
		inspect_later();
}

/**
 * rtfm_grant_exit() - end the inspection
 *
 * Context: process, may sleep. Nothing is lent any more.
 */
void rtfm_grant_exit(void)
{
	cancel_delayed_work_sync(&inspection);
}
