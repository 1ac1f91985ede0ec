// SPDX-License-Identifier: MIT OR Apache-2.0
/* What rtfm_unwrap() says, before it aborts. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "state.h"

/* The task to which a call, as it is written in the source, sends; NULL if to none. */
static const struct rtfmx_task_info *receiver(const struct rtfm_app *decl, const char *call)
{
	static const char *const calls[] = {
		"rtfm_spawn(", "rtfm_schedule(", "rtfm_schedule_after(", NULL
	};
	const char *name = NULL;
	size_t length;
	uint32_t i;

	for (i = 0; calls[i] && !name; i++) {
		name = strstr(call, calls[i]);
		if (name)
			name += strlen(calls[i]);
	}
	if (!name || !decl)
		return NULL;
	name += strspn(name, " \t");
	length = strcspn(name, " \t,)");
	for (i = 0; i < decl->ntasks; i++)
		if (!strncmp(decl->tasks[i].name, name, length) && !decl->tasks[i].name[length])
			return &decl->tasks[i];
	return NULL;
}

PUBLIC int rtfmx_unwrap_text(char *text, size_t size, const char *place, const char *call, int err)
{
	const struct rtfmx_task_info *task = NULL;

	if (err == EAGAIN)
		task = receiver(the_app.decl, call);
	if (task)
		return snprintf(text, size,
				"%s: %s: task %s: its capacity of %u is used up\n",
				place, call, task->name, task->capacity);
	return snprintf(text, size, "%s: %s: %s\n", place, call, strerror(err));
}
