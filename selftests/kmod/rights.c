// SPDX-License-Identifier: GPL-2.0-only
/* Who may open the node may have what the module's parameters allow; nobody else. */
#include "rtfm_test.h"

#include <grp.h>
#include <sys/resource.h>

#define LEVELS	(1u << 4)
#define BELL	(SIGRTMIN + 1)
#define USER	1000

FIXTURE(rights) {
	struct stat node;
};

FIXTURE_SETUP(rights)
{
	if (geteuid())
		SKIP_ALL("needs root");
	ASSERT_EQ(0, stat(DEVICE, &self->node));
}

/* The node as it was. */
FIXTURE_TEARDOWN(rights)
{
	EXPECT_EQ(0, chown(DEVICE, self->node.st_uid, self->node.st_gid));
	EXPECT_EQ(0, chmod(DEVICE, self->node.st_mode & 07777));
}

/* An ordinary user with no real-time rights at all. */
static int become_user(gid_t extra)
{
	struct rlimit none = { 0, 0 };

	setrlimit(RLIMIT_RTPRIO, &none);
	if (setgroups(extra ? 1 : 0, &extra) || setgid(USER) || setuid(USER))
		return -errno;
	return 0;
}

static int uses_it(__u32 fifo_priority)
{
	struct rtfm_job job;
	struct app app;
	int err;

	catch_bell(BELL);
	err = app_start(&app, 1, LEVELS, 4);
	err = err ?: core_attach(&app, 0, BELL, fifo_priority);
	err = err ?: job_schedule(&app, 0, 0, 4, 9, now_ns() + MSEC);
	err = err ?: wait_job(&app, 0, 4, &job);
	app_stop(&app);
	return err;
}

APP_TEST(rights, node_is_roots)
{
	EXPECT_EQ(0600, self->node.st_mode & 07777);
	EXPECT_EQ(0, self->node.st_uid);
	EXPECT_EQ(0, self->node.st_gid);
}

APP_TEST(rights, stranger_cannot_open)
{
	pid_t child = fork();

	if (!child) {
		struct app app;

		if (become_user(0))
			_exit(99);
		_exit(-app_open(&app));
	}
	EXPECT_EQ(EACCES, reap(child));
}

/* No capability, no RLIMIT_RTPRIO: the node's owner or group is enough. */
static int granted(struct app *app, __u32 priority)
{
	struct sched_param param;
	int err = become_user(0);

	if (err)
		return 1;
	/* the premise: this user cannot get it otherwise */
	param.sched_priority = 1;
	if (!sched_setscheduler(0, SCHED_FIFO, &param))
		return 2;
	err = app_start(app, 1, LEVELS, 4);
	err = err ?: core_attach(app, 0, BELL, priority);
	if (err)
		return 3;
	if ((sched_getscheduler(0) & ~SCHED_RESET_ON_FORK) != SCHED_FIFO)
		return 4;
	if (sched_getparam(0, &param) || param.sched_priority != (int)priority)
		return 5;
	return 0;
}

APP_TEST(rights, owner_of_the_node)
{
	pid_t child;

	ASSERT_EQ(0, chown(DEVICE, USER, 0));
	child = fork();
	if (!child) {
		struct app app;

		_exit(granted(&app, 10));
	}
	EXPECT_EQ(0, reap(child));
}

APP_TEST(rights, group_of_the_node)
{
	pid_t child;

	ASSERT_EQ(0, chown(DEVICE, 0, 4242));
	ASSERT_EQ(0, chmod(DEVICE, 0660));
	child = fork();
	if (!child) {
		if (become_user(4242))
			_exit(99);
		_exit(-uses_it(10));
	}
	EXPECT_EQ(0, reap(child));
	child = fork();
	if (!child) {
		if (become_user(4243))
			_exit(99);
		_exit(-uses_it(10));
	}
	EXPECT_EQ(EACCES, reap(child));
}

