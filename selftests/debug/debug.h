/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Shared by the stress programs for the debug kernel: TAP on stdout, an app and its
 * commands, an entry for upcalls, and checks that nothing remains. A helper returns 0 or
 * -errno; its caller judges the result.
 *
 *	RTFM_SEED	seed of all random numbers; printed
 *	RTFM_SCALE	multiplies the counts: 0.1 for a slow machine, 10 for a run over night
 *	RTFM_SECONDS	time limit; a count that is not reached by then is a failure
 *	RTFM_ONLY	run only the parts of the program whose name contains this
 *
 * Other threads than the main thread use only system calls and atomics, and no lock of
 * libc: an upcall or a signal may interrupt them anywhere and not return.
 */
#ifndef DEBUG_H
#define DEBUG_H

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <dirent.h>

#include <linux/rtfm.h>

#define DEVICE		"/dev/rtfm"
#define PAGE		4096u
#define USEC		1000ULL
#define MSEC		1000000ULL
#define SEC		1000000000ULL
#define INSTANT_MAX	((1ULL << 63) - 1)
#define PATIENCE	(30 * SEC)	/* a machine may be slow; a test must end */
#define BELL		(SIGRTMIN + 1)
#define NUDGE		(SIGRTMIN + 2)	/* interrupts a system call, without other effect */
#define UNUSED		__attribute__((unused))
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define LOAD(x)		__atomic_load_n(&(x), __ATOMIC_ACQUIRE)
#define STORE(x, v)	__atomic_store_n(&(x), v, __ATOMIC_RELEASE)
#define ADD(x, v)	__atomic_add_fetch(&(x), v, __ATOMIC_RELAXED)

/* ---- TAP ---- */

#define EXIT_PASS	0
#define EXIT_FAIL	1
#define EXIT_SKIP	4

static int tap_nr, tap_failed;

static inline __attribute__((format(printf, 1, 2), unused)) void note(const char *format, ...)
{
	va_list args;

	printf("# ");
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
}

static inline __attribute__((format(printf, 2, 3))) bool ok(bool passed, const char *name, ...)
{
	va_list args;

	if (!passed)
		tap_failed++;
	printf("%sok %d ", passed ? "" : "not ", ++tap_nr);
	va_start(args, name);
	vprintf(name, args);
	va_end(args);
	printf("\n");
	return passed;
}

static inline UNUSED void ok_skip(const char *name, const char *reason)
{
	printf("ok %d %s # SKIP %s\n", ++tap_nr, name, reason);
}

static inline __attribute__((noreturn, unused)) void skip_all(const char *reason)
{
	printf("1..0 # SKIP %s\n", reason);
	exit(EXIT_SKIP);
}

static inline UNUSED int tap_end(void)
{
	printf("1..%d\n", tap_nr);
	return tap_failed ? EXIT_FAIL : EXIT_PASS;
}

/* ---- parameters, time, random numbers ---- */

static inline UNUSED unsigned long long env_number(const char *name, unsigned long long otherwise)
{
	const char *value = getenv(name);

	return value && *value ? strtoull(value, NULL, 0) : otherwise;
}

static inline UNUSED unsigned long scaled(unsigned long n)
{
	const char *scale = getenv("RTFM_SCALE");
	double result = scale ? (double)n * atof(scale) : (double)n;

	return result < 1 ? 1 : (unsigned long)result;
}

static inline UNUSED bool wanted(const char *part)
{
	const char *only = getenv("RTFM_ONLY");

	return !only || !*only || strstr(part, only);
}

static inline UNUSED uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * SEC + (uint64_t)t.tv_nsec;
}

static inline UNUSED void sleep_ns(uint64_t ns)
{
	struct timespec t = { (time_t)(ns / SEC), (long)(ns % SEC) };

	while (nanosleep(&t, &t) && errno == EINTR)
		;
}

static inline UNUSED void spin_ns(uint64_t ns)
{
	uint64_t until = now_ns() + ns;

	while (now_ns() < until)
		;
}

