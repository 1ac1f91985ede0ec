// SPDX-License-Identifier: GPL-2.0-only
/* Delivery: how a thread is notified of a ready level, whatever it is doing at that time. */
#include <sys/resource.h>

#include "rtfm_test.h"

#define LOW	3
#define MID	10
#define LEVELS	(1u << LOW | 1u << MID)
#define BELL	(SIGRTMIN + 2)

/* enough time to reach the state for the delivery, also on a slow machine */
#define LATER	(500 * MSEC)

/* bits that a test sets as another core would: they need no job here */
#define REMOTE	(1u << MID)

FIXTURE(deliver) {
	struct app app;
	struct rtfm_ctl *ctl;
};

/* Core 0 is the test's thread. */
FIXTURE_SETUP(deliver)
{
	ASSERT_EQ(0, catch_bell(BELL));
	ASSERT_EQ(0, app_start(&self->app, 2, LEVELS, 16));
	ASSERT_EQ(0, core_attach(&self->app, 0, BELL, 0));
	self->ctl = ctl_of(&self->app, 0);
}

FIXTURE_TEARDOWN(deliver)
{
	app_stop(&self->app);
}

/* The deliveries since @before, per counter. */
#define DELTA(before, field) (counters(&self->app, 0).field - (before).field)

static void make_remote(struct rtfm_ctl *ctl, __u64 bits)
{
	__atomic_fetch_or(&ctl->remote_ready, bits, __ATOMIC_SEQ_CST);
}

/* --- something else that acts on core 0 ----------------------------------- */

enum deed { KICK_LATER, WATCH_PARK, SCHEDULE };

struct other {
	struct app *app;
	enum deed deed;
	pthread_t thread;
	int err;
	__u32 state;
};

static void *other_thread(void *arg)
{
	struct other *o = arg;
	struct rtfm_ctl *ctl = ctl_of(o->app, 0);

	if (cpus_online() > 1)
		pin_to(1);
	switch (o->deed) {
	case KICK_LATER:
		sleep_ns(LATER);
		make_remote(ctl, REMOTE);
		o->err = core_kick(o->app, 0);
		break;
	case WATCH_PARK:
		if (!WAIT_FOR(__atomic_load_n(&ctl->state, __ATOMIC_SEQ_CST) ==
			      RTFM_STATE_PARKED))
			o->err = -ETIMEDOUT;
		o->state = ctl->state;
		/* stays parked while nothing comes */
		sleep_ns(20 * MSEC);
		if (ctl->state != RTFM_STATE_PARKED)
			o->err = -EILSEQ;
		make_remote(ctl, REMOTE);
		o->err = o->err ?: core_kick(o->app, 0);
		break;
	case SCHEDULE:
		o->err = job_schedule(o->app, 0, 0, MID, 1, 0);
		break;
	}
	return NULL;
}

static void start(struct other *o, struct app *app, enum deed deed)
{
	memset(o, 0, sizeof(*o));
	o->app = app;
	o->deed = deed;
	o->err = -pthread_create(&o->thread, NULL, other_thread, o);
}

static int finish(struct other *o)
{
	pthread_join(o->thread, NULL);
	return o->err;
}

/* --- parked --------------------------------------------------------------- */

APP_TEST(deliver, parked_is_woken)
{
	struct rtfm_query before;
	struct rtfm_job job;
	int turn = 0;

	/* on a machine that stands still for a while the thread parks too late */
	do {
		if (turn++)
			take_job(&self->app, 0, LOW, &job);
		bells = 0;
		take_ready(&self->app, 0);
		before = counters(&self->app, 0);
		ASSERT_EQ(0, job_schedule(&self->app, 0, 0, LOW, 5, now_ns() + turn * LATER));
		EXPECT_EQ(0, core_park(&self->app));
	} while (bells && turn < 10);
	EXPECT_EQ(RTFM_STATE_RUNNING, self->ctl->state);
	EXPECT_EQ(1u << LOW, take_ready(&self->app, 0));
	EXPECT_TRUE(take_job(&self->app, 0, LOW, &job));
	EXPECT_EQ(1, DELTA(before, releases));
	EXPECT_EQ(1, DELTA(before, wakeups) + DELTA(before, held));
	EXPECT_EQ(0, DELTA(before, doorbells));
	EXPECT_EQ(0, bells);
}

