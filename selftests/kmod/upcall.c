// SPDX-License-Identifier: GPL-2.0-only
/*
 * Upcalls at any instruction of a thread: what the kernel changes and what it preserves, when
 * it sends the doorbell instead, and that each delivery is counted by its kind. The tests use
 * an entry of their own, in assembly; selftests/shim/upcall_regs.c tests that of libshim.
 *
 * A test that repeats runs until 100,000 upcalls; with RTFM_SHORT, 1,000.
 */
#include "rtfm_test.h"

#ifdef __x86_64__

#include <elf.h>
#include <link.h>
#include <setjmp.h>
#include <sys/auxv.h>
#include <sys/ptrace.h>
#include <sys/rseq.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <ucontext.h>

#define LOW	3
#define MID	10
#define TOP	20
#define LEVELS	(1u << LOW | 1u << MID | 1u << TOP)
#define BIT(n)	(1ULL << (n))
#define BELL	(SIGRTMIN + 2)
#define TIMERS	32
#define LATER	(600 * MSEC)	/* enough time to fall asleep, also on a slow machine */

#define RED_ZONE 128
#define LOAD(x)	__atomic_load_n(&(x), __ATOMIC_SEQ_CST)

#define FLAG_CF	0x0001ULL
#define FLAG_ZF	0x0040ULL
#define FLAG_TF	0x0100ULL
#define FLAG_IF	0x0200ULL
#define FLAG_DF	0x0400ULL
#define FLAG_OF	0x0800ULL
#define FLAG_NT	0x4000ULL
#define FLAG_RF	0x10000ULL
#define FLAG_AC	0x40000ULL
#define FLAG_STATUS 0x08d5ULL	/* OF SF ZF AF PF CF */
#define MUST_CLEAR (FLAG_DF | FLAG_AC | FLAG_NT | FLAG_RF | FLAG_TF)

/*
 * The flags of the interrupted code. RF is the CPU's own: it may set it in the frame of
 * an interrupt (QEMU does from 10 on), PUSHF never shows it, and it ends with the next
 * instruction.
 */
#define SAVED_FLAGS(ctl) ((ctl)->upcall_flags & ~FLAG_RF)

/* ---- the entry --------------------------------------------------------- */

/* The frame that full_entry leaves on the stack; from @ip on, the frame of iretq. */
struct frame {
	__u64 r15, r14, r13, r12, r11, r10, r9, r8;
	__u64 rdi, rsi, rbp, rbx, rdx, rcx, rax;
	__u64 ip, cs, flags, sp, ss;
};

/* how full_entry was reached */
enum { ENTRY, AGAIN, LOOP };

/* shared with the assembly; one core and one entry at a time */
struct rtfm_ctl *upcall_ctl;
__u64 spin_go, spin_saved, spin_flags, spin_budget;
__u64 spin_regs[16], spin_seen[16];
__u64 quiet_regs[16], quiet_flags, quiet_count, quiet_rax;
__u32 quiet_masked;
char quiet_fx[512] __attribute__((aligned(64)));
char spin_fx[512] __attribute__((aligned(64)));
char quiet_stack[4096] __attribute__((aligned(64)));
__u64 range_hit[4];
void upcall_handler(struct frame *frame, int how);

extern char full_entry[], full_again[], full_return[], full_return_end[];
extern char quiet_entry[], quiet_again[], quiet_return[], quiet_return_end[];
extern char range_entry[], range_again[], range_go[], range_before[], range_loop[], range_end[];
extern char spin_loop[], spin_end[];
__u64 spin(__u64 flags, __u64 sp);
__u64 range_spin(char *at, __u64 flags);

_Static_assert(offsetof(struct rtfm_ctl, masked) == 4, "see the assembly");
_Static_assert(offsetof(struct rtfm_ctl, ready) == 8, "see the assembly");
_Static_assert(offsetof(struct rtfm_ctl, upcall_ip) == 24, "see the assembly");
_Static_assert(offsetof(struct rtfm_ctl, upcall_sp) == 32, "see the assembly");
_Static_assert(offsetof(struct rtfm_ctl, upcall_flags) == 40, "see the assembly");
_Static_assert(offsetof(struct rtfm_ctl, remote_ready) == 64, "see the assembly");
_Static_assert(offsetof(struct frame, ip) == 120, "see the assembly");

/*
 * full_*: saves everything and calls upcall_handler(). In the return range sp is at
 * the frame of iretq, and the general registers are in the 120 bytes below.
 *
 * quiet_*: uses only a stack of its own, and records how it was entered.
 *
 * range_*: a return range in which the thread stays: range_loop jumps to itself.
 */
__asm__("	.text\n"
"	.globl	full_entry, full_again, full_return, full_return_end\n"
"full_entry:\n"
"	lea	-160(%rsp), %rsp\n"
"	mov	%r15, 0(%rsp)\n"
"	mov	%r14, 8(%rsp)\n"
"	mov	%r13, 16(%rsp)\n"
"	mov	%r12, 24(%rsp)\n"
"	mov	%r11, 32(%rsp)\n"
"	mov	%r10, 40(%rsp)\n"
"	mov	%r9, 48(%rsp)\n"
"	mov	%r8, 56(%rsp)\n"
"	mov	%rdi, 64(%rsp)\n"
"	mov	%rsi, 72(%rsp)\n"
"	mov	%rbp, 80(%rsp)\n"
"	mov	%rbx, 88(%rsp)\n"
"	mov	%rdx, 96(%rsp)\n"
"	mov	%rcx, 104(%rsp)\n"
"	mov	%rax, 112(%rsp)\n"
"	mov	upcall_ctl(%rip), %rax\n"
"	mov	24(%rax), %rcx\n"
"	mov	%rcx, 120(%rsp)\n"
"	mov	%cs, %ecx\n"
"	mov	%rcx, 128(%rsp)\n"
"	mov	40(%rax), %rcx\n"
"	mov	%rcx, 136(%rsp)\n"
"	mov	32(%rax), %rcx\n"
"	mov	%rcx, 144(%rsp)\n"
"	mov	%ss, %ecx\n"
"	mov	%rcx, 152(%rsp)\n"
"	xor	%esi, %esi\n"
"1:	mov	%rsp, %rdi\n"
"	mov	%rsp, %rbx\n"
"	sub	$4096, %rsp\n"
"	and	$-64, %rsp\n"
"	xor	%eax, %eax\n"
"	mov	%rax, 512(%rsp)\n"
"	mov	%rax, 520(%rsp)\n"
"	mov	%rax, 528(%rsp)\n"
"	mov	%rax, 536(%rsp)\n"
"	mov	%rax, 544(%rsp)\n"
"	mov	%rax, 552(%rsp)\n"
"	mov	%rax, 560(%rsp)\n"
"	mov	%rax, 568(%rsp)\n"
"	mov	$0xe7, %eax\n"		/* x87 sse avx, avx512 in three parts */
"	xor	%edx, %edx\n"
"	xsave64	(%rsp)\n"
"	call	upcall_handler\n"
"	mov	$0xe7, %eax\n"
"	xor	%edx, %edx\n"
"	xrstor64 (%rsp)\n"
"	lea	120(%rbx), %rsp\n"
"	mov	upcall_ctl(%rip), %rax\n"
"	movl	$0, 4(%rax)\n"
"full_return:\n"
"	mov	upcall_ctl(%rip), %rax\n"
"	mov	8(%rax), %rcx\n"
"	or	64(%rax), %rcx\n"
"	jz	2f\n"
"	movl	$1, 4(%rax)\n"
"	mov	$2, %esi\n"
"	jmp	3f\n"
"2:	mov	-120(%rsp), %r15\n"
"	mov	-112(%rsp), %r14\n"
"	mov	-104(%rsp), %r13\n"
"	mov	-96(%rsp), %r12\n"
"	mov	-88(%rsp), %r11\n"
"	mov	-80(%rsp), %r10\n"
"	mov	-72(%rsp), %r9\n"
"	mov	-64(%rsp), %r8\n"
"	mov	-56(%rsp), %rdi\n"
"	mov	-48(%rsp), %rsi\n"
"	mov	-40(%rsp), %rbp\n"
"	mov	-32(%rsp), %rbx\n"
"	mov	-24(%rsp), %rdx\n"
"	mov	-16(%rsp), %rcx\n"
"	mov	-8(%rsp), %rax\n"
"	iretq\n"
"full_return_end:\n"
"full_again:\n"
"	mov	$1, %esi\n"
"3:	lea	-120(%rsp), %rsp\n"
"	jmp	1b\n"

"	.globl	quiet_entry, quiet_again, quiet_return, quiet_return_end\n"
"quiet_entry:\n"
"	mov	%rax, quiet_regs(%rip)\n"
"	mov	%rcx, quiet_regs+8(%rip)\n"
"	mov	%rdx, quiet_regs+16(%rip)\n"
"	mov	%rbx, quiet_regs+24(%rip)\n"
"	mov	%rsp, quiet_regs+32(%rip)\n"
"	mov	%rbp, quiet_regs+40(%rip)\n"
"	mov	%rsi, quiet_regs+48(%rip)\n"
"	mov	%rdi, quiet_regs+56(%rip)\n"
"	mov	%r8, quiet_regs+64(%rip)\n"
"	mov	%r9, quiet_regs+72(%rip)\n"
"	mov	%r10, quiet_regs+80(%rip)\n"
"	mov	%r11, quiet_regs+88(%rip)\n"
"	mov	%r12, quiet_regs+96(%rip)\n"
"	mov	%r13, quiet_regs+104(%rip)\n"
"	mov	%r14, quiet_regs+112(%rip)\n"
"	mov	%r15, quiet_regs+120(%rip)\n"
"	lea	quiet_stack+4096(%rip), %rsp\n"
"	pushfq\n"
"	pop	quiet_flags(%rip)\n"
"	fxsave64 quiet_fx(%rip)\n"
"	mov	upcall_ctl(%rip), %rax\n"
"	mov	4(%rax), %ecx\n"
"	mov	%ecx, quiet_masked(%rip)\n"
"	movq	$0, 8(%rax)\n"
"	incq	quiet_count(%rip)\n"
"	movq	$0, spin_go(%rip)\n"
"	mov	%ss, %ecx\n"
"	push	%rcx\n"
"	push	32(%rax)\n"
"	push	40(%rax)\n"
"	mov	%cs, %ecx\n"
"	push	%rcx\n"
"	push	24(%rax)\n"
"	movl	$0, 4(%rax)\n"
"	mov	quiet_regs+8(%rip), %rcx\n"
"	mov	quiet_regs(%rip), %rax\n"
"quiet_return:\n"
"	iretq\n"
"quiet_return_end:\n"
"quiet_again:\n"
"	mov	%rax, quiet_rax(%rip)\n"
"	mov	upcall_ctl(%rip), %rax\n"
"	movq	$0, 8(%rax)\n"
"	movl	$0, 4(%rax)\n"
"	mov	quiet_rax(%rip), %rax\n"
"	jmp	quiet_return\n"

/*
 * spin(flags, sp): with patterns in all registers, that stack pointer and those
 * flags, changing neither, until spin_go is 0 or the budget is used up. Answers the
 * flags afterwards.
 */
"	.globl	spin, spin_loop, spin_end\n"
"	.type	spin, @function\n"
"spin:\n"
"	push	%rbx\n"
"	push	%rbp\n"
"	push	%r12\n"
"	push	%r13\n"
"	push	%r14\n"
"	push	%r15\n"
"	mov	%rsp, spin_saved(%rip)\n"
"	mov	%rsi, spin_regs+32(%rip)\n"
"	fxrstor64 spin_fx(%rip)\n"
"	mov	%rdi, spin_flags(%rip)\n"
"	mov	spin_regs(%rip), %rax\n"
"	mov	spin_regs+16(%rip), %rdx\n"
"	mov	spin_regs+24(%rip), %rbx\n"
"	mov	spin_regs+40(%rip), %rbp\n"
"	mov	spin_regs+48(%rip), %rsi\n"
"	mov	spin_regs+56(%rip), %rdi\n"
"	mov	spin_regs+64(%rip), %r8\n"
"	mov	spin_budget(%rip), %r9\n"
"	mov	spin_regs+80(%rip), %r10\n"
"	mov	spin_regs+88(%rip), %r11\n"
"	mov	spin_regs+96(%rip), %r12\n"
"	mov	spin_regs+104(%rip), %r13\n"
"	mov	spin_regs+112(%rip), %r14\n"
"	mov	spin_regs+120(%rip), %r15\n"
"	push	spin_flags(%rip)\n"
"	popfq\n"
"	mov	spin_regs+32(%rip), %rsp\n"
"spin_loop:\n"
"	mov	spin_go(%rip), %rcx\n"
"	jrcxz	spin_end\n"
"	lea	-1(%r9), %r9\n"
"	mov	%r9, %rcx\n"
"	jrcxz	spin_end\n"
"	jmp	spin_loop\n"
"spin_end:\n"
"	mov	%rax, spin_seen(%rip)\n"
"	mov	%rdx, spin_seen+16(%rip)\n"
"	mov	%rbx, spin_seen+24(%rip)\n"
"	mov	%rsp, spin_seen+32(%rip)\n"
"	mov	%rbp, spin_seen+40(%rip)\n"
"	mov	%rsi, spin_seen+48(%rip)\n"
"	mov	%rdi, spin_seen+56(%rip)\n"
"	mov	%r8, spin_seen+64(%rip)\n"
"	mov	%r10, spin_seen+80(%rip)\n"
"	mov	%r11, spin_seen+88(%rip)\n"
"	mov	%r12, spin_seen+96(%rip)\n"
"	mov	%r13, spin_seen+104(%rip)\n"
"	mov	%r14, spin_seen+112(%rip)\n"
"	mov	%r15, spin_seen+120(%rip)\n"
"	mov	spin_saved(%rip), %rsp\n"
"	pushfq\n"
"	pop	%rax\n"
"	pushq	$0x202\n"
"	popfq\n"
"	pop	%r15\n"
"	pop	%r14\n"
"	pop	%r13\n"
"	pop	%r12\n"
"	pop	%rbp\n"
"	pop	%rbx\n"
"	ret\n"

/* range_spin(at, flags): unmasks, goes to @at and stays there until an upcall comes. */
"	.globl	range_spin, range_entry, range_again, range_before, range_loop, range_end\n"
"	.globl	range_go\n"
"	.type	range_spin, @function\n"
"range_spin:\n"
"	push	%rbx\n"
"	mov	%rsp, range_hit+8(%rip)\n"
"	push	%rsi\n"
"	popfq\n"
"	mov	upcall_ctl(%rip), %rax\n"
"	movl	$0, 4(%rax)\n"
"range_go:\n"
"	jmp	*%rdi\n"
"range_before:\n"
"	jmp	range_before\n"
"range_loop:\n"
"	jmp	range_loop\n"
"range_end:\n"
"	jmp	range_end\n"
"range_entry:\n"
"	mov	%rsp, range_hit+16(%rip)\n"
"	mov	$1, %eax\n"
"	jmp	1f\n"
"range_again:\n"
"	mov	%rsp, range_hit+16(%rip)\n"
"	mov	$2, %eax\n"
"1:	mov	range_hit+8(%rip), %rsp\n"
"	pushfq\n"
"	pop	range_hit+24(%rip)\n"
"	pushq	$0x202\n"
"	popfq\n"
"	pop	%rbx\n"
"	ret\n"
);

