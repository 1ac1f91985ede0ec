// SPDX-License-Identifier: GPL-2.0-only
/*
 * In whatever way and at whatever time an app ends, nothing of it remains: no timer, no
 * kernel thread, no reference to the module.
 */
#include "rtfm_test.h"

#include <sys/prctl.h>
#include <sys/ptrace.h>

#define LEVELS	(1u << 3 | 1u << 8)
#define BELL	(SIGRTMIN + 1)

/* Set for a program that a test execs: what it finds in descriptor 100. */
#define EXECED	"RTFM_LIFE_EXECED"
#define FD	100

static void __attribute__((constructor(300))) execed(void)
{
	struct app app = { .fd = FD };
	struct rtfm_query query;
	char *what = getenv(EXECED);
	int err;

	if (!what)
		return;
	err = app_query(&app, 0, &query);
	if (!strcmp(what, "closed"))
		_exit(err == -EBADF ? 0 : 1);
	/* inherited: every call fails, in every process */
	if (err != -EPERM || core_park(&app) != -EPERM ||
	    job_schedule(&app, 0, 0, 3, 1, 0) != -EPERM)
		_exit(1);
	_exit(WAIT_FOR(!timer_is_left() && !kthread_is_left()) ? 0 : 2);
}

FIXTURE(life) {
	__u64 seed;
};

FIXTURE_SETUP(life)
{
	self->seed = 0x6c696665;
	if (read_number("/sys/module/rtfm/refcnt") > 0)
		SKIP_ALL("somebody else has the device open");
}

FIXTURE_TEARDOWN(life)
{
	EXPECT_NOTHING_LEFT();
}

/* --- a busy app, to be killed --------------------------------------------- */

struct victim {
	struct app app;
	__u32 core;
};

static void *victim_core(void *arg)
{
	struct victim *v = arg;
	__u64 seed = 77 + v->core;
	struct rtfm_submit submit;
	struct rtfm_job job;
	__u32 n = 0;

	if (core_attach(&v->app, v->core, BELL, 0))
		_exit(98);
	/* two timers always run */
	if (job_repeat(&v->app, v->core, 62, 3, 62, 0, MSEC) ||
	    job_repeat(&v->app, v->core, 63, 8, 63, now_ns(), MSEC / 4))
		_exit(96);
	for (;;) {
		__u32 other = !v->core;
		__u32 level;

		/* half of the timers for each core; some are pending, and that is fine */
		n++;
		job_schedule(&v->app, v->core, n % 31, 3, 1,
			     now_ns() + random_u64(&seed) % MSEC);
		job_schedule(&v->app, other, 31 + n % 31, 8, 2,
			     now_ns() + random_u64(&seed) % MSEC);
		submit = submission(random_u64(&seed) % 31, 3, 3,
				    now_ns() + random_u64(&seed) % (2 * MSEC));
		if (ring_put(ctl_of(&v->app, v->core), &submit) &&
		    ring_needs_take_in(ctl_of(&v->app, v->core), submit.instant))
			core_take_in(&v->app);
		__atomic_fetch_or(&ctl_of(&v->app, other)->remote_ready, 1u << 8,
				  __ATOMIC_SEQ_CST);
		core_kick(&v->app, other);
		core_arm(&v->app, now_ns() + random_u64(&seed) % MSEC);
		if (random_u64(&seed) & 1)
			core_park(&v->app);
		take_ready(&v->app, v->core);
		for (level = 3; level <= 8; level += 5)
			while (take_job(&v->app, v->core, level, &job))
				;
	}
	return NULL;
}

static void run_victim(int tell)
{
	static struct victim v[2];
	pthread_t thread;

	/* ends if the test is stopped */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	catch_bell(BELL);
	if (tell >= 0 && write(tell, "x", 1) != 1)
		_exit(97);
	if (app_start(&v[0].app, 2, LEVELS, 64))
		_exit(99);
	v[1] = v[0];
	v[1].core = 1;
	pthread_create(&thread, NULL, victim_core, &v[1]);
	victim_core(&v[0]);
}

