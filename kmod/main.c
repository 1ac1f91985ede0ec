// SPDX-License-Identifier: GPL-2.0-only
/* rtfm.ko: parameters, arrival, departure. */
#include <linux/cache.h>
#include <linux/init.h>
#include <linux/limits.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/printk.h>
#include <linux/rtfm.h>
#include <linux/sched/prio.h>
#include <linux/sizes.h>
#include <linux/time64.h>

#include "app.h"
#include "chardev.h"

static unsigned int max_apps = 64;
module_param(max_apps, uint, 0444);
MODULE_PARM_DESC(max_apps, "Maximum number of apps (opens of the device), 1 or more (default 64)");

static unsigned int max_cores = RTFM_MAX_CORES;
module_param(max_cores, uint, 0444);
MODULE_PARM_DESC(max_cores, "Maximum number of cores of an app, 1..32 (default 32)");

static unsigned int max_timers = RTFM_MAX_TIMERS;
module_param(max_timers, uint, 0444);
MODULE_PARM_DESC(max_timers,
		 "Maximum number of pending timers of a core, 0..65536 (default 65536)");

static unsigned long max_bytes = SZ_64M;
module_param(max_bytes, ulong, 0444);
MODULE_PARM_DESC(max_bytes,
		 "Maximum memory of an app (region and timers) in bytes (default 64 MiB)");

static unsigned int max_fifo_priority = 90;
module_param(max_fifo_priority, uint, 0444);
MODULE_PARM_DESC(max_fifo_priority,
		 "Highest SCHED_FIFO priority that is lent to a thread, 0..98 (default 90)");

static unsigned long min_period_ns = 100 * NSEC_PER_USEC;
module_param(min_period_ns, ulong, 0444);
MODULE_PARM_DESC(min_period_ns,
		 "Shortest period of a timer in ns, 1000 or more (default 100000)");

static struct rtfm_app_limits limits __ro_after_init;

static int check_params(void)
{
	if (!max_apps || max_apps > INT_MAX) {
		pr_err("max_apps out of range\n");
		return -EINVAL;
	}
	if (!max_cores || max_cores > RTFM_MAX_CORES || max_timers > RTFM_MAX_TIMERS) {
		pr_err("max_cores or max_timers out of range\n");
		return -EINVAL;
	}
	if (min_period_ns < NSEC_PER_USEC || min_period_ns > S64_MAX) {
		pr_err("min_period_ns out of range\n");
		return -EINVAL;
	}
	/* the bell threads of PREEMPT_RT run one above */
	if (max_fifo_priority > MAX_RT_PRIO - 2) {
		pr_err("max_fifo_priority out of range\n");
		return -EINVAL;
	}
	return 0;
}

static int __init rtfm_main_init(void)
{
	int err = check_params();

	if (err)
		return err;
	limits.apps = max_apps;
	limits.plan.cores = max_cores;
	limits.plan.timers = max_timers;
	limits.plan.bytes = max_bytes;
	limits.fifo_priority = max_fifo_priority;
	limits.min_period = min_period_ns;
	err = rtfm_app_init();
	if (err)
		return err;
	err = rtfm_chardev_init(&limits);
	if (err)
		goto err_exit_app;
	return 0;

err_exit_app:
	rtfm_app_exit();
	return err;
}
module_init(rtfm_main_init);

static void __exit rtfm_main_exit(void)
{
	rtfm_chardev_exit();
	rtfm_app_exit();
}
module_exit(rtfm_main_exit);

MODULE_DESCRIPTION("Stack Resource Policy: release, deliver and park for cores of tasks");
MODULE_LICENSE("GPL");
