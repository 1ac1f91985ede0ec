// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Signals of the program. A signal that has the number of a signal of the engine, but another
 * source, runs no job and reaches the program's own handler. With the option, Ctrl-C and
 * SIGTERM end the app. The signals of engine signal can be chosen.
 */
#include "tap.h"
#include <pthread.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

#define SIGNALS(core, resource, task)					\
	core(0, init, idle)						\
	task(victim, priority(1), capacity(4))				\
	task(timed, priority(2))
RTFM_APP(SIGNALS);

#define BELL SIGUSR1

static void (*body)(struct idle_0_cx *cx);
static int jobs, handled, handled_sig, handled_code, blocked_in_handler;
static struct sigaction in_init;

static void on_siginfo(int sig, siginfo_t *info, void *context)
{
	sigset_t now;

	handled_sig = sig;
	handled_code = info->si_code;
	sigprocmask(SIG_BLOCK, NULL, &now);
	blocked_in_handler = sigismember(&now, SIGUSR2) && sigismember(&now, sig);
	ADD(handled, 1);
}

static void on_plain(int sig)
{
	handled_sig = sig;
	ADD(handled, 1);
}

RTFM_INIT(0)
{
	sigaction(SIGRTMIN + 1, NULL, &in_init);
}

RTFM_TASK(victim)
{
	ADD(jobs, 1);
}

RTFM_TASK(timed)
{
	ADD(jobs, 1);
}

RTFM_IDLE(0)
{
	if (body)
		body(cx);
	while (rtfm_running())
		rtfm_wait();
}

/* ---- signals of other sources ---- */

/* Asleep: on PREEMPT_RT a POSIX timer does not expire under a busy SCHED_FIFO thread. */
static bool await(int *counter, int value)
{
	uint64_t hang = rtfm_now() + 10 * SEC;

	while (LOAD(*counter) < value && rtfm_now() < hang)
		usleep(1000);
	return LOAD(*counter) == value;
}

static bool came(int sig, int before, const char *how)
{
	bool good = await(&handled, before + 1) && handled_sig == sig && !LOAD(jobs);

	if (!good)
		printf("# signal %d by %s: %d handled, wanted %d; %d jobs\n", sig, how, handled,
		       before + 1, jobs);
	return good;
}

static bool by_timer(int sig)
{
	struct itimerspec at = { .it_value.tv_nsec = 1 };
	int before = LOAD(handled);
	struct sigevent event;
	int timer;
	bool good;

	memset(&event, 0, sizeof(event));
	event.sigev_notify = SIGEV_THREAD_ID;
	event.sigev_signo = sig;
	event.sigev_notify_thread_id = (pid_t)syscall(SYS_gettid);
	if (syscall(SYS_timer_create, CLOCK_MONOTONIC, &event, &timer))
		return false;
	syscall(SYS_timer_settime, timer, 0, &at, NULL);
	good = came(sig, before, "a timer");
	syscall(SYS_timer_delete, timer);
	return good;
}

/* Like a job of the engine, as far as another process can know its values */
static bool forged(int sig)
{
	int before = LOAD(handled);
	siginfo_t info;

	memset(&info, 0, sizeof(info));
	info.si_code = SI_QUEUE;
	info.si_pid = getpid();
	info.si_uid = getuid();
	info.si_value.sival_int = 0;	/* victim, core 0, slot 0 */
	if (syscall(SYS_rt_tgsigqueueinfo, getpid(), syscall(SYS_gettid), sig, &info))
		return false;
	return came(sig, before, "rt_tgsigqueueinfo()");
}

/* As the kernel sends a signal for a reason of its own: a fault, an expired limit */
static bool by_kernel(int sig)
{
	int before = LOAD(handled);
	siginfo_t info;

	memset(&info, 0, sizeof(info));
	info.si_code = SI_KERNEL;
	if (syscall(SYS_rt_tgsigqueueinfo, getpid(), syscall(SYS_gettid), sig, &info))
		return false;
	return came(sig, before, "the kernel");
}

