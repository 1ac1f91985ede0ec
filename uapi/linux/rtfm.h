/* SPDX-License-Identifier: (GPL-2.0 WITH Linux-syscall-note) OR MIT */
/*
 * /dev/rtfm: the Stack Resource Policy as a programming model, in the kernel.
 *
 * Each open of the device creates one app. Its life:
 *
 *	open -> RTFM_IOC_SETUP -> mmap -> RTFM_IOC_ATTACH, once in the thread of
 *	each core -> RTFM_IOC_{SCHEDULE,SUBMIT,CANCEL,ARM,KICK,PARK} -> close
 *
 * The owner of the app is the process that called RTFM_IOC_SETUP. The app ends when
 * the owner closes any descriptor of it, unmaps the region (all of its mappings; a part
 * cannot be unmapped), execs, or dies. The kernel then releases all that it holds for
 * the app. In another process, which inherited a descriptor or received it, every ioctl
 * fails with -EPERM; such a descriptor keeps the memory of the region allocated, but no
 * timer and no thread.
 *
 * DOC: ioctl format
 *
 * Every argument is a struct that begins with __u32 size, which the caller
 * sets to the sizeof that it was built with. A kernel with a larger struct reads missing
 * fields as zero; a kernel with a smaller struct accepts a larger one, of up to a page,
 * if the part that it does not know is zero. The errors are:
 *
 *	-ENOTTY		no such command
 *	-EINVAL		size too small, unknown flag, reserved field not zero, or
 *			a value out of its range
 *	-E2BIG		the struct has a non-zero tail that this kernel does not
 *			know, or a limit of the module was exceeded (RTFM_IOC_QUERY
 *			returns the limits)
 *	-EFAULT		the struct, or an array it points to, is not accessible
 *	-EPERM		the caller is not the owning process, or the command is for
 *			attached threads and the caller is not attached
 *	-ENXIO		the app has not been set up (or mapped) yet, or the core
 *			that was named has no thread
 *	-EBUSY		the app is set up already, the core has a thread already, the
 *			thread is attached already or has its priority from another
 *			app, or the timer is pending
 *	-ESHUTDOWN	the app has ended
 *	-ENOENT		the timer was released or cancelled already
 *	-ENOMEM		no memory
 *	-EINTR		a signal arrived while parked, or the caller is being killed
 *	-EOPNOTSUPP	from RTFM_IOC_SETUP: the caller is in a time namespace whose
 *			CLOCK_MONOTONIC differs from the host's, to which all instants refer
 *	-ENFILE		from open(2): max_apps (a parameter of the module) are open
 *
 * They are checked in this order: the struct, whether the app is set up, the caller,
 * whether the app has ended, the existence of what the command names, its state.
 *
 * A command that fails has changed nothing.
 */
#ifndef _UAPI_LINUX_RTFM_H
#define _UAPI_LINUX_RTFM_H

#include <linux/ioctl.h>
#include <linux/types.h>

/* Limits of the format. A module parameter may set a lower one. */
#define RTFM_MAX_CORES		32
#define RTFM_MAX_PRIORITY	31	/* 1..31, higher is more urgent; 0 is idle */
#define RTFM_LEVELS		(RTFM_MAX_PRIORITY + 1)
#define RTFM_MAX_TIMERS		65536	/* per core */
#define RTFM_SUBMITS		64	/* entries of the submission ring of a core */
#define RTFM_NEVER		(~0ULL)	/* no instant */
#define RTFM_DOORBELL_VALUE	0x6d667472	/* of the si_value of a doorbell */

/**
 * DOC: ready words
 *
 * &struct rtfm_ctl.ready and &struct rtfm_ctl.remote_ready: bit p, 1..31, means
 * that level p may have a job; the bits above are above every ceiling.
 */
#define RTFM_READY_LEVELS	0x00000000fffffffeULL
#define RTFM_READY_TIME		(1ULL << 32)	/* the armed instant has passed */
#define RTFM_READY_LOOK		(1ULL << 33)	/* a doorbell was deferred: check again */
#define RTFM_READY_STOP		(1ULL << 34)	/* the app is ending */
#define RTFM_READY_SLOW		(1ULL << 63)	/* leave the fast path at every unlock */
#define RTFM_READY_ATTENTION	(~0ULL << 32)

/* &struct rtfm_ctl.ceiling: a level, 0..31, and this flag */
#define RTFM_CEILING_SLOW	0x80u		/* leave the fast path at every lock */
#define RTFM_CEILING_LEVEL	0x1fu

