// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Start and end: where an app may be ended from and what it leaves behind, cores that
 * leave, and the reasons of apps that cannot start.
 */
#include "tap.h"
#include <pthread.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#define LIFECYCLE(core, resource, task)					\
	core(0, init, idle)						\
	task(foo, priority(1), capacity(3))				\
	task(high, priority(2))						\
	task(timed, priority(3))					\
	core(1, init, idle)						\
	task(other, priority(1), remote, message(int x))		\
	task(later, priority(1), remote, capacity(2))			\
	task(leaves, priority(1), remote)
RTFM_APP(LIFECYCLE);

static enum {
	EXIT_INIT, EXIT_TASK, EXIT_IDLE, EXIT_OTHER, EXIT_FOREIGN, EXIT_TWICE, EXIT_PENDING,
	LEAVE_IDLE, LEAVE_TASK, LEAVE_ONE, NESTED,
} scenario;

static int status_of_exit;
static int ran_after_exit, spawn_answer, nested_answer, nested_named, left;
static const char *engine_in_init, *engine_in_task;
static int running_in_init, running_after_exit;

static void exit_now(void)
{
	rtfm_exit(status_of_exit);
	running_after_exit = rtfm_running();
}

RTFM_INIT(0)
{
	engine_in_init = rtfm_engine_name();
	running_in_init = rtfm_running();
	switch (scenario) {
	case EXIT_INIT:
		rtfm_unwrap(rtfm_spawn(foo));
		exit_now();
		break;
	case EXIT_TASK:
	case EXIT_TWICE:
	case EXIT_PENDING:
	case NESTED:
	case LEAVE_TASK:
	case LEAVE_ONE:
		rtfm_unwrap(rtfm_spawn(foo));
		break;
	case EXIT_OTHER:
		rtfm_unwrap(rtfm_spawn(other, .x = 1));
		break;
	default:
		break;
	}
}

RTFM_INIT(1)
{
	if (scenario == EXIT_INIT)
		spin_until(rtfm_now() + 5 * MSEC);
}

RTFM_IDLE(0)
{
	if (scenario == EXIT_IDLE)
		exit_now();
	if (scenario == LEAVE_IDLE)
		rtfm_leave();
	while (rtfm_running())
		rtfm_wait();
}

RTFM_IDLE(1)
{
	if (scenario == LEAVE_IDLE)
		rtfm_leave();
	while (rtfm_running())
		rtfm_wait();
}

/* No job starts after rtfm_exit(); the running one is completed. */
static void exit_pending(struct foo_cx *cx)
{
	uint64_t at = rtfm_now() + 50 * MSEC;

	rtfm_unwrap(rtfm_schedule(timed, at));
	rtfm_unwrap(rtfm_spawn(foo));
	exit_now();
	spawn_answer = rtfm_unwrap(rtfm_spawn(high));
	if (rtfm_schedule(timed, 1ULL) != -ESHUTDOWN)
		say("scheduled after the end");
	if (rtfm_spawn(other, .x = 2) != -ESHUTDOWN)
		say("spawned after the end");
	spin_until(at + 5 * MSEC);
	say("goes on");
}

/* Core 1 leaves; a spawn to it then returns an error. */
static void leave_one(struct foo_cx *cx)
{
	uint64_t hang = rtfm_now() + 5 * SEC, far = rtfm_now() + 3600 * SEC;
	rtfm_handle moved = rtfm_unwrap(rtfm_schedule(later, far));
	rtfm_handle cancelled = rtfm_unwrap(rtfm_schedule(later, far));
	rtfm_handle own = rtfm_unwrap(rtfm_schedule(timed, far));

	rtfm_unwrap(rtfm_spawn(other, .x = 3));
	rtfm_unwrap(rtfm_spawn(leaves));
	while (!LOAD(left) && rtfm_now() < hang)
		;
	spawn_answer = rtfm_spawn(other, .x = 4);
	if (rtfm_schedule(other, 1ULL, .x = 5) != -ESHUTDOWN)
		say("scheduled on a core that left");
	if (rtfm_reschedule(moved, far + 1) != -ESHUTDOWN)
		say("moved on a core that left");
	if (rtfm_cancel(cancelled) != -ENOENT)
		say("cancelled on a core that left");
	if (rtfm_reschedule(own, far + 1) < 0)
		say("not moved on a core that stays");
	if (rtfm_spawn(foo) || !rtfm_running())
		say("core 0 is affected");
	scenario = EXIT_TASK;
}