APP_TEST(life, killed_at_a_random_moment)
{
	unsigned long i, n = scaled(200);

	for (i = 0; i < n; i++) {
		int tell[2];
		char byte;
		pid_t child;

		ASSERT_EQ(0, pipe(tell));
		child = fork();
		if (!child)
			run_victim(tell[1]);
		ASSERT_EQ(1, read(tell[0], &byte, 1));
		/* sometimes during its set-up, sometimes while it runs */
		sleep_ns(random_u64(&self->seed) % (i & 1 ? MSEC : 30 * MSEC));
		kill(child, SIGKILL);
		ASSERT_EQ(128 + SIGKILL, reap(child));
		close(tell[0]);
		close(tell[1]);
		if (i % 20 == 0)
			EXPECT_NOTHING_LEFT();
	}
}

/* Two apps are independent: the death of one does not affect the other. */
APP_TEST(life, two_apps)
{
	struct rtfm_job job;
	struct app app;
	pid_t child;
	__u32 i;

	child = fork();
	if (!child)
		run_victim(-1);
	ASSERT_EQ(0, catch_bell(BELL));
	ASSERT_EQ(0, app_start(&app, 1, LEVELS, 8));
	ASSERT_EQ(0, core_attach(&app, 0, BELL, 0));
	for (i = 0; i < 100; i++) {
		ASSERT_EQ(0, job_schedule(&app, 0, 0, 3, i, now_ns() + MSEC / 2));
		ASSERT_EQ(0, wait_job(&app, 0, 3, &job));
		ASSERT_EQ(i, job.job);
		if (i == 50) {
			kill(child, SIGKILL);
			ASSERT_EQ(128 + SIGKILL, reap(child));
		}
	}
	EXPECT_EQ(100, counters(&app, 0).releases);
	app_stop(&app);
}

/* One process, two apps: a thread may be a core of each. */
APP_TEST(life, two_apps_of_one_process)
{
	struct app a, b;

	ASSERT_EQ(0, catch_bell(BELL));
	ASSERT_EQ(0, app_start(&a, 1, LEVELS, 8));
	ASSERT_EQ(0, app_start(&b, 1, LEVELS, 8));
	ASSERT_EQ(0, core_attach(&a, 0, BELL, 0));
	ASSERT_EQ(0, core_attach(&b, 0, BELL, 0));
	app_stop(&a);
	EXPECT_EQ(0, job_schedule(&b, 0, 0, 3, 1, 0));
	EXPECT_EQ(0, core_park(&b));
	app_stop(&b);
}

/* Counts up, and holds its CPU against all ordinary threads */
static void hog(int cpu, volatile bool *there, int tell)
{
	struct sched_param param = { .sched_priority = 50 };
	__u64 until = now_ns() + PATIENCE;
	char byte;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	fcntl(tell, F_SETFL, O_NONBLOCK);
	if (pin_to(cpu) || sched_setscheduler(0, SCHED_FIFO, &param))
		_exit(1);
	*there = true;
	while (now_ns() < until && read(tell, &byte, 1) < 0)
		;
	_exit(0);
}

/*
 * It is being killed, and does not get the CPU to act on that: its timers stop all the
 * same. (Where ordinary threads get some time in each second, it is gone soon, and this
 * shows less.)
 */
