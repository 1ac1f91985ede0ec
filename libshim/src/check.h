/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What is checked before an app starts. */
#ifndef RTFM_SRC_CHECK_H
#define RTFM_SRC_CHECK_H

#include "compiler.h"
#include "core.h"

/* Is the declaration one that can run? If not, the error names what offends. */
int check_declaration(const struct rtfm_app *decl) INTERNAL;

/**
 * check_options() - the options that an app runs with
 * @app: its declaration was checked; out: @opt, the caller's, what is left open there
 *	filled in from the environment, and otherwise by the defaults; the CPU and the
 *	priority of each core
 * @given: the caller's, or NULL
 *
 * Return: 0, or an error that names what offends.
 */
int check_options(struct app *app, const struct rtfm_options *given) INTERNAL;

#endif /* RTFM_SRC_CHECK_H */
