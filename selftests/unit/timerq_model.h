/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* A timer queue that is searched linearly, to compare kmod/pure/timerq.h with. */
#ifndef RTFM_TIMERQ_MODEL_H
#define RTFM_TIMERQ_MODEL_H

#include "model.h"
#include "timerq.h"
#include "timerq_cases.h"

#define TIMERQ_POISON 0xcccc

struct naive_timer {
	bool queued;
	__u64 instant;
	__u64 order;
};

/**
 * struct timerq_model - a queue and its expected contents
 * @q: the queue
 * @timer: @capacity timers, by number
 * @capacity: how many
 * @count: how many are queued
 * @order: next submission number
 * @seed: of the random numbers
 */
struct timerq_model {
	struct rtfm_timerq q;
	struct naive_timer *timer;
	__u32 capacity;
	__u32 count;
	__u64 order;
	__u64 seed;
};

/* The invariants of timerq.h. */
static inline const char *timerq_wrong(const struct rtfm_timerq *q)
{
	__u32 i, queued = 0;

	if (q->count > q->capacity)
		return "more queued than there are";
	for (i = 0; i < q->count; i++) {
		const struct rtfm_timer *t, *up;

		if (q->heap[i] >= q->capacity)
			return "a number in the heap that is none";
		t = &q->entries[q->heap[i]];
		if (t->pos != i)	/* nor can a number be there twice */
			return "pos";
		up = &q->entries[q->heap[i ? (i - 1) / 2 : 0]];
		if (t->instant < up->instant ||
		    (t->instant == up->instant && t->order < up->order))
			return "due before its parent";
	}
	for (i = 0; i < q->capacity; i++)
		queued += q->entries[i].pos != RTFM_TIMERQ_IDLE;
	return queued == q->count ? NULL : "neither idle nor in the heap";
}

/* With any number, as a caller with one from elsewhere calls them */
static inline int timerq_add(struct rtfm_timerq *q, __u32 nr, __u64 instant)
{
	return rtfm_timerq_number(q, &nr) ? rtfm_timerq_add(q, nr, instant) : -EINVAL;
}

static inline int timerq_remove(struct rtfm_timerq *q, __u32 nr)
{
	return rtfm_timerq_number(q, &nr) ? rtfm_timerq_remove(q, nr) : -ENOENT;
}

static inline int timerq_queued(const struct rtfm_timerq *q, __u32 nr)
{
	return rtfm_timerq_number(q, &nr) && rtfm_timerq_queued(q, nr);
}

static inline bool timerq_wrong_step(struct rtfm_timerq *q, const struct timerq_step *s)
{
	__u64 instant = TIMERQ_POISON;
	__u32 nr = TIMERQ_POISON;

	switch (s->verb) {
	case TIMERQ_ADD:
		return timerq_add(q, s->nr, s->arg) != s->result;
	case TIMERQ_CUT:
		return timerq_remove(q, s->nr) != s->result;
	case TIMERQ_HAS:
		return timerq_queued(q, s->nr) != s->result;
	case TIMERQ_POP:
		if (rtfm_timerq_pop(q, s->arg, &nr, &instant) != s->result)
			return true;
		return s->result ? nr != s->nr || instant > s->arg :
				   nr != TIMERQ_POISON || instant != TIMERQ_POISON;
	case TIMERQ_END:
		break;
	}
	return false;
}

/* Plays a script; @step is the number of the step that went wrong. */
static inline const char *timerq_wrong_script(const struct timerq_case *c, int *step)
{
	struct rtfm_timer entries[TIMERQ_CASE_CAPACITY];
	__u32 heap[TIMERQ_CASE_CAPACITY];
	const char *wrong = NULL;
	struct rtfm_timerq q;

	memset(entries, 0xcc, sizeof(entries));
	memset(heap, 0xcc, sizeof(heap));
	rtfm_timerq_init(&q, entries, heap, c->capacity);
	for (*step = 0; *step < TIMERQ_CASE_STEPS && !wrong; ++*step) {
		if (timerq_wrong_step(&q, &c->step[*step]))
			wrong = "not what was expected";
		else
			wrong = timerq_wrong(&q);
	}
	--*step;
	return wrong;
}

/* The number of the timer that is due next, or @capacity */
static inline __u32 naive_first(const struct timerq_model *m)
{
	__u32 first = m->capacity, i;

	for (i = 0; i < m->capacity; i++) {
		const struct naive_timer *t = &m->timer[i], *f = &m->timer[first];

		if (!t->queued)
			continue;
		if (first == m->capacity || t->instant < f->instant ||
		    (t->instant == f->instant && t->order < f->order))
			first = i;
	}
	return first;
}

static inline void naive_drop(struct timerq_model *m, __u32 nr)
{
	m->timer[nr].queued = false;
	m->count--;
}