/* &struct rtfm_ctl.state */
#define RTFM_STATE_RUNNING	0	/* runs jobs or idle: must be interrupted */
#define RTFM_STATE_POLLING	1	/* polls, or runs a job that nothing may preempt */
#define RTFM_STATE_PARKED	2	/* sleeps: must be woken */

/**
 * struct rtfm_submit - an entry of the submission ring: release a job at an instant
 * @instant:  CLOCK_MONOTONIC, ns, at most 2^63 - 1; if it has passed, the job is
 *	      released at once
 * @period:   0: once; else the job is released again every @period ns, at least the
 *	      module's min_period_ns, until RTFM_IOC_CANCEL
 * @timer:    number of the timer, 0..the plan's @timers - 1; it must not be pending
 * @tag:      distinguishes this use of the timer from others, for RTFM_IOC_CANCEL
 * @level:    priority of the job, one of the levels of the core's plan
 * @job:      cookie for &struct rtfm_job.job
 *
 * An entry that violates these rules is dropped, and counted in
 * &struct rtfm_query.lost.
 *
 * A release of a periodic timer is skipped, and counted as an overrun
 * (&struct rtfm_query.overruns), if the job of the previous release is still in the
 * kernel's ring, or if its instant has already passed when the previous release takes
 * place. The instants of the jobs show which releases were skipped.
 */
struct rtfm_submit {
	__aligned_u64 instant;
	__aligned_u64 period;
	__u32 timer;
	__u32 tag;
	__u32 level;
	__u32 job;
};

/**
 * struct rtfm_ctl - control block of one core, at the start of its page
 * @ceiling:	   system ceiling of the core: a level and %RTFM_CEILING_SLOW
 * @masked:	   not 0 while the thread is inside its dispatcher or a queue: the
 *		   kernel sets %RTFM_READY_LOOK then and does not interrupt user
 *		   mode; the handler of a doorbell that arrives nevertheless should
 *		   do the same. An upcall sets it
 * @ready:	   the bits that were set on this CPU
 * @seq:	   counter of the jobs that were made ready on this CPU; gives their order
 * @core:	   index of the core
 * @upcall_ip:	   instruction pointer of the thread when an upcall redirected it
 * @upcall_sp:	   its stack pointer at that time
 * @upcall_flags:  its flags at that time
 * @next:	   the instant at which the core's timer expires, or %RTFM_NEVER; before
 *		   that the kernel takes entries out of @submit only in an ioctl
 * @stail:	   the number of entries that the thread has put in @submit since set-up
 * @shead:	   the number of them that the kernel has taken out
 * @remote_ready:  the bits that were set on other CPUs; atomic operations only
 * @state:	   RTFM_STATE_*
 * @reserved1:	   zero
 * @reserved2:	   zero
 * @ktail:	   per level: the number of jobs that the kernel has put in its ring
 * @khead:	   per level: the number of jobs that the thread has taken out of it
 * @submit:	   the submission ring; entry i, counted since the start, is at index
 *		   i & (RTFM_SUBMITS - 1)
 *
 * The first cache line is written only on the core's own CPU, by its thread and by hard
 * interrupts of that CPU, so it needs neither fence nor LOCK prefix. (Exceptions: @next
 * and @shead may be written on another CPU, if the thread has left its CPU or if another
 * thread cancels.) The second line is written by all CPUs. The kernel writes @ktail, the
 * thread writes @khead and @submit. For the barriers between the two sides see
 * Documentation/locking.rst.
 *
 * To submit without a system call, the core's thread writes the entry, stores
 * @stail, executes a full fence, and loads @next: RTFM_IOC_SUBMIT is needed only
 * if the entry's instant is before that.
 */
struct rtfm_ctl {
	__u32 ceiling;
	__u32 masked;
	__aligned_u64 ready;
	__u32 seq;
	__u32 core;
	__aligned_u64 upcall_ip;
	__aligned_u64 upcall_sp;
	__aligned_u64 upcall_flags;
	__aligned_u64 next;
	__u32 stail;
	__u32 shead;

	__aligned_u64 remote_ready;
	__u32 state;
	__u32 reserved1;
	__aligned_u64 reserved2[6];

	__u32 ktail[RTFM_LEVELS];
	__u32 khead[RTFM_LEVELS];
	struct rtfm_submit submit[RTFM_SUBMITS];
};

/**
 * struct rtfm_job - an entry of a kernel ring
 * @job:     the cookie that the job was submitted with
 * @seq:     &struct rtfm_ctl.seq at the release
 * @instant: the instant of the release, as submitted; of a periodic job, that of
 *	     this release
 */
