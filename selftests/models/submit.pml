/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Submission without a system call: the core's thread puts an entry into the ring, and makes
 * a call only if its instant is before ctl->next. When the timer expires, on the thread's CPU
 * or, after a hotplug, on another, the kernel takes the entries in. An entry must not remain
 * in the ring after its instant.
 *
 * models: submit() in libshim/src/engine_kmod.c; on_expiry(), take_in(),
 *	release_due(), release_rest(), release_and_take_in(), rtfm_release_submit(),
 *	settle() and rtfm_release_schedule() in kmod/release.c; rtfm_region_pull() in
 *	kmod/region.c, rtfm_region_submitted() in kmod/region.h
 *
 * Time is a few instants. The kernel's lock is a full fence on both ends. Another
 * thread schedules something of its own, and so moves next to an earlier instant.
 *
 * twin NO_THREAD_FENCE: overdue
 * twin NO_KERNEL_FENCE: overdue
 * twin NO_LOOK_AGAIN: overdue
 * twin LOOK_BEFORE_NEXT: overdue
 * twin NEXT_BEFORE_ENTRY: overdue
 */
#define CPUS 2
#define VARS 2
#define DEPTH 3
#define THREAD 0
#define TIMER 1
#include "tso.h"

#define NEXT 0			/* ctl->next, as NEVER less it: memory begins as 0 */
#define STAIL 1			/* ctl->stail */

#define NEVER 9
#define LAST 3			/* instants are 1 to LAST */
#define SUBMITS 2

byte ring[SUBMITS];		/* instants; the counts do not wrap here: ring.pml */
byte shead;
byte queue[LAST + 1];		/* how many are pending for each instant */
byte programmed = NEVER;	/* instant that the hrtimer is set to */
byte now;
bool locked;
bool submitting, submitted, scheduled;
bool overdue;

inline lock(cpu)
{
	atomic { !locked -> locked = true; FENCE(cpu) }
}

inline unlock(cpu)
{
	atomic { FENCE(cpu); locked = false }
}

inline take_in(cpu)
{
	do
	:: shead < LOAD(cpu, STAIL) -> queue[ring[shead]]++; shead++
	:: else -> break
	od
}

#define EARLIEST (queue[1] -> 1 : (queue[2] -> 2 : (queue[3] -> 3 : NEVER)))

inline program(cpu, instant)
{
	programmed = instant;
	STORE(cpu, NEXT, NEVER - programmed)
}

/* settle(), and the csd that it sends, which comes at once here */
inline settle(cpu)
{
	if
	:: EARLIEST < programmed -> program(cpu, EARLIEST)
	:: else
	fi
}

active proctype thread()
{
	byte n, instant, next;

	do
	:: n < SUBMITS ->
		if
		:: instant = 1
		:: instant = 2
		:: instant = 3
		fi;
		submitting = true;
#ifdef NEXT_BEFORE_ENTRY
		next = NEVER - LOAD(THREAD, NEXT);
#endif
		ring[n] = instant;
		n++;
		STORE(THREAD, STAIL, n);
#ifndef NO_THREAD_FENCE
		FENCE(THREAD);
#endif
#ifndef NEXT_BEFORE_ENTRY
		next = NEVER - LOAD(THREAD, NEXT);
#endif
		if
		:: instant < next ->
			lock(THREAD);
			take_in(THREAD);
			settle(THREAD);
			unlock(THREAD)
		:: else
		fi;
		next = 0;
		submitting = false
	:: else -> break
	od;
	submitted = true
}

active proctype other_thread()
{
	lock(TIMER);
	take_in(TIMER);
	if
	:: queue[2]++
	:: queue[3]++
	fi;
	settle(TIMER);
	unlock(TIMER);
	scheduled = true
}

active proctype on_expiry()
{
	byte next;
	bool left;

end:
	do
	:: atomic { programmed != NEVER && !locked -> locked = true; FENCE(TIMER) };
		d_step {
			now = (programmed > now -> programmed : now);
			programmed = NEVER
		};
		/* what is due is released; if anything was, the ring is left for later, or not */
		if
		:: now >= EARLIEST -> d_step {
			queue[1] = (now >= 1 -> 0 : queue[1]);
			queue[2] = (now >= 2 -> 0 : queue[2]);
			queue[3] = (now >= 3 -> 0 : queue[3])
			};
			left = shead < LOAD(TIMER, STAIL)
		:: take_in(TIMER);
			skip;
			d_step {
			queue[1] = (now >= 1 -> 0 : queue[1]);
			queue[2] = (now >= 2 -> 0 : queue[2]);
			queue[3] = (now >= 3 -> 0 : queue[3])
			}
		fi;
#ifdef LOOK_BEFORE_NEXT
		next = (shead < LOAD(TIMER, STAIL) -> now : EARLIEST);
		program(TIMER, next);
#else
		next = (left -> now : EARLIEST);
		program(TIMER, next);
		left = false;
#ifndef NO_LOOK_AGAIN
#ifndef NO_KERNEL_FENCE
		FENCE(TIMER);
#endif
		if
		:: shead < LOAD(TIMER, STAIL) -> program(TIMER, now)	/* a pause later */
		:: else
		fi;
#endif
#endif
		next = 0;
		unlock(TIMER)
	od
}

/* At rest, now or in the end: nothing in the ring is due before the timer fires. */
active proctype quiet()
{
end:
	atomic {
		!submitting && !locked && empty(buffer[0]) && empty(buffer[1]) &&
		shead < mem[STAIL];
		overdue = programmed > now && (ring[shead] < programmed ||
			shead + 1 < mem[STAIL] && ring[shead + 1] < programmed);
		assert(!overdue)
	}
}
