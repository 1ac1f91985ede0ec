/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The region: the memory that an app shares with the kernel.
 *
 * Everything in it may be changed by user space at any time, so
 *
 *	- the accessors of this file are the only code that touches it;
 *	- each loads a word once, into a local variable, which is checked and used;
 *	- sizes, offsets, masks and tails are the kernel's own: &struct
 *	  rtfm_region_view, never values from the region.
 *
 * Who writes which word, and what that costs:
 *
 *	word		written by			how
 *	ready, seq	thread; hard irq on its CPU	plain: on one CPU a read, an OR
 *							and a write in hard irq are one
 *							step to the thread
 *	remote_ready	everyone			atomic
 *	state		thread, kernel			plain, the last store counts: park.c
 *	ktail		kernel				release, pairs with the thread's
 *							acquire in front of the entry
 *	khead		thread				release, pairs with our acquire
 *							in front of overwriting it
 *	stail		thread				release, then a full fence, then
 *							a load of next
 *	shead, next	kernel				next, then a full fence, then a
 *							load of stail
 *	masked, upcall_*  thread; hard irq on its CPU,	plain, as ready
 *			if it redirects the thread
 *
 * Hence @here of rtfm_region_make_ready(): does the caller run on the thread's own CPU
 * with interrupts off? An attached thread has to stay there: if another thread moves it with
 * sched_setaffinity(2) at this very moment, while it is preempted, the bits may be lost. This
 * harms no other app.
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
 * @pages: the pages, with a reference to each
 * @npages: their number
 * @base: their contiguous mapping in the kernel
 */
struct rtfm_region {
	struct page **pages;
	unsigned long npages;
	void *base;
};

/**
 * struct rtfm_region_view - the kernel's own values for a core's part of the region
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
 * rtfm_region_ready() - the ready bits, from this CPU and from others
 * @view: the core's part
 *
 * Context: any.
 * Return: level and attention bits, without %RTFM_READY_SLOW, which only the library
 * uses.
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
 * rtfm_region_polling() - does the thread poll its ready words
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
 * rtfm_region_quiet() - is the submission ring empty, by its count alone
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
 * Return: the number, or 0 if the thread's count is impossible.
 */
static inline u32 rtfm_region_submits(const struct rtfm_region_view *view)
{
	return rtfm_ring_used(view->shead, READ_ONCE(view->ctl->stail), RTFM_SUBMITS);
}

/**
 * rtfm_region_submitted() - is there an entry, for a thread on another CPU
 * @view: the core's part
 *
 * If the thread submits after this check, it reads what the caller has stored with
 * rtfm_region_set_next().
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
 * rtfm_region_make_ready() - set bits in ready or remote_ready
 * @view: the core's part
 * @bits: RTFM_READY_*
 * @here: this is the CPU of the core's thread, with interrupts off
 *
 * Whatever was pushed before is visible to a thread that sees the bits, and what the
 * caller loads from the region afterwards is not older than the bits: on one
 * CPU by program order, else by the fences here, which pair with the full fence
 * between the thread's store to ceiling or state and its load of remote_ready.
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
 * rtfm_region_set_next() - store the instant for which the timer is set
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
 * The distance from the tail is compared, which is the kernel's own count. So an old entry
 * does not count as waiting when the counts have wrapped.
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
 * rtfm_region_mask() - set masked for the thread, as it does before it dispatches
 * @view: the core's part
 *
 * Context: hard irq on the thread's CPU.
 */
static inline void rtfm_region_mask(struct rtfm_region_view *view)
{
	WRITE_ONCE(view->ctl->masked, 1);
}

/**
 * rtfm_region_save() - store the registers to which an upcall returns
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