/* The grant is for the thread that attaches, not for what it forks. */
APP_TEST(rights, not_inherited)
{
	pid_t child;

	ASSERT_EQ(0, chown(DEVICE, USER, 0));
	child = fork();
	if (!child) {
		struct app app;
		int err = granted(&app, 10);
		pid_t grandchild;

		if (err)
			_exit(err);
		grandchild = fork();
		if (!grandchild)
			_exit(sched_getscheduler(0) != SCHED_OTHER);
		_exit(reap(grandchild) ? 6 : 0);
	}
	EXPECT_EQ(0, reap(child));
}

static void *policy_of_thread(void *arg)
{
	return (void *)(long)sched_getscheduler(0);
}

/* Nor for the threads that it makes, nor for the process. */
APP_TEST(rights, calling_thread_only)
{
	pthread_t thread;
	void *policy;
	struct app app;

	ASSERT_EQ(0, app_start(&app, 1, LEVELS, 4));
	ASSERT_EQ(0, core_attach(&app, 0, BELL, 10));
	ASSERT_EQ(0, pthread_create(&thread, NULL, policy_of_thread, NULL));
	ASSERT_EQ(0, pthread_join(thread, &policy));
	EXPECT_EQ(SCHED_OTHER, (long)policy);
	app_stop(&app);
}

APP_TEST(rights, priority_limit)
{
	struct rtfm_query query;
	struct sched_param param;
	struct app app;
	__u32 limit;

	ASSERT_EQ(0, app_start(&app, 1, LEVELS, 4));
	ASSERT_EQ(0, app_query(&app, 0, &query));
	limit = query.max_fifo_priority;
	EXPECT_ERR(E2BIG, core_attach(&app, 0, BELL, limit + 1));
	EXPECT_ERR(E2BIG, core_attach(&app, 0, BELL, 99));
	EXPECT_ERR(E2BIG, core_attach(&app, 0, BELL, 100));
	EXPECT_EQ(SCHED_OTHER, sched_getscheduler(0));
	EXPECT_EQ(0, counters(&app, 0).attached);
	if (limit) {
		EXPECT_EQ(0, core_attach(&app, 0, BELL, limit));
		ASSERT_EQ(0, sched_getparam(0, &param));
		EXPECT_EQ(limit, param.sched_priority);
	}
	app_stop(&app);
}

/* Priority 0 leaves the policy as it is; detach leaves it as well. */
APP_TEST(rights, policy_is_left)
{
	struct sched_param param = { .sched_priority = 7 };
	struct app app;

	ASSERT_EQ(0, app_start(&app, 1, LEVELS, 4));
	ASSERT_EQ(0, core_attach(&app, 0, BELL, 0));
	EXPECT_EQ(SCHED_OTHER, sched_getscheduler(0));
	ASSERT_EQ(0, core_detach(&app));
	ASSERT_EQ(0, sched_setscheduler(0, SCHED_RR, &param));
	ASSERT_EQ(0, core_attach(&app, 0, BELL, 0));
	EXPECT_EQ(SCHED_RR, sched_getscheduler(0));
	ASSERT_EQ(0, core_detach(&app));
	EXPECT_EQ(SCHED_RR, sched_getscheduler(0));
	ASSERT_EQ(0, core_attach(&app, 0, BELL, 5));
	ASSERT_EQ(0, core_detach(&app));
	EXPECT_EQ(SCHED_FIFO, sched_getscheduler(0) & ~SCHED_RESET_ON_FORK);
	app_stop(&app);
}

/* What was opened stays open when rights are given up. */
APP_TEST(rights, dropped_after_open)
{
	pid_t child = fork();

	if (!child) {
		struct app app;
		int err = app_open(&app);

		err = err ?: become_user(0);
		err = err ?: app_setup(&app, 1, LEVELS, 4);
		err = err ?: app_map(&app);
		err = err ?: core_attach(&app, 0, BELL, 3);
		_exit(-err);
	}
	EXPECT_EQ(0, reap(child));
}

TEST_HARNESS_MAIN
