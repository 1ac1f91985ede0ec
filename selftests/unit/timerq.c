// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The timer queue: scripts, and random operations against a naive model. */
#include "unit.h"

#include "timerq.h"
#include "timerq_cases.h"

_Static_assert(TIMERQ_EAGAIN == EAGAIN && TIMERQ_ENOENT == ENOENT, "errno");

#define MAX_CAPACITY 1024
#define STALE 64

struct naive_timer {
	__u64 instant;
	__u64 order;
	__u64 cookie;
	__u64 handle;
};

/* Unordered, searched from end to end. */
struct naive {
	struct naive_timer timer[MAX_CAPACITY];
	__u32 capacity;
	__u32 count;
	__u64 order;
	__u64 stale[STALE];	/* handles that were released or cancelled */
	__u32 nstale;
};

static struct naive_timer *naive_first(struct naive *m)
{
	struct naive_timer *first = NULL;
	__u32 i;

	for (i = 0; i < m->count; i++) {
		struct naive_timer *t = &m->timer[i];

		if (!first || t->instant < first->instant ||
		    (t->instant == first->instant && t->order < first->order))
			first = t;
	}
	return first;
}

static void naive_drop(struct naive *m, struct naive_timer *t)
{
	m->stale[m->nstale++ % STALE] = t->handle;
	*t = m->timer[--m->count];
}

static int naive_find(const struct naive *m, __u64 handle)
{
	__u32 i;

	for (i = 0; i < m->count; i++)
		if (m->timer[i].handle == handle)
			return (int)i;
	return -1;
}

/* The invariants of timerq.h. */
static const char *broken_invariant(const struct rtfm_timerq *q)
{
	static unsigned char seen[MAX_CAPACITY];
	__u32 i;

	if (q->count > q->capacity)
		return "count";
	memset(seen, 0, sizeof(seen));
	for (i = 0; i < q->capacity; i++) {
		__u32 nr = q->heap[i];

		if (nr >= q->capacity)
			return "entry number";
		if (seen[nr]++)
			return "an entry is twice in the heap";
		if (q->entries[nr].pos != i)
			return "pos";
		if (i && i < q->count) {
			const struct rtfm_timer *t = &q->entries[nr];
			const struct rtfm_timer *up =
				&q->entries[q->heap[(i - 1) / 2]];

			if (t->instant < up->instant ||
			    (t->instant == up->instant && t->order < up->order))
				return "due before its parent";
		}
	}
	return NULL;
}

static int run_step(struct rtfm_timerq *q, const struct timerq_step *s,
		    __u64 *handle)
{
	__u64 instant = 0xcccc, cookie = 0xcccc;

	switch (s->verb) {
	case TIMERQ_ADD:
		handle[s->tag] = 0xcccc;
		if (rtfm_timerq_add(q, s->arg, s->tag, &handle[s->tag]) != s->result)
			return 0;
		return s->result ? handle[s->tag] == 0xcccc : handle[s->tag] != 0;
	case TIMERQ_CUT:
		if (rtfm_timerq_remove(q, handle[s->tag], &cookie) != s->result)
			return 0;
		return cookie == (s->result ? 0xcccc : s->tag);
	case TIMERQ_RAW:
		if (rtfm_timerq_remove(q, s->arg, &cookie) != s->result)
			return 0;
		return cookie == 0xcccc;
	case TIMERQ_POP:
		if (rtfm_timerq_pop(q, s->arg, &instant, &cookie) != s->result)
			return 0;
		return s->result ? cookie == s->tag && instant <= s->arg :
				   cookie == 0xcccc && instant == 0xcccc;
	case TIMERQ_END:
		break;
	}
	return 1;
}

TEST(scripts)
{
	const struct timerq_case *c = timerq_cases;
	struct rtfm_timer entries[TIMERQ_CASE_CAPACITY];
	__u32 heap[TIMERQ_CASE_CAPACITY];
	struct rtfm_timerq q;
	__u64 handle[8];
	size_t i;
	int s;

	for (i = 0; i < ARRAY_SIZE(timerq_cases); i++, c++) {
		memset(entries, 0xcc, sizeof(entries));
		memset(heap, 0xcc, sizeof(heap));
		rtfm_timerq_init(&q, entries, heap, c->capacity);
		for (s = 0; c->gen && s < (int)c->capacity; s++)
			entries[s].gen = c->gen;
		for (s = 0; s < TIMERQ_CASE_STEPS; s++) {
			EXPECT_TRUE(run_step(&q, &c->step[s], handle)) {
				TH_LOG("case '%s', step %d", c->name, s);
			}
			EXPECT_NULL(broken_invariant(&q)) {
				TH_LOG("case '%s', step %d", c->name, s);
			}
		}
	}
}

