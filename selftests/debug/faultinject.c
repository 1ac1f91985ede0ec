// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Every allocation, and every copy to and from user space, of every system call in the life
 * of an app is made to fail once: /proc/thread-self/fail-nth, for N = 1, 2, ... until the
 * call returns before its Nth allocation or copy. Each time
 *
 *	- the call succeeds, or returns an error that it may return;
 *	- a call that failed has changed nothing: the same call then succeeds;
 *	- the app can be ended, and nothing of it remains.
 *
 * Then allocations for doorbells are made to fail in hard irq: the doorbells still arrive.
 * Needs CONFIG_FAILSLAB, FAIL_PAGE_ALLOC and FAULT_INJECTION_DEBUG_FS.
 */
#include "debug.h"

#define LEVEL	3u
#define DEBUGFS	"/sys/kernel/debug/"
#define MOST	2000	/* faults in one call: there is no end if we get there */

/* ---- the faults ---- */

static __thread int nth_fd = -1;

/* The next system call's N-th, counting from here */
static void arm_fault(unsigned int n)
{
	char text[16];
	ssize_t len = snprintf(text, sizeof(text), "%u", n);

	if (pwrite(nth_fd, text, (size_t)len, 0) != len)
		exit(EXIT_FAIL);
}

/* Has it happened? If not, it does not any more. */
static bool fault_was_due(void)
{
	char text[16] = "";
	/* what counts down fails this very copy, if it stands at 1 */
	bool due = pread(nth_fd, text, sizeof(text) - 1, 0) > 0 && !atoi(text);

	while (pwrite(nth_fd, "0", 1, 0) != 1)
		;
	return due;
}

/* Quietly, of any size, whether it might wait or not */
static bool prepare_faults(void)
{
	static const char * const attributes[] = {
		"failslab", "fail_page_alloc", "fail_usercopy", "fail_futex",
	};
	char path[128];
	size_t i;

	if (access("/proc/self/fail-nth", W_OK) || access(DEBUGFS "failslab", X_OK) ||
	    access(DEBUGFS "fail_page_alloc", X_OK))
		return false;
	for (i = 0; i < ARRAY_SIZE(attributes); i++) {
		static const char * const settings[][2] = {
			{ "verbose", "0" }, { "ignore-gfp-wait", "N" },
			{ "ignore-gfp-highmem", "N" }, { "min-order", "0" },
		};
		size_t j;

		for (j = 0; j < ARRAY_SIZE(settings); j++) {
			snprintf(path, sizeof(path), DEBUGFS "%s/%s", attributes[i],
				 settings[j][0]);
			write_text(path, settings[j][1]);
		}
	}
	return true;
}

/* ---- the life of an app ---- */

static struct {
	uint32_t ncores, levels, timers;
} shape;

static struct app app;
static char *second;
static int spare = -1, far = -1, pipes[2];
static int fifo;

/* Filling in the rest of a struct must not fail: command() is only the system call. */
static int s_open(void)
{
	return app_open(&app);
}

static int s_query(void)
{
	struct rtfm_query query;

	return app_query(app.fd, 0, &query);
}

static int s_setup(void)
{
	return app_setup(&app, shape.ncores, shape.levels, shape.timers);
}

static int s_map(void)
{
	return app_map(&app);
}

static int s_map_again(void)
{
	void *at = mmap(NULL, app.bytes, PROT_READ | PROT_WRITE, MAP_SHARED, app.fd, 0);

	if (at == MAP_FAILED)
		return -errno;
	second = at;
	return 0;
}

static int s_unmap_one(void)
{
	if (munmap(second, app.bytes))
		return -errno;
	second = NULL;
	return 0;
}

/* No upcalls: they need no memory, and would find the region moved. */
static int s_attach(void)
{
	struct rtfm_attach attach = {
		.size = sizeof(attach), .doorbell = (uint32_t)BELL, .fifo_priority = (uint32_t)fifo,
	};

	return command(app.fd, RTFM_IOC_ATTACH, &attach);
}

