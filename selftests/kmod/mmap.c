// SPDX-License-Identifier: GPL-2.0-only
/* The mapping of the region: refused arguments, its lifetime, and its end. */
#include "rtfm_test.h"

#define LEVELS	(1u << 3)
#define BELL	(SIGRTMIN + 1)

FIXTURE(map) {
	struct app app;
	size_t bytes;
};

FIXTURE_SETUP(map)
{
	ASSERT_EQ(0, catch_bell(BELL));
	ASSERT_EQ(0, app_open(&self->app));
	ASSERT_EQ(0, app_setup(&self->app, 2, LEVELS, 4));
	self->bytes = self->app.setup.region_bytes;
}

FIXTURE_TEARDOWN(map)
{
	app_stop(&self->app);
}

/* mmap() with wrong arguments: -errno, or 0 and unmapped again */
static int try_map(int fd, size_t bytes, int prot, int flags, off_t offset)
{
	void *at = mmap(NULL, bytes, prot, flags, fd, offset);

	if (at == MAP_FAILED)
		return -errno;
	munmap(at, bytes);
	return 0;
}

#define RW (PROT_READ | PROT_WRITE)

APP_TEST(map, geometry)
{
	const struct rtfm_setup *s = &self->app.setup;
	__u32 i;

	EXPECT_EQ(0, s->region_bytes % PAGE);
	EXPECT_EQ(0, s->user_offset % PAGE);
	EXPECT_LE(s->user_offset + s->user_bytes, s->region_bytes);
	EXPECT_LE(100, s->region_bytes - s->user_offset);
	for (i = 0; i < 2; i++) {
		EXPECT_EQ(0, self->app.plan[i].ctl_offset % PAGE);
		EXPECT_EQ(0, self->app.plan[i].ring_offset % 64);
		EXPECT_LE(self->app.plan[i].ring_offset + 4 * sizeof(struct rtfm_job),
			  s->user_offset);
	}
	EXPECT_NE(self->app.plan[0].ctl_offset, self->app.plan[1].ctl_offset);
	EXPECT_NE(self->app.plan[0].ring_offset, self->app.plan[1].ring_offset);
}

APP_TEST(map, before_setup)
{
	struct app app;

	ASSERT_EQ(0, app_open(&app));
	EXPECT_ERR(ENXIO, try_map(app.fd, PAGE, RW, MAP_SHARED, 0));
	app_stop(&app);
}

APP_TEST(map, wrong_offset)
{
	EXPECT_ERR(EINVAL, try_map(self->app.fd, self->bytes, RW, MAP_SHARED, PAGE));
	EXPECT_ERR(EINVAL, try_map(self->app.fd, self->bytes - PAGE, RW, MAP_SHARED,
				   PAGE));
	EXPECT_ERR(EINVAL, try_map(self->app.fd, PAGE, RW, MAP_SHARED,
				   (off_t)self->bytes));
	EXPECT_ERR(EINVAL, try_map(self->app.fd, self->bytes, RW, MAP_SHARED,
				   1 << 30));
	/* none of it counts as a mapping */
	EXPECT_ERR(ENXIO, core_attach(&self->app, 0, BELL, 0));
}

APP_TEST(map, wrong_length)
{
	EXPECT_ERR(EINVAL, try_map(self->app.fd, PAGE, RW, MAP_SHARED, 0));
	EXPECT_ERR(EINVAL, try_map(self->app.fd, self->bytes - PAGE, RW, MAP_SHARED, 0));
	EXPECT_ERR(EINVAL, try_map(self->app.fd, self->bytes + PAGE, RW, MAP_SHARED, 0));
	EXPECT_ERR(EINVAL, try_map(self->app.fd, 1ul << 40, RW, MAP_SHARED, 0));
	EXPECT_ERR(ENXIO, core_attach(&self->app, 0, BELL, 0));
}

APP_TEST(map, private)
{
	EXPECT_ERR(EINVAL, try_map(self->app.fd, self->bytes, RW, MAP_PRIVATE, 0));
	EXPECT_ERR(ENXIO, core_attach(&self->app, 0, BELL, 0));
}

APP_TEST(map, executable)
{
	EXPECT_ERR(EINVAL, try_map(self->app.fd, self->bytes, RW | PROT_EXEC,
				   MAP_SHARED, 0));
	EXPECT_ERR(ENXIO, core_attach(&self->app, 0, BELL, 0));
}

APP_TEST(map, read_only)
{
	EXPECT_ERR(EINVAL, try_map(self->app.fd, self->bytes, PROT_READ, MAP_SHARED, 0));
	EXPECT_ERR(ENXIO, core_attach(&self->app, 0, BELL, 0));
}