struct stub {
	char *entry, *again, *ret, *ret_end;
};

static const struct stub full = { full_entry, full_again, full_return, full_return_end };
static const struct stub quiet = { quiet_entry, quiet_again, quiet_return, quiet_return_end };

/* ---- what the entry does ----------------------------------------------- */

static struct app *app;
static volatile __u64 entries, agains, jobs, wanted;
static volatile __u64 bad_flags, bad_align, bad_mask, inside, outside, stepped;
static volatile char *inside_from, *inside_to;	/* counts upcalls from there */
static void (*volatile hook)(struct frame *frame);
static volatile __u64 bell_ip;
static void (*volatile bell_hook)(ucontext_t *context);

static __u64 flags_now(void)
{
	__u64 flags;

	__asm__ __volatile__("pushfq\n\tpop %0" : "=r"(flags));
	return flags;
}

static __u64 take_jobs(void)
{
	static const __u32 level[] = { TOP, MID, LOW };
	struct rtfm_job job;
	__u64 n = 0;
	int i;

	for (i = 0; i < 3; i++)
		while (take_job(app, 0, level[i], &job))
			n++;
	return n;
}

/* Bits, then rings. */
static void look(void)
{
	take_ready(app, 0);
	jobs += take_jobs();
	if (jobs >= wanted)
		spin_go = 0;
}

void upcall_handler(struct frame *frame, int how)
{
	if (how == ENTRY)
		entries++;
	if (how == AGAIN)
		agains++;
	bad_flags += !!(flags_now() & MUST_CLEAR);
	bad_align += ((uintptr_t)frame + 160) % 64 != 0;
	bad_mask += upcall_ctl->masked != 1;
	if (how == ENTRY) {
		bad_align += (uintptr_t)frame + 160 != ((frame->sp - RED_ZONE) & ~63ULL);
		stepped += !!(frame->flags & FLAG_TF);
		if ((char *)frame->ip >= inside_from && (char *)frame->ip < inside_to)
			inside++;
		else
			outside++;
	}
	if (how != LOOP && hook)
		hook(frame);
	look();
}

/* The doorbell's handler: like that of libshim it only checks; if masked, it sets READY_LOOK. */
static void doorbell(int sig, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;
	int saved = errno;

	(void)sig;
	(void)info;
	bells++;
	bell_ip = (__u64)uc->uc_mcontext.gregs[REG_RIP];
	if (bell_hook)
		bell_hook(uc);
	if (upcall_ctl->masked) {
		__atomic_fetch_or(&upcall_ctl->ready, RTFM_READY_LOOK, __ATOMIC_SEQ_CST);
	} else {
		do {
			upcall_ctl->masked = 1;
			look();
			__asm__ __volatile__("" ::: "memory");
			upcall_ctl->masked = 0;
		} while (ready_of(app, 0));
	}
	errno = saved;
}

static int catch(int sig, void (*handler)(int, siginfo_t *, void *), int flags)
{
	struct sigaction action = { .sa_flags = SA_SIGINFO | flags };

	action.sa_sigaction = handler;
	return sigaction(sig, &action, NULL) ? -errno : 0;
}

/* ---- the fixture ------------------------------------------------------- */

FIXTURE(upcall) {
	struct app app;
	struct rtfm_ctl *ctl;
	struct rtfm_query before;
	__u64 n;
};

static int attach(const struct stub *stub)
{
	struct rtfm_attach arg = {
		.size = sizeof(arg), .doorbell = BELL,
	};
	int err = pin_to(0);

	if (stub) {
		arg.upcall_entry = (uintptr_t)stub->entry;
		arg.upcall_again = (uintptr_t)stub->again;
		arg.upcall_return = (uintptr_t)stub->ret;
		arg.upcall_return_end = (uintptr_t)stub->ret_end;
	}
	return err ?: rtfm_ioctl(app->fd, RTFM_IOC_ATTACH, &arg);
}

static int attach_anew(const struct stub *stub)
{
	return core_detach(app) ?: attach(stub);
}

static int release(__u32 timer, __u32 level, __u64 instant, __u64 period)
{
	struct rtfm_schedule arg = {
		.size = sizeof(arg),
		.submit = {
			.instant = instant, .period = period, .timer = timer, .tag = timer,
			.level = level, .job = timer,
		},
	};

	return rtfm_ioctl(app->fd, RTFM_IOC_SCHEDULE, &arg);
}

static int release_soon(__u32 level)
{
	/* enough time to reach the code that is to be interrupted */
	return release(level, level, now_ns() + MSEC, 0);
}

static void take_back(__u32 timer)
{
	struct rtfm_cancel arg = {
		.size = sizeof(arg), .timer = timer, .tag = timer,
	};

	rtfm_ioctl(app->fd, RTFM_IOC_CANCEL, &arg);
}

/* Core 0 is the test's thread. */
FIXTURE_SETUP(upcall)
{
	unsigned int i;

	app = &self->app;
	ASSERT_EQ(0, catch(BELL, doorbell, 0));
	ASSERT_EQ(0, app_start(app, 1, LEVELS, TIMERS));
	if (!(app->setup.features & RTFM_FEATURE_UPCALL))
		SKIP_ALL("the kernel has no upcalls on this machine");
	self->ctl = ctl_of(app, 0);
	upcall_ctl = self->ctl;
	ASSERT_EQ(0, attach(&full));
	self->before = counters(app, 0);
	self->n = scaled(getenv("RTFM_SHORT") ? 1000 : 100000);
	for (i = 0; i < 16; i++)
		spin_regs[i] = 0x0101010101010101ULL * (i + 1) ^ 0x8000000000000000ULL;
	__asm__ __volatile__("fxsave64 %0" : "=m"(spin_fx));
	for (i = 160; i < 416; i++)
		spin_fx[i] = (char)(i * 7);
	spin_budget = 1ULL << 28;
}

FIXTURE_TEARDOWN(upcall)
{
	app_stop(&self->app);
}

/* The deliveries since the test began, per counter. */
#define DELTA(field) (counters(&self->app, 0).field - self->before.field)

/*
 * Each upcall that the kernel has counted has arrived. Several doorbells may have arrived
 * as one signal, and on PREEMPT_RT one may still be in flight.
 */
#define EXPECT_COUNTED() do {						\
	EXPECT_EQ(entries + agains, DELTA(upcalls));			\
	EXPECT_GE(DELTA(doorbells), bells);				\
	EXPECT_EQ(0, DELTA(lost));					\
	EXPECT_EQ(0, bad_flags);					\
	EXPECT_EQ(0, bad_align);					\
	EXPECT_EQ(0, bad_mask);						\
	EXPECT_EQ(0, stepped);						\
	EXPECT_EQ(0, kernel_is_hurt());					\
} while (0)

/* Releases with the shortest period, until @n have arrived. */
static int storm(__u64 n)
{
	spin_go = 1;
	wanted = jobs + n;
	return release(0, MID, now_ns(), counters(app, 0).min_period);
}

static bool storm_goes_on(void)
{
	static __u64 until;

	if (!until)
		until = now_ns() + 100 * SEC;
	return spin_go && now_ns() < until;
}

static void storm_ends(void)
{
	take_back(0);
	/* a bell on its way */
	sleep_ns(20 * MSEC);
	look();
}

