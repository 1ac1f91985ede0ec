// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every ioctl with every kind of wrong argument, one at a time: the call returns the errno of
 * <linux/rtfm.h>, and changes nothing.
 */
#include "rtfm_test.h"

#define LEVELS	(1u << 3 | 1u << 7)
#define BELL	(SIGRTMIN + 1)

union any {
	struct {
		__u32 size;
		__u32 flags;
	} head;
	struct rtfm_setup setup;
	struct rtfm_attach attach;
	struct rtfm_detach detach;
	struct rtfm_kick kick;
	struct rtfm_schedule schedule;
	struct rtfm_take_in take_in;
	struct rtfm_cancel cancel;
	struct rtfm_arm arm;
	struct rtfm_park park;
	struct rtfm_query query;
	unsigned char byte[2 * PAGE];
};

enum stage { OPENED, SET_UP, MAPPED, ATTACHED };

/* All that a failing call might have changed. */
struct snapshot {
	int query_err[2];
	struct rtfm_query query[2];
	struct rtfm_ctl ctl[2];
};

FIXTURE(command) {
	struct app app;
	union any *arg;
	struct snapshot before;
};

FIXTURE_VARIANT(command) {
	unsigned long cmd;
	__u32 size;
	enum stage stage;	/* in which it is a valid call */
	bool out;		/* its struct is written back */
	int reserved[2];	/* offsets of reserved fields, 0: none */
};

#define RESERVED(s, field) ((int)offsetof(struct rtfm_##s, field))

FIXTURE_VARIANT_ADD(command, query) {
	.cmd = RTFM_IOC_QUERY, .size = sizeof(struct rtfm_query),
	.stage = ATTACHED, .out = true,
};

FIXTURE_VARIANT_ADD(command, setup) {
	.cmd = RTFM_IOC_SETUP, .size = sizeof(struct rtfm_setup),
	.stage = OPENED, .out = true, .reserved = { RESERVED(setup, reserved) },
};

FIXTURE_VARIANT_ADD(command, attach) {
	.cmd = RTFM_IOC_ATTACH, .size = sizeof(struct rtfm_attach),
	.stage = MAPPED, .out = true,
	.reserved = { RESERVED(attach, reserved), RESERVED(attach, reserved2) },
};

FIXTURE_VARIANT_ADD(command, detach) {
	.cmd = RTFM_IOC_DETACH, .size = sizeof(struct rtfm_detach),
	.stage = ATTACHED,
};

FIXTURE_VARIANT_ADD(command, kick) {
	.cmd = RTFM_IOC_KICK, .size = sizeof(struct rtfm_kick),
	.stage = ATTACHED, .reserved = { RESERVED(kick, reserved) },
};

FIXTURE_VARIANT_ADD(command, schedule) {
	.cmd = RTFM_IOC_SCHEDULE, .size = sizeof(struct rtfm_schedule),
	.stage = ATTACHED, .reserved = { RESERVED(schedule, reserved) },
};

FIXTURE_VARIANT_ADD(command, submit) {
	.cmd = RTFM_IOC_SUBMIT, .size = sizeof(struct rtfm_take_in),
	.stage = ATTACHED,
};

FIXTURE_VARIANT_ADD(command, cancel) {
	.cmd = RTFM_IOC_CANCEL, .size = sizeof(struct rtfm_cancel),
	.stage = ATTACHED, .reserved = { RESERVED(cancel, reserved) },
};

FIXTURE_VARIANT_ADD(command, arm) {
	.cmd = RTFM_IOC_ARM, .size = sizeof(struct rtfm_arm),
	.stage = ATTACHED,
};

FIXTURE_VARIANT_ADD(command, park) {
	.cmd = RTFM_IOC_PARK, .size = sizeof(struct rtfm_park),
	.stage = ATTACHED,
};

static int go_to(struct app *app, enum stage stage)
{
	int err = app_open(app);

	if (!err && stage >= SET_UP)
		err = app_setup(app, 2, LEVELS, 4);
	if (!err && stage >= MAPPED)
		err = app_map(app) ?: pin_to(0);
	if (!err && stage >= ATTACHED)
		err = core_attach(app, 0, BELL, 0);
	return err;
}

/*
 * A call that would succeed, with poisoned out fields. For cancel that needs a timer, for
 * park a ready bit.
 */
static int fill_valid(struct app *app, unsigned long cmd, union any *arg)
{
	struct rtfm_setup setup;
	struct rtfm_attach attach;
	struct rtfm_schedule schedule;
	struct rtfm_submit submit = submission(0, 3, 77, NEVER);
	int err = 0;

	memset(arg, 0, sizeof(*arg));
	switch (cmd) {
	case RTFM_IOC_QUERY:
		memset(&arg->query, 0xcc, sizeof(arg->query));
		arg->query.core = 0;
		break;
	case RTFM_IOC_SETUP:
		fill_setup(app, &setup, 2, LEVELS, 4);
		arg->setup = setup;
		break;
	case RTFM_IOC_ATTACH:
		fill_attach(&attach, 1, BELL);
		arg->attach = attach;
		break;
	case RTFM_IOC_KICK:
		arg->kick.core = 0;
		break;
	case RTFM_IOC_SCHEDULE:
		fill_schedule(&schedule, 0, &submit);
		schedule.submit.timer = counters(app, 0).pending;
		schedule.submit.period = schedule.submit.timer & 1 ? SEC : 0;
		arg->schedule = schedule;
		break;
	case RTFM_IOC_SUBMIT:
		submit.timer = counters(app, 0).pending;
		ring_put(ctl_of(app, 0), &submit);
		break;
	case RTFM_IOC_CANCEL:
		err = job_schedule(app, 0, 2, 3, 78, NEVER);
		arg->cancel.timer = 2;
		arg->cancel.tag = tag_of(78);
		break;
	case RTFM_IOC_ARM:
		arg->arm.instant = NEVER;
		break;
	case RTFM_IOC_PARK:
		ctl_of(app, 0)->ready = 1u << 3;
		break;
	}
	return err;
}

