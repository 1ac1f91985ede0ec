/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Parking in the module: steps P1 to P4 of the thread against the timer on its CPU,
 * a sender on another CPU and its poke, a signal, and the end of the app. What must not
 * happen: the thread sleeps although something is ready, a signal is pending, or the app
 * has ended.
 *
 * models: rtfm_park_sleep(), set_parked() in kmod/park.c; rtfm_thread_kick(),
 *	rtfm_thread_silence() in kmod/thread.c; rtfm_deliver_look() in kmod/deliver.c;
 *	on_expiry(), rtfm_release_poke() in kmod/release.c; ready_post() and
 *	park() in libshim (a core with RTFM_POLL looks first)
 *
 * The lock, which the thread does not take, is no fence here, which is less than it is.
 * What it protects, and the scheduler's own words, are sequentially consistent; the words
 * of the region, parked and dead go through the store buffers.
 *
 * twin NO_RECEIVER_FENCE: asleep
 * twin NO_SENDER_FENCE: asleep
 * twin LOOK_BEFORE_PARKED: asleep
 * twin STATE_AFTER_LOOK: asleep
 * twin SIGNAL_BEFORE_STATE: asleep
 * twin SILENCE_DOES_NOT_WAKE: asleep
 * twin DEAD_NOT_CHECKED: asleep
 * twin NO_SILENCE_FENCE: asleep
 * twin NO_LAST_FENCE: asleep
 */
#define CPUS 2
#define VARS 4
#define DEPTH 2
#define THREAD 0		/* its CPU, where the timer is, too */
#define SENDER 1
#include "tso.h"

#define STATE 0			/* RUNNING, POLLING, PARKED */
#define REMOTE 1
#define IS_PARKED 2		/* core->parked, core->dead */
#define IS_DEAD 3
#define RUNNING 0
#define POLLING 1
#define PARKED 2

bool ready;			/* written only on the thread's CPU */
bool locked;			/* core->lock */
bool runnable = true;		/* the task's state; false: INTERRUPTIBLE */
bool in_schedule;
bool signal;
bool poked;			/* the csd is on its way */
byte events;			/* timer, sender, signal, silence: have done */
bool gone;			/* the thread has */
bool asleep;

#define TURNS 2
#define TIMERS 1
#define SENDS 2
#define QUIET	(events == 4 && !poked && !locked && empty(buffer[0]) && empty(buffer[1]))

#define wake()	runnable = true

inline lock()
{
	atomic { !locked -> locked = true }
}

/* The ceiling is 0: what is ready is due. Not parked: a doorbell. */
inline deliver_look()
{
	if
	:: !LOAD(THREAD, IS_DEAD) && (ready || LOAD(THREAD, REMOTE)) ->
		if
		:: LOAD(THREAD, IS_PARKED)
		:: else -> signal = true
		fi;
		wake()
	:: else
	fi
}

/* The thread's look, and the handler of its doorbell. */
inline take_all()
{
	atomic {
		if
		:: LOAD(THREAD, REMOTE) -> EXCHANGE(THREAD, REMOTE, 0, seen)
		:: else		/* no fence then */
		fi;
		ready = false;
		signal = false;
		seen = 0
	}
}

