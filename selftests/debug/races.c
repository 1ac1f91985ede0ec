// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Ends that race with each other: of an app, of its process, of the module. Meanwhile timers
 * expire, threads are redirected, signalled and parked, and system calls are in progress.
 *
 *	rounds	close, ioctl, mmap, munmap, timer, upcall at the same time, 100,000
 *	kills	SIGKILL of an app at any instruction, 1,000
 *	modules	insmod and rmmod, with everything that may use the module, 100
 */
#include "debug.h"

#include <linux/futex.h>

#define LEVEL	5u
#define LEVELS	(1u << LEVEL | 1u << 9)
#define TIMERS	4u

static uint64_t deadline;

static bool late(void)
{
	return now_ns() > deadline;
}

/* ---- ended twice while its thread is on the way out of PARK ---- */

static struct app twice;
static volatile int twice_parks;
static int twice_err;

static void *parks(void *arg)
{
	twice_err = pin_to(0) ?: core_attach(&twice, 0, 0);
	STORE(twice_parks, 1);
	if (!twice_err)
		twice_err = core_park(twice.fd);
	return NULL;
}

/* The thread that ends the app preempts the threads that this wakes. */
static void run_twice(void)
{
	unsigned long i, n = scaled(100), shut = 0;
	pthread_t thread;
	int dupped;

	for (i = 0; i < n && !late(); i++) {
		twice_parks = 0;
		if (app_start(&twice, 1, LEVELS, TIMERS))
			break;
		dupped = dup(twice.fd);
		if (pthread_create(&thread, NULL, parks, NULL))
			break;
		while (!LOAD(twice_parks) || LOAD(ctl_of(&twice, 0)->state) != RTFM_STATE_PARKED)
			sleep_ns(MSEC / 10);
		sleep_ns(MSEC);
		pin_to(0);
		be_fifo(99);
		close(dupped);
		app_stop(&twice);
		sched_setscheduler(0, SCHED_OTHER, &(struct sched_param) { 0 });
		unpin();
		pthread_join(thread, NULL);
		shut += twice_err == -ESHUTDOWN || twice_err == -EBADF;
	}
	ok(i == n && shut == n, "twice: %lu apps ended again while the thread was waking up", n);
	ok_nothing_left("twice");
}

/* ---- a child that has the region, and feeds it when the owner dies ---- */

static void feed(const struct app *app)
{
	struct rtfm_ctl *ctl = ctl_of(app, 0);
	uint32_t i;

	for (i = 0; i < RTFM_SUBMITS; i++)
		ctl->submit[i] = (struct rtfm_submit) {
			.instant = INSTANT_MAX, .timer = i, .level = LEVEL,
		};
	for (;;)
		STORE(ctl->stail, LOAD(ctl->shead) + RTFM_SUBMITS);
}

static void owner(int tell)
{
	static struct app app;
	pid_t child;

	if (app_start(&app, 1, LEVELS, RTFM_SUBMITS) || madvise(app.region, app.bytes, MADV_DOFORK))
		_exit(97);
	child = fork();
	if (!child) {
		close(app.fd);
		pin_to(cpu_of(1));
		feed(&app);
	}
	pin_to(0);
	if (core_attach(&app, 0, 0))
		_exit(98);
	sleep_ns(20 * MSEC);
	if (write(tell, &child, sizeof(child)) != sizeof(child))
		_exit(99);
	for (;;)
		pause();
}

static void run_fed(void)
{
	unsigned long i, n = scaled(20);
	uint64_t begun, longest = 0;
	bool ended = true;

	for (i = 0; i < n && ended && !late(); i++) {
		pid_t parent, child = 0;
		int tell[2];

		if (pipe(tell))
			break;
		parent = fork();
		if (!parent)
			owner(tell[1]);
		close(tell[1]);
		if (read(tell[0], &child, sizeof(child)) != sizeof(child))
			break;
		close(tell[0]);
		begun = now_ns();
		ended = !kill_and_reap(parent) && WAIT_FOR(!timer_is_left());
		begun = now_ns() - begun;
		longest = begun > longest ? begun : longest;
		kill(child, SIGKILL);
	}
	ok(i == n && ended, "fed: %lu apps ended while a child filled the submission ring", n);
	note("fed: the longest end took %llu ms", (unsigned long long)(longest / MSEC));
	ok_nothing_left("fed");
}

