// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The mechanisms of Linux for the same purposes, measured in the same way.
 *
 *	peers mutex|mutex_pi|mutex_pp		lock_unlock, uncontended
 *	peers futex|eventfd			xcore_rtt_parked
 *	peers cacheline|ck_ring			xcore_rtt_polling
 *	peers tgkill				xcore_rtt_busy, kick_to_task_busy
 *	peers timer_create|clock_nanosleep|timerfd idle|busy [other]
 *						timer_lateness_*, or timer_to_task_*
 *
 * other: with a thread that is not SCHED_FIFO. On PREEMPT_RT a SCHED_FIFO thread starves the
 * kernel thread that sends the signal of timer_create().
 */
#include "timer.h"
#include <linux/futex.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>

/* Concurrency Kit, libck-dev */
#if __has_include(<ck_ring.h>)
#include <ck_ring.h>
#define HAVE_CK_RING
#endif

#define BATCH	256
#define ROUNDS	16
#define SIG	(SIGRTMIN + 5)

static struct series series, kick;
static const char *peer;
static bool fifo = true;

/* ---- mutexes ----------------------------------------------------------- */

/* The C library does without atomics as long as there is one thread. */
static void *sleep_for_ever(void *arg)
{
	for (;;)
		pause();
	return NULL;
}

static int measure_mutex(int protocol)
{
	pthread_t thread;
	pthread_mutexattr_t attr;
	pthread_mutex_t mutex;
	int err;

	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setprotocol(&attr, protocol);
	if (protocol == PTHREAD_PRIO_PROTECT)
		pthread_mutexattr_setprioceiling(&attr, 2);
	pthread_mutex_init(&mutex, &attr);
	if (pthread_create(&thread, NULL, sleep_for_ever, NULL))
		return 1;
	err = pthread_mutex_lock(&mutex);
	if (err) {
		bench_note("lock_unlock", peer, strerror(err));
		return 0;
	}
	pthread_mutex_unlock(&mutex);
	BENCH_SERIES(&series, "lock_unlock", BATCH, pthread_mutex_lock(&mutex); BARRIER();
						    pthread_mutex_unlock(&mutex););
	return 0;
}

/* ---- there and back ---------------------------------------------------- */

struct side {
	uint32_t word;
	int fd;
	pid_t tid;
} __attribute__((aligned(128)));

static struct side sides[2];
static void (*tell)(struct side *side, uint32_t round);
static void (*await)(struct side *side, uint32_t round);
static int over;

