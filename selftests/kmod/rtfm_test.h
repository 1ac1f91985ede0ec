/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Shared by the tests of /dev/rtfm. A helper returns 0 or -errno; its caller asserts the
 * result. The tests need root and rtfm.ko; without a device a program skips all tests.
 *
 * RTFM_SCALE multiplies the counts: 0.1 for a slow machine, 10 for a run over night.
 */
#ifndef RTFM_TEST_H
#define RTFM_TEST_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>

#include <linux/rtfm.h>

#include "kselftest_harness.h"

/* EXPECT_EQ(0, unsigned) is how the harness is meant to be used */
#pragma GCC diagnostic ignored "-Wsign-compare"
/* ... and its setjmp() is in the caller of the test, whose locals it spares */
#ifndef __clang__
#pragma GCC diagnostic ignored "-Wclobbered"
#endif

#define DEVICE		"/dev/rtfm"
#define PAGE		4096u
#define MSEC		1000000ULL
#define SEC		1000000000ULL
#define NEVER		((1ULL << 63) - 1)
#ifndef PATIENCE
#define PATIENCE	(20 * SEC)	/* a machine may be slow; a test must end */
#endif
#define UNUSED		__attribute__((unused))

/* The call fails with this errno. */
#define EXPECT_ERR(err, call) EXPECT_EQ(-(err), (int)(call))

/* Tests run in a virtual machine without acceleration: be patient. */
#define APP_TEST(fixture, name) TEST_F_TIMEOUT(fixture, name, 150)

/* A program without its device: one line, and the exit code of a skip. */
static void __attribute__((constructor(200))) need_device(void)
{
	if (!access(DEVICE, F_OK))
		return;
	ksft_print_header();
	ksft_exit_skip(DEVICE " is not here: load rtfm.ko\n");
}

/* In FIXTURE_SETUP(), where SKIP(return) would still run the test. */
#define SKIP_ALL(...) SKIP(_exit(255), __VA_ARGS__)

static inline UNUSED unsigned long scaled(unsigned long n)
{
	const char *scale = getenv("RTFM_SCALE");
	double result = scale ? (double)n * atof(scale) : (double)n;

	return result < 1 ? 1 : (unsigned long)result;
}

static inline UNUSED __u64 now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (__u64)t.tv_sec * SEC + (__u64)t.tv_nsec;
}

static inline UNUSED void sleep_ns(__u64 ns)
{
	struct timespec t = { (time_t)(ns / SEC), (long)(ns % SEC) };

	while (nanosleep(&t, &t) && errno == EINTR)
		;
}

/* Sleep-polls a condition; true if it came true in time. */
#define WAIT_FOR(condition) ({						\
	__u64 _until = now_ns() + PATIENCE;				\
	bool _true;							\
	while (!(_true = (condition)) && now_ns() < _until)		\
		sleep_ns(MSEC / 4);					\
	_true || (condition);						\
})

/* The same without system calls (vDSO clock): only interrupts leave user mode. */
#define SPIN_FOR(condition) ({						\
	__u64 _until = now_ns() + PATIENCE;				\
	bool _true;							\
	while (!(_true = (condition)) && now_ns() < _until)		\
		__asm__ __volatile__("" ::: "memory");			\
	_true || (condition);						\
})

static inline UNUSED __u64 random_u64(__u64 *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * 0x2545f4914f6cdd1dULL;
}

static inline UNUSED int cpus_online(void)
{
	return (int)sysconf(_SC_NPROCESSORS_ONLN);
}

/* cores 0, 1, 2, ... spread over what there is */
static inline UNUSED int cpu_of(__u32 core)
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

/**
 * struct app - an app under test
 * @fd: of the device, -1 if closed
 * @ncores: how many
 * @plan: of each core
 * @setup: as it came back from the kernel
 * @region: the mapping, or NULL
 */
struct app {
	int fd;
	__u32 ncores;
	struct rtfm_core_plan plan[RTFM_MAX_CORES];
	struct rtfm_setup setup;
	char *region;
};