/* A parked thread runs nothing: any ready bit wakes it. */
APP_TEST(deliver, parked_is_woken_below_its_ceiling)
{
	self->ctl->ceiling = RTFM_MAX_PRIORITY;
	ASSERT_EQ(0, job_schedule(&self->app, 0, 0, LOW, 5, now_ns() + LATER));
	EXPECT_EQ(0, core_park(&self->app));
	take_ready(&self->app, 0);
	self->ctl->masked = 1;
	ASSERT_EQ(0, job_schedule(&self->app, 0, 0, LOW, 5, now_ns() + LATER));
	EXPECT_EQ(0, core_park(&self->app));
	EXPECT_EQ(0, bells);
}

APP_TEST(deliver, park_with_something_ready)
{
	struct rtfm_query before = counters(&self->app, 0);
	int bit;

	for (bit = 1; bit < 63; bit++) {
		self->ctl->ready = 1ULL << bit;
		EXPECT_EQ(0, core_park(&self->app));
		self->ctl->ready = 0;
		make_remote(self->ctl, 1ULL << bit);
		EXPECT_EQ(0, core_park(&self->app));
		self->ctl->remote_ready = 0;
	}
	EXPECT_EQ(RTFM_STATE_RUNNING, self->ctl->state);
	EXPECT_EQ(0, DELTA(before, wakeups));
	EXPECT_EQ(0, bells);
}

APP_TEST(deliver, kick_parked)
{
	struct rtfm_query before = counters(&self->app, 0);
	struct other o;

	start(&o, &self->app, KICK_LATER);
	EXPECT_EQ(0, core_park(&self->app));
	EXPECT_EQ(REMOTE, take_ready(&self->app, 0));
	EXPECT_EQ(0, finish(&o));
	EXPECT_EQ(1, DELTA(before, kicks));
	EXPECT_EQ(0, bells);
}

/* A kick without a ready bit has no effect: it must not end the sleep. */
APP_TEST(deliver, kick_for_nothing)
{
	struct rtfm_job job;
	int i;

	for (i = 0; i < 10; i++)
		EXPECT_EQ(0, core_kick(&self->app, 0));
	sleep_ns(2 * MSEC);
	EXPECT_EQ(0, bells);
	ASSERT_EQ(0, job_schedule(&self->app, 0, 0, LOW, 5, now_ns() + LATER));
	EXPECT_EQ(0, core_park(&self->app));
	EXPECT_TRUE(take_job(&self->app, 0, LOW, &job));
	EXPECT_EQ(10, counters(&self->app, 0).kicks);
}

APP_TEST(deliver, state_while_parked)
{
	struct other o;

	self->ctl->state = RTFM_STATE_POLLING;
	start(&o, &self->app, WATCH_PARK);
	EXPECT_EQ(0, core_park(&self->app));
	EXPECT_EQ(RTFM_STATE_RUNNING, self->ctl->state);
	EXPECT_EQ(0, finish(&o));
	EXPECT_EQ(RTFM_STATE_PARKED, o.state);
}

APP_TEST(deliver, signal_ends_park)
{
	timer_t timer;
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = BELL };
	struct itimerspec in = { .it_value = { 0, LATER } };

	ASSERT_EQ(0, timer_create(CLOCK_MONOTONIC, &event, &timer));
	ASSERT_EQ(0, timer_settime(timer, 0, &in, NULL));
	EXPECT_ERR(EINTR, core_park(&self->app));
	EXPECT_EQ(1, bells);
	EXPECT_EQ(RTFM_STATE_RUNNING, self->ctl->state);
	timer_delete(timer);
}

static struct app *signalled;
static volatile int bells_in_handler;

static void handles(int sig)
{
	SPIN_FOR(bells);
	bells_in_handler = bells;
}

