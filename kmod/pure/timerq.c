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

/* The last queued entry moves into the gap; the taken one becomes free. */
static void take(struct rtfm_timerq *q, __u32 pos)
{
	__u32 taken = q->heap[pos];
	__u32 last = q->heap[--q->count];

	/* a handle is never 0, and entry 0 has only its generation to see to that */
	if (!++q->entries[taken].gen)
		q->entries[taken].gen = 1;
	if (taken != last) {
		if (pos && before(&q->entries[last], &q->entries[q->heap[(pos - 1) / 2]]))
			sift_up(q, pos, last);
		else
			sift_down(q, pos, last);
	}
	place(q, q->count, taken);
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
	for (i = 0; i < capacity; i++) {
		entries[i].gen = 1;
		place(q, i, i);
	}
}

int rtfm_timerq_add(struct rtfm_timerq *q, __u64 instant, __u64 cookie,
		    __u64 *handle)
{
	struct rtfm_timer *t;
	__u32 nr;

	if (q->count == q->capacity)
		return -EAGAIN;
	nr = q->heap[q->count];
	t = &q->entries[nr];
	t->instant = instant;
	t->order = q->order++;
	t->cookie = cookie;
	sift_up(q, q->count++, nr);
	*handle = (__u64)t->gen << 32 | nr;
	return 0;
}

int rtfm_timerq_remove(struct rtfm_timerq *q, __u64 handle, __u64 *cookie)
{
	__u32 nr = (__u32)handle;
	const struct rtfm_timer *t;

	if (nr >= q->capacity)
		return -ENOENT;
	t = &q->entries[nr];
	if (t->gen != handle >> 32 || t->pos >= q->count)
		return -ENOENT;
	if (cookie)
		*cookie = t->cookie;
	take(q, t->pos);
	return 0;
}

const struct rtfm_timer *rtfm_timerq_first(const struct rtfm_timerq *q)
{
	return q->count ? &q->entries[q->heap[0]] : NULL;
}

int rtfm_timerq_pop(struct rtfm_timerq *q, __u64 now, __u64 *instant,
		    __u64 *cookie)
{
	const struct rtfm_timer *t = rtfm_timerq_first(q);

	if (!t || t->instant > now)
		return 0;
	*instant = t->instant;
	*cookie = t->cookie;
	take(q, 0);
	return 1;
}