static inline UNUSED int rtfm_ioctl(int fd, unsigned long cmd, void *arg)
{
	return ioctl(fd, cmd, arg) ? -errno : 0;
}

static inline UNUSED int app_open(struct app *app)
{
	memset(app, 0, sizeof(*app));
	app->fd = open(DEVICE, O_RDWR | O_CLOEXEC);
	return app->fd < 0 ? -errno : 0;
}

static inline UNUSED __u32 power_of_two(__u32 n)
{
	__u32 size = 1;

	while (size < n)
		size *= 2;
	return size;
}

/* The arguments of SETUP; its output fields are poisoned before. */
static inline UNUSED void fill_setup(struct app *app, struct rtfm_setup *setup,
				     __u32 ncores, __u32 levels, __u32 timers)
{
	__u32 i;

	app->ncores = ncores;
	memset(app->plan, 0xcc, sizeof(app->plan));
	for (i = 0; i < RTFM_MAX_CORES; i++) {
		app->plan[i].levels = levels;
		app->plan[i].timers = timers;
		app->plan[i].ring_entries = timers ? power_of_two(timers) : 0;
		app->plan[i].reserved = 0;
	}
	memset(setup, 0xcc, sizeof(*setup));
	setup->size = sizeof(*setup);
	setup->flags = 0;
	setup->ncores = ncores;
	setup->reserved = 0;
	setup->features = 0;
	setup->cores = (uintptr_t)app->plan;
	setup->user_bytes = 100;
}

static inline UNUSED int app_setup(struct app *app, __u32 ncores, __u32 levels,
				   __u32 timers)
{
	fill_setup(app, &app->setup, ncores, levels, timers);
	return rtfm_ioctl(app->fd, RTFM_IOC_SETUP, &app->setup);
}

static inline UNUSED int app_map(struct app *app)
{
	void *at = mmap(NULL, app->setup.region_bytes, PROT_READ | PROT_WRITE,
			MAP_SHARED, app->fd, 0);

	if (at == MAP_FAILED)
		return -errno;
	app->region = at;
	return 0;
}

/* Open, set up and map. */
static inline UNUSED int app_start(struct app *app, __u32 ncores, __u32 levels,
				   __u32 timers)
{
	int err = app_open(app);

	err = err ?: app_setup(app, ncores, levels, timers);
	return err ?: app_map(app);
}

/* In the order that a program that just exits would do it. */
static inline UNUSED void app_stop(struct app *app)
{
	if (app->fd >= 0)
		close(app->fd);
	app->fd = -1;
	if (app->region)
		munmap(app->region, app->setup.region_bytes);
	app->region = NULL;
}

static inline UNUSED struct rtfm_ctl *ctl_of(const struct app *app, __u32 core)
{
	return (struct rtfm_ctl *)(app->region + app->plan[core].ctl_offset);
}

static inline UNUSED void fill_attach(struct rtfm_attach *attach, __u32 core,
				      int doorbell)
{
	memset(attach, 0xcc, sizeof(*attach));
	attach->size = sizeof(*attach);
	attach->flags = 0;
	attach->core = core;
	attach->fifo_priority = 0;
	attach->doorbell = (__u32)doorbell;
	attach->reserved = 0;
	attach->reserved2 = 0;
	attach->upcall_entry = 0;
	attach->upcall_again = 0;
	attach->upcall_return = 0;
	attach->upcall_return_end = 0;
}

/* Pins the calling thread to the core's CPU as well. */
static inline UNUSED int core_attach(struct app *app, __u32 core, int doorbell,
				     __u32 fifo_priority)
{
	struct rtfm_attach attach;
	int err = pin_to(cpu_of(core));

	if (err)
		return err;
	fill_attach(&attach, core, doorbell);
	attach.fifo_priority = fifo_priority;
	err = rtfm_ioctl(app->fd, RTFM_IOC_ATTACH, &attach);
	if (!err && (int)attach.cpu != cpu_of(core))
		return -EILSEQ;
	return err;
}

