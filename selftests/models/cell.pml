/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * A ring of cells between two cores: every message arrives once, in order and complete,
 * whatever the initial counters; a send is refused if and only if the number of messages to
 * its task that have not been taken has reached the capacity.
 *
 * The two sides share only the sequence word of each cell: 2 n + 1 means that message n is
 * in it, an even number that it is free. The sender counts the messages to each task, and
 * reads the words of the oldest cells, in order, only when a task has no capacity left.
 *
 * Steps A to H are those of libshim/src/cell.h. A missing release or acquire is modelled by
 * its effect: the two steps that the barrier orders may be swapped.
 *
 * models: cell_send(), has_room(), cell_take() in libshim/src/cell.c
 *
 * twin NO_RELEASE_OF_FULL: damaged
 * twin NO_ACQUIRE_OF_FULL: damaged
 * twin NO_RELEASE_OF_FREE: damaged
 * twin NO_ACQUIRE_OF_FREE: damaged
 * twin OLDEST_ONLY: refused_in_error
 * twin CAPACITY_OF_RING: too_many
 * twin WRAP_NOT_A_MULTIPLE: too_many
 */
#ifdef WRAP_NOT_A_MULTIPLE
#define WRAP 9			/* what 2^31 stands for */
#else
#define WRAP 8
#endif
#define ENTRIES 2		/* or 1 */
#define JOBS 5

byte entries, start;
byte seq[ENTRIES], payload[ENTRIES], task[ENTRIES];
byte tail, ack, head;
byte capacity[2], out[2];	/* of each task; what the sender has not seen taken */
byte pending[2];		/* what has not been taken, in truth */
byte sent, received;
bool damaged, refused_in_error, too_many, stuck;
bool going;

#define INDEX(count)	((count) % entries)
#define NEXT(count)	(((count) + 1) % WRAP)
#define FULL(count)	(2 * (count) + 1)
#define FREE(count)	(2 * (count))

/* One task with all of the ring, or two that share it */
init
{
	if
	:: entries = 1; capacity[0] = 1
	:: entries = 2; capacity[0] = 2
	:: entries = 2; capacity[0] = 1; capacity[1] = 1
	fi;
	do
	:: tail < WRAP - 1 -> tail++
	:: break
	od;
	skip;
	d_step {
		head = tail;
		ack = tail;
		seq[INDEX(tail)] = FREE(tail);
		seq[INDEX(NEXT(tail))] = FREE(NEXT(tail));
		going = true
	}
}

active proctype sender()
{
	byte t;
	bool none;

	going;
	do
	:: sent < JOBS ->
		if
		:: t = 0
		:: capacity[1] -> t = 1
		fi;
#ifdef NO_ACQUIRE_OF_FREE
		if	/* the payload is written ahead of the look that allows it */
		:: payload[INDEX(tail)] = sent + 1
		:: skip
		fi;
#endif
		none = false;
		do
#ifdef CAPACITY_OF_RING
		:: out[0] + out[1] < entries -> break
#else
		:: out[t] < capacity[t] -> break
#endif
		:: else ->					/* A, B */
			d_step {
				if
				:: seq[INDEX(ack)] != FULL(ack) ->
#ifdef OLDEST_ONLY
					none = task[INDEX(ack)] != t;
#endif
					out[task[INDEX(ack)]]--;
					ack = NEXT(ack)
				:: else -> none = true
				fi;
				refused_in_error = none && pending[t] < capacity[t]
			};
			assert(!refused_in_error);
			if
			:: none -> goto refused
			:: else
			fi
		od;
#ifdef NO_RELEASE_OF_FULL
		if
		:: task[INDEX(tail)] = t;
			d_step { pending[t]++; seq[INDEX(tail)] = FULL(tail) };
			payload[INDEX(tail)] = sent + 1;
			goto pushed
		:: skip
		fi;
#endif
#ifndef NO_ACQUIRE_OF_FREE
		payload[INDEX(tail)] = sent + 1;		/* C */
#endif
		task[INDEX(tail)] = t;
#ifdef NO_ACQUIRE_OF_FREE
		if
		:: payload[INDEX(tail)] == sent + 1
		:: else -> payload[INDEX(tail)] = sent + 1
		fi;
#endif
		d_step { pending[t]++; seq[INDEX(tail)] = FULL(tail) };	/* D */
pushed:
		too_many = pending[t] > capacity[t];
		assert(!too_many);
		d_step { out[t]++; tail = NEXT(tail); sent++ };
		goto next
refused:
		seq[INDEX(ack)] != FULL(ack);	/* nothing changes before that does */
next:
		skip;
		d_step { t = 0; none = false }
	:: else -> break
	od
}

active proctype receiver()
{
	byte job;

	going;
	do
	:: received < JOBS ->
#ifdef NO_ACQUIRE_OF_FULL
		if	/* the payload is read before the check whether it is there */
		:: job = payload[INDEX(head)]
		:: skip
		fi;
#endif
		if						/* E, F */
		:: seq[INDEX(head)] == FULL(head) ->
#ifdef NO_RELEASE_OF_FREE
			if
			:: d_step {
				pending[task[INDEX(head)]]--;
				seq[INDEX(head)] = FREE((head + entries) % WRAP)
			};
				job = payload[INDEX(head)];
				goto taken
			:: skip
			fi;
#endif
#ifdef NO_ACQUIRE_OF_FULL
			if
			:: job
			:: !job -> job = payload[INDEX(head)]
			fi;
#else
			job = payload[INDEX(head)];		/* G */
#endif
			d_step {				/* H */
				pending[task[INDEX(head)]]--;
				seq[INDEX(head)] = FREE((head + entries) % WRAP)
			};
taken:
			skip;
			received++;
			damaged = job != received;
			assert(!damaged);
			d_step { head = NEXT(head); job = 0 }
		:: else -> seq[INDEX(head)] == FULL(head)
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