RTFM_TASK(foo)
{
	engine_in_task = rtfm_engine_name();
	switch (scenario) {
	case EXIT_TASK:
		exit_now();
		break;
	case EXIT_TWICE:
		exit_now();
		rtfm_exit(99);
		break;
	case EXIT_PENDING:
		exit_pending(cx);
		break;
	case NESTED:
		nested_answer = rtfm_run(&rtfm_app, NULL);
		nested_named = *rtfm_error() != 0;
		exit_now();
		break;
	case LEAVE_TASK:
		rtfm_unwrap(rtfm_spawn(leaves));
		rtfm_unwrap(rtfm_spawn(foo));
		rtfm_leave();
		spawn_answer = rtfm_unwrap(rtfm_spawn(foo));
		say("left %d", rtfm_running());
		scenario = EXIT_INIT;
		break;
	case LEAVE_ONE:
		leave_one(cx);
		break;
	default:
		ran_after_exit++;
		break;
	}
}

RTFM_TASK(high)
{
	ran_after_exit++;
}

RTFM_TASK(timed)
{
	/* before the end it may, if the machine was delayed */
	ran_after_exit += !rtfm_running();
}

RTFM_TASK(later)
{
	ran_after_exit++;
}

RTFM_TASK(other)
{
	if (scenario == EXIT_OTHER)
		exit_now();
	else
		say("other %d", msg->x);
}

RTFM_TASK(leaves)
{
	rtfm_leave();
	STORE(left, 1);
}

static void *foreign_exit(void *arg)
{
	(void)arg;
	while (!rtfm_running())
		;
	usleep(5000);
	rtfm_exit(status_of_exit);
	return NULL;
}

static void *foreign_run(void *answer)
{
	while (!rtfm_running())
		;
	*(int *)answer = rtfm_run(&rtfm_app, NULL);
	rtfm_exit(0);
	return NULL;
}

static int run(int what, int status)
{
	scenario = what;
	status_of_exit = status;
	ran_after_exit = 0;
	spawn_answer = 1;
	left = 0;
	running_after_exit = 0;
	memset(journal, 0, sizeof(journal));
	journal_len = 0;
	return rtfm_run(&rtfm_app, NULL);
}

static void ok_exit(const char *from, int what, int status)
{
	int got = run(what, status);

	if (!ok(got == status && !ran_after_exit && !running_after_exit,
		"exit from %s: status %d, and no job starts any more", from, status))
		printf("# got %d, %d jobs, %s\n", got, ran_after_exit,
		       got < 0 ? rtfm_error() : "no error");
}

static void exits(void)
{
	pthread_t thread;

	ok(!rtfm_running() && !strcmp(rtfm_engine_name(), "none"), "no app runs before the first");
	rtfm_exit(3);
	ok(run(EXIT_INIT, 7) == 3 && !engine_in_init,
	   "an end that comes before the first app ends it");
	rtfm_exit(3);
	ok_exit("init", EXIT_INIT, 7);
	ok(running_in_init && strcmp(engine_in_init, "none"), "the app runs in init, on engine %s",
	   engine_in_init);
	ok_exit("a task", EXIT_TASK, 0);
	ok(!strcmp(engine_in_task, engine_in_init), "the engine's name is the same in a task");
	ok_exit("idle", EXIT_IDLE, 255);
	ok_exit("a task of another core", EXIT_OTHER, 1);
	pthread_create(&thread, NULL, foreign_exit, NULL);
	ok_exit("a foreign thread", EXIT_FOREIGN, 42);
	pthread_join(thread, NULL);
	ok_exit("a task, twice: the first counts", EXIT_TWICE, 5);
	ok_exit("a task, with others pending", EXIT_PENDING, 6);
	ok_eq(spawn_answer, -ESHUTDOWN, "a spawn after the end");
	ok(!strcmp(journal, "goes on|"), "the job that had begun goes on");
	ok(!rtfm_running() && !strcmp(rtfm_engine_name(), "none"), "no app runs after the last");
	for (int i = 0; i < 200; i++) {
		int status = run(i % 2 ? EXIT_TASK : EXIT_OTHER, i);

		if (status != i) {
			ok(false, "run %d: status %d", i, status);
			return;
		}
	}
	ok(true, "200 runs in one process");
}

