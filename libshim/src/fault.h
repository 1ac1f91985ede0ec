/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Report a core that has used up its stack, or aborts: SIGSEGV and SIGABRT. */
#ifndef RTFM_SRC_FAULT_H
#define RTFM_SRC_FAULT_H

#include "compiler.h"
#include "core.h"

/* Below the stack of a core, as much as the kernel keeps free below that of the process */
#define FAULT_GUARD	(1UL << 20)

/* Once: the handlers; and those that were there, unless the program has set others. */
void fault_install(struct app *app) INTERNAL;
/* Async-signal-safe: the child of a fork calls it. */
void fault_remove(struct app *app) INTERNAL;

/*
 * Where the thread of a core is: "in task foo", for example. As far as can be told from the
 * ceiling. Async-signal-safe.
 */
#define FAULT_PLACE	256
void fault_place(const struct core *core, char *text, size_t size) INTERNAL;

/* Bytes of an alternate signal stack. */
size_t fault_stack(void) INTERNAL;
/*
 * In the thread of a core: @stack of fault_stack() bytes, on the core's own stack, is its
 * alternate signal stack, unless it has one.
 */
void fault_open(struct core *core, void *stack) INTERNAL;
void fault_close(struct core *core) INTERNAL;

#endif /* RTFM_SRC_FAULT_H */
