// SPDX-License-Identifier: GPL-2.0-only
/* The tracepoints of trace.h, made here. */
#ifndef __CHECKER__
#define CREATE_TRACE_POINTS
#endif
#include "trace.h"
