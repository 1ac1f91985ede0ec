// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A preemption, by a spawn, by a timer and by another core, preserves errno, the
 * floating-point environment, the signal mask, the registers and the red zone of the
 * interrupted code.
 */
#include "tap.h"

#define STATE(core, resource, task)					\
	core(0, init)							\
	resource(shared, int, 0)					\
	task(low, priority(1), uses(shared))				\
	task(high, priority(2), remote, capacity(4), uses(shared))	\
	task(timed, priority(3))					\
	task(copying, priority(4), general_regs)			\
	core(1)								\
	task(other, remote)
RTFM_APP(STATE);

static void (*scenario)(struct low_cx *cx);
/* A preemption that was seen this often counts as seen at every instruction. */
#define PREEMPTIONS 50

static int preemptions, copies, repeat, other_runs, accepted, enough;
static volatile double sink;

RTFM_INIT(0)
{
	rtfm_unwrap(rtfm_spawn(low));
}

RTFM_TASK(low)
{
	scenario(cx);
	rtfm_exit(0);
}

/* ---- the floating-point environment, without libm ----------------------- */

struct fp {
	uint32_t mxcsr;
	uint16_t x87;
};

#ifdef __x86_64__
#define HAVE_FP			1
#define MXCSR_UNDERFLOW		0x0010u
#define MXCSR_DIVIDE		0x0004u
#define MXCSR_OVERFLOW		0x0008u
#define MXCSR_DOWN		0x2000u
#define MXCSR_UP		0x4000u
#define X87_DOWN		0x0400u
#define X87_UP			0x0800u

static const struct fp fp_default = { 0x1f80, 0x037f };
static const struct fp fp_low = { 0x1f80 | MXCSR_UP | MXCSR_UNDERFLOW, 0x037f | X87_UP };
static const struct fp fp_high = {
	0x1f80 | MXCSR_DOWN | MXCSR_DIVIDE | MXCSR_OVERFLOW, 0x037f | X87_DOWN
};

static void fp_set(const struct fp *fp)
{
	__asm__ __volatile__("ldmxcsr %0\n\tfldcw %1" :: "m"(fp->mxcsr), "m"(fp->x87));
}

static void fp_get(struct fp *fp)
{
	__asm__ __volatile__("stmxcsr %0\n\tfnstcw %1" : "=m"(fp->mxcsr), "=m"(fp->x87));
}
#else
#define HAVE_FP			0

static const struct fp fp_default, fp_low, fp_high;

static void fp_set(const struct fp *fp)
{
	(void)fp;
}

static void fp_get(struct fp *fp)
{
	*fp = fp_low;
}
#endif

/* The C ABI gives the vector registers to a callee, memcpy() for example. */
static __attribute__((noinline)) void spoil_vectors(void)
{
#ifdef __x86_64__
	__asm__ __volatile__("pcmpeqd %%xmm0, %%xmm0\n\t"
			     "movdqa %%xmm0, %%xmm1\n\tmovdqa %%xmm0, %%xmm2\n\t"
			     "movdqa %%xmm0, %%xmm3\n\tmovdqa %%xmm0, %%xmm4\n\t"
			     "movdqa %%xmm0, %%xmm5\n\tmovdqa %%xmm0, %%xmm6\n\t"
			     "movdqa %%xmm0, %%xmm7\n\tmovdqa %%xmm0, %%xmm8\n\t"
			     "movdqa %%xmm0, %%xmm9\n\tmovdqa %%xmm0, %%xmm10\n\t"
			     "movdqa %%xmm0, %%xmm11\n\tmovdqa %%xmm0, %%xmm12\n\t"
			     "movdqa %%xmm0, %%xmm13\n\tmovdqa %%xmm0, %%xmm14\n\t"
			     "movdqa %%xmm0, %%xmm15\n\t"
			     "fldpi\n\tfldpi\n\tfldpi\n\tfldpi\n\tfldpi\n\tfldpi\n\tfldpi\n\t"
			     "emms\n\t" ::: "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5",
			     "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13",
			     "xmm14", "xmm15", "st", "st(1)", "st(2)", "st(3)", "st(4)", "st(5)",
			     "st(6)", "st(7)", "memory");
	if (__builtin_cpu_supports("avx"))
		__asm__ __volatile__("vpcmpeqd %%xmm0, %%xmm0, %%xmm0\n\t"
				     "vinsertf128 $1, %%xmm0, %%ymm0, %%ymm0\n\t"
				     "vmovaps %%ymm0, %%ymm7\n\tvmovaps %%ymm0, %%ymm12\n\t"
				     "vzeroupper\n\t" ::: "xmm0", "xmm7", "xmm12");
#endif
}