/* The registers at the end of spin() are those at its begin. */
static int spin_changed(void)
{
	int i;

	for (i = 0; i < 16; i++)
		if (i != 1 && i != 9 && spin_seen[i] != spin_regs[i])
			return i;
	return -1;
}

static __u64 here(void)
{
	return (__u64)(uintptr_t)__builtin_frame_address(0) - 65536;
}

static bool in_spin(__u64 ip)
{
	return ip >= (__u64)spin_loop && ip <= (__u64)spin_end;
}

/* ---- the redirection itself -------------------------------------------- */

/* The kernel changes exactly what the header says. */
APP_TEST(upcall, redirect)
{
	static const __u64 flags[] = {
		0, FLAG_CF, FLAG_ZF | FLAG_OF, FLAG_STATUS, FLAG_DF, FLAG_DF | FLAG_STATUS,
		FLAG_AC, FLAG_NT, FLAG_AC | FLAG_NT | FLAG_DF | FLAG_CF,
	};
	__u64 rounds = self->n / 10, lead = 300000, i, sp, was, is;
	char *stack = mmap(NULL, 16 * PAGE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned int k, spoilt = 0, late = 0;

	ASSERT_NE(MAP_FAILED, stack);
	ASSERT_EQ(0, attach_anew(&quiet));
	for (i = 0; i < rounds; i++) {
		sp = (__u64)stack + 12 * PAGE + i % 200;
		was = flags[i % 9] | 0x202;
		memset(stack, 0xa5, 16 * PAGE);
		spin_go = 1;
		quiet_count = 0;
		ASSERT_EQ(0, release(1, MID, now_ns() + lead + i % 977, 0));
		is = spin(was, sp);
		/* a slow machine: it came before we were there */
		if (bells || !in_spin(self->ctl->upcall_ip)) {
			ASSERT_GT(100 + rounds / 2, ++late);
			if (lead < 5 * MSEC)
				lead += lead / 4;
			EXPECT_EQ(0, !bells && !quiet_count);
			take_ready(app, 0);
			take_jobs();
			bells = 0;
			i--;
			continue;
		}
		ASSERT_EQ(1, quiet_count) {
			TH_LOG("no upcall in round %llu", i);
		}
		EXPECT_GE(self->ctl->upcall_ip, (__u64)spin_loop);
		EXPECT_LE(self->ctl->upcall_ip, (__u64)spin_end);
		EXPECT_EQ(sp, self->ctl->upcall_sp);
		EXPECT_EQ(was, SAVED_FLAGS(self->ctl));
		EXPECT_EQ((sp - RED_ZONE) & ~63ULL, quiet_regs[4]);
		EXPECT_EQ(was & ~MUST_CLEAR, quiet_flags);
		EXPECT_EQ(1, quiet_masked);
		for (k = 0; k < 16; k++)
			if (k != 1 && k != 4 && k != 9)
				EXPECT_EQ(spin_regs[k], quiet_regs[k]);
		EXPECT_EQ(0, memcmp(spin_fx, quiet_fx, 416));
		EXPECT_EQ(was, is);
		EXPECT_EQ(-1, spin_changed());
		for (k = 0; k < 16 * PAGE; k++)
			spoilt += stack[k] != (char)0xa5;
		EXPECT_EQ(0, spoilt);
		EXPECT_EQ(1, take_jobs());
	}
	EXPECT_EQ(rounds + late, DELTA(upcalls) + DELTA(doorbells));
}

/* And back, with the entry in C, at random instants. */
APP_TEST(upcall, comes_back)
{
	static const __u64 flags[] = {
		0, FLAG_STATUS, FLAG_DF, FLAG_AC, FLAG_NT, FLAG_DF | FLAG_AC | FLAG_NT | FLAG_CF,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		__u64 was = flags[i] | 0x202;

		ASSERT_EQ(0, storm(self->n / 4));
		while (storm_goes_on()) {
			int rang = bells;
			__u64 is = spin(was, here());

			/* the kernel's way back from a signal handler loses it */
			if (bells != rang)
				is |= was & FLAG_NT;
			EXPECT_EQ(was, is);
			EXPECT_EQ(-1, spin_changed());
		}
		EXPECT_EQ(0, spin_go) {
			TH_LOG("%llu entries, %llu jobs", entries, jobs);
		}
		storm_ends();
	}
	EXPECT_EQ(jobs, DELTA(releases));
	EXPECT_GT(entries, self->n / 2);
	EXPECT_COUNTED();
}

/* A higher level on top of a lower one, each on its own frame. */
static volatile __u64 depth, deepest, level_up, apart;

static void run_nested(struct frame *frame)
{
	__u32 ceiling = upcall_ctl->ceiling;
	__u64 until = now_ns() + 10 * apart;

	(void)frame;
	take_ready(app, 0);
	jobs += take_jobs();
	if (++depth > deepest)
		deepest = depth;
	if (depth < 3) {
		upcall_ctl->ceiling = depth == 1 ? LOW : MID;
		level_up = depth;
		__asm__ __volatile__("" ::: "memory");
		upcall_ctl->masked = 0;
		while (level_up == depth && now_ns() < until)
			;
		__asm__ __volatile__("" ::: "memory");
		upcall_ctl->masked = 1;
		upcall_ctl->ceiling = ceiling;
	}
	level_up = 0;
	depth--;
}

APP_TEST(upcall, nested)
{
	__u64 i, rounds = self->n / 50 + 1, full_depth = 0, lead = 300000;

	hook = run_nested;
	apart = 2 * MSEC;
	for (i = 0; i < rounds || (!full_depth && i < rounds + 100); i++) {
		__u64 at = now_ns() + lead;

		deepest = 0;
		spin_go = 1;
		wanted = jobs + 3;
		ASSERT_EQ(0, release(1, LOW, at, 0));
		ASSERT_EQ(0, release(2, MID, at + apart, 0));
		ASSERT_EQ(0, release(3, TOP, at + 2 * apart, 0));
		EXPECT_EQ(0x202, spin(0x202, here()));
		EXPECT_EQ(-1, spin_changed());
		EXPECT_EQ(0, depth);
		EXPECT_EQ(0, self->ctl->ceiling);
		full_depth += deepest == 3;
		if (deepest < 3 && lead < 20 * MSEC)
			lead *= 2;
		if (deepest < 3 && apart < 50 * MSEC)
			apart *= 2;
	}
	/* on a slow machine some arrive too late to nest */
	EXPECT_GT(full_depth, 0);
	EXPECT_EQ(3 * i, jobs);
	EXPECT_COUNTED();
}

/* ---- when there is no upcall ---------------------------------------------- */

APP_TEST(upcall, masked_leaves_a_note)
{
	self->ctl->masked = 1;
	do {
		/* again if the timer expired in the call: a masked thread is not notified */
		take_ready(app, 0);
		take_jobs();
		ASSERT_EQ(0, release_soon(MID));
	} while (ready_of(app, 0) == BIT(MID));
	EXPECT_TRUE(SPIN_FOR(ready_of(app, 0) & RTFM_READY_LOOK));
	EXPECT_EQ(BIT(MID) | RTFM_READY_LOOK, take_ready(app, 0));
	EXPECT_EQ(1, take_jobs());
	self->ctl->masked = 0;
	sleep_ns(5 * MSEC);
	EXPECT_EQ(0, entries);
	EXPECT_EQ(1, DELTA(held) + DELTA(doorbells));
	EXPECT_COUNTED();
}

/* Every ceiling with each level. A delivery may also find the thread in the kernel. */
APP_TEST(upcall, ceiling)
{
	static const __u32 level[] = { LOW, MID, TOP };
	__u32 ceiling, i;
	__u64 heard = 0;

	for (ceiling = 0; ceiling <= RTFM_MAX_PRIORITY; ceiling++) {
		for (i = 0; i < 3; i++) {
			__u64 was = entries + bells, had = jobs;

			self->ctl->ceiling = ceiling;
			ASSERT_EQ(0, release_soon(level[i]));
			EXPECT_TRUE(SPIN_FOR(ready_of(app, 0) || jobs != had));
			if (level[i] > ceiling)
				EXPECT_TRUE(SPIN_FOR(jobs != had));
			self->ctl->masked = 1;
			EXPECT_EQ(level[i] > ceiling, entries + bells - was) {
				TH_LOG("level %u, ceiling %u", level[i], ceiling);
			}
			heard += entries + bells - was;
			look();
			self->ctl->masked = 0;
		}
	}
	EXPECT_EQ(96 - heard, DELTA(held));
	EXPECT_EQ(96, jobs);
	EXPECT_GT(entries, heard / 2);
	EXPECT_COUNTED();
}

/* Attention bits are above every ceiling. */
APP_TEST(upcall, attention_above_every_ceiling)
{
	self->ctl->ceiling = RTFM_MAX_PRIORITY;
	ASSERT_EQ(0, core_arm(app, now_ns() + MSEC));
	EXPECT_TRUE(SPIN_FOR(entries + bells));
	EXPECT_EQ(1, entries + bells);
	EXPECT_EQ(0, DELTA(held));
	EXPECT_COUNTED();
}

APP_TEST(upcall, polling_gets_none)
{
	self->ctl->state = RTFM_STATE_POLLING;
	ASSERT_EQ(0, release_soon(MID));
	EXPECT_TRUE(SPIN_FOR(ready_of(app, 0)));
	EXPECT_EQ(BIT(MID), ready_of(app, 0));
	look();
	self->ctl->state = RTFM_STATE_RUNNING;
	EXPECT_EQ(1, DELTA(held));
	EXPECT_EQ(0, DELTA(doorbells));
	EXPECT_EQ(0, entries);
	EXPECT_COUNTED();
}

APP_TEST(upcall, parked_is_woken)
{
	ASSERT_EQ(0, release(1, MID, now_ns() + LATER, 0));
	EXPECT_EQ(0, core_park(app));
	look();
	EXPECT_EQ(1, jobs);
	EXPECT_EQ(1, DELTA(wakeups));
	EXPECT_EQ(0, DELTA(doorbells));
	EXPECT_EQ(0, entries);
	EXPECT_COUNTED();
}

APP_TEST(upcall, not_asked_for)
{
	ASSERT_EQ(0, attach_anew(NULL));
	ASSERT_EQ(0, release_soon(MID));
	EXPECT_TRUE(SPIN_FOR(bells));
	EXPECT_EQ(1, jobs);
	EXPECT_EQ(1, DELTA(doorbells));
	EXPECT_EQ(0, DELTA(upcalls));
	EXPECT_COUNTED();
}

/* ---- system calls ------------------------------------------------------- */

struct other {
	pthread_t thread;
	int fd;
	__u64 kicks, sent;
	__u64 upcalls;		/* kicks() goes on until there were more than that */
	pid_t tid;
	volatile bool stop;
	int err;
};

static void *writes_later(void *arg)
{
	struct other *other = arg;

	sleep_ns(2 * LATER);
	if (write(other->fd, "x", 1) != 1)
		other->err = -errno;
	return NULL;
}

APP_TEST(upcall, system_call_is_interrupted)
{
	int pipe_fd[2];
	char c;

	ASSERT_EQ(0, pipe(pipe_fd));
	ASSERT_EQ(0, release(1, MID, now_ns() + LATER, 0));
	errno = 0;
	EXPECT_EQ(-1, read(pipe_fd[0], &c, 1));
	EXPECT_EQ(EINTR, errno);
	EXPECT_EQ(1, bells);
	EXPECT_EQ(1, jobs);
	EXPECT_EQ(1, DELTA(doorbells));
	EXPECT_EQ(0, entries);
	EXPECT_COUNTED();
}

APP_TEST(upcall, system_call_is_restarted)
{
	struct other other = { 0 };
	int pipe_fd[2];
	char c = 0;

	ASSERT_EQ(0, catch(BELL, doorbell, SA_RESTART));
	ASSERT_EQ(0, pipe(pipe_fd));
	other.fd = pipe_fd[1];
	ASSERT_EQ(0, pthread_create(&other.thread, NULL, writes_later, &other));
	ASSERT_EQ(0, release(1, MID, now_ns() + LATER, 0));
	EXPECT_EQ(1, read(pipe_fd[0], &c, 1));
	EXPECT_EQ('x', c);
	EXPECT_EQ(1, bells);
	EXPECT_EQ(1, jobs);
	EXPECT_EQ(1, DELTA(doorbells));
	EXPECT_EQ(0, entries);
	pthread_join(other.thread, NULL);
	EXPECT_EQ(0, other.err);
	EXPECT_COUNTED();
}

/* Into, out of, and inside of system calls that do not sleep. */
APP_TEST(upcall, around_system_calls)
{
	pid_t parent = getppid();
	__u64 bad = 0;

	ASSERT_EQ(0, catch(BELL, doorbell, SA_RESTART));
	ASSERT_EQ(0, storm(self->n));
	while (storm_goes_on()) {
		errno = ERANGE;
		bad += syscall(SYS_getppid) != parent || errno != ERANGE;
		bad += syscall(-1) != -1;
		bad += close(-1) != -1 || errno != EBADF;
	}
	EXPECT_EQ(0, spin_go);
	storm_ends();
	EXPECT_EQ(0, bad);
	EXPECT_EQ(jobs, DELTA(releases));
	EXPECT_GT(bells, 0);
	EXPECT_GT(entries, 0);
	EXPECT_COUNTED();
}

/* ---- the return range --------------------------------------------------- */

/* Inside: nothing is stored, sp is unchanged. One byte outside: an ordinary upcall. */
APP_TEST(upcall, return_range)
{
	const struct stub range = { range_entry, range_again, range_loop, range_end };
	const struct {
		char *at;
		int how;
	} cases[] = {
		{ range_before, 1 }, { range_loop, 2 }, { range_end, 1 },
	};
	unsigned int i, round;
	__u64 upcalls = 0;
	sigset_t bell;

	sigemptyset(&bell);
	sigaddset(&bell, BELL);
	ASSERT_EQ(0, attach_anew(&range));
	self->ctl->masked = 1;
	ASSERT_EQ(0, release(0, MID, now_ns(), counters(app, 0).min_period));
	for (round = 0; round < 24; round++) {
		for (i = 0; i < ARRAY_SIZE(cases); i++) {
			bool again = cases[i].how == 2;
			__u64 sp, flags = 0x202 | (round & 1 ? FLAG_DF : 0) | FLAG_CF |
				(round & 2 ? FLAG_NT : 0) | (round & 4 ? FLAG_AC : 0);
			int how;

			do {
				self->ctl->upcall_ip = 11;
				self->ctl->upcall_sp = 22;
				self->ctl->upcall_flags = 33;
				how = (int)range_spin(cases[i].at, flags);
				upcalls++;
				/* before we were there, or in the handler of a doorbell */
				sigprocmask(SIG_UNBLOCK, &bell, NULL);
			} while (self->ctl->upcall_ip != 11 &&
				 self->ctl->upcall_ip != (__u64)cases[i].at);
			EXPECT_EQ(cases[i].how, how) {
				TH_LOG("case %u", i);
			}
			sp = range_hit[1];
			EXPECT_EQ(1, self->ctl->masked);
			EXPECT_EQ(again ? sp : (sp - RED_ZONE) & ~63ULL, range_hit[2]);
			EXPECT_EQ(flags & ~MUST_CLEAR, range_hit[3]);
			EXPECT_EQ(again ? 11 : (__u64)cases[i].at, self->ctl->upcall_ip);
			EXPECT_EQ(again ? 22 : sp, self->ctl->upcall_sp);
			EXPECT_EQ(again ? 33 : flags, SAVED_FLAGS(self->ctl));
		}
	}
	take_back(0);
	EXPECT_EQ(upcalls, DELTA(upcalls));
}

/* Further upcalls arrive while one is served: the return has to check again, not to nest. */
static void doze(struct frame *frame)
{
	volatile int i;

	(void)frame;
	for (i = 0; i < 2000; i++)
		;
}

APP_TEST(upcall, one_frame_however_often)
{
	__u64 rounds = self->n, lead = 200000, i;

	hook = doze;
	for (i = 0; i < rounds / 10; i++) {
		__u64 at = now_ns() + lead, rang = bells;
		__u64 hair = 1000 + i * 37 % 20000;

		spin_go = 1;
		wanted = jobs + 3;
		ASSERT_EQ(0, release(1, LOW, at, 0));
		ASSERT_EQ(0, release(2, MID, at + hair, 0));
		ASSERT_EQ(0, release(3, TOP, at + 2 * hair, 0));
		EXPECT_EQ(0x203, spin(0x203, here()));
		EXPECT_EQ(-1, spin_changed());
		EXPECT_EQ(0, ready_of(app, 0));
		/* a slow machine: it came before we were there */
		if (bells != rang && lead < 2 * MSEC)
			lead += lead / 4;
	}
	EXPECT_EQ(DELTA(releases), jobs);
	EXPECT_GT(entries, rounds / 20);
	EXPECT_COUNTED();
}

APP_TEST(upcall, attach_refuses)
{
	const __u64 top = 1ULL << 47;
	const struct {
		__u64 entry, again, ret, ret_end;
		int err;
	} cases[] = {
		{ 0, 0, 0, 0, 0 },
		{ 4096, 4096, 4096, 4097, 0 },
		{ 1, 1, 1, 2, 0 },
		{ 4096, 0, 0, 0, EINVAL },
		{ 0, 4096, 0, 0, EINVAL },
		{ 0, 0, 4096, 4097, EINVAL },
		{ 0, 0, 0, 4097, EINVAL },
		{ 0, 4096, 4096, 4097, EINVAL },
		{ 4096, 0, 4096, 4097, EINVAL },
		{ 4096, 4096, 0, 4097, EINVAL },
		{ 4096, 4096, 4096, 0, EINVAL },
		{ 4096, 4096, 4096, 4096, EINVAL },
		{ 4096, 4096, 4097, 4096, EINVAL },
		{ top << 9, 4096, 4096, 4097, EINVAL },
		{ 4096, top << 9, 4096, 4097, EINVAL },
		{ 4096, 4096, 4096, top << 9, EINVAL },
		{ ~0ULL, 4096, 4096, 4097, EINVAL },
		{ 4096, ~0ULL, 4096, 4097, EINVAL },
		{ 4096, 4096, ~0ULL - 1, ~0ULL, EINVAL },
		{ 4096, 4096, 4096, ~0ULL, EINVAL },
		{ 0xffffffff81000000ULL, 4096, 4096, 4097, EINVAL },
		{ 0xffff800000000000ULL, 4096, 4096, 4097, EINVAL },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct rtfm_attach arg = {
			.size = sizeof(arg), .doorbell = BELL,
			.upcall_entry = cases[i].entry, .upcall_again = cases[i].again,
			.upcall_return = cases[i].ret, .upcall_return_end = cases[i].ret_end,
		};

		core_detach(app);
		EXPECT_EQ(-cases[i].err, rtfm_ioctl(app->fd, RTFM_IOC_ATTACH, &arg)) {
			TH_LOG("case %u", i);
		}
	}
}

/* ---- single steps ------------------------------------------------------- */

extern char step_a[], step_b[], step_end[];
void step_loop(__u64 rounds, __u64 flag);

/* Two instructions, one after the other, with the trap flag or without. */
__asm__("	.text\n"
"	.globl	step_loop, step_a, step_b, step_end\n"
"	.type	step_loop, @function\n"
"step_loop:\n"
"	mov	%rdi, %rcx\n"
"	pushfq\n"
"	or	%rsi, (%rsp)\n"
"	popfq\n"
"step_a:\n"
"	lea	-1(%rcx), %rcx\n"
"step_b:\n"
"	jrcxz	step_end\n"
"	jmp	step_a\n"
"step_end:\n"
"	pushfq\n"
"	andl	$~0x100, (%rsp)\n"
"	popfq\n"
"	ret\n"
);

static volatile __u64 traps, last_step, bad_step, bells_in_steps;

static bool follows(__u64 ip)
{
	__u64 a = (__u64)step_a, b = (__u64)step_b, jump = b + 2;

	if (ip < a || ip > jump)
		return true;	/* before or after the loop */
	return !last_step || (ip == b && last_step == a) || (ip == jump && last_step == b) ||
	       (ip == a && (last_step == jump || last_step < a));
}

static void on_trap(int sig, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;
	__u64 ip = (__u64)uc->uc_mcontext.gregs[REG_RIP];

	(void)sig;
	(void)info;
	traps++;
	bad_step += !follows(ip);
	last_step = ip;
}

static void bell_in_steps(ucontext_t *uc)
{
	char *ip = (char *)uc->uc_mcontext.gregs[REG_RIP];

	bells_in_steps += ip >= step_a && ip < step_end;
}

APP_TEST(upcall, steps_itself)
{
	__u64 steps = 0;

	ASSERT_EQ(0, catch(SIGTRAP, on_trap, 0));
	bell_hook = bell_in_steps;
	inside_from = step_a;
	inside_to = step_end;
	ASSERT_EQ(0, storm(self->n));
	while (storm_goes_on()) {
		last_step = 0;
		step_loop(100, FLAG_TF);
		steps += 100;
	}
	EXPECT_EQ(0, spin_go);
	storm_ends();
	EXPECT_EQ(0, bad_step);
	EXPECT_GE(traps, 3 * steps - 1);
	EXPECT_EQ(0, inside);
	EXPECT_GT(bells_in_steps, 0);
	EXPECT_EQ(jobs, DELTA(releases));
	EXPECT_COUNTED();
}

static pid_t tracee;

/* Few steps: if a step takes longer than a period, the thread always finds another ready job. */
static void stepped_doorbell(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)info;
	(void)context;
	bells++;
}

