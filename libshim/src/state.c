// SPDX-License-Identifier: MIT OR Apache-2.0
/* The running app, the core of the calling thread, and what went wrong. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "state.h"

#define ERROR_SIZE sizeof(the_app.error)

__thread struct core *self;
struct app the_app = { .fd = -1 };

static __thread char error_text[ERROR_SIZE];

int state_error(int err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(error_text, sizeof(error_text), format, args);
	va_end(args);
	return err;
}

PUBLIC const char *rtfm_error(void)
{
	return error_text;
}

void state_fail(struct app *app, int err)
{
	int none = 0;

	if (__atomic_compare_exchange_n(&app->failed, &none, err, false, __ATOMIC_SEQ_CST,
					__ATOMIC_SEQ_CST))
		memcpy(app->error, error_text, ERROR_SIZE);
}

int state_failure(const struct app *app)
{
	if (app->failed)
		memcpy(error_text, app->error, ERROR_SIZE);
	return app->failed;
}

bool state_ending(const struct core *core)
{
	return __atomic_load_n(&core->app->stopping, __ATOMIC_ACQUIRE) || core->over;
}

PUBLIC const char *rtfm_engine_name(void)
{
	const struct engine *engine = __atomic_load_n(&the_app.engine, __ATOMIC_ACQUIRE);

	return engine && state_live(&the_app) ? engine->name : "none";
}

PUBLIC int rtfm_running(void)
{
	if (!state_live(&the_app) || __atomic_load_n(&the_app.stopping, __ATOMIC_ACQUIRE))
		return 0;
	return !self || !self->over;
}
