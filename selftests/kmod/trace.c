// SPDX-License-Identifier: GPL-2.0-only
/* The tracepoints: their fields, and their order around a release and a kick. */
#include "rtfm_test.h"

#include <sys/epoll.h>
#include <sys/signalfd.h>

#define LEVELS	(1u << 4)
#define LEVEL	4
#define BELL	(SIGRTMIN + 1)
#define COOKIE	305419896u

static const char * const events[] = {
	"rtfm_release", "rtfm_deliver", "rtfm_park", "rtfm_unpark", "rtfm_kick",
};

/* Event, and the fields that are part of its format whatever is added later. */
static const struct {
	const char *event;
	const char *field;
} fields[] = {
	{ "rtfm_release", "u32 app" }, { "rtfm_release", "u32 core" },
	{ "rtfm_release", "u32 level" }, { "rtfm_release", "u32 job" },
	{ "rtfm_release", "u32 seq" }, { "rtfm_release", "bool pushed" },
	{ "rtfm_release", "u64 instant" }, { "rtfm_release", "u64 now" },
	{ "rtfm_deliver", "u32 app" }, { "rtfm_deliver", "u32 core" },
	{ "rtfm_deliver", "u32 level" }, { "rtfm_deliver", "u32 ceiling" },
	{ "rtfm_deliver", "u32 at" }, { "rtfm_deliver", "u32 verdict" },
	{ "rtfm_park", "u32 app" }, { "rtfm_park", "u32 core" },
	{ "rtfm_unpark", "u32 app" }, { "rtfm_unpark", "u32 core" },
	{ "rtfm_unpark", "int err" },
	{ "rtfm_kick", "u32 app" }, { "rtfm_kick", "u32 core" },
	{ "rtfm_kick", "int cpu" }, { "rtfm_kick", "bool parked" },
};

FIXTURE(trace) {
	struct app app;
	char root[128];
	char instance[256];
};

static int write_file(const char *dir, const char *name, const char *text)
{
	char path[512];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	n = write(fd, text, strlen(text));
	close(fd);
	return n == (ssize_t)strlen(text) ? 0 : -EIO;
}

static char *read_file(const char *dir, const char *name)
{
	static char text[1 << 18];
	char path[512];
	size_t n = 0;
	ssize_t got;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	while (fd >= 0 && n < sizeof(text) - 1 &&
	       (got = read(fd, text + n, sizeof(text) - 1 - n)) > 0)
		n += (size_t)got;
	if (fd >= 0)
		close(fd);
	text[n] = '\0';
	return text;
}

/*
 * Does not record the names of threads: for these, the tracepoints of the scheduler would be
 * enabled and disabled together with the module's. An instance has that option from the start.
 */
static int make_instance(const char *root, const char *instance)
{
	bool names = *read_file(root, "options/record-cmd") == '1';
	int err = names ? write_file(root, "options/record-cmd", "0") : 0;

	if (!err && mkdir(instance, 0700))
		err = -errno;
	if (names)
		write_file(root, "options/record-cmd", "1");
	return err;
}

/* A trace buffer of its own, so that it has no other events. */
FIXTURE_SETUP(trace)
{
	static const char * const roots[] = {
		"/sys/kernel/tracing", "/sys/kernel/debug/tracing",
	};
	char path[256];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(roots); i++) {
		snprintf(path, sizeof(path), "%s/events", roots[i]);
		if (!access(path, R_OK))
			break;
	}
	if (i == ARRAY_SIZE(roots))
		SKIP_ALL("tracefs is not mounted (or not configured)");
	snprintf(self->root, sizeof(self->root), "%s", roots[i]);
	snprintf(self->instance, sizeof(self->instance), "%s/instances/rtfm_test",
		 roots[i]);
	rmdir(self->instance);
	ASSERT_EQ(0, make_instance(self->root, self->instance));
	ASSERT_EQ(0, catch_bell(BELL));
	ASSERT_EQ(0, app_start(&self->app, 1, LEVELS, 4));
	ASSERT_EQ(0, core_attach(&self->app, 0, BELL, 0));
}

FIXTURE_TEARDOWN(trace)
{
	write_file(self->instance, "events/enable", "0");
	app_stop(&self->app);
	EXPECT_TRUE(WAIT_FOR(!rmdir(self->instance)));
}

/* Find an event with these words, from a place in the text on. */
static const char *find_event(const char *text, const char *event, const char *words)
{
	char head[64];
	const char *at = text, *line_end, *found;

	snprintf(head, sizeof(head), " %s: ", event);
	while ((at = strstr(at, head))) {
		line_end = strchr(at, '\n');
		found = strstr(at, words);
		if (found && (!line_end || found < line_end))
			return at;
		at++;
	}
	return NULL;
}

APP_TEST(trace, events_exist)
{
	char path[256];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(events); i++) {
		snprintf(path, sizeof(path), "%s/events/rtfm/%s/format", self->root,
			 events[i]);
		EXPECT_EQ(0, access(path, R_OK)) {
			TH_LOG("no %s", path);
		}
	}
}

