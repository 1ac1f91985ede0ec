/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The fast path: lock, unlock and a spawn on the same core, without a system
 * call. Names that begin with rtfmx_ are here because an inline function needs
 * them; applications must not use them.
 *
 * The rules that every engine keeps:
 *
 *  - ctl->ceiling is the system ceiling. Code that lowers it checks for jobs that
 *    became ready above it. %RTFM_CEILING_SLOW sends every lock, %RTFM_READY_SLOW every
 *    unlock out of line: an engine that needs a system call there sets them.
 *  - ctl->masked is not 0 while this thread accesses its queues. The handler of a
 *    doorbell that arrives then sets %RTFM_READY_LOOK and does nothing else; code that
 *    clears masked loads ctl->ready afterwards.
 *  - If other threads push to a port as well, its free list is empty, so that every
 *    spawn goes out of line.
 */
#ifndef RTFM_FAST_H
#define RTFM_FAST_H

#include <linux/rtfm.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <rtfm/atomic.h>
#include <rtfm/compiler.h>
#include <rtfm/fpenv.h>

#ifdef __cplusplus
extern "C" {
#endif

#define RTFMX_MAX_CAPACITY 4096
#define RTFMX_MAX_TASKS	   4096

struct rtfmx_core;
struct rtfmx_cx;

#define RTFMX_PAYLOAD_ALIGN 16

/**
 * struct rtfmx_slot - storage for one pending job; the payload follows
 * @next: next slot in the same list: free slots, or jobs of a level
 * @scheduled: baseline of the job
 * @run: runs the job; constant
 * @reserved: zero
 * @job: its RTFMX_JOB(); constant
 * @seq: &struct rtfm_ctl.seq when the job was made ready on its own core
 * @state: how often the timer queue has used the slot, and SLOT_*
 * @kind: RTFMX_SLOT_*; constant
 */
struct rtfmx_slot {
	struct rtfmx_slot *next;
	uint64_t scheduled;
	void (*run)(struct rtfmx_core *core, struct rtfmx_slot *slot);
	uint64_t reserved;
	uint32_t job;
	uint32_t seq;
	uint32_t state;
	uint32_t kind;
} __attribute__((aligned(RTFMX_PAYLOAD_ALIGN)));	/* so the payload is, too */

/* &struct rtfmx_slot.kind */
#define RTFMX_SLOT_LOCAL   1	/* on the free list of its port: used by one thread */
#define RTFMX_SLOT_POOL	   2	/* a bit of the pool of its port: used by two threads */
#define RTFMX_SLOT_PERIODIC 3	/* the slot of the timer of a periodic task */
#define RTFMX_SLOT_WATCH    4	/* no job: engine soft arms its timer in it */
#define RTFMX_SLOT_CELL	   5	/* a copy of a message from another core's cell */

#define RTFMX_STRIDE(size)						\
	(sizeof(struct rtfmx_slot) +					\
	 (((size) + RTFMX_PAYLOAD_ALIGN - 1) & ~(size_t)(RTFMX_PAYLOAD_ALIGN - 1)))

/**
 * struct rtfmx_level - jobs of one level that this core has sent to itself
 * @first: the oldest, NULL if there is none
 * @last: the pointer that links the next one: in the newest slot, or @first
 *
 * Only the core's thread accesses it, masked.
 */
struct rtfmx_level {
	struct rtfmx_slot *first;
	struct rtfmx_slot **last;
};

/**
 * struct rtfmx_port - the slots of one sender at one task
 * @free: list of the free slots, if only the sender's thread uses the port
 * @slots: the slots, RTFMX_STRIDE(size of the payload) apart
 * @job: the job of slot 0; that of slot n is @job + n
 * @capacity: number of slots
 * @timer: number of the timer of slot 0 in the queue of the task's core
 * @sent: sender on another core: messages in cells that, as far as it knows, are not taken
 * @lent: sender on another core: slots that, as far as it knows, are not released
 * @periodic: the slot of the task's timer, NULL if the task is not periodic
 * @pool: bitmap of the free slots of any other port, atomic
 */
struct rtfmx_port {
	struct rtfmx_slot *free;
	unsigned char *slots;
	uint32_t job;
	uint32_t capacity;
	uint32_t timer;
	uint16_t sent;
	uint16_t lent;
	struct rtfmx_slot *periodic;
	uint64_t *pool;
};

/* The number of a job in rings, kernel timers and signals. */
#define RTFMX_JOB(task, sender, slot) ((uint32_t)(task) << 18 | (uint32_t)(sender) << 13 | (slot))
#define RTFMX_JOB_TASK(job)	((job) >> 18)
#define RTFMX_JOB_SENDER(job)	((job) >> 13 & 0x1f)
#define RTFMX_JOB_SLOT(job)	((job) & 0x1fff)

/**
 * struct rtfmx_core - one core, as its own thread sees it
 * @ctl: control block, in the region
 * @ports: one for each task of the app, with this core as the sender
 * @levels: jobs that it has sent to itself
 * @fp: floating-point environment in which init, idle and jobs begin
 */
struct rtfmx_core {
	struct rtfm_ctl *ctl;
	struct rtfmx_port *ports;
	struct rtfmx_level levels[RTFM_LEVELS];
	struct rtfmx_fp fp;
};

/* The first members of the context of every task. */
struct rtfmx_cx {
	struct rtfmx_core *rtfmx_core;
	struct rtfm_ctl *rtfmx_ctl;
	uint64_t scheduled;
} __attribute__((may_alias));

/* libshim/src/dispatch.c */
void rtfmx_dispatch(struct rtfmx_core *core);
uint32_t rtfmx_lock_slow(struct rtfm_ctl *ctl, uint32_t ceiling);
void rtfmx_unlock_slow(struct rtfm_ctl *ctl, uint32_t old);
void rtfmx_spawn_now(struct rtfmx_core *core, struct rtfmx_slot *slot, uint32_t level,
		     uint32_t ceiling);
void rtfmx_begin_slow(struct rtfmx_core *core, struct rtfmx_slot *slot);

/* libshim/src/send.c */
int rtfmx_spawn_slow(struct rtfmx_core *core, uint32_t task, uint64_t scheduled,
		     const void *payload);
int64_t rtfmx_schedule(struct rtfmx_core *core, uint32_t task, uint64_t instant,
		       const void *payload);

/* Is anything ready above the ceiling? Attention bits always are. */
RTFMX_INLINE int rtfmx_due(uint64_t ready, uint32_t ceiling)
{
	return ready >> (ceiling & 63) > 1;
}

/* What the unlock has to do. */
#define RTFMX_GUARD_NONE   0	/* nothing: the ceiling was not raised */
#define RTFMX_GUARD_LOCAL  1	/* no fence: no level above has senders on other CPUs */
#define RTFMX_GUARD_REMOTE 2	/* a full fence, and check remote_ready too */

struct rtfmx_guard {
	struct rtfm_ctl *ctl;
	uint32_t old;
	uint32_t how;
};

/* @ceiling and @how are constants: the compiler keeps one branch only. */
RTFMX_INLINE struct rtfmx_guard rtfmx_lock(struct rtfm_ctl *ctl, uint32_t ceiling,
					   uint32_t how)
{
	struct rtfmx_guard guard = { ctl, 0, how };

	if (how == RTFMX_GUARD_NONE)
		return guard;
	guard.old = RTFMX_LOAD(&ctl->ceiling);
	if (__builtin_expect(guard.old < ceiling, 1))
		RTFMX_STORE(&ctl->ceiling, ceiling);
	else if (guard.old & RTFM_CEILING_SLOW)
		guard.old = rtfmx_lock_slow(ctl, ceiling);
	RTFMX_BARRIER();
	return guard;
}

/*
 * The core lowers its ceiling and then loads remote_ready; a sender sets a bit of
 * remote_ready and then loads the ceiling. Both need a full fence between the two
 * steps, or both may see the old value and the job is not noticed. This fence, J, pairs
 * with M, the atomic OR in ready_post(). The protocol: libshim/src/ready.h.
 */
RTFMX_INLINE void rtfmx_unlock(struct rtfmx_guard *guard)
{
	struct rtfm_ctl *ctl = guard->ctl;
	uint64_t ready;

	if (guard->how == RTFMX_GUARD_NONE)
		return;
	RTFMX_BARRIER();
	RTFMX_STORE(&ctl->ceiling, guard->old);
	if (guard->how == RTFMX_GUARD_REMOTE) {
		RTFMX_FENCE();
		ready = RTFMX_LOAD(&ctl->ready) | RTFMX_LOAD(&ctl->remote_ready);
	} else {
		RTFMX_BARRIER();
		ready = RTFMX_LOAD(&ctl->ready);
	}
	if (RTFMX_UNLIKELY(rtfmx_due(ready, guard->old)))
		rtfmx_unlock_slow(ctl, guard->old);
}

/*
 * Spawn on the same core. The thread is masked from the choice of the slot until the
 * ready bit is set. A job above the ceiling runs before this returns; the thread is then
 * masked until the job begins.
 *
 * seq is read and incremented in two steps. An interrupt in between takes the same
 * number; the order of these two jobs does not matter. That seq wraps matters only to a
 * job that waits for 2^31 others of its core.
 */
RTFMX_INLINE int rtfmx_spawn_local(struct rtfmx_core *core, struct rtfm_ctl *ctl,
				   uint32_t task, uint32_t level, uint64_t scheduled,
				   const void *payload, size_t size)
{
	struct rtfmx_port *port = &core->ports[task];
	struct rtfmx_slot *slot;
	uint32_t ceiling;

	RTFMX_STORE(&ctl->masked, 1);
	RTFMX_BARRIER();
	slot = port->free;
	if (RTFMX_UNLIKELY(!slot))
		return rtfmx_spawn_slow(core, task, scheduled, payload);
	port->free = slot->next;
	slot->scheduled = scheduled;
	if (size)
		memcpy(slot + 1, payload, size);
	ceiling = RTFMX_LOAD(&ctl->ceiling);
	if (level > ceiling) {
		rtfmx_spawn_now(core, slot, level, ceiling);
		return 0;
	}
	slot->next = NULL;
	slot->seq = RTFMX_LOAD(&ctl->seq);
	rtfmx_local_count(&ctl->seq);
	*core->levels[level].last = slot;
	core->levels[level].last = &slot->next;
	rtfmx_local_or(&ctl->ready, 1ULL << level);
	RTFMX_STORE(&ctl->masked, 0);
	RTFMX_BARRIER();
	if (RTFMX_UNLIKELY(rtfmx_due(RTFMX_LOAD(&ctl->ready), ceiling)))
		rtfmx_dispatch(core);
	return 0;
}

/*
 * The payload is on the stack now: free the slot, then clear masked. Jobs above this
 * level that were made ready since this job was chosen run first.
 */
RTFMX_INLINE void rtfmx_begin(struct rtfmx_core *core, struct rtfm_ctl *ctl,
			      struct rtfmx_slot *slot, uint32_t task, uint32_t level)
{
	if (RTFMX_UNLIKELY(slot->kind != RTFMX_SLOT_LOCAL)) {
		rtfmx_begin_slow(core, slot);
		return;
	}
	slot->next = core->ports[task].free;
	core->ports[task].free = slot;
	RTFMX_BARRIER();
	RTFMX_STORE(&ctl->masked, 0);
	RTFMX_BARRIER();
	/* the ceiling is the level of the task, which is a constant here */
	if (RTFMX_UNLIKELY(rtfmx_due(RTFMX_LOAD(&ctl->ready), level)))
		rtfmx_dispatch(core);
}

RTFMX_INLINE int rtfmx_spawn(struct rtfmx_core *core, struct rtfm_ctl *ctl, uint32_t task,
			     uint32_t level, int local, uint64_t scheduled,
			     const void *payload, size_t size)
{
	if (local)
		return rtfmx_spawn_local(core, ctl, task, level, scheduled, payload, size);
	RTFMX_STORE(&ctl->masked, 1);
	RTFMX_BARRIER();
	return rtfmx_spawn_slow(core, task, scheduled, payload);
}

RTFMX_INLINE __attribute__((warn_unused_result)) int rtfmx_checked(int ret)
{
	return ret;
}

RTFMX_INLINE __attribute__((warn_unused_result)) int64_t rtfmx_checked64(int64_t ret)
{
	return ret;
}

#ifdef __cplusplus
}
#endif

#endif /* RTFM_FAST_H */
