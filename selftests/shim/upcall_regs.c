// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A preemption at any instruction preserves the state of the interrupted code. In each
 * round, in idle and in tasks, all general registers, flags, x87, vector registers, MXCSR,
 * red zone and errno are set to new patterns, and checked a while later. Meanwhile tasks of
 * higher priority, which overwrite all of these, are released by periodic timers, by one-shot
 * timers at random instants and by another core.
 *
 * With engine kmod the preemptions are upcalls. The test ends when the kernel has counted
 * 100,000, or after 45 seconds; with RTFM_UPCALLS=N not before N. With other engines, or
 * without upcalls, a tenth of that number is counted in jobs.
 */
#include "tap.h"

#ifdef __x86_64__

#include <cpuid.h>
#include <dirent.h>
#include <linux/rtfm.h>
#include <sys/ioctl.h>

#define BATCH	48	/* one-shots scheduled at a time: within RTFM_SUBMITS */

/* Tasks of the upper levels overwrite the state. Those of the lower levels stamp, too. */
#define REGS(core, resource, task)					\
	core(0, init, idle)						\
	task(one, priority(1), capacity(BATCH))				\
	task(two, priority(2), capacity(BATCH))				\
	task(three, priority(3), capacity(BATCH))			\
	task(four, priority(4), capacity(BATCH))			\
	task(kicked, priority(5), remote, capacity(4))			\
	task(tick, priority(6), period(150000))				\
	core(1, init, idle)
RTFM_APP(REGS);

/* ---- the stamp --------------------------------------------------------- */

#define XSTATE	4096
#define RED	16

/* x87, SSE, AVX, and the three of AVX-512 */
#define X87_SSE	3u
#define YMM	4u
#define ZMM	0xe0u

/*
 * What a program may have and keep: arithmetic flags, direction. (The way back from a
 * signal handler loses NT, and with AC a handler in C would fault.)
 */
#define FLAGS_STATUS	0x08d5u
#define FLAG_DF		0x0400u
#define FLAGS_FIXED	0x0202u
#define FLAG_RF		0x10000u	/* the CPU's own, of one instruction */

/**
 * struct stamp - patterns, and their values afterwards
 * @regs: rax rbx rcx rdx rsi rdi rbp r8..r15; in @after, rcx has counted down
 * @flags: the flags register
 * @spins: how long to wait
 * @mask: components of the vector state
 * @red: what is below sp
 * @fp: in the format of XSAVE
 */
struct stamp {
	uint64_t regs[15];
	uint64_t flags;
	uint64_t regs_after[15];
	uint64_t flags_after;
	uint64_t spins;
	uint64_t mask;
	uint64_t red[RED];
	uint64_t red_after[RED];
	unsigned char fp[XSTATE] __attribute__((aligned(64)));
	unsigned char fp_after[XSTATE] __attribute__((aligned(64)));
};

_Static_assert(offsetof(struct stamp, flags) == 120, "see the assembly");
_Static_assert(offsetof(struct stamp, regs_after) == 128, "see the assembly");
_Static_assert(offsetof(struct stamp, flags_after) == 248, "see the assembly");
_Static_assert(offsetof(struct stamp, spins) == 256, "see the assembly");
_Static_assert(offsetof(struct stamp, mask) == 264, "see the assembly");
_Static_assert(offsetof(struct stamp, red) == 272, "see the assembly");
_Static_assert(offsetof(struct stamp, red_after) == 400, "see the assembly");
_Static_assert(offsetof(struct stamp, fp) == 576, "see the assembly");
_Static_assert(offsetof(struct stamp, fp_after) == 576 + XSTATE, "see the assembly");

/*
 * stamp_wait(stamp): loads all, waits, stores all. Two ways to wait: one whose loop
 * leaves the flags alone and counts in rcx, and one (spins odd) that leaves rcx alone
 * and counts in rdx. The pointer to the stamp waits at sp.
 */