static bool from_another(int sig)
{
	int before = LOAD(handled), child_status;
	pid_t parent = getpid(), child = fork();

	if (!child) {
		union sigval value = { .sival_int = 0 };

		_exit(kill(parent, sig) || (sig >= SIGRTMIN && sigqueue(parent, sig, value)));
	}
	waitpid(child, &child_status, 0);
	return !child_status && await(&handled, before + (sig >= SIGRTMIN ? 2 : 1)) &&
	       !LOAD(jobs);
}

static bool all_ways(int sig)
{
	union sigval value = { .sival_int = 0 };
	int before = LOAD(handled);

	raise(sig);
	if (!came(sig, before++, "raise()") || kill(getpid(), sig) ||
	    !came(sig, before++, "kill()") || sigqueue(getpid(), sig, value) ||
	    !came(sig, before, "sigqueue()"))
		return false;
	return by_timer(sig) && forged(sig) && by_kernel(sig) && from_another(sig);
}

/* Wait until the engine's timer exists, and a while later its signal is pending. */
static void strangers(struct idle_0_cx *cx)
{
	rtfm_handle far = rtfm_unwrap(rtfm_schedule(timed, rtfm_now() + 3600 * SEC));

	ok(all_ways(BELL), "the doorbell's number: to the program's handler, no job");
	if (!strcmp(rtfm_engine_name(), "signal")) {
		ok(all_ways(SIGRTMIN), "that of time, too");
		ok(all_ways(SIGRTMIN + 1), "that of a priority, too");
		ok(all_ways(SIGRTMIN + 2), "that of the lowest priority, too");
		ok(blocked_in_handler, "with the signals blocked that it wants blocked");
	}
	rtfm_cancel(far);
	rtfm_unwrap(rtfm_spawn(victim));
	rtfm_unwrap(rtfm_schedule(timed, rtfm_now() + MSEC));
	/* not rtfm_wait(): the job may run between the test and the wait */
	ok(await(&jobs, 2), "jobs of the app run");
	rtfm_exit(0);
}

static void set_handlers(bool plain)
{
	struct sigaction action = { .sa_flags = SA_SIGINFO };

	action.sa_sigaction = on_siginfo;
	sigaddset(&action.sa_mask, SIGUSR2);
	if (plain) {
		action.sa_flags = 0;
		action.sa_handler = on_plain;
	}
	for (int sig = SIGRTMIN; sig <= SIGRTMAX; sig++)
		sigaction(sig, &action, NULL);
	sigaction(BELL, &action, NULL);
}

static void not_ours(void)
{
	struct rtfm_options options = { .size = sizeof(options), .doorbell = BELL };
	int before;

	for (int plain = 0; plain < 2; plain++) {
		set_handlers(plain);
		body = strangers;
		jobs = 0;
		ok_eq(rtfm_run(&rtfm_app, &options), 0, plain ? "sa_handler" : "sa_sigaction");
	}
	before = LOAD(handled);
	raise(BELL);
	raise(SIGRTMIN + 1);
	ok_eq(handled, before + 2, "after the app they are the program's");
}

/* ---- the end ---- */

static int end_sig;

static void ends(struct idle_0_cx *cx)
{
	kill(getpid(), end_sig);
}

static void ends_twice(struct idle_0_cx *cx)
{
	kill(getpid(), end_sig);
	kill(getpid(), end_sig);
	sleep(10);
}

static int run_flag(unsigned int flags, void (*what)(struct idle_0_cx *cx), int sig)
{
	struct rtfm_options options = { .size = sizeof(options), .flags = flags };

	body = what;
	end_sig = sig;
	return rtfm_run(&rtfm_app, &options);
}

static void leaves(struct idle_0_cx *cx)
{
	ends(cx);
	rtfm_exit(5);
}

