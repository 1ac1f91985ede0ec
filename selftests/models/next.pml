/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The timer queue of a core in user space: another core requests the release of a job, and
 * notifies the core only if the instant is before the one at which the core has promised to
 * process its timers. A request must not be in the ring after its instant, unless the core
 * has been notified. A job may also cancel the timer for which the promise was made: then the
 * core sleeps, with a later promise, without a call of timer_expire() in between.
 *
 * models: timer_submit(), ask(), drain(), timer_expire(), asked() in libshim/src/timer.c;
 *	timer_promise() in timer.h; expire(), park() in libshim/src/engine_soft.c. The states
 *	of the slot: timer.pml. When the alarm is armed: watch.pml
 *
 * twin NO_SENDER_FENCE: overdue
 * twin NO_RECEIVER_FENCE: overdue
 * twin ASKED_BEFORE_NEXT: overdue
 * twin NOT_ASKED_AGAIN: overdue
 * twin ASKED_CLEARED_AFTER: overdue
 * twin PARK_NOT_ASKED: overdue
 * twin NO_PARK_FENCE: overdue
 */
#define CPUS 2
#define VARS 3
#define DEPTH 2
#define SENDER 0
#define CORE 1
#include "tso.h"

#define NEXT 0			/* timers.next, as NEVER less it: memory begins as 0 */
#define TAIL 1
#define ASKED 2			/* the sender's bit */

#define NEVER 9
#define REQUESTS 2

byte ring[REQUESTS];		/* instants, 1 or 2 */
byte head;
byte queue[3];
byte deadline = NEVER;		/* of the alarm, or of the sleep */
byte now;
bool told;			/* RTFM_READY_TIME is on its way */
bool asking, looking;
bool overdue;

#define FIRST (queue[1] -> 1 : (queue[2] -> 2 : NEVER))

active proctype sender()
{
	byte n, instant, next;

	do
	:: n < REQUESTS ->
		asking = true;
		if
		:: instant = 1
		:: instant = 2
		fi;
		ring[n] = instant;
		n++;
		STORE(SENDER, TAIL, n);
#ifdef NO_SENDER_FENCE
		STORE(SENDER, ASKED, 1);
#else
		ATOMIC_OR(SENDER, ASKED, 1);
#endif
		next = NEVER - LOAD(SENDER, NEXT);
		if
		:: instant < next -> told = true
		:: else
		fi;
		next = 0;
		asking = false
	:: else -> break
	od
}

/* Processes its timers when it is notified, when the alarm expires, and at any other time. */
active proctype core()
{
	byte looks, cancels, senders;
	bool own;	/* a timer of its own is queued for instant 1 */

end:
	do
	:: d_step { own && queue[1] && !cancels -> cancels++; own = false; looking = true };
		queue[1]--;
		STORE(CORE, NEXT, NEVER - FIRST);
		deadline = FIRST;
#ifndef NO_PARK_FENCE
		FENCE(CORE);
#endif
#ifndef PARK_NOT_ASKED
		if
		:: LOAD(CORE, ASKED) -> goto expire
		:: else
		fi;
#endif
		looking = false
	:: d_step { told -> told = false; looking = true }; goto expire
	:: d_step { deadline != NEVER ->
			now = (deadline > now -> deadline : now);
			deadline = NEVER;
			looking = true
		};
		goto expire
	:: d_step { looks < 1 -> looks++; looking = true };
		queue[1]++;	/* it schedules something */
		own = true;
expire:
		do
		::
			if
			:: LOAD(CORE, ASKED) ->
#ifndef ASKED_CLEARED_AFTER
				EXCHANGE(CORE, ASKED, 0, senders);
#endif
				do
				:: head < LOAD(CORE, TAIL) -> queue[ring[head]]++; head++
				:: else -> break
				od;
#ifdef ASKED_CLEARED_AFTER
				EXCHANGE(CORE, ASKED, 0, senders);
#endif
				senders = 0
			:: else
			fi;
			d_step {
				queue[1] = (now >= 1 -> 0 : queue[1]);
				own = own && now < 1;
				queue[2] = (now >= 2 -> 0 : queue[2])
			};
#ifdef ASKED_BEFORE_NEXT
			if
			:: LOAD(CORE, ASKED) -> skip
			:: else -> STORE(CORE, NEXT, 0); break
			fi
#else
			STORE(CORE, NEXT, 0);
#ifndef NO_RECEIVER_FENCE
			FENCE(CORE);
#endif
#ifdef NOT_ASKED_AGAIN
			break
#else
			if
			:: LOAD(CORE, ASKED)
			:: else -> break
			fi
#endif
#endif
		od;
		STORE(CORE, NEXT, NEVER - FIRST);
		deadline = FIRST;
		looking = false
	od
}

active proctype quiet()
{
end:
	atomic {
		!asking && !looking && !told && empty(buffer[0]) && empty(buffer[1]) &&
		head < mem[TAIL];
		overdue = deadline > now && ring[head] < deadline;
		assert(!overdue)
	}
}