static struct rtfm_submit entry(uint32_t timer, uint64_t instant)
{
	return (struct rtfm_submit) {
		.instant = instant, .timer = timer, .tag = 7, .level = LEVEL, .job = timer,
	};
}

static int s_schedule(void)
{
	struct rtfm_submit s = entry(0, INSTANT_MAX);

	return job_schedule(app.fd, 0, &s);
}

static int s_schedule_past(void)
{
	struct rtfm_submit s = entry(1, 1);

	return job_schedule(app.fd, 0, &s);
}

static int s_schedule_periodic(void)
{
	struct rtfm_submit s = entry(2, now_ns());

	s.period = 10 * MSEC;
	return job_schedule(app.fd, 0, &s);
}

static int s_submit(void)
{
	struct rtfm_submit s = entry(3, INSTANT_MAX);
	bool now;

	/* the retry finds its entry taken in, or adds one that is refused */
	put_submit(&app, 0, &s, &now);
	return core_take_in(app.fd);
}

static int s_cancel(void)
{
	return job_cancel(app.fd, 0, 0, 7);
}

static int s_arm(void)
{
	return core_arm(app.fd, now_ns() + 100 * USEC);
}

static int s_park(void)
{
	return core_park(app.fd);
}

static int s_kick(void)
{
	return core_kick(app.fd, 0);
}

static int s_detach(void)
{
	return core_detach(app.fd);
}

static int s_dup(void)
{
	spare = dup(app.fd);
	return spare < 0 ? -errno : 0;
}

/* Kept: to close it is the end of the app. Far away: the table of descriptors grows. */
static int s_dup_far(void)
{
	far = fcntl(app.fd, F_DUPFD_CLOEXEC, 600);
	return far < 0 ? -errno : 0;
}

static int s_fork(void)
{
	pid_t child = (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);

	if (!child)
		_exit(0);
	if (child < 0)
		return -errno;
	return waitpid(child, NULL, 0) == child ? 0 : -ECHILD;
}

static int s_dofork(void)
{
	return madvise(app.region, app.bytes, MADV_DOFORK) ? -errno : 0;
}

static int s_protect(void)
{
	return mprotect(app.region, app.bytes, PROT_READ | PROT_WRITE) ? -errno : 0;
}

static int s_move(void)
{
	void *to = mmap(NULL, app.bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	void *at = MAP_FAILED;
	int err = 0;

	if (to != MAP_FAILED)
		at = mremap(app.region, app.bytes, app.bytes, MREMAP_MAYMOVE | MREMAP_FIXED, to);
	if (at == MAP_FAILED) {
		err = -errno;
	} else {
		/* without memory to unmap the old place the kernel leaves it, and says nothing */
		while (munmap(app.region, app.bytes))
			;
		app.region = at;
	}
	if (err && to != MAP_FAILED)
		munmap(to, app.bytes);
	return err;
}

static int s_affinity(void)
{
	return pin_to(0);
}

static int s_pipe(void)
{
	if (pipe(pipes))
		return -errno;
	close(pipes[0]);
	close(pipes[1]);
	return 0;
}

static int s_send(void)
{
	char control[CMSG_SPACE(sizeof(int))] __attribute__((aligned(8))) = "", byte = 'x';
	struct iovec iov = { &byte, 1 };
	struct msghdr message = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&message);
	int sockets[2], err;

	if (socketpair(AF_UNIX, SOCK_DGRAM, 0, sockets))
		return -errno;
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &app.fd, sizeof(app.fd));
	err = sendmsg(sockets[0], &message, MSG_DONTWAIT) == 1 ? 0 : -errno;
	close(sockets[0]);
	close(sockets[1]);
	return err;
}

static int s_unmap(void)
{
	if (munmap(app.region, app.bytes))
		return -errno;
	app.region = NULL;
	return 0;
}