/* At a real-time priority on the CPU of the core, which so does not get away from PARK. */
static void *signals_and_kicks(void *arg)
{
	struct sched_param param = { .sched_priority = 30 };
	struct rtfm_ctl *ctl = ctl_of(signalled, 0);
	pthread_t thread = *(pthread_t *)arg;

	if (pin_to(0) || sched_setscheduler(0, SCHED_FIFO, &param))
		return (void *)1;
	if (!WAIT_FOR(__atomic_load_n(&ctl->state, __ATOMIC_SEQ_CST) == RTFM_STATE_PARKED))
		return (void *)2;
	/* it sleeps, or would be on its way for longer than this */
	sleep_ns(20 * MSEC);
	pthread_kill(thread, SIGUSR1);
	make_remote(ctl, REMOTE);
	return (void *)(long)core_kick(signalled, 0);
}

/* The handler runs before the thread checks its ready words, which were set while it was parked. */
APP_TEST(deliver, signal_and_kick_while_parked)
{
	pthread_t thread, own = pthread_self();
	void *err;

	signalled = &self->app;
	bells_in_handler = -1;
	signal(SIGUSR1, handles);
	ASSERT_EQ(0, pthread_create(&thread, NULL, signals_and_kicks, &own));
	core_park(&self->app);
	ASSERT_EQ(0, pthread_join(thread, &err));
	ASSERT_EQ(0, (long)err);
	EXPECT_EQ(1, bells_in_handler);
}

static void *parks(void *arg)
{
	struct app *app = arg;
	int err = core_attach(app, 1, BELL, 0);

	return (void *)(long)(err ?: core_park(app));
}

/* The end of the app wakes a parked thread, which then cannot park again. */
APP_TEST(deliver, end_wakes_the_parked)
{
	pthread_t thread;
	void *err;
	int other;

	ASSERT_EQ(0, pthread_create(&thread, NULL, parks, &self->app));
	ASSERT_TRUE(WAIT_FOR(ctl_of(&self->app, 1)->state == RTFM_STATE_PARKED));
	other = dup(self->app.fd);
	ASSERT_EQ(0, close(other));
	ASSERT_EQ(0, pthread_join(thread, &err));
	EXPECT_EQ(-ESHUTDOWN, (long)err);
}

/* --- running in user mode ------------------------------------------------- */

APP_TEST(deliver, busy_gets_a_doorbell)
{
	struct rtfm_query before = counters(&self->app, 0);

	ASSERT_EQ(0, job_schedule(&self->app, 0, 0, LOW, 5, now_ns() + 5 * MSEC));
	EXPECT_TRUE(SPIN_FOR(bells));
	EXPECT_EQ(1u << LOW, ready_of(&self->app, 0));
	EXPECT_EQ(syscall(SYS_gettid), bell_tid);
	EXPECT_EQ(1, DELTA(before, doorbells) + DELTA(before, upcalls));
	EXPECT_EQ(0, DELTA(before, wakeups));
}

APP_TEST(deliver, busy_below_its_ceiling)
{
	struct rtfm_query before = counters(&self->app, 0);

	self->ctl->ceiling = LOW;
	ASSERT_EQ(0, job_schedule(&self->app, 0, 0, LOW, 5, now_ns() + 5 * MSEC));
	EXPECT_TRUE(SPIN_FOR(ready_of(&self->app, 0)));
	EXPECT_EQ(1u << LOW, ready_of(&self->app, 0));
	EXPECT_EQ(1, DELTA(before, held));
	EXPECT_EQ(0, DELTA(before, doorbells));
	sleep_ns(MSEC);
	EXPECT_EQ(0, bells);
}

APP_TEST(deliver, busy_just_above_its_ceiling)
{
	self->ctl->ceiling = LOW - 1;
	ASSERT_EQ(0, job_schedule(&self->app, 0, 0, LOW, 5, now_ns() + 5 * MSEC));
	EXPECT_TRUE(SPIN_FOR(bells));
}

