/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The region: the memory that an app shares with the kernel.
 *
 * Everything in it may be changed by user space at any time, so
 *
 *	- the accessors of this file are the only code that touches it;
 *	- each loads a word once, into a local, and the local is what is checked
 *	  and used;
 *	- sizes, offsets, masks and tails are the kernel's own: &struct
 *	  rtfm_region_view, never what stands in the region.
 *
 * Who writes which word, and what that costs:
 *
 *	word		written by			how
 *	ready, seq	thread; hard irq on its CPU	plain: on one CPU a read, an OR
 *							and a write in hard irq are one
 *							step to the thread
 *	remote_ready	everyone			atomic
 *	state		thread, kernel			plain, last one wins: see park
 *	ktail		kernel				release, pairs with the thread's
 *							acquire in front of the entry
 *	khead		thread				release, pairs with our acquire
 *							in front of overwriting it
 *	stail		thread				release, then a full fence, then
 *							a look at next
 *	shead, next	kernel				next, then a full fence, then a
 *							look at stail
 *	masked, upcall_*  thread; hard irq on its CPU,	plain, as ready
 *			if it redirects the thread
 *
 * Hence @here of rtfm_region_make_ready(): are we on the thread's own CPU with
 * interrupts off? That the thread stays there meanwhile is part of what it signs
 * by attaching: who moves it with sched_setaffinity(2), at just that moment while
 * it is preempted, may cost it the bits. Nobody else notices.
 */
#ifndef RTFM_REGION_H
#define RTFM_REGION_H

#include <linux/atomic.h>
#include <linux/compiler.h>
#include <linux/rtfm.h>
#include <linux/types.h>

#include "pure/ring.h"

struct page;
struct vm_area_struct;

/**
 * struct rtfm_region - pages of an app
 * @pages: one by one, each with our reference
 * @npages: how many
 * @base: where the kernel sees them, contiguous
 */
struct rtfm_region {
	struct page **pages;
	unsigned long npages;
	void *base;
};

/**
 * struct rtfm_region_view - what the kernel knows of a core's part of the region
 * @ctl: its control block
 * @ring: per level, NULL where the plan has none
 * @entries: size of each ring, a power of two
 * @ktail: per level, entries ever put in; copied to &struct rtfm_ctl.ktail
 * @shead: submissions ever taken out; copied to &struct rtfm_ctl.shead
 *
 * Constant after set-up, but for @ktail and @shead, which the core's lock protects.
 */
struct rtfm_region_view {
	struct rtfm_ctl *ctl;
	struct rtfm_job *ring[RTFM_LEVELS];
	u32 entries;
	u32 ktail[RTFM_LEVELS];
	u32 shead;
};

int rtfm_region_alloc(struct rtfm_region *region, u64 bytes);
void rtfm_region_free(struct rtfm_region *region);
int rtfm_region_map(const struct rtfm_region *region, struct vm_area_struct *vma);
void rtfm_region_view(const struct rtfm_region *region, u32 core,
		      const struct rtfm_core_plan *plan,
		      struct rtfm_region_view *view);
bool rtfm_region_pull(struct rtfm_region_view *view, struct rtfm_submit *submit);
u64 rtfm_region_first_submitted(const struct rtfm_region_view *view);

/**
 * rtfm_region_ready() - what is ready, whoever said so
 * @view: the core's part
 *
 * Context: any.
 * Return: level and attention bits; %RTFM_READY_SLOW is none of the kernel's
 * business and left out.
 */
static inline u64 rtfm_region_ready(const struct rtfm_region_view *view)
{
	u64 ready = READ_ONCE(view->ctl->ready);
	u64 remote = READ_ONCE(view->ctl->remote_ready);

	return (ready | remote) & ~RTFM_READY_SLOW;
}

/**
 * rtfm_region_ceiling() - the core's system ceiling
 * @view: the core's part
 *
 * Context: any.
 * Return: 0..31
 */
static inline u32 rtfm_region_ceiling(const struct rtfm_region_view *view)
{
	return READ_ONCE(view->ctl->ceiling) & RTFM_CEILING_LEVEL;
}

/**
 * rtfm_region_masked() - is the thread inside its dispatcher or a queue
 * @view: the core's part
 *
 * Context: any.
 */
static inline bool rtfm_region_masked(const struct rtfm_region_view *view)
{
	return READ_ONCE(view->ctl->masked);
}

/**
 * rtfm_region_polling() - does the thread look at its ready words by itself
 * @view: the core's part
 *
 * Context: any.
 */
static inline bool rtfm_region_polling(const struct rtfm_region_view *view)
{
	return READ_ONCE(view->ctl->state) == RTFM_STATE_POLLING;
}

/**
 * rtfm_region_set_state() - tell the senders what the thread does
 * @view: the core's part
 * @state: RTFM_STATE_*
 *
 * Context: any.
 */
static inline void rtfm_region_set_state(struct rtfm_region_view *view, u32 state)
{
	WRITE_ONCE(view->ctl->state, state);
}

/**
 * rtfm_region_quiet() - is the submission ring empty, at a glance
 * @view: the core's part
 *
 * Context: the core's lock held.
 */
static inline bool rtfm_region_quiet(const struct rtfm_region_view *view)
{
	return READ_ONCE(view->ctl->stail) == view->shead;
}