static inline __u64 naive_instant(__u64 *seed, __u64 span)
{
	__u64 random = model_random(seed);

	if (span)
		return (__u32)random % (__u32)span;
	switch (random >> 61) {
	case 0:
		return 0;
	case 1:
		return ~0ULL;
	case 2:
		return 1ULL << 63;
	default:
		return model_random(seed);
	}
}

/* Mostly the number of a queued timer */
static inline __u32 naive_number(struct timerq_model *m)
{
	__u64 random = model_random(&m->seed);

	if (random >> 60)
		return (__u32)random % m->capacity;
	return random & 1 ? m->capacity + (__u32)(random >> 8) % 4 : (__u32)(random >> 8);
}

static inline const char *timerq_wrong_add(struct timerq_model *m, __u64 instant)
{
	__u32 nr = naive_number(m);
	int err = timerq_add(&m->q, nr, instant);

	if (nr >= m->capacity)
		return err != -EINVAL ? "added a number that is none" : NULL;
	if (m->timer[nr].queued)
		return err != -EBUSY ? "added twice" : NULL;
	m->timer[nr] = (struct naive_timer){ true, instant, m->order++ };
	m->count++;
	return err ? "not added" : NULL;
}

static inline const char *timerq_wrong_remove(struct timerq_model *m)
{
	__u32 nr = naive_number(m);
	int err = timerq_remove(&m->q, nr);

	if (nr >= m->capacity || !m->timer[nr].queued)
		return err != -ENOENT ? "removed what is not queued" : NULL;
	naive_drop(m, nr);
	return err ? "not removed" : NULL;
}

static inline const char *timerq_wrong_pop(struct timerq_model *m, __u64 now)
{
	__u64 instant = TIMERQ_POISON;
	__u32 nr = TIMERQ_POISON, first = naive_first(m);
	int popped = rtfm_timerq_pop(&m->q, now, &nr, &instant);

	if (first == m->capacity || m->timer[first].instant > now)
		return popped || nr != TIMERQ_POISON ? "popped what is not due" : NULL;
	if (!popped)
		return "due and not popped";
	if (nr != first || instant != m->timer[first].instant)
		return "popped in the wrong order";
	naive_drop(m, nr);
	return NULL;
}

static inline const char *timerq_wrong_look(struct timerq_model *m)
{
	const struct rtfm_timer *t = rtfm_timerq_first(&m->q);
	__u32 first = naive_first(m), nr = naive_number(m);

	if (!t != (first == m->capacity))
		return "first: empty or not";
	if (t && t != &m->q.entries[first])
		return "first: another one";
	if (!timerq_queued(&m->q, nr) !=
	    !(nr < m->capacity && m->timer[nr].queued))
		return "queued or not";
	return m->q.count != m->count ? "count" : NULL;
}

static inline const char *timerq_wrong_operation(struct timerq_model *m, __u64 span,
						 bool grow)
{
	__u32 random = (__u32)(model_random(&m->seed) >> 32);
	const char *wrong;

	if (random % 16 < (grow ? 11 : 5))
		wrong = timerq_wrong_add(m, naive_instant(&m->seed, span));
	else if (random >> 8 & 1)
		wrong = timerq_wrong_remove(m);
	else
		wrong = timerq_wrong_pop(m, naive_instant(&m->seed, span));
	return wrong ?: timerq_wrong_look(m);
}

/**
 * timerq_wrong_run() - random operations
 * @m: zeroed
 * @run: which
 * @entries: of exactly that capacity, so that an access beyond them is seen
 * @heap: likewise
 * @timer: likewise, zeroed
 * @operations: how many
 */
static inline const char *timerq_wrong_run(struct timerq_model *m,
					   const struct timerq_run *run,
					   struct rtfm_timer *entries, __u32 *heap,
					   struct naive_timer *timer,
					   unsigned long operations)
{
	const char *wrong = NULL;
	unsigned long i;

	m->capacity = run->capacity;
	m->timer = timer;
	m->seed = 0x74696d65 + run->capacity;
	rtfm_timerq_init(&m->q, entries, heap, run->capacity);
	for (i = 0; i < operations && !wrong; i++) {
		/* grow and shrink in turns, so that full and empty are common */
		wrong = timerq_wrong_operation(m, run->span,
					       i / (4 * run->capacity + 16) & 1);
		if (!wrong && (run->capacity <= 16 || i % 64 == 0))
			wrong = timerq_wrong(&m->q);
	}
	/* the remaining timers are returned in order */
	while (m->count && !wrong)
		wrong = timerq_wrong_pop(m, ~0ULL);
	return wrong ?: m->q.count ? "not empty at the end" : NULL;
}

#endif /* RTFM_TIMERQ_MODEL_H */