/* The flag in the ceiling word is not part of the level. */
APP_TEST(deliver, slow_flag_is_no_ceiling)
{
	self->ctl->ceiling = RTFM_CEILING_SLOW | (LOW - 1);
	ASSERT_EQ(0, job_schedule(&self->app, 0, 0, LOW, 5, now_ns() + 5 * MSEC));
	EXPECT_TRUE(SPIN_FOR(bells));
	self->ctl->ceiling = RTFM_CEILING_SLOW | LOW;
	bells = 0;
	take_ready(&self->app, 0);
	ASSERT_EQ(0, job_schedule(&self->app, 0, 0, LOW, 5, now_ns() + 5 * MSEC));
	EXPECT_TRUE(SPIN_FOR(ready_of(&self->app, 0)));
	sleep_ns(MSEC);
	EXPECT_EQ(0, bells);
}

/* A level that was held back is taken into account at the next delivery, if above the ceiling. */
APP_TEST(deliver, slow_bit_alone_is_not_ready)
{
	self->ctl->ready = RTFM_READY_SLOW;
	ASSERT_EQ(0, job_schedule(&self->app, 0, 0, LOW, 5, now_ns() + LATER));
	EXPECT_EQ(0, core_park(&self->app));
	EXPECT_EQ(RTFM_READY_SLOW | 1u << LOW, ready_of(&self->app, 0));
}

APP_TEST(deliver, attention_is_above_every_ceiling)
{
	self->ctl->ceiling = RTFM_MAX_PRIORITY;
	ASSERT_EQ(0, core_arm(&self->app, now_ns() + 5 * MSEC));
	EXPECT_TRUE(SPIN_FOR(bells));
	EXPECT_EQ(RTFM_READY_TIME, ready_of(&self->app, 0));
}

APP_TEST(deliver, masked_looks_later)
{
	struct rtfm_query before;
	struct rtfm_job job;
	int tries = 0;

	self->ctl->masked = 1;
	do {
		/* again if it did not interrupt user mode */
		take_ready(&self->app, 0);
		take_job(&self->app, 0, MID, &job);
		bells = 0;
		before = counters(&self->app, 0);
		ASSERT_EQ(0, job_schedule(&self->app, 0, 0, MID, 5, now_ns() + 5 * MSEC));
		EXPECT_TRUE(SPIN_FOR(ready_of(&self->app, 0)));
	} while (!DELTA(before, held) && ++tries < 20);
	EXPECT_EQ(RTFM_READY_LOOK | 1u << MID, ready_of(&self->app, 0));
	EXPECT_EQ(1, DELTA(before, held));
	EXPECT_EQ(0, DELTA(before, doorbells));
	EXPECT_EQ(0, bells);
	self->ctl->masked = 0;
}

APP_TEST(deliver, polling_looks_by_itself)
{
	self->ctl->state = RTFM_STATE_POLLING;
	ASSERT_EQ(0, job_schedule(&self->app, 0, 0, MID, 5, now_ns() + LATER));
	EXPECT_TRUE(SPIN_FOR(ready_of(&self->app, 0)));
	EXPECT_EQ(1u << MID, ready_of(&self->app, 0));
	EXPECT_EQ(0, bells);
}

APP_TEST(deliver, kick_busy)
{
	struct rtfm_query before = counters(&self->app, 0);
	struct other o;

	start(&o, &self->app, KICK_LATER);
	EXPECT_TRUE(SPIN_FOR(bells));
	EXPECT_EQ(REMOTE, ready_of(&self->app, 0));
	EXPECT_EQ(0, finish(&o));
	EXPECT_EQ(1, DELTA(before, kicks));
	EXPECT_EQ(1, DELTA(before, doorbells) + DELTA(before, upcalls));
	EXPECT_EQ(syscall(SYS_gettid), bell_tid);
}

APP_TEST(deliver, kick_below_the_ceiling)
{
	struct rtfm_query before = counters(&self->app, 0);
	struct other o;

	self->ctl->ceiling = MID;
	start(&o, &self->app, KICK_LATER);
	EXPECT_TRUE(SPIN_FOR(ready_of(&self->app, 0)));
	EXPECT_EQ(0, finish(&o));
	EXPECT_TRUE(WAIT_FOR(DELTA(before, held)));
	sleep_ns(MSEC);
	EXPECT_EQ(0, bells);
	EXPECT_EQ(0, DELTA(before, doorbells));
}

APP_TEST(deliver, kick_oneself)
{
	make_remote(self->ctl, REMOTE);
	EXPECT_EQ(0, core_kick(&self->app, 0));
	EXPECT_TRUE(SPIN_FOR(bells));
}