/* Overwrites all that a function may change. */
static __attribute__((noinline)) void spoil(void)
{
	errno = EDOM;
	fp_set(&fp_high);
	sink = sink * 1.5 + 1e300;
	spoil_vectors();
}

RTFM_TASK(high)
{
	++*rtfm_exclusive(shared);
	ADD(preemptions, 1);
	spoil();
}

/*
 * When a job is to run again: four times as long after its end as it took to be released and to
 * run, so that the code below it makes progress on any machine, and once in 100 ms at least.
 */
static uint64_t again(uint64_t scheduled, uint64_t pause)
{
	uint64_t now = rtfm_now(), took = 4 * (now - scheduled);

	return now + pause + (took < 100 * MSEC ? took : 100 * MSEC);
}

RTFM_TASK(timed)
{
	ADD(preemptions, 1);
	rtfm_unwrap(rtfm_schedule(timed, again(cx->scheduled, 200000)));
	spoil();
}

/* Computes nothing in floating point, but calls a function that copies. */
RTFM_TASK(copying)
{
	ADD(copies, 1);
	errno = EDOM;
	spoil_vectors();
	if (LOAD(repeat))
		rtfm_unwrap(rtfm_schedule(copying, again(cx->scheduled, 300000)));
}

RTFM_TASK(other)
{
	ADD(other_runs, 1);
	while (!LOAD(enough)) {
		if (!rtfm_spawn(high))
			accepted++;
		for (uint64_t end = rtfm_now() + 20000; rtfm_now() < end;)
			;
	}
}

/* ---- the state that the interrupted code checks -------------------------- */

static int bad_errno, bad_fp, bad_mask;
static uint64_t low_mask;

/* The kernel's word: bit n - 1 is signal n. */
static uint64_t signal_mask(void)
{
	uint64_t word = 0;
	sigset_t set;

	sigprocmask(SIG_BLOCK, NULL, &set);
	for (int sig = 1; sig <= 64; sig++) {
		if (sigismember(&set, sig) == 1)
			word |= 1ULL << (sig - 1);
	}
	return word;
}

static void env_set(void)
{
	low_mask = signal_mask();
	errno = ERANGE;
	fp_set(&fp_low);
}

static void env_check(void)
{
	int err = errno;
	struct fp fp;

	fp_get(&fp);
	fp_set(&fp_default);
	bad_errno += err != ERANGE;
	bad_fp += fp.mxcsr != fp_low.mxcsr || fp.x87 != fp_low.x87;
	bad_mask += signal_mask() != low_mask;
}

static void ok_env(const char *how)
{
	ok(!bad_errno, "%s: errno", how);
	if (HAVE_FP)
		ok(!bad_fp, "%s: rounding and exceptions of floating point", how);
	ok(!bad_mask, "%s: signal mask", how);
	bad_errno = 0;
	bad_fp = 0;
	bad_mask = 0;
}

static void by_spawn(struct low_cx *cx)
{
	for (int i = 0; i < 1000; i++) {
		env_set();
		(void)!rtfm_spawn(high);
		(void)!rtfm_spawn(copying);
		env_check();
	}
}

static void by_unlock(struct low_cx *cx)
{
	for (int i = 0; i < 1000; i++) {
		env_set();
		rtfm_lock(shared)
			(void)!rtfm_spawn(high);
		env_check();
	}
}