static inline UNUSED int core_detach(struct app *app)
{
	struct rtfm_detach detach = { .size = sizeof(detach) };

	return rtfm_ioctl(app->fd, RTFM_IOC_DETACH, &detach);
}

static inline UNUSED int core_park(struct app *app)
{
	struct rtfm_park park = { .size = sizeof(park) };

	return rtfm_ioctl(app->fd, RTFM_IOC_PARK, &park);
}

static inline UNUSED int core_arm(struct app *app, __u64 instant)
{
	struct rtfm_arm arm = { .size = sizeof(arm), .instant = instant };

	return rtfm_ioctl(app->fd, RTFM_IOC_ARM, &arm);
}

static inline UNUSED int core_kick(struct app *app, __u32 core)
{
	struct rtfm_kick kick = { .size = sizeof(kick), .core = core };

	return rtfm_ioctl(app->fd, RTFM_IOC_KICK, &kick);
}

/*
 * The tag that these tests give to the use of a timer for a job: not the job's
 * cookie, so that a mix-up is seen.
 */
static inline UNUSED __u32 tag_of(__u32 job)
{
	return ~job;
}

static inline UNUSED struct rtfm_submit submission(__u32 timer, __u32 level, __u32 job,
						   __u64 instant)
{
	return (struct rtfm_submit){
		.instant = instant,
		.timer = timer,
		.tag = tag_of(job),
		.level = level,
		.job = job,
	};
}

static inline UNUSED void fill_schedule(struct rtfm_schedule *schedule, __u32 core,
					const struct rtfm_submit *submit)
{
	memset(schedule, 0xcc, sizeof(*schedule));
	schedule->size = sizeof(*schedule);
	schedule->flags = 0;
	schedule->core = core;
	schedule->reserved = 0;
	schedule->submit = *submit;
}

static inline UNUSED int schedule_entry(struct app *app, __u32 core,
					const struct rtfm_submit *submit)
{
	struct rtfm_schedule schedule;

	fill_schedule(&schedule, core, submit);
	return rtfm_ioctl(app->fd, RTFM_IOC_SCHEDULE, &schedule);
}

static inline UNUSED int job_schedule(struct app *app, __u32 core, __u32 timer,
				      __u32 level, __u32 job, __u64 instant)
{
	struct rtfm_submit submit = submission(timer, level, job, instant);

	return schedule_entry(app, core, &submit);
}

static inline UNUSED int job_repeat(struct app *app, __u32 core, __u32 timer,
				    __u32 level, __u32 job, __u64 instant, __u64 period)
{
	struct rtfm_submit submit = submission(timer, level, job, instant);

	submit.period = period;
	return schedule_entry(app, core, &submit);
}

static inline UNUSED int timer_cancel(struct app *app, __u32 core, __u32 timer, __u32 tag)
{
	struct rtfm_cancel cancel = {
		.size = sizeof(cancel), .core = core, .timer = timer, .tag = tag,
	};

	return rtfm_ioctl(app->fd, RTFM_IOC_CANCEL, &cancel);
}

/* Cancel a job that job_schedule() or job_repeat() submitted. */
static inline UNUSED int job_cancel(struct app *app, __u32 core, __u32 timer, __u32 job)
{
	return timer_cancel(app, core, timer, tag_of(job));
}

static inline UNUSED int core_take_in(struct app *app)
{
	struct rtfm_take_in take_in = { .size = sizeof(take_in) };

	return rtfm_ioctl(app->fd, RTFM_IOC_SUBMIT, &take_in);
}