/* A past instant from another CPU reaches a busy thread as well. */
APP_TEST(deliver, schedule_from_another_cpu_to_busy)
{
	struct other o;

	start(&o, &self->app, SCHEDULE);
	EXPECT_TRUE(SPIN_FOR(bells));
	EXPECT_EQ(0, finish(&o));
	EXPECT_EQ(1u << MID, ready_of(&self->app, 0));
}

/* --- in a system call ----------------------------------------------------- */

APP_TEST(deliver, sleep_is_interrupted)
{
	struct timespec t = { 60, 0 };

	ASSERT_EQ(0, job_schedule(&self->app, 0, 0, LOW, 5, now_ns() + LATER));
	EXPECT_EQ(-1, nanosleep(&t, NULL));
	EXPECT_EQ(EINTR, errno);
	EXPECT_EQ(1, bells);
	EXPECT_EQ(1u << LOW, ready_of(&self->app, 0));
}

APP_TEST(deliver, read_is_interrupted)
{
	int fds[2];
	char byte;

	ASSERT_EQ(0, pipe(fds));
	ASSERT_EQ(0, job_schedule(&self->app, 0, 0, LOW, 5, now_ns() + LATER));
	EXPECT_EQ(-1, read(fds[0], &byte, 1));
	EXPECT_EQ(EINTR, errno);
	EXPECT_EQ(1, bells);
}

/* Masked, but asleep: only a signal ends the sleep, and its handler sets LOOK. */
APP_TEST(deliver, masked_sleep_is_interrupted)
{
	self->ctl->masked = 1;
	ASSERT_EQ(0, job_schedule(&self->app, 0, 0, LOW, 5, now_ns() + LATER));
	EXPECT_EQ(-1, pause());
	EXPECT_EQ(1, bells);
}

APP_TEST(deliver, kick_asleep)
{
	struct other o;

	start(&o, &self->app, KICK_LATER);
	EXPECT_EQ(-1, pause());
	EXPECT_EQ(1, bells);
	EXPECT_EQ(0, finish(&o));
}

APP_TEST(deliver, sleep_below_the_ceiling_goes_on)
{
	struct timespec t = { 1, 0 };

	self->ctl->ceiling = LOW;
	ASSERT_EQ(0, job_schedule(&self->app, 0, 0, LOW, 5, now_ns() + LATER));
	EXPECT_EQ(0, nanosleep(&t, NULL));
	EXPECT_EQ(0, bells);
	EXPECT_EQ(1u << LOW, ready_of(&self->app, 0));
}

/* A standard signal works as a doorbell as well as a real-time one. */
APP_TEST(deliver, standard_signal)
{
	ASSERT_EQ(0, core_detach(&self->app));
	ASSERT_EQ(0, catch_bell(SIGUSR1));
	ASSERT_EQ(0, core_attach(&self->app, 0, SIGUSR1, 0));
	ASSERT_EQ(0, job_schedule(&self->app, 0, 0, LOW, 5, now_ns() + 5 * MSEC));
	EXPECT_TRUE(SPIN_FOR(bells));
}

/* While the doorbell is blocked, only one signal is pending. */
APP_TEST(deliver, blocked_doorbells_do_not_pile_up)
{
	sigset_t set, old;
	int i;

	sigemptyset(&set);
	sigaddset(&set, BELL);
	ASSERT_EQ(0, sigprocmask(SIG_BLOCK, &set, &old));
	for (i = 0; i < 50; i++) {
		make_remote(self->ctl, REMOTE);
		ASSERT_EQ(0, core_kick(&self->app, 0));
		ASSERT_TRUE(WAIT_FOR(counters(&self->app, 0).doorbells == i + 1));
	}
	sleep_ns(5 * MSEC);
	ASSERT_EQ(0, sigprocmask(SIG_SETMASK, &old, NULL));
	EXPECT_EQ(1, bells);
}