struct rtfm_job {
	__u32 job;
	__u32 seq;
	__aligned_u64 instant;
};

/**
 * struct rtfm_core_plan - resources of one core, and its offsets in the region
 * @levels:	  in: bit p set = the core has tasks of priority p
 * @timers:	  in: number of timers, 0..RTFM_MAX_TIMERS; they are numbered from 0
 * @ring_entries: in: entries of the kernel's ring of each level, a power of two,
 *		  at least @timers, or 0 if @timers is 0
 * @reserved:	  zero
 * @ctl_offset:	  out: offset of the &struct rtfm_ctl in the region
 * @ring_offset:  out: offset of the first kernel ring. The rings of the levels
 *		  set in @levels follow each other, lowest level first, each of
 *		  @ring_entries &struct rtfm_job
 *
 * Entry i of a ring, counted since the start, is at index i & (@ring_entries - 1).
 */
struct rtfm_core_plan {
	__u32 levels;
	__u32 timers;
	__u32 ring_entries;
	__u32 reserved;
	__aligned_u64 ctl_offset;
	__aligned_u64 ring_offset;
};

/* features: &struct rtfm_setup.features, &struct rtfm_query.features */
#define RTFM_FEATURE_DOORBELL	(1ULL << 0)	/* delivery by signal to a running thread */
#define RTFM_FEATURE_PARK	(1ULL << 1)	/* delivery by wake-up to a parked thread */
#define RTFM_FEATURE_UPCALL	(1ULL << 2)	/* delivery by upcall to user mode */

/**
 * struct rtfm_setup - RTFM_IOC_SETUP: declare the app, reserve its memory
 * @size:	  sizeof(struct rtfm_setup)
 * @flags:	  zero
 * @ncores:	  1..RTFM_MAX_CORES
 * @reserved:	  zero
 * @features:	  in: the features that the app requires (-EINVAL if this kernel
 *		  lacks one); out: all that this kernel has
 * @cores:	  pointer to @ncores &struct rtfm_core_plan; the out fields of each
 *		  are written back
 * @user_bytes:	  size of a part at the end of the region that the kernel does not use
 * @user_offset:  out: offset of this part
 * @region_bytes: out: the length to mmap, at offset 0, shared, read and write
 *
 * Once for an open file, by the process that will own the app. Process context.
 */
struct rtfm_setup {
	__u32 size;
	__u32 flags;
	__u32 ncores;
	__u32 reserved;
	__aligned_u64 features;
	__aligned_u64 cores;
	__aligned_u64 user_bytes;
	__aligned_u64 user_offset;
	__aligned_u64 region_bytes;
};

/**
 * struct rtfm_attach - RTFM_IOC_ATTACH: the calling thread becomes a core
 * @size:	       sizeof(struct rtfm_attach)
 * @flags:	       zero
 * @core:	       index of the core
 * @fifo_priority:     0: leave the policy as it is; else run SCHED_FIFO at this
 *		       priority, 1..the module's max_fifo_priority (-E2BIG above);
 *		       its children do not inherit it (SCHED_RESET_ON_FORK). It is lent:
 *		       at RTFM_IOC_DETACH and at the end of the app, the thread gets back
 *		       the policy that it had, if it is still SCHED_FIFO, at this priority
 *		       or a lower one. A thread can have a priority from one app at a
 *		       time (-EBUSY)
 * @doorbell:	       signal that interrupts the running thread, 1..64 but not
 *		       SIGKILL, nor one of job control (SIGSTOP, SIGTSTP, SIGTTIN,
 *		       SIGTTOU, SIGCONT). Its si_code is SI_KERNEL and its si_value
 *		       RTFM_DOORBELL_VALUE, as sival_int; the si_code is SI_USER and the
 *		       si_pid 0 if the kernel had no memory for that
 * @reserved:	       zero
 * @cpu:	       out: the CPU of the core
 * @reserved2:	       zero
 * @upcall_entry:      address at which an upcall enters, or 0: no upcalls
 * @upcall_again:      address at which it enters if the thread is in the return range
 * @upcall_return:     first instruction of the return range
 * @upcall_return_end: end of it, exclusive
 *
 * The thread must have pinned itself to one CPU before (-EINVAL) and the
 * region must be mapped (-ENXIO). Timers of the core run on that CPU. If the thread moves
 * to another CPU later, its jobs are released late, through remote_ready and the doorbell.
 * If it exits without RTFM_IOC_DETACH, its core remains taken until the app ends. Errors
 * of the scheduler and of the creation of a kernel thread may be returned, too.
 *
 * Either all four addresses are zero, or they are user addresses and the last two form
 * a range (-EINVAL).
 *
 * DOC: upcall
 *
 * If an interrupt finds the thread in user mode and not @masked, with a level ready above
 * the ceiling, the kernel may redirect the thread instead of sending the doorbell:
 *
 *	- it stores ip, sp and flags in the control block, sets @masked, and makes
 *	  the thread continue at @upcall_entry, with sp lowered by the 128 bytes below
 *	  it that belong to the interrupted code, and aligned to 64; the direction,
 *	  alignment-check, resume and nested-task flags clear. Nothing is written to
 *	  the stack, and all other registers, those for floating point and vectors
 *	  included, are as they were;
 *	- or, if ip is in the return range, it stores nothing, sets @masked and makes
 *	  the thread continue at @upcall_again, with sp unchanged and the same flags
 *	  clear. The other registers are as they were, some of them restored.
 *
 * The entry copies the three words to its stack, saves the registers that it uses, checks
 * the ready words, and clears @masked as the last thing before @upcall_return. In the
 * return range it checks for bits that were set while it was masked, restores the
 * registers and returns to the interrupted instruction with one instruction; sp is
 * constant in the range. So there is one frame for one interruption of the
 * application, however often the entry itself is interrupted.
 *
 * The kernel sends the doorbell, and never redirects, if the thread has the doorbell
 * blocked, is inside a restartable sequence (rseq(2)), is single-stepped, has a user
 * shadow stack, or runs 32-bit code.
 */