APP_TEST(map, read_only_descriptor)
{
	struct app app;

	memset(&app, 0, sizeof(app));
	app.fd = open(DEVICE, O_RDONLY | O_CLOEXEC);
	ASSERT_LE(0, app.fd);
	ASSERT_EQ(0, app_setup(&app, 1, LEVELS, 4));
	EXPECT_ERR(EINVAL, try_map(app.fd, app.setup.region_bytes, PROT_READ,
				   MAP_SHARED, 0));
	EXPECT_ERR(EACCES, try_map(app.fd, app.setup.region_bytes, RW, MAP_SHARED, 0));
	app_stop(&app);
}

APP_TEST(map, becomes_executable)
{
	ASSERT_EQ(0, app_map(&self->app));
	EXPECT_EQ(-1, mprotect(self->app.region, self->bytes, RW | PROT_EXEC));
	EXPECT_EQ(EACCES, errno);
	EXPECT_EQ(0, mprotect(self->app.region, self->bytes, PROT_READ));
	EXPECT_EQ(-1, mprotect(self->app.region, self->bytes, PROT_EXEC));
	EXPECT_EQ(EACCES, errno);
}

APP_TEST(map, grows)
{
	ASSERT_EQ(0, app_map(&self->app));
	EXPECT_EQ(MAP_FAILED, mremap(self->app.region, self->bytes,
				     self->bytes + PAGE, MREMAP_MAYMOVE));
	EXPECT_EQ(MAP_FAILED, mremap(self->app.region, self->bytes,
				     self->bytes + PAGE, 0));
	/* old size 0 would make a second mapping without asking the module */
	EXPECT_EQ(MAP_FAILED, mremap(self->app.region, 0, self->bytes,
				     MREMAP_MAYMOVE));
	EXPECT_EQ(0, core_attach(&self->app, 0, BELL, 0));
}

/* A part cannot be unmapped: the rest would have no owner. */
APP_TEST(map, unmapped_in_part)
{
	ASSERT_EQ(0, app_map(&self->app));
	ASSERT_LE(2 * PAGE, self->bytes);
	EXPECT_EQ(-1, munmap(self->app.region, PAGE));
	EXPECT_EQ(-1, munmap(self->app.region + self->bytes - PAGE, PAGE));
	EXPECT_EQ(-1, munmap(self->app.region + PAGE, PAGE));
	EXPECT_EQ(MAP_FAILED, mremap(self->app.region, self->bytes, PAGE, 0));
	EXPECT_EQ(0, core_attach(&self->app, 0, BELL, 0));
	EXPECT_EQ(0, job_schedule(&self->app, 0, 0, 3, 1, NEVER));
	self->app.region[self->bytes - 1] = 1;
}

APP_TEST(map, moves)
{
	struct rtfm_job job;
	char *old, *to;

	ASSERT_EQ(0, app_map(&self->app));
	ASSERT_EQ(0, core_attach(&self->app, 0, BELL, 0));
	old = self->app.region;
	to = mmap(NULL, self->bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, (void *)to);
	to = mremap(old, self->bytes, self->bytes, MREMAP_MAYMOVE | MREMAP_FIXED, to);
	if (to == MAP_FAILED)
		SKIP(return, "it stays where it is, and that is fine");
	self->app.region = to;
	/* still the region, still alive */
	EXPECT_EQ(0, job_schedule(&self->app, 0, 0, 3, 5, 0));
	EXPECT_EQ(0, wait_job(&self->app, 0, 3, &job));
	EXPECT_EQ(5, job.job);
}

APP_TEST(map, zeroed)
{
	struct rtfm_ctl *ctl;
	size_t i, dirty = 0;

	ASSERT_EQ(0, app_map(&self->app));
	for (i = 0; i < 2; i++) {
		ctl = ctl_of(&self->app, (__u32)i);
		EXPECT_EQ(i, ctl->core);
		EXPECT_EQ(RTFM_STATE_RUNNING, ctl->state);
		EXPECT_EQ(RTFM_NEVER, ctl->next);
		ctl->core = 0;
		ctl->next = 0;
	}
	for (i = 0; i < self->bytes; i++)
		dirty += self->app.region[i] != 0;
	EXPECT_EQ(0, dirty);
}

/* The next app does not see the contents of memory that an app has released. */
APP_TEST(map, zeroed_again)
{
	size_t i, dirty = 0;
	int round;

	for (round = 0; round < 20; round++) {
		struct app app;

		ASSERT_EQ(0, app_start(&app, 1, LEVELS, 1024));
		ctl_of(&app, 0)->core = 0;
		ctl_of(&app, 0)->next = 0;
		for (i = 0; i < app.setup.region_bytes; i++)
			dirty += app.region[i] != 0;
		memset(app.region, 0x5a, app.setup.region_bytes);
		app_stop(&app);
	}
	EXPECT_EQ(0, dirty);
}