/* Sleep-polls a condition; true if it came true in time. */
#define WAIT_FOR(condition) ({						\
	uint64_t _until = now_ns() + PATIENCE;				\
	bool _true;							\
	while (!(_true = (condition)) && now_ns() < _until)		\
		sleep_ns(MSEC / 4);					\
	_true || (condition);						\
})

static inline UNUSED uint64_t random_u64(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * 0x2545f4914f6cdd1dULL;
}

/* 0..n - 1, from the good bits */
static inline UNUSED uint32_t pick(uint64_t *state, uint32_t n)
{
	return (uint32_t)((random_u64(state) >> 32) * n >> 32);
}

static inline UNUSED bool one_in(uint64_t *state, uint32_t n)
{
	return !pick(state, n);
}

/* The seed of a random generator of its own: never 0. */
static inline UNUSED uint64_t derive(uint64_t seed, uint64_t what)
{
	uint64_t z = seed + (what + 1) * 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return (z ^ z >> 31) | 1;
}

static uint64_t seed;

/* First thing in main(). */
static inline UNUSED void begin(const char *program, uint64_t default_seed)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("TAP version 13\n");
	seed = env_number("RTFM_SEED", default_seed);
	note("%s: RTFM_SEED=%llu RTFM_SCALE=%s", program, (unsigned long long)seed,
	     getenv("RTFM_SCALE") ?: "1");
	if (access(DEVICE, F_OK))
		skip_all(DEVICE " is not here: load rtfm.ko");
	if (geteuid())
		skip_all("not root");
}

/* ---- processors ---- */

/* Read once: it opens a file, whose descriptor another thread may close by chance. */
static inline UNUSED int cpus_online(void)
{
	static int cpus;

	if (!cpus)
		cpus = (int)sysconf(_SC_NPROCESSORS_ONLN);
	return cpus;
}

static inline UNUSED int cpu_of(uint32_t core)
{
	return (int)core % cpus_online();
}

static inline UNUSED int pin_to(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	return sched_setaffinity(0, sizeof(set), &set) ? -errno : 0;
}

static inline UNUSED int unpin(void)
{
	cpu_set_t set;

	memset(&set, 0xff, sizeof(set));
	return sched_setaffinity(0, sizeof(set), &set) ? -errno : 0;
}

/* Above every attached thread, so that a thread that spins can be ended. */
static inline UNUSED int be_fifo(int priority)
{
	struct sched_param param = { .sched_priority = priority };

	return sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &param) ? -errno : 0;
}

static inline UNUSED pid_t gettid_(void)
{
	return (pid_t)syscall(SYS_gettid);
}

/* ---- an app and its commands ---- */

/**
 * struct app - an app under test
 * @fd: of the device, -1 if closed
 * @ncores: how many
 * @plan: of each core
 * @bytes: of the region
 * @region: the mapping, or NULL
 */
struct app {
	int fd;
	uint32_t ncores;
	struct rtfm_core_plan plan[RTFM_MAX_CORES];
	uint64_t bytes;
	char *region;
};

static inline UNUSED int command(int fd, unsigned long cmd, void *arg)
{
	return ioctl(fd, cmd, arg) ? -errno : 0;
}

static inline UNUSED int app_open(struct app *app)
{
	app->region = NULL;
	app->fd = open(DEVICE, O_RDWR | O_CLOEXEC);
	return app->fd < 0 ? -errno : 0;
}

static inline UNUSED uint32_t power_of_two(uint32_t n)
{
	uint32_t size = 1;

	while (size < n)
		size *= 2;
	return size;
}

static inline UNUSED int app_setup(struct app *app, uint32_t ncores, uint32_t levels,
				   uint32_t timers)
{
	struct rtfm_setup setup = {
		.size = sizeof(setup), .ncores = ncores, .cores = (uintptr_t)app->plan,
		.user_bytes = 100,
	};
	uint32_t i;
	int err;

	app->ncores = ncores;
	for (i = 0; i < ncores; i++) {
		app->plan[i] = (struct rtfm_core_plan) {
			.levels = levels, .timers = timers,
			.ring_entries = timers ? power_of_two(timers) : 0,
		};
	}
	err = command(app->fd, RTFM_IOC_SETUP, &setup);
	app->bytes = setup.region_bytes;
	return err;
}

