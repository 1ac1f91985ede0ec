/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * When the alarm of a core is armed on engine soft. While code runs that a queued timer
 * may have to preempt, because its level is above the ceiling, the alarm is armed for an
 * instant not after that of the first timer, and the doorbell is not blocked. Nothing that
 * is ready above the ceiling waits meanwhile, but for a doorbell on its way.
 *
 * One core, three levels, one timer and one job of each: jobs and idle schedule, cancel,
 * spawn and lock in any order, another core sends jobs of level 1, and time passes. The code
 * that runs masked is one step here: a doorbell that arrives meanwhile is handled after it.
 *
 * models: watch(), watch_run(), unwatch(), park(), expire(), added() in
 *	libshim/src/engine_soft.c; run_highest(), pending_at_rest(), dispatch_doorbell(), attend(),
 *	dispatch_let_in() in libshim/src/dispatch.c. Requests of other cores: next.pml
 *
 * twin ARM_IF_ABOVE: unarmed
 * twin NOT_HIGHER: unarmed
 * twin DROP_ALWAYS: unarmed
 * twin DROP_FORGETS: unarmed
 * twin PARK_FORGETS: unarmed
 * twin NO_LET_IN: unarmed
 * twin ALWAYS_HELD: unarmed
 */
#define NEVER 3			/* instants are 1 and 2 */
#define LEVELS 4		/* 0 is idle */
#define SCHEDULES 2
#define SPAWNS 1
#define LOCKS 1
#define CANCELS 1
#define SENDS 1

/* the core's */
byte timer[LEVELS];		/* the instant of the one of a level */
bool ready[LEVELS];
byte watching;			/* the level of the watch that is queued */
byte ceiling;
bool unwatched, time_bit;
bool blocked;			/* the doorbell */
byte held;

/* its stack: idle is at 0 */
byte depth;
byte level[LEVELS];
byte below[LEVELS];		/* the ceiling to go back to */
byte unlocked[LEVELS];		/* the same, for a lock; NEVER + 1 if it holds none */
bool handler[LEVELS];		/* the handler of the doorbell is on top of it */
bool rests;			/* no idle, or it has returned */

/* what the kernel does, and another core */
byte now, armed = NEVER;
bool rings;			/* of the alarm */
bool kicks;			/* of a sender */
bool remote_ready;
bool unarmed;
byte schedules, spawns, locks, cancels, sends;

#define ANY(instant)	timer[1] == instant || timer[2] == instant || timer[3] == instant
#define FIRST		(ANY(1) -> 1 : (ANY(2) -> 2 : NEVER))
#define HIGHEST		(timer[3] != NEVER -> 3 : (timer[2] != NEVER -> 2 : (timer[1] != NEVER -> 1 : 0)))
#define READY		(ready[3] -> 3 : (ready[2] -> 2 : (ready[1] -> 1 : 0)))
#define PREEMPTIBLE(p)	(HIGHEST > (p) || 1 > (p))
#define FREE		(NEVER + 1)

inline set_alarm(instant)
{
	armed = instant;
	rings = rings || armed <= now
}

inline watch()
{
	unwatched = false;
	if
	:: armed <= FIRST
	:: else ->
		if
#ifdef ARM_IF_ABOVE
		:: HIGHEST <= ceiling
		:: HIGHEST > ceiling && !watching -> watching = HIGHEST
#else
		:: !watching -> watching = HIGHEST
#endif
#ifndef NOT_HIGHER
		:: watching && watching < HIGHEST -> set_alarm(FIRST)
#endif
		:: else
		fi
	fi
}

inline expire()
{
	armed = (armed <= now -> NEVER : armed);
	q = 1;
	do
	:: q < LEVELS ->
		if
		:: timer[q] <= now -> timer[q] = NEVER; ready[q] = true
		:: else
		fi;
		q++
	:: else -> break
	od;
	q = 0;
	watch()
}

inline attend()
{
	if
	:: time_bit || remote_ready ->
		ready[1] = ready[1] || remote_ready;
		remote_ready = false;
		if
		:: time_bit || unwatched -> time_bit = false; expire()
		:: else
		fi
	:: else
	fi
}

inline begin(p)
{
	depth++;
	level[depth] = p;
	below[depth] = ceiling;
	unlocked[depth] = FREE;
	ceiling = p;
	if
	:: handler[depth - 1] && blocked ->
#ifndef ALWAYS_HELD
		if
		:: PREEMPTIBLE(p) -> blocked = false
		:: else -> held = p
		fi
#else
		held = 9
#endif
	:: else
	fi
}