/* ---- rounds: two threads, one app, a few operations each ---- */

enum op {
	CLOSE, CLOSE_DUP, UNMAP, MAP_AGAIN, MAP_FLEETING, KICK, SCHEDULE, PERIODIC, CANCEL, ARM,
	PARK, SUBMIT, DETACH, REATTACH, QUERY, SPIN, FORK, OPS
};

static const char * const op_names[OPS] = {
	"close", "close-dup", "unmap", "map-again", "map-fleeting", "kick", "schedule", "periodic",
	"cancel", "arm", "park", "submit", "detach", "reattach", "query", "spin", "fork",
};

#define STEPS	3

static struct app app;
static int dupped, opened[2];
static char *again[2];
static uint64_t min_period;
static struct { enum op op; uint32_t jitter, random; } script[2][STEPS];

static struct {
	unsigned long done[OPS], refused[OPS];
	unsigned long undocumented, ends, crashes, upcalls, bells;
} count[2];

static uint32_t arrived[2];
static enum op at_op[2];
static uint64_t progress;
static volatile bool over;
static pid_t tids[2];

/*
 * Does no harm if it is thrown out of here and begins again. Sleeps soon: on a busy
 * machine the other's emulated CPU needs ours.
 */
static void barrier(uint32_t me, uint32_t nr)
{
	const struct timespec patience = { .tv_nsec = 20 * MSEC };
	uint32_t seen;
	int i;

	STORE(arrived[me], nr);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	syscall(SYS_futex, &arrived[me], FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
	for (i = 0; (seen = LOAD(arrived[!me])) < nr; i++)
		if (i > 1000)
			syscall(SYS_futex, &arrived[!me], FUTEX_WAIT_PRIVATE, seen, &patience,
				NULL, 0);
	ADD(progress, 1);
}

static int steal(int *fd)
{
	return __atomic_exchange_n(fd, -1, __ATOMIC_SEQ_CST);
}

/* Anonymous memory over the region: the region is unmapped, and other threads read zeroes. */
static int unmap(void)
{
	char *at = __atomic_load_n(&app.region, __ATOMIC_SEQ_CST);
	void *got = mmap(at, app.bytes, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);

	return got == MAP_FAILED ? -errno : 0;
}

static int map(char **where)
{
	void *at = mmap(NULL, app.bytes, PROT_READ | PROT_WRITE, MAP_SHARED, app.fd, 0);

	if (at == MAP_FAILED)
		return -errno;
	*where = at;
	return 0;
}

static int fork_and_exit(void)
{
	/* not libc's, which takes locks */
	pid_t child = (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
	int status;

	if (!child)
		_exit(0);
	if (child < 0)
		return -errno;
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	return 0;
}

/* Rarely the shortest: on a slow machine nothing else would happen. */
static uint64_t often(uint32_t random)
{
	return random >> 17 & 7 ? 10 * min_period : min_period;
}

static struct rtfm_submit soon(uint32_t random, uint64_t period)
{
	return (struct rtfm_submit) {
		.instant = now_ns() + random % 100000, .period = period,
		.timer = random % TIMERS, .tag = random % 3, .level = LEVEL, .job = random,
	};
}

static int submit(uint32_t core, uint32_t random)
{
	struct rtfm_submit entry = soon(random, 0);
	bool now;

	put_submit(&app, core, &entry, &now);
	return core_take_in(app.fd);
}

/* A thread is woken by its own instant at the latest: one that sleeps on has missed it. */
static int park(void)
{
	return core_arm(app.fd, now_ns() + 50 * USEC) ?: core_park(app.fd);
}

static const unsigned long commands[OPS] = {
	[KICK] = RTFM_IOC_KICK, [SCHEDULE] = RTFM_IOC_SCHEDULE, [PERIODIC] = RTFM_IOC_SCHEDULE,
	[CANCEL] = RTFM_IOC_CANCEL, [ARM] = RTFM_IOC_ARM, [PARK] = RTFM_IOC_PARK,
	[SUBMIT] = RTFM_IOC_SUBMIT, [DETACH] = RTFM_IOC_DETACH, [REATTACH] = RTFM_IOC_ATTACH,
	[QUERY] = RTFM_IOC_QUERY,
};

static int perform(uint32_t me, enum op op, uint32_t random)
{
	struct rtfm_submit entry;
	struct rtfm_query query;
	char *fleeting = NULL;
	int err;

	switch (op) {
	case CLOSE:
		return close(steal(&app.fd)) ? -errno : 0;
	case CLOSE_DUP:
		return close(steal(&dupped)) ? -errno : 0;
	case UNMAP:
		return unmap();
	case MAP_AGAIN:
		return again[me] ? 0 : map(&again[me]);
	case MAP_FLEETING:
		err = map(&fleeting);
		return err ?: munmap(fleeting, app.bytes) ? -errno : 0;
	case KICK:
		__atomic_fetch_or(&ctl_of(&app, !me)->remote_ready, 1u << LEVEL, __ATOMIC_SEQ_CST);
		return core_kick(app.fd, !me);
	case SCHEDULE:
	case PERIODIC:
		entry = soon(random, op == PERIODIC ? often(random) : 0);
		return job_schedule(app.fd, random >> 16 & 1, &entry);
	case CANCEL:
		return job_cancel(app.fd, random >> 16 & 1, random % TIMERS, random / 7 % 3);
	case ARM:
		return core_arm(app.fd, now_ns() + random % 100000);
	case PARK:
		return park();
	case SUBMIT:
		return submit(me, random);
	case DETACH:
		return core_detach(app.fd);
	case REATTACH:
		err = core_detach(app.fd);
		return err ?: core_attach(&app, me, 0);
	case QUERY:
		return app_query(app.fd, !me, &query);
	case SPIN:
		spin_ns(random % 200000);
		return 0;
	case FORK:
		return fork_and_exit();
	default:
		return 0;
	}
}

static void play(uint32_t me, volatile int *step)
{
	for (; *step < STEPS; ++*step) {
		enum op op = script[me][*step].op;
		int err;

		at_op[me] = op;
		spin_ns(script[me][*step].jitter);
		err = perform(me, op, script[me][*step].random);
		count[me].done[op] += !err;
		count[me].refused[op] += !!err;
		count[me].ends += err == -ESHUTDOWN;
		if (commands[op] && !documented(commands[op], err))
			count[me].undocumented++;
	}
}

/* The part of a round that both have in common. Timers are armed when the race begins. */
static void race(uint32_t me, uint32_t nr, uint64_t *random)
{
	uint32_t when = (uint32_t)random_u64(random);
	struct rtfm_submit entry = soon(when, 0);
	volatile int step = 0;

	core_attach(&app, me, 0);
	job_schedule(app.fd, me, &entry);
	if (one_in(random, 2)) {
		entry = soon(when + 1, often(when));
		job_schedule(app.fd, !me, &entry);
	}
	/* the step that crashed is over; what it was about has just been unmapped */
	if (sigsetjmp(crash_back, 1))
		step++;
	crash_expected = 1;
	barrier(me, nr);
	play(me, &step);
	barrier(me, nr + 1);
	/* both, whoever has closed them already, or was thrown out before it did */
	if (!me) {
		close(opened[0]);
		close(opened[1]);
	}
	/* the app has ended: behind this, upcalls begin no more */
	barrier(me, nr + 2);
	/* behind this, none runs */
	barrier(me, nr + 3);
	crash_expected = 0;
}

static void *other(void *arg)
{
	static char stack[65536];
	uint64_t random = derive(seed, 11);
	uint32_t nr;

	tids[1] = gettid_();
	pin_to(cpu_of(1));
	crash_stack(stack, sizeof(stack));
	for (nr = 1;; nr += 5) {
		barrier(1, nr);
		if (over)
			return NULL;
		race(1, nr + 1, &random);
		count[1].upcalls = upcalls;
		count[1].bells = bells;
		count[1].crashes = crashes;
	}
}

static unsigned long stuck;

/* A thread that does not return from a system call has missed a wake-up. */
static void *watchdog(void *arg)
{
	uint64_t seen = 0, since = now_ns();

	while (!over) {
		sleep_ns(50 * MSEC);
		if (LOAD(progress) != seen) {
			seen = LOAD(progress);
			since = now_ns();
		} else if (now_ns() - since > 15 * SEC) {
			stuck++;
			note("rounds: stuck at %u and %u, in %s and %s", arrived[0], arrived[1],
			     op_names[at_op[0]], op_names[at_op[1]]);
			syscall(SYS_tgkill, getpid(), tids[0], NUDGE);
			syscall(SYS_tgkill, getpid(), tids[1], NUDGE);
			since = now_ns();
		}
	}
	return NULL;
}

static void write_script(uint64_t *random)
{
	uint32_t who, i;

	for (who = 0; who < 2; who++) {
		for (i = 0; i < STEPS; i++) {
			enum op op = (enum op)pick(random, OPS);

			/* dear: now and then */
			if (op == FORK && !one_in(random, 50))
				op = SPIN;
			script[who][i].op = op;
			script[who][i].jitter = one_in(random, 3) ? 0 : pick(random, 20000);
			script[who][i].random = (uint32_t)random_u64(random);
		}
	}
}

static void clean_up(void)
{
	uint32_t i;

	munmap(app.region, app.bytes);
	for (i = 0; i < 2; i++) {
		if (again[i])
			munmap(again[i], app.bytes);
		again[i] = NULL;
	}
}

/*
 * A crash right after mmap() has returned, or right before close() is called, and nobody
 * knows any more what was mapped or to be closed. Returns how many there were.
 */
static unsigned int find_lost(void)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	char line[512], path[64], link[32];
	unsigned long start, end;
	unsigned int n = 0;
	int fd;

	while (maps && fgets(line, sizeof(line), maps))
		if (strstr(line, DEVICE) && sscanf(line, "%lx-%lx", &start, &end) == 2)
			n += !munmap((void *)start, end - start);
	if (maps)
		fclose(maps);
	for (fd = 3; fd < 1024; fd++) {
		ssize_t len;

		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		len = readlink(path, link, sizeof(link));
		if (len == sizeof(DEVICE) - 1 && !memcmp(link, DEVICE, (size_t)len))
			n += !close(fd);
	}
	return n;
}

static void report(void)
{
	uint32_t i;

	for (i = 0; i < OPS; i++)
		note("rounds: %-12s %lu done, %lu refused", op_names[i],
		     count[0].done[i] + count[1].done[i],
		     count[0].refused[i] + count[1].refused[i]);
	note("rounds: %lu commands met the end, %lu crashes, %lu upcalls, %lu doorbells",
	     count[0].ends + count[1].ends, count[0].crashes + count[1].crashes,
	     count[0].upcalls + count[1].upcalls, count[0].bells + count[1].bells);
}

static void run_rounds(void)
{
	static char stack[65536];
	/* RTFM_SCALE=20 for 100,000: an hour on the debug kernel */
	unsigned long i, n = scaled(5000);
	uint64_t random = derive(seed, 10), mine = derive(seed, 12), begun = now_ns();
	struct rtfm_query query;
	pthread_t threads[2];
	unsigned int lost;
	bool whole = true;
	uint32_t nr = 1, op;

	if (app_open(&app) || app_query(app.fd, 0, &query)) {
		ok(false, "rounds: open the device");
		return;
	}
	close(app.fd);
	min_period = query.min_period;
	tids[0] = gettid_();
	pin_to(0);
	crash_stack(stack, sizeof(stack));
	pthread_create(&threads[0], NULL, other, NULL);
	pthread_create(&threads[1], NULL, watchdog, NULL);
	for (i = 0; i < n && !late(); i++, nr += 5) {
		if (app_start(&app, 2, LEVELS, TIMERS))
			break;
		dupped = dup(app.fd);
		opened[0] = app.fd;
		opened[1] = dupped;
		write_script(&random);
		barrier(0, nr);
		race(0, nr + 1, &mine);
		clean_up();
	}
	over = true;
	barrier(0, nr);
	pthread_join(threads[0], NULL);
	pthread_join(threads[1], NULL);
	unpin();
	count[0].upcalls = upcalls;
	count[0].bells = bells;
	count[0].crashes = crashes;
	ok(i == n, "rounds: %lu of %lu", i, n);
	note("rounds: %llu per second",
	     (unsigned long long)i * SEC / (now_ns() - begun + 1));
	report();
	ok(!stuck, "rounds: no wake-up was lost");
	ok(!count[0].undocumented && !count[1].undocumented, "rounds: every answer is documented");
	for (op = 0; op < OPS; op++)
		whole &= count[0].done[op] + count[1].done[op] > 0;
	if (n >= 1000)
		ok(whole && count[0].ends + count[1].ends, "rounds: everything happened");
	if (n >= 1000 && query.features & RTFM_FEATURE_UPCALL)
		ok(count[0].upcalls + count[1].upcalls, "rounds: there were upcalls");
	lost = find_lost();
	note("rounds: %u mappings and descriptors lost by crashes", lost);
	ok(lost <= count[0].crashes + count[1].crashes, "rounds: none is lost without a crash");
	ok_nothing_left("rounds");
}

/* ---- kills ---- */

struct victim {
	struct app app;
	uint32_t core;
	uint64_t random;
};

static void ride(struct victim *v)
{
	struct rtfm_ctl *ctl = ctl_of(&v->app, v->core);
	uint32_t random = (uint32_t)random_u64(&v->random);
	struct rtfm_submit entry = soon(random, random & 8 ? min_period : 0);
	struct rtfm_job job;
	bool now;

	switch (pick(&v->random, 9)) {
	case 0:
		job_schedule(v->app.fd, v->core, &entry);
		break;
	case 1:
		job_schedule(v->app.fd, !v->core, &entry);
		break;
	case 2:
		if (put_submit(&v->app, v->core, &entry, &now) && now)
			core_take_in(v->app.fd);
		break;
	case 3: /* a lock */
		ctl->ceiling = pick(&v->random, RTFM_LEVELS);
		spin_ns(random % 300000);
		ctl->ceiling = 0;
		break;
	case 4:
		ctl->masked = 1;
		spin_ns(random % 100000);
		ctl->masked = 0;
		break;
	case 5:
		core_arm(v->app.fd, now_ns() + random % 500000);
		core_park(v->app.fd);
		break;
	case 6:
		__atomic_fetch_or(&ctl_of(&v->app, !v->core)->remote_ready, 1u << 9,
				  __ATOMIC_SEQ_CST);
		core_kick(v->app.fd, !v->core);
		break;
	case 7:
		job_cancel(v->app.fd, v->core, random % TIMERS, random % 3);
		break;
	default:
		spin_ns(random % 500000);
		break;
	}
	take_ready(&v->app, v->core);
	while (take_job(&v->app, v->core, LEVEL, &job))
		;
}

static void *victim_core(void *arg)
{
	struct victim *v = arg;

	pin_to(cpu_of(v->core));
	if (core_attach(&v->app, v->core, one_in(&v->random, 4) ? 10 : 0))
		_exit(98);
	for (;;)
		ride(v);
	return NULL;
}

static void run_victim(int tell, uint64_t random)
{
	static struct victim v[2];
	pthread_t thread;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (write(tell, "x", 1) != 1)
		_exit(97);
	if (app_start(&v[0].app, 2, LEVELS, TIMERS))
		_exit(99);
	v[0].random = derive(random, 0);
	v[1] = v[0];
	v[1].core = 1;
	v[1].random = derive(random, 1);
	pthread_create(&thread, NULL, victim_core, &v[1]);
	victim_core(&v[0]);
}

static void run_kills(void)
{
	unsigned long i, n = scaled(1000), killed = 0;
	uint64_t random = derive(seed, 7);
	struct rtfm_query query;
	const char *left = NULL;
	int status, err = 0;

	if (!app_open(&app) && !app_query(app.fd, 0, &query))
		min_period = query.min_period;
	close(app.fd);
	be_fifo(99);
	for (i = 0; i < n && !err && !left && !late(); i++) {
		int tell[2];
		char byte;
		pid_t child;

		if (pipe2(tell, O_CLOEXEC))
			break;
		child = fork();
		if (!child)
			run_victim(tell[1], derive(seed, 1000 + i));
		if (read(tell[0], &byte, 1) != 1)
			break;
		/* now in its set-up, now in full swing */
		sleep_ns(random_u64(&random) % (i % 3 ? 30 * MSEC : 2 * MSEC));
		kill(child, SIGKILL);
		err = reap(child, &status);
		killed += !err && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
		close(tell[0]);
		close(tell[1]);
		if (i % 50 == 49)
			left = leftovers();
	}
	sched_setscheduler(0, SCHED_OTHER, &(struct sched_param) { 0 });
	ok(i == n && killed == n, "kills: %lu of %lu apps killed at a random moment", killed, n);
	if (left)
		note("kills: left after %lu: %s", i, left);
	ok_nothing_left("kills");
}

/* ---- modules ---- */

/* Somebody holds it. */
static bool held(void)
{
	int err = module_remove();

	return err == -EAGAIN || err == -EBUSY;
}

/* No thread does, or all will have stopped in a moment. */
static bool removed(void)
{
	int err = -EAGAIN;
	bool over_it = WAIT_FOR(({
		err = module_remove();
		err != -EAGAIN && err != -EBUSY;
	}));

	return over_it && !err;
}

/* The node is there a moment after the module: devtmpfs has a thread for that. */
static bool inserted(void)
{
	int err = module_insert();

	return !err && WAIT_FOR(!access(DEVICE, R_OK | W_OK));
}

static bool app_with_timers(struct app *a)
{
	struct rtfm_submit once = { .instant = now_ns() + SEC, .level = LEVEL };
	struct rtfm_submit often = {
		.instant = now_ns(), .period = MSEC, .timer = 1, .level = LEVEL,
	};

	pin_to(0);
	return !app_start(a, 1, LEVELS, TIMERS) && !core_attach(a, 0, 0) &&
	       !job_schedule(a->fd, 0, &once) && !job_schedule(a->fd, 0, &often);
}

static bool m_plain(void)
{
	return removed();
}

static bool m_open(void)
{
	struct app a;
	bool good = !app_open(&a) && held();

	close(a.fd);
	return removed() && good;
}

static bool m_timers(void)
{
	struct app a;
	bool good = app_with_timers(&a) && held();

	app_stop(&a);
	return removed() && good;
}

/* The first close ends the app, its timers too; the duplicate holds the module. */
static bool m_dup(void)
{
	struct app a;
	bool good = app_with_timers(&a);
	int dup_fd = dup(a.fd);

	good &= held();
	app_stop(&a);
	good &= !timer_is_left() && held();
	close(dup_fd);
	return removed() && good;
}

static bool m_mapping(void)
{
	struct app a;
	bool good = app_with_timers(&a);

	close(a.fd);
	good &= held();
	munmap(a.region, a.bytes);
	return removed() && good;
}

static bool m_child_holds(void)
{
	struct app a;
	bool good = app_with_timers(&a);
	pid_t child = fork();

	if (!child)
		for (;;)
			pause();
	app_stop(&a);
	good &= held() && !timer_is_left();
	good &= !kill_and_reap(child);
	return removed() && good;
}

static bool m_killed(void)
{
	int tell[2];
	bool good = !pipe(tell);
	struct app a;
	char byte;
	pid_t child = fork();

	if (!child) {
		byte = app_with_timers(&a) ? 'x' : '-';
		if (write(tell[1], &byte, 1) != 1)
			_exit(1);
		for (;;)
			core_park(a.fd);
	}
	good &= read(tell[0], &byte, 1) == 1 && byte == 'x';
	kill(child, SIGKILL);
	/* before it is reaped, maybe before it is dead */
	good &= removed();
	good &= !kill_and_reap(child);
	close(tell[0]);
	close(tell[1]);
	return good;
}

static void send_fd(int socket, int fd)
{
	char control[CMSG_SPACE(sizeof(int))] __attribute__((aligned(8))) = "", byte = 'x';
	struct iovec iov = { &byte, 1 };
	struct msghdr message = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&message);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	sendmsg(socket, &message, MSG_DONTWAIT);
}

