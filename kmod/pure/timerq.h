/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * A bounded queue of instants: which job is due next.
 *
 * A binary heap of entry numbers, ordered by (instant, order of submission), so
 * equal instants come out first in, first out. Memory is the caller's and is
 * fixed at rtfm_timerq_init(); nothing allocates afterwards. add and remove
 * cost O(log n), first O(1). No locks: the caller excludes everyone else.
 *
 * Invariants, n being @count:
 *	heap[0..n-1] are the queued entries, heap[n..capacity-1] the free ones;
 *	entries[heap[i]].pos == i for all i;
 *	no entry is due before its parent, (i - 1) / 2.
 */
#ifndef RTFM_PURE_TIMERQ_H
#define RTFM_PURE_TIMERQ_H

#include <linux/types.h>

/**
 * struct rtfm_timer - one entry
 * @instant: ns
 * @order: submission number, ties of @instant are broken by it
 * @cookie: the caller's
 * @pos: where the entry is in the heap
 * @gen: counts the uses of the entry, so that an old handle does not name a new job
 */
struct rtfm_timer {
	__u64 instant;
	__u64 order;
	__u64 cookie;
	__u32 pos;
	__u32 gen;
};

/**
 * struct rtfm_timerq - the queue
 * @entries: @capacity entries
 * @heap: @capacity entry numbers
 * @capacity: fixed
 * @count: how many are queued
 * @order: next submission number
 */
struct rtfm_timerq {
	struct rtfm_timer *entries;
	__u32 *heap;
	__u32 capacity;
	__u32 count;
	__u64 order;
};

/**
 * rtfm_timerq_init() - an empty queue over the caller's memory
 * @q: the queue
 * @entries: @capacity entries
 * @heap: @capacity numbers
 * @capacity: may be 0
 */
void rtfm_timerq_init(struct rtfm_timerq *q, struct rtfm_timer *entries,
		      __u32 *heap, __u32 capacity);

/**
 * rtfm_timerq_add() - queue an entry
 * @q: the queue
 * @instant: when it is due
 * @cookie: returned with it
 * @handle: out: names the entry for rtfm_timerq_remove(), never 0
 *
 * Return: 0, or -EAGAIN if the queue is full.
 */
int rtfm_timerq_add(struct rtfm_timerq *q, __u64 instant, __u64 cookie,
		    __u64 *handle);

/**
 * rtfm_timerq_remove() - take an entry out before it is due
 * @q: the queue
 * @handle: from rtfm_timerq_add(); any other value is answered with -ENOENT
 * @cookie: out, may be NULL
 *
 * Return: 0, or -ENOENT if the entry is not queued (any more).
 */
int rtfm_timerq_remove(struct rtfm_timerq *q, __u64 handle, __u64 *cookie);

/**
 * rtfm_timerq_first() - the entry that is due next
 * @q: the queue
 *
 * Return: the entry, which stays queued, or NULL if there is none.
 */
const struct rtfm_timer *rtfm_timerq_first(const struct rtfm_timerq *q);

/**
 * rtfm_timerq_pop() - take out the entry that is due next, if it is due
 * @q: the queue
 * @now: entries of an instant not after this are due
 * @instant: out
 * @cookie: out
 *
 * Return: 1 if an entry was taken out, else 0.
 */
int rtfm_timerq_pop(struct rtfm_timerq *q, __u64 now, __u64 *instant,
		    __u64 *cookie);

#endif /* RTFM_PURE_TIMERQ_H */