struct rtfm_attach {
	__u32 size;
	__u32 flags;
	__u32 core;
	__u32 fifo_priority;
	__u32 doorbell;
	__u32 reserved;
	__u32 cpu;
	__u32 reserved2;
	__aligned_u64 upcall_entry;
	__aligned_u64 upcall_again;
	__aligned_u64 upcall_return;
	__aligned_u64 upcall_return_end;
};

/**
 * struct rtfm_detach - RTFM_IOC_DETACH: the calling thread stops being a core
 * @size:  sizeof(struct rtfm_detach)
 * @flags: zero
 *
 * Its pending timers are dropped. A SCHED_FIFO priority that RTFM_IOC_ATTACH gave is taken
 * back.
 */
struct rtfm_detach {
	__u32 size;
	__u32 flags;
};

/**
 * struct rtfm_kick - RTFM_IOC_KICK: notify another core of its ready words
 * @size:     sizeof(struct rtfm_kick)
 * @flags:    zero
 * @core:     index of the core
 * @reserved: zero
 *
 * The sender has set its bits in &struct rtfm_ctl.remote_ready before.
 */
struct rtfm_kick {
	__u32 size;
	__u32 flags;
	__u32 core;
	__u32 reserved;
};

/**
 * struct rtfm_schedule - RTFM_IOC_SCHEDULE: release a job at an instant
 * @size:     sizeof(struct rtfm_schedule)
 * @flags:    zero
 * @core:     core of the job
 * @reserved: zero
 * @submit:   what to release and when
 *
 * -EINVAL if @submit breaks a rule of &struct rtfm_submit, -EBUSY if its timer is
 * pending; these are checked last. Jobs of the same instant are released in the order of
 * submission. Any thread of the owning process may call it; the entries that the core's
 * thread has put in its submission ring before are taken in first.
 */
struct rtfm_schedule {
	__u32 size;
	__u32 flags;
	__u32 core;
	__u32 reserved;
	struct rtfm_submit submit;
};

/**
 * struct rtfm_take_in - RTFM_IOC_SUBMIT: take in the submission ring
 * @size:  sizeof(struct rtfm_take_in)
 * @flags: zero
 *
 * Takes the entries out of the submission ring of the calling core. Attached threads only
 * (-EPERM).
 */
struct rtfm_take_in {
	__u32 size;
	__u32 flags;
};

/**
 * struct rtfm_cancel - RTFM_IOC_CANCEL: cancel a job that is not released
 * @size:     sizeof(struct rtfm_cancel)
 * @flags:    zero
 * @core:     core of the job
 * @timer:    number of its timer
 * @tag:      as submitted
 * @reserved: zero
 *
 * For one job exactly one call succeeds; -ENOENT means that the job was released or
 * cancelled before, or that there is no such timer. A periodic timer can be cancelled at
 * any time, and is not released again. Any thread of the owning process may call it.
 */
struct rtfm_cancel {
	__u32 size;
	__u32 flags;
	__u32 core;
	__u32 timer;
	__u32 tag;
	__u32 reserved;
};