APP_TEST(trace, formats)
{
	char name[128], field[64];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(fields); i++) {
		snprintf(name, sizeof(name), "events/rtfm/%s/format", fields[i].event);
		snprintf(field, sizeof(field), "field:%s;", fields[i].field);
		EXPECT_NE(NULL, strstr(read_file(self->root, name), field)) {
			TH_LOG("%s has no %s", fields[i].event, fields[i].field);
		}
	}
}

APP_TEST(trace, release_to_a_parked_thread)
{
	struct rtfm_job job;
	const char *text, *park, *release, *deliver, *unpark;
	char words[96];
	__u64 instant;

	ASSERT_EQ(0, write_file(self->instance, "events/rtfm/enable", "1"));
	/* far enough for a slow machine to park before it */
	instant = now_ns() + 600 * MSEC;
	ASSERT_EQ(0, job_schedule(&self->app, 0, 0, LEVEL, COOKIE, instant));
	ASSERT_EQ(0, core_park(&self->app));
	ASSERT_TRUE(take_job(&self->app, 0, LEVEL, &job));
	ASSERT_EQ(0, write_file(self->instance, "events/rtfm/enable", "0"));

	text = read_file(self->instance, "trace");
	snprintf(words, sizeof(words), "core=0 level=%u job=%u seq=%u instant=%llu",
		 LEVEL, COOKIE, job.seq, instant);
	park = find_event(text, "rtfm_park", "core=0");
	ASSERT_NE(NULL, park) {
		TH_LOG("in:\n%s", text);
	}
	release = find_event(park, "rtfm_release", words);
	ASSERT_NE(NULL, release) {
		TH_LOG("no '%s' in:\n%s", words, text);
	}
	EXPECT_NE(NULL, find_event(park, "rtfm_release", "pushed=1"));
	snprintf(words, sizeof(words), "core=0 level=%u ceiling=0 at=parked verdict=wake",
		 LEVEL);
	deliver = find_event(release, "rtfm_deliver", words);
	ASSERT_NE(NULL, deliver) {
		TH_LOG("no '%s' in:\n%s", words, text);
	}
	unpark = find_event(deliver, "rtfm_unpark", "core=0 err=0");
	ASSERT_NE(NULL, unpark) {
		TH_LOG("in:\n%s", text);
	}
}

APP_TEST(trace, release_held_by_the_ceiling)
{
	const char *text, *release;

	ctl_of(&self->app, 0)->ceiling = LEVEL;
	ASSERT_EQ(0, write_file(self->instance, "events/rtfm/enable", "1"));
	ASSERT_EQ(0, job_schedule(&self->app, 0, 0, LEVEL, COOKIE, now_ns() + MSEC));
	ASSERT_TRUE(SPIN_FOR(ready_of(&self->app, 0)));
	ASSERT_EQ(0, write_file(self->instance, "events/rtfm/enable", "0"));
	text = read_file(self->instance, "trace");
	release = find_event(text, "rtfm_release", "pushed=1");
	ASSERT_NE(NULL, release);
	EXPECT_NE(NULL, find_event(release, "rtfm_deliver", "verdict=hold")) {
		TH_LOG("in:\n%s", text);
	}
	EXPECT_EQ(0, bells);
}

/* Where signals were sent: in interrupts, elsewhere. By the letters in front of the time. */
static void count_sent(const char *text, int *in_irq, int *elsewhere)
{
	char flags[16];
	const char *at;

	*in_irq = 0;
	*elsewhere = 0;
	for (at = text; (at = strstr(at, "] ")); at++) {
		const char *end = strchr(at, '\n'), *event = strstr(at, " signal_generate: ");

		if (!event || (end && event > end) || sscanf(at, "] %15s", flags) != 1)
			continue;
		if (strpbrk(flags, "hHzZ"))
			++*in_irq;
		else
			++*elsewhere;
	}
}

/* A doorbell, while the thread sleeps. The signal is in the trace, wherever it was sent. */
static int ring(struct app *app, const char *instance, bool comes, int *in_irq)
{
	int n = bells, elsewhere;
	struct rtfm_job job;
	int err;

	write_file(instance, "trace", "");
	err = job_schedule(app, 0, 0, LEVEL, COOKIE, now_ns() + 20 * MSEC);
	if (err)
		return err;
	if (!WAIT_FOR((count_sent(read_file(instance, "trace"), in_irq, &elsewhere),
		       *in_irq + elsewhere)))
		return -ETIMEDOUT;
	if (*in_irq + elsewhere != 1 || !WAIT_FOR(bells == n + comes))
		return -EILSEQ;
	take_ready(app, 0);
	return take_job(app, 0, LEVEL, &job) ? 0 : -ENOMSG;
}

/*
 * An interrupt sends no signal that may take it long: one that a signalfd is watched for
 * (each that watches is woken), or that nobody handles (each thread may have to go).
 */
