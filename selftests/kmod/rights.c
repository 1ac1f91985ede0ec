// SPDX-License-Identifier: GPL-2.0-only
/* A user who may open the device gets what the module's parameters allow; others do not. */
#include "rtfm_test.h"

#include <grp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#define LEVELS	(1u << 4)
#define BELL	(SIGRTMIN + 1)
#define USER	1000
#define FD	100

/* The policy of a thread, without the flag; 0: the calling one */
static int policy_of(pid_t tid)
{
	return sched_getscheduler(tid) & ~SCHED_RESET_ON_FORK;
}

/*
 * The program that the tests of exec(2) execute: has the lent priority been taken back?
 * With the descriptor inherited a work item takes it back, which may be a moment later.
 */
static void __attribute__((constructor(101))) new_image(int argc, char **argv)
{
	if (argc != 2 || strcmp(argv[1], "--policy"))
		return;
	_exit(WAIT_FOR(policy_of(0) == SCHED_OTHER) ? 40 + !geteuid() : 50);
}

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

/* Priority 0 leaves the policy as it is, and detach restores the previous policy. */
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
	EXPECT_EQ(SCHED_FIFO, policy_of(0));
	ASSERT_EQ(0, core_detach(&app));
	EXPECT_EQ(SCHED_RR, sched_getscheduler(0));
	ASSERT_EQ(0, sched_getparam(0, &param));
	EXPECT_EQ(7, param.sched_priority);
	app_stop(&app);
}

/* --- a lent priority is taken back ------------------------------------------- */

APP_TEST(rights, taken_back_at_detach)
{
	struct app app;
	int i;

	ASSERT_EQ(0, setpriority(PRIO_PROCESS, 0, 5));
	ASSERT_EQ(0, app_start(&app, 1, LEVELS, 4));
	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, core_attach(&app, 0, BELL, 10));
		ASSERT_EQ(SCHED_FIFO, policy_of(0));
		ASSERT_EQ(0, core_detach(&app));
		EXPECT_EQ(SCHED_OTHER, sched_getscheduler(0));
		EXPECT_EQ(5, getpriority(PRIO_PROCESS, 0));
	}
	app_stop(&app);
}

/* A lower priority takes no right, so it is lent, too. */
APP_TEST(rights, lowered_is_taken_back)
{
	pid_t child;

	ASSERT_EQ(0, chown(DEVICE, USER, 0));
	child = fork();
	if (!child) {
		struct sched_param param = { .sched_priority = 9 };
		struct app app;
		int err = granted(&app, 10);

		if (err)
			_exit(err);
		if (sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &param))
			_exit(6);
		if (core_detach(&app))
			_exit(7);
		_exit(policy_of(0) == SCHED_OTHER ? 0 : 8);
	}
	EXPECT_EQ(0, reap(child));
}

/*
 * With any RLIMIT_RTPRIO a thread may change SCHED_FIFO into SCHED_RR of the same priority.
 * What is within the limit is the thread's own.
 */
APP_TEST(rights, round_robin_is_taken_back)
{
	static const int priorities[] = { 10, 6, 5, 1 };
	struct rlimit limit = { 5, 5 };
	pid_t child;
	size_t i;

	ASSERT_EQ(0, chown(DEVICE, USER, 0));
	for (i = 0; i < ARRAY_SIZE(priorities); i++) {
		child = fork();
		if (!child) {
			struct sched_param param = { .sched_priority = priorities[i] };
			struct app app;

			if (setrlimit(RLIMIT_RTPRIO, &limit) || setgroups(0, NULL) ||
			    setgid(USER) || setuid(USER))
				_exit(90);
			if (app_start(&app, 1, LEVELS, 4) || core_attach(&app, 0, BELL, 10))
				_exit(91);
			if (sched_setscheduler(0, SCHED_RR | SCHED_RESET_ON_FORK, &param))
				_exit(92);
			if (core_detach(&app))
				_exit(93);
			_exit(policy_of(0));
		}
		EXPECT_EQ(priorities[i] > 5 ? SCHED_OTHER : SCHED_RR, reap(child)) {
			TH_LOG("priority %d", priorities[i]);
		}
	}
}