void stamp_wait(struct stamp *stamp);
void spoil_state(const unsigned char *fp, uint64_t mask);

__asm__("	.text\n"
"	.type	stamp_wait, @function\n"
"	.globl	stamp_wait\n"
"stamp_wait:\n"
"	push	%rbx\n"
"	push	%rbp\n"
"	push	%r12\n"
"	push	%r13\n"
"	push	%r14\n"
"	push	%r15\n"
"	push	%rdi\n"
"	mov	264(%rdi), %eax\n"
"	xor	%edx, %edx\n"
"	xrstor64 576(%rdi)\n"
"	push	120(%rdi)\n"
"	testq	$1, 256(%rdi)\n"
"	jnz	2f\n"
"	popfq\n"				/* from here on, nothing changes flags */
"	mov	272(%rdi), %rax\n	mov	%rax, -8(%rsp)\n"
"	mov	280(%rdi), %rax\n	mov	%rax, -16(%rsp)\n"
"	mov	288(%rdi), %rax\n	mov	%rax, -24(%rsp)\n"
"	mov	296(%rdi), %rax\n	mov	%rax, -32(%rsp)\n"
"	mov	304(%rdi), %rax\n	mov	%rax, -40(%rsp)\n"
"	mov	312(%rdi), %rax\n	mov	%rax, -48(%rsp)\n"
"	mov	320(%rdi), %rax\n	mov	%rax, -56(%rsp)\n"
"	mov	328(%rdi), %rax\n	mov	%rax, -64(%rsp)\n"
"	mov	336(%rdi), %rax\n	mov	%rax, -72(%rsp)\n"
"	mov	344(%rdi), %rax\n	mov	%rax, -80(%rsp)\n"
"	mov	352(%rdi), %rax\n	mov	%rax, -88(%rsp)\n"
"	mov	360(%rdi), %rax\n	mov	%rax, -96(%rsp)\n"
"	mov	368(%rdi), %rax\n	mov	%rax, -104(%rsp)\n"
"	mov	376(%rdi), %rax\n	mov	%rax, -112(%rsp)\n"
"	mov	384(%rdi), %rax\n	mov	%rax, -120(%rsp)\n"
"	mov	392(%rdi), %rax\n	mov	%rax, -128(%rsp)\n"
"	mov	0(%rdi), %rax\n"
"	mov	8(%rdi), %rbx\n"
"	mov	256(%rdi), %rcx\n"
"	mov	24(%rdi), %rdx\n"
"	mov	32(%rdi), %rsi\n"
"	mov	48(%rdi), %rbp\n"
"	mov	56(%rdi), %r8\n"
"	mov	64(%rdi), %r9\n"
"	mov	72(%rdi), %r10\n"
"	mov	80(%rdi), %r11\n"
"	mov	88(%rdi), %r12\n"
"	mov	96(%rdi), %r13\n"
"	mov	104(%rdi), %r14\n"
"	mov	112(%rdi), %r15\n"
"	mov	40(%rdi), %rdi\n"
"1:	lea	-1(%rcx), %rcx\n"
"	jrcxz	3f\n"
"	jmp	1b\n"
"2:	lea	8(%rsp), %rsp\n"
"	mov	0(%rdi), %rax\n"
"	mov	8(%rdi), %rbx\n"
"	mov	16(%rdi), %rcx\n"
"	mov	256(%rdi), %rdx\n"
"	mov	32(%rdi), %rsi\n"
"	mov	48(%rdi), %rbp\n"
"	mov	56(%rdi), %r8\n"
"	mov	64(%rdi), %r9\n"
"	mov	72(%rdi), %r10\n"
"	mov	80(%rdi), %r11\n"
"	mov	88(%rdi), %r12\n"
"	mov	96(%rdi), %r13\n"
"	mov	104(%rdi), %r14\n"
"	mov	112(%rdi), %r15\n"
"	mov	40(%rdi), %rdi\n"
"4:	dec	%rdx\n"
"	jnz	4b\n"
"3:	xchg	%rdi, (%rsp)\n"
"	mov	%rax, 128(%rdi)\n"
"	mov	%rbx, 136(%rdi)\n"
"	mov	%rcx, 144(%rdi)\n"
"	mov	%rdx, 152(%rdi)\n"
"	mov	%rsi, 160(%rdi)\n"
"	mov	(%rsp), %rax\n"
"	mov	%rax, 168(%rdi)\n"
"	mov	%rbp, 176(%rdi)\n"
"	mov	%r8, 184(%rdi)\n"
"	mov	%r9, 192(%rdi)\n"
"	mov	%r10, 200(%rdi)\n"
"	mov	%r11, 208(%rdi)\n"
"	mov	%r12, 216(%rdi)\n"
"	mov	%r13, 224(%rdi)\n"
"	mov	%r14, 232(%rdi)\n"
"	mov	%r15, 240(%rdi)\n"
"	mov	-8(%rsp), %rax\n	mov	%rax, 400(%rdi)\n"
"	mov	-16(%rsp), %rax\n	mov	%rax, 408(%rdi)\n"
"	mov	-24(%rsp), %rax\n	mov	%rax, 416(%rdi)\n"
"	mov	-32(%rsp), %rax\n	mov	%rax, 424(%rdi)\n"
"	mov	-40(%rsp), %rax\n	mov	%rax, 432(%rdi)\n"
"	mov	-48(%rsp), %rax\n	mov	%rax, 440(%rdi)\n"
"	mov	-56(%rsp), %rax\n	mov	%rax, 448(%rdi)\n"
"	mov	-64(%rsp), %rax\n	mov	%rax, 456(%rdi)\n"
"	mov	-72(%rsp), %rax\n	mov	%rax, 464(%rdi)\n"
"	mov	-80(%rsp), %rax\n	mov	%rax, 472(%rdi)\n"
"	mov	-88(%rsp), %rax\n	mov	%rax, 480(%rdi)\n"
"	mov	-96(%rsp), %rax\n	mov	%rax, 488(%rdi)\n"
"	mov	-104(%rsp), %rax\n	mov	%rax, 496(%rdi)\n"
"	mov	-112(%rsp), %rax\n	mov	%rax, 504(%rdi)\n"
"	mov	-120(%rsp), %rax\n	mov	%rax, 512(%rdi)\n"
"	mov	-128(%rsp), %rax\n	mov	%rax, 520(%rdi)\n"
"	pushfq\n"
"	pop	248(%rdi)\n"
"	pushq	$0x202\n"
"	popfq\n"
"	mov	264(%rdi), %eax\n"
"	xor	%edx, %edx\n"
"	xsave64	576+4096(%rdi)\n"
"	fninit\n"
"	pushq	$0x1f80\n"
"	ldmxcsr	(%rsp)\n"
"	pop	%rax\n"
"	pop	%rdi\n"
"	pop	%r15\n"
"	pop	%r14\n"
"	pop	%r13\n"
"	pop	%r12\n"
"	pop	%rbp\n"
"	pop	%rbx\n"
"	ret\n"

/* Overwrite all that a function may clobber, and flags that a function may not change. */
"	.type	spoil_state, @function\n"
"	.globl	spoil_state\n"
"spoil_state:\n"
"	mov	%esi, %eax\n"
"	xor	%edx, %edx\n"
"	xrstor64 (%rdi)\n"
"	emms\n"
"	mov	$0xdeadbeefdeadbeef, %rax\n"
"	mov	%rax, %rcx\n"
"	mov	%rax, %rdx\n"
"	mov	%rax, %rsi\n"
"	mov	%rax, %rdi\n"
"	mov	%rax, %r8\n"
"	mov	%rax, %r9\n"
"	mov	%rax, %r10\n"
"	mov	%rax, %r11\n"
"	pushq	$0x8d7\n"
"	popfq\n"
"	ret\n"
);

