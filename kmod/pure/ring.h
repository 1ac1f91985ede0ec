/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Single-producer, single-consumer ring arithmetic.
 *
 * head and tail count entries since the start and wrap at 2^32; an index is a
 * count masked with entries - 1, entries being a power of two. The producer
 * writes only tail, the consumer only head:
 *
 *	producer				consumer
 *	A: load_acquire(head)   pairs with H	E: load_acquire(tail)   pairs with D
 *	B: full? give up			F: empty? give up
 *	C: write the entry			G: read the entry
 *	D: store_release(tail)  pairs with E	H: store_release(head)  pairs with A
 *
 * D..E: a consumer that sees the tail sees the entry. H..A: a producer that sees the head
 * may overwrite the entry, because it has been read. Each side is wait-free: it never waits
 * for the other, and a side that stalls delays only itself.
 *
 * The other side's count may be garbage (the kernel's rings are in memory that
 * user space writes): rtfm_ring_room() and rtfm_ring_used() answer 0 then, so
 * nothing outside the ring is ever touched.
 */
#ifndef RTFM_PURE_RING_H
#define RTFM_PURE_RING_H

#include <linux/types.h>

#include "barrier.h"

/**
 * rtfm_ring_room() - how many entries may be put in
 * @head: the consumer's count, as loaded
 * @tail: the producer's own count
 * @entries: size of the ring, a power of two
 *
 * Return: 0..@entries; 0 as well if @head cannot be right.
 */
static inline __u32 rtfm_ring_room(__u32 head, __u32 tail, __u32 entries)
{
	__u32 used = tail - head;

	return used <= entries ? entries - used : 0;
}

/**
 * rtfm_ring_used() - how many entries may be taken out
 * @head: the consumer's own count
 * @tail: the producer's count, as loaded
 * @entries: size of the ring, a power of two
 *
 * Return: 0..@entries; 0 as well if @tail cannot be right.
 */
static inline __u32 rtfm_ring_used(__u32 head, __u32 tail, __u32 entries)
{
	__u32 used = tail - head;

	return used <= entries ? used : 0;
}

/**
 * rtfm_ring_index() - where an entry is
 * @count: head or tail
 * @entries: size of the ring, a power of two
 */
static inline __u32 rtfm_ring_index(__u32 count, __u32 entries)
{
	return count & (entries - 1);
}

/**
 * rtfm_ring_size() - the ring that holds at least @n entries
 * @n: 1..2^31
 *
 * Return: the smallest power of two that is not below @n.
 */
static inline __u32 rtfm_ring_size(__u32 n)
{
	__u32 size = 1;

	while (size < n)
		size <<= 1;
	return size;
}

#endif /* RTFM_PURE_RING_H */
