/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The data that the files of libshim share: the app and its cores. Each file has its
 * functions in a header of its own. A file calls only those below it in this list:
 *
 *	app		the life of an app
 *	check		the declaration, the options and the environment, before it starts
 *	engine_*	how a core is notified, now or at an instant (engine.h)
 *	doorbell	the signal that interrupts a running core
 *	send		spawn, schedule, cancel, reschedule, out of line
 *	dispatch	who runs when
 *	queue		the pending jobs of a core, from all senders
 *	end		how an app ends
 *	layout		its memory
 *	cell		messages from core to core
 *	ready		how another CPU makes a job ready
 *	timer		a core's timer queue, where the kernel does not keep it
 *	periodic	tasks that are released at each period
 *	slot		storage for the payloads of pending jobs
 *	thread		the threads of cores and their helpers
 *	fault		says where a core is that faults or aborts
 *	realtime	real-time properties
 *	reason		why the system refused something
 *	state		the running app, the core of the calling thread, errors
 *	os		system calls
 *
 * The writer of each field is given with it: "own" is the core's own thread and the
 * signal handlers and upcalls on top of it, "start" the thread that calls rtfm_run()
 * before any other runs.
 */
#ifndef RTFM_SRC_CORE_H
#define RTFM_SRC_CORE_H

#include <linux/rtfm.h>
#include <pthread.h>
#include <rtfm.h>
#include <signal.h>
#include <stdbool.h>
#include <timerq.h>

#include "engine.h"

/* More than any kernel has: the largest NR_CPUS is 8,192. */
#define OS_CPUS		(64 << 10)

/**
 * struct os_cpus - a set of CPUs, in the kernel's format
 * @bits: CPU n is bit n % 64 of word n / 64 (of half words with 32 bits)
 */
struct os_cpus {
	unsigned long bits[OS_CPUS / (8 * sizeof(long))];
};

#define CELL_PAYLOAD	48	/* bytes of payload in a cell; a larger payload is in a slot */

/**
 * struct cell - one message from a core to another: one cache line
 * @seq: CELL_FULL() or CELL_FREE(): who owns the cell, its receiver or its sender
 * @job: RTFMX_JOB(); the number of the slot is valid only if the payload is in a slot
 * @scheduled: baseline of the job
 * @payload: the payload, if it fits
 */
struct cell {
	uint32_t seq;
	uint32_t job;
	uint64_t scheduled;
	unsigned char payload[CELL_PAYLOAD];
} __attribute__((aligned(64)));

_Static_assert(sizeof(struct cell) == 64, "a message is one cache line");
_Static_assert(offsetof(struct cell, payload) % RTFMX_PAYLOAD_ALIGN == 0,
	       "the payload is aligned as in a slot");

/**
 * struct outbox - the sender's end of a ring of cells, from one core to a level of another
 * @cells: the ring; start
 * @mask: its size, a power of two, - 1; start
 * @tail: messages sent
 * @oldest: the first message that the sender does not know to be taken
 *
 * Own: the sender's, masked. Only the sender accesses the cache line.
 */
struct outbox {
	struct cell *cells;
	uint32_t mask;
	uint32_t tail;
	uint32_t oldest;
} __attribute__((aligned(64)));

/**
 * struct inbox - the receiver's end of a ring of cells
 * @next: the cell of the next message
 * @full: its &struct cell.seq when the message is there
 * @level: start
 * @cells: the ring; start
 * @mask: its size - 1; start
 * @reserved: zero
 *
 * Own: the receiver's, masked, or polling.
 */
struct inbox {
	struct cell *next;
	uint32_t full;
	uint32_t level;
	struct cell *cells;
	uint32_t mask;
	uint32_t reserved;
};

/**
 * struct timer_request - a request of a core to another core's timer queue
 * @instant: ignored if the slot's state says that the job is cancelled
 * @job: RTFMX_JOB() of the slot
 * @gen: generation of the slot when the request was made
 */
