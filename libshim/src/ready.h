/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * remote_ready: how a thread on another CPU makes something ready on a core, and how the
 * core takes it over. Both halves are in this room; rtfmx_unlock(), which applications
 * inline, has a copy of ready_lower().
 *
 * The sender sets a bit and then looks whether the receiver has to be kicked. The receiver
 * changes the word that the sender looks at, and then looks for bits. With a full fence
 * between the two steps on both sides at least one sees the other's store. Without one of
 * the fences both may see the old value: nobody acts, and the job waits until something
 * else happens.
 *
 *	receiver				sender, ready_post()
 *	ceiling = old		ready_lower()	remote_ready |= bits
 *	J: fence				M: fence (the OR is one)
 *	look at ready | remote_ready		look at state and ceiling
 *
 *	state = PARKED|POLLING	ready_rest()	the same
 *	K: fence
 *	anything ready? then do not sleep	PARKED: wake; POLLING: no kick
 *	state = RUNNING		ready_resume()
 *	L: fence
 *	look
 *
 * L is for POLLING, where the sender does not kick: a sender that still read POLLING has
 * set its bit before the receiver looks. A core to which no other core sends has no J.
 *
 * V is about kicks that need not be repeated; it stands with ready_post().
 *
 * Models: wakeup (J, M), park (K, L, M), coalesce (V).
 */
#ifndef RTFM_SRC_READY_H
#define RTFM_SRC_READY_H

#include <ceiling.h>

#include "compiler.h"
#include "core.h"

/* &struct core.kicked when nobody has kicked. An epoch has 55 bits and is never that. */
#define READY_NOT_KICKED	(~0ull)
#define READY_EPOCH_MASK	((1ull << 55) - 1)

/* Set bits of another core's remote_ready and kick it if it has to look now. */
void ready_post(struct core *target, uint64_t bits) INTERNAL;

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

/* Is there anything but levels that are in ready already? Then ready_take_over(). */
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

/*
 * Is there anything to do above the ceiling? Asked while not masked: what came before,
 * while masked, left a bit; what comes later interrupts, or is seen here, or both.
 */
static inline HOT bool ready_due(const struct core *core, uint32_t ceiling)
{
	const struct rtfm_ctl *ctl = core->pub.ctl;

	return RTFMX_UNLIKELY(rtfmx_due(RTFMX_LOAD(&ctl->ready) | RTFMX_LOAD(&ctl->remote_ready),
					ceiling));
}

/* Lower the ceiling. The caller looks for what is ready after it: ready_due(). */
static inline HOT void ready_lower(struct core *core, uint32_t ceiling)
{
	RTFMX_BARRIER();
	RTFMX_STORE(&core->pub.ctl->ceiling, ceiling);
	RTFMX_BARRIER();
	if (RTFMX_UNLIKELY(core->remote))
		RTFMX_FENCE();	/* J: pairs with M in ready_post() */
}

/* The core is about to sleep or to poll: the caller looks once more, ready_any(). */
static inline void ready_rest(struct core *core, uint32_t state)
{
	RTFMX_STORE(&core->pub.ctl->state, state);
	RTFMX_FENCE();	/* K: pairs with M in ready_post() */
}

/* The core runs again: what follows finds the bits, or is kicked. */
static inline void ready_resume(struct core *core)
{
	RTFMX_STORE(&core->pub.ctl->state, RTFM_STATE_RUNNING);
	RTFMX_FENCE();	/* L: pairs with M in ready_post() */
}

#endif /* RTFM_SRC_READY_H */
