/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * How the benchmarks measure. A program takes samples of operations and prints a
 * row for each series; scripts/bench and scripts/bench-vm collect them.
 *
 *	row <op> <engine> <unit> <n> <min> <p50> <p99> <max>
 *	note <op> <engine> <why there is no row>
 *	marks <op> <engine> <n>		with --marks: the n operations are between two calls
 *					of getppid(), for a program that counts system calls
 *
 * The clock is the TSC, read with rdtscp and fences: earlier instructions have been
 * executed, later ones have not begun. Its own cost, the time of an empty sample, is
 * subtracted from every sample. In ns mode an operation of less than about 100 ns is
 * repeated in a loop, and a sample is the time of the loop divided by the repetitions. The
 * cost of the loop itself, about a third of a nanosecond, is not subtracted, because the
 * processor executes it in parallel with the operation. In insn mode (--insn) a sample is
 * one operation, and a tick is an instruction: under QEMU's -icount, or under step.c.
 */
#ifndef BENCH_H
#define BENCH_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <rtfm.h>

#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>

#define USEC		UINT64_C(1000)
#define MSEC		UINT64_C(1000000)
#define SEC		UINT64_C(1000000000)
#define BARRIER()	__asm__ __volatile__("" ::: "memory")
#define LOAD(x)		__atomic_load_n(&(x), __ATOMIC_ACQUIRE)
#define STORE(x, v)	__atomic_store_n(&(x), v, __ATOMIC_RELEASE)

#define BENCH_MAX	4000	/* samples of a series */
#define BENCH_BUDGET	(250 * MSEC) /* of a series: see bench_pause() */

struct bench {
	bool insn;
	bool marks;
	const char *only;	/* --only op[,op...] */
	unsigned int samples;
	int cpus[2];
	double ns;		/* of a tick */
};

static struct bench bench = { .samples = 2000, .ns = 1 };

/*
 * The beginning of a sample. All in one piece, so that as many instructions of it fall
 * into each sample, the empty one included.
 */
static inline __attribute__((always_inline)) void bench_start(uint64_t *start)
{
	__asm__ __volatile__("rdtscp\n\tlfence\n\tshlq $32, %%rdx\n\t"
			     "orq %%rdx, %%rax\n\tmovq %%rax, %0"
			     : "=m"(*start) :: "rax", "rdx", "rcx", "memory");
}

/* Its end, and any other reading */
static inline __attribute__((always_inline)) uint64_t bench_tsc(void)
{
	uint32_t low, high, cpu;

	__asm__ __volatile__("rdtscp\n\tlfence" : "=a"(low), "=d"(high), "=c"(cpu) :: "memory");
	return (uint64_t)high << 32 | low;
}

/* ---- series ------------------------------------------------------------ */

struct series {
	const char *op;
	const char *engine;	/* NULL: the one that runs */
	unsigned int batch;	/* operations in a sample; 0: samples are ns */
	unsigned int n;
	unsigned int skip;	/* still to be dropped: warm-up */
	uint64_t empty;		/* ticks of a sample of nothing */
	uint64_t until;
	int64_t sample[BENCH_MAX];
};

static inline bool bench_wanted(const char *op)
{
	const char *at = bench.only;
	size_t length = strlen(op);

	while (at) {
		if (!strncmp(at, op, length) && (!at[length] || at[length] == ','))
			return true;
		at = strchr(at, ',');
		at += !!at;
	}
	return !bench.only;
}

/*
 * The time of an empty sample, of so many rounds of a loop: the mean, because some
 * machines count their TSC up in steps of 10 ns; without those that an interrupt fell
 * into.
 */