static void take_snapshot(struct app *app, struct snapshot *s)
{
	__u32 core;

	memset(s, 0, sizeof(*s));
	for (core = 0; core < 2; core++) {
		s->query_err[core] = app_query(app, core, &s->query[core]);
		if (app->region)
			s->ctl[core] = *ctl_of(app, core);
	}
}

static bool same_as(struct app *app, const struct snapshot *before)
{
	struct snapshot after;

	take_snapshot(app, &after);
	return !memcmp(before, &after, sizeof(after));
}

FIXTURE_SETUP(command)
{
	ASSERT_EQ(0, catch_bell(BELL));
	self->arg = mmap(NULL, sizeof(*self->arg), PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, (void *)self->arg);
	ASSERT_EQ(0, go_to(&self->app, variant->stage));
	ASSERT_EQ(0, fill_valid(&self->app, variant->cmd, self->arg));
	self->arg->head.size = variant->size;
	self->arg->head.flags = 0;
	take_snapshot(&self->app, &self->before);
}

FIXTURE_TEARDOWN(command)
{
	app_stop(&self->app);
}

/* @call, on the argument as it stands, fails with @err and changes nothing. */
#define EXPECT_REFUSED(err, call) do {					\
	union any _was = *self->arg;					\
	EXPECT_ERR(err, call);						\
	EXPECT_EQ(0, memcmp(&_was, self->arg, sizeof(_was)));		\
	EXPECT_TRUE(same_as(&self->app, &self->before));		\
} while (0)

#define CALL() rtfm_ioctl(self->app.fd, variant->cmd, self->arg)

/* The valid call succeeds: the other tests rely on that. */
APP_TEST(command, valid)
{
	EXPECT_EQ(0, CALL());
	EXPECT_EQ(variant->size, self->arg->head.size);
}

/* SETUP: a wrong size is refused before the app exists. */
APP_TEST(command, size_too_small)
{
	const __u32 sizes[] = { 0, 1, 4, 7, variant->size - 8, variant->size - 1 };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		self->arg->head.size = sizes[i];
		EXPECT_REFUSED(EINVAL, CALL());
	}
}

APP_TEST(command, larger_with_zero_tail)
{
	const __u32 sizes[] = { variant->size + 1, variant->size + 8, PAGE - 1, PAGE };
	union any valid = *self->arg;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct app again;

		*self->arg = valid;
		if (i && variant->stage == ATTACHED &&
		    variant->cmd != RTFM_IOC_QUERY) {
			/* used up: the next one */
			if (variant->cmd == RTFM_IOC_DETACH)
				core_attach(&self->app, 0, BELL, 0);
			ASSERT_EQ(0, fill_valid(&self->app, variant->cmd, self->arg));
		}
		self->arg->head.size = sizes[i];
		if (variant->stage != ATTACHED) {
			ASSERT_EQ(0, go_to(&again, variant->stage));
			ASSERT_EQ(0, fill_valid(&again, variant->cmd, self->arg));
			self->arg->head.size = sizes[i];
			EXPECT_EQ(0, rtfm_ioctl(again.fd, variant->cmd, self->arg));
			app_stop(&again);
		} else {
			EXPECT_EQ(0, CALL());
		}
		EXPECT_EQ(sizes[i], self->arg->head.size);
	}
}

APP_TEST(command, larger_with_non_zero_tail)
{
	const __u32 sizes[] = { variant->size + 1, variant->size + 8, PAGE };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		self->arg->head.size = sizes[i];
		self->arg->byte[sizes[i] - 1] = 1;
		EXPECT_REFUSED(E2BIG, CALL());
		self->arg->byte[sizes[i] - 1] = 0;
		self->arg->byte[variant->size] = 0x80;
		EXPECT_REFUSED(E2BIG, CALL());
		self->arg->byte[variant->size] = 0;
	}
}

APP_TEST(command, larger_than_a_page)
{
	static const __u32 sizes[] = { PAGE + 1, 2 * PAGE, 1u << 31, ~0u };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		self->arg->head.size = sizes[i];
		EXPECT_REFUSED(E2BIG, CALL());
	}
}

APP_TEST(command, unknown_flag)
{
	int bit;

	for (bit = 0; bit < 32; bit++) {
		self->arg->head.flags = 1u << bit;
		EXPECT_REFUSED(EINVAL, CALL());
	}
}

APP_TEST(command, reserved_field)
{
	size_t i;
	int bit;

	for (i = 0; i < ARRAY_SIZE(variant->reserved) && variant->reserved[i]; i++) {
		__u32 *field = (__u32 *)(self->arg->byte + variant->reserved[i]);

		for (bit = 0; bit < 32; bit++) {
			*field = 1u << bit;
			EXPECT_REFUSED(EINVAL, CALL());
		}
		*field = 0;
	}
}

APP_TEST(command, bad_pointer)
{
	char *end = (char *)self->arg + sizeof(*self->arg);
	void *bad[] = {
		NULL, (void *)1, (void *)-1l, (void *)-4096l,
		(void *)0xffff888000000000ul, (void *)0xffffffff81000000ul,
		(void *)0x800000000000ul,
	};
	char *half = end - PAGE - variant->size / 2;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		EXPECT_REFUSED(EFAULT, rtfm_ioctl(self->app.fd, variant->cmd, bad[i]));

	/* half of it in a page that cannot be read */
	memcpy(half, self->arg, variant->size);
	ASSERT_EQ(0, mprotect(end - PAGE, PAGE, PROT_NONE));
	EXPECT_ERR(EFAULT, rtfm_ioctl(self->app.fd, variant->cmd, half));
	EXPECT_TRUE(same_as(&self->app, &self->before));
	EXPECT_ERR(EFAULT, rtfm_ioctl(self->app.fd, variant->cmd, end - PAGE));
	EXPECT_TRUE(same_as(&self->app, &self->before));
}

