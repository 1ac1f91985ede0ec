// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A bounded queue of instants. Theory and invariants: timerq.h. */
#ifdef __KERNEL__
#include <linux/errno.h>
#include <linux/stddef.h>
#else
#include <errno.h>
#include <stddef.h>
#endif

#include "timerq.h"

static int before(const struct rtfm_timer *a, const struct rtfm_timer *b)
{
	if (a->instant != b->instant)
		return a->instant < b->instant;
	return a->order < b->order;
}

static void place(struct rtfm_timerq *q, __u32 pos, __u32 nr)
{
	q->heap[pos] = nr;
	q->entries[nr].pos = pos;
}

static void sift_up(struct rtfm_timerq *q, __u32 pos, __u32 nr)
{
	while (pos) {
		__u32 up = (pos - 1) / 2;

		if (!before(&q->entries[nr], &q->entries[q->heap[up]]))
			break;
		place(q, pos, q->heap[up]);
		pos = up;
	}
	place(q, pos, nr);
}

static void sift_down(struct rtfm_timerq *q, __u32 pos, __u32 nr)
{
	for (;;) {
		__u32 down = 2 * pos + 1;

		if (down >= q->count)
			break;
		if (down + 1 < q->count &&
		    before(&q->entries[q->heap[down + 1]], &q->entries[q->heap[down]]))
			down++;
		if (!before(&q->entries[q->heap[down]], &q->entries[nr]))
			break;
		place(q, pos, q->heap[down]);
		pos = down;
	}
	place(q, pos, nr);
}

/* The last of the heap moves into the gap. */
static void take(struct rtfm_timerq *q, __u32 pos)
{
	__u32 taken = q->heap[pos];
	__u32 last = q->heap[--q->count];

	q->entries[taken].pos = RTFM_TIMERQ_IDLE;
	if (taken == last)
		return;
	if (pos && before(&q->entries[last], &q->entries[q->heap[(pos - 1) / 2]]))
		sift_up(q, pos, last);
	else
		sift_down(q, pos, last);
}

void rtfm_timerq_init(struct rtfm_timerq *q, struct rtfm_timer *entries,
		      __u32 *heap, __u32 capacity)
{
	__u32 i;

	q->entries = entries;
	q->heap = heap;
	q->capacity = capacity;
	q->count = 0;
	q->order = 0;
	for (i = 0; i < capacity; i++)
		entries[i].pos = RTFM_TIMERQ_IDLE;
}

int rtfm_timerq_queued(const struct rtfm_timerq *q, __u32 nr)
{
	return q->entries[nr].pos != RTFM_TIMERQ_IDLE;
}

int rtfm_timerq_add(struct rtfm_timerq *q, __u32 nr, __u64 instant)
{
	if (rtfm_timerq_queued(q, nr))
		return -EBUSY;
	q->entries[nr].instant = instant;
	q->entries[nr].order = q->order++;
	sift_up(q, q->count++, nr);
	return 0;
}

int rtfm_timerq_remove(struct rtfm_timerq *q, __u32 nr)
{
	if (!rtfm_timerq_queued(q, nr))
		return -ENOENT;
	take(q, q->entries[nr].pos);
	return 0;
}

int rtfm_timerq_pop(struct rtfm_timerq *q, __u64 now, __u32 *nr, __u64 *instant)
{
	const struct rtfm_timer *t = rtfm_timerq_first(q);

	if (!t || t->instant > now)
		return 0;
	*nr = q->heap[0];
	*instant = t->instant;
	take(q, 0);
	return 1;
}

void rtfm_timerq_sink(struct rtfm_timerq *q)
{
	sift_down(q, 0, q->heap[0]);
}