TEST(first_stays_queued)
{
	struct rtfm_timer entries[2];
	__u32 heap[2];
	struct rtfm_timerq q;
	__u64 handle;

	rtfm_timerq_init(&q, entries, heap, 2);
	EXPECT_NULL(rtfm_timerq_first(&q));
	ASSERT_EQ(0, rtfm_timerq_add(&q, 9, 1, &handle));
	ASSERT_EQ(0, rtfm_timerq_add(&q, 4, 2, &handle));
	ASSERT_NE(NULL, rtfm_timerq_first(&q));
	EXPECT_EQ(2, rtfm_timerq_first(&q)->cookie);
	EXPECT_EQ(4, rtfm_timerq_first(&q)->instant);
	EXPECT_EQ(2, q.count);
}

TEST(cancel_without_cookie)
{
	struct rtfm_timer entries[1];
	__u32 heap[1];
	struct rtfm_timerq q;
	__u64 handle;

	rtfm_timerq_init(&q, entries, heap, 1);
	ASSERT_EQ(0, rtfm_timerq_add(&q, 9, 1, &handle));
	EXPECT_EQ(0, rtfm_timerq_remove(&q, handle, NULL));
	EXPECT_EQ(-ENOENT, rtfm_timerq_remove(&q, handle, NULL));
}

/* Every live handle is different and none is 0, whatever the generations. */
TEST(handles_are_distinct_around_the_generation_wrap)
{
	struct rtfm_timer entries[8];
	__u32 heap[8];
	struct rtfm_timerq q;
	__u64 handle[8], instant, cookie;
	int round, i, j;

	rtfm_timerq_init(&q, entries, heap, 8);
	for (i = 0; i < 8; i++)
		entries[i].gen = 0xfffffffe;
	for (round = 0; round < 6; round++) {
		for (i = 0; i < 8; i++) {
			ASSERT_EQ(0, rtfm_timerq_add(&q, 1, i, &handle[i]));
			EXPECT_NE(0, handle[i]);
			for (j = 0; j < i; j++)
				EXPECT_NE(handle[j], handle[i]);
		}
		for (i = 0; i < 8; i += 2)
			EXPECT_EQ(0, rtfm_timerq_remove(&q, handle[i], NULL));
		for (i = 1; i < 8; i += 2) {
			ASSERT_EQ(1, rtfm_timerq_pop(&q, 1, &instant, &cookie));
			EXPECT_EQ(i, (int)cookie);
		}
		for (i = 0; i < 8; i++)
			EXPECT_EQ(-ENOENT,
				  rtfm_timerq_remove(&q, handle[i], NULL));
	}
}

FIXTURE(model) {
	struct naive naive;
	struct rtfm_timer *entries;
	__u32 *heap;
	struct rtfm_timerq q;
	__u64 seed;
};

FIXTURE_VARIANT(model) {
	__u32 capacity;
	__u64 span;		/* instants are below it: small means many ties */
	unsigned long operations;
};

#define MODEL(name, entries, below, ops)				\
	FIXTURE_VARIANT_ADD(model, name) {				\
		.capacity = entries, .span = below, .operations = ops,	\
	}

MODEL(capacity_0, 0, 100, 100000);
MODEL(capacity_1, 1, 4, 100000);
MODEL(capacity_2, 2, 4, 200000);
MODEL(capacity_3, 3, 8, 200000);
MODEL(capacity_7_all_ties, 7, 1, 200000);
MODEL(capacity_16, 16, 20, 300000);
MODEL(capacity_16_all_instants, 16, 0, 300000);
MODEL(capacity_100, 100, 1000, 300000);
MODEL(capacity_1024, 1024, 5000, 100000);

/* Exact sizes from malloc, so that AddressSanitizer sees one entry too far. */
FIXTURE_SETUP(model)
{
	__u32 n = variant->capacity;

	self->entries = malloc(n * sizeof(*self->entries));
	self->heap = malloc(n * sizeof(*self->heap));
	self->seed = 0x74696d65 + n;
	self->naive.capacity = n;
	rtfm_timerq_init(&self->q, self->entries, self->heap, n);
}

FIXTURE_TEARDOWN(model)
{
	free(self->entries);
	free(self->heap);
}