/* If the result cannot be written, the call fails before it has an effect. */
APP_TEST(command, read_only_argument)
{
	char *end = (char *)self->arg + sizeof(*self->arg);
	char *half = end - PAGE - variant->size / 2;

	if (!variant->out)
		SKIP(return, "the kernel does not write to it");
	memcpy(half, self->arg, variant->size);
	ASSERT_EQ(0, mprotect(end - PAGE, PAGE, PROT_READ));
	EXPECT_ERR(EFAULT, rtfm_ioctl(self->app.fd, variant->cmd, half));
	EXPECT_TRUE(same_as(&self->app, &self->before));
	ASSERT_EQ(0, mprotect(self->arg, sizeof(*self->arg), PROT_READ));
	EXPECT_ERR(EFAULT, CALL());
	EXPECT_TRUE(same_as(&self->app, &self->before));
}

/* --- values out of their range ------------------------------------------- */

FIXTURE(value) {
	struct app app;
	union any any;
	union any *arg;
	struct snapshot before;
};

FIXTURE_SETUP(value)
{
	ASSERT_EQ(0, catch_bell(BELL));
	self->arg = &self->any;
}

FIXTURE_TEARDOWN(value)
{
	app_stop(&self->app);
}

/* A fresh app in the stage, and a valid call in self->arg. */
#define PREPARE(stage, command, name) do {				\
	ASSERT_EQ(0, go_to(&self->app, stage));				\
	ASSERT_EQ(0, fill_valid(&self->app, command, self->arg));	\
	self->arg->head.size = sizeof(struct rtfm_##name);		\
	take_snapshot(&self->app, &self->before);			\
} while (0)

#define REFUSED_WITH(err, command, field, value) do {			\
	__typeof__(self->arg->field) _good = self->arg->field;		\
	self->arg->field = (value);					\
	EXPECT_REFUSED(err, rtfm_ioctl(self->app.fd, command, self->arg)); \
	self->arg->field = _good;					\
} while (0)

#define REFUSED_INDEX(command, field) do {				\
	static const __u32 _bad[] = { 2, 3, 31, 32, 33, 1u << 31, ~0u };	\
	size_t _i;							\
	for (_i = 0; _i < ARRAY_SIZE(_bad); _i++)			\
		REFUSED_WITH(EINVAL, command, field, _bad[_i]);		\
} while (0)

APP_TEST(value, query_core)
{
	PREPARE(ATTACHED, RTFM_IOC_QUERY, query);
	REFUSED_INDEX(RTFM_IOC_QUERY, query.core);
}

APP_TEST(value, query_core_before_setup)
{
	PREPARE(OPENED, RTFM_IOC_QUERY, query);
	REFUSED_WITH(EINVAL, RTFM_IOC_QUERY, query.core, 1);
	REFUSED_WITH(EINVAL, RTFM_IOC_QUERY, query.core, ~0u);
}

APP_TEST(value, kick_core)
{
	PREPARE(ATTACHED, RTFM_IOC_KICK, kick);
	REFUSED_INDEX(RTFM_IOC_KICK, kick.core);
}

APP_TEST(value, cancel_core)
{
	PREPARE(ATTACHED, RTFM_IOC_CANCEL, cancel);
	REFUSED_INDEX(RTFM_IOC_CANCEL, cancel.core);
}

APP_TEST(value, cancel_timer)
{
	static const __u32 others[] = { 0, 1, 3, 4, 5, 1u << 16 | 2, 1u << 31 | 2, ~0u };
	size_t i;

	PREPARE(ATTACHED, RTFM_IOC_CANCEL, cancel);
	for (i = 0; i < ARRAY_SIZE(others); i++)
		REFUSED_WITH(ENOENT, RTFM_IOC_CANCEL, cancel.timer, others[i]);
	EXPECT_EQ(0, job_cancel(&self->app, 0, 2, 78));
}

APP_TEST(value, cancel_tag)
{
	int bit;

	PREPARE(ATTACHED, RTFM_IOC_CANCEL, cancel);
	for (bit = 0; bit < 32; bit++)
		REFUSED_WITH(ENOENT, RTFM_IOC_CANCEL, cancel.tag,
			     tag_of(78) ^ 1u << bit);
	EXPECT_EQ(0, job_cancel(&self->app, 0, 2, 78));
}

/* Each invalid value of a submission, refused with the same error. */
APP_TEST(value, schedule)
{
	static const __u32 levels[] = { 0, 1, 2, 4, 31, 32, 32 + 3, 64 + 3, 1u << 31 | 3, ~0u };
	static const __u32 timers[] = { 4, 5, 1u << 16, 1u << 31, ~0u };
	static const __u64 never[] = { 1ULL << 63, 1ULL << 63 | 1, ~0ULL - 1, ~0ULL };
	size_t i;

	PREPARE(ATTACHED, RTFM_IOC_SCHEDULE, schedule);
	REFUSED_INDEX(RTFM_IOC_SCHEDULE, schedule.core);
	for (i = 0; i < ARRAY_SIZE(levels); i++)
		REFUSED_WITH(EINVAL, RTFM_IOC_SCHEDULE, schedule.submit.level, levels[i]);
	for (i = 0; i < ARRAY_SIZE(timers); i++)
		REFUSED_WITH(EINVAL, RTFM_IOC_SCHEDULE, schedule.submit.timer, timers[i]);
	for (i = 0; i < ARRAY_SIZE(never); i++) {
		REFUSED_WITH(EINVAL, RTFM_IOC_SCHEDULE, schedule.submit.instant, never[i]);
		REFUSED_WITH(EINVAL, RTFM_IOC_SCHEDULE, schedule.submit.period, never[i]);
	}
}

