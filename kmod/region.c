// SPDX-License-Identifier: GPL-2.0-only
/* The region: its pages, and the words in it. The rules: region.h. */
#include <linux/build_bug.h>
#include <linux/gfp.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "compat.h"
#include "pure/ceiling.h"
#include "pure/plan.h"
#include "pure/ring.h"
#include "region.h"

/*
 * The atomics of a 32-bit kernel take a spinlock of its own around a 64-bit
 * word: no protection against the thread's atomics on @remote_ready.
 */
#if BITS_PER_LONG != 64
#error "rtfm needs a 64-bit kernel"
#endif

static_assert(sizeof(struct rtfm_ctl) <= RTFM_PLAN_PAGE);
static_assert(sizeof(struct rtfm_ctl) == 384 + RTFM_SUBMITS * 32);
static_assert(sizeof(atomic64_t) == sizeof_field(struct rtfm_ctl, remote_ready));

static void free_pages_of(struct rtfm_region *region, unsigned long n)
{
	while (n)
		put_page(region->pages[--n]);
	kvfree(region->pages);
	region->pages = NULL;
}

/**
 * rtfm_region_alloc() - reserve zeroed memory, charged to the caller
 * @region: filled in
 * @bytes: at least 1; rounded up to pages
 *
 * Context: process, may sleep.
 * Return: 0, -ENOMEM, or -EINTR if the caller is being killed.
 */
int rtfm_region_alloc(struct rtfm_region *region, u64 bytes)
{
	unsigned long npages = PAGE_ALIGN(bytes) >> PAGE_SHIFT;
	unsigned long n = 0;
	int err = -ENOMEM;

	region->pages = kvmalloc_array(npages, sizeof(*region->pages), GFP_KERNEL_ACCOUNT);
	if (!region->pages)
		return -ENOMEM;
	for (; n < npages; n++) {
		if (fatal_signal_pending(current)) {
			err = -EINTR;
			goto err_free_pages;
		}
		region->pages[n] = alloc_page(GFP_KERNEL_ACCOUNT | __GFP_ZERO);
		if (!region->pages[n])
			goto err_free_pages;
		cond_resched();
	}
	region->base = vmap(region->pages, npages, VM_MAP, PAGE_KERNEL);
	if (!region->base)
		goto err_free_pages;
	region->npages = npages;
	return 0;

err_free_pages:
	free_pages_of(region, n);
	return err;
}

/**
 * rtfm_region_free() - give the memory back
 * @region: from rtfm_region_alloc(), or zeroed
 *
 * Pages that user space still maps or has pinned live on until it lets go.
 *
 * Context: process, may sleep. No view of the region is used any more.
 */
void rtfm_region_free(struct rtfm_region *region)
{
	if (!region->base)
		return;
	vunmap(region->base);
	region->base = NULL;
	free_pages_of(region, region->npages);
}

/**
 * rtfm_region_map() - map the whole region into user space
 * @region: the region
 * @vma: at offset 0, as long as the region, shared, read and write, not executable
 *
 * Context: process, mmap_lock held for writing.
 * Return: 0, -EINVAL if @vma is not such, or -ENOMEM.
 */
int rtfm_region_map(const struct rtfm_region *region, struct vm_area_struct *vma)
{
	unsigned long n = region->npages;

	if (vma->vm_pgoff || vma_pages(vma) != n)
		return -EINVAL;
	if ((vma->vm_flags & (VM_SHARED | VM_READ | VM_WRITE | VM_EXEC)) !=
	    (VM_SHARED | VM_READ | VM_WRITE))
		return -EINVAL;
	rtfm_compat_vm_flags(vma, VM_DONTCOPY | VM_DONTEXPAND, VM_MAYEXEC);
	return vm_insert_pages(vma, vma->vm_start, region->pages, &n);
}

/**
 * rtfm_region_view() - find a core's part
 * @region: the region
 * @core: index of the core
 * @plan: its plan, out fields filled in by rtfm_plan_region(); the kernel's copy
 * @view: filled in
 *
 * Context: process, before the region is mapped.
 */
void rtfm_region_view(const struct rtfm_region *region, u32 core,
		      const struct rtfm_core_plan *plan,
		      struct rtfm_region_view *view)
{
	struct rtfm_job *ring = region->base + plan->ring_offset;
	u32 level;

	view->ctl = region->base + plan->ctl_offset;
	view->ctl->core = core;
	view->ctl->next = RTFM_NEVER;
	view->entries = plan->ring_entries;
	if (!plan->ring_entries)
		return;
	for (level = 1; level < RTFM_LEVELS; level++) {
		if (!(plan->levels & rtfm_ready_bit(level)))
			continue;
		view->ring[level] = ring;
		ring += plan->ring_entries;
	}
}

/**
 * rtfm_region_pull() - take the oldest entry out of the submission ring
 * @view: the core's part
 * @submit: out: a copy, of which nothing has been checked
 *
 * Context: the core's lock held.
 * Return: false if there is none, or the thread's count cannot be right.
 */
bool rtfm_region_pull(struct rtfm_region_view *view, struct rtfm_submit *submit)
{
	struct rtfm_ctl *ctl = view->ctl;
	const struct rtfm_submit *entry;
	/* E: pairs with D, the thread's release of stail */
	u32 tail = smp_load_acquire(&ctl->stail);

	if (!rtfm_ring_used(view->shead, tail, RTFM_SUBMITS))
		return false;
	entry = &ctl->submit[rtfm_ring_index(view->shead, RTFM_SUBMITS)];
	submit->instant = READ_ONCE(entry->instant);
	submit->period = READ_ONCE(entry->period);
	submit->timer = READ_ONCE(entry->timer);
	submit->tag = READ_ONCE(entry->tag);
	submit->level = READ_ONCE(entry->level);
	submit->job = READ_ONCE(entry->job);
	/* H: pairs with A, the thread's acquire of shead */
	smp_store_release(&ctl->shead, ++view->shead);
	return true;
}

/**
 * rtfm_region_first_submitted() - the earliest instant in the submission ring
 * @view: the core's part
 *
 * By what stands there now: an entry is copied, and checked, only when it is taken out.
 *
 * Context: the core's lock held.
 * Return: an instant, %RTFM_NEVER if there is no entry.
 */
u64 rtfm_region_first_submitted(const struct rtfm_region_view *view)
{
	const struct rtfm_ctl *ctl = view->ctl;
	/* E: pairs with D, the thread's release of stail */
	u32 tail = smp_load_acquire(&ctl->stail);
	u32 n = rtfm_ring_used(view->shead, tail, RTFM_SUBMITS);
	u64 first = RTFM_NEVER;
	u32 i;

	for (i = 0; i < n; i++) {
		u32 at = rtfm_ring_index(view->shead + i, RTFM_SUBMITS);

		first = min(first, READ_ONCE(ctl->submit[at].instant));
	}
	return first;
}