/* A call that fails returns the error and does not change errno. */
static void by_failure(struct low_cx *cx)
{
	env_set();
	for (int i = 0; i < 10; i++)
		(void)!rtfm_spawn(low);
	(void)rtfm_cancel(12345);
	(void)!rtfm_reschedule(12345, 1ULL);
	(void)!rtfm_schedule(low, UINT64_MAX);
	env_check();
}

static int bad_registers;

#ifdef __x86_64__
/*
 * Patterns in registers and in the red zone, a while, and what became of them.
 * Our own frame's red zone is the compiler's: make room first.
 */
static __attribute__((noinline)) uint64_t watch(uint64_t rounds)
{
	uint64_t bad;

	__asm__ __volatile__(
		"lea	-256(%%rsp), %%rsp\n\t"
		"mov	$0x1111222233334444, %%rax\n\t"
		"movq	%%rax, %%xmm0\n\t"
		"punpcklqdq %%xmm0, %%xmm0\n\t"
		"movdqa	%%xmm0, %%xmm7\n\t"
		"movdqa	%%xmm0, %%xmm12\n\t"
		"movdqa	%%xmm0, %%xmm15\n\t"
		"mov	%%rax, -8(%%rsp)\n\t"
		"mov	%%rax, -64(%%rsp)\n\t"
		"mov	%%rax, -128(%%rsp)\n\t"
		"mov	%%rax, %%r8\n\t"
		"mov	%%rax, %%r9\n\t"
		"mov	%%rax, %%r10\n\t"
		"mov	%%rax, %%r11\n\t"
		"mov	%%rax, %%rsi\n\t"
		"mov	%%rax, %%rdi\n\t"
		"mov	%%rax, %%rdx\n\t"
		"fld1\n\t"
		"stc\n\t"
		"1:\n\t"
		"jnc	2f\n\t"			/* flags, then all the rest */
		"lea	-1(%%rcx), %%rcx\n\t"
		"jrcxz	2f\n\t"
		"jmp	1b\n\t"
		"2:\n\t"
		"setnc	%%bl\n\t"
		"movzbl	%%bl, %%ebx\n\t"
		"xor	%%rax, %%r8\n\t"
		"or	%%r8, %%rbx\n\t"
		"xor	%%rax, %%r9\n\t"
		"or	%%r9, %%rbx\n\t"
		"xor	%%rax, %%r10\n\t"
		"or	%%r10, %%rbx\n\t"
		"xor	%%rax, %%r11\n\t"
		"or	%%r11, %%rbx\n\t"
		"xor	%%rax, %%rsi\n\t"
		"or	%%rsi, %%rbx\n\t"
		"xor	%%rax, %%rdi\n\t"
		"or	%%rdi, %%rbx\n\t"
		"xor	%%rax, %%rdx\n\t"
		"or	%%rdx, %%rbx\n\t"
		"mov	-8(%%rsp), %%rdx\n\t"
		"xor	%%rax, %%rdx\n\t"
		"or	%%rdx, %%rbx\n\t"
		"mov	-64(%%rsp), %%rdx\n\t"
		"xor	%%rax, %%rdx\n\t"
		"or	%%rdx, %%rbx\n\t"
		"mov	-128(%%rsp), %%rdx\n\t"
		"xor	%%rax, %%rdx\n\t"
		"or	%%rdx, %%rbx\n\t"
		"movq	%%xmm0, %%rdx\n\t"
		"xor	%%rax, %%rdx\n\t"
		"or	%%rdx, %%rbx\n\t"
		"pcmpeqb %%xmm0, %%xmm7\n\t"
		"pcmpeqb %%xmm0, %%xmm12\n\t"
		"pcmpeqb %%xmm0, %%xmm15\n\t"
		"pand	%%xmm12, %%xmm7\n\t"
		"pand	%%xmm15, %%xmm7\n\t"
		"pmovmskb %%xmm7, %%edx\n\t"
		"xor	$0xffff, %%edx\n\t"
		"or	%%rdx, %%rbx\n\t"
		"fistpll -8(%%rsp)\n\t"
		"mov	-8(%%rsp), %%rdx\n\t"
		"xor	$1, %%rdx\n\t"
		"or	%%rdx, %%rbx\n\t"
		"lea	256(%%rsp), %%rsp\n\t"
		: "=&b"(bad), "+c"(rounds)
		:
		: "rax", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "xmm0", "xmm7", "xmm12",
		  "xmm15", "st", "cc", "memory");
	return bad;
}

