// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Where an app runs: the CPU and the priority of each core, from the CPUs that the process
 * may use, and from the environment. Each case is a child with an affinity and an
 * environment of its own, and perhaps a seccomp filter.
 */
#include "tap.h"
#include <dirent.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define PLACEMENT(core, resource, task)					\
	core(0, init)							\
	task(look0, priority(1), remote)				\
	task(end, priority(1), remote)					\
	core(1, init)							\
	task(look1, priority(1), remote)
RTFM_APP(PLACEMENT);

#define LITTLE	1024		/* CPUs of a cpu_set_t */
#define NOBODY	65534
#define GROUP	4242

struct where {
	int cpu;
	int ncpus;
	int policy;
	int priority;
	int blocked;		/* signals */
};

static struct answer {
	int status;
	struct where core[2];
	struct where thread, child;	/* made by core 1's task */
	struct where vchild, core_after; /* of vfork(), and the task after it */
	int helper;			/* the CPU of core 1's timekeeper, -1: it has several */
	int before, after;		/* CPUs that the caller may use */
	char error[1500];
	char text[4096];		/* on stderr */
} answer;

static bool move_core;		/* in the middle, to CPU 1 */
static bool look_at_helper;	/* of core 1 */

static int count_cpus(void)
{
	unsigned long set[1024] = { 0 };
	size_t i;
	int n = 0;

	if (syscall(SYS_sched_getaffinity, 0, sizeof(set), set) < 0)
		return -1;
	for (i = 0; i < ARRAY_SIZE(set); i++)
		n += __builtin_popcountl(set[i]);
	return n;
}

static struct where look(void)
{
	struct where where = { .cpu = sched_getcpu(), .ncpus = count_cpus() };
	struct sched_param param = { 0 };
	sigset_t set;
	int sig;

	where.policy = (int)syscall(SYS_sched_getscheduler, 0) & ~SCHED_RESET_ON_FORK;
	syscall(SYS_sched_getparam, 0, &param);
	where.priority = param.sched_priority;
	pthread_sigmask(SIG_BLOCK, NULL, &set);
	for (sig = 1; sig < 65; sig++)
		where.blocked += sigismember(&set, sig) == 1;
	return where;
}

static void *thread(void *arg)
{
	int *ordinary = arg;

	*ordinary = rtfm_ordinary();
	answer.thread = look();
	return NULL;
}

static void make_thread(void)
{
	int ordinary = -1;
	pthread_t made;

	if (pthread_create(&made, NULL, thread, &ordinary) || pthread_join(made, NULL) || ordinary)
		answer.thread.cpu = -1;
}

static void make_child(void)
{
	int out[2] = { -1, -1 };
	pid_t pid;

	if (pipe(out))
		return;
	pid = fork();
	if (!pid) {
		struct where where = look();

		_exit(write(out[1], &where, sizeof(where)) != (ssize_t)sizeof(where));
	}
	close(out[1]);
	if (read(out[0], &answer.child, sizeof(answer.child)) != (ssize_t)sizeof(answer.child))
		answer.child.cpu = -1;
	close(out[0]);
	waitpid(pid, NULL, 0);
}

/* It shares the memory, so it can write its result there. */
static void make_vfork_child(void)
{
	pid_t pid = vfork();

	if (!pid) {
		if (!rtfm_ordinary())
			answer.vchild = look();
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	answer.core_after = look();
}

/* The CPU that a thread of this process may use, -1 if it has several. */
static int only_cpu(pid_t tid)
{
	unsigned long set[1024] = { 0 };
	size_t i;
	int cpu = -1;

	if (syscall(SYS_sched_getaffinity, tid, sizeof(set), set) < 0)
		return -1;
	for (i = 0; i < 8 * sizeof(set); i++) {
		if (!(set[i / 64] >> i % 64 & 1))
			continue;
		if (cpu >= 0)
			return -1;
		cpu = (int)i;
	}
	return cpu;
}

/* Its name is the truncated name of the list, and "/time 1". */
static int find_helper(void)
{
	DIR *tasks = opendir("/proc/self/task");
	char path[300], name[32];
	struct dirent *task;
	int cpu = -2;

	while (tasks && (task = readdir(tasks))) {
		FILE *file;

		snprintf(path, sizeof(path), "/proc/self/task/%s/comm", task->d_name);
		file = fopen(path, "re");
		if (!file)
			continue;
		if (fgets(name, sizeof(name), file) && strstr(name, "/time 1"))
			cpu = only_cpu(atoi(task->d_name));
		fclose(file);
	}
	if (tasks)
		closedir(tasks);
	return cpu;
}

RTFM_INIT(0)
{
	rtfm_unwrap(rtfm_spawn(look0));
}

RTFM_INIT(1)
{
}

RTFM_TASK(look0)
{
	answer.core[0] = look();
	rtfm_unwrap(rtfm_spawn(look1));
}

RTFM_TASK(look1)
{
	static bool again;
	cpu_set_t set;

	if (move_core && !again) {
		again = true;
		CPU_ZERO(&set);
		CPU_SET(0, &set);
		syscall(SYS_sched_setaffinity, 0, sizeof(set), &set);
		/* the core notices when it has nothing to do */
		rtfm_unwrap(rtfm_schedule(look1, rtfm_now() + AHEAD));
		return;
	}
	answer.core[1] = look();
	if (look_at_helper)
		answer.helper = find_helper();
	make_thread();
	make_child();
	make_vfork_child();
	rtfm_unwrap(rtfm_spawn(end));
}

RTFM_TASK(end)
{
	rtfm_exit(17);
}

/* ---- the children ------------------------------------------------------ */

/* Let a system call fail with an error if its argument @nr is below @below. */
static void refuse(unsigned int call, int nr, unsigned int below, int err)
{
	const size_t at = offsetof(struct seccomp_data, args) + 8 * (size_t)nr;
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (unsigned int)at),
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, below, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned int)err),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { ARRAY_SIZE(filter), filter };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		_exit(96);
}

