/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Doorbells in flight: a poke is not sent twice, the bell thread is not woken twice
 * (PREEMPT_RT), a real-time signal is not queued twice. Each step is skipped if an earlier
 * one is still pending. What must hold: a bit that was set before the step is checked
 * after it.
 *
 * models: rtfm_release_poke(), on_poke() in kmod/release.c; rtfm_doorbell_ring(),
 *	bell_thread(), send_bell(), bell_pending() in kmod/doorbell.c; doorbell() in
 *	libshim/src/doorbell.c
 *
 * The bits are plain words here: all that orders them are the locks and fences of the
 * steps, each of which is one step of the model.
 *
 * twin POKED_CLEARED_LATE: lost
 * twin RUNG_CLEARED_LATE: lost
 * twin SLEEPS_WITHOUT_LOOKING: lost
 * twin STATE_AFTER_LOOK: lost
 * twin PENDING_CLEARED_LATE: lost
 * twin BITS_AFTER_RING: lost
 */
#define SENDS 2
#define RELEASES 1

bool remote, ready;		/* the bits */
bool locked;			/* core->lock */
bool poked, csd;		/* sent, not yet begun; the csd is queued */
bool rung;
bool bell_runs = true;		/* task state of the bell thread */
bool bell_sleeps;
bool pending;			/* the signal is in the thread's queue */
bool lost;

inline lock()
{
	atomic { !locked -> locked = true }
}

/* Above the ceiling, and not parked. */
inline deliver_look()
{
	if
	:: remote || ready ->
		if
		:: rung		/* exchange */
		:: d_step { !rung -> rung = true };
			bell_runs = true
		fi
	:: else
	fi
}

active [2] proctype sender()
{
	byte n;

	do
	:: n < SENDS ->
		n++;
#ifndef BITS_AFTER_RING
		remote = true;
#endif
		lock();
		if
		:: !poked -> poked = true; csd = true
		:: else
		fi;
		locked = false
#ifdef BITS_AFTER_RING
		; remote = true
#endif
	:: else -> break
	od
}

/* Hard irq on the core's CPU: the csd, and a timer. */
active proctype interrupt()
{
	byte n;

end:
	do
	:: csd ->
		csd = false;	/* it can be sent again when its function begins */
#ifdef POKED_CLEARED_LATE
		deliver_look();
		lock();
		poked = false;
		locked = false
#else
		lock();
		poked = false;
		deliver_look();
		locked = false
#endif
	:: n < RELEASES ->
		n++;
		lock();
		ready = true;
		deliver_look();
		locked = false
	od
}

active proctype bell_thread()
{
end:
	do
	::
#ifndef STATE_AFTER_LOOK
		bell_runs = false;
#endif
		if
#ifndef RUNG_CLEARED_LATE
		:: d_step { rung -> rung = false };	/* exchange */
#else
		:: rung ->
#endif
			bell_runs = true;
			/* send_bell(); siglock is what makes this one step */
			if
			:: pending
			:: d_step { !pending -> pending = true }
			fi;
#ifdef RUNG_CLEARED_LATE
			rung = false
#endif
#ifndef SLEEPS_WITHOUT_LOOKING
		:: !rung ->
#else
		:: true ->
#endif
#ifdef STATE_AFTER_LOOK
			bell_runs = false;
#endif
end_asleep:
			bell_runs
		fi
	od
}

/* The signal is taken off the queue, then the handler looks. */
active proctype thread()
{
end:
	do
	:: pending ->
#ifndef PENDING_CLEARED_LATE
		pending = false;
#endif
		d_step { remote = false; ready = false };
#ifdef PENDING_CLEARED_LATE
		pending = false
#endif
	od
}

active proctype quiet()
{
end:
	timeout;
	lost = remote || ready;
	assert(!lost)
}