struct timer_request {
	uint64_t instant;
	uint32_t job;
	uint32_t gen;
};

#define TIMER_RING_NEAR	2

/**
 * struct timer_ring - a single-producer, single-consumer ring of timer requests
 * @tail: requests put in; the producer's
 * @entries: size, a power of two; start
 * @request: the entries
 * @near: the entries for a sender that cannot schedule there, but may cancel and move
 * @head: requests taken out; the consumer's, in a cache line of its own
 */
struct timer_ring {
	uint32_t tail;
	uint32_t entries;
	struct timer_request *request;
	struct timer_request near[TIMER_RING_NEAR];
	uint32_t head __attribute__((aligned(64)));
} __attribute__((aligned(64)));

#define TIMER_NEVER	(~0ULL)

/**
 * struct timer_entry - what a timer releases; its slot is in &struct timers.slots
 * @period: ns, 0 for once; start
 * @gen: generation of the slot when it was queued; own
 * @level: of the job's task; start
 */
struct timer_entry {
	uint64_t period;
	uint32_t gen;
	uint32_t level;
};

/**
 * struct timers - the timer queue of a core
 * @queue: own
 * @entries: one for each number of @queue
 * @slots: [number], the slot of the job that the timer releases; start
 * @queued: [level], the number of its timers in @queue; own
 * @levels: the levels, a bit each, of the timers in @queue; own
 * @moved: the levels, a bit each, of timers that expired while another core was moving
 *	them; never cleared, because this is rare; own
 * @asked: the cores, a bit each, that have put requests in their rings; atomic
 * @next: the core calls timer_expire() at this instant at the latest, without being
 *	notified; TIMER_NEVER: it has to be notified; written by own, read by all
 * @requests: one ring for each core of the app
 */
struct timers {
	struct rtfm_timerq queue;
	struct timer_entry *entries;
	struct rtfmx_slot **slots;
	uint32_t queued[RTFM_LEVELS];
	uint32_t levels;
	uint32_t moved;
	uint32_t asked;
	uint64_t next;
	struct timer_ring *requests;
};

/**
 * struct core - one core
 * @pub: what the inline fast path sees; first
 * @app: the app; start
 * @nr: its number; start
 * @cpu: its CPU, valid if @pinned; start, then own, read by all
 * @priority: SCHED_FIFO or SCHED_RR priority, 0 if it is not real-time; start
 * @remote: the levels, a bit each, that other cores may send to; start
 * @senders: the levels, a bit each, that other cores or the kernel put jobs in; start
 * @top: the highest level of a task, 0 if it has none; start
 * @locks: the levels, a bit each, to which locks of its idle raise the ceiling; start
 * @thread_errno: errno of its thread; own
 * @outboxes: [core * RTFM_LEVELS + level], ring from this core to that level; NULL: it does
 *	not send there; start
 * @inboxes: the rings from other cores, by level; start
 * @first: [level], the first of @inboxes of this level; [RTFM_LEVELS], their number; start
 * @nwatched: number of @inboxes that the core itself checks while it polls: all or
 *	none; start
 * @kernel_rings: [level], ring from the kernel to this level; start
 * @kernel_entries: size of each of them, 0 without a module; start
 * @kernel_mask: @kernel_entries - 1; start
 * @pop: [level], QUEUE_POP_*; own, before the app opens
 * @timers: its timer queue, unless the kernel keeps it
 * @unwatched: %RTFM_READY_TIME if the dispatcher has to call expire() before it starts a
 *	job, or 0; engine soft; own
 * @held: the level of the job that runs in the handler of the doorbell with the doorbell
 *	blocked, or 0; own
 * @thread: its thread; not used for core 0; start
 * @tid: its thread; own, before the app opens
 * @helper: the thread beside it, 0 if there is none; written by that, atomic
 * @over: no further job starts on the core; own
 * @idle: its idle has returned; own
 * @stopped: its thread has undone what it did, and ends; own, read after it has ended
 * @old_policy: scheduling policy before the app; own
 * @old_priority: priority before the app; own
 * @stack: bytes of its stack that are touched before init: start
 * @stack_base: the lowest address of its stack; own
 * @stack_top: the end of the part of its stack that its code can use; own
 * @alternate: the library has given it an alternate signal stack; own
 * @restore: @old_policy and @old_priority are valid; own
 * @arrived: number of times that it has arrived at the barrier; own
 * @pinned: the thread is pinned to @cpu, except during init; own
 * @refused: real-time properties that were refused, REFUSED_*; own, and of its helper
 * @why_cpu: errno with which its CPU was refused; own
 * @why_policy: errno with which its policy was refused; own
 * @doorbell_blocked: the caller had the doorbell blocked; own
 * @rung: a sender has sent the doorbell since the last one, or is about to; atomic
 * @reminder: 1 + the timer that rings the doorbell after the end, 0 for none; start
 * @polls_files: it is in rtfm_poll(), where the doorbell only interrupts; own
 * @epoch: incremented before and after bits of remote_ready are taken; written by own
 * @kicked: epoch << 8 | level of the last kick that was completed, or READY_NOT_KICKED;
 *	atomic
 * @polls: the cores, a bit each, that were polling when this core last sent to them; own
 * @others: the levels, a bit each, whose inboxes have not been found empty since other
 *	cores sent to them; own
 * @turn: [level], the inbox of the level from which the next job is taken; own
 * @taken: copy of a message, from when its cell is freed until its task has it; own,
 *	masked
 * @engine_data: the engine's; own, but see the engine
 *
 * The fields that other cores read when they send come first, in cache lines to which no
 * message writes.
 */
