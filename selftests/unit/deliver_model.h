/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* A simple implementation of kmod/pure/deliver.h, from the words that the kernel reads. */
#ifndef RTFM_DELIVER_MODEL_H
#define RTFM_DELIVER_MODEL_H

#include "ceiling.h"
#include "deliver_cases.h"
#include "model.h"

/* A case with each bit above its ceiling, and with all of them. */
static inline const char *deliver_wrong_case(const struct deliver_case *c)
{
	__u64 above;
	int bit;

	if (!c->above)
		return rtfm_deliver_decide(c->at, 0, c->masked, c->polling) == c->verdict ?
		       NULL : "nothing above";
	for (bit = 1; bit <= 64; bit++) {
		above = bit == 64 ? ~1ULL : 1ULL << bit;
		if (rtfm_deliver_decide(c->at, above, c->masked, c->polling) !=
		    c->verdict)
			return "something above";
	}
	return NULL;
}

/*
 * A thread in user mode, neither masked nor polling, is interrupted exactly for a
 * level above its ceiling, and for each attention bit whatever the ceiling.
 */
static inline const char *deliver_wrong_interrupt(void)
{
	unsigned int bit, ceiling;
	bool interrupted;

	for (bit = 1; bit < 64; bit++) {
		for (ceiling = 0; ceiling < RTFM_LEVELS; ceiling++) {
			interrupted = rtfm_deliver_decide(RTFM_DELIVER_USER,
							  rtfm_ready_above(1ULL << bit, ceiling),
							  0, 0) == RTFM_DELIVER_UPCALL;
			if (interrupted != (bit > ceiling))
				return "interrupted iff above the ceiling";
		}
	}
	return NULL;
}

/*
 * No thread misses a bit above its ceiling: a thread that is not notified is one that
 * checks by itself.
 */
static inline const char *deliver_wrong_silence(void)
{
	enum rtfm_deliver_verdict verdict;
	int at, masked, polling;

	for (at = RTFM_DELIVER_AWAY; at <= RTFM_DELIVER_PARKED; at++) {
		for (masked = 0; masked < 2; masked++) {
			for (polling = 0; polling < 2; polling++) {
				verdict = rtfm_deliver_decide(at, 2, masked, polling);
				if (verdict == RTFM_DELIVER_HOLD && !polling)
					return "silent, and it does not poll";
				if (verdict == RTFM_DELIVER_LOOK && !masked)
					return "left to the unmasking, and not masked";
				if (at == RTFM_DELIVER_PARKED &&
				    verdict != RTFM_DELIVER_WAKE)
					return "asleep and not woken";
			}
		}
	}
	return NULL;
}

#endif /* RTFM_DELIVER_MODEL_H */