static uint64_t xmask;			/* components that we check */
static struct { uint32_t offset, size; } component[8];

static const char *find_state(void)
{
	uint32_t a, b, c, d, low, high, i;

	if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_OSXSAVE))
		return "this CPU has no XSAVE";
	__asm__ __volatile__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
	xmask = low & (X87_SSE | YMM | ZMM);
	for (i = 2; i < 8; i++) {
		if (!(xmask & 1u << i))
			continue;
		if (!__get_cpuid_count(0xd, i, &a, &b, &c, &d) || a + b > XSTATE)
			return "this CPU has a vector state that the test does not know";
		component[i].offset = b;
		component[i].size = a;
	}
	return NULL;
}

static uint64_t random_state = 88172645463325252ULL;

/* In a task on top of another use of it: a repetition is as random as any other. */
static uint64_t random_u64(void)
{
	uint64_t x = random_state;

	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	random_state = x;
	return x * 0x2545f4914f6cdd1dULL;
}

static void random_bytes(void *to, size_t n)
{
	for (size_t i = 0; i < n; i += 8) {
		uint64_t x = random_u64();

		memcpy((char *)to + i, &x, 8);
	}
}

static void put16(unsigned char *to, uint64_t x)
{
	to[0] = (unsigned char)x;
	to[1] = (unsigned char)(x >> 8);
}