/* seccomp(2): a kernel without filters does not read the pointer. */
static bool can_refuse(void)
{
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, NULL) && errno == EFAULT;
}

/* As on a kernel with more possible CPUs than a cpu_set_t has. */
static void many_cpus(void)
{
	refuse(SYS_sched_getaffinity, 1, LITTLE / 8 + 1, EINVAL);
}

/* As with RLIMIT_SIGPENDING used up: engine soft has timekeepers instead. */
static void no_timers(void)
{
	refuse(SYS_timer_create, 0, ~0u, EAGAIN);
}

static void no_scheduler(void)
{
	refuse(SYS_sched_setscheduler, 0, ~0u, EPERM);
}

/* Not a member of the group that may open the device */
static void be_nobody(void)
{
	if (setresgid(NOBODY, NOBODY, NOBODY) || setresuid(NOBODY, NOBODY, NOBODY))
		_exit(94);
}

/* Still uid 0 */
static void no_capabilities(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[2] = { { 0 } };
	struct rlimit zero = { 0, 0 };

	setrlimit(RLIMIT_RTPRIO, &zero);
	setrlimit(RLIMIT_MEMLOCK, &zero);
	if (syscall(SYS_capset, &header, none))
		_exit(95);
}

struct setting {
	const char *cpus;	/* of RTFM_CPUS, NULL: not set */
	const char *priority;
	const char *realtime;
	int only;		/* the caller may use this CPU alone; -1: all */
	void (*before)(void);
};

static void child(int out, const struct setting *setting)
{
	cpu_set_t set;

	alarm(40);
	CPU_ZERO(&set);
	CPU_SET(setting->only < 0 ? 0 : setting->only, &set);
	if (setting->only >= 0 && sched_setaffinity(0, sizeof(set), &set))
		_exit(97);
	if (setting->cpus)
		setenv("RTFM_CPUS", setting->cpus, 1);
	if (setting->priority)
		setenv("RTFM_PRIORITY", setting->priority, 1);
	if (setting->realtime)
		setenv("RTFM_REALTIME", setting->realtime, 1);
	if (setting->before)
		setting->before();
	answer.before = count_cpus();
	answer.status = rtfm_run(&rtfm_app, NULL);
	answer.after = count_cpus();
	if (answer.status < 0)
		snprintf(answer.error, sizeof(answer.error), "%s", rtfm_error());
	_exit(write(out, &answer, sizeof(answer)) != (ssize_t)sizeof(answer));
}

static size_t read_all(int fd, void *to, size_t size)
{
	size_t at = 0;
	ssize_t n;

	while (at < size && (n = read(fd, (char *)to + at, size - at)) > 0)
		at += (size_t)n;
	return at;
}

static bool ask(const struct setting *setting)
{
	char text[sizeof(answer.text)] = "";
	int out[2], err[2], status = -1;
	pid_t pid;

	memset(&answer, 0, sizeof(answer));
	if (pipe(out) || pipe(err))
		return false;
	fflush(stdout);
	pid = fork();
	if (!pid) {
		dup2(err[1], 2);
		child(out[1], setting);
	}
	close(out[1]);
	close(err[1]);
	read_all(out[0], &answer, sizeof(answer));
	read_all(err[0], text, sizeof(text) - 1);
	close(out[0]);
	close(err[0]);
	waitpid(pid, &status, 0);
	memcpy(answer.text, text, sizeof(text));
	if (status)
		printf("# the child ended with %#x: %s\n", (unsigned int)status, text);
	return !status;
}