/* Kick the calling thread with the doorbell blocked, and take the signal off the queue. */
static int take_bell(struct app *app, siginfo_t *info)
{
	const struct timespec limit = { .tv_sec = 10 };
	sigset_t set, old;
	int sig;

	sigemptyset(&set);
	sigaddset(&set, BELL);
	sigprocmask(SIG_BLOCK, &set, &old);
	make_remote(ctl_of(app, 0), REMOTE);
	core_kick(app, 0);
	sig = sigtimedwait(&set, info, &limit);
	sigprocmask(SIG_SETMASK, &old, NULL);
	return sig;
}

/* Other parts of the kernel send signals, too: the value identifies the module's. */
APP_TEST(deliver, doorbell_has_its_value)
{
	siginfo_t info;

	ASSERT_EQ(BELL, take_bell(&self->app, &info));
	EXPECT_EQ(SI_KERNEL, info.si_code);
	EXPECT_EQ(RTFM_DOORBELL_VALUE, info.si_value.sival_int);
}

/* A signal with a value needs a queue entry. Without one, the doorbell has no value. */
APP_TEST(deliver, doorbell_without_a_queue_entry)
{
	struct rlimit old, none;
	siginfo_t info;
	int sig;

	ASSERT_EQ(0, getrlimit(RLIMIT_SIGPENDING, &old));
	none = old;
	none.rlim_cur = 0;
	ASSERT_EQ(0, setrlimit(RLIMIT_SIGPENDING, &none));
	sig = take_bell(&self->app, &info);
	ASSERT_EQ(0, setrlimit(RLIMIT_SIGPENDING, &old));
	ASSERT_EQ(BELL, sig);
	EXPECT_EQ(SI_USER, info.si_code);
	EXPECT_EQ(0, info.si_pid);
}

/* Of the thread of the kernel whose name begins with rtfm_bell, or -1 */
static long long bell_switches(void)
{
	static const char field[] = "voluntary_ctxt_switches:";
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	char path[300], line[128];
	long long switches = -1;
	bool bell;
	FILE *file;

	while (proc && switches < 0 && (entry = readdir(proc))) {
		snprintf(path, sizeof(path), "/proc/%s/status", entry->d_name);
		file = fopen(path, "re");
		bell = file && fgets(line, sizeof(line), file) && strstr(line, "\trtfm_bell");
		while (bell && switches < 0 && fgets(line, sizeof(line), file))
			if (!strncmp(line, field, strlen(field)))
				switches = atoll(line + strlen(field));
		if (file)
			fclose(file);
	}
	if (proc)
		closedir(proc);
	return switches;
}

/* Where a kernel thread sends the doorbell, that is not woken for one that is pending. */
APP_TEST(deliver, pending_doorbell_does_not_wake_the_bell)
{
	long long before = bell_switches();
	struct rtfm_query q;
	sigset_t set;

	if (before < 0)
		SKIP(return, "no kernel thread sends the doorbell on this kernel");
	sigemptyset(&set);
	sigaddset(&set, BELL);
	ASSERT_EQ(0, sigprocmask(SIG_BLOCK, &set, NULL));
	q = counters(&self->app, 0);
	ASSERT_EQ(0, job_repeat(&self->app, 0, 0, LOW, 5, now_ns(), MSEC));
	/* it sleeps in a system call: each release means a doorbell */
	while (counters(&self->app, 0).doorbells < q.doorbells + 100) {
		struct rtfm_job job;

		sleep_ns(5 * MSEC);
		while (take_job(&self->app, 0, LOW, &job))
			;
	}
	ASSERT_EQ(0, job_cancel(&self->app, 0, 0, 5));
	EXPECT_GE(5, bell_switches() - before);
	ASSERT_EQ(0, sigprocmask(SIG_UNBLOCK, &set, NULL));
	EXPECT_EQ(1, bells);
}

/* --- real-time priority --------------------------------------------------- */

/*
 * Spins at SCHED_FIFO: no softirq thread, nothing of lower priority gets the
 * CPU, and the doorbell is still sent. Each spin is far below the 950 ms after
 * which the kernel gives the CPU to ordinary tasks (see throttle.c).
 */
