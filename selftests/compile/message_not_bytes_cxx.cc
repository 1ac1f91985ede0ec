// SPDX-License-Identifier: GPL-2.0 OR MIT
/* expect: task foo: message cannot be copied as bytes */
#include <rtfm.h>
#include <string>

#define LIST(core, resource, task)					\
	core(0)								\
	task(foo, priority(1), message(std::string text))
RTFM_APP(LIST);

RTFM_TASK(foo)
{
}
