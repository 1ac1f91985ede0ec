/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The owner of the job of a timer: the job is either released or cancelled, once, in every
 * interleaving of its core, its sender and a third core. Its slot is released once, and not
 * while another use of it is pending. After a successful cancel the job is not released.
 *
 * One slot is used repeatedly; gen distinguishes the uses. Sender and third send requests to
 * the core through a ring each, and a request may arrive when the slot is in use again.
 *
 * models: libshim/src/timer.c, all of it; slot_take(), slot_give() in
 *	libshim/src/slot.c. The ring: ring.pml; when the core has to be notified: next.pml
 *
 * twin RELEASE_WITHOUT_CLAIM: untimely
 * twin CANCEL_WITHOUT_CLAIM: twice
 * twin NO_GEN_IN_REQUEST: untimely
 * twin MOVE_KEEPS_GEN: untimely
 * twin CANCEL_GIVES_SLOT: given_twice
 */
#define USES 2			/* of the slot */
#define MOVES 1
#define CANCELS 2

mtype = { idle, armed, cancelled };

mtype state = idle;		/* of the slot, with... */
byte gen;
bool free = true;		/* the slot */
byte queued, queued_for;	/* the gen in the core's queue, 0: not queued; and its instant */

#define SENDER 0
#define THIRD 1
chan requests[2] = [4] of { byte, byte };	/* gen, instant: queue if ARMED, give if CANCELLED */

/* what the code does not know */
byte use;
bool ended;			/* this use has been released or cancelled */
byte instants, wanted;		/* each submission and move has another; the one that counts */
bool twice, given_twice, untimely, left;
byte cancels, moves, finished;

inline end_use()
{
	twice = ended;
	assert(!twice);
	ended = true
}

inline give()
{
	given_twice = free || !ended;
	assert(!given_twice);
	free = true
}

/* Compare and swap of (gen, from) to (gen, to) */
#define IS(g, what)	(gen == (g) && state == what)

inline release(g, instant)
{
#ifdef RELEASE_WITHOUT_CLAIM
	if
	:: atomic { IS(g, armed) -> skip };
		atomic {
			state = idle;
#else
	if
	:: atomic {
		IS(g, armed) ->
			state = idle;
#endif
			untimely = wanted != instant;
			assert(!untimely);
			end_use();
			give()		/* the job starts, rtfmx_begin() */
	}
	:: atomic { IS(g, cancelled) -> state = idle; give() }
	:: else
	fi
}

inline take_in(g, instant)
{
#ifdef NO_GEN_IN_REQUEST
	seen = gen;
#else
	if
	:: gen != g -> goto ignored	/* moved since, or another use */
	:: else -> seen = g
	fi;
#endif
	d_step { queued = 0; queued_for = 0 };
	if
	:: IS(seen, armed) -> d_step { queued = seen; queued_for = instant }
	:: atomic { IS(seen, cancelled) -> state = idle; give() }
	:: else
	fi;
ignored:
	seen = 0
}

active proctype core()
{
	byte seen, g, i;

end:
	do
	:: requests[SENDER]?g, i -> take_in(g, i)
	:: requests[THIRD]?g, i -> take_in(g, i)
	:: d_step { queued -> g = queued; i = queued_for; queued = 0; queued_for = 0 };
		release(g, i)
	od
}

/* With an old handle, or that of now. */
inline cancel(g, me)
{
#ifdef CANCEL_WITHOUT_CLAIM
	if
	:: IS(g, armed) ->
		atomic {
			state = cancelled;
			end_use()
		};
#else
	if
	:: atomic { IS(g, armed) -> state = cancelled; end_use() };
#endif
#ifdef CANCEL_GIVES_SLOT
		atomic { state = idle; give() };
#endif
		requests[me]!g, 0
	:: else		/* -ENOENT */
	fi
}

inline move(g, me)
{
	if
	:: atomic { IS(g, armed) ->
#ifndef MOVE_KEEPS_GEN
		gen++;
#endif
		instants++;
		wanted = instants;
		requests[me]!gen, wanted
	}
	:: else
	fi
}

active proctype sender()
{
	byte handle;

	do
	:: atomic { free && use < USES ->
		use++;
		free = false;
		ended = false;
		gen++;
		instants++;
		wanted = instants;
		handle = gen;
		state = armed
	};
		requests[SENDER]!handle, wanted
	:: handle && cancels < CANCELS -> cancels++; cancel(handle, SENDER)
	:: handle && moves < MOVES -> moves++; move(handle, SENDER); handle = gen
	:: break
	od;
	finished++
}

/* It has been told the handle of any use, long ago or just now. */
active proctype third()
{
	byte handle;

	do
	:: handle < gen -> handle++
	:: handle && cancels < CANCELS -> cancels++; cancel(handle, THIRD)
	:: handle && moves < MOVES -> moves++; move(handle, THIRD)
	:: break
	od;
	finished++
}

/* Nothing moves any more. */
active proctype quiet()
{
end:
	timeout;
	left = finished == 2 && !free;
	assert(!left)
}
