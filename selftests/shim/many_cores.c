// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The cost of cores that cannot send to another core: they need no memory for its timers,
 * and no instruction when it processes its timers. The same app is run with two cores and
 * with 32, in a traced child, whose thread is single-stepped to count its instructions.
 *
 * The vDSO's clock cannot be stepped: it starts again if the kernel's tick has updated the
 * time meanwhile. With a trap for each instruction this happens often, and adds
 * instructions; if a reading takes longer than a tick (PREEMPT_RT, emulated), it never
 * ends. Here a system call replaces it, which is one step.
 */
#include "tap.h"
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define MANY(core, resource, task)					\
	core(0, init)							\
	task(driver, priority(1))					\
	task(probe, priority(1), capacity(20))				\
	task(a0, capacity(4095)) task(a1, capacity(4095)) task(a2, capacity(4095)) \
	task(a3, capacity(4095)) task(a4, capacity(4095)) task(a5, capacity(4095)) \
	task(a6, capacity(4095)) task(a7, capacity(4095)) task(a8, capacity(4095)) \
	task(a9, capacity(4095)) task(b0, capacity(4095)) task(b1, capacity(4095)) \
	task(b2, capacity(4095)) task(b3, capacity(4095)) task(b4, capacity(4095)) \
	core(1) core(2) core(3) core(4) core(5) core(6) core(7) core(8) core(9) core(10) \
	core(11) core(12) core(13) core(14) core(15) core(16) core(17) core(18) core(19) \
	core(20) core(21) core(22) core(23) core(24) core(25) core(26) core(27) core(28) \
	core(29) core(30) core(31)
RTFM_APP(MANY);

#define MARK	SIGUSR2		/* its tracer takes it away */
#define MIB	(1ul << 20)
#define CORES	32
#define ROUNDS	6		/* the fewest instructions count: the first binds functions */
#define ROOM	(16 * MIB)	/* for the stacks of 30 threads, and what they touch */

/* Replaces the function of the C library, also for libshim */
int clock_gettime(clockid_t clock, struct timespec *to)
{
	return (int)syscall(SYS_clock_gettime, clock, to);
}

RTFM_TASK(a0) {}
RTFM_TASK(a1) {}
RTFM_TASK(a2) {}
RTFM_TASK(a3) {}
RTFM_TASK(a4) {}
RTFM_TASK(a5) {}
RTFM_TASK(a6) {}
RTFM_TASK(a7) {}
RTFM_TASK(a8) {}
RTFM_TASK(a9) {}
RTFM_TASK(b0) {}
RTFM_TASK(b1) {}
RTFM_TASK(b2) {}
RTFM_TASK(b3) {}
RTFM_TASK(b4) {}
RTFM_TASK(probe) {}

static unsigned long *resident;		/* bytes, before and in the app; shared with the child */

static unsigned long bytes_resident(void)
{
	unsigned long size = 0, pages = 0;
	FILE *file = fopen("/proc/self/statm", "r");

	if (file && fscanf(file, "%lu %lu", &size, &pages) != 2)
		pages = 0;
	if (file)
		fclose(file);
	return pages * (unsigned long)sysconf(_SC_PAGESIZE);
}

static void mark(void)
{
	syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), MARK);
}

RTFM_INIT(0)
{
	resident[1] = bytes_resident();
	rtfm_unwrap(rtfm_spawn(driver));
}

/* To schedule for a past instant makes the core process its timers at once. */
RTFM_TASK(driver)
{
	for (int i = 0; i < ROUNDS; i++) {
		mark();
		rtfm_unwrap(rtfm_schedule(probe, UINT64_C(1)));
		mark();
	}
	rtfm_exit(0);
}

static int child(uint32_t ncores)
{
	struct rtfm_options options = {
		.size = sizeof(options), .realtime = RTFM_REALTIME_OFF, .flags = RTFM_NO_MLOCK,
	};
	struct rtfm_app app = rtfm_app;

	app.ncores = ncores;
	if (ptrace(PTRACE_TRACEME, 0, 0, 0))
		return TAP_SKIP;
	resident[0] = bytes_resident();
	return rtfm_run(&app, &options) ? TAP_FAIL : TAP_PASS;
}

/* Its status; the fewest instructions between two marks */
static int trace(pid_t pid, unsigned long *instructions)
{
	unsigned long count = 0;
	bool counting = false;
	int status = 0;

	*instructions = ~0ul;
	while (waitpid(pid, &status, 0) == pid && WIFSTOPPED(status)) {
		int sig = WSTOPSIG(status);

		count++;
		if (sig == MARK) {
			if (counting && count < *instructions)
				*instructions = count;
			counting = !counting;
			count = 0;
		}
		if (sig == MARK || sig == SIGTRAP)
			sig = 0;
		if (ptrace(counting ? PTRACE_SINGLESTEP : PTRACE_CONT, pid, 0, sig))
			break;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : TAP_FAIL;
}

static void run(uint32_t ncores, unsigned long *bytes, unsigned long *instructions)
{
	pid_t pid;
	int status;

	fflush(stdout);
	pid = fork();
	if (!pid)
		_exit(child(ncores));
	status = trace(pid, instructions);
	if (status == TAP_SKIP)
		tap_skip_all("no ptrace");
	*bytes = resident[1] - resident[0];
	ok(!status, "there are %u cores", ncores);
	printf("# %lu KiB, %lu instructions\n", *bytes >> 10, *instructions);
}

int main(void)
{
	unsigned long bytes[2] = { 0 }, instructions[2] = { 0 };

	tap_begin(200);
	if (asked_for("kmod"))
		tap_skip_all("the module keeps the timers");
	resident = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (resident == MAP_FAILED)
		return TAP_FAIL;
	run(2, &bytes[0], &instructions[0]);
	run(CORES, &bytes[1], &instructions[1]);
	ok(bytes[0] && bytes[1] < bytes[0] + ROOM,
	   "30 cores more take no memory for 61,446 timers");
	/* a loop over all of them takes at least one instruction for each */
	ok(instructions[1] < instructions[0] + CORES - 2,
	   "30 cores more take no instructions of a look at the time");
	return tap_end();
}
