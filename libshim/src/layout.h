/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The memory of an app. */
#ifndef RTFM_SRC_LAYOUT_H
#define RTFM_SRC_LAYOUT_H

#include "compiler.h"
#include "core.h"

/* Reserve memory that a fork does not copy, and lay the app out in it. */
int layout_reserve(struct app *app) INTERNAL;
void layout_unreserve(struct app *app) INTERNAL;
/* Timers that a core may have pending: one for each slot of its tasks. */
uint32_t layout_timers(const struct rtfm_app *decl, uint32_t core) INTERNAL;

#endif /* RTFM_SRC_LAYOUT_H */
