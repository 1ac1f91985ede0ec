// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Two cores without any task: one ends the app while the other sleeps. */
#include "tap.h"

#define EMPTY(core, resource, task)					\
	core(0, idle)							\
	core(1)
RTFM_APP(EMPTY);

static int status;

RTFM_IDLE(0)
{
	/* core 1 is asleep by then, or about to: both are fine */
	spin_until(rtfm_now() + (status % 4) * 5 * MSEC);
	rtfm_exit(status);
}

int main(void)
{
	int good = 0;

	tap_begin(30);
	need_cpus(2);
	for (status = 0; status < 20; status++)
		good += rtfm_run(&rtfm_app, NULL) == status;
	ok_eq(good, 20, "an app without tasks ends when it is told to");
	return tap_end();
}