APP_TEST(value, schedule_period)
{
	__u64 min;

	PREPARE(ATTACHED, RTFM_IOC_SCHEDULE, schedule);
	min = counters(&self->app, 0).min_period;
	ASSERT_LE(1000, min);
	REFUSED_WITH(EINVAL, RTFM_IOC_SCHEDULE, schedule.submit.period, 1);
	REFUSED_WITH(EINVAL, RTFM_IOC_SCHEDULE, schedule.submit.period, min / 2);
	REFUSED_WITH(EINVAL, RTFM_IOC_SCHEDULE, schedule.submit.period, min - 1);
	self->arg->schedule.submit.period = min;
	EXPECT_EQ(0, rtfm_ioctl(self->app.fd, RTFM_IOC_SCHEDULE, self->arg));
	EXPECT_ERR(EBUSY, rtfm_ioctl(self->app.fd, RTFM_IOC_SCHEDULE, self->arg));
}

APP_TEST(value, arm)
{
	PREPARE(ATTACHED, RTFM_IOC_ARM, arm);
	REFUSED_WITH(EINVAL, RTFM_IOC_ARM, arm.instant, 1ULL << 63);
	REFUSED_WITH(EINVAL, RTFM_IOC_ARM, arm.instant, ~0ULL);
}

APP_TEST(value, attach)
{
	static const int silent[] = {
		SIGKILL, SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU, SIGCONT,
	};
	size_t i;

	PREPARE(MAPPED, RTFM_IOC_ATTACH, attach);
	for (i = 0; i < ARRAY_SIZE(silent); i++)
		REFUSED_WITH(EINVAL, RTFM_IOC_ATTACH, attach.doorbell, silent[i]);
	REFUSED_INDEX(RTFM_IOC_ATTACH, attach.core);
	REFUSED_WITH(EINVAL, RTFM_IOC_ATTACH, attach.doorbell, 0);
	REFUSED_WITH(EINVAL, RTFM_IOC_ATTACH, attach.doorbell, 65);
	REFUSED_WITH(EINVAL, RTFM_IOC_ATTACH, attach.doorbell, 1u << 31);
	REFUSED_WITH(EINVAL, RTFM_IOC_ATTACH, attach.doorbell, ~0u);
	REFUSED_WITH(E2BIG, RTFM_IOC_ATTACH, attach.fifo_priority, 100);
	REFUSED_WITH(E2BIG, RTFM_IOC_ATTACH, attach.fifo_priority, 1u << 31);
	REFUSED_WITH(E2BIG, RTFM_IOC_ATTACH, attach.fifo_priority, ~0u);
	EXPECT_EQ(SCHED_OTHER, sched_getscheduler(0));
}

/* --- the addresses of an upcall --------------------------------------------- */

#define USER_END	0x7ffffffff000ULL	/* TASK_SIZE_MAX with four page levels */
#define CODE		0x400000ULL

struct addresses {
	__u64 entry, again, from, to;
};

static void fill_addresses(struct rtfm_attach *attach, const struct addresses *a)
{
	attach->upcall_entry = a->entry;
	attach->upcall_again = a->again;
	attach->upcall_return = a->from;
	attach->upcall_return_end = a->to;
}

APP_TEST(value, attach_upcall)
{
	static const struct addresses bad[] = {
		/* some are zero, some are not */
		{ CODE, 0, 0, 0 }, { 0, CODE, 0, 0 }, { 0, 0, CODE, 0 },
		{ 0, 0, 0, CODE }, { 0, CODE, CODE, CODE + 1 },
		{ CODE, 0, CODE, CODE + 1 }, { CODE, CODE, 0, CODE },
		{ CODE, CODE, CODE, 0 }, { CODE, CODE, 0, 0 }, { 0, 0, CODE, CODE + 1 },
		/* an empty range, one that runs backwards */
		{ CODE, CODE, CODE, CODE }, { CODE, CODE, CODE, CODE - 1 },
		{ CODE, CODE, USER_END - 1, 1 },
		/* the end of user space, the gap, the kernel's half */
		{ 0x7fffffffffffULL + 1, CODE, CODE, CODE + 1 },
		{ CODE, 0x7fffffffffffULL + 1, CODE, CODE + 1 },
		{ 1ULL << 63, CODE, CODE, CODE + 1 },
		{ CODE, 1ULL << 63, CODE, CODE + 1 },
		{ 0xffff800000000000ULL, CODE, CODE, CODE + 1 },
		{ CODE, 0xffff888000000000ULL, CODE, CODE + 1 },
		{ 0xffffffff81000000ULL, CODE, CODE, CODE + 1 },
		{ CODE, 0xffffffff81000000ULL, CODE, CODE + 1 },
		{ 0xffffffffff600000ULL, CODE, CODE, CODE + 1 },	/* vsyscall */
		{ ~0ULL, CODE, CODE, CODE + 1 }, { CODE, ~0ULL, CODE, CODE + 1 },
		{ CODE, CODE, CODE, ~0ULL }, { CODE, CODE, CODE, 1ULL << 63 },
		{ CODE, CODE, CODE, 0xffffffff81000000ULL },
		{ CODE, CODE, 0xffffffff81000000ULL, 0xffffffff81000010ULL },
		{ CODE, CODE, 1ULL << 63, 1ULL << 63 | 5 },
		{ CODE, CODE, ~0ULL, 1 }, { CODE, CODE, ~0ULL - 1, ~0ULL },
	};
	size_t i;

	PREPARE(MAPPED, RTFM_IOC_ATTACH, attach);
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		fill_addresses(&self->arg->attach, &bad[i]);
		EXPECT_REFUSED(EINVAL, rtfm_ioctl(self->app.fd, RTFM_IOC_ATTACH,
						  self->arg));
	}
	EXPECT_EQ(SCHED_OTHER, sched_getscheduler(0));
}

