/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The ceiling protocol on one core: jobs lock, unlock and spawn. Between any two of their
 * steps an interrupt makes a job ready, or notifies the core that another core did. If the
 * job is above the ceiling and the core is not masked, the interrupt runs the dispatcher on
 * top of the current code.
 *
 * What must hold: a job starts only above the ceiling; while a job, or idle, runs its own
 * code, no ready job is above the ceiling; a resource has one user; in the end all jobs have
 * run. For the depth of the stack see nesting.pml and upcall.pml.
 *
 * models: rtfmx_lock(), rtfmx_unlock(), rtfmx_spawn_local(), rtfmx_begin() in
 *	libshim/include/rtfm/fast.h; ready_take_over(), ready_due() in
 *	libshim/src/ready.[ch]; queue_pop_common() in libshim/src/queue.h; run_above(),
 *	choose(), dispatch_pending(), dispatch_doorbell() in libshim/src/dispatch.c;
 *	doorbell() in libshim/src/doorbell.c;
 *	rtfm_deliver_decide() for a thread in user mode in kmod/pure/deliver.h
 *
 * Each activation on the stack, a look with the job that it runs, is a process; only
 * the topmost moves.
 *
 * twin NO_LOOK_AFTER_UNLOCK: waiting
 * twin NO_LOOK_AFTER_SPAWN: waiting
 * twin NO_LOOK_AT_BEGIN: waiting
 * twin LOOK_BEFORE_UNMASK: waiting
 * twin TAKE_BEFORE_CLEAR: waiting
 * twin CLEAR_BIT_AFTER_POP: waiting
 * twin NO_NOTE: waiting
 * twin UNMASK_BEFORE_CEILING: too_low
 * twin LOCK_LOWERS: waiting
 * twin NO_CEILING: shared
 * twin UNLOCK_LOWERS: waiting
 */
#define LEVELS 2
#define DEPTH 5			/* enough for so few interrupts */
#define INTERRUPTS 2
#define SPAWNS 1
#define ACTIONS 1		/* of idle */

byte top;			/* the activation that runs; 0: idle */
byte ceiling;
bool masked, note;
byte ready, remote_ready;	/* bit p: level p */
byte ring[LEVELS + 1];		/* how many jobs are in it */
byte spawns, interrupts;

/* what the model knows and the code need not */
bool handler[DEPTH + 1];	/* this activation was called by an interrupt */
byte chosen[DEPTH + 1];		/* level of the job of an activation, 0: none */
byte users;			/* of the resource, whose ceiling is 2 */
bool waiting, too_low, shared, deep, left;

#define BIT(level)	(1 << (level))
#define ABOVE(bits, c)	((bits) >> ((c) + 1))
#define DUE		(ABOVE(ready, ceiling) || note)

/* The job's own code, or idle's: here nothing may be waiting. */
inline own_code()
{
	d_step {
		waiting = ring[1] && ceiling < 1 || ring[2] && ceiling < 2;
		assert(!waiting)
	}
}

/* A call: the activation above runs until it returns. */
inline dispatch()
{
	d_step { deep = top >= DEPTH; assert(!deep); top++ }
}

inline lock(old, to)
{
	old = ceiling;
#ifdef LOCK_LOWERS
	ceiling = to
#else
#ifndef NO_CEILING
	if
	:: old < to -> ceiling = to
	:: else
	fi
#endif
#endif
}

inline unlock(old)
{
#ifdef UNLOCK_LOWERS
	ceiling = chosen[_pid];
#else
	ceiling = old;
#endif
#ifndef NO_LOOK_AFTER_UNLOCK
	if
	:: ABOVE(ready | remote_ready, old) || note -> dispatch()
	:: else
	fi
#endif
}

inline spawn(level)
{
	masked = true;
	ring[level]++;
	ready = ready | BIT(level);
	masked = false;
#ifndef NO_LOOK_AFTER_SPAWN
	if
	:: DUE -> dispatch()
	:: else
	fi
#endif
}

