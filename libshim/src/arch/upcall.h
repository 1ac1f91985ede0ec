/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Where an upcall of rtfm.ko enters the library. The protocol: struct rtfm_attach
 * in <linux/rtfm.h>. On an architecture without upcalls the doorbell is used.
 */
#ifndef RTFM_SRC_ARCH_UPCALL_H
#define RTFM_SRC_ARCH_UPCALL_H

/* Offsets that the entry needs; checked in xstate.c. */
#define UPCALL_CTL_CEILING	0
#define UPCALL_CTL_MASKED	4
#define UPCALL_CTL_READY	8
#define UPCALL_CTL_IP		24
#define UPCALL_CTL_SP		32
#define UPCALL_CTL_FLAGS	40

/* How the vector state is saved. */
#define UPCALL_FXSAVE		0
#define UPCALL_XSAVE		1
#define UPCALL_XSAVEC		2

#ifndef __ASSEMBLER__

#include <stdbool.h>

#include "../compiler.h"

#if defined(__x86_64__) && !defined(__ILP32__)

extern const char upcall_entry[] INTERNAL;
extern const char upcall_again[] INTERNAL;
extern const char upcall_return[] INTERNAL;
extern const char upcall_return_end[] INTERNAL;

/* Find out how to save the vector state; before any upcall. False: it cannot be. */
bool upcall_init(void) INTERNAL;

#else

static const char *const upcall_entry, *const upcall_again;
static const char *const upcall_return, *const upcall_return_end;

static inline bool upcall_init(void)
{
	return false;
}

#endif
#endif

#endif /* RTFM_SRC_ARCH_UPCALL_H */