/* An address may be invalid with four page levels and valid with five; the page below is not. */
APP_TEST(value, attach_upcall_at_the_end_of_user_space)
{
	static const struct addresses bad[] = {
		{ USER_END, CODE, CODE, CODE + 1 }, { CODE, USER_END, CODE, CODE + 1 },
		{ CODE, CODE, CODE, USER_END + 1 }, { CODE, CODE, USER_END, USER_END + 1 },
	};
	FILE *info = fopen("/proc/cpuinfo", "r");
	bool la57 = false;
	char line[4096];
	size_t i;

	while (info && fgets(line, sizeof(line), info))
		la57 |= !strncmp(line, "flags", 5) && strstr(line, " la57 ");
	if (info)
		fclose(info);
	if (la57)
		SKIP(return, "five page levels: user space ends elsewhere");
	PREPARE(MAPPED, RTFM_IOC_ATTACH, attach);
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		fill_addresses(&self->arg->attach, &bad[i]);
		EXPECT_REFUSED(EINVAL, rtfm_ioctl(self->app.fd, RTFM_IOC_ATTACH,
						  self->arg));
	}
}

/* The kernel does not check whether there is code: only the app's own thread would crash. */
APP_TEST(value, attach_upcall_addresses_that_are_fine)
{
	static const struct addresses fine[] = {
		{ 0, 0, 0, 0 }, { CODE, CODE, CODE, CODE + 1 }, { 1, 1, 1, 2 },
		{ USER_END - 1, USER_END - 1, USER_END - 1, USER_END },
		{ CODE, CODE + 9, 1, USER_END },
	};
	size_t i;

	PREPARE(MAPPED, RTFM_IOC_ATTACH, attach);
	ASSERT_NE(0, self->before.query[0].features & RTFM_FEATURE_UPCALL);
	for (i = 0; i < ARRAY_SIZE(fine); i++) {
		fill_addresses(&self->arg->attach, &fine[i]);
		EXPECT_EQ(0, rtfm_ioctl(self->app.fd, RTFM_IOC_ATTACH, self->arg)) {
			TH_LOG("row %zu", i);
		}
		EXPECT_EQ(0, core_detach(&self->app));
	}
}

/* Several errors at once: the first one in the order of the header is returned. */
APP_TEST(value, order_of_the_checks)
{
	struct rtfm_submit submit = submission(99, 0, 1, ~0ULL);
	struct rtfm_attach attach;
	struct app app;

	ASSERT_EQ(0, app_open(&app));
	/* not set up comes before what the call names */
	EXPECT_ERR(ENXIO, schedule_entry(&app, 99, &submit));
	EXPECT_ERR(ENXIO, timer_cancel(&app, 99, 99, 99));
	ASSERT_EQ(0, app_setup(&app, 1, LEVELS, 4));
	ASSERT_EQ(0, app_map(&app));
	/* existence before state: the core has no thread */
	EXPECT_ERR(EINVAL, timer_cancel(&app, 1, 0, 0));
	EXPECT_ERR(EINVAL, core_kick(&app, 1));
	EXPECT_ERR(EINVAL, schedule_entry(&app, 1, &submit));
	EXPECT_ERR(EINVAL, core_arm(&app, 1ULL << 63));
	fill_attach(&attach, 0, BELL);
	attach.upcall_entry = 1;
	attach.fifo_priority = 99;
	EXPECT_ERR(EINVAL, rtfm_ioctl(app.fd, RTFM_IOC_ATTACH, &attach));
	app_stop(&app);
}

APP_TEST(value, attach_not_pinned)
{
	cpu_set_t all;
	int i;

	if (cpus_online() < 2)
		SKIP(return, "one CPU: every thread is pinned");
	PREPARE(MAPPED, RTFM_IOC_ATTACH, attach);
	CPU_ZERO(&all);
	for (i = 0; i < cpus_online(); i++)
		CPU_SET(i, &all);
	ASSERT_EQ(0, sched_setaffinity(0, sizeof(all), &all));
	EXPECT_REFUSED(EINVAL, rtfm_ioctl(self->app.fd, RTFM_IOC_ATTACH, self->arg));
}

APP_TEST(value, setup_values)
{
	struct rtfm_query limits;

	PREPARE(OPENED, RTFM_IOC_SETUP, setup);
	limits = self->before.query[0];
	REFUSED_WITH(EINVAL, RTFM_IOC_SETUP, setup.ncores, 0);
	REFUSED_WITH(E2BIG, RTFM_IOC_SETUP, setup.ncores, limits.max_cores + 1);
	REFUSED_WITH(E2BIG, RTFM_IOC_SETUP, setup.ncores, 1u << 31);
	REFUSED_WITH(E2BIG, RTFM_IOC_SETUP, setup.ncores, ~0u);
	REFUSED_WITH(EINVAL, RTFM_IOC_SETUP, setup.features, ~limits.features);
	REFUSED_WITH(EINVAL, RTFM_IOC_SETUP, setup.features, 1ULL << 63);
	REFUSED_WITH(EFAULT, RTFM_IOC_SETUP, setup.cores, 0);
	REFUSED_WITH(EFAULT, RTFM_IOC_SETUP, setup.cores, ~0ULL);
	REFUSED_WITH(EFAULT, RTFM_IOC_SETUP, setup.cores, 0xffff888000000000ULL);
	REFUSED_WITH(E2BIG, RTFM_IOC_SETUP, setup.user_bytes, limits.max_bytes);
	REFUSED_WITH(E2BIG, RTFM_IOC_SETUP, setup.user_bytes, 1ULL << 63);
	REFUSED_WITH(E2BIG, RTFM_IOC_SETUP, setup.user_bytes, -4096ULL);
	REFUSED_WITH(E2BIG, RTFM_IOC_SETUP, setup.user_bytes, ~0ULL);
	/* none of these failed calls counts as the set-up */
	EXPECT_EQ(0, rtfm_ioctl(self->app.fd, RTFM_IOC_SETUP, self->arg));
	EXPECT_EQ(limits.features, self->arg->setup.features);
}

