/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * A bounded queue of instants: which timer is due next.
 *
 * A binary heap of timer numbers, ordered by (instant, order of submission), so
 * equal instants come out first in, first out. The caller chooses the numbers and
 * keeps what belongs to each elsewhere. A number that it has not chosen itself goes
 * through rtfm_timerq_number() first. Memory is the caller's and is fixed at
 * rtfm_timerq_init(); nothing allocates afterwards. add and remove cost O(log n),
 * first and queued O(1). No locks: the caller excludes everyone else.
 *
 * Invariants:
 *	heap[0..count-1] are the numbers that are queued, each once;
 *	entries[heap[i]].pos == i for these, RTFM_TIMERQ_IDLE for all others;
 *	no timer is due before its parent, (i - 1) / 2.
 */
#ifndef RTFM_PURE_TIMERQ_H
#define RTFM_PURE_TIMERQ_H

#include <linux/types.h>

#ifdef __KERNEL__
#include <linux/nospec.h>
#elif !defined(array_index_nospec)
/* a process can only mislead itself */
#define array_index_nospec(index, size)	((void)(size), (index))
#endif

/* &struct rtfm_timer.pos: not queued */
#define RTFM_TIMERQ_IDLE	0xffffffffu

/**
 * struct rtfm_timer - a timer, queued or not
 * @instant: ns
 * @order: submission number, ties of @instant are broken by it
 * @pos: where it is in the heap, or RTFM_TIMERQ_IDLE
 * @reserved: of no use
 */
struct rtfm_timer {
	__u64 instant;
	__u64 order;
	__u32 pos;
	__u32 reserved;
};

/**
 * struct rtfm_timerq - the queue
 * @entries: @capacity timers
 * @heap: @capacity numbers
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
 * @entries: @capacity timers
 * @heap: @capacity numbers
 * @capacity: may be 0
 */
void rtfm_timerq_init(struct rtfm_timerq *q, struct rtfm_timer *entries,
		      __u32 *heap, __u32 capacity);

/**
 * rtfm_timerq_number() - is there a timer with this number
 * @q: the queue
 * @nr: the number, which may be anything. If there is such a timer, it is clamped to
 *	what the queue has, so that it is a safe index under speculation, too: after a
 *	mispredicted branch, an index from user space would load from anywhere.
 *
 * Return: 1 or 0.
 */
static inline int rtfm_timerq_number(const struct rtfm_timerq *q, __u32 *nr)
{
	if (*nr >= q->capacity)
		return 0;
	*nr = array_index_nospec(*nr, q->capacity);
	return 1;
}

/**
 * rtfm_timerq_add() - queue a timer
 * @q: the queue
 * @nr: its number, 0..capacity - 1
 * @instant: when it is due
 *
 * Return: 0, or -EBUSY if it is queued already.
 */
int rtfm_timerq_add(struct rtfm_timerq *q, __u32 nr, __u64 instant);

/**
 * rtfm_timerq_remove() - take a timer out before it is due
 * @q: the queue
 * @nr: its number, 0..capacity - 1
 *
 * Return: 0, or -ENOENT if it is not queued (any more).
 */
int rtfm_timerq_remove(struct rtfm_timerq *q, __u32 nr);

/**
 * rtfm_timerq_queued() - is a timer queued
 * @q: the queue
 * @nr: its number, 0..capacity - 1
 *
 * Return: 1 or 0.
 */
int rtfm_timerq_queued(const struct rtfm_timerq *q, __u32 nr);

/**
 * rtfm_timerq_first() - the timer that is due next
 * @q: the queue
 *
 * Return: the timer, which stays queued, or NULL if there is none.
 */
static inline const struct rtfm_timer *rtfm_timerq_first(const struct rtfm_timerq *q)
{
	return q->count ? &q->entries[q->heap[0]] : (const struct rtfm_timer *)0;
}

/**
 * rtfm_timerq_pop() - take out the timer that is due next, if it is due
 * @q: the queue
 * @now: timers of an instant not after this are due
 * @nr: out
 * @instant: out
 *
 * Return: 1 if a timer was taken out, else 0.
 */
int rtfm_timerq_pop(struct rtfm_timerq *q, __u64 now, __u32 *nr, __u64 *instant);

/**
 * rtfm_timerq_sink() - the out-of-line part of rtfm_timerq_postpone()
 * @q: the queue, in whose heap the first timer may belong further down
 */
void rtfm_timerq_sink(struct rtfm_timerq *q);

/**
 * rtfm_timerq_postpone() - move the timer that is due next to a later instant
 * @q: the queue, not empty
 * @instant: not before the one that it had
 *
 * As pop and add, in one step: of the timers of @instant it is the last.
 */
static inline void rtfm_timerq_postpone(struct rtfm_timerq *q, __u64 instant)
{
	struct rtfm_timer *first = &q->entries[q->heap[0]];

	first->instant = instant;
	first->order = q->order++;
	if (q->count > 1)
		rtfm_timerq_sink(q);
}

#endif /* RTFM_PURE_TIMERQ_H */
