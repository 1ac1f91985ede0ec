// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The stacks of cores: a message that does not fit is refused when the app starts, one that
 * fits arrives, RTFM_STACK makes the stacks larger, and if a core exhausts its stack, a line
 * names the core before SIGSEGV has its normal action. Each case is a child.
 */
#include "tap.h"
#include <sys/resource.h>
#include <sys/wait.h>

#define PIXELS	(3 << 20)	/* more than the rest of a core's stack */

#define STACK(core, resource, task)					\
	core(0, init)							\
	task(deep0, priority(3), message(size_t bytes))			\
	task(end, priority(1), remote)					\
	core(1)								\
	task(frame, priority(1), remote, message(unsigned char pixel[PIXELS])) \
	task(deep1, priority(2), remote, message(size_t bytes))		\
	task(above, priority(9))
RTFM_APP(STACK);

static enum { SEND, DEEP0, DEEP1, WILD } what;
static size_t depth;
static bool has_handler;
static volatile bool in_handler;
static volatile char *volatile nowhere = (char *)16;

static __attribute__((noinline)) void go_down(size_t bytes)
{
	volatile char *frame = __builtin_alloca(bytes);
	size_t at;

	for (at = bytes; at > 4096; at -= 4096)
		frame[at - 1] = 1;
	frame[0] = 1;
}

RTFM_INIT(0)
{
	if (what == SEND)
		rtfm_unwrap(rtfm_spawn(frame, .pixel = { [PIXELS - 1] = 9 }));
	else if (what == DEEP1)
		rtfm_unwrap(rtfm_spawn(deep1, .bytes = depth));
	else
		rtfm_unwrap(rtfm_spawn(deep0, .bytes = depth));
}

RTFM_TASK(frame)
{
	if (msg->pixel[PIXELS - 1] == 9)
		rtfm_unwrap(rtfm_spawn(end));
}

RTFM_TASK(deep0)
{
	if (what == WILD)
		*nowhere = 1;
	go_down(msg->bytes);
	rtfm_exit(17);
}

/* Due while the handler runs, at the earliest. */
RTFM_TASK(deep1)
{
	if (has_handler)
		rtfm_unwrap(rtfm_schedule(above, rtfm_now() + 50000000));
	go_down(msg->bytes);
	rtfm_unwrap(rtfm_spawn(end));
}

RTFM_TASK(above)
{
	if (in_handler)
		_exit(24);
}

RTFM_TASK(end)
{
	rtfm_exit(17);
}

static void on_segv(int sig)
{
	uint64_t until = rtfm_now() + 300000000;

	in_handler = true;
	while (rtfm_now() < until)
		;
	_exit(23);
}

static struct answer {
	int status;
	char text[4096];
} answer;

static void child(const char *stack, size_t limit)
{
	char here[65536];
	struct sigaction action = { .sa_handler = on_segv, .sa_flags = SA_ONSTACK };
	stack_t alternate = { .ss_sp = here, .ss_size = sizeof(here) };
	struct rlimit none = { 0, 0 }, size = { limit, limit };
	int status;

	alarm(40);
	setrlimit(RLIMIT_CORE, &none);
	if (stack)
		setenv("RTFM_STACK", stack, 1);
	if (limit)
		setrlimit(RLIMIT_STACK, &size);
	if (has_handler) {
		sigaltstack(&alternate, NULL);
		sigaction(SIGSEGV, &action, NULL);
	}
	status = rtfm_run(&rtfm_app, NULL);
	if (status < 0)
		fprintf(stderr, "%s\n", rtfm_error());
	_exit(status < 0 ? 1 : status);
}

static void ask(const char *stack, size_t limit)
{
	size_t at = 0;
	int err[2];
	ssize_t n;
	pid_t pid;

	memset(&answer, 0, sizeof(answer));
	answer.status = -1;
	if (pipe(err))
		return;
	fflush(stdout);
	pid = fork();
	if (!pid) {
		dup2(err[1], 2);
		child(stack, limit);
	}
	close(err[1]);
	while ((n = read(err[0], answer.text + at, sizeof(answer.text) - 1 - at)) > 0)
		at += (size_t)n;
	close(err[0]);
	waitpid(pid, &answer.status, 0);
}

static void ok_answer(bool good, const char *name)
{
	if (!ok(good, "%s", name))
		printf("# status %#x, stderr: %s\n", (unsigned int)answer.status, answer.text);
}

static bool says(const char *words)
{
	return strstr(answer.text, words);
}

int main(void)
{
	tap_begin(200);
	need_cpus(2);
	unsetenv("RTFM_STACK");

	what = SEND;
	ask(NULL, 16 << 20);
	ok_answer(WIFEXITED(answer.status) && WEXITSTATUS(answer.status) == 17,
		  "a message of 3 MiB to a core");
	ask(NULL, 4 << 20);
	ok_answer(WIFEXITED(answer.status) && WEXITSTATUS(answer.status) == 1 &&
		  says("task frame") && says("core 0"),
		  "the same does not fit on the caller's stack: its task is named");

	what = DEEP1;
	depth = 2 * PIXELS + (4 << 20);
	ask("4M", 16 << 20);
	ok_answer(WIFEXITED(answer.status) && WEXITSTATUS(answer.status) == 17,
		  "RTFM_STACK makes room for deep calls");
	ask("nothing", 0);
	ok_answer(WIFEXITED(answer.status) && WEXITSTATUS(answer.status) == 1 &&
		  says("RTFM_STACK=nothing"), "RTFM_STACK is a number");

#ifndef __SANITIZE_ADDRESS__
	ask(NULL, 16 << 20);
	ok_answer(WIFSIGNALED(answer.status) && WTERMSIG(answer.status) == SIGSEGV &&
		  says("core 1 has used up its stack") && says("task deep1"),
		  "core 1 has used up its stack: it is named, and SIGSEGV kills");
	has_handler = true;
	ask(NULL, 16 << 20);
	ok_answer(WIFEXITED(answer.status) && WEXITSTATUS(answer.status) == 23 &&
		  says("core 1 has used up its stack"),
		  "the program's handler comes then, and no job on its stack");

	what = DEEP0;
	depth = 20 << 20;
	ask(NULL, 16 << 20);
	ok_answer(WIFEXITED(answer.status) && WEXITSTATUS(answer.status) == 23 &&
		  says("core 0 has used up its stack") && says("task deep0"),
		  "core 0 has used up the caller's stack: it is named");

	what = WILD;
	ask(NULL, 16 << 20);
	ok_answer(WIFEXITED(answer.status) && WEXITSTATUS(answer.status) == 23 &&
		  !says("used up"), "another fault is not taken for that");
#endif
	return tap_end();
}