/*
 * A child that is a core, and is single-stepped. It reads no clock: on a slow machine the
 * time changes before the C library has read it consistently, and it starts again.
 */
static void stepped_child(__u64 n)
{
	struct app mine;
	static const struct stub *stub = &full;
	__u64 upcalls;

	app = &mine;
	hook = NULL;
	if (ptrace(PTRACE_TRACEME, 0, 0, 0) || app_start(app, 1, LEVELS, TIMERS))
		_exit(2);
	upcall_ctl = ctl_of(app, 0);
	if (catch(BELL, stepped_doorbell, 0) || attach(stub))
		_exit(3);
	raise(SIGSTOP);
	if (release(0, MID, 1, MSEC))
		_exit(4);
	while (bells < n)
		step_loop(10, 0);
	upcalls = counters(app, 0).upcalls;
	take_back(0);
	/* the rest is not stepped: to bind _exit() takes more than a thousand steps */
	raise(SIGSTOP);
	_exit(upcalls ? 5 : 0);
}

TEST_F_TIMEOUT(upcall, stepped_by_a_debugger, 280)
{
	struct user_regs_struct regs;
	struct iovec iov = { &regs, sizeof(regs) };
	__u64 n = self->n / 200 + 1, steps = 0, bad = 0, in_entry = 0, rang = 0;
	int status, sig = 0;

	core_detach(app);
	tracee = fork();
	ASSERT_LE(0, tracee);
	if (!tracee)
		stepped_child(n);
	for (;;) {
		ASSERT_EQ(tracee, waitpid(tracee, &status, 0));
		ASSERT_TRUE(WIFSTOPPED(status)) {
			TH_LOG("status %x", status);
		}
		if (WSTOPSIG(status) == SIGSTOP)
			break;
		ASSERT_EQ(0, ptrace(PTRACE_CONT, tracee, 0, WSTOPSIG(status)));
	}
	ASSERT_EQ(0, ptrace(PTRACE_SETOPTIONS, tracee, 0, PTRACE_O_EXITKILL));
	while (!ptrace(PTRACE_SINGLESTEP, tracee, 0, sig)) {
		ASSERT_EQ(tracee, waitpid(tracee, &status, 0));
		if (!WIFSTOPPED(status) || WSTOPSIG(status) == SIGSTOP)
			break;
		sig = WSTOPSIG(status) == SIGTRAP ? 0 : WSTOPSIG(status);
		if (sig == BELL) {
			/* not passed on: then the next release finds the thread in its loop */
			if (++rang % 16)
				sig = 0;
			continue;
		}
		if (sig)
			continue;
		iov.iov_len = sizeof(regs);
		ASSERT_EQ(0, ptrace(PTRACE_GETREGSET, tracee, NT_PRSTATUS, &iov));
		steps++;
		in_entry += (char *)regs.rip >= full_entry && (char *)regs.rip <= full_again + 64;
		bad += !follows(regs.rip);
		last_step = regs.rip;
		/* back from the handler, into the loop: anywhere */
		if ((char *)regs.rip < step_a || (char *)regs.rip >= step_end)
			last_step = 0;
	}
	while (WIFSTOPPED(status)) {
		ASSERT_EQ(0, ptrace(PTRACE_CONT, tracee, 0, 0));
		ASSERT_EQ(tracee, waitpid(tracee, &status, 0));
	}
	EXPECT_TRUE(WIFEXITED(status));
	EXPECT_EQ(0, WEXITSTATUS(status));
	EXPECT_EQ(0, bad);
	EXPECT_EQ(0, in_entry);
	EXPECT_GE(rang, 16 * n);
	EXPECT_GT(steps, n);
	TH_LOG("%llu steps, %llu doorbells", steps, rang);
}