/**
 * rtfm_region_submits() - how many entries are in the submission ring
 * @view: the core's part
 *
 * Context: the core's lock held.
 * Return: 0 as well if the thread's count cannot be right.
 */
static inline u32 rtfm_region_submits(const struct rtfm_region_view *view)
{
	return rtfm_ring_used(view->shead, READ_ONCE(view->ctl->stail), RTFM_SUBMITS);
}

/**
 * rtfm_region_submitted() - is there an entry, for a thread on another CPU
 * @view: the core's part
 *
 * What the caller has told with rtfm_region_set_next() is visible to a thread that
 * submits after this has looked.
 *
 * Context: the core's lock held.
 */
static inline bool rtfm_region_submitted(const struct rtfm_region_view *view)
{
	/* O: pairs with N, the thread's fence: next before stail here */
	smp_mb();
	return rtfm_region_submits(view);
}

/**
 * rtfm_region_push() - put a job in the kernel's ring of a level
 * @view: the core's part
 * @level: has a ring
 * @job: cookie of the job
 * @instant: of the release
 * @seq: out: its number, as the thread will see it
 *
 * The rest of the contract of the ring: pure/ring.h. The producer's side is
 * here, the consumer's is the thread's.
 *
 * Context: the core's lock held.
 * Return: false if the ring is full, and nothing was put in.
 */
static inline bool rtfm_region_push(struct rtfm_region_view *view, u32 level, u32 job,
				    u64 instant, u32 *seq)
{
	struct rtfm_ctl *ctl = view->ctl;
	u32 tail = view->ktail[level];
	struct rtfm_job *entry;
	u32 head;

	/* A: pairs with H, the thread's release of khead */
	head = smp_load_acquire(&ctl->khead[level]);
	if (unlikely(!rtfm_ring_room(head, tail, view->entries)))
		return false;
	entry = &view->ring[level][rtfm_ring_index(tail, view->entries)];

	*seq = READ_ONCE(ctl->seq);
	WRITE_ONCE(ctl->seq, *seq + 1);
	WRITE_ONCE(entry->job, job);
	WRITE_ONCE(entry->seq, *seq);
	WRITE_ONCE(entry->instant, instant);

	view->ktail[level] = ++tail;
	/* D: pairs with E, the thread's acquire of ktail */
	smp_store_release(&ctl->ktail[level], tail);
	return true;
}

/**
 * rtfm_region_make_ready() - set bits in the word for them
 * @view: the core's part
 * @bits: RTFM_READY_*
 * @here: this is the CPU of the core's thread, with interrupts off
 *
 * Whatever was pushed before is visible to a thread that sees the bits, and what the
 * caller loads from the region afterwards is not older than the bits: on one
 * CPU by program order, else by the fences here, which pair with the full fence
 * between the thread's store to ceiling or state and its look at remote_ready.
 *
 * Context: any, the core's lock held.
 */
static inline void rtfm_region_make_ready(struct rtfm_region_view *view, u64 bits, bool here)
{
	struct rtfm_ctl *ctl = view->ctl;

	if (likely(here)) {
		WRITE_ONCE(ctl->ready, READ_ONCE(ctl->ready) | bits);
		return;
	}
	/* M: pairs with J, K, L, the thread's fences: ring before bit */
	smp_mb__before_atomic();
	atomic64_or(bits, (atomic64_t *)&ctl->remote_ready);
	/* M: pairs with the same: bit before ceiling */
	smp_mb__after_atomic();
}

/**
 * rtfm_region_set_next() - tell the thread what the timer is set to
 * @view: the core's part
 * @next: ns, or RTFM_NEVER
 *
 * Context: the core's lock held.
 */
static inline void rtfm_region_set_next(struct rtfm_region_view *view, u64 next)
{
	WRITE_ONCE(view->ctl->next, next);
}

/**
 * rtfm_region_waiting() - is an entry still in the kernel's ring of a level
 * @view: the core's part
 * @level: has a ring
 * @entry: count of the entry, as &struct rtfm_region_view.ktail was before the push
 *
 * By distance from the tail, which is the kernel's: an entry of long ago is not
 * taken for one that waits when the counts have gone half round.
 *
 * Context: any.
 */
static inline bool rtfm_region_waiting(const struct rtfm_region_view *view, u32 level,
				       u32 entry)
{
	u32 tail = view->ktail[level];

	return tail - entry <= rtfm_ring_used(READ_ONCE(view->ctl->khead[level]), tail,
					      view->entries);
}

/**
 * rtfm_region_mask() - what the thread does before it dispatches, done for it
 * @view: the core's part
 *
 * Context: hard irq on the thread's CPU.
 */
static inline void rtfm_region_mask(struct rtfm_region_view *view)
{
	WRITE_ONCE(view->ctl->masked, 1);
}

/**
 * rtfm_region_save() - tell the entry of an upcall what it interrupts
 * @view: the core's part, not masked
 * @ip: of the thread
 * @sp: of the thread
 * @flags: of the thread
 *
 * Context: hard irq on the thread's CPU.
 */
static inline void rtfm_region_save(struct rtfm_region_view *view, u64 ip, u64 sp,
				    u64 flags)
{
	WRITE_ONCE(view->ctl->upcall_ip, ip);
	WRITE_ONCE(view->ctl->upcall_sp, sp);
	WRITE_ONCE(view->ctl->upcall_flags, flags);
}

#endif /* RTFM_REGION_H */
