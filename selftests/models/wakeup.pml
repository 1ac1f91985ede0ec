/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The race of the wake-up: a receiver lowers its ceiling and then loads remote_ready, a
 * sender sets a bit of remote_ready and then loads the ceiling. If neither sees the other's
 * store, the job never starts.
 *
 * models: rtfmx_unlock() in libshim/include/rtfm/fast.h; ready_lower() and
 *	ready_due() in libshim/src/ready.h, which lower the ceiling and look in the
 *	same way; ready_post() in ready.c without its last part (coalesce.pml)
 *
 * A plain store stands for the OR in NO_SENDER_FENCE: an atomic operation that is
 * no fence, as on other machines.
 *
 * twin NO_RECEIVER_FENCE: lost
 * twin NO_SENDER_FENCE: lost
 * twin FENCE_BEFORE_CEILING: lost
 * twin CEILING_BEFORE_BIT: lost
 * twin NO_LOOK: lost
 */
#define CPUS 2
#define VARS 2
#define DEPTH 2
#define RECEIVER 0
#define SENDER 1
#include "tso.h"

#define CEILING 0
#define REMOTE 1

#define ROUNDS 3
#define SENDS 2

bool kick;		/* a doorbell is on its way */
bool unlocked, sent;	/* receiver and sender are done */
bool lost;
byte taken;

inline take()
{
	atomic {
		EXCHANGE(RECEIVER, REMOTE, 0, seen);
		if
		:: seen -> taken++
		:: else		/* another look has been faster */
		fi;
		seen = 0
	}
}

active proctype receiver()
{
	byte round, seen;

	do
	:: round < ROUNDS ->
		round++;
		STORE(RECEIVER, CEILING, 1);
		/* the locked section */
#ifdef FENCE_BEFORE_CEILING
		FENCE(RECEIVER);
#endif
		STORE(RECEIVER, CEILING, 0);
#if !defined(NO_RECEIVER_FENCE) && !defined(FENCE_BEFORE_CEILING)
		FENCE(RECEIVER);
#endif
#ifndef NO_LOOK
		if
		:: LOAD(RECEIVER, REMOTE) -> take()
		:: else
		fi
#endif
	:: break
	od;
	unlocked = true
}

/* On top of the receiver, between any two of its steps. It looks, no more. */
active proctype doorbell()
{
	byte seen;

end:
	do
	:: atomic {
		kick -> kick = false;
		if
		:: LOAD(RECEIVER, CEILING) == 0 -> take()
		:: else		/* below the ceiling: unlock looks */
		fi
	}
	od
}

active proctype sender()
{
	byte send, ceiling;

	do
	:: send < SENDS ->
		send++;
#ifdef CEILING_BEFORE_BIT
		ceiling = LOAD(SENDER, CEILING);
#endif
#ifdef NO_SENDER_FENCE
		STORE(SENDER, REMOTE, 1);
#else
		ATOMIC_OR(SENDER, REMOTE, 1);
#endif
#ifndef CEILING_BEFORE_BIT
		ceiling = LOAD(SENDER, CEILING);
#endif
		if
		:: ceiling == 0 -> kick = true
		:: else
		fi
	:: else -> break
	od;
	sent = true
}

active proctype quiet()
{
	atomic {
		unlocked && sent && !kick && empty(buffer[0]) && empty(buffer[1]);
		lost = mem[REMOTE] != 0;
		assert(!lost);
		assert(taken)
	}
}
