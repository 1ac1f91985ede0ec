// SPDX-License-Identifier: MIT OR Apache-2.0
/* remote_ready: both sides, the sender's and the receiver's. The protocol: ready.h. */
#include "ready.h"
#include "state.h"

/* Was the target polling when this core last sent to it? For foreign threads: false. */
static bool polls(const struct core *target)
{
	return self && self->polls >> target->nr & 1;
}

static void note_polls(const struct core *target, bool polling)
{
	if (!self || polls(target) == polling)
		return;
	self->polls ^= 1u << target->nr;
}

/* A message that has been taken needs neither a bit nor a kick. @cell NULL: not a message. */
static bool taken(const struct cell *cell, uint32_t full)
{
	return cell && RTFMX_LOAD(&cell->seq) != full;
}

/*
 * Set the bits, then check the state and the ceiling of the receiver.
 *
 * V: a kick costs a system call, so one that another sender has completed is not
 * repeated. @kicked is the receiver's epoch as that sender read it *before* it set its
 * bit, stored *after* its kick. The receiver increments the epoch right before and right
 * after it takes bits. Our bit is set. If kicked == epoch now, then
 *
 *	the epoch was read while the receiver was not taking bits: it has not taken the
 *	other sender's bit yet, will check its bits because of that kick, and will then
 *	take our bit, too;
 *
 *	or the epoch was read while the receiver was taking bits, and it still is: the
 *	kick arrives while the receiver is masked, or later, so it checks once more.
 *
 * To increment on one side only would lose a wake-up: a sender that reads the new epoch,
 * and whose bit the same exchange takes, would store it as the epoch of its kick, although
 * the receiver takes no bit because of that kick and so never increments the epoch. A sender
 * that stalls between its bit and its kick has stored nothing yet and suppresses no kick of
 * others.
 *
 * To read the epoch is to fetch a cache line from the receiver's CPU. A sender that found
 * the receiver polling the last time does not read it, and kicks in any case if the receiver
 * no longer polls.
 *
 * A kick is for levels up to its own, which is stored with the epoch: the kernel ignores the
 * kick if the ceiling has risen to that level meanwhile.
 */
static void post(struct core *target, uint64_t bits, const struct cell *cell, uint32_t full)
{
	struct rtfm_ctl *ctl = target->pub.ctl;
	bool polled = polls(target);
	uint64_t epoch = polled ? 0 : __atomic_load_n(&target->epoch, __ATOMIC_SEQ_CST);
	uint32_t level = 63 - (uint32_t)__builtin_clzll(bits);
	uint64_t kicked;
	uint32_t state;

	/* M: pairs with J in rtfmx_unlock() and ready_lower(), K and L in ready.h */
	__atomic_fetch_or(&ctl->remote_ready, bits, __ATOMIC_SEQ_CST);
	state = __atomic_load_n(&ctl->state, __ATOMIC_SEQ_CST);
	note_polls(target, state == RTFM_STATE_POLLING);
	if (state == RTFM_STATE_POLLING)
		return;
	if (state == RTFM_STATE_RUNNING && !rtfm_ready_above(bits, RTFMX_LOAD(&ctl->ceiling)))
		return;
	if (taken(cell, full))
		return;
	if (polled) {
		target->app->engine->kick(target);
		return;
	}
	/* V: pairs with ready_take_over() and the store below */
	kicked = __atomic_load_n(&target->kicked, __ATOMIC_SEQ_CST);
	if (kicked >> 8 == __atomic_load_n(&target->epoch, __ATOMIC_SEQ_CST) &&
	    (kicked & 0xff) >= level)
		return;
	target->app->engine->kick(target);
	__atomic_store_n(&target->kicked, epoch << 8 | level, __ATOMIC_SEQ_CST);
}

void ready_post(struct core *target, uint64_t bits)
{
	post(target, bits, NULL, 0);
}

/*
 * polls() is a hint: with it the sender needs neither the bit nor its cache line if the
 * target polls, and no second fence if it does not.
 */
void ready_post_cell(struct core *target, uint32_t level, const struct cell *cell, uint32_t full)
{
	if (target->nwatched && polls(target)) {
		/* M: pairs with L in ready_resume() */
		RTFMX_FENCE();
		if (__atomic_load_n(&target->pub.ctl->state, __ATOMIC_SEQ_CST) ==
			    RTFM_STATE_POLLING || taken(cell, full))
			return;
	}
	post(target, rtfm_ready_bit(level), cell, full);
}

static void next_epoch(struct core *core)
{
	__atomic_store_n(&core->epoch, (core->epoch + 1) & READY_EPOCH_MASK, __ATOMIC_SEQ_CST);
}

/*
 * The attention bits are cleared before remote_ready is taken: the doorbell of a sender
 * whose bit comes after the exchange comes after the clear, and sets RTFM_READY_LOOK
 * again. ready_resume() sets RTFM_READY_LOOK, too, so the cells are checked if it is set.
 */
uint64_t ready_take_over(struct core *core)
{
	struct rtfm_ctl *ctl = core->pub.ctl;
	uint64_t attention = RTFMX_LOAD(&ctl->ready) & RTFM_READY_ATTENTION;
	uint32_t cells = 0;
	uint64_t bits;

	if (attention)
		rtfmx_local_clear(&ctl->ready, attention);
	if (attention & RTFM_READY_LOOK)
		cells = ready_cells(core);
	if (RTFMX_LOAD(&ctl->remote_ready)) {
		/* V: on both sides of the exchange, which is a full fence: see ready_post() */
		next_epoch(core);
		bits = __atomic_exchange_n(&ctl->remote_ready, 0, __ATOMIC_SEQ_CST);
		next_epoch(core);
		rtfmx_local_or(&ctl->ready, bits & core->senders);
		cells |= (uint32_t)bits & core->remote;
		attention |= bits;
	}
	if (cells) {
		rtfmx_local_or(&ctl->ready, cells);
		core->others |= cells;
	}
	/* RTFM_READY_STOP remains set, so that a core that is about to park sees it, too */
	if (attention & RTFM_READY_STOP)
		rtfmx_local_or(&ctl->ready, RTFM_READY_STOP);
	return attention;
}