APP_TEST(trace, doorbells_of_interrupts)
{
	struct epoll_event event = { .events = EPOLLIN };
	int in_irq, file, poll, i;
	char filter[32];
	sigset_t set;

	snprintf(filter, sizeof(filter), "sig == %d", BELL);
	if (write_file(self->instance, "events/signal/signal_generate/filter", filter) ||
	    write_file(self->instance, "events/signal/signal_generate/enable", "1"))
		SKIP(return, "this kernel does not trace signals");
	EXPECT_EQ(0, ring(&self->app, self->instance, true, &in_irq));
	TH_LOG("%d of 1 sent by the interrupt", in_irq);

	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	file = signalfd(-1, &set, SFD_CLOEXEC);
	poll = epoll_create1(EPOLL_CLOEXEC);
	ASSERT_EQ(0, epoll_ctl(poll, EPOLL_CTL_ADD, file, &event));
	for (i = 0; i < 3; i++) {
		EXPECT_EQ(0, ring(&self->app, self->instance, true, &in_irq));
		EXPECT_EQ(0, in_irq);
	}
	close(poll);
	close(file);

	sigemptyset(&set);
	sigaddset(&set, BELL);
	ASSERT_EQ(0, sigprocmask(SIG_BLOCK, &set, NULL));
	signal(BELL, SIG_DFL);
	EXPECT_EQ(0, ring(&self->app, self->instance, false, &in_irq));
	EXPECT_EQ(0, in_irq);
	signal(BELL, SIG_IGN);
	ASSERT_EQ(0, catch_bell(BELL));
	ASSERT_EQ(0, sigprocmask(SIG_UNBLOCK, &set, NULL));
	EXPECT_EQ(0, ring(&self->app, self->instance, true, &in_irq));
}

APP_TEST(trace, lost_job)
{
	const char *text;
	int i;

	ctl_of(&self->app, 0)->ceiling = RTFM_MAX_PRIORITY;
	ASSERT_EQ(0, write_file(self->instance, "events/rtfm/enable", "1"));
	for (i = 0; i < 5; i++) {
		ASSERT_EQ(0, job_schedule(&self->app, 0, 0, LEVEL, i, 0));
		ASSERT_TRUE(SPIN_FOR(!counters(&self->app, 0).pending));
	}
	ASSERT_EQ(0, write_file(self->instance, "events/rtfm/enable", "0"));
	text = read_file(self->instance, "trace");
	EXPECT_NE(NULL, find_event(text, "rtfm_release", "job=4 seq=0")) {
		TH_LOG("in:\n%s", text);
	}
	EXPECT_NE(NULL, find_event(text, "rtfm_release", "pushed=0"));
}

static void *kicks_when_parked(void *arg)
{
	struct app *app = arg;
	struct rtfm_ctl *ctl = ctl_of(app, 0);

	if (cpus_online() > 1)
		pin_to(1);
	if (!WAIT_FOR(__atomic_load_n(&ctl->state, __ATOMIC_SEQ_CST) ==
		      RTFM_STATE_PARKED))
		return (void *)1;
	sleep_ns(5 * MSEC);
	__atomic_fetch_or(&ctl->remote_ready, 1u << LEVEL, __ATOMIC_SEQ_CST);
	return (void *)(long)core_kick(app, 0);
}

APP_TEST(trace, kick_to_a_parked_thread)
{
	const char *text, *park, *kick, *deliver;
	pthread_t thread;
	void *err;

	ASSERT_EQ(0, write_file(self->instance, "events/rtfm/enable", "1"));
	ASSERT_EQ(0, pthread_create(&thread, NULL, kicks_when_parked, &self->app));
	ASSERT_EQ(0, core_park(&self->app));
	ASSERT_EQ(0, pthread_join(thread, &err));
	ASSERT_EQ(0, (long)err);
	ASSERT_EQ(0, write_file(self->instance, "events/rtfm/enable", "0"));
	text = read_file(self->instance, "trace");
	park = find_event(text, "rtfm_park", "core=0");
	ASSERT_NE(NULL, park) {
		TH_LOG("in:\n%s", text);
	}
	kick = find_event(park, "rtfm_kick", "core=0 cpu=0 parked=1");
	ASSERT_NE(NULL, kick) {
		TH_LOG("in:\n%s", text);
	}
	deliver = find_event(kick, "rtfm_deliver", "at=parked verdict=wake");
	ASSERT_NE(NULL, deliver) {
		TH_LOG("in:\n%s", text);
	}
	EXPECT_NE(NULL, find_event(deliver, "rtfm_unpark", "core=0 err=0")) {
		TH_LOG("in:\n%s", text);
	}
}

/* Tracing is enabled and disabled under load: no event is incomplete, nothing crashes. */
APP_TEST(trace, toggled_under_load)
{
	unsigned long i, n = scaled(100);
	struct rtfm_job job;

	for (i = 0; i < n; i++) {
		ASSERT_EQ(0, job_schedule(&self->app, 0, 0, LEVEL, (__u32)i,
					  now_ns() + MSEC / 4));
		ASSERT_EQ(0, write_file(self->instance, "events/rtfm/enable",
					i & 1 ? "1" : "0"));
		ASSERT_EQ(0, wait_job(&self->app, 0, LEVEL, &job));
		ASSERT_EQ(i, job.job);
	}
	EXPECT_FALSE(kernel_is_hurt());
}

TEST_HARNESS_MAIN
