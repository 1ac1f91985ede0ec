// SPDX-License-Identifier: GPL-2.0-only
/*
 * /dev/rtfm: file operations, and the format of the ioctls. What they mean is
 * app.c's.
 */
#include <linux/build_bug.h>
#include <linux/cache.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/nospec.h>
#include <linux/uaccess.h>

#include "app.h"
#include "chardev.h"
#include "pure/abi.h"		/* asserts the layout of all that user space sends */

static const struct rtfm_app_limits *app_limits __ro_after_init;

static int chardev_open(struct inode *inode, struct file *file)
{
	struct rtfm_app *app = rtfm_app_create(app_limits);

	if (IS_ERR(app))
		return PTR_ERR(app);
	file->private_data = app;
	return nonseekable_open(inode, file);
}

/*
 * release comes only when every duplicate is closed, which a child that
 * inherited one can put off for ever; flush comes at each close.
 */
static int chardev_flush(struct file *file, fl_owner_t id)
{
	if (rtfm_app_owned(file->private_data))
		rtfm_app_end(file->private_data);
	return 0;
}

static int chardev_release(struct inode *inode, struct file *file)
{
	rtfm_app_destroy(file->private_data);
	return 0;
}

static void vma_open(struct vm_area_struct *vma)
{
	rtfm_app_mapped(vma->vm_file->private_data, vma);
}

static void vma_close(struct vm_area_struct *vma)
{
	rtfm_app_unmapped(vma->vm_file->private_data, vma);
}

/* The whole region or nothing. */
static int vma_may_split(struct vm_area_struct *vma, unsigned long addr)
{
	return -EINVAL;
}

static const struct vm_operations_struct chardev_vm_ops = {
	.open = vma_open,
	.close = vma_close,
	.may_split = vma_may_split,
};

static int chardev_mmap(struct file *file, struct vm_area_struct *vma)
{
	int err = rtfm_app_map(file->private_data, vma);

	if (err)
		return err;
	vma->vm_ops = &chardev_vm_ops;
	vma_open(vma);
	return 0;
}

/* A copy of any argument; each begins with size and flags. */
union arg {
	struct {
		u32 size;
		u32 flags;
	} head;
	struct rtfm_query query;
	struct rtfm_setup setup;
	struct rtfm_attach attach;
	struct rtfm_detach detach;
	struct rtfm_kick kick;
	struct rtfm_schedule schedule;
	struct rtfm_take_in take_in;
	struct rtfm_cancel cancel;
	struct rtfm_arm arm;
	struct rtfm_park park;
};

static int ioctl_query(struct rtfm_app *app, union arg *arg)
{
	return rtfm_app_query(app, &arg->query);
}

static int ioctl_setup(struct rtfm_app *app, union arg *arg)
{
	return arg->setup.reserved ? -EINVAL : rtfm_app_setup(app, &arg->setup);
}

static int ioctl_attach(struct rtfm_app *app, union arg *arg)
{
	if (arg->attach.reserved || arg->attach.reserved2)
		return -EINVAL;
	return rtfm_app_attach(app, &arg->attach);
}

static int ioctl_detach(struct rtfm_app *app, union arg *arg)
{
	return rtfm_app_detach(app);
}

static int ioctl_kick(struct rtfm_app *app, union arg *arg)
{
	return arg->kick.reserved ? -EINVAL : rtfm_app_kick(app, arg->kick.core);
}

static int ioctl_schedule(struct rtfm_app *app, union arg *arg)
{
	return arg->schedule.reserved ? -EINVAL : rtfm_app_schedule(app, &arg->schedule);
}

static int ioctl_take_in(struct rtfm_app *app, union arg *arg)
{
	return rtfm_app_take_in(app);
}

static int ioctl_cancel(struct rtfm_app *app, union arg *arg)
{
	return arg->cancel.reserved ? -EINVAL : rtfm_app_cancel(app, &arg->cancel);
}

static int ioctl_arm(struct rtfm_app *app, union arg *arg)
{
	return rtfm_app_arm(app, arg->arm.instant);
}

static int ioctl_park(struct rtfm_app *app, union arg *arg)
{
	return rtfm_app_park(app);
}

/**
 * struct op - a command
 * @cmd: its number
 * @size: of its argument, here and now
 * @min: of its argument, in the first version of the ABI
 * @out: the argument is written back
 * @run: does it
 */