APP_TEST(life, killed_without_cpu_time)
{
	static const char throttle[] = "/proc/sys/kernel/sched_rt_runtime_us";
	int file = open(throttle, O_WRONLY | O_CLOEXEC), tell[2], armed[2];
	long long was = read_number(throttle);
	volatile bool *there;
	pid_t child, other;
	bool stopped;
	char text[32];

	/* the hog's CPU has to be another one than that of this program */
	if (cpus_online() < 2)
		SKIP(return, "needs two CPUs");
	ASSERT_EQ(0, pin_to(0));
	there = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, (void *)there);
	ASSERT_EQ(0, pipe(tell));
	ASSERT_EQ(0, pipe(armed));
	child = fork();
	if (!child) {
		static struct app app;

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		catch_bell(BELL);
		if (app_start(&app, 2, LEVELS, 4) || core_attach(&app, 1, BELL, 0) ||
		    job_repeat(&app, 1, 0, 3, 1, now_ns(), MSEC) ||
		    write(armed[1], "x", 1) != 1)
			_exit(99);
		for (;;)
			pause();
	}
	ASSERT_EQ(1, read(armed[0], text, 1));
	if (was >= 0)
		ASSERT_EQ(2, write(file, "-1", 2));
	other = fork();
	if (!other)
		hog(1, there, tell[0]);
	EXPECT_TRUE(WAIT_FOR(*there));
	kill(child, SIGKILL);
	{
		__u64 until = now_ns() + 3 * SEC;

		while (!(stopped = !timer_is_left()) && now_ns() < until)
			sleep_ns(5 * MSEC);
	}
	EXPECT_EQ(1, write(tell[1], "x", 1));
	EXPECT_EQ(0, reap(other));
	EXPECT_EQ(128 + SIGKILL, reap(child));
	if (was >= 0) {
		int n = snprintf(text, sizeof(text), "%lld", was);

		EXPECT_EQ(n, write(file, text, (size_t)n));
	}
	EXPECT_TRUE(stopped);
}

/* Stops at its exit, of which the debugger wants to see the registers */
static int held_at_its_exit(bool killed)
{
	int armed[2], go[2], status;
	pid_t child;
	char byte;
	bool gone;

	if (pipe(armed) || pipe(go))
		return 1;
	child = fork();
	if (!child) {
		static struct app app;

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (app_start(&app, 1, LEVELS, 4) || core_attach(&app, 0, BELL, 0))
			_exit(99);
		/* no doorbell: a debugger is told of each signal */
		ctl_of(&app, 0)->ceiling = RTFM_MAX_PRIORITY;
		if (job_repeat(&app, 0, 0, 3, 1, now_ns(), MSEC) ||
		    write(armed[1], "x", 1) != 1)
			_exit(99);
		if (killed || read(go[0], &byte, 1) != 1)
			pause();
		_exit(0);
	}
	close(armed[1]);
	close(go[0]);
	if (read(armed[0], &byte, 1) != 1 || !timer_is_left() ||
	    ptrace(PTRACE_SEIZE, child, 0, PTRACE_O_EXITKILL | PTRACE_O_TRACEEXIT))
		return 2;
	if (killed ? kill(child, SIGKILL) : write(go[1], "x", 1) != 1)
		return 3;
	if (waitpid(child, &status, 0) != child)
		return 3;
	if (!WIFSTOPPED(status) || status >> 8 != (SIGTRAP | PTRACE_EVENT_EXIT << 8))
		return 4;
	gone = WAIT_FOR(!timer_is_left());
	sleep_ns(20 * MSEC);
	gone = gone && !timer_is_left();
	ptrace(PTRACE_CONT, child, 0, 0);
	close(armed[0]);
	close(go[1]);
	if (reap(child) != (killed ? 128 + SIGKILL : 0))
		return 5;
	return gone ? 0 : 6;
}

/*
 * Between the moment at which it takes SIGKILL off its queue, or calls exit_group(2), and its
 * exit, nothing of it says any more that a signal is pending.
 */
APP_TEST(life, held_at_its_exit)
{
	EXPECT_EQ(0, held_at_its_exit(true));
	EXPECT_EQ(0, held_at_its_exit(false));
}

/* --- every way to end, at every stage --------------------------------------- */

enum stage { OPENED, SET_UP, MAPPED, ATTACHED, ARMED, PARKED, STAGES };