/* Intel SDM 1, 13.4: any bits will do, but those that raise an exception. */
static void random_fp(unsigned char *fp)
{
	uint64_t x = random_u64();

	memset(fp, 0, 576);
	put16(fp, 0x7f | (x & 0xf00));			/* precision and rounding */
	put16(fp + 2, (x >> 16) & 0x7f00);		/* top of the stack, condition codes */
	fp[4] = 0xff;					/* no register empty */
	put16(fp + 24, 0x1f80 | ((x >> 32) & 0xe07f));	/* MXCSR */
	for (int i = 0; i < 8; i++)
		random_bytes(fp + 32 + 16 * i, 8);
	for (int i = 0; i < 8; i++)
		put16(fp + 40 + 16 * i, random_u64());
	random_bytes(fp + 160, 256);
	memcpy(fp + 512, &xmask, 8);
	for (int i = 2; i < 8; i++) {
		if (component[i].size)
			random_bytes(fp + component[i].offset, component[i].size);
	}
}

static struct {
	unsigned long stamps, regs, flags, red, x87, mxcsr, xmm, ymm, zmm, errnos;
	unsigned long full, dirty;	/* how jobs began */
} bad;

static void stamp_set(struct stamp *s, uint64_t spins)
{
	random_bytes(s->regs, sizeof(s->regs));
	random_bytes(s->red, sizeof(s->red));
	random_fp(s->fp);
	s->flags = FLAGS_FIXED | (random_u64() & (FLAGS_STATUS | FLAG_DF));
	s->mask = xmask;
	s->spins = spins;
}

static bool fp_differs(const struct stamp *s, size_t at, size_t n)
{
	return memcmp(s->fp + at, s->fp_after + at, n) != 0;
}

static void stamp_check(struct stamp *s)
{
	bool counts_in_rdx = s->spins & 1;
	unsigned long regs = 0;
	bool x87;

	for (int i = 0; i < 15; i++)
		regs += i != (counts_in_rdx ? 3 : 2) && s->regs[i] != s->regs_after[i];
	bad.regs += regs != 0;
	if (!counts_in_rdx) {
		bad.flags += s->flags != (s->flags_after & ~(uint64_t)FLAG_RF);
		bad.red += memcmp(s->red, s->red_after, sizeof(s->red)) != 0;
	}
	x87 = fp_differs(s, 0, 2) || fp_differs(s, 2, 2) || fp_differs(s, 4, 1);
	for (int i = 0; i < 8; i++)
		x87 = x87 || fp_differs(s, 32 + 16 * (size_t)i, 10);
	bad.x87 += x87;
	bad.mxcsr += fp_differs(s, 24, 4);
	bad.xmm += fp_differs(s, 160, 256);
	bad.ymm += fp_differs(s, component[2].offset, component[2].size);
	for (int i = 5; i < 8; i++)
		bad.zmm += fp_differs(s, component[i].offset, component[i].size);
}

