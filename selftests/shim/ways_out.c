// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A body that does not return: pthread_exit(), a cancellation, longjmp(), abort(), exit() and
 * the like. The app ends with an error that names the core, or the process ends and says
 * where; nothing hangs. Each case is a child.
 */
#include "tap.h"
#include <pthread.h>
#include <setjmp.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define WAYS_OUT(core, resource, task)					\
	core(0, init, idle, uses(low))					\
	resource(low, int, 0)						\
	resource(high, int, 0)						\
	task(job, priority(2), uses(high))				\
	task(locker, priority(1), uses(low, high))			\
	core(1, init, idle)						\
	task(far_job, priority(2), remote)				\
	task(beat, priority(1), period(RTFM_MSEC(5)))
RTFM_APP(WAYS_OUT);

/* pthread_exit() of glibc loads libgcc_s.so.1: with this it is there where the program is. */
#ifdef __GLIBC__
extern char unwinder[] __asm__("_Unwind_Backtrace");
char *volatile ways_out_needs = unwinder;
#endif

/*
 * AddressSanitizer does not notice that a cancellation unwinds the stack: it takes what was
 * there for what is there.
 */
#ifdef __SANITIZE_ADDRESS__
#define UNWINDS	false
#else
#define UNWINDS	true
#endif

/* The C library does not know that the thread has ended; glibc's pthread_join() sees it. */
#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__)
#define SEES_EXIT	true
#else
#define SEES_EXIT	false
#endif

#define HANG	60	/* no case takes that long, and none hangs */

static enum {
	PTHREAD_EXIT, CANCEL, CANCEL_ENABLED, LONGJMP, ABORT, EXIT, QUICK_EXIT, EXIT_NOW, EXEC,
	THREAD_EXIT,
} how;
enum { INIT, IDLE, JOB, TIMED, LOCK, FAR_INIT, FAR_IDLE, FAR_JOB };
static int where, leaves;
static sigjmp_buf idle_again;

static void leave(void)
{
	switch (how) {
	case PTHREAD_EXIT:
		pthread_exit(NULL);
	case CANCEL:
	case CANCEL_ENABLED:
		if (how == CANCEL_ENABLED)
			pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, NULL);
		pthread_cancel(pthread_self());
		pthread_testcancel();
		rtfm_exit(17);
		break;
	case LONGJMP:
		siglongjmp(idle_again, 1);
	case ABORT:
		abort();
	case EXIT:
		exit(19);
	case QUICK_EXIT:
		quick_exit(19);
	case EXIT_NOW:
		_exit(19);
	case EXEC:
		execl("/bin/sh", "sh", "-c", "exit 19", NULL);
		break;
	case THREAD_EXIT:
		STORE(leaves, 1);
		syscall(SYS_exit, 0);
	}
}

static void leave_here(int here)
{
	if (where == here)
		leave();
}

RTFM_INIT(0)
{
	leave_here(INIT);
	if (where == FAR_JOB)
		rtfm_unwrap(rtfm_spawn(far_job));
}

RTFM_INIT(1)
{
	leave_here(FAR_INIT);
}

RTFM_TASK(job)
{
	leave();
}

RTFM_TASK(locker)
{
	rtfm_lock(high)
		leave();
}

RTFM_TASK(far_job)
{
	leave();
}

RTFM_TASK(beat)
{
}

RTFM_IDLE(0)
{
	if (!sigsetjmp(idle_again, 0)) {
		leave_here(IDLE);
		if (where == TIMED) {
			rtfm_unwrap(rtfm_schedule_after(job, RTFM_MSEC(5)));
			while (rtfm_running() && time_preempts())
				;
		}
		if (where == JOB)
			rtfm_unwrap(rtfm_spawn(job));
		if (where == LOCK)
			rtfm_unwrap(rtfm_spawn(locker));
		/* nothing ends the app otherwise */
		while (how == THREAD_EXIT && !LOAD(leaves))
			usleep(1000);
		if (how == THREAD_EXIT)
			rtfm_exit(0);
	}
	while (rtfm_running()) {
		rtfm_lock(low)
			rtfm_wait();
	}
}

RTFM_IDLE(1)
{
	leave_here(FAR_IDLE);
	while (rtfm_running())
		rtfm_wait();
}

/* ---- the children ---- */

static struct answer {
	int status;
	char text[4096];	/* on stderr */
} answer;

/* Does the app run while the handlers of exit() do? */
static void at_exit(void)
{
	static const char said[] = "the app runs\n";

	if (rtfm_running() && write(2, said, sizeof(said) - 1) < 0)
		_exit(90);
}