static bool bell_while_spinning(struct app *app)
{
	__u64 until = now_ns() + 500 * MSEC;
	bool came;

	bells = 0;
	take_ready(app, 0);
	if (job_schedule(app, 0, 0, LOW, 5, now_ns() + 2 * MSEC))
		return false;
	while (!bells && now_ns() < until)
		;
	came = bells;
	/* or the next one would be held back by this one */
	WAIT_FOR(bells);
	return came;
}

/* A machine that stands still for a while may use up the time of a spin. */
static unsigned long bells_while_spinning(struct app *app, unsigned long n)
{
	unsigned long turn, came = 0;

	for (turn = 0; turn < 5 * n && came < n; turn++) {
		came += bell_while_spinning(app);
		sleep_ns(10 * MSEC);
	}
	return came;
}

APP_TEST(deliver, busy_fifo)
{
	unsigned long n = scaled(20);

	ASSERT_EQ(0, core_detach(&self->app));
	ASSERT_EQ(0, core_attach(&self->app, 0, BELL, 50));
	EXPECT_EQ(SCHED_FIFO, sched_getscheduler(0) & ~SCHED_RESET_ON_FORK);
	EXPECT_EQ(n, bells_while_spinning(&self->app, n));
	EXPECT_LE(n, counters(&self->app, 0).doorbells + counters(&self->app, 0).upcalls);
}

APP_TEST(deliver, busy_fifo_at_the_limit)
{
	__u32 limit = counters(&self->app, 0).max_fifo_priority;

	if (!limit)
		SKIP(return, "no SCHED_FIFO with max_fifo_priority=0");
	ASSERT_EQ(0, core_detach(&self->app));
	ASSERT_EQ(0, core_attach(&self->app, 0, BELL, limit));
	EXPECT_EQ(1, bells_while_spinning(&self->app, 1));
}

/*
 * A priority that the module has not given, and that is above its limit: if a kernel thread
 * sends the doorbell, its priority has to be higher still.
 */
APP_TEST(deliver, busy_round_robin_above_the_limit)
{
	struct sched_param param = {
		.sched_priority = (int)counters(&self->app, 0).max_fifo_priority + 5,
	};

	if (param.sched_priority > 98)
		SKIP(return, "no priority is left above max_fifo_priority");
	ASSERT_EQ(0, core_detach(&self->app));
	ASSERT_EQ(0, sched_setscheduler(0, SCHED_RR, &param));
	ASSERT_EQ(0, core_attach(&self->app, 0, BELL, 0));
	EXPECT_EQ(1, bells_while_spinning(&self->app, 1));
}

/* --- races ---------------------------------------------------------------- */

struct ping {
	struct app *app;
	unsigned long n;
	unsigned long sent;
	unsigned long seen;
	unsigned long kicks;
	int err;
};

/*
 * The sender's half of the wake-up race: set the bits, full fence, load the state; kick
 * unless the receiver is about to check anyway.
 */
static void *pinger(void *arg)
{
	struct ping *p = arg;
	struct rtfm_ctl *ctl = ctl_of(p->app, 0);
	__u64 seed = 0x70696e67;
	volatile int delay;

	if (cpus_online() > 1)
		pin_to(1);
	while (p->sent < p->n && !p->err) {
		__u64 until = now_ns() + PATIENCE;

		/* before and after the instant at which the receiver goes to sleep */
		delay = (int)(random_u64(&seed) % (100 << random_u64(&seed) % 4));
		while (delay)
			delay = delay - 1;
		__atomic_store_n(&p->sent, p->sent + 1, __ATOMIC_SEQ_CST);
		make_remote(ctl, REMOTE);
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
		if (__atomic_load_n(&ctl->state, __ATOMIC_SEQ_CST) != RTFM_STATE_POLLING) {
			p->err = core_kick(p->app, 0);
			p->kicks++;
		}
		/* this wait is the test: a lost wake-up never ends it */
		while (__atomic_load_n(&p->seen, __ATOMIC_SEQ_CST) != p->sent) {
			if (now_ns() > until) {
				p->err = p->err ?: -ETIMEDOUT;
				/* let the receiver go */
				make_remote(ctl, RTFM_READY_STOP);
				core_kick(p->app, 0);
				break;
			}
			if (cpus_online() == 1)
				sched_yield();
		}
	}
	return NULL;
}