#define REFUSED_PLAN(err, field, value) do {				\
	struct rtfm_core_plan _was[RTFM_MAX_CORES];			\
	__u32 _good = self->app.plan[1].field;				\
	self->app.plan[1].field = (value);				\
	memcpy(_was, self->app.plan, sizeof(_was));			\
	EXPECT_REFUSED(err, rtfm_ioctl(self->app.fd, RTFM_IOC_SETUP,	\
				       self->arg));			\
	EXPECT_EQ(0, memcmp(_was, self->app.plan, sizeof(_was)));	\
	self->app.plan[1].field = _good;				\
} while (0)

APP_TEST(value, setup_plan)
{
	__u32 max_timers;

	PREPARE(OPENED, RTFM_IOC_SETUP, setup);
	max_timers = self->before.query[0].max_timers;
	REFUSED_PLAN(EINVAL, levels, LEVELS | 1);
	REFUSED_PLAN(EINVAL, reserved, 1);
	REFUSED_PLAN(EINVAL, reserved, 1u << 31);
	REFUSED_PLAN(EINVAL, ring_entries, 0);
	REFUSED_PLAN(EINVAL, ring_entries, 2);
	REFUSED_PLAN(EINVAL, ring_entries, 5);
	REFUSED_PLAN(EINVAL, ring_entries, 1u << 31);
	REFUSED_PLAN(EINVAL, ring_entries, ~0u);
	REFUSED_PLAN(EINVAL, timers, 0);
	REFUSED_PLAN(EINVAL, timers, 5);
	REFUSED_PLAN(E2BIG, timers, max_timers + 1);
	REFUSED_PLAN(E2BIG, timers, ~0u);
	EXPECT_EQ(0, rtfm_ioctl(self->app.fd, RTFM_IOC_SETUP, self->arg));
}

/* The kernel's own data of timers counts as memory, too: the region alone would fit. */
APP_TEST(value, setup_timers_and_region)
{
	__u64 region = 33 * PAGE + 32 * RTFM_MAX_TIMERS * sizeof(struct rtfm_job);
	struct rtfm_query limits;
	struct rtfm_setup setup;

	PREPARE(OPENED, RTFM_IOC_SETUP, setup);
	limits = self->before.query[0];
	if (limits.max_cores < 32 || limits.max_timers < RTFM_MAX_TIMERS ||
	    limits.max_bytes < region || limits.max_bytes > 3 * region)
		SKIP(return, "the limits of the module are not the default ones");
	fill_setup(&self->app, &setup, 32, 1u << 1, RTFM_MAX_TIMERS);
	EXPECT_REFUSED(E2BIG, rtfm_ioctl(self->app.fd, RTFM_IOC_SETUP, &setup));
	EXPECT_EQ(0, app_setup(&self->app, 32, 1u << 1, RTFM_MAX_TIMERS / 8));
}

/* The plans cannot be written back: nothing is set up. */
APP_TEST(value, setup_read_only_plans)
{
	struct rtfm_core_plan *plans;

	PREPARE(OPENED, RTFM_IOC_SETUP, setup);
	plans = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, (void *)plans);
	memcpy(plans, self->app.plan, sizeof(self->app.plan));
	ASSERT_EQ(0, mprotect(plans, PAGE, PROT_READ));
	REFUSED_WITH(EFAULT, RTFM_IOC_SETUP, setup.cores, (uintptr_t)plans);
	EXPECT_EQ(0, rtfm_ioctl(self->app.fd, RTFM_IOC_SETUP, self->arg));
}

/* --- states --------------------------------------------------------------- */

/* Calls every command but SETUP and QUERY with a valid argument. */
static int call_plain(struct app *app, unsigned long cmd)
{
	union any arg;

	memset(&arg, 0, sizeof(arg));
	switch (cmd) {
	case RTFM_IOC_QUERY:
		return app_query(app, 0, &arg.query);
	case RTFM_IOC_SETUP: {
		struct app other = *app;

		return app_setup(&other, 1, LEVELS, 4);
	}
	case RTFM_IOC_ATTACH:
		return core_attach(app, 0, BELL, 0);
	case RTFM_IOC_DETACH:
		return core_detach(app);
	case RTFM_IOC_KICK:
		return core_kick(app, 0);
	case RTFM_IOC_SCHEDULE:
		return job_schedule(app, 0, 0, 3, 1, NEVER);
	case RTFM_IOC_SUBMIT:
		return core_take_in(app);
	case RTFM_IOC_CANCEL:
		return job_cancel(app, 0, 0, 1);
	case RTFM_IOC_ARM:
		return core_arm(app, NEVER);
	case RTFM_IOC_PARK:
		return core_park(app);
	}
	return -ENOTTY;
}

static const unsigned long all[] = {
	RTFM_IOC_QUERY, RTFM_IOC_SETUP, RTFM_IOC_ATTACH, RTFM_IOC_DETACH,
	RTFM_IOC_KICK, RTFM_IOC_SCHEDULE, RTFM_IOC_CANCEL, RTFM_IOC_ARM,
	RTFM_IOC_PARK, RTFM_IOC_SUBMIT,
};

/* The first command of all that does not fail with @err, or 0. */
static unsigned long all_but(struct app *app, int err, unsigned long but)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(all); i++)
		if (all[i] != but && call_plain(app, all[i]) != -err)
			return all[i];
	return 0;
}