static inline uint64_t bench_empty(unsigned int rounds)
{
	uint64_t ticks[1000], least = UINT64_MAX, sum = 0;
	unsigned int tries = 1000, i, n = 0;

	if (bench.insn) {
		bench_start(&least);
		return bench_tsc() - least;
	}
	for (i = 0; i < tries; i++) {
		uint64_t start;
		unsigned int left;

		bench_start(&start);
		for (left = rounds; left; left--)
			BARRIER();
		ticks[i] = bench_tsc() - start;
		if (ticks[i] < least)
			least = ticks[i];
	}
	for (i = 0; i < tries; i++) {
		if (ticks[i] <= 2 * least + 100) {
			sum += ticks[i];
			n++;
		}
	}
	return sum / n;
}

static inline void series_begin(struct series *series, const char *op, unsigned int batch)
{
	series->op = op;
	series->n = 0;
	series->batch = batch;
	series->skip = bench.samples / 10 + 1;
	series->empty = bench_empty(0);
	series->until = rtfm_now() + BENCH_BUDGET;
	if (bench.marks && batch && bench_wanted(op))
		syscall(SYS_getppid);
}

static inline void series_add(struct series *series, uint64_t value)
{
	if (series->skip)
		series->skip--;
	else if (series->n < bench.samples)
		series->sample[series->n++] = (int64_t)value;
}

/* Under a budget of time, too, unless samples would be too few. */
static inline bool series_full(const struct series *series)
{
	return series->n >= bench.samples ||
	       (!bench.insn && series->n >= 100 && rtfm_now() > series->until);
}

