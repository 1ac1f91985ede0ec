// SPDX-License-Identifier: GPL-2.0 OR MIT
/* An app of several files: this one defines it. */
/* expect: ok */
#include "multifile.h"

RTFM_DEFINE(MULTIFILE);

RTFM_INIT(0)
{
	rtfm_unwrap(rtfm_spawn(foo, .x = 1));
}

RTFM_MAIN()