/* Never fails, and does all that it has to. */
static int s_close(void)
{
	int fd = app.fd;

	app.fd = -1;
	return close(fd) ? -errno : 0;
}

enum { SURE, MEMORY = 1, PROCESS = 2, WRITTEN = 4 };

/**
 * struct step - one system call of the life of an app
 * @name: of the call
 * @run: makes it
 * @answers: what may fail about it: memory, a process, or nothing; if its answer
 *	     cannot be written, it is done all the same
 */
static const struct step {
	const char *name;
	int (*run)(void);
	int answers;
} life[] = {
	{ "open", s_open, MEMORY },
	{ "QUERY before SETUP", s_query, MEMORY },
	{ "SETUP", s_setup, MEMORY | WRITTEN },
	{ "QUERY", s_query, MEMORY },
	{ "mmap", s_map, MEMORY },
	{ "mmap again", s_map_again, MEMORY },
	{ "ATTACH", s_attach, MEMORY | PROCESS | WRITTEN },
	{ "SCHEDULE", s_schedule, MEMORY },
	{ "SCHEDULE for now", s_schedule_past, MEMORY },
	{ "SCHEDULE periodic", s_schedule_periodic, MEMORY },
	{ "dup", s_dup, MEMORY },
	{ "SUBMIT", s_submit, MEMORY },
	{ "fork", s_fork, MEMORY | PROCESS },
	{ "ARM", s_arm, MEMORY },
	{ "PARK", s_park, MEMORY },
	{ "KICK", s_kick, MEMORY },
	{ "sched_setaffinity", s_affinity, MEMORY },
	{ "CANCEL", s_cancel, MEMORY },
	{ "fcntl", s_dup_far, MEMORY },
	{ "madvise", s_dofork, MEMORY },
	{ "fork with the region", s_fork, MEMORY | PROCESS },
	{ "mprotect", s_protect, MEMORY },
	{ "mremap", s_move, MEMORY },
	{ "pipe", s_pipe, MEMORY },
	{ "sendmsg", s_send, MEMORY },
	{ "QUERY of the attached", s_query, MEMORY },
	{ "munmap of one", s_unmap_one, MEMORY },
	{ "DETACH", s_detach, MEMORY },
	{ "ATTACH again", s_attach, MEMORY | PROCESS | WRITTEN },
	{ "munmap", s_unmap, MEMORY },
	{ "close", s_close, SURE },
};

static bool may_answer(const struct step *step, int err)
{
	switch (-err) {
	case ENOMEM:
	case EFAULT:
		return step->answers & (MEMORY | PROCESS);
	case ENOBUFS: /* sendmsg, socketpair */
		return step->run == s_send;
	case ENFILE:
	case EMFILE:
		return step->run == s_open || step->run == s_pipe || step->run == s_send ||
		       step->run == s_dup || step->run == s_dup_far;
	case EAGAIN:
	case EINTR:
		return step->answers & PROCESS;
	default:
		return false;
	}
}

static void end_app(void)
{
	if (spare >= 0)
		close(spare);
	if (far >= 0)
		close(far);
	spare = far = -1;
	if (second)
		munmap(second, app.bytes);
	second = NULL;
	app_stop(&app);
	if (fifo)
		sched_setscheduler(0, SCHED_OTHER, &(struct sched_param) { 0 });
}

/* A new app, as far as this step; no faults. */
static bool live_until(size_t until)
{
	size_t i;
	int err;

	app.fd = -1;
	for (i = 0; i < until; i++) {
		err = life[i].run();
		if (err) {
			note("%s, without a fault: %s", life[i].name, strerror(-err));
			end_app();
			return false;
		}
	}
	return true;
}

static unsigned long injections, failures, ended_by_mmap, unwritten;

