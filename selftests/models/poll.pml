/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Messages to a core that polls: the sender only writes a cell. If a cell has a job above the
 * ceiling, the receiver does not check that cell, and no sender kicks it, the job waits until
 * the running job ends: it is lost if that never ends.
 *
 * While masked, the receiver polls, sees a cell or a bit, stores that it runs, executes the
 * fence L, and sets RTFM_READY_LOOK if a cell is full; then it checks. A job of level 1 may
 * run without end, and one of level 2 must start on top of it. A job of level 2, above which
 * there is none, may run in the polling state.
 *
 * models: cell_send() in libshim/src/cell.c; ready_post_cell(), post(), ready_take_over()
 *	in ready.c; ready_rest(), ready_resume(), ready_cells(), ready_lower() in ready.h;
 *	park() of engine_soft.c and engine_kmod.c, with RTFM_POLL; dispatch_cell(),
 *	dispatch_pending(), dispatch_doorbell() in dispatch.c; doorbell() in doorbell.c
 *
 * What is known of the receiver from the last send is a hint: any value of it is tried.
 * Kicks that are not repeated: coalesce.pml. What is in a cell: cell.pml.
 *
 * twin NO_SENDER_FENCE: lost
 * twin NO_RECEIVER_FENCE: lost
 * twin LOOK_BEFORE_STATE: lost
 * twin NO_LOOK_AT_CELLS: lost
 * twin NOT_MASKED: lost
 * twin STATE_BEFORE_CELL: lost
 * twin POLLING_IN_JOB: lost
 * twin ANOTHER_TAKEN: lost
 */
#define CPUS 2
#define VARS 5
#define DEPTH 4
#define RECEIVER 0
#define SENDER 1
#include "tso.h"

#define STATE	0
#define CEILING	1
#define REMOTE	2		/* bit 0: level 1, bit 1: level 2 */
#define CELL	3		/* of level 1; that of level 2 is the next */
#define RUNNING	0
#define POLLING	1

#define SENDS	3

#define LOOK	4		/* in ready: RTFM_READY_LOOK */

byte ready;			/* written only on the receiver's CPU */
bool masked;
bool kick;			/* a doorbell is on its way */
bool sent, in_job;
bool lost;

#define cells	(LOAD(RECEIVER, CELL) | LOAD(RECEIVER, CELL + 1) << 1)

/* ready_take_over(): the cells, if there is a note, and the bits of others */
inline take_over(seen)
{
	if
	:: ready & LOOK -> ready = ready & ~LOOK;
#ifndef NO_LOOK_AT_CELLS
		ready = ready | cells
#endif
	:: else
	fi;
	if
	:: LOAD(RECEIVER, REMOTE) -> atomic {
		EXCHANGE(RECEIVER, REMOTE, 0, seen);
		ready = ready | seen;
		seen = 0
	}
	:: else
	fi
}

/* queue_pop() and the end of the payload in its cell; the ring may be empty */
inline pop(level, found)
{
	atomic {
		ready = ready & ~level;
		found = LOAD(RECEIVER, CELL + level - 1);
		if
		:: found -> STORE(RECEIVER, CELL + level - 1, 0)
		:: else
		fi
	}
}

/* A job of level 2 is over at once. This is a look on top of a job of level 1. */
inline look_in_job(seen, found)
{
	do
	:: masked = true;
		take_over(seen);
		if
		:: ready & 2 -> pop(2, found)
		:: else
		fi;
		found = 0;
		masked = false;
		if
		:: ready & (LOOK | 2) || LOAD(RECEIVER, REMOTE) & 2
		:: else -> break
		fi
	od
}

inline job_of_level_1(seen, found)
{
	STORE(RECEIVER, CEILING, 1);
	masked = false;
	if
	:: ready & (LOOK | 2) -> look_in_job(seen, found)
	:: else
	fi;
	in_job = true;
	do
	:: atomic { kick -> kick = false }; in_job = false; look_in_job(seen, found); in_job = true
	:: atomic {
		sent && !kick && empty(buffer[0]) && empty(buffer[1]) ->
		/* it never ends */
		lost = mem[CELL + 1] != 0;
		assert(!lost);
		goto over
	}
	:: break
	od;
	in_job = false;
	masked = true;
	STORE(RECEIVER, CEILING, 0);
	FENCE(RECEIVER)						/* J */
}