/* ---- restartable sequences ---------------------------------------------- */

extern char rseq_start[], rseq_end[], rseq_abort[];
int rseq_section(void *cs_word, __u64 rounds, const void *cs);

struct rseq_cs_data {
	__u32 version, flags;
	__u64 start_ip, post_commit_offset, abort_ip;
} __attribute__((aligned(32)));

/* rseq_section(&rseq.rseq_cs, rounds, cs): 0 the end was reached, 1 aborted */
__asm__("	.text\n"
"	.globl	rseq_section, rseq_start, rseq_end, rseq_abort\n"
"	.type	rseq_section, @function\n"
"rseq_section:\n"
"	mov	%rsi, %rcx\n"
"	mov	%rdx, (%rdi)\n"
"rseq_start:\n"
"	lea	-1(%rcx), %rcx\n"
"	jrcxz	rseq_end\n"
"	jmp	rseq_start\n"
"rseq_end:\n"
"	xor	%eax, %eax\n"
"	movq	$0, (%rdi)\n"
"	ret\n"
"	.long	0x53053053\n"	/* RSEQ_SIGNATURE */
"rseq_abort:\n"
"	mov	$1, %eax\n"
"	ret\n"
);

static struct rseq_cs_data *rseq_data(void *at)
{
	struct rseq_cs_data *cs = at;

	*cs = (struct rseq_cs_data){
		.start_ip = (__u64)rseq_start,
		.post_commit_offset = (__u64)(rseq_end - rseq_start),
		.abort_ip = (__u64)rseq_abort,
	};
	return cs;
}

#define RSEQ_SIGNATURE 0x53053053

/*
 * rseq_cs of this thread's registration: that of the C library, or, if it has made none
 * (glibc.pthread.rseq=0), one of our own. NULL if the kernel has no rseq.
 */
static __u64 *rseq_word(void)
{
	static struct rseq own __attribute__((aligned(32)));
	static bool registered;
	struct rseq *rseq = (struct rseq *)((char *)__builtin_thread_pointer() + __rseq_offset);

	if (__rseq_size)
		return (__u64 *)&rseq->rseq_cs;
	if (!registered && syscall(SYS_rseq, &own, 32, 0, RSEQ_SIGNATURE))
		return NULL;
	registered = true;
	return (__u64 *)&own.rseq_cs;
}

static volatile __u64 bells_in_section, bells_at_abort;

static void bell_in_section(ucontext_t *uc)
{
	char *ip = (char *)uc->uc_mcontext.gregs[REG_RIP];

	bells_in_section += ip >= rseq_start && ip < rseq_end;
	bells_at_abort += ip == rseq_abort;
}

/* The sequence is aborted, as the kernel guarantees, by the doorbell; it is never continued. */
APP_TEST(upcall, rseq_section_is_aborted)
{
	static struct rseq_cs_data cs;
	__u64 *word = rseq_word(), aborts = 0;

	if (!word)
		SKIP(return, "this kernel has no rseq");
	rseq_data(&cs);
	bell_hook = bell_in_section;
	inside_from = rseq_start;
	inside_to = rseq_end;
	ASSERT_EQ(0, storm(self->n));
	while (storm_goes_on())
		aborts += (__u64)rseq_section(word, 20000, &cs);
	EXPECT_EQ(0, spin_go);
	storm_ends();
	EXPECT_EQ(0, inside);
	EXPECT_EQ(0, bells_in_section);
	EXPECT_GT(bells_at_abort, 0);
	EXPECT_GT(aborts, 0);
	EXPECT_EQ(jobs, DELTA(releases));
	EXPECT_COUNTED();
}

/* Outside of the section to which rseq_cs still points: an upcall, as without rseq. */
APP_TEST(upcall, rseq_word_is_stale)
{
	static struct rseq_cs_data cs;
	__u64 *word = rseq_word(), i;

	if (!word)
		SKIP(return, "this kernel has no rseq");
	rseq_data(&cs);
	for (i = 0; i < 100; i++) {
		spin_go = 1;
		wanted = jobs + 1;
		ASSERT_EQ(0, release_soon(MID));
		*word = (__u64)&cs;
		EXPECT_EQ(0x202, spin(0x202, here()));
	}
	EXPECT_EQ(100, jobs);
	EXPECT_GT(entries, 50);
	EXPECT_COUNTED();
}

/* A descriptor that cannot be read without a fault: the signal code reads it. */
APP_TEST(upcall, rseq_descriptor_is_not_there)
{
	__u64 *word = rseq_word(), i;
	struct rseq_cs_data *cs;
	int fd = (int)syscall(SYS_memfd_create, "cs", 0);

	if (!word)
		SKIP(return, "this kernel has no rseq");
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, ftruncate(fd, PAGE));
	cs = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	ASSERT_NE(MAP_FAILED, cs);
	rseq_data(cs);
	for (i = 0; i < 20; i++) {
		spin_go = 1;
		wanted = jobs + 1;
		ASSERT_EQ(0, madvise(cs, PAGE, MADV_DONTNEED));
		ASSERT_EQ(0, release_soon(MID));
		*word = (__u64)cs;
		EXPECT_EQ(0x202, spin(0x202, here()));
	}
	/* a few may have come before the word was set */
	EXPECT_GT(bells, 10);
	EXPECT_EQ(20, bells + entries);
	EXPECT_COUNTED();
}

/* An invalid descriptor: the kernel kills the thread, as it does without the module. */
APP_TEST(upcall, rseq_word_is_nonsense)
{
	static const __u64 nonsense[] = { 1, 4096, 1ULL << 63, ~0ULL, 0xffffffff81000000ULL };
	unsigned int tries, i;

	if (!rseq_word())
		SKIP(return, "this kernel has no rseq");
	core_detach(app);
	for (i = 0; i < ARRAY_SIZE(nonsense); i++) {
		pid_t pid = fork();

		if (!pid) {
			struct app mine;

			app = &mine;
			if (app_start(app, 1, LEVELS, TIMERS))
				_exit(2);
			upcall_ctl = ctl_of(app, 0);
			if (attach(&full))
				_exit(3);
			/* again if the job came before the word was set */
			for (tries = 0; tries < 100; tries++) {
				spin_go = 1;
				wanted = jobs + 1;
				if (release_soon(MID))
					_exit(3);
				*rseq_word() = nonsense[i];
				spin(0x202, here());
				*rseq_word() = 0;
			}
			_exit(4);
		}
		EXPECT_EQ(128 + SIGSEGV, reap(pid));
	}
	EXPECT_EQ(0, kernel_is_hurt());
}

/* ---- robust futexes ------------------------------------------------------- */

/* A function of the vDSO, by its name, or NULL. */
static void *vdso_function(const char *name)
{
	const char *base = (const char *)getauxval(AT_SYSINFO_EHDR);
	const ElfW(Ehdr) *ehdr = (const void *)base;
	const ElfW(Phdr) *phdr;
	const ElfW(Dyn) *dyn = NULL;
	const ElfW(Sym) *symbols = NULL;
	const char *strings = NULL;
	const __u32 *hash = NULL, *gnu = NULL;
	__u32 i, n = 0;

	if (!base)
		return NULL;
	phdr = (const void *)(base + ehdr->e_phoff);
	for (i = 0; i < ehdr->e_phnum; i++)
		if (phdr[i].p_type == PT_DYNAMIC)
			dyn = (const void *)(base + phdr[i].p_offset);
	/* its addresses count from 0, because it is not relocated */
	for (; dyn && dyn->d_tag != DT_NULL; dyn++) {
		if (dyn->d_tag == DT_SYMTAB)
			symbols = (const void *)(base + dyn->d_un.d_ptr);
		if (dyn->d_tag == DT_STRTAB)
			strings = base + dyn->d_un.d_ptr;
		if (dyn->d_tag == DT_HASH)
			hash = (const void *)(base + dyn->d_un.d_ptr);
		if (dyn->d_tag == DT_GNU_HASH)
			gnu = (const void *)(base + dyn->d_un.d_ptr);
	}
	if (!symbols || !strings)
		return NULL;
	if (hash) {
		n = hash[1];
	} else if (gnu) {
		/* buckets, first symbol, words of 64 bits of the filter; then the chains */
		const __u32 *bucket = gnu + 4 + 2 * gnu[2], *chain = bucket + gnu[0];

		for (i = 0; i < gnu[0]; i++)
			n = bucket[i] > n ? bucket[i] : n;
		while (n && !(chain[n - gnu[1]] & 1))
			n++;
		n++;
	}
	for (i = 0; i < n; i++)
		if (symbols[i].st_shndx != SHN_UNDEF && !strcmp(strings + symbols[i].st_name, name))
			return (void *)(base + symbols[i].st_value);
	return NULL;
}