static inline UNUSED int app_map(struct app *app)
{
	void *at = mmap(NULL, app->bytes, PROT_READ | PROT_WRITE, MAP_SHARED, app->fd, 0);

	if (at == MAP_FAILED)
		return -errno;
	app->region = at;
	return 0;
}

static inline UNUSED int app_start(struct app *app, uint32_t ncores, uint32_t levels,
				   uint32_t timers)
{
	int err = app_open(app);

	err = err ?: app_setup(app, ncores, levels, timers);
	return err ?: app_map(app);
}

static inline UNUSED void app_stop(struct app *app)
{
	if (app->fd >= 0)
		close(app->fd);
	app->fd = -1;
	if (app->region)
		munmap(app->region, app->bytes);
	app->region = NULL;
}

static inline UNUSED struct rtfm_ctl *ctl_of(const struct app *app, uint32_t core)
{
	return (struct rtfm_ctl *)(app->region + app->plan[core].ctl_offset);
}

static inline UNUSED int core_detach(int fd)
{
	struct rtfm_detach detach = { .size = sizeof(detach) };

	return command(fd, RTFM_IOC_DETACH, &detach);
}

static inline UNUSED int core_park(int fd)
{
	struct rtfm_park park = { .size = sizeof(park) };

	return command(fd, RTFM_IOC_PARK, &park);
}

static inline UNUSED int core_arm(int fd, uint64_t instant)
{
	struct rtfm_arm arm = { .size = sizeof(arm), .instant = instant };

	return command(fd, RTFM_IOC_ARM, &arm);
}

static inline UNUSED int core_kick(int fd, uint32_t core)
{
	struct rtfm_kick kick = { .size = sizeof(kick), .core = core };

	return command(fd, RTFM_IOC_KICK, &kick);
}

static inline UNUSED int core_take_in(int fd)
{
	struct rtfm_take_in take_in = { .size = sizeof(take_in) };

	return command(fd, RTFM_IOC_SUBMIT, &take_in);
}

static inline UNUSED int job_schedule(int fd, uint32_t core, const struct rtfm_submit *submit)
{
	struct rtfm_schedule schedule = {
		.size = sizeof(schedule), .core = core, .submit = *submit,
	};

	return command(fd, RTFM_IOC_SCHEDULE, &schedule);
}

static inline UNUSED int job_cancel(int fd, uint32_t core, uint32_t timer, uint32_t tag)
{
	struct rtfm_cancel cancel = {
		.size = sizeof(cancel), .core = core, .timer = timer, .tag = tag,
	};

	return command(fd, RTFM_IOC_CANCEL, &cancel);
}

static inline UNUSED int app_query(int fd, uint32_t core, struct rtfm_query *query)
{
	memset(query, 0, sizeof(*query));
	query->size = sizeof(*query);
	query->core = core;
	return command(fd, RTFM_IOC_QUERY, query);
}

static inline UNUSED struct rtfm_job *ring_of(const struct app *app, uint32_t core, uint32_t level)
{
	const struct rtfm_core_plan *plan = &app->plan[core];
	uint32_t rank = (uint32_t)__builtin_popcount(plan->levels & ((1u << level) - 1));

	return (struct rtfm_job *)(app->region + plan->ring_offset) + rank * plan->ring_entries;
}

/* The next job of a level: the consumer's side of the kernel's ring. */
static inline UNUSED bool take_job(const struct app *app, uint32_t core, uint32_t level,
				   struct rtfm_job *job)
{
	struct rtfm_ctl *ctl = ctl_of(app, core);
	uint32_t head = ctl->khead[level];