/* The thread's side of the submission ring: false if it is full. */
static inline UNUSED bool ring_put(struct rtfm_ctl *ctl, const struct rtfm_submit *submit)
{
	__u32 tail = ctl->stail;

	/* pairs with the kernel's release of shead */
	if (tail - __atomic_load_n(&ctl->shead, __ATOMIC_ACQUIRE) >= RTFM_SUBMITS)
		return false;
	ctl->submit[tail & (RTFM_SUBMITS - 1)] = *submit;
	/* pairs with the kernel's acquire of stail */
	__atomic_store_n(&ctl->stail, tail + 1, __ATOMIC_RELEASE);
	return true;
}

/* Is RTFM_IOC_SUBMIT needed for an entry that was just put into the ring? */
static inline UNUSED bool ring_needs_take_in(struct rtfm_ctl *ctl, __u64 instant)
{
	/* stail before next: the kernel stores next, then loads stail */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return instant < __atomic_load_n(&ctl->next, __ATOMIC_RELAXED);
}

static inline UNUSED int app_query(struct app *app, __u32 core,
				   struct rtfm_query *query)
{
	memset(query, 0xcc, sizeof(*query));
	query->size = sizeof(*query);
	query->flags = 0;
	query->core = core;
	return rtfm_ioctl(app->fd, RTFM_IOC_QUERY, query);
}

/* Zeroed if the query failed: for counters of an app that is known to live. */
static inline UNUSED struct rtfm_query counters(struct app *app, __u32 core)
{
	struct rtfm_query query;

	if (app_query(app, core, &query))
		memset(&query, 0, sizeof(query));
	return query;
}

static inline UNUSED struct rtfm_job *ring_of(const struct app *app, __u32 core,
					      __u32 level)
{
	const struct rtfm_core_plan *plan = &app->plan[core];
	__u32 below = plan->levels & ((1u << level) - 1);
	__u32 rank = (__u32)__builtin_popcount(below);

	return (struct rtfm_job *)(app->region + plan->ring_offset) +
	       rank * plan->ring_entries;
}

/* The next job of a level: the consumer's side of the kernel's ring. */
static inline UNUSED bool take_job(const struct app *app, __u32 core, __u32 level,
				   struct rtfm_job *job)
{
	struct rtfm_ctl *ctl = ctl_of(app, core);
	__u32 head = ctl->khead[level];

	*job = (struct rtfm_job){ 0 };
	/* pairs with the kernel's release of the tail */
	if (__atomic_load_n(&ctl->ktail[level], __ATOMIC_ACQUIRE) == head)
		return false;
	*job = ring_of(app, core, level)[head & (app->plan[core].ring_entries - 1)];
	/* pairs with the kernel's acquire of the head */
	__atomic_store_n(&ctl->khead[level], head + 1, __ATOMIC_RELEASE);
	return true;
}

/* Read and clear the ready bits: always before the rings are read. */
static inline UNUSED __u64 take_ready(const struct app *app, __u32 core)
{
	struct rtfm_ctl *ctl = ctl_of(app, core);

	return __atomic_exchange_n(&ctl->ready, 0, __ATOMIC_SEQ_CST) |
	       __atomic_exchange_n(&ctl->remote_ready, 0, __ATOMIC_SEQ_CST);
}

static inline UNUSED __u64 ready_of(const struct app *app, __u32 core)
{
	const struct rtfm_ctl *ctl = ctl_of(app, core);

	return __atomic_load_n(&ctl->ready, __ATOMIC_SEQ_CST) |
	       __atomic_load_n(&ctl->remote_ready, __ATOMIC_SEQ_CST);
}

/* Parks until a job of the level is there, at most PATIENCE. */
static inline UNUSED int wait_job(struct app *app, __u32 core, __u32 level,
				  struct rtfm_job *job)
{
	__u64 until = now_ns() + PATIENCE;
	int err;

	*job = (struct rtfm_job){ 0 };
	for (;;) {
		take_ready(app, core);
		if (take_job(app, core, level, job))
			return 0;
		if (now_ns() > until)
			return -ETIMEDOUT;
		/* so that a lost wake-up is a failure and not a hang */
		core_arm(app, until);
		err = core_park(app);
		if (err && err != -EINTR)
			return err;
	}
}

