// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Functions that tasks, init, idle and other helpers share, in C++. */
/* expect: ok */
#include "ok_helper.c"