static inline int series_order(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static inline double series_value(const struct series *series, int64_t sample)
{
	if (!series->batch)
		return (double)sample;
	sample -= (int64_t)series->empty;
	return sample < 0 ? 0 : (double)sample * bench.ns / series->batch;
}

/* The smallest sample that is not below percent of all */
static inline double series_rank(const struct series *series, unsigned int percent)
{
	return series_value(series, series->sample[(series->n * percent + 99) / 100 - 1]);
}

static inline const char *bench_engine(void)
{
	const char *delivery = getenv("RTFM_DELIVERY"), *engine = rtfm_engine_name();

	if (!strcmp(engine, "kmod") && delivery && !strcmp(delivery, "doorbell"))
		return "kmod-doorbell";
	return engine;
}

static inline void bench_note(const char *op, const char *engine, const char *why)
{
	printf("note\t%s\t%s\t%s\n", op, engine ? engine : bench_engine(), why);
}

/* Operations between the last two marks */
static inline void bench_marked(const char *op, const char *engine, unsigned int n)
{
	printf("marks\t%s\t%s\t%u\n", op, engine ? engine : bench_engine(), n);
}

static inline void series_end(struct series *series)
{
	if (bench.marks) {
		syscall(SYS_getppid);
		bench_marked(series->op, series->engine, bench.samples + bench.samples / 10 + 1);
		return;
	}
	if (!series->n) {
		bench_note(series->op, series->engine, "never");
		return;
	}
	qsort(series->sample, series->n, sizeof(series->sample[0]), series_order);
	printf("row\t%s\t%s\t%s\t%u\t%.2f\t%.2f\t%.2f\t%.2f\n", series->op,
	       series->engine ? series->engine : bench_engine(), bench.insn ? "insn" : "ns",
	       series->n, series_value(series, series->sample[0]), series_rank(series, 50),
	       series_rank(series, 99), series_value(series, series->sample[series->n - 1]));
	fflush(stdout);
}

/* ---- operations -------------------------------------------------------- */

/* One sample: the operation, repeated as often as the batch of the series says */
#define BENCH_SAMPLE(series, ...)				\
do {									\
	uint64_t bench_begun;						\
									\
	if ((series)->batch == 1) {					\
		bench_start(&bench_begun);				\
		__VA_ARGS__						\
		series_add(series, bench_tsc() - bench_begun);		\
		break;							\
	}								\
	bench_start(&bench_begun);					\
	for (unsigned int bench_left = (series)->batch; bench_left; bench_left--) { \
		__VA_ARGS__						\
		BARRIER();						\
	}								\
	series_add(series, bench_tsc() - bench_begun);			\
} while (0)

#define BENCH_BATCH(n)	(bench.insn ? 1 : (n))

/* A series of an operation that can be repeated at will */
#define BENCH_SERIES(series, name, n, ...)				\
do {									\
	if (!bench_wanted(name))					\
		break;							\
	series_begin(series, name, BENCH_BATCH(n));			\
	while (!series_full(series))					\
		BENCH_SAMPLE(series, __VA_ARGS__);		\
	series_end(series);						\
	bench_pause();							\
} while (0)

/* ---- the program ------------------------------------------------------- */

static inline void bench_sleep(uint64_t ns)
{
	struct timespec ts = { (time_t)(ns / SEC), (long)(ns % SEC) };

	while (clock_nanosleep(CLOCK_MONOTONIC, 0, &ts, &ts) == EINTR)
		;
}

/*
 * Ordinary tasks run meanwhile. Without a pause they would get 50 ms of each second all the
 * same, by real-time throttling or, from Linux 6.12, by the fair server.
 */
static inline void bench_pause(void)
{
	if (!bench.insn)
		bench_sleep(30 * MSEC);
}

/* When the caller read the TSC, on CLOCK_MONOTONIC */
static inline uint64_t bench_instant(uint64_t tsc)
{
	uint64_t before = bench_tsc(), now = rtfm_now(), after = bench_tsc();

	/* the clock was read half-way between before and after */
	return now - (uint64_t)((double)((before - tsc) + (after - before) / 2) * bench.ns);
}

static inline void bench_calibrate(void)
{
	uint64_t start_ns, start, ticks;

	if (bench.insn)
		return;
	start_ns = rtfm_now();
	start = bench_tsc();
	bench_sleep(100 * MSEC);
	ticks = bench_tsc() - start;
	bench.ns = (double)(rtfm_now() - start_ns) / (double)ticks;
}

/* The first two CPUs that this process may use */
static inline void bench_find_cpus(void)
{
	cpu_set_t set;
	int cpu, n = 0;

	sched_getaffinity(0, sizeof(set), &set);
	bench.cpus[1] = -1;
	for (cpu = 0; cpu < CPU_SETSIZE && n < 2; cpu++)
		if (CPU_ISSET(cpu, &set))
			bench.cpus[n++] = cpu;
}

/* Pin the thread and make it SCHED_FIFO, as an app's core would be. */
static inline void bench_thread(int nr, bool fifo)
{
	struct sched_param param = { .sched_priority = 1 };
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(bench.cpus[nr], &set);
	sched_setaffinity(0, sizeof(set), &set);
	if (fifo)
		sched_setscheduler(0, SCHED_FIFO, &param);
}

/* Take the options off the arguments; the rest is the program's. */
static inline int bench_begin(int argc, char **argv)
{
	int n = 1, i;

	for (i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--insn"))
			bench.insn = true;
		else if (!strcmp(argv[i], "--marks"))
			bench.marks = bench.insn = true;
		else if (!strcmp(argv[i], "--only") && i + 1 < argc)
			bench.only = argv[++i];
		else if (!strcmp(argv[i], "--samples") && i + 1 < argc)
			bench.samples = (unsigned int)atoi(argv[++i]);
		else
			argv[n++] = argv[i];
	}
	argv[n] = NULL;
	if (bench.insn && bench.samples == 2000)
		bench.samples = 100;
	if (!bench.samples || bench.samples > BENCH_MAX)
		bench.samples = BENCH_MAX;
	setvbuf(stdout, NULL, _IOLBF, 0);
	alarm(120);
	bench_find_cpus();
	bench_calibrate();
	return n;
}

static inline int bench_run(unsigned int flags)
{
	struct rtfm_options options = {
		.size = sizeof(options), .flags = flags, .cpus = bench.cpus,
		.ncpus = bench.cpus[1] < 0 ? 1 : 2,
	};
	int status = rtfm_run(&rtfm_app, &options);

	if (status < 0)
		fprintf(stderr, "bench: %s\n", rtfm_error());
	return status < 0 ? 1 : status;
}

#endif /* BENCH_H */