static void leaves_(void)
{
	ok_eq(run(LEAVE_IDLE, 9), 0, "all cores leave from idle");
	ok_eq(run(LEAVE_TASK, 9), 0, "all cores leave from tasks");
	ok(spawn_answer == -ESHUTDOWN && !strcmp(journal, "left 0|") && !ran_after_exit,
	   "no job starts on a core that has left");
	ok_eq(run(LEAVE_ONE, 4), 4, "one core leaves, the other goes on");
	ok_eq(spawn_answer, -ESHUTDOWN, "a spawn to a core that left");
	ok(!strcmp(journal, "other 3|"), "what was sent before was done");
	if (strcmp(journal, "other 3|"))
		printf("# got %s\n", journal);
}

static void concurrently(void)
{
	int answer = 0;
	pthread_t thread;

	ok_eq(run(NESTED, 2), 2, "rtfm_run() in a task does no harm");
	ok(nested_answer == -EBUSY && nested_named, "and is answered -EBUSY");
	pthread_create(&thread, NULL, foreign_run, &answer);
	ok_eq(run(EXIT_FOREIGN, 0), 0, "rtfm_run() in another thread does no harm");
	pthread_join(thread, NULL);
	ok_eq(answer, -EBUSY, "and is answered -EBUSY");
}

/* ---- apps that cannot start --------------------------------------------- */

static void ok_refused(const char *what, const struct rtfm_options *options, int err,
		       const char *named)
{
	int status;

	scenario = EXIT_INIT;
	status_of_exit = 0;
	errno = 0;
	status = rtfm_run(&rtfm_app, options);
	if (!ok(status == err && strstr(rtfm_error(), named) && !errno, "%s: %s", what,
		strerror(-err)))
		printf("# got %d, errno %d: %s (wanted: %s)\n", status, errno, rtfm_error(), named);
}

static void options(void)
{
	static const int one_cpu[] = { 0 };
	static const int no_cpu[] = { 0, -1 };
	static const int far_cpu[] = { 0, 1 << 20 };
#define OPTIONS(...) (&(struct rtfm_options){ .size = sizeof(struct rtfm_options), __VA_ARGS__ })

	ok_refused("size 0", &(struct rtfm_options){ .size = 0 }, -EINVAL, "size");
	ok_refused("engine 99", OPTIONS(.engine = (enum rtfm_engine)99), -EINVAL, "engine");
	ok_refused("engine -1", OPTIONS(.engine = (enum rtfm_engine)-1), -EINVAL, "engine");
	ok_refused("realtime 99", OPTIONS(.realtime = (enum rtfm_realtime)99), -EINVAL, "realtime");
	ok_refused("policy 99", OPTIONS(.policy = (enum rtfm_policy)99), -EINVAL, "policy");
	ok_refused("priority 99", OPTIONS(.priority = 99), -EINVAL, "priority");
	ok_refused("priority -2", OPTIONS(.priority = -2), -EINVAL, "priority");
	ok_refused("flags", OPTIONS(.flags = 1u << 31), -EINVAL, "flags");
	ok_refused("delivery 4", OPTIONS(.delivery = (enum rtfm_delivery)4), -EINVAL, "delivery");
	ok_refused("fp 4", OPTIONS(.fp = (enum rtfm_fp)4), -EINVAL, "fp");
	ok_refused("doorbell 65", OPTIONS(.doorbell = 65), -EINVAL, "65");
	ok_refused("doorbell SIGKILL", OPTIONS(.doorbell = SIGKILL), -EINVAL, "doorbell");
	ok_refused("doorbell SIGCONT", OPTIONS(.doorbell = SIGCONT), -EINVAL, "job control");
	ok_refused("doorbell 32", OPTIONS(.doorbell = 32), -EINVAL, "32");
	ok_refused("too few CPUs", OPTIONS(.cpus = one_cpu, .ncpus = 1), -EINVAL, "1 CPUs");
	ok_refused("CPU -1", OPTIONS(.cpus = no_cpu, .ncpus = 2), -EINVAL, "-1");
	ok_refused("CPU 1048576", OPTIONS(.cpus = far_cpu, .ncpus = 2), -EINVAL, "1048576");
	ok_eq(rtfm_run(NULL, NULL), -EINVAL, "rtfm_run(NULL)");
}

static void *small_run(void *answer)
{
	scenario = EXIT_INIT;
	status_of_exit = 0;
	*(int *)answer = rtfm_run(&rtfm_app, NULL);
	if (*(int *)answer < 0 && !strstr(rtfm_error(), "stack"))
		*(int *)answer = 0;
	return NULL;
}