/* The step failed: has it changed anything? True if not. */
static bool nothing_changed(const struct step *step, int err)
{
	int again = step->run();

	if (!again)
		return true;
	/* done, but the result could not be written: happens only if it is unmapped meanwhile */
	if (step->answers & WRITTEN && err == -EFAULT && again == -EBUSY) {
		unwritten++;
		return true;
	}
	/*
	 * The kernel may take back a mapping that the driver has made already. That
	 * is an unmap to the driver, and if there is no other, the end.
	 */
	if (step->run == s_map && again == -ESHUTDOWN) {
		ended_by_mmap++;
		return true;
	}
	note("%s answered %s, and then %s", step->name, strerrorname_np(-err),
	     strerrorname_np(-again));
	return false;
}

/* All faults of one step. False if something is wrong. */
static bool sweep_step(size_t at)
{
	const struct step *step = &life[at];
	unsigned long before = injections, failed = 0;
	unsigned int n;
	bool good = true;

	for (n = 1; n <= MOST; n++) {
		bool due;
		int err;

		if (!live_until(at))
			return false;
		arm_fault(n);
		err = step->run();
		due = fault_was_due();
		if (!due && err) {
			note("%s, fault %u not reached: %s", step->name, n, strerror(-err));
			good = false;
		}
		if (due && err) {
			failed++;
			if (!may_answer(step, err)) {
				note("%s, fault %u: %s", step->name, n, strerror(-err));
				good = false;
			}
			good &= nothing_changed(step, err);
		}
		injections += due;
		end_app();
		if (read_number("/sys/module/rtfm/refcnt") > 0 &&
		    !WAIT_FOR(read_number("/sys/module/rtfm/refcnt") <= 0)) {
			note("%s, fault %u: the module is held", step->name, n);
			return false;
		}
		if (!due)
			break;
	}
	failures += failed;
	note("%-24s %lu faults, %lu failures", step->name, injections - before, failed);
	return good && n <= MOST;
}

static void *sweep(void *arg)
{
	bool *good = arg;
	size_t i;

	pin_to(0);
	nth_fd = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	if (nth_fd < 0)
		return NULL;
	for (i = 0; i < ARRAY_SIZE(life); i++) {
		uint64_t begun = now_ns();
		bool fine = sweep_step(i);

		*good &= fine;
		if (!fine)
			note("%s is not as it should be (%llu ms)", life[i].name,
			     (unsigned long long)((now_ns() - begun) / MSEC));
	}
	close(nth_fd);
	return arg;
}

/* kmemleak does not track pages: a leak of them would show as much less free memory. */
static long long free_mib(void)
{
	return (long long)sysconf(_SC_AVPHYS_PAGES) * sysconf(_SC_PAGESIZE) >> 20;
}

#define LOST_MIB 64

static void sweep_shape(const char *name, uint32_t ncores, uint32_t levels, uint32_t timers,
			bool in_thread)
{
	unsigned long before = injections;
	long long had, has;
	sigset_t set;
	pthread_t thread;
	bool good = true, *ran = NULL;

	if (!wanted(name))
		return;
	shape.ncores = ncores;
	shape.levels = levels;
	shape.timers = timers;
	fifo = in_thread ? 0 : 10; /* one with, one without */
	/* once without faults, so that what libc does once has been done */
	pin_to(0);
	/* a signal's frame is copied too: that must not fail here */
	sigfillset(&set);
	sigdelset(&set, SIGALRM);
	pthread_sigmask(SIG_SETMASK, &set, NULL);
	if (live_until(ARRAY_SIZE(life))) {
		end_app();
		had = free_mib();
		if (in_thread) {
			if (!pthread_create(&thread, NULL, sweep, &good))
				pthread_join(thread, (void **)&ran);
		} else {
			ran = sweep(&good);
		}
		has = free_mib();
		note("%s: %lld MiB were free, %lld are", name, had, has);
		ok(has > had - LOST_MIB, "%s: no pages are lost", name);
	}
	ok(ran && good, "%s: every fault of every call, %lu", name, injections - before);
	ok_nothing_left(name);
}

/* ---- doorbells ---- */