struct core {
	struct rtfmx_core pub;
	struct app *app __attribute__((aligned(64)));
	uint32_t nr;
	int cpu;
	int priority;
	uint32_t remote;
	uint32_t senders;
	uint32_t top;
	uint32_t locks;
	int *thread_errno;
	struct outbox **outboxes;
	struct inbox *inboxes;
	uint16_t first[RTFM_LEVELS + 1];
	uint32_t nwatched;
	struct rtfm_job **kernel_rings;
	uint32_t kernel_entries;
	uint32_t kernel_mask;
	uint8_t pop[RTFM_LEVELS];
	struct timers timers;
	uint64_t unwatched;
	uint32_t held;
	pthread_t thread;
	pid_t tid;
	pid_t helper;
	int over;
	bool idle;
	bool stopped;
	int old_policy;
	int old_priority;
	size_t stack;
	char *stack_base;
	char *stack_top;
	bool alternate;
	bool restore;
	uint32_t arrived;
	bool pinned;
	unsigned int refused;
	int why_cpu;
	int why_policy;
	bool doorbell_blocked;
	bool polls_files;
	int reminder;
	uint32_t rung;
	uint64_t epoch;
	uint64_t kicked;
	uint32_t polls __attribute__((aligned(64)));
	uint32_t others;
	uint8_t turn[RTFM_LEVELS];
	struct {
		struct rtfmx_slot slot;
		unsigned char payload[CELL_PAYLOAD];
	} taken;
	union {
		struct {
			uint32_t level;		/* the ceiling, as in the signal mask; own */
			int timer;		/* timer_create(); -1: none yet; atomic */
			uint64_t held;		/* mask before exclude(); own */
			uint64_t before;	/* mask of the caller; own */
			uint64_t open;		/* the same, our signals unblocked; own */
			bool closed;		/* the signals of the levels are blocked; own */
		} signal;
		struct {
			uint64_t armed;		/* when the alarm fires; atomic, written by own */
			int timer;		/* timer_create(); -1: a timekeeper; start */
			uint32_t watching;	/* the level at which watch is queued, or 0; own */
			struct rtfmx_slot watch; /* see engine_soft.c; own */
			uint32_t changes;	/* of armed, counted: keeper's futex */
			uint32_t quit;		/* the timekeeper has to end; atomic */
			pthread_t keeper;
		} soft;
		struct {
			uint64_t awake;		/* see poll_rest(); own */
		} kmod;
	} engine_data;
} __attribute__((aligned(64)));