/**
 * struct rtfm_arm - RTFM_IOC_ARM: notify the calling core at an instant
 * @size:    sizeof(struct rtfm_arm)
 * @flags:   zero
 * @instant: CLOCK_MONOTONIC, ns, at most 2^63 - 1; 0 disarms
 *
 * At @instant the kernel sets %RTFM_READY_TIME in &struct rtfm_ctl.ready and
 * delivers. One instant per core: a later call replaces it. Attached threads
 * only (-EPERM).
 */
struct rtfm_arm {
	__u32 size;
	__u32 flags;
	__aligned_u64 instant;
};

/**
 * struct rtfm_park - RTFM_IOC_PARK: sleep until something is ready
 * @size:  sizeof(struct rtfm_park)
 * @flags: zero
 *
 * Returns 0 as soon as &struct rtfm_ctl.ready or &struct rtfm_ctl.remote_ready
 * is not 0, apart from %RTFM_READY_SLOW; at once if it is not 0 already. -EINTR if a
 * signal arrives. The kernel sets &struct rtfm_ctl.state. Attached threads only (-EPERM).
 * After the call the caller has to load the ready words, whatever is returned: a kick
 * that arrives while the thread is leaving the call has no other effect.
 */
struct rtfm_park {
	__u32 size;
	__u32 flags;
};

/**
 * struct rtfm_query - RTFM_IOC_QUERY: limits of the module, counters of a core
 * @size:	       sizeof(struct rtfm_query)
 * @flags:	       zero
 * @core:	       core whose counters are requested; 0 before SETUP
 * @ncores:	       out: cores of the app, 0 before SETUP
 * @features:	       out: RTFM_FEATURE_*
 * @max_bytes:	       out: largest region
 * @max_cores:	       out: most cores of an app
 * @max_timers:	       out: most timers of a core
 * @max_fifo_priority: out: highest SCHED_FIFO priority that ATTACH grants
 * @attached:	       out: 1 if the core has a thread
 * @pending:	       out: timers of the core that are not released
 * @cpu:	       out: its CPU, ~0 if it has no thread
 * @releases:	       out: jobs released by the core's timer
 * @lost:	       out: jobs for which the kernel's ring was full, and entries of the
 *		       submission ring that were invalid; both are errors of the app
 * @wakeups:	       out: deliveries to the parked thread
 * @doorbells:	       out: deliveries by signal
 * @upcalls:	       out: deliveries by upcall
 * @held:	       out: deliveries left to the thread, which checks its ready words
 * @kicks:	       out: RTFM_IOC_KICK calls for the core
 * @overruns:	       out: releases of periodic timers that were skipped
 * @min_period:	       out: shortest period of a timer, ns
 *
 * Before SETUP any process that has the file open may call it.
 */
struct rtfm_query {
	__u32 size;
	__u32 flags;
	__u32 core;
	__u32 ncores;
	__aligned_u64 features;
	__aligned_u64 max_bytes;
	__u32 max_cores;
	__u32 max_timers;
	__u32 max_fifo_priority;
	__u32 attached;
	__u32 pending;
	__u32 cpu;
	__aligned_u64 releases;
	__aligned_u64 lost;
	__aligned_u64 wakeups;
	__aligned_u64 doorbells;
	__aligned_u64 upcalls;
	__aligned_u64 held;
	__aligned_u64 kicks;
	__aligned_u64 overruns;
	__aligned_u64 min_period;
};

/* The size of the argument is in the struct, not in the number. */
#define RTFM_IOC_MAGIC		0xB7
#define RTFM_IOC_QUERY		_IO(RTFM_IOC_MAGIC, 0x40)
#define RTFM_IOC_SETUP		_IO(RTFM_IOC_MAGIC, 0x41)
#define RTFM_IOC_ATTACH		_IO(RTFM_IOC_MAGIC, 0x42)
#define RTFM_IOC_DETACH		_IO(RTFM_IOC_MAGIC, 0x43)
#define RTFM_IOC_KICK		_IO(RTFM_IOC_MAGIC, 0x44)
#define RTFM_IOC_SCHEDULE	_IO(RTFM_IOC_MAGIC, 0x45)
#define RTFM_IOC_CANCEL		_IO(RTFM_IOC_MAGIC, 0x46)
#define RTFM_IOC_ARM		_IO(RTFM_IOC_MAGIC, 0x47)
#define RTFM_IOC_PARK		_IO(RTFM_IOC_MAGIC, 0x48)
#define RTFM_IOC_SUBMIT		_IO(RTFM_IOC_MAGIC, 0x49)

#endif /* _UAPI_LINUX_RTFM_H */