APP_TEST(map, twice)
{
	char *second;

	ASSERT_EQ(0, app_map(&self->app));
	second = mmap(NULL, self->bytes, RW, MAP_SHARED, self->app.fd, 0);
	ASSERT_NE(MAP_FAILED, (void *)second);
	second[self->app.setup.user_offset] = 0x5a;
	EXPECT_EQ(0x5a, self->app.region[self->app.setup.user_offset]);
	ASSERT_EQ(0, core_attach(&self->app, 0, BELL, 0));
	/* the app lives as long as one of them */
	EXPECT_EQ(0, munmap(second, self->bytes));
	EXPECT_EQ(0, job_schedule(&self->app, 0, 0, 3, 1, NEVER));
}

APP_TEST(map, not_inherited)
{
	pid_t child;

	ASSERT_EQ(0, app_map(&self->app));
	ASSERT_EQ(0, core_attach(&self->app, 0, BELL, 0));
	child = fork();
	if (!child) {
		/* so that the harness does not see an abort of its own */
		signal(SIGSEGV, SIG_DFL);
		_exit(*(volatile char *)self->app.region);
	}
	EXPECT_EQ(128 + SIGSEGV, reap(child));
	EXPECT_EQ(0, job_schedule(&self->app, 0, 0, 3, 1, NEVER));
}

/*
 * The owner may try to undo that with MADV_DOFORK. If the kernel refuses (from 7.2 on), the
 * child has no mapping; if it does not, the child's calls still fail.
 */
APP_TEST(map, inherited_by_force)
{
	bool refused;
	pid_t child;

	ASSERT_EQ(0, app_map(&self->app));
	ASSERT_EQ(0, core_attach(&self->app, 0, BELL, 0));
	errno = 0;
	refused = madvise(self->app.region, self->bytes, MADV_DOFORK);
	EXPECT_EQ(refused ? EINVAL : 0, errno);
	child = fork();
	if (!child) {
		int err = core_kick(&self->app, 0) != -EPERM;

		signal(SIGSEGV, SIG_DFL);
		if (refused)
			_exit(err ?: *(volatile char *)self->app.region);
		munmap(self->app.region, self->bytes);
		_exit(err);
	}
	EXPECT_EQ(refused ? 128 + SIGSEGV : 0, reap(child));
	EXPECT_EQ(0, job_schedule(&self->app, 0, 0, 3, 1, NEVER));
}

APP_TEST(map, outlives_the_descriptor)
{
	struct rtfm_query query;
	int fd = self->app.fd;
	size_t i;
	int sum = 0;

	ASSERT_EQ(0, app_map(&self->app));
	ASSERT_EQ(0, core_attach(&self->app, 0, BELL, 0));
	ASSERT_EQ(0, core_arm(&self->app, now_ns() + 600 * MSEC));
	ASSERT_EQ(0, close(fd));
	EXPECT_ERR(EBADF, app_query(&self->app, 0, &query));
	/* the app has ended, its memory has not */
	for (i = 0; i < self->bytes; i += PAGE) {
		sum += self->app.region[i];
		self->app.region[i] = 1;
	}
	EXPECT_EQ(0, sum);
	sleep_ns(700 * MSEC);
	EXPECT_EQ(0, bells);
	EXPECT_EQ(0, ctl_of(&self->app, 0)->ready & RTFM_READY_TIME);
	self->app.fd = -1;
	EXPECT_EQ(0, munmap(self->app.region, self->bytes));
	self->app.region = NULL;
}

APP_TEST(map, munmap_ends_the_app)
{
	struct rtfm_query query;

	ASSERT_EQ(0, app_map(&self->app));
	ASSERT_EQ(0, core_attach(&self->app, 0, BELL, 0));
	ASSERT_EQ(0, job_schedule(&self->app, 0, 0, 3, 1, now_ns() + 600 * MSEC));
	ASSERT_EQ(0, munmap(self->app.region, self->bytes));
	self->app.region = NULL;
	EXPECT_ERR(ESHUTDOWN, app_query(&self->app, 0, &query));
	EXPECT_ERR(ESHUTDOWN, core_park(&self->app));
	EXPECT_ERR(ESHUTDOWN, job_schedule(&self->app, 0, 0, 3, 1, 0));
	EXPECT_ERR(ESHUTDOWN, app_map(&self->app));
	sleep_ns(700 * MSEC);
	EXPECT_EQ(0, bells);
}

TEST_HARNESS_MAIN
