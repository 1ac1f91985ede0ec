/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The entry stub of the upcall, and the kernel that redirects the thread to it from
 * hard irq, at any instruction, without end.
 *
 *	the thread is				then the kernel
 *	masked					sets READY_LOOK
 *	in the return range			sets masked, ip = again; the frame stays
 *	elsewhere, a level above the ceiling	saves ip, sets masked, ip = entry
 *
 *	entry:	copy the saved ip to the frame, save the registers	masked
 *	again:	run the dispatcher					masked
 *		masked = 0
 *	range:	if a level is above the ceiling: masked = 1, go to again
 *		restore the registers
 *		iretq
 *
 * What must hold: while a job, or idle, runs its own code, no ready job is above the ceiling,
 * and the registers are its own; each stub returns to the code that it interrupted; there is
 * at most one frame on the stack for each level.
 *
 * models: upcall_entry and what follows it in libshim/src/arch/x86_64/; rtfm_upcall()
 *	in kmod/arch/x86_64.c; rtfm_deliver_decide() in kmod/pure/deliver.h;
 *	dispatch_upcall(), choose(), run_above() in libshim/src/dispatch.c; rtfmx_begin()
 *	in libshim/include/rtfm/fast.h
 *
 * Each stub on the stack, with the job that it runs, is a process; only the topmost
 * moves.
 *
 * twin NO_RANGE: deep
 * twin RANGE_SHORT: deep
 * twin RANGE_UNMASKED: deep
 * twin CHECK_BEFORE_UNMASK: waiting
 * twin NO_CHECK: waiting
 * twin CHECK_UNMASKED: deep
 * twin NO_NOTE: waiting
 * twin SAVE_WHEN_MASKED: deep
 * twin MASKED_BY_STUB: deep
 * twin COPY_LATE: wrong_ip
 * twin LOWERED_UNMASKED: deep
 * twin AGAIN_SAVES_REGISTERS: wrong_registers
 */
#define LEVELS 2
#define DEPTH LEVELS

byte top;			/* the activation that runs; 0: idle */
byte ceiling;
bool masked, note;
byte ready, remote_ready;	/* bit p: level p, and a job in its ring */

byte upcall_ip;			/* in the control block: which activation was interrupted */
byte registers;			/* the CPU's; each activation writes its own number */
#define GARBAGE 99

#define OUTSIDE 0
#define RANGE 1
#define AGAIN 2
byte at[DEPTH + 1];		/* where the ip of an activation is, as far as it matters */

bool waiting, wrong_ip, wrong_registers, deep;

#define BIT(level)	(1 << (level))
#define ABOVE(bits, c)	((bits) >> ((c) + 1))
#define DUE		(ABOVE(ready, ceiling) || note)

/* A job's own code, or idle's, which an interrupt may be in the middle of. */
inline own_code()
{
	registers = _pid;
	d_step {
		waiting = ABOVE(ready | remote_ready, ceiling) != 0;
		assert(!waiting);
		wrong_registers = registers != _pid;
		assert(!wrong_registers)
	}
}

active proctype idle() provided (top == _pid)
{
end:
	own_code();
	goto end
}

/* Masked at the beginning and the end. */
inline job(level)
{
	ready = ready & ~BIT(level);
	ceiling = level;
	masked = false;
	/* rtfmx_begin(): what is above runs first, all of it at once */
	do
	:: DUE ->
		masked = true;
		note = false;
		d_step {
			ready = (ready | remote_ready) & (BIT(level + 1) - 1);
			remote_ready = 0
		};
		masked = false
	:: else -> break
	od;
	own_code();
#ifndef LOWERED_UNMASKED
	masked = true;
	ceiling = base
#else
	ceiling = base;
	masked = true
#endif
}

inline dispatcher()
{
	registers = GARBAGE;
	do
	:: note = false;
		d_step { ready = ready | remote_ready; remote_ready = 0 };
		if
		:: ready & BIT(2) && base < 2 -> job(2)
		:: !(ready & BIT(2)) && ready & BIT(1) && base < 1 -> job(1)
		:: else -> break
		fi
	od;
	registers = GARBAGE
}

/* One instruction of the return range, unless the kernel has moved the ip away. */
#define STEP	at[_pid] == RANGE ->
#define MOVED	:: at[_pid] == AGAIN -> goto again

active [DEPTH] proctype stub() provided (top == _pid)
{
	byte base, frame_ip, frame_registers;

end:
	masked = true;		/* entry: it is already, but see MASKED_BY_STUB */
#ifndef COPY_LATE
	frame_ip = upcall_ip;
#endif
	base = ceiling;
#ifndef AGAIN_SAVES_REGISTERS
	frame_registers = registers;
#endif
again:
	at[_pid] = OUTSIDE;
#ifdef AGAIN_SAVES_REGISTERS
	frame_registers = registers;
#endif
	dispatcher();
#ifdef CHECK_BEFORE_UNMASK
	if
	:: DUE -> goto again
	:: else
	fi;
#endif
	d_step { masked = false; at[_pid] = RANGE };
	if
#if !defined(CHECK_BEFORE_UNMASK) && !defined(NO_CHECK)
	:: atomic { STEP DUE ->
#ifndef CHECK_UNMASKED
		masked = true;
#endif
		at[_pid] = OUTSIDE;
		goto again
	}
	:: atomic { STEP !DUE }
#else
	:: STEP skip
#endif
	MOVED
	fi;
	if
	:: atomic { STEP registers = frame_registers }
	MOVED
	fi;
#ifdef RANGE_SHORT
	if
	:: atomic { STEP at[_pid] = OUTSIDE }
	MOVED
	fi;
#endif
#ifdef COPY_LATE
	frame_ip = upcall_ip;
#endif
	if
	:: atomic { at[_pid] != AGAIN ->
		wrong_ip = frame_ip != _pid - 1;
		assert(!wrong_ip);
		at[_pid] = OUTSIDE;
		base = 0;
		frame_ip = 0;
		frame_registers = 0;
		top--
	}
	MOVED
	fi;
	goto end
}

/* In hard irq: its own release, or the kick of another core. */
active proctype interrupt()
{
	byte level;
	bool look;

end:
	do
	:: atomic {
		if
		:: level = 1
		:: level = 2
		fi;
		if
		:: ready = ready | BIT(level); look = true
		:: remote_ready = remote_ready | BIT(level); look = level > ceiling
		fi;
		if
#ifndef SAVE_WHEN_MASKED
		:: look && masked ->
#ifndef NO_NOTE
			note = true
#endif
		:: look && !masked && ABOVE(ready | remote_ready, ceiling) ->
#else
		:: look && ABOVE(ready | remote_ready, ceiling) ->
#endif
			if
#ifndef NO_RANGE
			:: at[top] == RANGE ->
#ifndef RANGE_UNMASKED
				masked = true;
#endif
				at[top] = AGAIN
#endif
			:: else ->
				deep = top >= DEPTH;
				assert(!deep);
				upcall_ip = top;
#ifndef MASKED_BY_STUB
				masked = true;
#endif
				top++
			fi
		:: else
		fi;
		level = 0;
		look = false
	}
	od
}