/* What a job of level 2 does, which needs no lock, and what others do. */
inline act(level)
{
	own_code();
	if
	:: level == 2 -> d_step { shared = users > 0; assert(!shared) }
	:: level < 2 ->
		lock(outer, 2);
		d_step { users++; shared = users > 1; assert(!shared) };
		own_code();
		if
		:: true
		:: lock(inner, 1); own_code(); unlock(inner); own_code()
		fi;
		users--;
		unlock(outer)
	:: atomic { spawns < SPAWNS -> spawns++ }; spawn(1)
	:: atomic { spawns < SPAWNS -> spawns++ }; spawn(2)
	:: skip
	fi;
	own_code()
}

active proctype idle() provided (top == _pid)
{
	byte n, outer, inner;

	do
	:: n < ACTIONS -> n++; act(0)
	:: else -> break
	od;
	interrupts == INTERRUPTS;
	d_step {
		left = ring[1] || ring[2] || ceiling || masked || users;
		assert(!left)
	}
}

inline take_over()
{
#ifndef TAKE_BEFORE_CLEAR
	note = false;
#endif
	d_step { ready = ready | remote_ready; remote_ready = 0 };
#ifdef TAKE_BEFORE_CLEAR
	note = false
#endif
}

/* From the choice of the job, which has been taken out of its ring, to its end. */
inline job(level)
{
	d_step {
		too_low = level <= chosen[1] || level <= chosen[2] || level <= chosen[3] ||
			level <= chosen[4] || level <= chosen[5];
		assert(!too_low);
		chosen[_pid] = level
	};
#ifdef UNMASK_BEFORE_CEILING
	masked = false;
#endif
	ceiling = level;
#ifndef UNMASK_BEFORE_CEILING
	masked = false;
#endif
#ifndef NO_LOOK_AT_BEGIN
	if
	:: DUE -> dispatch()
	:: else
	fi;
#endif
	act(level);
	if
	:: handler[_pid] -> masked = true
	:: else
	fi;
	d_step { chosen[_pid] = 0; ceiling = base }
}

inline run_highest(level)
{
#ifndef CLEAR_BIT_AFTER_POP
	ready = ready & ~BIT(level);
#endif
	if
	:: ring[level] ->
		ring[level]--;
		ready = ready | BIT(level);	/* there may be more */
		job(level)
	:: else
#ifdef CLEAR_BIT_AFTER_POP
		-> ready = ready & ~BIT(level)
#endif
	fi
}

/*
 * A look, called by a job (dispatch_pending()) or by an interrupt, again and again. The
 * one unmasks after each job, the other after the last.
 */
active [DEPTH] proctype activation() provided (top == _pid)
{
	byte base, outer, inner;
	bool again;

end:
	do
	:: base = ceiling;
		do
		:: masked = true;
			if
			:: note || remote_ready -> take_over()
			:: else
			fi;
			if
			:: ready & BIT(2) && base < 2 -> run_highest(2)
			:: !(ready & BIT(2)) && ready & BIT(1) && base < 1 -> run_highest(1)
			:: else -> goto nothing
			fi;
			if
			:: handler[_pid] -> goto next
			:: else
			fi;
nothing:
#ifdef LOOK_BEFORE_UNMASK
			again = ABOVE(ready | remote_ready, base) || note;
#endif
			masked = false;
#ifndef LOOK_BEFORE_UNMASK
			again = ABOVE(ready | remote_ready, base) || note;
#endif
			if
			:: again
			:: else -> break
			fi;
next:
			skip
		od;
		again = false;
		d_step { handler[_pid] = false; base = 0; outer = 0; inner = 0; top-- }
	od
}

/* The kernel in hard irq: its own release, or another core's kick. */
active proctype interrupt()
{
	byte level;
	bool kick;

	do
	:: atomic {
		interrupts < INTERRUPTS ->
		interrupts++;
		if
		:: level = 1
		:: level = 2
		fi;
		ring[level]++;
		if
		:: ready = ready | BIT(level); kick = true
		:: remote_ready = remote_ready | BIT(level); kick = level > ceiling
		fi;
		if
		:: kick && masked ->
#ifndef NO_NOTE
			note = true
#endif
		:: kick && !masked && ABOVE(ready | remote_ready, ceiling) ->
			dispatch();
			handler[top] = true
		:: else
		fi;
		level = 0;
		kick = false
	}
	:: else -> break
	od
}