static __u64 some_instant(__u64 *seed, __u64 span)
{
	__u64 random = unit_random(seed);

	if (span)
		return random % span;
	switch (random >> 61) {
	case 0:
		return 0;
	case 1:
		return ~0ULL;
	case 2:
		return 1ULL << 63;
	default:
		return unit_random(seed);
	}
}

static const char *model_add(struct rtfm_timerq *q, struct naive *m,
			     __u64 instant, __u64 cookie)
{
	__u64 handle = 0xcccc;
	int err = rtfm_timerq_add(q, instant, cookie, &handle);
	int i;

	if (m->count == m->capacity)
		return err != -EAGAIN || handle != 0xcccc ? "add when full" : NULL;
	if (err || !handle)
		return "add";
	if (naive_find(m, handle) >= 0)
		return "handle given out twice";
	for (i = 0; i < STALE; i++)
		if (m->stale[i] == handle)
			return "old handle given out again";
	m->timer[m->count++] = (struct naive_timer){
		.instant = instant, .order = m->order++,
		.cookie = cookie, .handle = handle,
	};
	return NULL;
}

static const char *model_remove(struct rtfm_timerq *q, struct naive *m, __u64 *seed)
{
	__u64 random = unit_random(seed);
	__u64 cookie = 0xcccc, handle;
	int at, err;

	if (random & 1 && m->count)
		handle = m->timer[(random >> 8) % m->count].handle;
	else if (random & 2)
		handle = m->stale[(random >> 8) % STALE];
	else if (random & 4)	/* an entry of the queue, any generation */
		handle = (random >> 8) % 64 << 32 | (random >> 20) % (m->capacity + 2);
	else
		handle = unit_random(seed);
	at = naive_find(m, handle);
	err = rtfm_timerq_remove(q, handle, &cookie);
	if (at < 0)
		return err != -ENOENT || cookie != 0xcccc ? "stale handle" : NULL;
	if (err || cookie != m->timer[at].cookie)
		return "remove";
	naive_drop(m, &m->timer[at]);
	return NULL;
}

static const char *model_pop(struct rtfm_timerq *q, struct naive *m, __u64 now)
{
	__u64 instant = 0xcccc, cookie = 0xcccc;
	struct naive_timer *first = naive_first(m);
	int popped = rtfm_timerq_pop(q, now, &instant, &cookie);

	if (!first || first->instant > now)
		return popped || cookie != 0xcccc ? "popped what is not due" : NULL;
	if (!popped)
		return "due and not popped";
	if (instant != first->instant || cookie != first->cookie)
		return "wrong order";
	naive_drop(m, first);
	return NULL;
}

static const char *model_first(struct rtfm_timerq *q, struct naive *m)
{
	const struct rtfm_timer *t = rtfm_timerq_first(q);
	struct naive_timer *first = naive_first(m);

	if (!t != !first)
		return "first: empty or not";
	if (t && (t->cookie != first->cookie || t->instant != first->instant))
		return "first: wrong entry";
	return q->count != m->count ? "count" : NULL;
}

TEST_F_TIMEOUT(model, random_operations, 120)
{
	unsigned long i, n = unit_scaled(variant->operations);
	const char *wrong = NULL;
	__u64 now = 0;

	for (i = 0; i < n && !wrong; i++) {
		__u64 random = unit_random(&self->seed);
		/* grow and shrink in turns, so that full and empty are common */
		unsigned int grow = i / (4 * variant->capacity + 16) & 1 ? 11 : 5;

		if (random % 16 < grow) {
			wrong = model_add(&self->q, &self->naive,
					  some_instant(&self->seed, variant->span), i);
		} else if (random >> 8 & 1) {
			wrong = model_remove(&self->q, &self->naive, &self->seed);
		} else {
			now = some_instant(&self->seed, variant->span);
			wrong = model_pop(&self->q, &self->naive, now);
		}
		if (!wrong)
			wrong = model_first(&self->q, &self->naive);
		if (!wrong && (variant->capacity <= 16 || i % 64 == 0))
			wrong = broken_invariant(&self->q);
	}
	ASSERT_EQ(NULL, wrong) {
		TH_LOG("operation %lu: %s", i - 1, wrong);
	}
	/* what is left comes out in order */
	while (self->naive.count && !wrong)
		wrong = model_pop(&self->q, &self->naive, ~0ULL);
	ASSERT_EQ(NULL, wrong) {
		TH_LOG("at the end: %s", wrong);
	}
	EXPECT_EQ(0, self->q.count);
}

TEST_HARNESS_MAIN