struct op {
	unsigned int cmd;
	u16 size;
	u16 min;
	bool out;
	int (*run)(struct rtfm_app *app, union arg *arg);
};

/* _last is the last field of the first version, and stays it. */
#define OP(_cmd, _name, _last, _out)						\
	[_IOC_NR(_cmd) - _IOC_NR(RTFM_IOC_QUERY)] = {				\
		.cmd = (_cmd),							\
		.size = sizeof(struct rtfm_##_name) +				\
			BUILD_BUG_ON_ZERO(offsetof(struct rtfm_##_name, flags) != 4), \
		.min = offsetofend(struct rtfm_##_name, _last),			\
		.out = (_out),							\
		.run = ioctl_##_name,						\
	}

static const struct op ops[] = {
	OP(RTFM_IOC_QUERY, query, min_period, true),
	OP(RTFM_IOC_SETUP, setup, region_bytes, true),
	OP(RTFM_IOC_ATTACH, attach, upcall_return_end, true),
	OP(RTFM_IOC_DETACH, detach, flags, false),
	OP(RTFM_IOC_KICK, kick, reserved, false),
	OP(RTFM_IOC_SCHEDULE, schedule, submit, false),
	OP(RTFM_IOC_CANCEL, cancel, reserved, false),
	OP(RTFM_IOC_ARM, arm, instant, false),
	OP(RTFM_IOC_PARK, park, flags, false),
	OP(RTFM_IOC_SUBMIT, take_in, flags, false),
};

static const struct op *find_op(unsigned int cmd)
{
	unsigned int nr = _IOC_NR(cmd) - _IOC_NR(RTFM_IOC_QUERY);

	if (nr >= ARRAY_SIZE(ops))
		return NULL;
	nr = array_index_nospec(nr, ARRAY_SIZE(ops));
	return ops[nr].cmd == cmd ? &ops[nr] : NULL;
}

/* Many commands have no argument but the head, of which the size has been read. */
static int copy_arg(union arg *arg, const struct op *op, void __user *user, u32 size)
{
	if (size == sizeof(arg->head) && op->size == size)
		return get_user(arg->head.flags, (u32 __user *)user + 1);
	return copy_struct_from_user(arg, op->size, user, size);
}

static long chardev_ioctl(struct file *file, unsigned int cmd, unsigned long user_arg)
{
	const struct op *op = find_op(cmd);
	void __user *user = (void __user *)user_arg;
	union arg arg;
	size_t common;
	u32 size;
	int err;

	if (!op)
		return -ENOTTY;
	if (get_user(size, (u32 __user *)user))
		return -EFAULT;
	if (size < op->min)
		return -EINVAL;
	if (size > PAGE_SIZE)
		return -E2BIG;
	err = copy_arg(&arg, op, user, size);
	if (err)
		return err;
	/* the size that was checked, whatever stands there now */
	arg.head.size = size;
	if (arg.head.flags)
		return -EINVAL;
	common = min_t(size_t, size, op->size);
	/* a command that fails has changed nothing: find out now if we may write */
	if (op->out && copy_to_user(user, &arg, common))
		return -EFAULT;
	err = op->run(file->private_data, &arg);
	if (!err && op->out && copy_to_user(user, &arg, common))
		return -EFAULT;
	return err;
}

static const struct file_operations chardev_fops = {
	.owner = THIS_MODULE,
	.open = chardev_open,
	.flush = chardev_flush,
	.release = chardev_release,
	.mmap = chardev_mmap,
	.unlocked_ioctl = chardev_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

static struct miscdevice chardev = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "rtfm",
	.fops = &chardev_fops,
	.mode = 0600,
};

/**
 * rtfm_chardev_init() - make the device appear
 * @limits: for its apps, outlive the device
 *
 * Context: process, may sleep.
 * Return: 0 or an error.
 */
int __init rtfm_chardev_init(const struct rtfm_app_limits *limits)
{
	app_limits = limits;
	return misc_register(&chardev);
}

/**
 * rtfm_chardev_exit() - make the device disappear
 *
 * Context: process, may sleep. No file is open: each holds the module.
 */
void rtfm_chardev_exit(void)
{
	misc_deregister(&chardev);
}