/* A policy that another process has set is not taken back. */
APP_TEST(rights, what_others_gave_is_left)
{
	struct sched_param param = { .sched_priority = 11 };
	struct app app;

	ASSERT_EQ(0, app_start(&app, 1, LEVELS, 4));
	ASSERT_EQ(0, core_attach(&app, 0, BELL, 10));
	ASSERT_EQ(0, sched_setscheduler(0, SCHED_FIFO, &param));
	ASSERT_EQ(0, core_detach(&app));
	EXPECT_EQ(SCHED_FIFO, policy_of(0));
	ASSERT_EQ(0, core_attach(&app, 0, BELL, 10));
	param.sched_priority = 10;
	ASSERT_EQ(0, sched_setscheduler(0, SCHED_RR, &param));
	app_stop(&app);
	EXPECT_EQ(SCHED_RR, policy_of(0));
}

/* With two grants, the end of the second would restore the priority of the first. */
APP_TEST(rights, one_priority_for_a_thread)
{
	struct app a, b;

	ASSERT_EQ(0, app_start(&a, 1, LEVELS, 4));
	ASSERT_EQ(0, app_start(&b, 1, LEVELS, 4));
	ASSERT_EQ(0, core_attach(&a, 0, BELL, 3));
	EXPECT_ERR(EBUSY, core_attach(&b, 0, BELL, 4));
	EXPECT_EQ(0, counters(&b, 0).attached);
	EXPECT_EQ(0, core_attach(&b, 0, BELL, 0));
	app_stop(&a);
	EXPECT_EQ(SCHED_OTHER, policy_of(0));
	ASSERT_EQ(0, core_detach(&b));
	EXPECT_EQ(0, core_attach(&b, 0, BELL, 4));
	app_stop(&b);
	EXPECT_EQ(SCHED_OTHER, policy_of(0));
}

struct lent {
	struct app app;
	pid_t tid;
	int err;
	bool over;
};

static void *is_lent(void *arg)
{
	struct lent *lent = arg;

	lent->err = core_attach(&lent->app, 0, BELL, 10);
	__atomic_store_n(&lent->tid, (pid_t)syscall(SYS_gettid), __ATOMIC_RELEASE);
	while (!__atomic_load_n(&lent->over, __ATOMIC_ACQUIRE))
		sleep_ns(MSEC);
	return NULL;
}

/* The app ends while its thread is elsewhere: at once by close, soon by munmap. */
static int end_other(struct lent *lent, bool by_close)
{
	pthread_t thread;
	int err;

	*lent = (struct lent){ 0 };
	if (app_start(&lent->app, 1, LEVELS, 4) ||
	    pthread_create(&thread, NULL, is_lent, lent))
		return 1;
	err = WAIT_FOR(__atomic_load_n(&lent->tid, __ATOMIC_ACQUIRE)) && !lent->err ? 0 : 2;
	if (!err && policy_of(lent->tid) != SCHED_FIFO)
		err = 3;
	if (by_close)
		close(dup(lent->app.fd));
	else
		munmap(lent->app.region, lent->app.setup.region_bytes);
	if (!err && by_close && policy_of(lent->tid) != SCHED_OTHER)
		err = 4;
	if (!err && !WAIT_FOR(policy_of(lent->tid) == SCHED_OTHER))
		err = 5;
	__atomic_store_n(&lent->over, true, __ATOMIC_RELEASE);
	pthread_join(thread, NULL);
	if (!by_close)
		lent->app.region = NULL;
	app_stop(&lent->app);
	return err;
}