static char *unlock_start, *unlock_end;
static volatile __u64 bells_in_unlock, unfinished_unlocks, pending_op;

/* The section: from behind lock cmpxchg to the target of the jump that follows. */
static bool find_unlock(unsigned char *code)
{
	int i;

	for (i = 0; i < 64; i++) {
		/* lock; maybe a prefix of r8 to r15; cmpxchg; the operand (%rdi) */
		int rex = (code[i + 1] & 0xf0) == 0x40;
		unsigned char *op = code + i + 1 + rex;

		if (code[i] != 0xf0 || op[0] != 0x0f || op[1] != 0xb1)
			continue;
		if ((op[2] & 0xc7) != 7 || op[3] != 0x75)
			return false;
		unlock_start = (char *)op + 3;
		unlock_end = (char *)op + 5 + op[4];
		return true;
	}
	return false;
}

static void bell_in_unlock(ucontext_t *uc)
{
	char *ip = (char *)uc->uc_mcontext.gregs[REG_RIP];

	if (ip < unlock_start || ip >= unlock_end)
		return;
	bells_in_unlock++;
	/* unlocked, and the kernel has cleared the pending operation */
	unfinished_unlocks += uc->uc_mcontext.gregs[REG_EFL] & FLAG_ZF && pending_op;
}

/*
 * From 7.2 on, if a signal interrupts an unlock in the vDSO, the kernel completes the unlock
 * first. It recognizes the unlock by ip, so no upcall may change ip there.
 */
APP_TEST(upcall, in_a_robust_unlock)
{
	__u32 (*try_unlock)(__u32 *lock, __u32 tid, __u64 *pending);
	__u32 lock, tid = (__u32)syscall(SYS_gettid);
	__u64 bad = 0;
	int i;

	try_unlock = (__u32 (*)(__u32 *, __u32, __u64 *))
		     vdso_function("__vdso_futex_robust_list64_try_unlock");
	if (!try_unlock)
		SKIP(return, "the vDSO of this kernel unlocks no robust futexes");
	ASSERT_TRUE(find_unlock((unsigned char *)try_unlock));
	bell_hook = bell_in_unlock;
	inside_from = unlock_start;
	inside_to = unlock_end;
	ASSERT_EQ(0, storm(self->n));
	while (storm_goes_on()) {
		for (i = 0; i < 1000; i++) {
			lock = tid;
			pending_op = 1;
			bad += try_unlock(&lock, tid, (__u64 *)&pending_op) != tid;
			bad += lock || pending_op;
		}
	}
	EXPECT_EQ(0, spin_go);
	storm_ends();
	EXPECT_EQ(0, bad);
	EXPECT_EQ(0, inside);
	EXPECT_EQ(0, unfinished_unlocks);
	EXPECT_GT(bells_in_unlock, 0);
	/* emulated, most interrupts come in the section */
	EXPECT_GT(entries, 0);
	EXPECT_EQ(jobs, DELTA(releases));
	TH_LOG("%llu doorbells in the section, %llu upcalls", bells_in_unlock, entries);
	EXPECT_COUNTED();
}

/* ---- features of few CPUs ---------------------------------------------------- */

#define SHSTK_ENABLE	0x5001
#define SHSTK_DISABLE	0x5002
#define SHSTK		1UL

/* Inline: a shadow stack that was empty has nothing for the return of a function. */
static inline __attribute__((always_inline)) long shadow_stack(long what)
{
	long ret;

	__asm__ __volatile__("syscall" : "=a"(ret)
			     : "0"((long)SYS_arch_prctl), "D"(what), "S"(SHSTK)
			     : "rcx", "r11", "memory");
	return ret;
}

/* The shadow stack has no entry for the entry's IRET to the interrupted code. */
APP_TEST(upcall, shadow_stack_gets_doorbells)
{
	__u64 i, changed = 0;

	if (shadow_stack(SHSTK_ENABLE))
		SKIP(return, "not run: this CPU or kernel has no user shadow stacks");
	for (i = 0; i < 20; i++) {
		spin_go = 1;
		wanted = jobs + 1;
		changed += release_soon(MID) != 0;
		changed += spin(0x202, here()) != 0x202;
	}
	shadow_stack(SHSTK_DISABLE);
	EXPECT_EQ(0, changed);
	EXPECT_EQ(20, jobs);
	EXPECT_GT(bells, 0);
	EXPECT_EQ(0, entries);
	EXPECT_COUNTED();
}

/* With FRED the frames of interrupts differ, but upcalls still happen, not only doorbells. */
APP_TEST(upcall, with_fred)
{
	bool fred = false;
	char line[8192];
	FILE *info = fopen("/proc/cpuinfo", "r");

	while (info && !fred && fgets(line, sizeof(line), info))
		fred = !strncmp(line, "flags", 5) && strstr(line, " fred");
	if (info)
		fclose(info);
	if (!fred)
		SKIP(return, "not run: this CPU or kernel does not use FRED");
	ASSERT_EQ(0, storm(self->n / 10));
	while (storm_goes_on()) {
		EXPECT_EQ(0x203, spin(0x203, here()));
		EXPECT_EQ(-1, spin_changed());
	}
	storm_ends();
	EXPECT_EQ(jobs, DELTA(releases));
	EXPECT_GT(entries, self->n / 20);
	EXPECT_COUNTED();
}

/* ---- 32-bit code --------------------------------------------------------- */

void go_32(char *page);
__u64 sp_32;

/*
 * page: 0x00 the 32-bit loop, 0x40 the way back; 0x80 the word that it waits for
 * to be 0. Its stack is the page's end.
 */
__asm__("	.text\n"
"	.globl	go_32\n"
"	.type	go_32, @function\n"
"go_32:\n"
"	push	%rbx\n"
"	push	%rbp\n"
"	push	%r12\n"
"	push	%r13\n"
"	push	%r14\n"
"	push	%r15\n"
"	mov	%rsp, sp_32(%rip)\n"
"	mov	$0x2b, %eax\n"
"	mov	%eax, %ds\n"
"	mov	%eax, %es\n"
"	lea	4096-64(%rdi), %rsp\n"
"	pushq	$0x23\n"
"	push	%rdi\n"
"	lretq\n"
"back_from_32:\n"
"	xor	%eax, %eax\n"
"	mov	%eax, %ds\n"
"	mov	%eax, %es\n"
"	mov	sp_32(%rip), %rsp\n"
"	pop	%r15\n"
"	pop	%r14\n"
"	pop	%r13\n"
"	pop	%r12\n"
"	pop	%rbp\n"
"	pop	%rbx\n"
"	ret\n"
"	.globl	back_from_32\n"
);
extern char back_from_32[];

static volatile __u32 *word_32;
static volatile __u64 bells_in_32;

static void bell_in_32(ucontext_t *uc)
{
	bells_in_32 += (__u16)uc->uc_mcontext.gregs[REG_CSGSFS] == 0x23;
	*word_32 = 0;
}

static void leave_32(struct frame *frame)
{
	(void)frame;
	*word_32 = 0;
}

APP_TEST(upcall, code_32)
{
	/* 1: cmpl $0, word; jne 1b; ljmp $0x33, $(page + 0x40) */
	unsigned char code[] = {
		0x83, 0x3d, 0, 0, 0, 0, 0, 0x75, 0xf7, 0xea, 0, 0, 0, 0, 0x33, 0,
	};
	/* jmp *2f(%rip); 2: .quad back_from_32 */
	unsigned char back[14] = { 0xff, 0x25, 0, 0, 0, 0 };
	__u64 to = (__u64)back_from_32;
	__u32 page32, i;
	char *page = mmap(NULL, 16 * PAGE, PROT_READ | PROT_WRITE | PROT_EXEC,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);

	ASSERT_NE(MAP_FAILED, page);
	/* room for the frame of the signal below */
	page += 15 * PAGE;
	page32 = (__u32)(uintptr_t)page;
	word_32 = (__u32 *)(page + 0x80);
	memcpy(code + 2, &(__u32){ page32 + 0x80 }, 4);
	memcpy(code + 10, &(__u32){ page32 + 0x40 }, 4);
	memcpy(back + 6, &to, 8);
	memcpy(page, code, sizeof(code));
	memcpy(page + 0x40, back, sizeof(back));
	bell_hook = bell_in_32;
	hook = leave_32;
	for (i = 0; i < 20; i++) {
		*word_32 = 1;
		ASSERT_EQ(0, release_soon(MID));
		go_32(page);
	}
	/* a few may have come before or after */
	EXPECT_GT(bells_in_32, 10);
	EXPECT_EQ(20, DELTA(doorbells) + entries);
	EXPECT_EQ(20, jobs);
	EXPECT_COUNTED();
}

/* ---- any interrupted code -------------------------------------------------- */

static char *altstack;
#define ALTSTACK (256 * 1024)
static volatile __u64 off_stack;

static void make_altstack(void)
{
	stack_t stack = { .ss_size = ALTSTACK };

	altstack = mmap(NULL, ALTSTACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			-1, 0);
	stack.ss_sp = altstack;
	sigaltstack(&stack, NULL);
}

static bool on_altstack(__u64 at)
{
	return (char *)at >= altstack && (char *)at < altstack + ALTSTACK;
}

static void on_usr1_alt(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)info;
	(void)context;
	while (storm_goes_on()) {
		if (spin(0x203, (__u64)__builtin_frame_address(0) - 16384) != 0x203 ||
		    spin_changed() >= 0)
			off_stack++;
	}
}

static void check_altstack(struct frame *frame)
{
	if ((char *)frame->ip >= spin_loop && (char *)frame->ip <= spin_end &&
	    !(on_altstack(frame->sp) && on_altstack((__u64)frame)))
		off_stack++;
}

APP_TEST(upcall, on_alternate_stack)
{
	make_altstack();
	ASSERT_EQ(0, catch(SIGUSR1, on_usr1_alt, SA_ONSTACK));
	hook = check_altstack;
	inside_from = spin_loop;
	inside_to = spin_end + 1;
	ASSERT_EQ(0, storm(self->n));
	raise(SIGUSR1);
	EXPECT_EQ(0, spin_go);
	storm_ends();
	EXPECT_EQ(0, off_stack);
	EXPECT_GT(inside, self->n / 2);
	EXPECT_EQ(jobs, DELTA(releases));
	EXPECT_COUNTED();
}

APP_TEST(upcall, in_the_vdso)
{
	__u64 last = 0, back = 0, wrong = 0;
	struct timespec t;

	inside_from = (char *)getauxval(AT_SYSINFO_EHDR);
	inside_to = inside_from + 2 * PAGE;
	ASSERT_NE(NULL, inside_from);
	ASSERT_EQ(0, storm(self->n));
	while (storm_goes_on()) {
		int i;

		for (i = 0; i < 1000; i++) {
			__u64 now;

			wrong += clock_gettime(CLOCK_MONOTONIC, &t) != 0;
			now = (__u64)t.tv_sec * SEC + (__u64)t.tv_nsec;
			back += now < last || t.tv_nsec >= (long)SEC;
			last = now;
		}
	}
	EXPECT_EQ(0, spin_go);
	storm_ends();
	EXPECT_EQ(0, wrong);
	EXPECT_EQ(0, back);
	EXPECT_GT(inside, self->n / 10);
	EXPECT_EQ(jobs, DELTA(releases));
	EXPECT_COUNTED();
}