/* It could be preempted when it began, or the job itself has scheduled what can. */
inline let_in()
{
#ifndef NO_LET_IN
	if
	:: held && PREEMPTIBLE(held) -> held = 0; blocked = false
	:: else
	fi
#else
	skip
#endif
}

active proctype core()
{
	byte p, q;

	d_step {
		timer[1] = NEVER;
		timer[2] = NEVER;
		timer[3] = NEVER;
		unlocked[0] = FREE
	};
	if
	:: rests = true; goto park
	:: skip
	fi;

code:
	unarmed = HIGHEST > ceiling && (armed > FIRST || blocked);
	assert(!unarmed);
	if
	:: atomic { !blocked && (rings || kicks) ->
		time_bit = time_bit || rings;
		rings = false;
		kicks = false;
		handler[depth] = true;
		blocked = true
	}
	:: atomic { !(rests && !depth) && schedules < SCHEDULES ->
		schedules++;
		select(q: 1 .. 3);
		if
		:: timer[q] == NEVER ->
			p = FIRST;
			if
			:: timer[q] = 1
			:: timer[q] = 2
			fi;
			if
			:: timer[q] < p -> expire()
			:: else -> watch()
			fi;
			let_in()
		:: else
		fi;
		q = 0; p = 0
	}
	:: atomic { depth && cancels < CANCELS ->
		cancels++;
		select(q: 1 .. 3);
		timer[q] = NEVER;
		q = 0
	}
	:: atomic { depth && spawns < SPAWNS ->
		spawns++;
		select(q: 1 .. 3);
		ready[q] = true;
		q = 0
	}
	:: atomic { !(rests && !depth) && locks < LOCKS && unlocked[depth] == FREE && ceiling < 3 ->
		locks++;
		unlocked[depth] = ceiling;
		ceiling = (ceiling == 2 -> 3 : 2)
	}
	:: atomic { unlocked[depth] != FREE -> ceiling = unlocked[depth]; unlocked[depth] = FREE }
	:: atomic { depth && unlocked[depth] == FREE ->
		ceiling = below[depth];
		if
		:: held == level[depth] -> held = 0
		:: else
		fi;
		level[depth] = 0;
		below[depth] = 0;
		unlocked[depth] = 0;
		depth--
	}
	:: atomic { !depth && !rests -> goto park }
	:: atomic { !depth && !rests && unlocked[0] == FREE -> rests = true; goto park }
	fi;

look:
	atomic {
		attend();
		p = READY;
		if
		:: watching > ceiling && watching >= p ->
			if
			:: !depth && rests && !handler[0] && watching == p -> skip
#ifdef DROP_ALWAYS
			:: !depth && rests && !handler[0] && watching > p ->
#else
			:: !depth && rests && !handler[0] && !p && !remote_ready && !time_bit ->
#endif
				watching = 0;
#ifndef DROP_FORGETS
				unwatched = true;
#endif
				goto look
			:: else ->
				watching = 0;
				if
				:: FIRST < armed -> set_alarm(FIRST)
				:: else
				fi;
				goto look
			fi
		:: watching > ceiling && watching == p	/* the job is before the watch */
		:: else
		fi;
		if
		:: p > ceiling -> ready[p] = false; begin(p); p = 0; goto code
		:: else -> p = 0
		fi;
		if
		:: handler[depth] -> handler[depth] = false; blocked = false; held = 0; goto look
		:: !handler[depth] && !depth && rests -> goto park
		:: else -> goto code
		fi
	};

park:
	atomic {
		if
		:: !ready[watching] -> watching = 0
		:: else
		fi;
		if
		:: READY || watching || remote_ready || time_bit
		:: else -> armed = NEVER
		fi;
		unwatched = FIRST != NEVER;
	};
end:
	atomic {
		READY || watching || remote_ready || time_bit || rings || kicks || FIRST <= now ->
#ifdef PARK_FORGETS
		time_bit = time_bit || FIRST <= now;
		unwatched = false;
#else
		time_bit = time_bit || unwatched;
#endif
		kicks = false;
		rings = false;
		p = 0
	};
	goto look
}

active proctype time()
{
	do
	:: atomic { now < 2 -> now++; rings = rings || armed <= now }
	:: else -> break
	od
}

active proctype sender()
{
	do
	:: atomic { sends < SENDS -> sends++; remote_ready = true; kicks = true }
	:: else -> break
	od
}