static void child(void)
{
	struct rlimit none = { 0, 0 };
	int status;

	alarm(HANG);
	setrlimit(RLIMIT_CORE, &none);
	status = rtfm_run(&rtfm_app, NULL);
	if (status < 0)
		fprintf(stderr, "%d %s\n", status, rtfm_error());
	if (status == 17)
		fprintf(stderr, "rtfm_run() has returned\n");
	_exit(status < 0 ? 1 : status);
}

static void ask(int way, int place)
{
	size_t at = 0;
	int err[2];
	ssize_t n;
	pid_t pid;

	memset(&answer, 0, sizeof(answer));
	answer.status = -1;
	how = way;
	where = place;
	if (pipe(err))
		return;
	fflush(stdout);
	pid = fork();
	if (!pid) {
		dup2(err[1], 2);
		atexit(at_exit);
		at_quick_exit(at_exit);
		child();
	}
	close(err[1]);
	while ((n = read(err[0], answer.text + at, sizeof(answer.text) - 1 - at)) > 0)
		at += (size_t)n;
	close(err[0]);
	waitpid(pid, &answer.status, 0);
}

static bool says(const char *words)
{
	return strstr(answer.text, words);
}

/* After a hang the rest would hang as well. */
static void ok_answer(bool good, const char *name, const char *place)
{
	if (ok(good, "%s %s", name, place))
		return;
	printf("# status %#x, stderr: %s\n", (unsigned int)answer.status, answer.text);
	if (WIFSIGNALED(answer.status) && WTERMSIG(answer.status) == SIGALRM)
		exit(tap_end());
}

static bool exits(int status)
{
	return WIFEXITED(answer.status) && WEXITSTATUS(answer.status) == status;
}

static bool aborts(void)
{
	return WIFSIGNALED(answer.status) && WTERMSIG(answer.status) == SIGABRT;
}

static const char *const names[] = {
	"in init", "in idle", "in a job", "in a job on top of idle", "in a lock",
	"in core 1's init", "in core 1's idle", "in a job of core 1",
};

/* The words of the message that name the place */
static const char *const places[] = {
	"in init", "in idle", "in task job", "in task job", "in task job or in a lock of high",
	"in init", "in idle", "in task far_job",
};

/* The thread of core 0 is that which called rtfm_run(): there is none to return to. */
static void thread_ends(int way, const char *name)
{
	int place;

	for (place = INIT; place <= FAR_JOB; place++) {
		bool far = place >= FAR_INIT;
		char words[100];

		ask(way, place);
		snprintf(words, sizeof(words), "core %d: its thread has ended %s", far,
			 places[place]);
		ok_answer(says(words) && (far ? exits(1) : aborts()), name, names[place]);
	}
}

static void cancelled(void)
{
	int place;

	for (place = INIT; place <= FAR_JOB; place++) {
		ask(CANCEL, place);
		/* as core 0, the caller is cancelled where it next may be, after it has returned */
		ok_answer(!says("its thread") &&
			  (exits(17) || (place < FAR_INIT && exits(0))),
			  "a cancellation waits for the end of the app:", names[place]);
	}
}

static void jumps(void)
{
	static const int from[] = { JOB, TIMED, LOCK };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(from); i++) {
		char words[100];

		if (from[i] == TIMED && !time_preempts())
			continue;
		ask(LONGJMP, from[i]);
		snprintf(words, sizeof(words), "%d core 0: longjmp() or", -ENOTRECOVERABLE);
		ok_answer(says(words) && says(places[from[i]]) && exits(1), "longjmp() out",
			  names[from[i]]);
	}
}

static void process_ends(void)
{
	static const char *const ways[] = { "exit()", "quick_exit()", "_exit()", "exec" };
	int way, place;

	for (place = INIT; place <= FAR_JOB; place++) {
		char words[100];

		ask(ABORT, place);
		snprintf(words, sizeof(words), "rtfm: core %d aborts %s", place >= FAR_INIT,
			 places[place]);
		ok_answer(says(words) && aborts(), "abort()", names[place]);
		for (way = EXIT; way <= EXEC; way++) {
			bool handler = way == EXIT || way == QUICK_EXIT;

			ask(way, place);
			ok_answer(exits(19) && handler == says("the app runs"), ways[way - EXIT],
				  names[place]);
		}
	}
}

static void thread_killed(void)
{
	int place;

	for (place = FAR_IDLE; place <= FAR_JOB; place++) {
		ask(THREAD_EXIT, place);
		ok_answer(says("core 1: its thread has ended, by exit(2)") && exits(1), "exit(2)",
			  names[place]);
	}
}

int main(void)
{
	tap_begin(600);
	need_cpus(2);
	thread_ends(PTHREAD_EXIT, "pthread_exit()");
	if (UNWINDS) {
		thread_ends(CANCEL_ENABLED, "a cancellation that is let in");
		cancelled();
	}
	jumps();
	process_ends();
	if (SEES_EXIT)
		thread_killed();
	return tap_end();
}