	/* pairs with the kernel's release of the tail */
	if (LOAD(ctl->ktail[level]) == head)
		return false;
	*job = ring_of(app, core, level)[head & (app->plan[core].ring_entries - 1)];
	/* pairs with the kernel's acquire of the head */
	STORE(ctl->khead[level], head + 1);
	return true;
}

/* Read and clear the ready bits: always before the rings are read. */
static inline UNUSED uint64_t take_ready(const struct app *app, uint32_t core)
{
	struct rtfm_ctl *ctl = ctl_of(app, core);

	return __atomic_exchange_n(&ctl->ready, 0, __ATOMIC_SEQ_CST) |
	       __atomic_exchange_n(&ctl->remote_ready, 0, __ATOMIC_SEQ_CST);
}

/* The thread's side of the submission ring, as in <linux/rtfm.h>. False: it is full. */
static inline UNUSED bool put_submit(const struct app *app, uint32_t core,
				     const struct rtfm_submit *submit, bool *now)
{
	struct rtfm_ctl *ctl = ctl_of(app, core);
	uint32_t tail = ctl->stail;

	if (tail - LOAD(ctl->shead) >= RTFM_SUBMITS)
		return false;
	ctl->submit[tail % RTFM_SUBMITS] = *submit;
	STORE(ctl->stail, tail + 1);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	*now = submit->instant < LOAD(ctl->next);
	return true;
}

/* The results that a command may return: <linux/rtfm.h>, and for ATTACH the scheduler's. */
static inline UNUSED bool documented(unsigned long cmd, int err)
{
	switch (-err) {
	case 0:
	case EINVAL:
	case E2BIG:
	case EFAULT:
	case EPERM:
	case ESHUTDOWN:
	case EBADF:		/* the descriptor was closed: ours to know */
		return true;
	case ENOTTY:
		return _IOC_TYPE(cmd) != RTFM_IOC_MAGIC || _IOC_NR(cmd) < 0x40 ||
		       _IOC_NR(cmd) > 0x49 || _IOC_SIZE(cmd) || _IOC_DIR(cmd);
	case ENXIO:
		return cmd != RTFM_IOC_SETUP && cmd != RTFM_IOC_QUERY;
	case EBUSY:
		return cmd == RTFM_IOC_SETUP || cmd == RTFM_IOC_ATTACH || cmd == RTFM_IOC_SCHEDULE;
	case ENOENT:
		return cmd == RTFM_IOC_CANCEL;
	case ENOMEM:
		return cmd == RTFM_IOC_SETUP || cmd == RTFM_IOC_ATTACH;
	case EINTR:
		return cmd == RTFM_IOC_PARK || cmd == RTFM_IOC_SETUP || cmd == RTFM_IOC_ATTACH;
	default:
		return false;
	}
}

/* ---- delivery ---- */

/* Thread-local by hand, so that the entry finds them with one instruction. */
static __thread struct rtfm_ctl *upcall_ctl __attribute__((used));
static __thread uint64_t upcalls __attribute__((used));
static __thread uint64_t bells __attribute__((used));

static inline UNUSED void on_bell(int sig)
{
	(void)sig;
	bells++;
}

static inline UNUSED int catch_bells(void)
{
	struct sigaction action = { .sa_handler = on_bell, .sa_flags = SA_ONSTACK };

	if (sigaction(BELL, &action, NULL))
		return -errno;
	return sigaction(NUDGE, &action, NULL) ? -errno : 0;
}

#ifdef __x86_64__

/*
 * The minimum of the protocol (struct rtfm_attach): build a frame for IRET, clear masked,
 * return. Ready bits remain set; the thread's loop checks them.
 * The two registers lie below sp, where upcalls and signals do not write.
 */