static __attribute__((noinline)) uint64_t watch_avx(uint64_t rounds)
{
	uint64_t bad, pattern[4] = { 1, 2, 3, 4 }, seen[8] = { 0 };

	__asm__ __volatile__(
		"vmovups (%3), %%ymm7\n\t"
		"vmovups (%3), %%ymm12\n\t"
		"1:\n\t"
		"dec	%1\n\t"
		"jnz	1b\n\t"
		"vmovups %%ymm7, (%2)\n\t"
		"vmovups %%ymm12, 32(%2)\n\t"
		"vzeroupper\n\t"
		"xor	%0, %0\n\t"
		: "=&r"(bad), "+r"(rounds)
		: "r"(seen), "r"(pattern)
		: "xmm7", "xmm12", "cc", "memory");
	return bad | (uint64_t)memcmp(seen, pattern, 32) | (uint64_t)memcmp(seen + 4, pattern, 32);
}

static void watch_registers(void)
{
	bad_registers += watch(20000) != 0;
	if (__builtin_cpu_supports("avx"))
		bad_registers += watch_avx(20000) != 0;
}
#else
static void watch_registers(void)
{
}
#endif

static void spin(uint64_t until)
{
	while (rtfm_now() < until) {
		env_set();
		for (int i = 0; i < 100; i++) {
			__asm__ __volatile__("" ::: "memory");
			watch_registers();
		}
		env_check();
	}
}

static bool seen_enough(void)
{
	return LOAD(preemptions) > PREEMPTIONS && (!LOAD(repeat) || LOAD(copies) > 1);
}

/* Half a second is enough on a machine that is not busy, twenty on one that is. */
static void spin_for_preemptions(void)
{
	for (int i = 0; i < 40 && !seen_enough(); i++)
		spin(rtfm_now() + 500 * MSEC);
	STORE(enough, 1);
}

static void by_time(struct low_cx *cx)
{
	preemptions = 0;
	copies = 0;
	repeat = 1;
	rtfm_unwrap(rtfm_schedule(timed, rtfm_now()));
	rtfm_unwrap(rtfm_schedule(copying, rtfm_now()));
	spin_for_preemptions();
	STORE(repeat, 0);
}

static void by_core(struct low_cx *cx)
{
	preemptions = 0;
	STORE(enough, 0);
	rtfm_unwrap(rtfm_spawn(other));
	spin_for_preemptions();
}

static void run(void (*what)(struct low_cx *cx), const char *how)
{
	int status;

	scenario = what;
	status = rtfm_run(&rtfm_app, NULL);
	if (status) {
		ok(false, "%s: runs", how);
		printf("# %d: %s\n", status, rtfm_error());
	}
	fp_set(&fp_default);
	ok_env(how);
}

int main(void)
{
	tap_begin(60);
	need_cpus(2);
	run(by_failure, "calls that fail");
	run(by_spawn, "a spawn");
	run(by_unlock, "an unlock");
	if (time_preempts()) {
		run(by_time, "time");
		ok(preemptions > PREEMPTIONS, "time: it did preempt, %d times", preemptions);
		ok(copies > 1, "time: a task of general registers did, %d times", copies);
		ok(!bad_registers, "time: registers and red zone");
		bad_registers = 0;
	} else {
		ok_skip("time", NO_TIME_PREEMPTION);
	}
	run(by_core, "another core");
	ok(preemptions > PREEMPTIONS && preemptions <= accepted && preemptions + 4 >= accepted,
	   "another core: it did preempt, %d times for %d", preemptions, accepted);
	ok(!bad_registers, "another core: registers and red zone");
	return tap_end();
}