static void tell_futex(struct side *side, uint32_t round)
{
	STORE(side->word, round);
	syscall(SYS_futex, &side->word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

static void await_futex(struct side *side, uint32_t round)
{
	uint32_t word;

	while ((word = LOAD(side->word)) != round)
		syscall(SYS_futex, &side->word, FUTEX_WAIT_PRIVATE, word, NULL, NULL, 0);
}

static void tell_eventfd(struct side *side, uint32_t round)
{
	eventfd_write(side->fd, 1);
}

static void await_eventfd(struct side *side, uint32_t round)
{
	eventfd_t value;

	eventfd_read(side->fd, &value);
}

static void tell_cacheline(struct side *side, uint32_t round)
{
	STORE(side->word, round);
}

static void await_cacheline(struct side *side, uint32_t round)
{
	while ((int32_t)(LOAD(side->word) - round) < 0)
		__builtin_ia32_pause();
}

#ifdef HAVE_CK_RING
/* A ring of pointers in each direction; the message is the pointer. */
static struct {
	ck_ring_t ring __attribute__((aligned(128)));
	ck_ring_buffer_t buffer[64] __attribute__((aligned(128)));
} rings[2];

static void init_ck_ring(void)
{
	for (int i = 0; i < 2; i++)
		ck_ring_init(&rings[i].ring, sizeof(rings[i].buffer) / sizeof(rings[i].buffer[0]));
}

static void tell_ck_ring(struct side *side, uint32_t round)
{
	ck_ring_enqueue_spsc(&rings[side - sides].ring, rings[side - sides].buffer,
			     (void *)(uintptr_t)round);
}

static void await_ck_ring(struct side *side, uint32_t round)
{
	void *message;

	while (!ck_ring_dequeue_spsc(&rings[side - sides].ring, rings[side - sides].buffer,
				     &message))
		__builtin_ia32_pause();
}
#endif

/* The handler answers; the threads spin. */
static uint64_t arrived;
static bool stamp;		/* the handler reads the clock */

static void on_signal(int sig)
{
	struct side *side = &sides[sched_getcpu() == bench.cpus[1]];

	if (side == &sides[1]) {
		if (stamp)
			arrived = bench_tsc();
		syscall(SYS_tgkill, getpid(), sides[0].tid, sig);
	}
	STORE(side->word, side->word + 1);
}

static void tell_tgkill(struct side *side, uint32_t round)
{
	if (side == &sides[1])
		syscall(SYS_tgkill, getpid(), side->tid, SIG);
}

static void *other(void *arg)
{
	bench_thread(1, fifo);
	sides[1].tid = (pid_t)syscall(SYS_gettid);
	STORE(sides[0].word, 1);
	for (uint32_t round = 1; !LOAD(over); round++) {
		await(&sides[1], round);
		tell(&sides[0], round + 1);
	}
	return NULL;
}

static int measure_rounds(const char *op, unsigned int batch)
{
	pthread_t thread;
	uint64_t start, returned;
	uint32_t round = 1;

	if (bench.cpus[1] < 0)
		return 0;
	sides[0].tid = (pid_t)syscall(SYS_gettid);
	sides[0].fd = eventfd(0, 0);
	sides[1].fd = eventfd(0, 0);
	if (pthread_create(&thread, NULL, other, NULL))
		return 1;
	bench_thread(0, fifo);
	await_cacheline(&sides[0], 1);
	series_begin(&series, op, batch);
	series_begin(&kick, "kick_to_task_busy", 1);
	for (; !series_full(&series); round += batch) {
		/* no clock is read inside a round trip: samples in turns */
		stamp = tell == tell_tgkill && !stamp;
		bench_start(&start);
		for (unsigned int i = 0; i < batch; i++) {
			tell(&sides[1], round + i);
			await(&sides[0], round + i + 1);
		}
		returned = bench_tsc();
		if (stamp)
			series_add(&kick, arrived - start);
		else
			series_add(&series, returned - start);
	}
	STORE(over, 1);
	tell(&sides[1], round);
	pthread_join(thread, NULL);
	series_end(&series);
	return 0;
}

static int measure_tgkill(void)
{
	signal(SIG, on_signal);
	if (measure_rounds("xcore_rtt_busy", 1) || bench.cpus[1] < 0)
		return 0;
	kick.engine = peer;
	series_end(&kick);
	return 0;
}

/* ---- time -------------------------------------------------------------- */

static int running = 1;
static uint64_t next;

static void on_timer(int sig, siginfo_t *info, void *context)
{
	uint64_t tsc = bench_tsc();

	next += PERIOD * (uint64_t)info->si_overrun;
	release_note(tsc, next);
	next += PERIOD;
}

static struct timespec timespec_of(uint64_t ns)
{
	return (struct timespec){ (time_t)(ns / SEC), (long)(ns % SEC) };
}

static int measure_timer(void)
{
	struct sigaction action = { .sa_sigaction = on_timer, .sa_flags = SA_SIGINFO | SA_RESTART };
	struct sigevent event = { .sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIG };
	struct itimerspec spec;
	sigset_t none, some;
	timer_t timer;

	sigaction(SIG, &action, NULL);
	event._sigev_un._tid = (pid_t)syscall(SYS_gettid);
	if (timer_create(CLOCK_MONOTONIC, &event, &timer))
		return 1;
	sigemptyset(&none);
	sigemptyset(&some);
	sigaddset(&some, SIG);
	bench_thread(0, fifo);
	next = rtfm_now() + 10 * PERIOD;
	spec.it_value = timespec_of(next);
	spec.it_interval = timespec_of(PERIOD);
	if (!release.busy)
		sigprocmask(SIG_BLOCK, &some, NULL);
	timer_settime(timer, TIMER_ABSTIME, &spec, NULL);
	if (release.busy)
		release_spin(&running);
	else
		while (!release_over())
			sigsuspend(&none);
	timer_delete(timer);
	release_end();
	return 0;
}

static void sleep_each_period(void)
{
	while (!release_over()) {
		struct timespec ts = timespec_of(next);

		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL);
		release_note(bench_tsc(), next);
		next += PERIOD;
	}
}

/* An event loop: the descriptor is ready, then its count is read. */
static void poll_each_period(void)
{
	struct itimerspec spec = {
		.it_value = timespec_of(next), .it_interval = timespec_of(PERIOD)
	};
	struct epoll_event event = { .events = EPOLLIN };
	int timer = timerfd_create(CLOCK_MONOTONIC, 0), loop = epoll_create1(0);
	uint64_t expired;

	if (epoll_ctl(loop, EPOLL_CTL_ADD, timer, &event) ||
	    timerfd_settime(timer, TFD_TIMER_ABSTIME, &spec, NULL))
		exit(1);
	while (!release_over()) {
		if (epoll_wait(loop, &event, 1, -1) != 1 ||
		    read(timer, &expired, sizeof(expired)) != sizeof(expired))
			exit(1);
		next += PERIOD * (expired - 1);
		release_note(bench_tsc(), next);
		next += PERIOD;
	}
}

static void *sleeper(void *arg)
{
	struct sched_param param = { .sched_priority = 2 };

	bench_thread(0, fifo);
	sched_setscheduler(0, SCHED_FIFO, &param);
	next = rtfm_now() + 10 * PERIOD;
	if (!strcmp(peer, "timerfd"))
		poll_each_period();
	else
		sleep_each_period();
	STORE(running, 0);
	return NULL;
}

/* Busy: another thread of less priority is. */
static int measure_sleep(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, sleeper, NULL))
		return 1;
	if (release.busy) {
		bench_thread(0, fifo);
		release_spin(&running);
	}
	pthread_join(thread, NULL);
	release_end();
	return 0;
}

