// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Two threads and one ring, with the barriers of ring.h: A..D in the producer, E..H in the
 * consumer. The entries are plain memory, so ThreadSanitizer reports a race if one of the
 * pairings is broken.
 */
#include <pthread.h>
#include <sched.h>

#include "unit.h"

#include <linux/rtfm.h>

#include "ring.h"

#ifdef __SANITIZE_THREAD__
#define TRANSFERS 300000ul
#else
#define TRANSFERS 12000000ul
#endif

#define MAX_ENTRIES 4096

struct ring {
	__u32 tail __attribute__((aligned(64)));
	__u32 head __attribute__((aligned(64)));
	struct rtfm_job job[MAX_ENTRIES] __attribute__((aligned(64)));
	__u32 entries;
	unsigned long count;
	unsigned long wrong;
};

static __u32 stamp(__u32 i)
{
	return i * 2654435761u ^ 0x5bd1e995u;
}

static void *produce(void *arg)
{
	struct ring *r = arg;
	unsigned long i;
	__u32 tail = r->tail;

	for (i = 0; i < r->count; i++) {
		struct rtfm_job *job = &r->job[rtfm_ring_index(tail, r->entries)];

		/* A; pairs with H */
		while (!rtfm_ring_room(rtfm_load_acquire(&r->head), tail, r->entries))
			sched_yield();
		job->job = (__u32)i;
		job->seq = stamp((__u32)i);
		/* D; pairs with E */
		rtfm_store_release(&r->tail, ++tail);
	}
	return NULL;
}

static void *consume(void *arg)
{
	struct ring *r = arg;
	__u32 head = r->head;
	unsigned long i = 0;

	while (i < r->count) {
		__u32 used, n;

		/* E; pairs with D */
		while (!(used = rtfm_ring_used(head, rtfm_load_acquire(&r->tail),
					       r->entries)))
			sched_yield();
		for (n = 0; n < used; n++, i++) {
			struct rtfm_job *job =
				&r->job[rtfm_ring_index(head + n, r->entries)];

			if (job->job != (__u32)i || job->seq != stamp((__u32)i))
				r->wrong++;
		}
		head += used;
		/* H; pairs with A */
		rtfm_store_release(&r->head, head);
	}
	return NULL;
}

FIXTURE(transfer) {
	struct ring *ring;
};

FIXTURE_VARIANT(transfer) {
	__u32 entries;
	__u32 start;
	unsigned long count;
};

/* A ring of one is a hand-over per entry: fewer of them. */
FIXTURE_VARIANT_ADD(transfer, one) {
	.entries = 1, .start = 0xfffff000, .count = TRANSFERS / 20,
};

FIXTURE_VARIANT_ADD(transfer, two) {
	.entries = 2, .start = 0xfffff000, .count = TRANSFERS / 20,
};

FIXTURE_VARIANT_ADD(transfer, sixteen) {
	.entries = 16, .start = 0xfffff000, .count = TRANSFERS / 4,
};

FIXTURE_VARIANT_ADD(transfer, big) {
	.entries = MAX_ENTRIES, .start = 0xfffff000, .count = TRANSFERS,
};

FIXTURE_SETUP(transfer)
{
	struct ring *r = aligned_alloc(64, sizeof(*r));

	ASSERT_NE(NULL, r);
	memset(r, 0, sizeof(*r));
	r->entries = variant->entries;
	r->head = variant->start;
	r->tail = variant->start;
	r->count = unit_scaled(variant->count);
	self->ring = r;
}

FIXTURE_TEARDOWN(transfer)
{
	free(self->ring);
}

TEST_F_TIMEOUT(transfer, complete_and_in_order, 300)
{
	pthread_t producer, consumer;

	ASSERT_EQ(0, pthread_create(&consumer, NULL, consume, self->ring));
	ASSERT_EQ(0, pthread_create(&producer, NULL, produce, self->ring));
	ASSERT_EQ(0, pthread_join(producer, NULL));
	ASSERT_EQ(0, pthread_join(consumer, NULL));
	EXPECT_EQ(0, self->ring->wrong);
	EXPECT_EQ((__u32)(variant->start + self->ring->count), self->ring->head);
	EXPECT_EQ(self->ring->tail, self->ring->head);
}

TEST_HARNESS_MAIN