__asm__(".pushsection .text\n"
	"debug_upcall_entry:\n"
	"	lea	-40(%rsp), %rsp\n"
	"	mov	%rax, -8(%rsp)\n"
	"	mov	%rdx, -16(%rsp)\n"
	"	mov	%fs:upcall_ctl@tpoff, %rax\n"
	"	mov	24(%rax), %rdx\n"	/* upcall_ip */
	"	mov	%rdx, (%rsp)\n"
	"	mov	%cs, %edx\n"
	"	mov	%rdx, 8(%rsp)\n"
	"	mov	40(%rax), %rdx\n"	/* upcall_flags */
	"	mov	%rdx, 16(%rsp)\n"
	"	mov	32(%rax), %rdx\n"	/* upcall_sp */
	"	mov	%rdx, 24(%rsp)\n"
	"	mov	%ss, %edx\n"
	"	mov	%rdx, 32(%rsp)\n"
	"debug_upcall_again:\n"
	"	mov	%fs:upcall_ctl@tpoff, %rax\n"
	"	incq	%fs:upcalls@tpoff\n"
	"	movl	$0, 4(%rax)\n"		/* masked */
	"debug_upcall_return:\n"
	"	mov	-16(%rsp), %rdx\n"
	"	mov	-8(%rsp), %rax\n"
	"	iretq\n"
	"debug_upcall_return_end:\n"
	".popsection\n");

extern char debug_upcall_entry[], debug_upcall_again[], debug_upcall_return[],
	debug_upcall_return_end[];

static inline UNUSED void fill_upcall(struct rtfm_attach *attach)
{
	attach->upcall_entry = (uintptr_t)debug_upcall_entry;
	attach->upcall_again = (uintptr_t)debug_upcall_again;
	attach->upcall_return = (uintptr_t)debug_upcall_return;
	attach->upcall_return_end = (uintptr_t)debug_upcall_return_end;
}

#else

static inline UNUSED void fill_upcall(struct rtfm_attach *attach)
{
}

#endif

/* ---- continue after a crash ---- */

static __thread sigjmp_buf crash_back UNUSED;
static __thread volatile sig_atomic_t crash_expected UNUSED;
static __thread uint64_t crashes UNUSED;
static pid_t crash_process UNUSED;

/*
 * After an upcall to an invalid address, or an access to a region that was just unmapped,
 * the thread starts again. Not in a child, which would continue as if it were its parent.
 */
static inline UNUSED void on_crash(int sig)
{
	if ((pid_t)syscall(SYS_getpid) != crash_process)
		syscall(SYS_exit_group, 1);
	if (!crash_expected) {
		signal(sig, SIG_DFL);
		return;
	}
	crashes++;
#ifdef __x86_64__
	/* longjmp would keep them: faults upon unaligned access, nested task */
	__asm__ __volatile__("pushf; andq $~0x44000, (%%rsp); popf" ::: "memory", "cc");
#endif
	siglongjmp(crash_back, 1);
}

/* For the whole process; each thread that wants it calls crash_stack() as well. */
static inline UNUSED int catch_crashes(void)
{
	static const int signals[] = { SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE };
	struct sigaction action = { .sa_handler = on_crash, .sa_flags = SA_ONSTACK };
	size_t i;

	crash_process = (pid_t)syscall(SYS_getpid);
	for (i = 0; i < ARRAY_SIZE(signals); i++)
		if (sigaction(signals[i], &action, NULL))
			return -errno;
	return 0;
}

/* The stack that a crash is handled on: the thread's own may be anywhere. */
static inline UNUSED int crash_stack(void *memory, size_t bytes)
{
	stack_t stack = { .ss_sp = memory, .ss_size = bytes };

	return sigaltstack(&stack, NULL) ? -errno : 0;
}

/* The calling thread, which is pinned already. */
static inline UNUSED int core_attach(const struct app *app, uint32_t core, uint32_t fifo_priority)
{
	struct rtfm_attach attach = {
		.size = sizeof(attach), .core = core, .doorbell = (uint32_t)BELL,
		.fifo_priority = fifo_priority,
	};

	upcall_ctl = ctl_of(app, core);
	fill_upcall(&attach);
	return command(app->fd, RTFM_IOC_ATTACH, &attach);
}