static volatile int bell_code;
static volatile sig_atomic_t rung;

static void on_ring(int sig, siginfo_t *info, void *context)
{
	bell_code = info->si_code;
	rung++;
}

/* Rings the bell of a spinning thread. */
static bool ring(void)
{
	uint64_t until = now_ns() + PATIENCE;

	rung = 0;
	take_ready(&app, 0);
	if (core_arm(app.fd, now_ns() + 500 * USEC))
		return false;
	while (!rung && now_ns() < until)
		;
	return rung;
}

/* Since 5.8 that is for the kernel's command line to say: slub_debug=A,sigqueue. */
#define SLAB "/sys/kernel/slab/sigqueue/failslab"

static void run_doorbells(void)
{
	struct sigaction action = { .sa_sigaction = on_ring, .sa_flags = SA_SIGINFO };
	struct sigaction before;
	int err;
	unsigned long i, n = 20, came = 0, without = 0;
	sigset_t set;

	if (!wanted("doorbells"))
		return;
	if (read_number(SLAB) != 1) {
		ok_skip("doorbells without memory", "boot with slub_debug=A,sigqueue");
		return;
	}
	sigemptyset(&set);
	pthread_sigmask(SIG_SETMASK, &set, NULL);
	sigaction(BELL, &action, &before);
	pin_to(0);
	if (app_start(&app, 1, 1u << LEVEL, 4) || s_attach()) {
		ok(false, "doorbells: attach");
		return;
	}
	err = write_text(DEBUGFS "failslab/cache-filter", "Y");
	/* -1, without a limit, is not accepted by every kernel */
	err = err ?: write_text(DEBUGFS "failslab/times", "1000000");
	err = err ?: write_text(DEBUGFS "failslab/probability", "100");
	if (err)
		note("doorbells: cannot set it up: %s", strerror(-err));
	for (i = 0; i < n; i++) {
		came += ring();
		without += bell_code == SI_USER;
	}
	write_text(DEBUGFS "failslab/probability", "0");
	write_text(DEBUGFS "failslab/cache-filter", "N");
	ok(came == n, "doorbells: %lu of %lu came", came, n);
	/* a signal whose memory could not be had has lost where it came from */
	ok(without || read_number("/sys/kernel/realtime") == 1,
	   "doorbells: %lu of them without memory", without);
	app_stop(&app);
	sigaction(BELL, &before, NULL);
	ok_nothing_left("doorbells");
}

/*
 * A thread whose rseq area is not there when it comes back from the kernel is killed, and
 * after a fork that is a page to be copied: do without.
 */
static void without_rseq(char **argv)
{
	static const char tunable[] = "glibc.pthread.rseq=0";
	const char *tunables = getenv("GLIBC_TUNABLES");

	if (tunables && strstr(tunables, tunable)) {
		/* the log calls it what it is called, not exe */
		prctl(PR_SET_NAME, "faultinject");
		return;
	}
	setenv("GLIBC_TUNABLES", tunable, 1);
	execv("/proc/self/exe", argv);
}

int main(int argc, char **argv)
{
	unsigned long least = 300;

	without_rseq(argv);

	begin("faultinject", 0);
	if (!prepare_faults())
		skip_all("no fault injection here: CONFIG_FAILSLAB, CONFIG_FAIL_PAGE_ALLOC");
	alarm((unsigned int)env_number("RTFM_SECONDS", 600));
	catch_bells();
	sweep_shape("small", 1, 1u << LEVEL, 4, false);
	sweep_shape("thread", 1, 1u << LEVEL, 4, true);
	sweep_shape("large", 4, 0xfffffffe, 512, false);
	note("%lu faults, %lu failures", injections, failures);
	note("%lu first mappings were taken back by the kernel: the end", ended_by_mmap);
	note("%lu answers could not be written", unwritten);
	if (!getenv("RTFM_ONLY"))
		ok(injections >= least, "at least %lu faults", least);
	run_doorbells();
	return tap_end();
}
