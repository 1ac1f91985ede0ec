/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* A ring that cannot wrap, to compare kmod/pure/ring.h with. */
#ifndef RTFM_RING_MODEL_H
#define RTFM_RING_MODEL_H

#include "model.h"
#include "ring.h"

#define RING_MODEL_ENTRIES 64

/**
 * struct ring_model - what goes in and out of a ring
 * @put: entries put in, ever
 * @taken: entries taken out, ever
 * @slot: the ring: the numbers of the entries
 */
struct ring_model {
	__u64 put;
	__u64 taken;
	__u64 slot[RING_MODEL_ENTRIES];
};

/* Every fill level around the wrap; for one entry too many, 0 is returned. */
static inline const char *ring_wrong_fill(__u32 entries)
{
	__u32 head, used;
	__s64 start;

	for (start = -140; start <= 140; start++) {
		head = (__u32)start;
		for (used = 0; used <= 300; used++) {
			bool fits = used <= entries;

			if (rtfm_ring_used(head, head + used, entries) !=
			    (fits ? used : 0))
				return "used";
			if (rtfm_ring_room(head, head + used, entries) !=
			    (fits ? entries - used : 0))
				return "room";
		}
	}
	return NULL;
}

/* The index runs on without a gap where the count wraps. */
static inline const char *ring_wrong_index(__u32 entries)
{
	__u32 count = 0xffffff00, i, at;

	for (i = 0; i < 512; i++, count++) {
		at = rtfm_ring_index(count, entries);
		if (at >= entries)
			return "an index outside the ring";
		if (rtfm_ring_index(count + 1, entries) !=
		    (at + 1 == entries ? 0 : at + 1))
			return "a gap";
	}
	return NULL;
}

/* Whatever the other side claims, nothing outside the ring is touched. */
static inline const char *ring_wrong_hostile(__u64 *seed)
{
	__u32 own = (__u32)model_random(seed);
	__u32 other = (__u32)model_random(seed);
	__u32 entries = 1u << (model_random(seed) % 18);
	__u32 room, used;

	if (other & 1)	/* near misses are the interesting ones */
		other = own + (__u32)(model_random(seed) % 8) - 4;
	room = rtfm_ring_room(other, own, entries);
	used = rtfm_ring_used(own, other, entries);
	if (room > entries || used > entries)
		return "more than the ring has";
	if (own - other > entries && room)
		return "room behind a head that cannot be right";
	if (other - own > entries && used)
		return "entries up to a tail that cannot be right";
	return NULL;
}

/* Random puts and takes across the wrap: nothing lost, doubled or reordered. */
static inline const char *ring_wrong_run(struct ring_model *m, __u32 entries,
					 unsigned long operations)
{
	__u32 head = 0u - (__u32)(operations / 16) - 8, tail = head, room, used;
	__u64 seed = 0x72696e67;
	unsigned long i;

	memset(m, 0, sizeof(*m));
	for (i = 0; i < operations; i++) {
		room = rtfm_ring_room(head, tail, entries);
		used = rtfm_ring_used(head, tail, entries);
		if (used != m->put - m->taken)
			return "used";
		if (room != entries - used)
			return "room";
		if (model_random(&seed) & 1) {
			if (room)
				m->slot[rtfm_ring_index(tail++, entries)] = m->put++;
		} else if (used) {
			if (m->slot[rtfm_ring_index(head++, entries)] != m->taken)
				return "lost, doubled or reordered";
			m->taken++;
		}
	}
	return tail < 0x80000000 ? NULL : "the wrap was not crossed";
}

#endif /* RTFM_RING_MODEL_H */