/* &struct core.refused and &struct app.refused */
#define REFUSED_POLICY	 (1u << 0)
#define REFUSED_AFFINITY (1u << 1)
#define REFUSED_MLOCK	 (1u << 2)
#define REFUSED_SHARED	 (1u << 3)	/* cores share CPUs, because there are too few */
#define REFUSED_HELPER	 (1u << 4)	/* of a helper thread: the priority above the core's */

/**
 * struct app - the app that is running in this process
 * @decl: its declaration; start
 * @opt: its options, defaults filled in; start
 * @cpus: the CPU of each core; start
 * @priorities: the priority of each core, 0: not real-time; start
 * @stacks: bytes of stack to touch, of each core; start
 * @caller_cpus: the CPUs that the caller may use; start
 * @ncaller_cpus: their number, or a negative errno; start
 * @caller_mask: the signals that the caller had blocked; start
 * @signals: the signals that the engine blocks and unblocks in the cores; start
 * @pins: cores are pinned, except during init; atomic
 * @engine: start
 * @cores: start
 * @memory: allocated and laid out by layout.c; start
 * @bytes: its size; start
 * @baseline: of every init: the instant before the first begins; core 0, at a barrier
 * @start: of the app: no task runs before it; core 0, at a barrier
 * @fp: floating-point environment in which init, idle and jobs begin; start
 * @live: the cores exist; atomic
 * @stillborn: no init runs: a core could not start, or rtfm_exit() was called before the first
 *	init; core 0, at a barrier
 * @stopping: rtfm_exit() was called, and its status; atomic, the first call sets it
 * @failed: negative errno of the first core that could not start, or 0; atomic
 * @arrived: number of cores at the barrier; atomic, a futex
 * @refused: real-time properties that were refused to any core, REFUSED_*; atomic
 * @why_mlock: errno with which locked memory was refused; any core, atomic
 * @locked: mlockall() succeeded; start
 * @locks_all: mlockall() also locks later mappings; start
 * @doorbell_old: the program's handler of the doorbell; start
 * @doorbell_there: the library's handler is installed in its place; start
 * @fault_old: the program's handlers of SIGSEGV and SIGABRT; start
 * @fault_there: the library's handlers are installed in their place; start
 * @caller: the thread that called rtfm_run(), which is that of core 0; start
 * @cancel_state: whether that thread could be cancelled; start
 * @pid: the process that called rtfm_run(); start
 * @fd: of /dev/rtfm; engine signal: readable while a job waits; or -1; start
 * @upcalls: engine kmod: the kernel redirects running threads; start
 * @region_bytes: engine kmod: size of @region; start
 * @region: engine kmod: the mapping; start
 */
struct app {
	const struct rtfm_app *decl;
	struct rtfm_options opt;
	int cpus[RTFM_MAX_CORES];
	int priorities[RTFM_MAX_CORES];
	size_t stacks[RTFM_MAX_CORES];
	struct os_cpus caller_cpus;
	int ncaller_cpus;
	uint64_t caller_mask;
	uint64_t signals;
	bool pins;
	const struct engine *engine;
	struct core *cores;
	void *memory;
	size_t bytes;
	uint64_t baseline;
	uint64_t start;
	struct rtfmx_fp fp;
	int live;
	bool stillborn;
	int stopping;
	int failed;
	uint32_t arrived;
	unsigned int refused;
	int why_mlock;
	bool locked;
	bool locks_all;
	struct sigaction doorbell_old;
	bool doorbell_there;
	struct sigaction fault_old[2];
	bool fault_there[2];
	pid_t caller;
	int cancel_state;
	pid_t pid;
	int fd;
	bool upcalls;
	size_t region_bytes;
	void *region;
};

#endif /* RTFM_SRC_CORE_H */