enum way {
	CLOSE,		/* the descriptor, then exit */
	EXIT,
	DUP_CLOSE,	/* a duplicate is closed: that is the end already */
	UNMAP,		/* the region, and the descriptor stays open for a while */
	EXEC,		/* close-on-exec */
	EXEC_INHERIT,	/* the descriptor goes through */
	THREAD_EXIT,	/* the core's thread ends, then the process */
	FORK_KEEPS,	/* a child keeps the descriptor, the owner dies */
	ABORT,
	WAYS
};

static const char * const way_names[] = {
	"close", "exit", "dup+close", "munmap", "exec", "exec, inherited",
	"thread exit", "a child keeps it", "abort",
};

struct goer {
	struct app app;
	enum stage stage;
	int err;
	bool there;
};

/* Goes to a stage; to PARKED only from a thread of its own. */
static void *go(void *arg)
{
	struct goer *g = arg;
	int err = app_open(&g->app);
	int i;

	if (!err && g->stage >= SET_UP)
		err = app_setup(&g->app, 2, LEVELS, 64);
	if (!err && g->stage >= MAPPED)
		err = app_map(&g->app);
	if (!err && g->stage >= ATTACHED)
		err = core_attach(&g->app, 0, BELL, 10);
	for (i = 0; !err && g->stage >= ARMED && i < 32; i++)
		err = job_repeat(&g->app, 0, i, 3, 1, now_ns() + 3600 * SEC,
				 i & 1 ? SEC : 0);
	if (!err && g->stage >= ARMED)
		err = core_arm(&g->app, now_ns() + 3600 * SEC);
	g->err = err;
	__atomic_store_n(&g->there, true, __ATOMIC_SEQ_CST);
	if (!err && g->stage == PARKED)
		core_park(&g->app);
	return NULL;
}

static int exec_self(int fd, const char *what)
{
	if (dup2(fd, FD) != FD)
		return 90;
	close(fd);
	setenv(EXECED, what, 1);
	if (!strcmp(what, "closed"))
		fcntl(FD, F_SETFD, FD_CLOEXEC);
	execl("/proc/self/exe", "life", NULL);
	return 91;
}

/* Sleeps with the descriptor until it is notified; then the app has ended. */
static int keeper(struct app *app, int told)
{
	struct rtfm_query query;
	char byte;

	if (read(told, &byte, 1) < 0)
		return 1;
	/* it was not set up, or by another process */
	return app_query(app, 0, &query) == -EPERM ? 0 : 2;
}

/* In a process of its own. Its exit code, or it execs, or it dies. */
static int leave(enum stage stage, enum way way, int told)
{
	static struct goer g;
	pthread_t thread;

	catch_bell(BELL);
	g.stage = stage;
	if (stage == PARKED || way == THREAD_EXIT) {
		pthread_create(&thread, NULL, go, &g);
		if (!WAIT_FOR(__atomic_load_n(&g.there, __ATOMIC_SEQ_CST)))
			return 80;
		if (stage == PARKED && !g.err &&
		    !WAIT_FOR(ctl_of(&g.app, 0)->state == RTFM_STATE_PARKED))
			return 81;
	} else {
		go(&g);
	}
	if (g.err)
		return 82;
	switch (way) {
	case CLOSE:
		close(g.app.fd);
		return 0;
	case DUP_CLOSE:
		close(dup(g.app.fd));
		/* an end that the module has missed would show here */
		if (stage >= ATTACHED && timer_is_left())
			return 83;
		return 0;
	case UNMAP:
		if (g.app.region)
			munmap(g.app.region, g.app.setup.region_bytes);
		if (stage >= ATTACHED && !WAIT_FOR(!timer_is_left()))
			return 84;
		return 0;
	case EXEC:
		return exec_self(g.app.fd, "closed");
	case EXEC_INHERIT:
		/* an app that was never set up has no owner, also for the new program */
		if (stage == OPENED)
			return 0;
		return exec_self(g.app.fd, "inherited");
	case THREAD_EXIT:
		if (stage != PARKED)
			pthread_join(thread, NULL);
		return 0;
	case FORK_KEEPS:
		if (stage == OPENED)
			return 0;
		if (!fork())
			_exit(keeper(&g.app, told));
		return 0;
	case ABORT:
		signal(SIGABRT, SIG_DFL);
		abort();
	default:
		return 0;
	}
}