active proctype thread()
{
	byte turns, seen;

	do
	:: turns < TURNS ->
		turns++;
		if
		:: turns == 1 -> STORE(THREAD, STATE, POLLING)	/* the ABI lets it */
		:: skip
		fi;
		take_all();
#ifdef LOOK_BEFORE_PARKED
		if
		:: ready || LOAD(THREAD, REMOTE) -> goto looked
		:: else
		fi;
#endif
		STORE(THREAD, IS_PARKED, true);			/* P1 */
		STORE(THREAD, STATE, PARKED);
		do
		::
#ifdef SIGNAL_BEFORE_STATE
			if
			:: signal -> break
			:: else
			fi;
#endif
#ifndef STATE_AFTER_LOOK
			runnable = false;			/* P2 */
#endif
#ifndef NO_RECEIVER_FENCE
			FENCE(THREAD);
#endif
			if					/* P3 */
#ifndef DEAD_NOT_CHECKED
			:: LOAD(THREAD, IS_DEAD) -> goto end_of_app
#endif
			:: else
			fi;
#ifndef LOOK_BEFORE_PARKED
			if
			:: ready || LOAD(THREAD, REMOTE) -> break
			:: else
			fi;
#endif
#ifndef SIGNAL_BEFORE_STATE
			if
			:: signal -> break
			:: else
			fi;
#endif
#ifdef STATE_AFTER_LOOK
			runnable = false;
#endif
			in_schedule = true;
end_asleep:
			runnable;
			in_schedule = false
		od;
		runnable = true;
		STORE(THREAD, IS_PARKED, false);		/* P4 */
		STORE(THREAD, STATE, RUNNING);
#ifndef NO_LAST_FENCE
		FENCE(THREAD);
#endif
#ifdef LOOK_BEFORE_PARKED
looked:
#endif
		take_all()
	:: signal -> take_all()
	:: atomic { turns == TURNS && QUIET && !signal ->
		asleep = !mem[IS_DEAD] && (ready || mem[REMOTE]);
		assert(!asleep);
		goto out
	}
	od;
end_of_app:
	runnable = true;
	STORE(THREAD, IS_PARKED, false);
out:
	gone = true
}

/* In hard irq on the thread's CPU: between any two steps. */
active proctype timer()
{
	byte n;

	do
	:: atomic {
		n < TIMERS && !locked -> n++;
		if
		:: !LOAD(THREAD, IS_DEAD) -> ready = true
		:: else
		fi;
		deliver_look()
	}
	:: break
	od;
	events++
}

/* rtfm_release_poke(): the csd, in hard irq on the thread's CPU. */
active proctype poke()
{
end:
	do
	:: atomic {
		poked && !locked -> poked = false;
		deliver_look()
	}
	od
}

active proctype sender()
{
	byte n, state;

	do
	:: n < SENDS -> n++;
#ifdef NO_SENDER_FENCE
		STORE(SENDER, REMOTE, 1);
#else
		ATOMIC_OR(SENDER, REMOTE, 1);
#endif
		state = LOAD(SENDER, STATE);
		if
		:: state == POLLING -> skip
		:: else ->
			lock();
			if
			:: LOAD(SENDER, IS_DEAD) -> skip
			:: !LOAD(SENDER, IS_DEAD) && LOAD(SENDER, IS_PARKED) ->
				if
				:: !(ready || LOAD(SENDER, REMOTE)) -> skip
				/* it may have got up since */
				:: (ready || LOAD(SENDER, REMOTE)) && LOAD(SENDER, IS_PARKED) -> wake()
				:: (ready || LOAD(SENDER, REMOTE)) && !LOAD(SENDER, IS_PARKED) ->
					signal = true;
					wake()
				fi
			:: !LOAD(SENDER, IS_DEAD) && !LOAD(SENDER, IS_PARKED) -> poked = true
			fi;
			locked = false
		fi;
		state = 0
	:: break
	od;
	events++
}

/* From elsewhere. It is pending first, then it wakes. */
active proctype other_signal()
{
	if
	:: signal = true; wake()
	:: skip
	fi;
	events++
}

active proctype silence()
{
	if
	:: lock();
#ifdef NO_SILENCE_FENCE
		STORE(SENDER, IS_DEAD, true);
#else
		atomic { STORE(SENDER, IS_DEAD, true); FENCE(SENDER) };
#endif
		if
#ifndef SILENCE_DOES_NOT_WAKE
		:: LOAD(SENDER, IS_PARKED) -> wake()
#endif
		:: else
		fi;
		locked = false
	:: skip
	fi;
	events++
}

active proctype quiet()
{
	atomic {
		gone || in_schedule && !runnable && QUIET;
		asleep = !gone && (ready || mem[REMOTE] || signal || mem[IS_DEAD]);
		assert(!asleep)
	}
}