APP_TEST(rights, taken_back_at_the_end)
{
	static struct lent lent;

	EXPECT_EQ(0, end_other(&lent, true));
	EXPECT_EQ(0, end_other(&lent, false));
}

struct mover {
	struct app first, second;
	bool there, over;
	int err, policy;
};

static void *moves(void *arg)
{
	struct mover *m = arg;

	m->err = core_attach(&m->first, 0, BELL, 10);
	__atomic_store_n(&m->there, true, __ATOMIC_RELEASE);
	while (!m->err && !__atomic_load_n(&m->over, __ATOMIC_ACQUIRE)) {
		m->err = core_attach(&m->second, 0, BELL, 11);
		if (!m->err)
			break;
		m->err = m->err == -EBUSY ? 0 : m->err;
		/* the one that ends the first app may need this CPU */
		if (cpus_online() < 2)
			sleep_ns(1000);
	}
	m->err = m->err ?: core_detach(&m->second);
	m->policy = policy_of(0);
	return NULL;
}

/*
 * A thread goes to another app while that of its priority ends: what that one gives back
 * is never the priority of the first.
 */
APP_TEST(rights, one_after_the_other)
{
	unsigned long i, n = scaled(200);
	static struct mover m;
	pthread_t thread;

	if (cpus_online() > 1)
		ASSERT_EQ(0, pin_to(1));
	for (i = 0; i < n; i++) {
		memset(&m, 0, sizeof(m));
		ASSERT_EQ(0, app_start(&m.first, 1, LEVELS, 4));
		ASSERT_EQ(0, app_start(&m.second, 1, LEVELS, 4));
		ASSERT_EQ(0, pthread_create(&thread, NULL, moves, &m));
		ASSERT_TRUE(WAIT_FOR(__atomic_load_n(&m.there, __ATOMIC_ACQUIRE)));
		app_stop(&m.first);
		ASSERT_EQ(0, pthread_join(thread, NULL));
		ASSERT_EQ(0, m.err);
		ASSERT_EQ(SCHED_OTHER, m.policy) {
			TH_LOG("turn %lu", i);
		}
		app_stop(&m.second);
	}
}

static int sleeps(void *arg)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	alarm(60);
	return pause();
}

/*
 * For an ordinary user, who may execute set-user-ID programs. If another process has the
 * address space, the region stays mapped in that.
 */
static int exec_with_fifo(const char *path, bool inherited, bool shared)
{
	static char stack[1 << 14];
	struct app app;
	int err = granted(&app, 10);

	if (err)
		return err;
	/* no descriptor is closed, which would end the app */
	if (inherited && fcntl(app.fd, F_SETFD, 0))
		return 90;
	if (shared && clone(sleeps, stack + sizeof(stack), CLONE_VM | SIGCHLD, NULL) < 0)
		return 92;
	execl(path, path, "--policy", NULL);
	return 91;
}

static int copy_self(const char *path)
{
	char text[PAGE];
	int from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC), err = 0;
	int to = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
	ssize_t n;

	while (!err && (n = read(from, text, sizeof(text))) > 0)
		err = write(to, text, (size_t)n) != n;
	close(from);
	close(to);
	return err;
}

APP_TEST(rights, taken_back_at_exec)
{
	static const char path[] = "/tmp/rights-policy";
	pid_t child;
	int i;

	ASSERT_EQ(0, copy_self(path));
	ASSERT_EQ(0, chown(DEVICE, USER, 0));
	for (i = 0; i < 8; i++) {
		/* some with the rights of root */
		ASSERT_EQ(0, chmod(path, i & 2 ? 04755 : 0755));
		child = fork();
		if (!child)
			_exit(exec_with_fifo(path, i & 1, i & 4));
		EXPECT_EQ(i & 2 ? 41 : 40, reap(child)) {
			TH_LOG("turn %d", i);
		}
	}
	unlink(path);
}

/* A descriptor remains usable after the process has dropped its rights. */
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