static void ok_answer(bool good, const char *name)
{
	int c;

	if (ok(good, "%s", name))
		return;
	printf("# status %d, error \"%s\", CPUs before %d, after %d, stderr: %s\n", answer.status,
	       answer.error, answer.before, answer.after, answer.text);
	for (c = 0; c < 2; c++)
		printf("# core %d: CPU %d of %d, policy %d, priority %d\n", c, answer.core[c].cpu,
		       answer.core[c].ncpus, answer.core[c].policy, answer.core[c].priority);
}

static bool ran_on(int first, int second)
{
	return answer.status == 17 && answer.core[0].cpu == first && answer.core[0].ncpus == 1 &&
	       answer.core[1].cpu == second && answer.core[1].ncpus == 1;
}

static bool says(const char *words)
{
	return strstr(answer.error, words) || strstr(answer.text, words);
}

static bool is_ordinary(const struct where *where)
{
	return where->cpu >= 0 && where->ncpus == answer.before && where->policy == SCHED_OTHER &&
	       !where->blocked;
}

static void cpus(void)
{
	bool asked;

	asked = ask(&(struct setting){ .only = -1 });
	ok_answer(asked && ran_on(0, 1), "core n is on the n-th CPU");
	ok_answer(is_ordinary(&answer.thread), "a thread that a core makes can be ordinary");
	ok_answer(is_ordinary(&answer.child), "a child of a core is ordinary");
	ok_answer(is_ordinary(&answer.vchild), "a child of vfork() can be ordinary");
	ok_answer(!memcmp(&answer.core_after, &answer.core[1], sizeof(answer.core_after)),
		  "and its parent remains what it was");
	ok_answer(answer.after == answer.before, "the caller's CPUs are put back");

	asked = ask(&(struct setting){ .only = 1 });
	ok_answer(asked && ran_on(1, 1) && says("2 cores share 1 CPU"),
		  "cores share the only CPU that the process may use, and say so");
	ok_answer(answer.after == 1, "the caller's CPU is put back");

	asked = ask(&(struct setting){ .only = 1, .realtime = "require" });
	ok_answer(asked && answer.status == -EPERM && says("2 cores share 1 CPU"),
		  "if real time is required they do not");

	asked = ask(&(struct setting){ .only = -1, .cpus = "1,0" });
	ok_answer(asked && ran_on(1, 0), "RTFM_CPUS: a list, in its order");

	asked = ask(&(struct setting){ .only = -1, .cpus = "1,0-9" });
	ok_answer(asked && ran_on(1, 0), "RTFM_CPUS: a range, and more than are needed");

	asked = ask(&(struct setting){ .only = -1, .cpus = "1,1" });
	ok_answer(asked && ran_on(1, 1) && !says("share"),
		  "RTFM_CPUS: one CPU is shared on purpose");

	asked = ask(&(struct setting){ .only = -1, .cpus = "1" });
	ok_answer(asked && answer.status == -EINVAL && says("1 CPUs for 2 cores"),
		  "RTFM_CPUS: too few");

	asked = ask(&(struct setting){ .only = -1, .cpus = "0,x" });
	ok_answer(asked && answer.status == -EINVAL && says("RTFM_CPUS=0,x"), "RTFM_CPUS: no list");

	asked = ask(&(struct setting){ .only = -1, .cpus = "0,60000" });
	ok_answer(asked && says("core 1") && says("CPU 60000") && says("no such CPU") &&
		  answer.status == (asked_for("kmod") ? -EINVAL : 17),
		  "a CPU that does not exist: the core and the CPU are named");
}

static void other_kernels(void)
{
	const char *name = "more possible CPUs than a cpu_set_t has: pinned, and put back";
	bool asked;

	if (!can_refuse()) {
		ok_skip(name, "this kernel has no seccomp filters");
		return;
	}
	asked = ask(&(struct setting){ .only = -1, .before = many_cpus });
	ok_answer(asked && ran_on(0, 1) && answer.after == answer.before && answer.before > 1,
		  name);
}

static void help(void)
{
	bool asked;

	setenv("RTFM_HELP", "1", 1);
	asked = ask(&(struct setting){ .only = -1 });
	ok_answer(asked && answer.status == -ECANCELED && says("\nRTFM_ENGINE") &&
		  says("\nRTFM_CPUS") && says("\nRTFM_DELIVERY"), "RTFM_HELP lists the variables");
	unsetenv("RTFM_HELP");
}