static int stamping;		/* how many stamps are being waited for, one on the other */
static unsigned long hits[8];	/* jobs that came upon so many */

/* The code after this is called like a function. */
static void clean_upper(void)
{
	if (xmask & YMM)
		__asm__ __volatile__("vzeroupper");
}

static void stamp(struct stamp *s, uint64_t spins)
{
	int was = (int)(random_u64() & 0xffff) | 0x10000;

	stamp_set(s, spins);
	errno = was;
	stamping++;
	stamp_wait(s);
	clean_upper();
	stamping--;
	if (errno != was)
		bad.errnos++;
	stamp_check(s);
	bad.stamps++;
}

/* ---- the app ----------------------------------------------------------- */

static unsigned long wanted, spins_per_us;
static unsigned char spoilt_fp[XSTATE] __attribute__((aligned(64)));
static struct stamp stamp_idle, stamp_one, stamp_two;
static unsigned long jobs[7], batches, pending, late, left;
static uint64_t gap = 30000, give_up;
static int device = -1;
static struct rtfm_query last;
static const char *delivery = "";

/* The library's own file, to ask the kernel how often it did what. */
static int find_device(void)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;
	int found = -1;

	while (dir && (entry = readdir(dir))) {
		char path[300], link[32] = "";

		snprintf(path, sizeof(path), "/proc/self/fd/%s", entry->d_name);
		if (readlink(path, link, sizeof(link) - 1) > 0 && !strcmp(link, "/dev/rtfm"))
			found = atoi(entry->d_name);
	}
	if (dir)
		closedir(dir);
	return found;
}

static unsigned long all_jobs(void)
{
	unsigned long n = 0;

	for (int i = 0; i < 7; i++)
		n += LOAD(jobs[i]);
	return n;
}

/* The number of interruptions so far */
static unsigned long interruptions(void)
{
	struct rtfm_query query = { .size = sizeof(query) };

	if (device < 0 || ioctl(device, RTFM_IOC_QUERY, &query))
		return all_jobs();
	last = query;
	return query.upcalls ? (unsigned long)query.upcalls : all_jobs();
}

static void spoil(int level)
{
	volatile char stack[3000];

	for (size_t i = 0; i < sizeof(stack); i += 8)
		stack[i] = (char)i;
	ADD(jobs[level], 1);
	if (LOAD(stamping) < 8)
		hits[LOAD(stamping)]++;
	spoil_state(spoilt_fp, xmask);
	clean_upper();
	errno = level;
}

/*
 * A job that an interrupt starts begins in the state that the ABI guarantees to a function,
 * whatever the stamp had set: no register of the x87 stack is in use, and the upper halves of
 * ymm are zero.
 */
static void look_at_beginning(void)
{
	static unsigned char fp[XSTATE] __attribute__((aligned(64)));
	static const unsigned char zero[XSTATE];
	struct {
		uint16_t word[14];
	} env;

	__asm__ __volatile__("fnstenv %0\n\tfldenv %0" : "+m"(env));
	bad.full += env.word[4] != 0xffff;
	if (!(xmask & YMM))
		return;
	__asm__ __volatile__("xsave64 %0" : "=m"(fp) : "a"(YMM), "d"(0));
	bad.dirty += memcmp(fp + component[2].offset, zero, component[2].size) != 0;
}

