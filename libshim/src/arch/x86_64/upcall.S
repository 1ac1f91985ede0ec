/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Upcall: the kernel has redirected this thread, which was anywhere in its code,
 * to here. Save all registers, run the dispatcher, and go on there, without a
 * system call. The protocol: struct rtfm_attach in <linux/rtfm.h>.
 *
 * The frame, at sp when the kernel enters, less FRAME; sp is aligned to 64 and
 * skips the red zone:
 *
 *	0	ip cs flags sp ss	what IRET takes
 *	40	control block
 *	48	rax ... r15		all but sp
 *	FRAME
 *
 * Below the frame, while the dispatcher runs: the XSAVE area, then its stack. The vector
 * registers are saved for a job of general registers, too: memcpy(), in the library and in
 * what the job calls, uses them.
 *
 * masked is set on entry, by the kernel, and cleared as the last thing before
 * upcall_return. From there to the IRET sp does not move and the frame stays whole:
 * if the kernel redirects the thread there, it sets masked and lets it go on at
 * upcall_again, with the same frame. So there is one frame for one interrupted place,
 * however often that happens.
 */
#include "../upcall.h"

#define F_IP	0
#define F_CS	8
#define F_FLAGS	16
#define F_SP	24
#define F_SS	32
#define F_CTL	40
#define F_RAX	48
#define F_RBX	56
#define F_RCX	64
#define F_RDX	72
#define F_RSI	80
#define F_RDI	88
#define F_RBP	96
#define F_R8	104
#define F_R9	112
#define F_R10	120
#define F_R11	128
#define F_R12	136
#define F_R13	144
#define F_R14	152
#define F_R15	160
#define FRAME	192

#define HEADER	512

/* DWARF: where the frame at \base has the interrupted registers, for debuggers. */
#define RBP	0x76
#define RSP	0x77

	.macro	saved base, reg, offset
	.cfi_escape 0x10, \reg, 0x03, \base, (\offset & 0x7f) | 0x80, \offset >> 7
	.endm

	.macro	unwind base
	.cfi_escape 0x0f, 0x04, \base, (F_SP & 0x7f) | 0x80, F_SP >> 7, 0x06
	saved	\base, 16, F_IP
	saved	\base, 0, F_RAX
	saved	\base, 1, F_RDX
	saved	\base, 2, F_RCX
	saved	\base, 3, F_RBX
	saved	\base, 4, F_RSI
	saved	\base, 5, F_RDI
	saved	\base, 6, F_RBP
	saved	\base, 7, F_SP
	saved	\base, 8, F_R8
	saved	\base, 9, F_R9
	saved	\base, 10, F_R10
	saved	\base, 11, F_R11
	saved	\base, 12, F_R12
	saved	\base, 13, F_R13
	saved	\base, 14, F_R14
	saved	\base, 15, F_R15
	.endm

	.text
	.balign	64
	.globl	upcall_entry
	.hidden	upcall_entry
	.type	upcall_entry, @function
upcall_entry:
	.cfi_startproc simple
	.cfi_signal_frame
	unwind	RSP
	lea	-FRAME(%rsp), %rsp
	mov	%rax, F_RAX(%rsp)
	mov	%rbx, F_RBX(%rsp)
	mov	%rcx, F_RCX(%rsp)
	mov	%rdx, F_RDX(%rsp)
	mov	%rsi, F_RSI(%rsp)
	mov	%rdi, F_RDI(%rsp)
	mov	%rbp, F_RBP(%rsp)
	mov	%r8, F_R8(%rsp)
	mov	%r9, F_R9(%rsp)
	mov	%r10, F_R10(%rsp)
	mov	%r11, F_R11(%rsp)
	mov	%r12, F_R12(%rsp)
	mov	%r13, F_R13(%rsp)
	mov	%r14, F_R14(%rsp)
	mov	%r15, F_R15(%rsp)

	mov	self@gottpoff(%rip), %rax
	mov	%fs:(%rax), %rax
	mov	(%rax), %rax			/* struct core begins with its ctl */
	mov	%rax, F_CTL(%rsp)
	mov	UPCALL_CTL_IP(%rax), %rcx
	mov	UPCALL_CTL_FLAGS(%rax), %rdx
	mov	UPCALL_CTL_SP(%rax), %rbx
	mov	%rcx, F_IP(%rsp)
	mov	%rdx, F_FLAGS(%rsp)
	mov	%rbx, F_SP(%rsp)
	mov	%cs, %ecx
	mov	%ss, %edx
	mov	%rcx, F_CS(%rsp)
	mov	%rdx, F_SS(%rsp)

	/* On entry masked is set, the frame is at sp, and no other register is defined. */
	.globl	upcall_again
	.hidden	upcall_again
