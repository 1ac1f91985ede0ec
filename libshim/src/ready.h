/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * remote_ready: how a thread on another CPU makes a level ready on a core, and how the
 * core takes the bits over. Both sides are in this file; rtfmx_unlock(), which applications
 * inline, has a copy of ready_lower().
 *
 * The sender sets a bit and then checks whether the receiver has to be kicked. The receiver
 * changes the word that the sender checks, and then checks the bits. With a full fence
 * between the two steps on both sides at least one sees the other's store. Without one of
 * the fences both may see the old value: neither acts, and the job is delayed until another
 * event.
 *
 *	receiver				sender, ready_post()
 *	ceiling = old		ready_lower()	remote_ready |= bits
 *	J: fence				M: fence (the OR is one)
 *	look at ready | remote_ready		look at state and ceiling
 *
 *	state = PARKED		ready_rest()	the same
 *	K: fence
 *	anything ready? then do not sleep	PARKED: wake
 *	state = RUNNING		ready_resume()
 *	L: fence
 *	look
 *
 * L is for POLLING, where the sender does not kick: a sender that still read POLLING has
 * set its bit before the receiver checks. A core that begins to poll needs no fence, because
 * it checks again and again until it finds a bit. A core to which no other core sends has no J.
 *
 * A message to a core that polls is one cache line: the sender writes the cell (cell.h) and
 * does not touch remote_ready. The core checks the cells that can be the next to be full,
 * while it polls and once more after it has stored RUNNING:
 *
 *	receiver, POLLING			sender, ready_post_cell()
 *	a cell full, or a bit set?		write the cell
 *	state = RUNNING		ready_resume()	M: fence
 *	L: fence				look at state
 *	look at cells, remote_ready		POLLING: nothing more; RUNNING: ready_post()
 *
 * The racing accesses, and what orders them:
 *
 *	state = RUNNING against the look at	L and M: if the sender reads POLLING, its
 *	state; the cell against the look	cell is seen by the look that follows L. If
 *	at the cells				it reads RUNNING, it sets the bit: J and M
 *	state = POLLING against the look at	none needed: a sender that reads RUNNING
 *	state					sets the bit, and polling ends with a bit
 *	seq against seq, and what is in the	D and E, H and A: cell.h
 *	cell
 *	the sender's second look at seq, in	none needed: the number is the sender's, the
 *	place of a kick				receiver alone changes it, and only when it
 *						has taken the message and is about to run it
 *	&struct inbox.next, .full: a doorbell	program order; a handler writes them only if
 *	in the middle of ready_cells()		the state is RUNNING and masked is 0, and
 *						they are read while polling or masked
 *	a doorbell between the store of		program order: masked, it starts no job; then
 *	RUNNING and the look			RTFM_READY_LOOK is set, and the first that
 *						looks, the core or a doorbell, looks at the
 *						cells before it starts one
 *
 * A job that arrives while the core polls runs in RUNNING, because one of a higher level has
 * to preempt it. If the core has no task of a higher level the job runs in POLLING, without
 * fence L: a sender that only writes its cell is correct then, because its message has to
 * wait in any case (dispatch_cell()). A core with more inboxes than it can check in a
 * short time has no watched cells: its senders set the bit (&struct core.nwatched).
 *
 * V is about kicks that need not be repeated; it is explained at post() in ready.c.
 *
 * Models: wakeup (J, M), park (K, L, M), poll (L, M, cells), coalesce (V).
 */
#ifndef RTFM_SRC_READY_H
#define RTFM_SRC_READY_H

#include <ceiling.h>

#include "compiler.h"
#include "core.h"

/* &struct core.kicked before the first kick. An epoch has 55 bits, so no epoch is equal. */
#define READY_NOT_KICKED	(~0ull)
#define READY_EPOCH_MASK	((1ull << 55) - 1)

/* A core that polls checks at most this many cells: one load each, mostly from its cache. */
#define READY_MAX_WATCHED 32

/* Set bits of another core's remote_ready, and kick it if it has to check them now. */
void ready_post(struct core *target, uint64_t bits) INTERNAL;
/* The same for a message in @cell whose seq is @full; if the core polls, sets no bit. */
void ready_post_cell(struct core *target, uint32_t level, const struct cell *cell,
		     uint32_t full) INTERNAL;

