/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Kicks that are skipped. A kick is a system call. A sender skips it if another sender has
 * completed a kick after which the receiver has not checked its ready words yet. What must
 * hold: when no process can take a step, every job above the ceiling whose sender has
 * finished ready_post() has been taken; also if another sender has stopped half-way, or a
 * job below never ends.
 *
 * models: ready_post(), ready_take_over() in libshim/src/ready.c; choose(),
 *	dispatch_pending(), dispatch_doorbell() in libshim/src/dispatch.c; doorbell()
 *	in libshim/src/doorbell.c;
 *	rtfmx_begin() in libshim/include/rtfm/fast.h; rtfm_deliver_decide() in kmod/pure/deliver.h
 *
 * A kick says something only of levels up to its own: the kernel may have answered it
 * with nothing, if the ceiling had been raised to that level meanwhile. (NO_LEVEL)
 *
 * The accesses are sequentially consistent in the code, or have a fence in between:
 * that one is in wakeup.pml. The order of the two loads of the last comparison is
 * the compiler's choice, so both are tried.
 *
 * twin COUNT_BEFORE_ONLY: lost
 * twin KICKED_BEFORE_KICK: lost
 * twin EPOCH_AFTER_BIT: lost
 * twin NO_NOTE: lost
 * twin NO_LEVEL: lost
 */
#define SENDS 3			/* of both senders */

byte ceiling;
byte remote_ready, ready;	/* bit 0: level 1, bit 1: level 2 */
bool masked, note;
bool kick;			/* the doorbell signal is pending; it is not queued twice */
byte unposted;			/* the bit of a sender that has stopped half-way */
byte sends, finished;
bool lost;

/*
 * The epoch, and what is known of it, relative to the epoch now: how long ago it
 * was. It is compared for equality only, and this has fewer states.
 */
#define NEVER 255		/* NOT_KICKED */
byte kicked = NEVER;
byte kicked_level;		/* the level of that kick; one word with kicked */
byte seen[2] = NEVER;		/* by a sender, before it set its bit */
byte loaded[2] = NEVER;		/* for the comparison */

inline older(what)
{
	if
	:: what < NEVER -> what++
	:: else
	fi
}

inline next_epoch()
{
	d_step {
		older(kicked);
		older(seen[0]); older(loaded[0]);
		older(seen[1]); older(loaded[1])
	}
}

/*
 * The doorbell falls upon the receiver anywhere. Masked, it leaves a note. The kernel
 * does without if nothing is above the ceiling, which may have been raised after the
 * sender has seen it.
 */
active proctype doorbell()
{
end:
	do
	:: atomic {
		kick && masked -> kick = false;
#ifndef NO_NOTE
		note = true
#endif
	}
	:: d_step { kick && !masked && (ready | remote_ready) >> ceiling == 0 -> kick = false }
	od
}

inline take_over()
{
	note = false;
	if
	:: remote_ready ->
		next_epoch();
		d_step { ready = ready | remote_ready; remote_ready = 0 };
#ifndef COUNT_BEFORE_ONLY
		next_epoch()
#endif
	:: else
	fi
}

inline quiet()
{
	atomic {
		finished == 2 && !kick ->
		lost = ((remote_ready | ready) & ~unposted) >> ceiling != 0;
		assert(!lost);
		goto over
	}
}

/* look() with the ceiling at 1. Jobs of level 2 are over at once. */
inline look_in_job()
{
	do
	:: masked = true;
		do
		:: take_over();
			if
			:: d_step { ready & 2 -> ready = ready & 1 }
			:: else -> break
			fi
		od;
		masked = false;
		/*
		 * A doorbell that falls here looks, all of it, and comes back: the
		 * same as one that falls after this look.
		 */
		if
		:: note || ready & 2
		:: else -> break
		fi
	od
}

/* At any time, without end. */
inline job_of_level_1()
{
	d_step { ready = ready & 2; ceiling = 1 };
	/* rtfmx_begin() */
	masked = false;
	if
	:: note || ready & 2 -> look_in_job()
	:: else
	fi;
	do
	:: atomic { kick -> kick = false }; look_in_job()
	:: quiet()
	:: break
	od;
	masked = true;
	ceiling = 0
}

inline look()
{
	do
	:: masked = true;
		do
		:: take_over();
			if
			:: d_step { ready & 2 -> ready = ready & 1 }
			:: ready == 1 -> job_of_level_1()
			:: else -> break
			fi
		od;
		masked = false;
		if
		:: note || ready
		:: else -> break
		fi
	od
}

active proctype receiver()
{
	do
	:: atomic { kick -> kick = false }; look()
	:: quiet()
	od;
over:
	skip
}

#define me	(level - 1)

#ifdef NO_LEVEL
#define ENOUGH	true
#else
#define ENOUGH	(kicked_level >= level)
#endif


inline may_stop()
{
	if
	:: skip
	:: atomic { !unposted -> unposted = level; goto stop }
	fi
}

active [2] proctype sender()
{
	byte level = _pid - 1;

	do
	:: atomic { sends < SENDS -> sends++ };
#ifndef EPOCH_AFTER_BIT
		seen[me] = 0;
#endif
		remote_ready = remote_ready | level;
		may_stop();
#ifdef EPOCH_AFTER_BIT
		seen[me] = 0;
#endif
		if
		:: ceiling >= level -> goto next
		:: else
		fi;
		if
		:: loaded[me] = (ENOUGH -> kicked : NEVER);
			if
			:: loaded[me] == 0 -> goto next
			:: else
			fi
		:: loaded[me] = 0;
			if
			:: loaded[me] == kicked && ENOUGH -> goto next
			:: else
			fi
		fi;
		loaded[me] = NEVER;
#ifdef KICKED_BEFORE_KICK
		d_step { kicked = seen[me]; kicked_level = level };
		may_stop();
		kick = true;
#else
		kick = true;
		may_stop();
		d_step { kicked = seen[me]; kicked_level = level };
#endif
next:
		skip;
		d_step { seen[me] = NEVER; loaded[me] = NEVER }
	:: break
	od;
stop:
	finished++
}