upcall_again:
	mov	%rsp, %rbp
	unwind	RBP
	mov	upcall_xstate_bytes(%rip), %eax
	sub	%rax, %rsp
	and	$-64, %rsp
	mov	%rsp, %rbx
	mov	upcall_xstate_mask(%rip), %eax
	mov	upcall_xstate_mask+4(%rip), %edx
	cmpl	$UPCALL_XSAVE, upcall_xstate_kind(%rip)
	jb	.Lfxsave
	/* neither instruction writes all of the header, and XRSTOR wants it zero */
	mov	$0, %ecx			/* not XOR: the flags are of use below */
	mov	%rcx, HEADER(%rbx)
	mov	%rcx, HEADER+8(%rbx)
	mov	%rcx, HEADER+16(%rbx)
	mov	%rcx, HEADER+24(%rbx)
	mov	%rcx, HEADER+32(%rbx)
	mov	%rcx, HEADER+40(%rbx)
	mov	%rcx, HEADER+48(%rbx)
	mov	%rcx, HEADER+56(%rbx)
	je	.Lxsave
	xsavec64 (%rbx)
	jmp	.Lsaved
.Lxsave:
	xsave64	(%rbx)
	jmp	.Lsaved
.Lfxsave:
	fxsave64 (%rbx)
.Lsaved:
	/* a function may be called with an empty x87 stack, and fast with clean upper halves */
	fninit
	cmpl	$0, upcall_has_avx(%rip)
	je	.Lcall
	vzeroupper
.Lcall:
	call	dispatch_upcall
	mov	%eax, %r12d
	cmpl	$UPCALL_FXSAVE, upcall_xstate_kind(%rip)
	je	.Lfxrstor
	mov	upcall_xstate_mask(%rip), %eax
	mov	upcall_xstate_mask+4(%rip), %edx
	xrstor64 (%rbx)
	jmp	.Lrestored
.Lfxrstor:
	fxrstor64 (%rbx)
.Lrestored:
	mov	%rbp, %rsp
	unwind	RSP
	mov	F_CTL(%rsp), %rax
	mov	%r12d, %ecx
	movl	$0, UPCALL_CTL_MASKED(%rax)

	/*
	 * An interrupt that came while masked was set has left a bit in ready; one that
	 * comes now lets the thread go on at upcall_again.
	 */
	.globl	upcall_return
	.hidden	upcall_return
upcall_return:
	mov	UPCALL_CTL_READY(%rax), %rdx
	shr	%cl, %rdx
	cmp	$1, %rdx
	ja	.Lmore
	mov	F_RBX(%rsp), %rbx
	mov	F_RCX(%rsp), %rcx
	mov	F_RDX(%rsp), %rdx
	mov	F_RSI(%rsp), %rsi
	mov	F_RDI(%rsp), %rdi
	mov	F_RBP(%rsp), %rbp
	mov	F_R8(%rsp), %r8
	mov	F_R9(%rsp), %r9
	mov	F_R10(%rsp), %r10
	mov	F_R11(%rsp), %r11
	mov	F_R12(%rsp), %r12
	mov	F_R13(%rsp), %r13
	mov	F_R14(%rsp), %r14
	mov	F_R15(%rsp), %r15
	mov	F_RAX(%rsp), %rax
	iretq
.Lmore:
	movl	$1, UPCALL_CTL_MASKED(%rax)
	.globl	upcall_return_end
	.hidden	upcall_return_end
upcall_return_end:
	jmp	upcall_again
	.cfi_endproc
	.size	upcall_entry, . - upcall_entry

	.section .note.GNU-stack, "", @progbits