APP_TEST(life, every_way_at_every_stage)
{
	unsigned long round, rounds = scaled(3);
	int stage, way, told[2];
	char name[64];

	prctl(PR_SET_CHILD_SUBREAPER, 1);
	for (round = 0; round < rounds; round++) {
		for (stage = 0; stage < STAGES; stage++) {
			for (way = 0; way < WAYS; way++) {
				int expected = way == ABORT ? 128 + SIGABRT : 0;
				const char *left;
				pid_t child;

				snprintf(name, sizeof(name), "%s at stage %d",
					 way_names[way], stage);
				ASSERT_EQ(0, pipe(told));
				child = fork();
				if (!child) {
					close(told[1]);
					_exit(leave(stage, way, told[0]));
				}
				EXPECT_EQ(expected, reap(child)) {
					TH_LOG("%s", name);
				}
				if (way == FORK_KEEPS && stage > OPENED) {
					/* the child keeps memory, and no more */
					EXPECT_TRUE(WAIT_FOR(!timer_is_left() &&
							     !kthread_is_left())) {
						TH_LOG("%s", name);
					}
					close(told[1]);
					EXPECT_EQ(0, reap(-1)) {
						TH_LOG("%s: the child", name);
					}
				} else {
					close(told[1]);
				}
				close(told[0]);
				left = leftovers();
				ASSERT_EQ(NULL, left) {
					TH_LOG("%s: left %s", name, left);
				}
			}
		}
	}
}

/* The thread of a core exits, and its process goes on: nothing else is affected. */
static void *attach_and_exit(void *arg)
{
	struct app *app = arg;
	int i, err = core_attach(app, 0, BELL, 0);

	for (i = 0; i < 8 && !err; i++)
		err = job_repeat(app, 0, i, 3, 1, now_ns() + (i + 1) * 5 * MSEC,
				 i & 1 ? 5 * MSEC : 0);
	return (void *)(long)err;
}

APP_TEST(life, thread_exits_and_process_goes_on)
{
	pthread_t thread;
	struct app app;
	void *err;
	int i, answer;

	ASSERT_EQ(0, catch_bell(BELL));
	ASSERT_EQ(0, app_start(&app, 2, LEVELS, 64));
	ASSERT_EQ(0, pthread_create(&thread, NULL, attach_and_exit, &app));
	ASSERT_EQ(0, pthread_join(thread, &err));
	ASSERT_EQ(0, (long)err);
	/* a slow thread may have got some before it exited */
	bells = 0;
	for (i = 0; i < 10; i++) {
		__atomic_fetch_or(&ctl_of(&app, 0)->remote_ready, 1u << 3,
				  __ATOMIC_SEQ_CST);
		answer = core_kick(&app, 0);
		EXPECT_TRUE(!answer || answer == -ENXIO);
		sleep_ns(5 * MSEC);
	}
	EXPECT_EQ(0, bells);
	/* the others work */
	EXPECT_EQ(0, core_attach(&app, 1, BELL, 0));
	EXPECT_EQ(0, job_schedule(&app, 1, 0, 3, 1, 0));
	EXPECT_EQ(0, core_park(&app));
	app_stop(&app);
}

APP_TEST(life, set_up_and_close_many_times)
{
	unsigned long i, n = scaled(1000);
	struct app app;

	for (i = 0; i < n; i++) {
		ASSERT_EQ(0, app_open(&app));
		ASSERT_EQ(0, app_setup(&app, 1 + i % 4, LEVELS, (__u32)(i % 64)));
		if (i & 1)
			ASSERT_EQ(0, app_map(&app));
		app_stop(&app);
	}
}

