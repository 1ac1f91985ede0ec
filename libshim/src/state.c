// SPDX-License-Identifier: MIT OR Apache-2.0
/* The running app, the core of the calling thread, and what went wrong. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "state.h"

__thread struct core *self;
struct app the_app = { .fd = -1 };

/*
 * Thread-local storage is short where a library is loaded with dlopen(), so the text is
 * shared. The first error of a run has it, from whatever core; the thread that rtfm_run()
 * answered knows that there is one.
 */
static char error_text[1400];
static int error_first;		/* errno of it, 0: none yet; atomic */

static __thread enum { NO_ERROR, ERROR_TEXT, ERROR_BUSY } error_last
	__attribute__((tls_model("initial-exec")));

int state_error(int err, const char *format, ...)
{
	va_list args;
	int none = 0;

	if (!__atomic_compare_exchange_n(&error_first, &none, err, false, __ATOMIC_RELAXED,
					 __ATOMIC_RELAXED))
		return err;
	va_start(args, format);
	vsnprintf(error_text, sizeof(error_text), format, args);
	va_end(args);
	return err;
}

void state_begin(void)
{
	__atomic_store_n(&error_first, 0, __ATOMIC_RELAXED);
	error_last = NO_ERROR;
}

int state_end(int err)
{
	error_last = err < 0 ? ERROR_TEXT : NO_ERROR;
	return err;
}

int state_busy(void)
{
	error_last = ERROR_BUSY;
	return -EBUSY;
}

PUBLIC const char *rtfm_error(void)
{
	if (error_last == ERROR_BUSY)
		return "an app is running in this process";
	return error_last == ERROR_TEXT ? error_text : "";
}

void state_fail(struct app *app, int err)
{
	int none = 0;

	__atomic_compare_exchange_n(&app->failed, &none, err, false, __ATOMIC_SEQ_CST,
				    __ATOMIC_SEQ_CST);
}

int state_failure(const struct app *app)
{
	return app->failed ? __atomic_load_n(&error_first, __ATOMIC_RELAXED) : 0;
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
