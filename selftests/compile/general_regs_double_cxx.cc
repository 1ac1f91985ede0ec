// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A task for general registers only that computes in floating point, in C++. */
/* expect-gcc: with SSE disabled|-mgeneral-regs-only.*floating-point */
/* expect-link-clang: undefined reference to .__muldf3 */
#include <rtfm.h>

#define APP(core, resource, task)					\
	core(0)								\
	task(foo, general_regs, message(double x))
RTFM_APP(APP);

RTFM_TASK(foo)
{
	rtfm_exit(msg->x * msg->x > 2);
}

RTFM_MAIN()