APP_TEST(life, attach_and_close_many_times)
{
	unsigned long i, n = scaled(200);
	struct app app;

	ASSERT_EQ(0, catch_bell(BELL));
	for (i = 0; i < n; i++) {
		ASSERT_EQ(0, app_start(&app, 1, LEVELS, 8));
		ASSERT_EQ(0, core_attach(&app, 0, BELL, 0));
		ASSERT_EQ(0, job_repeat(&app, 0, 0, 3, 1, now_ns() + i % 16 * 10000,
					i & 1 ? MSEC / 2 : 0));
		app_stop(&app);
	}
}

/* Threads that use an app while another one ends it. */
struct user {
	struct app app;
	bool stop;
};

static void *uses(void *arg)
{
	struct user *u = arg;
	long wrong = 0;

	while (!__atomic_load_n(&u->stop, __ATOMIC_SEQ_CST)) {
		int err = job_schedule(&u->app, 0, 0, 3, 1, now_ns() + 50000);

		if (!err)
			err = job_cancel(&u->app, 0, 0, 1);
		if (!err)
			err = core_kick(&u->app, 0);
		if (err && err != -ENOENT && err != -ESHUTDOWN)
			wrong = err;
	}
	return (void *)wrong;
}

APP_TEST(life, used_while_it_ends)
{
	unsigned long i, n = scaled(100);

	ASSERT_EQ(0, catch_bell(BELL));
	for (i = 0; i < n; i++) {
		struct user u = { .stop = false };
		pthread_t thread;
		void *wrong;

		ASSERT_EQ(0, app_start(&u.app, 1, LEVELS, 4));
		ASSERT_EQ(0, core_attach(&u.app, 0, BELL, 0));
		ctl_of(&u.app, 0)->ceiling = RTFM_MAX_PRIORITY;
		ASSERT_EQ(0, pthread_create(&thread, NULL, uses, &u));
		sleep_ns(random_u64(&self->seed) % MSEC);
		if (i & 1)
			munmap(u.app.region, u.app.setup.region_bytes);
		else
			close(dup(u.app.fd));
		sleep_ns(random_u64(&self->seed) % (MSEC / 4));
		__atomic_store_n(&u.stop, true, __ATOMIC_SEQ_CST);
		ASSERT_EQ(0, pthread_join(thread, &wrong));
		EXPECT_EQ(0, (long)wrong);
		if (i & 1)
			u.app.region = NULL;
		app_stop(&u.app);
	}
}

/*
 * exec of a thread that gets doorbells all the time: the new image has no handler, and
 * pending signals of a thread survive exec. Once with a descriptor that exec closes, once not.
 */
APP_TEST(life, exec_leaves_no_doorbell)
{
	unsigned long i, n = scaled(100);

	for (i = 0; i < n; i++) {
		pid_t child = fork();

		if (!child) {
			static struct app app;

			signal(BELL, on_bell);
			if (app_start(&app, 1, LEVELS, 1) ||
			    fcntl(app.fd, F_SETFD, i & 1 ? FD_CLOEXEC : 0) ||
			    core_attach(&app, 0, BELL, 0) ||
			    job_repeat(&app, 0, 0, 3, 1, now_ns(), MSEC / 5))
				_exit(99);
			sleep_ns(random_u64(&self->seed) % (3 * MSEC));
			execl("/proc/self/exe", "life", "--nothing", NULL);
			_exit(98);
		}
		EXPECT_EQ(0, reap(child)) {
			TH_LOG("turn %lu", i);
		}
	}
}

/* --- the module ------------------------------------------------------------ */

FIXTURE(module) {
	int file;
};

FIXTURE_SETUP(module)
{
	self->file = open_module();
	if (self->file < 0)
		SKIP_ALL("no module file: set RTFM_KO");
	if (read_number("/sys/module/rtfm/refcnt") > 0)
		SKIP_ALL("somebody else has the device open");
}