APP_TEST(value, before_setup)
{
	struct rtfm_query query;

	ASSERT_EQ(0, app_open(&self->app));
	EXPECT_ERR(ENXIO, core_attach(&self->app, 0, BELL, 0));
	EXPECT_ERR(ENXIO, core_detach(&self->app));
	EXPECT_ERR(ENXIO, core_kick(&self->app, 0));
	EXPECT_ERR(ENXIO, job_schedule(&self->app, 0, 0, 3, 1, NEVER));
	EXPECT_ERR(ENXIO, job_cancel(&self->app, 0, 0, 1));
	EXPECT_ERR(ENXIO, core_take_in(&self->app));
	EXPECT_ERR(ENXIO, core_arm(&self->app, NEVER));
	EXPECT_ERR(ENXIO, core_park(&self->app));
	ASSERT_EQ(0, app_query(&self->app, 0, &query));
	EXPECT_EQ(0, query.ncores);
	EXPECT_EQ(0, query.attached);
	EXPECT_EQ(0, query.pending);
	EXPECT_EQ(~0u, query.cpu);
	EXPECT_NE(0, query.max_bytes);
	EXPECT_LE(1, query.max_cores);
	EXPECT_GE(RTFM_MAX_CORES, query.max_cores);
	EXPECT_GE(RTFM_MAX_TIMERS, query.max_timers);
	EXPECT_GE(98, query.max_fifo_priority);
	EXPECT_LE(1000, query.min_period);
	EXPECT_EQ(RTFM_FEATURE_DOORBELL | RTFM_FEATURE_PARK,
		  query.features & (RTFM_FEATURE_DOORBELL | RTFM_FEATURE_PARK));
#ifdef __x86_64__
	EXPECT_EQ(RTFM_FEATURE_UPCALL, query.features & RTFM_FEATURE_UPCALL);
#endif
}

APP_TEST(value, before_map)
{
	struct snapshot before;

	ASSERT_EQ(0, go_to(&self->app, SET_UP));
	take_snapshot(&self->app, &before);
	EXPECT_ERR(ENXIO, core_attach(&self->app, 0, BELL, 0));
	EXPECT_TRUE(same_as(&self->app, &before));
}

APP_TEST(value, before_attach)
{
	struct snapshot before;

	ASSERT_EQ(0, go_to(&self->app, MAPPED));
	take_snapshot(&self->app, &before);
	EXPECT_ERR(ENXIO, core_kick(&self->app, 0));
	EXPECT_ERR(ENXIO, job_schedule(&self->app, 0, 0, 3, 1, NEVER));
	EXPECT_ERR(ENXIO, job_cancel(&self->app, 0, 0, 1));
	EXPECT_ERR(EPERM, core_arm(&self->app, NEVER));
	EXPECT_ERR(EPERM, core_park(&self->app));
	EXPECT_ERR(EPERM, core_take_in(&self->app));
	EXPECT_ERR(EPERM, core_detach(&self->app));
	EXPECT_TRUE(same_as(&self->app, &before));
}

APP_TEST(value, twice)
{
	struct snapshot before;
	struct app again;

	ASSERT_EQ(0, go_to(&self->app, ATTACHED));
	take_snapshot(&self->app, &before);
	again = self->app;
	EXPECT_ERR(EBUSY, app_setup(&again, 2, LEVELS, 4));
	EXPECT_ERR(EBUSY, core_attach(&self->app, 0, BELL, 0));
	/* this thread is core 0 */
	EXPECT_ERR(EBUSY, core_attach(&self->app, 1, BELL, 0));
	EXPECT_TRUE(same_as(&self->app, &before));
	EXPECT_EQ(0, core_detach(&self->app));
	EXPECT_ERR(EPERM, core_detach(&self->app));
	EXPECT_EQ(0, core_attach(&self->app, 1, BELL, 0));
}

APP_TEST(value, after_the_end)
{
	int other;

	ASSERT_EQ(0, go_to(&self->app, ATTACHED));
	other = dup(self->app.fd);
	ASSERT_LE(0, other);
	ASSERT_EQ(0, close(other));
	EXPECT_EQ(0, all_but(&self->app, ESHUTDOWN, 0));
	EXPECT_ERR(ESHUTDOWN, app_map(&self->app));
}

static void *in_a_thread(void *arg)
{
	struct app *app = arg;
	struct rtfm_query query;
	long bad = 0;

	bad |= core_arm(app, NEVER) != -EPERM;
	bad |= (core_park(app) != -EPERM) << 1;
	bad |= (core_detach(app) != -EPERM) << 2;
	bad |= (core_attach(app, 0, BELL, 0) != -EBUSY) << 3;
	/* these are for any thread of the process */
	bad |= (app_query(app, 0, &query) != 0) << 4;
	bad |= (job_schedule(app, 0, 0, 3, 1, NEVER) != 0) << 5;
	bad |= (job_cancel(app, 0, 0, 1) != 0) << 6;
	bad |= (core_kick(app, 0) != 0) << 7;
	bad |= (core_take_in(app) != -EPERM) << 8;
	return (void *)bad;
}

APP_TEST(value, wrong_thread)
{
	struct snapshot before;
	pthread_t thread;
	void *bad;

	ASSERT_EQ(0, go_to(&self->app, ATTACHED));
	take_snapshot(&self->app, &before);
	ASSERT_EQ(0, pthread_create(&thread, NULL, in_a_thread, &self->app));
	ASSERT_EQ(0, pthread_join(thread, &bad));
	EXPECT_EQ(0, (long)bad);
	EXPECT_EQ(before.query[0].kicks + 1, counters(&self->app, 0).kicks);
	EXPECT_EQ(0, counters(&self->app, 0).pending);
}

/* In a process that is not the owner: 0 if everything is refused. */
static int stranger(struct app *app)
{
	struct app other = *app;

	other.region = NULL;
	if (all_but(&other, EPERM, 0))
		return 1;
	if (app_map(&other) != -EPERM)
		return 2;
	/* its close ends nothing */
	close(other.fd);
	return 0;
}