static void exit_on_signal(void)
{
	struct sigaction action = { .sa_handler = on_plain }, now;
	int child_status, before = LOAD(handled);
	pid_t child;

	sigaction(SIGINT, &action, NULL);
	ok_eq(run_flag(RTFM_EXIT_ON_SIGNAL, ends, SIGINT), 130, "SIGINT ends the app");
	ok_eq(run_flag(RTFM_EXIT_ON_SIGNAL, ends, SIGTERM), 143, "SIGTERM ends the app");
	ok_eq(handled, before, "the handlers of the program are not called");
	raise(SIGINT);
	ok_eq(handled, before + 1, "they are put back");
	sigaction(SIGTERM, NULL, &now);
	ok(now.sa_handler == SIG_DFL, "and so is the default");
	ok_eq(run_flag(0, leaves, SIGINT), 5, "without the flag SIGINT is the program's");
	ok_eq(handled, before + 2, "whose handler is called");
	action.sa_handler = SIG_IGN;
	sigaction(SIGINT, &action, NULL);
	ok_eq(run_flag(RTFM_EXIT_ON_SIGNAL, leaves, SIGINT), 5, "what is ignored stays ignored");
	action.sa_handler = SIG_DFL;
	sigaction(SIGINT, &action, NULL);
	setenv("RTFM_FLAGS", "exit-on-signal", 1);
	ok_eq(run_flag(0, ends, SIGINT), 130, "the environment asks for it, too");
	unsetenv("RTFM_FLAGS");
	fflush(stdout);
	child = fork();
	if (!child)
		_exit(run_flag(RTFM_EXIT_ON_SIGNAL, ends_twice, SIGTERM));
	waitpid(child, &child_status, 0);
	ok(WIFSIGNALED(child_status) && WTERMSIG(child_status) == SIGTERM,
	   "the second one ends the process");
}

/* ---- which signals ---- */

static int refused(struct rtfm_options *options, const char *named)
{
	int answer = rtfm_run(&rtfm_app, options);

	if (answer >= 0 || !strstr(rtfm_error(), named))
		printf("# %d: %s (wanted: %s)\n", answer, rtfm_error(), named);
	return answer < 0 && strstr(rtfm_error(), named) ? answer : 0;
}

static void stops(struct idle_0_cx *cx)
{
	rtfm_unwrap(rtfm_spawn(victim));
	rtfm_unwrap(rtfm_schedule(timed, UINT64_C(1)));
	while (LOAD(jobs) < 2)
		rtfm_wait();
	rtfm_exit(7);
}

static void chosen(void)
{
	struct rtfm_options options = { .size = sizeof(options) };

	set_handlers(true);
	body = stops;
	jobs = 0;
	setenv("RTFM_SIGNALS", "50-52", 1);
	ok_eq(rtfm_run(&rtfm_app, NULL), 7, "RTFM_SIGNALS=50-52");
	ok(in_init.sa_handler == on_plain, "leaves the others alone");
	setenv("RTFM_SIGNALS", "50-", 1);
	ok_eq(refused(NULL, "RTFM_SIGNALS"), -EINVAL, "RTFM_SIGNALS=50-");
	setenv("RTFM_SIGNALS", "10", 1);
	ok_eq(refused(NULL, "real-time signals"), -EINVAL, "RTFM_SIGNALS=10");
	unsetenv("RTFM_SIGNALS");
	options.first_signal = SIGRTMAX - 1;
	jobs = 0;
	if (asked_for("signal"))
		ok_eq(refused(&options, "priority 1 has no signal left"), -EINVAL, "two signals");
	else
		ok_eq(rtfm_run(&rtfm_app, &options), 7, "other engines need none");
	options.first_signal = 0;
	options.flags = RTFM_EXIT_ON_SIGNAL;
	options.doorbell = SIGTERM;
	ok_eq(refused(&options, "RTFM_EXIT_ON_SIGNAL"), -EINVAL, "a doorbell that ends the app");
}

int main(void)
{
	tap_begin(100);
	need_cpus(1);
	not_ours();
	exit_on_signal();
	chosen();
	return tap_end();
}
