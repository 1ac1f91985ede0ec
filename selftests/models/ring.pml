/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * A ring between two threads, with counters that wrap: every entry arrives once, in order
 * and complete, whatever the initial counters.
 *
 * Steps A to H are those of the contract in kmod/pure/ring.h. A missing release or acquire
 * is modelled by its effect: the two steps that the barrier orders may be swapped.
 *
 * models: queue_pop_kernel() in libshim/src/queue.h; rtfm_region_push(),
 *	rtfm_region_pull() in kmod/region.c; submit() in libshim/src/engine_kmod.c; ask(),
 *	drain() in libshim/src/timer.c
 *
 * twin NO_RELEASE_OF_TAIL: damaged
 * twin NO_ACQUIRE_OF_TAIL: damaged
 * twin NO_RELEASE_OF_HEAD: damaged
 * twin NO_ACQUIRE_OF_HEAD: damaged
 * twin ONE_TOO_MANY: damaged
 * twin COUNTS_COMPARED: damaged
 * twin WRAP_NOT_A_MULTIPLE: damaged
 */
#ifdef WRAP_NOT_A_MULTIPLE
#define WRAP 9			/* what 2^32 stands for */
#else
#define WRAP 8
#endif
#define ENTRIES 2		/* or 1 */
#define JOBS 6

byte head, tail, entries;
byte ring[ENTRIES];
byte sent, received;
bool damaged, stuck;
bool going;

#define USED(head, tail) ((tail + WRAP - head) % WRAP)
#define INDEX(count)	((count) % entries)

#ifdef COUNTS_COMPARED
#define ROOM(head, tail) (tail < head + entries)
#elif defined(ONE_TOO_MANY)
#define ROOM(head, tail) (USED(head, tail) <= entries)
#else
#define ROOM(head, tail) (USED(head, tail) < entries)
#endif

init
{
	if
	:: entries = 1
	:: entries = 2
	fi;
	do
	:: head < WRAP - 1 -> head++
	:: break
	od;
	tail = head;
	going = true
}

active proctype producer()
{
	byte h;

	going;
	do
	:: sent < JOBS ->
		h = head;					/* A */
#ifdef NO_ACQUIRE_OF_HEAD
		if	/* the entry is written ahead of the look that allows it */
		:: ring[INDEX(tail)] = sent + 1;
			h = head
		:: skip
		fi;
#endif
		if						/* B */
		:: ROOM(h, tail) ->
#ifdef NO_RELEASE_OF_TAIL
			if
			:: tail = (tail + 1) % WRAP;
				ring[INDEX((tail + WRAP - 1) % WRAP)] = sent + 1;
				goto pushed
			:: skip
			fi;
#endif
			ring[INDEX(tail)] = sent + 1;		/* C */
			tail = (tail + 1) % WRAP;		/* D */
pushed:
			sent++
		:: else -> h != head		/* full: nothing changes before the head does */
		fi
	:: else -> break
	od
}

active proctype consumer()
{
	byte t, job;

	going;
	do
	:: received < JOBS ->
#ifdef NO_ACQUIRE_OF_TAIL
		if	/* the entry is read before the check whether it is there */
		:: job = ring[INDEX(head)]
		:: skip
		fi;
#endif
		t = tail;					/* E */
		if						/* F */
		:: USED(head, t) ->
#ifdef NO_RELEASE_OF_HEAD
			if
			:: head = (head + 1) % WRAP;
				job = ring[INDEX((head + WRAP - 1) % WRAP)];
				goto popped
			:: skip
			fi;
#endif
#ifdef NO_ACQUIRE_OF_TAIL
			if
			:: job
			:: !job -> job = ring[INDEX(head)]
			fi;
#else
			job = ring[INDEX(head)];		/* G */
#endif
			head = (head + 1) % WRAP;		/* H */
popped:
			received++;
			damaged = job != received;
			assert(!damaged);
			job = 0
		:: else -> t != tail
		fi
	:: else -> break
	od
}

active proctype quiet()
{
	timeout;
	stuck = received != JOBS;
	assert(!stuck)
}