/**
 * ready_take_over() - move bits of remote_ready to ready
 * @core: the calling core, masked
 *
 * Return: the bits, and the attention bits of ready, which are cleared there; but
 * %RTFM_READY_STOP stays.
 */
uint64_t ready_take_over(struct core *core) INTERNAL;

/* Before the first bit is posted. */
static inline void ready_init(struct core *core)
{
	core->kicked = READY_NOT_KICKED;
}

/* Is an attention bit or a bit of remote_ready set? Then the core calls ready_take_over(). */
static inline bool ready_news(const struct core *core)
{
	const struct rtfm_ctl *ctl = core->pub.ctl;

	return RTFMX_LOAD(&ctl->ready) & RTFM_READY_ATTENTION || RTFMX_LOAD(&ctl->remote_ready);
}

static inline bool ready_any(const struct core *core)
{
	const struct rtfm_ctl *ctl = core->pub.ctl;

	return RTFMX_LOAD(&ctl->ready) | RTFMX_LOAD(&ctl->remote_ready);
}

/* The levels, a bit each, that have a message in a watched cell. Polling, or masked. */
static inline uint32_t ready_cells(const struct core *core)
{
	uint32_t levels = 0, i;

	for (i = 0; i < core->nwatched; i++) {
		const struct inbox *inbox = &core->inboxes[i];

		if (RTFMX_LOAD(&inbox->next->seq) == inbox->full)
			levels |= 1u << inbox->level;
	}
	return levels;
}

/* The same as ready_any() for a core that polls. */
static inline bool ready_seen(const struct core *core)
{
	return ready_any(core) || ready_cells(core);
}

/*
 * Is a bit above the ceiling set? Called while not masked: a delivery before, while the thread
 * was masked, has left a bit; one after it interrupts the thread, or is seen here, or both.
 */
static inline HOT bool ready_due(const struct core *core, uint32_t ceiling)
{
	const struct rtfm_ctl *ctl = core->pub.ctl;

	/* or the compiler keeps its last six bits, for the shift that takes no more */
	if (ceiling > 63)
		__builtin_unreachable();
	return RTFMX_UNLIKELY(rtfmx_due(RTFMX_LOAD(&ctl->ready) | RTFMX_LOAD(&ctl->remote_ready),
					ceiling));
}

/* Lower the ceiling. The caller checks for ready levels after it: ready_due(). */
static inline HOT void ready_lower(struct core *core, uint32_t ceiling)
{
	RTFMX_BARRIER();
	RTFMX_STORE(&core->pub.ctl->ceiling, ceiling);
	RTFMX_BARRIER();
	if (RTFMX_UNLIKELY(core->remote))
		RTFMX_FENCE();	/* J: pairs with M in ready_post() */
}

/*
 * The core is about to sleep or to poll: the caller checks once more after it, with
 * ready_any() or, if it polls, ready_seen().
 */
static inline void ready_rest(struct core *core, uint32_t state)
{
	RTFMX_STORE(&core->pub.ctl->state, state);
	if (state != RTFM_STATE_POLLING)
		RTFMX_FENCE();	/* K: pairs with M in ready_post() */
}

/*
 * The core runs again: the caller's next check finds all bits and cells, and senders after it
 * kick. Masked in between: otherwise a doorbell could start a job there before the cells have
 * been checked.
 */
static inline void ready_resume(struct core *core)
{
	struct rtfm_ctl *ctl = core->pub.ctl;

	RTFMX_STORE(&ctl->masked, 1);
	RTFMX_BARRIER();
	RTFMX_STORE(&ctl->state, RTFM_STATE_RUNNING);
	RTFMX_FENCE();	/* L: pairs with M in ready_post() and ready_post_cell() */
	if (ready_cells(core))
		rtfmx_local_or(&ctl->ready, RTFM_READY_LOOK);
	RTFMX_BARRIER();
	RTFMX_STORE(&ctl->masked, 0);
	RTFMX_BARRIER();
}

#endif /* RTFM_SRC_READY_H */