inline look(seen, found)
{
	do
	:: masked = true;
		take_over(seen);
		if
		:: ready & 2 -> pop(2, found)
		:: !(ready & 2) && ready & 1 ->
			pop(1, found);
			if
			:: found -> found = 0; job_of_level_1(seen, found)
			:: else
			fi
		:: else
		fi;
		found = 0;
		masked = false;
		if
		:: ready || LOAD(RECEIVER, REMOTE)
		:: else -> break
		fi
	od
}

inline resume(seen, found)
{
#ifdef LOOK_BEFORE_STATE
	ready = ready | cells;
#endif
#ifndef NOT_MASKED
	masked = true;
#endif
	STORE(RECEIVER, STATE, RUNNING);
	if		/* the state says that it runs: the handler of a doorbell looks */
	:: atomic { kick && !masked -> kick = false }; look(seen, found)
	:: skip
	fi;
#ifndef NO_RECEIVER_FENCE
	FENCE(RECEIVER);
#endif
#ifndef LOOK_BEFORE_STATE
	if
	:: cells -> ready = ready | LOOK
	:: else
	fi;
#endif
	masked = false
}

active proctype receiver()
{
	byte seen, found;

	do
	:: STORE(RECEIVER, STATE, POLLING);
		do
		:: ready || LOAD(RECEIVER, REMOTE) || cells -> break
		/* dispatch_cell() */
		:: !ready && !LOAD(RECEIVER, REMOTE) && LOAD(RECEIVER, CELL + 1) ->
			masked = true;
			pop(2, found);
			found = 0;
			STORE(RECEIVER, CEILING, 2);
			masked = false;
			/* a doorbell, in the job: LOOK, and nothing else */
			if
			:: atomic { kick -> kick = false; ready = ready | LOOK }
			:: skip
			fi;
			STORE(RECEIVER, CEILING, 0);
			FENCE(RECEIVER);			/* J */
			skip
		/* the handler of a doorbell, here: LOOK, and nothing else */
		:: atomic { kick -> kick = false; ready = ready | LOOK }
		:: atomic {
			sent && !kick && empty(buffer[0]) && empty(buffer[1]) &&
			!ready && !mem[REMOTE] && !mem[CELL] && !mem[CELL + 1] -> goto over
		}
		od;
#ifdef POLLING_IN_JOB
		ready = ready | cells;
#else
		resume(seen, found);				/* L */
#endif
		look(seen, found);
		do
		:: atomic { kick -> kick = false }; look(seen, found)
		:: break
		od
	od;
over:
	skip
}

/* Masked, a doorbell leaves a note. */
active proctype doorbell()
{
end:
	do
	:: atomic { kick && masked -> kick = false; ready = ready | LOOK }
	od
}

#ifdef ANOTHER_TAKEN
#define TAKEN	(LOAD(SENDER, CELL) == 0 || LOAD(SENDER, CELL + 1) == 0)
#else
#define TAKEN	(LOAD(SENDER, CELL + level - 1) == 0)
#endif

active proctype sender()
{
	byte sends, level, state, ceiling;

	do
	:: sends < SENDS -> sends++;
		if
		:: LOAD(SENDER, CELL) == 0 -> level = 1
		:: LOAD(SENDER, CELL + 1) == 0 -> level = 2
		:: else -> goto next				/* -EAGAIN */
		fi;
#ifdef STATE_BEFORE_CELL
		state = LOAD(SENDER, STATE);
#endif
		STORE(SENDER, CELL + level - 1, 1);
		if						/* the hint */
		::
#ifndef NO_SENDER_FENCE
			FENCE(SENDER);				/* M */
#endif
#ifndef STATE_BEFORE_CELL
			state = LOAD(SENDER, STATE);
#endif
			if
			:: state == POLLING -> goto next
			:: state == RUNNING && TAKEN -> goto next
			:: else
			fi
		:: skip
		fi;
		ATOMIC_OR(SENDER, REMOTE, level);		/* M */
		state = LOAD(SENDER, STATE);
		if
		:: state == POLLING -> goto next
		:: else
		fi;
		ceiling = LOAD(SENDER, CEILING);
		if
		:: ceiling >= level -> goto next
		:: else
		fi;
		if
		:: TAKEN -> goto next
		:: else
		fi;
		kick = true;
next:
		skip;
		d_step { level = 0; state = 0; ceiling = 0 }
	:: break
	od;
	sent = true
}