static void came(int level, uint64_t instant)
{
	ADD(pending, -1);
	if (rtfm_now() > instant + gap)
		late++;
	spoil(level);
}

RTFM_INIT(0)
{
	uint64_t best = UINT64_MAX;

	/* the machine may be delayed in one of them */
	for (int i = 0; i < 5; i++) {
		uint64_t begun = rtfm_now(), ns;

		stamp(&stamp_idle, 400000);
		ns = rtfm_now() - begun;
		if (ns < best)
			best = ns;
	}
	spins_per_us = 400000000ul / (best ? best : 1) + 1;
	device = find_device();
}

RTFM_INIT(1)
{
}

static uint64_t some_spins(uint64_t ns)
{
	return 2 + random_u64() % (ns * spins_per_us / 1000 + 1);
}

RTFM_TASK(one)
{
	stamp(&stamp_one, some_spins(3 * gap));
	came(1, UINT64_MAX / 2);
}

RTFM_TASK(two)
{
	stamp(&stamp_two, some_spins(2 * gap));
	came(2, UINT64_MAX / 2);
}

RTFM_TASK(three)
{
	look_at_beginning();
	came(3, cx->scheduled);
}

RTFM_TASK(four)
{
	look_at_beginning();
	came(4, cx->scheduled);
}

RTFM_TASK(kicked)
{
	look_at_beginning();
	spoil(5);
}

RTFM_TASK(tick)
{
	look_at_beginning();
	spoil(6);
}

/* Mostly the upper levels, which cost least. */
static int ask(struct idle_0_cx *cx, uint64_t instant)
{
	int64_t handle;

	switch (random_u64() % 16) {
	case 0:
		handle = rtfm_schedule(one, instant);
		break;
	case 1:
		handle = rtfm_schedule(two, instant);
		break;
	case 2 ... 8:
		handle = rtfm_schedule(three, instant);
		break;
	default:
		handle = rtfm_schedule(four, instant);
	}
	return handle < 0 ? (int)handle : 0;
}

/*
 * Some one-shots in advance, of which only the first takes a system call; then
 * stamps until they have come. As fast as the machine can follow: if many are late,
 * the next ones are farther apart.
 */
RTFM_IDLE(0)
{
	uint64_t rested = rtfm_now();

	while (rtfm_running()) {
		uint64_t begin = rtfm_now(), at = begin + gap, until;

		for (int i = 0; i < BATCH; i++) {
			/* some while the one before is being served, and on its way out */
			at += random_u64() % 3 ? gap / 2 + random_u64() % gap :
						 random_u64() % 20000;
			/* a task counts it down, maybe at once */
			ADD(pending, 1);
			if (ask(cx, at))
				ADD(pending, -1);
		}
		until = at + 10 * SEC;
		while (LOAD(pending) && rtfm_now() < until) {
			stamp(&stamp_idle, some_spins(4 * gap));
			/* what interrupts idle looks until nothing is ready, not even late */
			if (device >= 0 && LOAD(cx->rtfmx_ctl->ready) & RTFM_READY_LEVELS)
				left++;
		}
		if (LOAD(pending)) {
			printf("# %lu jobs have not come\n", LOAD(pending));
			break;
		}
		if (late > BATCH / 4 && gap < MSEC)
			gap += gap / 32;
		else if (gap > 3000)
			gap -= gap / 32;
		late = 0;
		batches++;
		if (interruptions() >= wanted || rtfm_now() > give_up)
			break;
		/* RCU has a thread on this CPU, and calls it stalled after 21 s without */
		if (rtfm_now() > rested + 5 * SEC) {
			usleep(5000);
			rested = rtfm_now();
		}
	}
	interruptions();
	rtfm_exit(0);
}

