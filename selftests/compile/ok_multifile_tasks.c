// SPDX-License-Identifier: GPL-2.0 OR MIT
/* An app of several files: this one has the bodies of its tasks. */
/* expect: ok */
#include "multifile.h"

RTFM_TASK(foo)
{
	rtfm_lock(shared)
		*shared += (unsigned long)msg->x;
	rtfm_unwrap(rtfm_spawn(bar));
}

RTFM_TASK(bar)
{
	rtfm_exit(*rtfm_exclusive(shared) == 1 ? 0 : 1);
}