/* Restore the state that other tests expect. */
FIXTURE_TEARDOWN(module)
{
	EXPECT_EQ(0, reload_module(self->file, ""));
	EXPECT_NOTHING_LEFT();
	close(self->file);
}

APP_TEST(module, stays_while_it_is_used)
{
	struct app app;

	ASSERT_EQ(0, app_open(&app));
	EXPECT_ERR(EWOULDBLOCK, unload_module());
	ASSERT_EQ(0, app_setup(&app, 1, LEVELS, 4));
	ASSERT_EQ(0, app_map(&app));
	ASSERT_EQ(0, core_attach(&app, 0, BELL, 0));
	ASSERT_EQ(0, job_schedule(&app, 0, 0, 3, 1, now_ns() + 3600 * SEC));
	EXPECT_ERR(EWOULDBLOCK, unload_module());
	/* the mapping alone keeps it, too */
	close(app.fd);
	app.fd = -1;
	EXPECT_ERR(EWOULDBLOCK, unload_module());
	app_stop(&app);
}

APP_TEST(module, reloaded_after_use)
{
	unsigned long i, n = scaled(20);
	struct stat st;
	struct app app;

	for (i = 0; i < n; i++) {
		ASSERT_EQ(0, app_start(&app, 1, LEVELS, 4));
		ASSERT_EQ(0, core_attach(&app, 0, BELL, 0));
		ASSERT_EQ(0, job_schedule(&app, 0, 0, 3, 1, now_ns() + 3600 * SEC));
		app_stop(&app);
		EXPECT_NOTHING_LEFT();
		ASSERT_EQ(0, unload_module());
		ASSERT_NE(0, access(DEVICE, F_OK));
		ASSERT_EQ(0, reload_module(self->file, ""));
		ASSERT_EQ(0, stat(DEVICE, &st));
		EXPECT_EQ(0600, st.st_mode & 07777);
		EXPECT_EQ(0, st.st_uid);
	}
}

/* An invalid parameter is refused, and nothing of the module remains. */
APP_TEST(module, bad_parameters)
{
	static const char * const bad[] = {
		"max_apps=0", "max_apps=-1", "max_apps=2147483648",
		"max_cores=0", "max_cores=33", "max_timers=65537",
		"max_fifo_priority=99", "max_fifo_priority=4294967295",
		"max_cores=x", "max_timers=-1",
		"min_period_ns=0", "min_period_ns=1", "min_period_ns=999",
		"min_period_ns=9223372036854775808", "min_period_ns=18446744073709551615",
		"min_period_ns=x", "min_period_ns=-1",
	};
	size_t i;

	ASSERT_EQ(0, unload_module());
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_NE(0, load_module(self->file, bad[i])) {
			TH_LOG("%s", bad[i]);
			unload_module();
		}
		EXPECT_NE(0, access(DEVICE, F_OK));
	}
}

APP_TEST(module, lower_limits)
{
	static const char parameters[] =
		"max_cores=2 max_timers=3 max_bytes=65536 max_fifo_priority=0";
	struct rtfm_query query;
	struct app app;

	ASSERT_EQ(0, reload_module(self->file, parameters));
	ASSERT_EQ(0, app_open(&app));
	ASSERT_EQ(0, app_query(&app, 0, &query));
	EXPECT_EQ(2, query.max_cores);
	EXPECT_EQ(3, query.max_timers);
	EXPECT_EQ(65536, query.max_bytes);
	EXPECT_EQ(0, query.max_fifo_priority);
	EXPECT_EQ(100000, query.min_period);
	EXPECT_ERR(E2BIG, app_setup(&app, 3, LEVELS, 3));
	EXPECT_ERR(E2BIG, app_setup(&app, 2, LEVELS, 4));
	EXPECT_EQ(0, app_setup(&app, 2, LEVELS, 3));
	EXPECT_GE(65536, app.setup.region_bytes);
	EXPECT_EQ(0, app_map(&app));
	EXPECT_ERR(E2BIG, core_attach(&app, 0, BELL, 1));
	EXPECT_EQ(0, core_attach(&app, 0, BELL, 0));
	app_stop(&app);
}

