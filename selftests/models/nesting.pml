/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The depth of nested doorbells: doorbells and jobs may arrive at any time, without end, but
 * the number of handlers on the stack is never more than the number of levels plus one.
 *
 * The kernel blocks the doorbell while its handler runs, because the handler has no
 * SA_NODEFER. The handler unblocks it for the jobs that it runs. After a job it masks before
 * it lowers the ceiling, and blocks the doorbell again before it clears masked. The return
 * of a handler unblocks the doorbell, because the code to which it returns had it unblocked.
 *
 * models: dispatch_doorbell(), dispatch_pending(), run_above() in
 *	libshim/src/dispatch.c; doorbell() in doorbell.c; rtfmx_begin() in libshim/include/rtfm/fast.h
 *
 * Each activation on the stack, a look with the job that it runs, is a process; only
 * the topmost moves. A job may look directly, as at the end of a lock;
 * such a look lowers the ceiling unmasked, and a handler may find it there, but one.
 *
 * twin NO_REBLOCK: deep
 * twin REBLOCK_AFTER_UNMASK: deep
 * twin NO_UNBLOCK: closed
 * twin UNBLOCK_UNMASKED: deep
 * twin LOWERED_UNMASKED: deep
 */
#define LEVELS 2
#define DEPTH (2 * LEVELS + 2)	/* for each ceiling, a direct look and a handler on top of it */

byte top;			/* the activation that runs; 0: idle */
byte ceiling;
bool masked, note;
byte ready;			/* bit p: level p, and a job in its ring */
bool pending, blocked;		/* the doorbell */
bool handler[DEPTH + 1];	/* this activation is the handler's */
byte handlers;
bool deep, closed;

#define BIT(level)	(1 << (level))
#define ABOVE(c)	(ready >> ((c) + 1))

inline call()
{
	atomic { assert(top < DEPTH); top++ }
}

/* In a job or idle. */
inline own_code()
{
	d_step { closed = blocked; assert(!closed) };
	do
	:: true -> call()
	:: break
	od
}

active proctype idle() provided (top == _pid)
{
end:
	own_code();
	goto end
}

inline block()
{
	if
	:: handler[_pid] -> blocked = true
	:: else
	fi
}

/* run_above() */
inline job(level)
{
	ready = ready & ~BIT(level);
#ifdef UNBLOCK_UNMASKED
	masked = false;
#endif
#ifndef NO_UNBLOCK
	if
	:: handler[_pid] -> blocked = false
	:: else
	fi;
#endif
	ceiling = level;
	masked = false;			/* rtfmx_begin() */
	if
	:: ABOVE(level) || note -> call()
	:: else
	fi;
	own_code();
#ifndef LOWERED_UNMASKED
	if
	:: handler[_pid] -> masked = true
	:: else		/* dispatch_pending() */
	fi;
#endif
	ceiling = base;
	masked = true
}

active [DEPTH] proctype activation() provided (top == _pid)
{
	byte base;

end:
	do
	:: base = ceiling;
		do
		:: masked = true;
			do
			:: note = false;
				if
				:: ready & BIT(2) && base < 2 -> job(2)
				:: !(ready & BIT(2)) && ready & BIT(1) && base < 1 -> job(1)
				:: else -> break
				fi
			od;
#if !defined(NO_REBLOCK) && !defined(REBLOCK_AFTER_UNMASK)
			block();
#endif
			masked = false;
#ifdef REBLOCK_AFTER_UNMASK
			block();
#endif
			if
			:: note || ABOVE(base)
			:: else -> break
			fi
		od;
		base = 0;
		d_step {
			/* sigreturn */
			if
			:: handler[_pid] -> handler[_pid] = false; handlers--; blocked = false
			:: else
			fi;
			top--
		}
	od
}

/* The kernel, and others: jobs, doorbells, without end. */
active proctype storm()
{
end:
	do
	:: d_step { !pending -> pending = true }
	:: ready != 6 -> ready = 6
	:: atomic {
		pending && !blocked -> pending = false;
		if
		:: masked -> note = true
		:: else ->
			deep = handlers > LEVELS;
			assert(!deep);
			call();
			handler[top] = true;
			handlers++;
			blocked = true
		fi
	}
	od
}
