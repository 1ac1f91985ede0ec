/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Cases of kmod/pure/ring.h. */
#ifndef RTFM_RING_CASES_H
#define RTFM_RING_CASES_H

#include <linux/types.h>

/**
 * struct ring_case - rtfm_ring_room(), rtfm_ring_used()
 * @name: of the case
 * @head: entries taken out, ever
 * @tail: entries put in, ever
 * @entries: size
 * @room: expected
 * @used: expected
 */
struct ring_case {
	const char *name;
	__u32 head;
	__u32 tail;
	__u32 entries;
	__u32 room;
	__u32 used;
};

static const struct ring_case ring_cases[] = {
	{ "1: empty", 0, 0, 1, 1, 0 },
	{ "1: full", 0, 1, 1, 0, 1 },
	{ "1: full across the wrap", 0xffffffff, 0, 1, 0, 1 },
	{ "1: head ahead of tail", 1, 0, 1, 0, 0 },
	{ "1: two used", 0, 2, 1, 0, 0 },
	{ "2: half", 7, 8, 2, 1, 1 },
	{ "2: full across the wrap", 0xffffffff, 1, 2, 0, 2 },
	{ "2: one too many", 0xffffffff, 2, 2, 0, 0 },
	{ "8: empty at the wrap", 0xffffffff, 0xffffffff, 8, 8, 0 },
	{ "8: full across the wrap", 0xfffffffc, 4, 8, 0, 8 },
	{ "8: nine used", 0xfffffffc, 5, 8, 0, 0 },
	{ "8: head ahead of tail by one", 5, 4, 8, 0, 0 },
	{ "8: opposite side of the circle", 0, 0x80000000, 8, 0, 0 },
	{ "8: other opposite", 0x80000000, 0, 8, 0, 0 },
	{ "2^31: full", 0, 0x80000000, 0x80000000, 0, 0x80000000 },
	{ "2^31: one too many", 0, 0x80000001, 0x80000000, 0, 0 },
	{ "2^31: full across the wrap", 0xffffffff, 0x7fffffff, 0x80000000, 0,
	  0x80000000 },
};

/**
 * struct ring_size_case - rtfm_ring_size()
 * @n: at least
 * @size: expected
 */
struct ring_size_case {
	__u32 n;
	__u32 size;
};

static const struct ring_size_case ring_size_cases[] = {
	{ 1, 1 }, { 2, 2 }, { 3, 4 }, { 4, 4 }, { 5, 8 }, { 65535, 65536 },
	{ 65536, 65536 }, { 65537, 131072 }, { 0x40000000, 0x40000000 },
	{ 0x40000001, 0x80000000 }, { 0x7fffffff, 0x80000000 },
	{ 0x80000000, 0x80000000 },
};

#endif /* RTFM_RING_CASES_H */