APP_TEST(module, as_many_apps)
{
	struct app apps[3], more;
	int i;

	ASSERT_EQ(0, reload_module(self->file, "max_apps=3"));
	for (i = 0; i < 3; i++)
		ASSERT_EQ(0, app_start(&apps[i], 1, LEVELS, 4));
	EXPECT_ERR(ENFILE, app_open(&more));
	EXPECT_ERR(ENFILE, app_open(&more));
	app_stop(&apps[1]);
	EXPECT_EQ(0, app_start(&apps[1], 1, LEVELS, 4));
	EXPECT_ERR(ENFILE, app_open(&more));
	for (i = 0; i < 3; i++)
		app_stop(&apps[i]);
}

APP_TEST(module, shortest_period)
{
	static const unsigned long long periods[] = {
		1000, 1001, 5 * MSEC, 1ULL << 32, NEVER,
	};
	struct rtfm_query query;
	char parameters[64];
	struct app app;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(periods); i++) {
		snprintf(parameters, sizeof(parameters), "min_period_ns=%llu", periods[i]);
		ASSERT_EQ(0, reload_module(self->file, parameters));
		EXPECT_EQ(periods[i],
			  read_number("/sys/module/rtfm/parameters/min_period_ns"));
		ASSERT_EQ(0, app_open(&app));
		ASSERT_EQ(0, app_query(&app, 0, &query));
		EXPECT_EQ(periods[i], query.min_period);
		ASSERT_EQ(0, app_setup(&app, 1, LEVELS, 4));
		ASSERT_EQ(0, app_map(&app));
		ASSERT_EQ(0, core_attach(&app, 0, BELL, 0));
		EXPECT_EQ(periods[i], counters(&app, 0).min_period);
		EXPECT_ERR(EINVAL, job_repeat(&app, 0, 0, 3, 1, NEVER, 1));
		EXPECT_ERR(EINVAL, job_repeat(&app, 0, 0, 3, 1, NEVER, periods[i] - 1));
		EXPECT_EQ(0, job_repeat(&app, 0, 0, 3, 1, NEVER, periods[i]));
		/* the limit of periods does not apply to a timer without a period */
		EXPECT_EQ(0, job_schedule(&app, 0, 1, 3, 1, NEVER));
		app_stop(&app);
	}
}

/* A limit that is not a multiple of a page is enforced, too. */
APP_TEST(module, limit_of_bytes)
{
	static const char * const limits[] = {
		"max_bytes=5000", "max_bytes=18446744073709551615",
	};
	struct rtfm_setup setup;
	struct app app;
	size_t i;
	int err;

	for (i = 0; i < ARRAY_SIZE(limits); i++) {
		err = reload_module(self->file, limits[i]);
		if (i && err == -EINVAL)
			SKIP(return, "%s is refused, and that is fine", limits[i]);
		ASSERT_EQ(0, err);
		ASSERT_EQ(0, app_open(&app));
		fill_setup(&app, &setup, 1, LEVELS, 0);
		setup.user_bytes = i ? -4097ULL : 100;
		err = rtfm_ioctl(app.fd, RTFM_IOC_SETUP, &setup);
		EXPECT_TRUE(err == -E2BIG || err == -ENOMEM) {
			TH_LOG("%s: %d, %llu bytes", limits[i], err, setup.region_bytes);
		}
		app_stop(&app);
	}
}

/* The program that exec_leaves_no_doorbell executes: it runs for a while, and succeeds. */
static void __attribute__((constructor(101))) do_nothing(int argc, char **argv)
{
	if (argc != 2 || strcmp(argv[1], "--nothing"))
		return;
	sleep_ns(MSEC);
	_exit(0);
}

TEST_HARNESS_MAIN