/* In flight in a socket that is itself in flight: the collector finds it. */
static bool m_in_flight(void)
{
	struct app a;
	int sockets[2];
	bool good = app_with_timers(&a) && !socketpair(AF_UNIX, SOCK_STREAM, 0, sockets);

	send_fd(sockets[0], a.fd);
	send_fd(sockets[0], sockets[1]);
	send_fd(sockets[1], sockets[0]);
	app_stop(&a);
	good &= held() && !timer_is_left();
	close(sockets[0]);
	close(sockets[1]);
	/* any other socket's end runs it */
	if (!socketpair(AF_UNIX, SOCK_STREAM, 0, sockets)) {
		close(sockets[0]);
		close(sockets[1]);
	}
	return removed() && good;
}

/* Somebody opens and sets up as the module goes and comes. */
static bool m_opened_meanwhile(void)
{
	pid_t child = fork();
	bool good;
	int i;

	if (!child) {
		struct app a;

		for (;;) {
			if (app_open(&a))
				continue;
			app_setup(&a, 1, LEVELS, TIMERS);
			close(a.fd);
		}
	}
	for (i = 0; i < 5; i++) {
		if (!module_remove())
			module_insert();
		sleep_ns(MSEC);
	}
	good = !kill_and_reap(child);
	return removed() && good;
}