/* A caller whose stack is too small for the default */
static void small_stack(void)
{
	pthread_attr_t attr;
	pthread_t thread;
	int answer = 0;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 64 << 10);
	if (pthread_create(&thread, &attr, small_run, &answer)) {
		ok_skip("a caller with a small stack", "no such thread");
	} else {
		pthread_join(thread, NULL);
		ok_eq(answer, -EINVAL, "a caller with a small stack");
	}
	pthread_attr_destroy(&attr);
	ok_refused("stack 1 GiB", OPTIONS(.stack = 1 << 30), -EINVAL, "stack");
}

static void environment(void)
{
	static const char *const variables[][2] = {	/* and a good value */
		{ "RTFM_REALTIME", "off" }, { "RTFM_POLICY", "other" },
		{ "RTFM_PRIORITY", "none" }, { "RTFM_CPUS", "0,0,0,0" },
		{ "RTFM_FLAGS", "no-mlock,no-affinity" }, { "RTFM_DOORBELL", "12" },
		{ "RTFM_STACK", "128k" }, { "RTFM_DELIVERY", "doorbell" },
		{ "RTFM_FP", "caller" },
	};
	struct rlimit files, none = { 0, 0 };
	char engine[32] = "";
	size_t i;

	if (getenv("RTFM_ENGINE"))
		snprintf(engine, sizeof(engine), "%s", getenv("RTFM_ENGINE"));
	setenv("RTFM_ENGINE", "bogus", 1);
	ok_refused("RTFM_ENGINE=bogus", NULL, -EINVAL, "bogus");
	ok_eq(rtfm_run(&rtfm_app, OPTIONS(.engine = RTFM_ENGINE_SOFT)), 0,
	      "an engine that was asked for is not looked up");
	if (*engine)
		setenv("RTFM_ENGINE", engine, 1);
	else
		unsetenv("RTFM_ENGINE");
	for (i = 0; i < ARRAY_SIZE(variables); i++) {
		setenv(variables[i][0], "bogus", 1);
		ok_refused(variables[i][0], NULL, -EINVAL, variables[i][0]);
		setenv(variables[i][0], variables[i][1], 1);
		ok_eq(rtfm_run(&rtfm_app, NULL), 0, variables[i][1]);
		unsetenv(variables[i][0]);
	}
	getrlimit(RLIMIT_NOFILE, &files);
	none.rlim_max = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &none);
	ok_refused("engine kmod without a file left", OPTIONS(.engine = RTFM_ENGINE_KMOD),
		   -EMFILE, "/dev/rtfm");
	setrlimit(RLIMIT_NOFILE, &files);
	if (access("/dev/rtfm", F_OK))
		ok_refused("engine kmod without a module", OPTIONS(.engine = RTFM_ENGINE_KMOD),
			   -ENODEV, "/dev/rtfm");
}

/* ---- state after the app ------------------------------------------------- */

struct process {
	sigset_t mask;
	struct sigaction action[65];
	int policy;
	int priority;
	cpu_set_t cpus;
};

static void look(struct process *p)
{
	struct sched_param param = { 0 };

	memset(p, 0, sizeof(*p));
	sigprocmask(SIG_BLOCK, NULL, &p->mask);
	for (int sig = 1; sig <= 64; sig++)
		sigaction(sig, NULL, &p->action[sig]);
	p->policy = (int)syscall(SYS_sched_getscheduler, 0);
	syscall(SYS_sched_getparam, 0, &param);
	p->priority = param.sched_priority;
	sched_getaffinity(0, sizeof(p->cpus), &p->cpus);
}

static void handler(int sig)
{
	(void)sig;
}

static void put_back(void)
{
	struct sigaction action = { .sa_handler = handler };
	struct process before, after;
	sigset_t set;
	bool same = true;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	sigaction(SIGURG, &action, NULL);
	sigaction(SIGRTMIN + 3, &action, NULL);
	look(&before);
	ok_eq(run(EXIT_OTHER, 0), 0, "runs with handlers of others installed");
	look(&after);
	for (int sig = 1; sig <= 64; sig++) {
		if (sigismember(&before.mask, sig) != sigismember(&after.mask, sig))
			same = !printf("# the mask of signal %d has changed\n", sig);
		if (before.action[sig].sa_handler != after.action[sig].sa_handler)
			same = !printf("# the handler of signal %d has changed\n", sig);
	}
	ok(same, "the signal mask and the handlers are put back");
	ok(before.policy == after.policy && before.priority == after.priority,
	   "the scheduling policy is put back");
	ok(CPU_EQUAL(&before.cpus, &after.cpus), "the CPU affinity is put back");
}

int main(void)
{
	tap_begin(180);
	need_cpus(2);
	exits();
	leaves_();
	concurrently();
	options();
	small_stack();
	environment();
	put_back();
	return tap_end();
}