extern char rep_movs[], rep_stos[];
void move_forward(void *to, const void *from, size_t n);
void move_backward(void *to, const void *from, size_t n);
void fill_forward(void *to, int c, size_t n);
void fill_backward(void *to, int c, size_t n);

__asm__("	.text\n"
"	.globl	move_forward, move_backward, fill_forward, fill_backward\n"
"	.globl	rep_begin, rep_end\n"
"	.type	move_forward, @function\n"
"	.type	move_backward, @function\n"
"	.type	fill_forward, @function\n"
"	.type	fill_backward, @function\n"
"rep_begin:\n"
"move_forward:\n"
"	mov	%rdx, %rcx\n"
"	rep movsb\n"
"	ret\n"
"move_backward:\n"
"	mov	%rdx, %rcx\n"
"	lea	-1(%rdi,%rdx), %rdi\n"
"	lea	-1(%rsi,%rdx), %rsi\n"
"	std\n"
"	rep movsb\n"
"	cld\n"
"	ret\n"
"fill_forward:\n"
"	mov	%rdx, %rcx\n"
"	mov	%esi, %eax\n"
"	rep stosb\n"
"	ret\n"
"fill_backward:\n"
"	mov	%rdx, %rcx\n"
"	lea	-1(%rdi,%rdx), %rdi\n"
"	mov	%esi, %eax\n"
"	std\n"
"	rep stosb\n"
"	cld\n"
"	ret\n"
"rep_end:\n"
);
extern char rep_begin[], rep_end[];

/* The entry's own string instruction runs forward, whatever code was interrupted. */
static volatile __u64 bad_copy;

static void copies(struct frame *frame)
{
	static char from[64] = "goes forward, byte by byte", to[64];

	(void)frame;
	memset(to, 0, sizeof(to));
	{
		char *d = to;
		const char *s = from;
		size_t n = sizeof(from);

		__asm__ __volatile__("rep movsb" : "+D"(d), "+S"(s), "+c"(n) : : "memory");
	}
	bad_copy += memcmp(from, to, sizeof(from)) != 0;
}

APP_TEST(upcall, in_string_instructions)
{
	static unsigned char from[20000], to[20000 + 200];
	__u64 bad = 0, round = 0;
	size_t i;

	for (i = 0; i < sizeof(from); i++)
		from[i] = (unsigned char)(i * 31 >> 3);
	hook = copies;
	inside_from = rep_begin;
	inside_to = rep_end;
	ASSERT_EQ(0, storm(self->n));
	for (; storm_goes_on(); round++) {
		size_t n = sizeof(from) - round % 97;
		unsigned char c = (unsigned char)round;

		memset(to, 0x77, sizeof(to));
		if (round & 1)
			move_backward(to + 100, from, n);
		else
			move_forward(to + 100, from, n);
		bad += memcmp(to + 100, from, n) != 0;
		if (round & 1)
			fill_backward(to + 100, c, n);
		else
			fill_forward(to + 100, c, n);
		for (i = 0; i < n; i += 61)
			bad += to[100 + i] != c;
		bad += to[99] != 0x77 || to[100 + n] != 0x77 || to[0] != 0x77;
	}
	EXPECT_EQ(0, spin_go);
	storm_ends();
	EXPECT_EQ(0, bad);
	EXPECT_EQ(0, bad_copy);
	EXPECT_GT(inside, self->n / 10);
	EXPECT_EQ(jobs, DELTA(releases));
	EXPECT_COUNTED();
}

/*
 * The dynamic linker's resolver of lazily bound functions. It runs if a slot of the table
 * has the value that the linker has set, so that value is restored each time.
 */
static __u64 *slot, slot_unbound;

static int find_slot(struct dl_phdr_info *info, size_t size, void *name)
{
	const ElfW(Rela) *rela = NULL;
	const ElfW(Sym) *symbols = NULL;
	const ElfW(Dyn) *dyn = NULL;
	const char *strings = NULL;
	size_t bytes = 0, i;

	(void)size;
	for (i = 0; i < info->dlpi_phnum; i++)
		if (info->dlpi_phdr[i].p_type == PT_DYNAMIC)
			dyn = (void *)(info->dlpi_addr + info->dlpi_phdr[i].p_vaddr);
	for (; dyn && dyn->d_tag != DT_NULL; dyn++) {
		if (dyn->d_tag == DT_JMPREL)
			rela = (void *)dyn->d_un.d_ptr;
		if (dyn->d_tag == DT_PLTRELSZ)
			bytes = dyn->d_un.d_val;
		if (dyn->d_tag == DT_SYMTAB)
			symbols = (void *)dyn->d_un.d_ptr;
		if (dyn->d_tag == DT_STRTAB)
			strings = (void *)dyn->d_un.d_ptr;
		/* bound at the start: the table is read-only */
		if ((dyn->d_tag == DT_FLAGS && dyn->d_un.d_val & DF_BIND_NOW) ||
		    (dyn->d_tag == DT_FLAGS_1 && dyn->d_un.d_val & DF_1_NOW))
			return 1;
	}
	for (i = 0; rela && i < bytes / sizeof(*rela); i++) {
		const ElfW(Sym) *symbol = &symbols[ELF64_R_SYM(rela[i].r_info)];

		if (!strcmp(strings + symbol->st_name, name))
			slot = (void *)(info->dlpi_addr + rela[i].r_offset);
	}
	/* only the program itself */
	return 1;
}

static volatile __u64 in_linker;
static char *linker;

static void check_linker(struct frame *frame)
{
	char *ip = (char *)frame->ip;

	in_linker += ip >= linker && ip < linker + 256 * 1024;
}

APP_TEST(upcall, in_the_resolver)
{
	unsigned short seed[3], again[3];
	double want;
	__u64 bad = 0;

	dl_iterate_phdr(find_slot, "erand48");
	if (!slot || getenv("LD_BIND_NOW"))
		SKIP(return, "this program is not bound lazily");
	slot_unbound = *slot;
	linker = (char *)getauxval(AT_BASE);
	memset(seed, 1, sizeof(seed));
	want = erand48(seed);
	ASSERT_NE(slot_unbound, *slot);
	hook = check_linker;
	ASSERT_EQ(0, storm(self->n));
	while (storm_goes_on()) {
		memset(again, 1, sizeof(again));
		*slot = slot_unbound;
		__asm__ __volatile__("" ::: "memory");
		bad += erand48(again) != want || memcmp(seed, again, sizeof(seed));
		bad += *slot == slot_unbound;
	}
	EXPECT_EQ(0, spin_go);
	storm_ends();
	EXPECT_EQ(0, bad);
	EXPECT_GT(in_linker, self->n / 20);
	EXPECT_EQ(jobs, DELTA(releases));
	EXPECT_COUNTED();
}