#define TRACE_ENABLE "/sys/kernel/tracing/events/rtfm/enable"

static bool m_traced(void)
{
	struct app a;
	bool good = !write_text(TRACE_ENABLE, "1") && app_with_timers(&a);

	sleep_ns(5 * MSEC);
	good &= held();
	app_stop(&a);
	/* enabled as it goes */
	return removed() && good;
}

/* Code that is patched while two emulated CPUs run it hangs QEMU, with or without us. */
static bool tracing_hangs(void)
{
	char line[256];
	bool emulated = false;
	FILE *f = fopen("/proc/cpuinfo", "r");

	while (f && fgets(line, sizeof(line), f))
		emulated |= !strncmp(line, "model name", 10) && strstr(line, "QEMU TCG");
	if (f)
		fclose(f);
	return emulated && cpus_online() > 1;
}

static const struct {
	const char *name;
	bool (*run)(void);
} variants[] = {
	{ "at rest", m_plain },
	{ "open", m_open },
	{ "timers", m_timers },
	{ "a duplicate", m_dup },
	{ "a mapping", m_mapping },
	{ "a child with the descriptor", m_child_holds },
	{ "a killed process", m_killed },
	{ "in flight in a socket", m_in_flight },
	{ "opened meanwhile", m_opened_meanwhile },
	{ "tracepoints", m_traced },
};