/* ---- remains of an app ---- */

/* The number in a file, or -errno. */
static inline UNUSED long long read_number(const char *path)
{
	char text[64] = "";
	ssize_t n;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	return n > 0 ? atoll(text) : -EIO;
}

static inline UNUSED int write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = write(fd, text, strlen(text));
	if (n < 0)
		n = -errno;
	close(fd);
	return n < 0 ? (int)n : 0;
}

/* The kernel has oopsed, warned or locked up since it was started. */
static inline UNUSED bool kernel_is_hurt(void)
{
	long long taint = read_number("/proc/sys/kernel/tainted");

	return taint > 0 && taint & (1 << 5 | 1 << 7 | 1 << 9 | 1 << 14);
}

/* Is there a thread of the kernel whose name begins with rtfm? */
static inline UNUSED bool kthread_is_left(void)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	bool found = false;
	char path[300], comm[32];

	while (proc && (entry = readdir(proc))) {
		ssize_t n;
		int fd;

		snprintf(path, sizeof(path), "/proc/%s/comm", entry->d_name);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			continue;
		n = read(fd, comm, sizeof(comm));
		close(fd);
		/* this program may be called rtfm_something: a kthread has no exe */
		snprintf(path, sizeof(path), "/proc/%s/exe", entry->d_name);
		if (n >= 4 && !memcmp(comm, "rtfm", 4) && readlink(path, comm, sizeof(comm)) < 0)
			found = true;
	}
	if (proc)
		closedir(proc);
	return found;
}

/* Is a timer of the module queued on any CPU? */
static inline UNUSED bool timer_is_left(void)
{
	FILE *list = fopen("/proc/timer_list", "r");
	bool found = false;
	char line[512];

	while (list && !found && fgets(line, sizeof(line), list))
		found = !!strstr(line, "[rtfm]");
	if (list)
		fclose(list);
	return found;
}

/*
 * The remains of all apps as text, or NULL if there are none. An end may take a moment: it
 * may be done by a work item, or when the exit of a task closes the file.
 */
static inline UNUSED const char *leftovers(void)
{
	if (!WAIT_FOR(!timer_is_left()))
		return "a timer";
	if (!WAIT_FOR(!kthread_is_left()))
		return "a kernel thread";
	if (!WAIT_FOR(read_number("/sys/module/rtfm/refcnt") <= 0))
		return "a reference to the module";
	if (kernel_is_hurt())
		return "a warning or worse in the kernel's log";
	return NULL;
}

static inline UNUSED bool ok_nothing_left(const char *after)
{
	const char *left = leftovers();

	ok(!left, "%s: nothing is left", after);
	if (left)
		note("left: %s", left);
	return !left;
}

/* Status of a child; -ETIME if it does not end in time, -errno. */
static inline UNUSED int reap(pid_t pid, int *status)
{
	uint64_t until = now_ns() + PATIENCE;
	pid_t got;

	for (;;) {
		got = waitpid(pid, status, WNOHANG);
		if (got == pid)
			return 0;
		if (got < 0)
			return -errno;
		if (now_ns() > until)
			return -ETIME;
		sleep_ns(MSEC / 10);
	}
}

/* SIGKILL must work, whatever the process does. */
static inline UNUSED int kill_and_reap(pid_t pid)
{
	int status, err;

	if (kill(pid, SIGKILL))
		return -errno;
	err = reap(pid, &status);
	return err;
}

/* ---- the module ---- */

static inline UNUSED int module_insert(void)
{
	const char *path = getenv("RTFM_KO") ?: "/rtfm.ko";
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int err;

	if (fd < 0)
		return -errno;
	err = syscall(SYS_finit_module, fd, "", 0) ? -errno : 0;
	close(fd);
	return err;
}

static inline UNUSED int module_remove(void)
{
	return syscall(SYS_delete_module, "rtfm", O_NONBLOCK) ? -errno : 0;
}

#endif /* DEBUG_H */