/* A doorbell handler that counts, and records which thread got the signal. */
static volatile sig_atomic_t bells UNUSED;
static volatile pid_t bell_tid UNUSED;

static inline UNUSED void on_bell(int sig)
{
	int saved = errno;

	(void)sig;
	bells++;
	bell_tid = (pid_t)syscall(SYS_gettid);
	errno = saved;
}

static inline UNUSED int catch_bell(int sig)
{
	struct sigaction action = { .sa_handler = on_bell };

	bells = 0;
	return sigaction(sig, &action, NULL) ? -errno : 0;
}

/*
 * Detect a system call: between the two functions, the first one is caught instead of
 * executed. A signal counts, because its handler returns with a system call.
 */
#ifndef PR_SET_SYSCALL_USER_DISPATCH
#define PR_SET_SYSCALL_USER_DISPATCH	59
#define PR_SYS_DISPATCH_ON		1
#endif

static volatile char syscalls_caught UNUSED;
static volatile sig_atomic_t syscalls_seen UNUSED;

static inline UNUSED void on_syscall(int sig)
{
	(void)sig;
	syscalls_caught = 0;
	syscalls_seen++;
}

/* false: not with this kernel, or reading the clock is a system call on this machine */
static inline UNUSED bool catch_syscalls(void)
{
	struct sigaction action = { .sa_handler = on_syscall };

	syscalls_seen = 0;
	if (sigaction(SIGSYS, &action, NULL) ||
	    prctl(PR_SET_SYSCALL_USER_DISPATCH, PR_SYS_DISPATCH_ON, 0, 0, &syscalls_caught))
		return false;
	syscalls_caught = 1;
	now_ns();
	if (!syscalls_seen)
		return true;
	syscalls_seen = 0;
	return false;
}

/* How many there were: 0 or 1 */
static inline UNUSED int end_syscalls(void)
{
	syscalls_caught = 0;
	return syscalls_seen;
}

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
		if (n >= 4 && !memcmp(comm, "rtfm", 4) &&
		    readlink(path, comm, sizeof(comm)) < 0)
			found = true;
	}
	if (proc)
		closedir(proc);
	return found;
}

static inline UNUSED int load_module(int file, const char *parameters)
{
	return syscall(SYS_finit_module, file, parameters, 0) ? -errno : 0;
}

static inline UNUSED int unload_module(void)
{
	return syscall(SYS_delete_module, "rtfm", O_NONBLOCK) ? -errno : 0;
}

/* The file of the module, or -1 */
static inline UNUSED int open_module(void)
{
	static const char * const places[] = { "/lib/rtfm.ko", "/rtfm.ko" };
	const char *path = getenv("RTFM_KO");
	int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	size_t i;

	for (i = 0; file < 0 && i < ARRAY_SIZE(places); i++)
		file = open(places[i], O_RDONLY | O_CLOEXEC);
	return file;
}

/* Loaded, with these parameters, and the node is there. */
static inline UNUSED int reload_module(int file, const char *parameters)
{
	int err;

	if (!WAIT_FOR(read_number("/sys/module/rtfm/refcnt") <= 0))
		return -EBUSY;
	err = access("/sys/module/rtfm", F_OK) ? 0 : unload_module();
	err = err ?: load_module(file, parameters);
	if (!err && !WAIT_FOR(!access(DEVICE, F_OK)))
		err = -ENODEV;
	return err;
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
 * The remains of an app as text, or NULL if there are none. The end may take a moment: it
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

#define EXPECT_NOTHING_LEFT() do {			\
	const char *_left = leftovers();		\
	EXPECT_EQ(NULL, _left) {			\
		TH_LOG("left behind: %s", _left);	\
	}						\
} while (0)

/* The exit code of a child, or 128 + its signal. -1: of any child. */
static inline UNUSED int reap(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) < 0)
		return -errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

#endif /* RTFM_TEST_H */