static void run_modules(void)
{
	unsigned long i, n = scaled(100), failed = 0, done = 0;
	const bool hangs = tracing_hangs();
	const bool untraced = hangs || access(TRACE_ENABLE, W_OK);
	const char *left = leftovers();

	if (left) {
		ok(false, "modules: the module is in use: %s", left);
		return;
	}
	if (access(getenv("RTFM_KO") ?: "/rtfm.ko", R_OK)) {
		ok_skip("modules", "no /rtfm.ko to insert (RTFM_KO)");
		return;
	}
	for (i = 0; i < n && !late(); i++) {
		uint32_t v = i % ARRAY_SIZE(variants);
		bool good;

		if (variants[v].run == m_traced && untraced)
			v = 0;
		good = variants[v].run();
		unpin();
		good &= inserted();
		if (!good) {
			note("modules: round %lu, %s, failed", i, variants[v].name);
			failed++;
		}
		done++;
	}
	ok(!failed && done == n, "modules: insmod and rmmod, %lu of %lu", done - failed, n);
	if (untraced)
		ok_skip("modules: rmmod with tracepoints enabled",
			hangs ? "QEMU's TCG hangs: use --cpus 1" : "no tracefs");
	else
		ok(done >= ARRAY_SIZE(variants), "modules: rmmod with tracepoints enabled");
	ok_nothing_left("modules");
}

int main(void)
{
	begin("races", 0x7261636573);
	deadline = now_ns() + env_number("RTFM_SECONDS", 900) * SEC;
	if (catch_bells() || catch_crashes())
		return EXIT_FAIL;
	if (wanted("twice"))
		run_twice();
	if (wanted("fed"))
		run_fed();
	if (wanted("kills"))
		run_kills();
	if (wanted("rounds"))
		run_rounds();
	if (wanted("modules"))
		run_modules();
	/* after all that */
	if (!access(getenv("RTFM_KO") ?: "/rtfm.ko", R_OK))
		ok(removed() && inserted(), "the module can be removed, and comes back");
	return tap_end();
}