/* The entry's first store faults: its page was never mapped, or has been unmapped. */
APP_TEST(upcall, stack_is_not_there)
{
	char *stack = mmap(NULL, 64 * PAGE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	__u64 i, rounds = self->n / 5;

	ASSERT_NE(MAP_FAILED, stack);
	for (i = 0; i < rounds; i++) {
		__u64 sp = (__u64)stack + 60 * PAGE + i * 8 % 256;

		ASSERT_EQ(0, madvise(stack, 64 * PAGE, MADV_DONTNEED));
		spin_go = 1;
		wanted = jobs + 1;
		ASSERT_EQ(0, release_soon(MID));
		EXPECT_EQ(0x202, spin(0x202, sp));
		EXPECT_EQ(-1, spin_changed());
	}
	EXPECT_EQ(rounds, jobs);
	EXPECT_GT(entries, rounds / 2);
	EXPECT_COUNTED();
}

static volatile __u64 usr1s;

static void on_usr1(int sig)
{
	(void)sig;
	usr1s++;
}

static void *sends_signals(void *arg)
{
	struct other *other = arg;
	__u64 random = 88172645463325252ULL;

	if (cpus_online() > 1)
		pin_to(1);
	while (!other->stop) {
		syscall(SYS_tgkill, getpid(), other->tid, SIGUSR1);
		sleep_ns(random_u64(&random) % 300000);
	}
	return NULL;
}

APP_TEST(upcall, with_signals)
{
	struct other other = { .tid = (pid_t)syscall(SYS_gettid) };

	ASSERT_TRUE(signal(SIGUSR1, on_usr1) != SIG_ERR);
	ASSERT_EQ(0, pthread_create(&other.thread, NULL, sends_signals, &other));
	ASSERT_EQ(0, storm(self->n));
	while (storm_goes_on()) {
		EXPECT_EQ(0x247, spin(0x247, here()));
		EXPECT_EQ(-1, spin_changed());
		/* the other CPU was held up: not before it has sent enough */
		if (!spin_go && usr1s <= self->n / 100) {
			wanted = jobs + self->n;
			spin_go = 1;
		}
	}
	EXPECT_EQ(0, spin_go);
	other.stop = true;
	pthread_join(other.thread, NULL);
	storm_ends();
	EXPECT_GT(usr1s, self->n / 100);
	EXPECT_EQ(jobs, DELTA(releases));
	EXPECT_COUNTED();
}

/* ---- broken programs ------------------------------------------------------ */

static sigjmp_buf out;
static volatile int fault_sig;
static volatile __u64 fault_ip;

static void on_fault(int sig, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;

	(void)info;
	fault_sig = sig;
	fault_ip = (__u64)uc->uc_mcontext.gregs[REG_RIP];
	siglongjmp(out, 1);
}

static void catch_faults(void)
{
	make_altstack();
	catch(SIGSEGV, on_fault, SA_ONSTACK);
	catch(SIGBUS, on_fault, SA_ONSTACK);
	catch(SIGILL, on_fault, SA_ONSTACK);
}

/*
 * Faults at the entry, after an upcall that interrupts spin(). If it interrupts other code,
 * or is a doorbell whose frame cannot be written, try again.
 */
static bool fault_at_entry(const struct stub *stub, __u64 sp)
{
	volatile int tries;

	for (tries = 0; tries < 50; tries++) {
		fault_sig = 0;
		bells = 0;
		spin_go = 1;
		spin_budget = 1 << 24;
		/* the fault happened in an upcall, which has not returned */
		if (!sigsetjmp(out, 1)) {
			if (attach_anew(stub) || release_soon(MID))
				return false;
			spin(0x202, sp);
		}
		look();
		if (fault_sig && !bells && upcall_ctl->masked && in_spin(upcall_ctl->upcall_ip))
			return true;
		upcall_ctl->masked = 0;
	}
	return false;
}

/* An invalid stack pointer: the entry faults, as any push would. */
APP_TEST(upcall, garbage_sp)
{
	static const __u64 garbage[] = {
		0, 1, 64, 128, 4096, 1ULL << 46, (1ULL << 47) - 8, 1ULL << 47, 1ULL << 63,
		0xffff7fffffffffffULL, 0xffff800000000000ULL, 0xffffffff81000000ULL, ~0ULL,
	};
	unsigned int i;

	catch_faults();
	for (i = 0; i < ARRAY_SIZE(garbage); i++) {
		ASSERT_TRUE(fault_at_entry(&full, garbage[i])) {
			TH_LOG("%llx", garbage[i]);
		}
		EXPECT_TRUE(fault_sig == SIGSEGV || fault_sig == SIGBUS);
		EXPECT_GE(fault_ip, (__u64)full_entry);
		EXPECT_LE(fault_ip, (__u64)full_return);
		EXPECT_EQ(garbage[i], self->ctl->upcall_sp);
		self->ctl->masked = 0;
	}
	EXPECT_GE(DELTA(upcalls), ARRAY_SIZE(garbage));
	EXPECT_EQ(0, kernel_is_hurt());
}

APP_TEST(upcall, entry_is_not_there)
{
	/* not mapped, the last byte, not executable */
	const __u64 entry[] = { 1, 4096, (1ULL << 47) - PAGE - 1, (__u64)&slot_unbound };
	unsigned int i;

	catch_faults();
	for (i = 0; i < ARRAY_SIZE(entry); i++) {
		char *at = (char *)entry[i];
		struct stub stub = { at, at, full_return, full_return_end };

		ASSERT_TRUE(fault_at_entry(&stub, here()));
		EXPECT_EQ(SIGSEGV, fault_sig);
		EXPECT_EQ(entry[i], fault_ip);
		self->ctl->masked = 0;
	}
	EXPECT_GE(DELTA(upcalls), ARRAY_SIZE(entry));
	EXPECT_EQ(0, kernel_is_hurt());
}

/* ---- from another CPU ------------------------------------------------------ */

/*
 * Kicks the core other->kicks times, and on a slow machine, where the thread is in the kernel
 * or out of its CPU more often than not, up to 32 times as often.
 */
static void *kicks(void *arg)
{
	struct other *other = arg;
	__u64 most = other->upcalls ? other->kicks * 32 : other->kicks;

	if (cpus_online() > 1)
		pin_to(1);
	while (!other->err && (other->sent < other->kicks ||
			       (other->sent < most && entries + agains <= other->upcalls))) {
		__u64 until = now_ns() + PATIENCE;

		other->sent++;
		__atomic_fetch_or(&upcall_ctl->remote_ready, BIT(MID), __ATOMIC_SEQ_CST);
		other->err = core_kick(app, 0);
		while (LOAD(upcall_ctl->remote_ready) && now_ns() < until)
			sched_yield();
		if (LOAD(upcall_ctl->remote_ready))
			other->err = -ETIMEDOUT;
	}
	spin_go = 0;
	return NULL;
}

/* An IPI from another CPU makes an upcall in the same way. */
APP_TEST(upcall, kicked)
{
	struct other other = { .kicks = self->n, .upcalls = self->n / 4 };

	if (cpus_online() < 2)
		SKIP(return, "one CPU");
	wanted = ~0ULL;
	spin_go = 1;
	ASSERT_EQ(0, pthread_create(&other.thread, NULL, kicks, &other));
	while (spin_go) {
		EXPECT_EQ(0x603, spin(0x603, here()));
		EXPECT_EQ(-1, spin_changed());
	}
	pthread_join(other.thread, NULL);
	EXPECT_EQ(0, other.err);
	EXPECT_GT(entries + agains, other.upcalls);
	EXPECT_EQ(other.sent, DELTA(kicks));
	EXPECT_COUNTED();
}

/* Kicks and releases, together, nothing lost. */
APP_TEST(upcall, kicked_and_released)
{
	struct other other = { .kicks = self->n / 2, .upcalls = self->n / 8 };
	struct rtfm_query query = counters(app, 0);

	if (cpus_online() < 2)
		SKIP(return, "one CPU");
	wanted = ~0ULL;
	spin_go = 1;
	ASSERT_EQ(0, pthread_create(&other.thread, NULL, kicks, &other));
	ASSERT_EQ(0, release(0, TOP, now_ns(), query.min_period * 2));
	while (spin_go) {
		EXPECT_EQ(0x203, spin(0x203, here()));
		EXPECT_EQ(-1, spin_changed());
	}
	pthread_join(other.thread, NULL);
	storm_ends();
	EXPECT_EQ(0, other.err);
	EXPECT_EQ(jobs, DELTA(releases));
	EXPECT_GT(entries + agains, other.upcalls);
	EXPECT_EQ(other.sent, DELTA(kicks));
	EXPECT_COUNTED();
}

static void *kicks_once(void *arg)
{
	struct other *other = arg;

	if (cpus_online() > 1)
		pin_to(1);
	sleep_ns(LATER);
	__atomic_fetch_or(&upcall_ctl->remote_ready, BIT(MID), __ATOMIC_SEQ_CST);
	other->err = core_kick(app, 0);
	return NULL;
}

APP_TEST(upcall, kicked_in_a_system_call)
{
	struct other other = { 0 };
	int pipe_fd[2];
	char c;

	ASSERT_EQ(0, pipe(pipe_fd));
	ASSERT_EQ(0, pthread_create(&other.thread, NULL, kicks_once, &other));
	EXPECT_EQ(-1, read(pipe_fd[0], &c, 1));
	EXPECT_EQ(EINTR, errno);
	pthread_join(other.thread, NULL);
	EXPECT_EQ(0, other.err);
	EXPECT_EQ(1, bells);
	EXPECT_EQ(1, DELTA(doorbells));
	EXPECT_EQ(0, entries);
	EXPECT_COUNTED();
}

extern char bad_load[], bad_load_end[];
void load_from(const void *at);

__asm__("	.text\n"
"	.globl	load_from, bad_load, bad_load_end\n"
"	.type	load_from, @function\n"
"load_from:\n"
"bad_load:\n"
"	mov	(%rdi), %rax\n"
"bad_load_end:\n"
"	ret\n"
);

static volatile __u64 faults, bad_faults;

/* Skips the load. An upcall that the kernel lost on the way here is made up for. */
static void on_bad_load(int sig, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;

	(void)sig;
	(void)info;
	faults++;
	if (uc->uc_mcontext.gregs[REG_RIP] != (greg_t)bad_load || upcall_ctl->masked) {
		bad_faults++;
		upcall_ctl->masked = 0;
		look();
	}
	uc->uc_mcontext.gregs[REG_RIP] = (greg_t)bad_load_end;
}

/*
 * Page faults that end in a signal: most of the time the thread is in the kernel, with
 * interrupts on, and its user registers, which the kernel is about to put in a signal
 * frame, look like those of an interrupt (orig_ax is -1). A kick that comes then must
 * leave them alone.
 */
APP_TEST(upcall, kicked_in_a_fault)
{
	struct other other = { .kicks = self->n / 4 };

	if (cpus_online() < 2)
		SKIP(return, "one CPU");
	ASSERT_EQ(0, catch(SIGSEGV, on_bad_load, SA_NODEFER));
	wanted = ~0ULL;
	spin_go = 1;
	ASSERT_EQ(0, pthread_create(&other.thread, NULL, kicks, &other));
	while (spin_go)
		load_from(NULL);
	pthread_join(other.thread, NULL);
	EXPECT_EQ(0, other.err);
	EXPECT_EQ(0, bad_faults);
	EXPECT_EQ(self->n / 4, DELTA(kicks));
	EXPECT_GT(bells, self->n / 40);
	TH_LOG("%llu faults, %d doorbells, %llu upcalls", faults, (int)bells, entries);
	EXPECT_COUNTED();
}

#define PIPE_BYTES (1024 * PAGE)	/* at most */

struct writer {
	struct other other;
	__u64 rounds, fill_ns;
	volatile __u64 round;	/* that the writer has begun */
	volatile __u64 written, emptied;	/* that either has ended */
};

static void empty_pipe(int fd)
{
	static char to[16 * PAGE];

	while (read(fd, to, sizeof(to)) > 0)
		;
}

/* The pipe is emptied when the kick has been noticed, or after PATIENCE. */
static void *kicks_the_writer(void *arg)
{
	struct writer *w = arg;
	__u64 random = 88172645463325252ULL, round, until;

	pin_to(1);
	for (round = 1; round <= w->rounds; round++) {
		while (LOAD(w->round) != round)
			sched_yield();
		until = now_ns() + random_u64(&random) % (w->fill_ns / 2);
		while (now_ns() < until)
			;
		__atomic_fetch_or(&upcall_ctl->remote_ready, BIT(MID), __ATOMIC_SEQ_CST);
		w->other.err = w->other.err ?: core_kick(app, 0);
		until = now_ns() + PATIENCE;
		while (LOAD(upcall_ctl->remote_ready) && now_ns() < until && !w->other.err)
			sched_yield();
		if (LOAD(upcall_ctl->remote_ready))
			w->other.err = w->other.err ?: -ETIMEDOUT;
		while (LOAD(w->written) != round) {
			empty_pipe(w->other.fd);
			sched_yield();
		}
		empty_pipe(w->other.fd);
		w->emptied = round;
	}
	return NULL;
}

/*
 * A thread fills a pipe, then sleeps: a kick that finds it in the kernel sends the doorbell.
 * It must not wait until the system call returns.
 */
APP_TEST(upcall, kicked_before_it_sleeps)
{
	struct writer w = { .rounds = self->n / 50 };
	static char from[PIPE_BYTES + PAGE];
	size_t bytes = 8 * PAGE;
	int pipe_fd[2];
	__u64 i;

	if (cpus_online() < 2)
		SKIP(return, "one CPU");
	ASSERT_EQ(0, catch(BELL, doorbell, SA_RESTART));
	ASSERT_EQ(0, pipe(pipe_fd));
	ASSERT_EQ(0, fcntl(pipe_fd[0], F_SETFL, O_NONBLOCK));
	w.other.fd = pipe_fd[0];
	if (w.rounds > 100)
		w.rounds = 100;
	/* large enough for a kick to arrive while it is being filled */
	do {
		bytes *= 2;
		ASSERT_EQ(bytes, fcntl(pipe_fd[1], F_SETPIPE_SZ, bytes));
		w.fill_ns = now_ns();
		ASSERT_EQ(bytes, write(pipe_fd[1], from, bytes));
		w.fill_ns = now_ns() - w.fill_ns;
		empty_pipe(pipe_fd[0]);
	} while (w.fill_ns < 20 * MSEC && bytes < PIPE_BYTES);
	ASSERT_LT(1, w.fill_ns);
	ASSERT_EQ(0, pthread_create(&w.other.thread, NULL, kicks_the_writer, &w));
	for (i = 1; i <= w.rounds; i++) {
		w.round = i;
		EXPECT_LT(0, write(pipe_fd[1], from, bytes + PAGE));
		w.written = i;
		EXPECT_TRUE(SPIN_FOR(LOAD(w.emptied) == i));
	}
	pthread_join(w.other.thread, NULL);
	EXPECT_EQ(0, w.other.err);
	EXPECT_EQ(w.rounds, DELTA(kicks));
	EXPECT_GT(bells, 0);
	TH_LOG("%d doorbells, %llu upcalls, pipe of %zu filled in %llu us", (int)bells, entries,
	       bytes, w.fill_ns / 1000);
	EXPECT_COUNTED();
}

/* That is inside a system call, too. */
APP_TEST(upcall, kicks_itself)
{
	self->ctl->remote_ready = BIT(MID);
	ASSERT_EQ(0, core_kick(app, 0));
	EXPECT_TRUE(SPIN_FOR(bells));
	EXPECT_EQ(1, DELTA(doorbells));
	EXPECT_EQ(0, entries);
	EXPECT_COUNTED();
}

#else

TEST(no_upcalls)
{
	SKIP(return, "upcalls are for x86-64");
}

#endif

TEST_HARNESS_MAIN
