/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* An app of several files: the list and the types of its messages. */
#ifndef MULTIFILE_H
#define MULTIFILE_H

#include <rtfm.h>

#define MULTIFILE(core, resource, task)					\
	core(0, init)							\
	resource(shared, unsigned long, 0)				\
	task(foo, priority(1), uses(shared), message(int x))		\
	task(bar, priority(2), uses(shared))
RTFM_DECLARE(MULTIFILE);

#endif /* MULTIFILE_H */
