// SPDX-License-Identifier: GPL-2.0 OR MIT
/* No C++ exception leaves a body; in it they may be thrown and caught, out of a lock, too. */
/* expect: ok */
#include <rtfm.h>

#define APP(core, resource, task)					\
	core(0, init, idle)						\
	resource(r, int, 0)						\
	task(foo, uses(r))						\
	task(bar, priority(2), uses(r))
RTFM_APP(APP);

static_assert(noexcept(rtfm_init_0(nullptr)), "");
static_assert(noexcept(rtfm_idle_0(nullptr)), "");
static_assert(noexcept(rtfm_task_foo(nullptr, nullptr)), "");

RTFM_INIT(0)
{
}

RTFM_IDLE(0)
{
}

RTFM_TASK(foo)
{
	try {
		rtfm_lock(r) {
			throw 1;
		}
	} catch (int) {
	}
}

RTFM_TASK(bar)
{
	++*rtfm_exclusive(r);
}