static void follow(void)
{
	bool asked;

	move_core = true;
	asked = ask(&(struct setting){ .only = -1 });
	ok_answer(asked && ran_on(0, 0) && says("core 1 lost CPU 1") && says("on CPU 0 now"),
		  "a core that was moved follows, and says so");
	if (asked_for("soft") && can_refuse()) {
		look_at_helper = true;
		asked = ask(&(struct setting){ .only = -1, .before = no_timers });
		ok_answer(asked && ran_on(0, 0) && answer.helper == 0,
			  "and so does its timekeeper");
		look_at_helper = false;
	}
	move_core = false;
}

static bool fifo(int core, int priority)
{
	return answer.core[core].policy == (priority ? SCHED_FIFO : SCHED_OTHER) &&
	       answer.core[core].priority == priority;
}

static void fifo_priorities(void)
{
	bool asked;

	asked = ask(&(struct setting){ .only = -1, .priority = "99" });
	ok_answer(asked && answer.status == -EINVAL && says("RTFM_PRIORITY=99"),
		  "RTFM_PRIORITY: too high");

	asked = ask(&(struct setting){ .only = -1, .priority = "5,6", .realtime = "off" });
	ok_answer(asked && answer.status == 17 && fifo(0, 0) && fifo(1, 0) && !*answer.text,
		  "RTFM_PRIORITY does not matter with RTFM_REALTIME=off");

	asked = ask(&(struct setting){ .only = -1, .priority = "7" });
	if (asked && answer.status == 17 && says("SCHED_FIFO")) {
		ok_skip("priorities of cores", "no right to SCHED_FIFO");
		return;
	}
	ok_answer(asked && answer.status == 17 && fifo(0, 7) && fifo(1, 7),
		  "RTFM_PRIORITY: one for all cores");

	asked = ask(&(struct setting){ .only = -1, .priority = "none,9" });
	ok_answer(asked && answer.status == 17 && fifo(0, 0) && fifo(1, 9) && !says("SCHED_FIFO"),
		  "RTFM_PRIORITY: one for each core, of which one is not real-time");
}

static void opens(void)
{
	struct stat old;
	bool asked;

	if (getuid() || stat("/dev/rtfm", &old) || chown("/dev/rtfm", 0, GROUP) ||
	    chmod("/dev/rtfm", 0660)) {
		ok_skip("who may open the device", "not root, or there is none");
		return;
	}
	asked = ask(&(struct setting){ .only = -1, .before = be_nobody });
	ok_answer(asked && answer.status == -EACCES && says("group 4242") && says("0660"),
		  "the device may not be opened: its group is named");
	setenv("RTFM_ENGINE", "auto", 1);
	asked = ask(&(struct setting){ .only = -1, .before = be_nobody });
	ok_answer(asked && answer.status == 17 && says("engine soft, not kmod") &&
		  says("group 4242"), "engine auto says so, too");
	setenv("RTFM_ENGINE", "kmod", 1);
	if (chown("/dev/rtfm", old.st_uid, old.st_gid) || chmod("/dev/rtfm", old.st_mode & 07777))
		ok(false, "the device is as it was");
}

/* The sanitizers' mlockall() does nothing, and succeeds. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define MLOCK_IS_IGNORED true
#else
#define MLOCK_IS_IGNORED false
#endif

static void reasons(void)
{
	bool asked;

	if (asked_for("kmod")) {
		opens();
		return;
	}
	if (getuid()) {
		ok_skip("reasons", "not root");
		return;
	}
	asked = ask(&(struct setting){ .only = -1, .before = no_capabilities });
	ok_answer(asked && answer.status == 17 && says("core 0: SCHED_FIFO 1 ") &&
		  says("no CAP_SYS_NICE") && (MLOCK_IS_IGNORED || says("no CAP_IPC_LOCK")) &&
		  says("1 other core"),
		  "uid 0 without capabilities: the capabilities are named");

	if (!can_refuse()) {
		ok_skip("a seccomp filter is named", "this kernel has no seccomp filters");
		return;
	}
	asked = ask(&(struct setting){ .only = -1, .before = no_scheduler });
	ok_answer(asked && answer.status == 17 && says("SCHED_FIFO") && says("seccomp"),
		  "a seccomp filter is named");
}

int main(void)
{
	tap_begin(200);
	need_cpus(2);
	unsetenv("RTFM_CPUS");
	unsetenv("RTFM_PRIORITY");
	unsetenv("RTFM_REALTIME");
	cpus();
	other_kernels();
	help();
	follow();
	fifo_priorities();
	reasons();
	return tap_end();
}