APP_TEST(value, wrong_process_fork)
{
	struct snapshot before;
	pid_t child;

	ASSERT_EQ(0, go_to(&self->app, ATTACHED));
	take_snapshot(&self->app, &before);
	child = fork();
	if (!child)
		_exit(stranger(&self->app));
	EXPECT_EQ(0, reap(child));
	EXPECT_TRUE(same_as(&self->app, &before));
	EXPECT_EQ(0, job_schedule(&self->app, 0, 0, 3, 1, NEVER));
}

/* Shares the address space, but is another process. */
static int with_our_memory(void *arg)
{
	struct app *app = arg;

	return core_park(app) != -EPERM || core_arm(app, NEVER) != -EPERM ||
	       job_schedule(app, 0, 0, 3, 1, NEVER) != -EPERM ||
	       core_take_in(app) != -EPERM;
}

APP_TEST(value, wrong_process_vfork)
{
	static char stack[16 * PAGE] __attribute__((aligned(16)));
	struct snapshot before;
	pid_t child;

	ASSERT_EQ(0, go_to(&self->app, ATTACHED));
	take_snapshot(&self->app, &before);
	child = clone(with_our_memory, stack + sizeof(stack),
		      CLONE_VM | CLONE_VFORK | SIGCHLD, &self->app);
	ASSERT_LT(0, child);
	EXPECT_EQ(0, reap(child));
	EXPECT_TRUE(same_as(&self->app, &before));
}

static int send_fd(int socket, int fd)
{
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct iovec iov = { "x", 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control.space),
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	return sendmsg(socket, &msg, 0) == 1 ? 0 : -errno;
}

static int receive_fd(int socket)
{
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	char byte;
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control.space),
	};
	struct cmsghdr *c;
	int fd = -1;

	if (recvmsg(socket, &msg, 0) != 1)
		return -errno;
	c = CMSG_FIRSTHDR(&msg);
	if (c)
		memcpy(&fd, CMSG_DATA(c), sizeof(fd));
	return fd;
}

APP_TEST(value, wrong_process_passed_descriptor)
{
	struct snapshot before;
	int pair[2];
	pid_t child;

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	child = fork();
	if (!child) {
		struct app app = { .setup.region_bytes = PAGE };

		app.fd = receive_fd(pair[1]);
		_exit(app.fd < 0 ? 99 : stranger(&app));
	}
	ASSERT_EQ(0, go_to(&self->app, ATTACHED));
	take_snapshot(&self->app, &before);
	ASSERT_EQ(0, send_fd(pair[0], self->app.fd));
	EXPECT_EQ(0, reap(child));
	EXPECT_TRUE(same_as(&self->app, &before));
	EXPECT_EQ(0, job_schedule(&self->app, 0, 0, 3, 1, NEVER));
}

/* The process that sets the app up owns it, not the one that opened the device. */
APP_TEST(value, the_owner_is_who_sets_it_up)
{
	int ready[2], done[2];
	char byte;
	pid_t child;

	ASSERT_EQ(0, pipe(ready));
	ASSERT_EQ(0, pipe(done));
	ASSERT_EQ(0, app_open(&self->app));
	child = fork();
	if (!child) {
		struct rtfm_query query;
		int err = app_query(&self->app, 0, &query);

		err = err ?: app_setup(&self->app, 2, LEVELS, 4);
		err = err ?: app_map(&self->app);
		err = err ?: core_attach(&self->app, 0, BELL, 0);
		if (write(ready[1], "x", 1) != 1 || read(done[0], &byte, 1) != 1)
			_exit(99);
		_exit(err ? 1 : 0);
	}
	ASSERT_EQ(1, read(ready[0], &byte, 1));
	EXPECT_EQ(0, all_but(&self->app, EPERM, 0));
	ASSERT_EQ(1, write(done[1], "x", 1));
	EXPECT_EQ(0, reap(child));
	/* its owner has exited, which ended the app */
	EXPECT_EQ(0, all_but(&self->app, EPERM, 0));
}

APP_TEST(value, unknown_command)
{
	unsigned long cmd;
	size_t i;
	struct snapshot before;
	static union any arg;
	struct rtfm_query *query = &arg.query;

	ASSERT_EQ(0, go_to(&self->app, ATTACHED));
	take_snapshot(&self->app, &before);
	memset(&arg, 0, sizeof(arg));
	query->size = sizeof(*query);
	/* all numbers of the magic; small raw numbers, except 2, which the VFS handles */
	for (cmd = 0; cmd < 256; cmd++) {
		bool known = false;

		for (i = 0; i < ARRAY_SIZE(all); i++)
			known |= all[i] == _IO(RTFM_IOC_MAGIC, cmd);
		if (!known)
			EXPECT_ERR(ENOTTY, rtfm_ioctl(self->app.fd,
						      _IO(RTFM_IOC_MAGIC, cmd), &arg));
		if (cmd != 2)
			EXPECT_ERR(ENOTTY, rtfm_ioctl(self->app.fd, cmd, &arg));
	}
	/* our numbers with another direction, size or type */
	for (i = 0; i < ARRAY_SIZE(all); i++) {
		unsigned int nr = _IOC_NR(all[i]);

		EXPECT_ERR(ENOTTY, rtfm_ioctl(self->app.fd,
					      _IOR(RTFM_IOC_MAGIC, nr, __u32), &arg));
		EXPECT_ERR(ENOTTY, rtfm_ioctl(self->app.fd,
					      _IOWR(RTFM_IOC_MAGIC, nr, __u64), &arg));
		EXPECT_ERR(ENOTTY, rtfm_ioctl(self->app.fd,
					      _IO(RTFM_IOC_MAGIC - 1, nr), &arg));
	}
	EXPECT_ERR(ENOTTY, rtfm_ioctl(self->app.fd, 0xffffffff, &arg));
	EXPECT_TRUE(same_as(&self->app, &before));
}

TEST_HARNESS_MAIN