/* Kicks hit a thread that polls a little, then parks, thousands of times. */
APP_TEST(deliver, kick_while_parking)
{
	struct ping p = { .app = &self->app, .n = scaled(10000) };
	__u64 seed = 0x7061726b;
	pthread_t thread;
	int err = 0;

	ASSERT_EQ(0, pthread_create(&thread, NULL, pinger, &p));
	while (p.seen < p.n && !p.err) {
		__u64 polls = random_u64(&seed) % (64 << random_u64(&seed) % 5);
		__u64 bits = 0;

		__atomic_store_n(&self->ctl->state, RTFM_STATE_POLLING, __ATOMIC_SEQ_CST);
		while (!bits && polls--)
			bits = take_ready(&self->app, 0);
		if (!bits) {
			err = core_park(&self->app);
			if (err && err != -EINTR)
				break;
			bits = take_ready(&self->app, 0);
		}
		if (bits & RTFM_READY_STOP)
			break;
		if (bits & REMOTE)
			__atomic_store_n(&p.seen, p.sent, __ATOMIC_SEQ_CST);
	}
	EXPECT_TRUE(!err || err == -EINTR);
	if (p.seen < p.n)
		p.err = p.err ?: -ECANCELED;
	pthread_join(thread, NULL);
	EXPECT_EQ(0, p.err);
	EXPECT_EQ(p.n, p.seen);
	EXPECT_EQ(p.kicks, counters(&self->app, 0).kicks);
	TH_LOG("%lu kicks, %d doorbells, %llu wake-ups", p.kicks, (int)bells,
	       counters(&self->app, 0).wakeups);
}

/* The same between a timer and parking, on one CPU. */
APP_TEST(deliver, release_while_parking)
{
	unsigned long i, n = scaled(3000);
	__u64 seed = 0x74696d65;
	struct rtfm_job job;

	for (i = 0; i < n; i++) {
		__u64 instant = now_ns() + random_u64(&seed) % 100000;
		volatile int delay = (int)(random_u64(&seed) % 3000);

		ASSERT_EQ(0, job_schedule(&self->app, 0, 0, MID, (__u32)i, instant));
		while (delay)
			delay = delay - 1;
		while (!take_job(&self->app, 0, MID, &job)) {
			int err;

			/* clear, check again, park: as the contract demands */
			take_ready(&self->app, 0);
			if (take_job(&self->app, 0, MID, &job))
				break;
			err = core_park(&self->app);
			ASSERT_TRUE(!err || err == -EINTR);
		}
		ASSERT_EQ(i, job.job);
	}
	EXPECT_EQ(n, counters(&self->app, 0).releases);
}

static void *attaches_and_parks(void *arg)
{
	struct app *app = arg;
	int i, err = 0;

	for (i = 0; i < (int)scaled(50) && !err; i++) {
		err = core_attach(app, 1, BELL, 0);
		err = err ?: core_arm(app, now_ns() + MSEC / 10);
		if (!err)
			err = core_park(app);
		if (err == -EINTR)
			err = 0;
		take_ready(app, 1);
		err = err ?: core_detach(app);
	}
	return (void *)(long)err;
}

/* Kicks to a core whose thread attaches and detaches: each returns, and nothing breaks. */
APP_TEST(deliver, kick_while_attaching)
{
	unsigned long yes = 0, no = 0, wrong = 0;
	pthread_t thread;
	void *err = NULL;

	ASSERT_EQ(0, pthread_create(&thread, NULL, attaches_and_parks, &self->app));
	do {
		int answer;

		make_remote(ctl_of(&self->app, 1), REMOTE);
		answer = core_kick(&self->app, 1);
		if (!answer)
			yes++;
		else if (answer == -ENXIO)
			no++;
		else
			wrong++;
	} while (pthread_tryjoin_np(thread, &err) == EBUSY);
	EXPECT_EQ(0, (long)err);
	EXPECT_EQ(0, wrong);
	EXPECT_EQ(yes, counters(&self->app, 1).kicks);
	TH_LOG("%lu kicks, %lu found no thread", yes, no);
}

TEST_HARNESS_MAIN