static int measure(int argc, char **argv)
{
	static const struct {
		const char *peer, *op;
		unsigned int batch;
		void (*tell)(struct side *side, uint32_t round);
		void (*await)(struct side *side, uint32_t round);
	} pairs[] = {
		{ "futex", "xcore_rtt_parked", 1, tell_futex, await_futex },
		{ "eventfd", "xcore_rtt_parked", 1, tell_eventfd, await_eventfd },
		{ "cacheline", "xcore_rtt_polling", ROUNDS, tell_cacheline, await_cacheline },
#ifdef HAVE_CK_RING
		{ "ck_ring", "xcore_rtt_polling", ROUNDS, tell_ck_ring, await_ck_ring },
#endif
		{ "tgkill", NULL, 1, tell_tgkill, await_cacheline },
	};
	bool timed = release_begin(argc, argv, 2);

#ifdef HAVE_CK_RING
	init_ck_ring();
#endif
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		if (strcmp(peer, pairs[i].peer))
			continue;
		tell = pairs[i].tell;
		await = pairs[i].await;
		return pairs[i].op ? measure_rounds(pairs[i].op, pairs[i].batch) : measure_tgkill();
	}
	if (!strcmp(peer, "ck_ring")) {
		bench_note("xcore_rtt_polling", peer, "built without libck-dev");
		return 0;
	}
	release.series.engine = peer;
	if (timed && argc > 3 && !strcmp(argv[3], "other")) {
		fifo = false;
		release.series.engine = "timer_create_other";
	}
	if (timed && !strcmp(peer, "timer_create"))
		return measure_timer();
	if (timed && (!strcmp(peer, "clock_nanosleep") || !strcmp(peer, "timerfd")))
		return measure_sleep();
	bench_thread(0, fifo);
	if (!strcmp(peer, "mutex"))
		return measure_mutex(PTHREAD_PRIO_NONE);
	if (!strcmp(peer, "mutex_pi"))
		return measure_mutex(PTHREAD_PRIO_INHERIT);
	if (!strcmp(peer, "mutex_pp"))
		return measure_mutex(PTHREAD_PRIO_PROTECT);
	return 2;
}

int main(int argc, char **argv)
{
	int n = bench_begin(argc, argv), status;

	peer = n > 1 ? argv[1] : "";
	series.engine = peer;
	mlockall(MCL_CURRENT | MCL_FUTURE);
	status = measure(n, argv);
	if (status == 2)
		fprintf(stderr, "usage: peers OPERATION [OPTION...]\n");
	return status;
}