/* It sleeps most of the time: the other core is the one that is tested. */
RTFM_IDLE(1)
{
	uint64_t seed = 1;

	while (rtfm_running()) {
		struct timespec t = { 0, 50000 };

		seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
		t.tv_nsec += (long)(seed >> 33) % 400000;
		nanosleep(&t, NULL);
		/* refused: they have not run yet */
		(void)!rtfm_spawn(kicked);
	}
}

static void ok_bad(unsigned long n, const char *what)
{
	ok(!n, "%s%s", delivery, what);
	if (n)
		printf("# different in %lu of %lu rounds\n", n, bad.stamps);
}

static void report(uint64_t ns)
{
	printf("# %lu rounds, %lu batches, gap %llu ns, %lu spins/us, %llu s, components %#llx\n",
	       bad.stamps, batches, (unsigned long long)gap, spins_per_us,
	       (unsigned long long)(ns / SEC), (unsigned long long)xmask);
	printf("# jobs %lu %lu %lu %lu, from the other core %lu, periodic %lu\n",
	       jobs[1], jobs[2], jobs[3], jobs[4], jobs[5], jobs[6]);
	printf("# upon no stamp %lu, one %lu, two %lu, three %lu\n", hits[0], hits[1], hits[2],
	       hits[3]);
	if (device >= 0)
		printf("# upcalls %llu, doorbells %llu, held %llu, kicks %llu; %llu upcalls/s\n",
		       last.upcalls, last.doorbells, last.held, last.kicks,
		       last.upcalls * 1000 / (ns / 1000000 + 1));
}

int main(void)
{
	const char *n = getenv("RTFM_UPCALLS"), *how = getenv("RTFM_DELIVERY");
	const char *why = find_state();
	uint64_t begin;
	int status;

	if (why)
		tap_skip_all(why);
	if (!time_preempts())
		tap_skip_all(NO_TIME_PREEMPTION);
	need_cpus(2);
	wanted = n ? strtoul(n, NULL, 0) : 100000;
	if (!asked_for("kmod") || (how && !strcmp(how, "doorbell")))
		wanted /= 10;
	tap_begin((unsigned int)(100 + wanted / 100));
	memset(spoilt_fp, 0, sizeof(spoilt_fp));
	random_fp(spoilt_fp);
	begin = rtfm_now();
	give_up = begin + (n ? 90 + wanted / 100 : 45) * SEC;
	status = rtfm_run(&rtfm_app, NULL);
	report(rtfm_now() - begin);
	ok(!status, "runs");
	if (status)
		printf("# %d: %s\n", status, rtfm_error());
	if (last.upcalls)
		delivery = "upcalls: ";
	/* a slow machine: what can be said of fewer */
	if (!n && rtfm_now() >= give_up)
		wanted /= 20;
	ok((last.upcalls ? last.upcalls : all_jobs()) >= wanted, "%senough, %lu", delivery, wanted);
	ok(hits[1] > wanted / 10 && hits[2] > wanted / 1000,
	   "%supon stamps, and upon stamps of tasks on top of stamps", delivery);
	ok(!left, "%snothing is left behind", delivery);
	ok_bad(bad.regs, "general registers");
	ok_bad(bad.flags, "flags");
	ok_bad(bad.red, "red zone");
	ok_bad(bad.x87, "x87");
	ok_bad(bad.mxcsr, "MXCSR");
	ok_bad(bad.xmm, "xmm");
	if (xmask & YMM)
		ok_bad(bad.ymm, "ymm");
	else
		ok_skip("ymm", "this CPU has no AVX");
	if ((xmask & ZMM) == ZMM)
		ok_bad(bad.zmm, "zmm and masks");
	else
		ok_skip("zmm and masks", "this CPU has no AVX-512");
	ok_bad(bad.errnos, "errno");
	ok_bad(bad.full, "the x87 stack is empty at first");
	ok_bad(bad.dirty, "upper halves are clean at first");
	return tap_end();
}

#else

int main(void)
{
	tap_skip_all("stamps registers of x86-64");
}

#endif
