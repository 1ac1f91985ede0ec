/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Shared by the models of the pure code, in user space and in the kernel. A check of a model
 * returns NULL or a text with the problem.
 */
#ifndef RTFM_MODEL_H
#define RTFM_MODEL_H

#include <linux/types.h>

#ifdef __KERNEL__
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>
#else
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#endif

/* xorshift64*: the same numbers everywhere */
static inline __u64 model_random(__u64 *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * 0x2545f4914f6cdd1dULL;
}

#endif /* RTFM_MODEL_H */
