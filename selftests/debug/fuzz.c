// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Hostile apps: processes with several threads that make every call on /dev/rtfm, map and
 * unmap, fork, exec, pass descriptors to each other, register upcalls to any address, and
 * overwrite their regions all the time; each is killed at a random instant. At the same time
 * a well-behaved app runs. No hostile app may damage the kernel, survive SIGKILL, get a
 * result that is not documented, or affect the well-behaved app.
 *
 * Runs until 1,000,000 commands and 100,000,000 stores (times RTFM_SCALE) have been done.
 */
#include "debug.h"

#define SLOTS		8	/* descriptors and mappings of a hostile process */
#define ROOM		(1u << 20)	/* address space of a mapping */
#define HOSTILE		2	/* processes at a time */
#define STACK		65536

/* ---- what all processes count in ---- */

enum { COMMANDS = 10, OTHER = COMMANDS };

static const char * const command_names[COMMANDS + 1] = {
	"query", "setup", "attach", "detach", "kick", "schedule", "cancel", "arm", "park",
	"submit", "other",
};

enum event {
	SCRIBBLES, CRASHES, UPCALLS, BELLS, MAPS, UNMAPS, MOVES, SPLITS, FORKS, EXECS, SENT,
	RECEIVED, GONE, EVENTS
};

static const char * const event_names[EVENTS] = {
	"stores", "crashes", "upcalls", "signals", "maps", "unmaps", "moves", "splits", "forks",
	"execs", "descriptors sent", "received", "threads gone",
};

struct shared {
	uint64_t calls[COMMANDS + 1], done[COMMANDS + 1];
	uint64_t events[EVENTS];
	uint64_t undocumented;
	uint64_t first_cmd;
	int64_t first_err;
	uint64_t answers[COMMANDS + 1][4];	/* bitmap of the errnos seen */
	volatile int stop;
	uint64_t rounds;
	char complaint[256];
};

static struct shared *shared;

static void happened(enum event what, uint64_t n)
{
	ADD(shared->events[what], n);
}

/* ---- the descriptors and mappings of a hostile process ---- */

static int fds[SLOTS];
static uint64_t sizes[SLOTS];		/* of their regions */
static char *rooms;			/* SLOTS of ROOM bytes */
static uint64_t live[SLOTS];		/* bytes mapped there */
static int mail[2] = { -1, -1 };	/* to and from all hostile processes */
static int pages[2] = { -1, -1 };	/* a pipe that holds pages of regions */

static char *room(uint32_t slot)
{
	return rooms + (size_t)slot * ROOM;
}

static void reserve(uint32_t slot)
{
	STORE(live[slot], 0);
	mmap(room(slot), ROOM, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE,
	     -1, 0);
}

/* ---- stores ---- */

static uint64_t value(uint64_t *random)
{
	uint64_t r = random_u64(random);

	switch (r >> 60) {
	case 0:
		return 0;
	case 1:
		return ~0ULL;
	case 2:
		return 1ULL << (r & 63);
	case 3:
		return r & 0xff;
	case 4:
		return -(r & 0xff);
	case 5:
		return now_ns() + (r & 0xfffff);
	case 6:
		return (uintptr_t)rooms + r % (SLOTS * ROOM);
	case 7:
		return 0xffff888000000000ULL | (r & 0xfffffff);
	case 8:
		return 0x80000000ULL + (r & 3);
	default:
		return r;
	}
}

static struct rtfm_submit random_submit(uint64_t *random)
{
	struct rtfm_submit s = {
		.instant = now_ns() + pick(random, 3000000),
		.timer = pick(random, one_in(random, 8) ? 70 : 4),
		.tag = pick(random, 4),
		.level = pick(random, one_in(random, 8) ? 34 : 8),
		.job = (uint32_t)random_u64(random),
	};

	if (one_in(random, 4))
		s.period = one_in(random, 4) ? 100 * USEC : MSEC + pick(random, 10000000);
	switch (pick(random, 24)) {
	case 0:
		s.instant = value(random);
		break;
	case 1:
		s.period = value(random);
		break;
	case 2:
		s.timer = (uint32_t)value(random);
		break;
	case 3:
		s.level = (uint32_t)value(random);
		break;
	case 4:
		s.instant = 0;
		break;
	case 5:
		s.instant = INSTANT_MAX;
		break;
	default:
		break;
	}
	return s;
}

/* A submission that the kernel may take, or a count that cannot be right. */
static void scribble_submit(struct rtfm_ctl *ctl, uint64_t *random)
{
	uint32_t i, n = pick(random, 4);

	for (i = 0; i < n; i++)
		ctl->submit[(ctl->stail + i) % RTFM_SUBMITS] = random_submit(random);
	STORE(ctl->stail, one_in(random, 4) ? (uint32_t)value(random) :
					      ctl->shead + pick(random, RTFM_SUBMITS + 2));
}

static void scribble_ctl(struct rtfm_ctl *ctl, uint64_t *random)
{
	uint32_t level = pick(random, RTFM_LEVELS);

	switch (pick(random, 16)) {
	case 0:
		STORE(ctl->ceiling, (uint32_t)value(random));
		break;
	case 1:
		STORE(ctl->ceiling, 0);
		break;
	case 2:
		STORE(ctl->masked, (uint32_t)value(random));
		break;
	case 3:
	case 4:
		STORE(ctl->masked, 0);
		break;
	case 5:
		STORE(ctl->ready, value(random));
		break;
	case 6:
		STORE(ctl->remote_ready, value(random));
		break;
	case 7:
		STORE(ctl->state, pick(random, 4));
		break;
	case 8:
		STORE(ctl->state, (uint32_t)value(random));
		break;
	case 9:
		STORE(ctl->khead[level], ctl->ktail[level] - pick(random, 70));
		break;
	case 10:
		STORE(ctl->khead[level], ctl->ktail[level]);
		break;
	case 11:
		STORE(ctl->khead[level], (uint32_t)value(random));
		break;
	case 12:
		STORE(ctl->ktail[level], (uint32_t)value(random));
		break;
	case 13:
		STORE(ctl->shead, (uint32_t)value(random));
		break;
	case 14:
		STORE(ctl->next, value(random));
		break;
	default:
		STORE(ctl->seq, (uint32_t)value(random));
		break;
	}
}

/* All over the place, and where it hurts. Returns the stores. */
static uint32_t scribble(uint32_t slot, uint64_t bytes, uint64_t *random)
{
	struct rtfm_ctl *ctl = (struct rtfm_ctl *)(room(slot) + pick(random, 3) * PAGE);
	uint64_t *words = (uint64_t *)room(slot);
	uint32_t i;

	if (bytes < 3 * PAGE)
		ctl = (struct rtfm_ctl *)words;
	switch (pick(random, 4)) {
	case 0:
		scribble_submit(ctl, random);
		return 4;
	case 1:
		/* not where an upcall would find its way back: that is for case 2 */
		for (i = 0; i < 64; i++)
			words[random_u64(random) % (bytes / 8)] = value(random);
		return 64;
	case 2:
		if (!one_in(random, 64))
			break;
		STORE(ctl->upcall_ip, value(random));
		STORE(ctl->upcall_flags, value(random));
		return 2;
	default:
		break;
	}
	for (i = 0; i < 8; i++)
		scribble_ctl(ctl, random);
	return 8;
}

static void scribble_some(uint64_t *random, uint32_t times)
{
	uint32_t slot = pick(random, SLOTS), stores = 0;

	while (times--) {
		uint64_t bytes = LOAD(live[slot]);

		if (bytes)
			stores += scribble(slot, bytes, random);
	}
	happened(SCRIBBLES, stores);
}

/* ---- commands ---- */

union arg {
	struct { uint32_t size, flags, core; } head;
	struct rtfm_query query;
	struct rtfm_setup setup;
	struct rtfm_attach attach;
	struct rtfm_detach detach;
	struct rtfm_kick kick;
	struct rtfm_schedule schedule;
	struct rtfm_take_in take_in;
	struct rtfm_cancel cancel;
	struct rtfm_arm arm;
	struct rtfm_park park;
	uint32_t words[64];
};

static const uint32_t arg_sizes[COMMANDS] = {
	sizeof(struct rtfm_query), sizeof(struct rtfm_setup), sizeof(struct rtfm_attach),
	sizeof(struct rtfm_detach), sizeof(struct rtfm_kick), sizeof(struct rtfm_schedule),
	sizeof(struct rtfm_cancel), sizeof(struct rtfm_arm), sizeof(struct rtfm_park),
	sizeof(struct rtfm_take_in),
};

#ifdef __x86_64__
/* Entries that are no dispatcher: not only instructions that fault; the last one never returns. */
__asm__(".pushsection .text\n"
	"fuzz_stubs:\n"
	"	ud2\n"
	"	.balign 16\n"
	"	int3\n"
	"	.balign 16\n"
	"	hlt\n"
	"	.balign 16\n"
	"	ret\n"
	"	.balign 16\n"
	"	push	%rsp\n"		/* writes below it for ever */
	"	jmp	fuzz_stubs + 64\n"
	"	.balign 16\n"
	"	jmp	.\n"
	".popsection\n");
#define STUBS 6
#endif

static uint64_t nowhere(uint64_t *random)
{
	uint64_t stubs UNUSED;

	switch (pick(random, 8)) {
	case 0:
		return value(random);
	case 1:
		return 0x1000;
	case 2:
		return (uintptr_t)rooms + pick(random, SLOTS) * ROOM;
	case 3:
		return 0x00007fffffffeffeULL + pick(random, 4);
	case 4:
		return (uintptr_t)shared;
	default:
#ifdef __x86_64__
		/* the wild one now and then */
		__asm__("lea fuzz_stubs(%%rip), %0" : "=r"(stubs));
		return stubs +
		       16 * pick(random, one_in(random, 8) ? STUBS : STUBS - 1);
#else
		return 0x2000;
#endif
	}
}

static void random_upcall(struct rtfm_attach *attach, uint64_t *random)
{
	uint32_t how = pick(random, 16);

	if (how < 3)
		return;
	fill_upcall(attach);
	if (how < 11)
		return;
	attach->upcall_entry = nowhere(random);
	attach->upcall_again = nowhere(random);
	if (how == 11) {
		attach->upcall_return = 1 + pick(random, 65536);
		attach->upcall_return_end = 0x00007ffffffff000ULL - pick(random, 65536);
	} else if (how == 12) {
		attach->upcall_return = value(random);
		attach->upcall_return_end = value(random);
	}
}

static struct rtfm_core_plan plans[SLOTS][RTFM_MAX_CORES];

static void random_setup(struct rtfm_setup *setup, uint32_t slot, uint64_t *random)
{
	static const struct { uint32_t ncores, levels, timers; } shapes[] = {
		{ 1, 0xfe, 4 }, { 2, 0xfe, 4 }, { 2, 0xfffffffe, 64 }, { 3, 0x80000002, 8 },
		{ 2, 0x22, 0 }, { 1, 0x10, 512 },
	};
	uint32_t i, shape = pick(random, ARRAY_SIZE(shapes));

	setup->ncores = shapes[shape].ncores;
	setup->cores = (uintptr_t)plans[slot];
	setup->user_bytes = pick(random, 10000);
	for (i = 0; i < setup->ncores; i++)
		plans[slot][i] = (struct rtfm_core_plan) {
			.levels = shapes[shape].levels, .timers = shapes[shape].timers,
			.ring_entries = shapes[shape].timers ?
					power_of_two(shapes[shape].timers) : 0,
		};
	if (!one_in(random, 16))
		return;
	switch (pick(random, 7)) {
	case 0:
		setup->ncores = (uint32_t)value(random);
		break;
	case 1:
		setup->cores = value(random);
		break;
	case 2:
		setup->user_bytes = value(random);
		break;
	case 3:
		setup->features = value(random);
		break;
	case 4:
		plans[slot][0].levels = (uint32_t)value(random);
		break;
	case 5:
		plans[slot][0].timers = (uint32_t)value(random);
		break;
	default:
		plans[slot][0].ring_entries = (uint32_t)value(random);
		break;
	}
}

static uint32_t random_doorbell(uint64_t *random)
{
	if (!one_in(random, 8))
		return (uint32_t)BELL;
	return one_in(random, 4) ? (uint32_t)value(random) : pick(random, 67);
}

static uint32_t random_core(uint64_t *random)
{
	return one_in(random, 16) ? (uint32_t)value(random) : pick(random, 3);
}

static void fill(union arg *arg, uint32_t nr, uint32_t slot, uint64_t *random)
{
	memset(arg, 0, sizeof(*arg));
	arg->head.size = arg_sizes[nr];
	switch (_IOC_NR(RTFM_IOC_QUERY) + nr) {
	case _IOC_NR(RTFM_IOC_SETUP):
		random_setup(&arg->setup, slot, random);
		break;
	case _IOC_NR(RTFM_IOC_ATTACH):
		arg->attach.core = random_core(random);
		arg->attach.doorbell = random_doorbell(random);
		if (one_in(random, 16))
			arg->attach.fifo_priority = pick(random, 93);
		random_upcall(&arg->attach, random);
		break;
	case _IOC_NR(RTFM_IOC_SCHEDULE):
		arg->schedule.core = random_core(random);
		arg->schedule.submit = random_submit(random);
		break;
	case _IOC_NR(RTFM_IOC_CANCEL):
		arg->cancel.core = random_core(random);
		arg->cancel.timer = pick(random, one_in(random, 8) ? 70 : 4);
		arg->cancel.tag = pick(random, 4);
		break;
	case _IOC_NR(RTFM_IOC_ARM):
		arg->arm.instant = one_in(random, 16) ? value(random) :
				   now_ns() + pick(random, 2000000);
		break;
	case _IOC_NR(RTFM_IOC_QUERY):
	case _IOC_NR(RTFM_IOC_KICK):
		arg->head.core = random_core(random);
		break;
	default:
		break;
	}
	if (one_in(random, 16))
		arg->words[pick(random, arg_sizes[nr] / 4)] = (uint32_t)value(random);
}

/* In a page that is there, in one that is not, in the region, where others write. */
static void *place(union arg *arg, uint64_t *random)
{
	uint32_t slot = pick(random, SLOTS);
	uint64_t bytes = LOAD(live[slot]);

	if (one_in(random, 64))
		return (void *)(uintptr_t)value(random);
	if (bytes && one_in(random, 16)) {
		char *at = room(slot) + (pick(random, (uint32_t)bytes - 256) & ~7u);

		return memcpy(at, arg, arg->head.size < sizeof(*arg) ? arg->head.size : 8);
	}
	return arg;
}

static void answered(unsigned long cmd, uint32_t nr, int err)
{
	ADD(shared->calls[nr], 1);
	if (!err)
		ADD(shared->done[nr], 1);
	else if (-err < 256)
		__atomic_fetch_or(&shared->answers[nr][-err / 64], 1ULL << (-err % 64),
				  __ATOMIC_RELAXED);
	if (_IOC_TYPE(cmd) == RTFM_IOC_MAGIC && !documented(cmd, err) &&
	    ADD(shared->undocumented, 1) == 1) {
		shared->first_cmd = cmd;
		shared->first_err = err;
	}
}

/* How often each is called */
static uint32_t random_command(uint64_t *random)
{
	static const uint8_t weights[] = {
		0, 0, 0, 1, 2, 2, 3, 4, 4, 4, 4, 5, 5, 5, 5, 5, 5, 6, 6, 6, 7, 7, 7, 8, 8, 9, 9, 9,
	};

	return weights[pick(random, ARRAY_SIZE(weights))];
}

static int call(uint32_t nr, uint32_t slot, uint64_t *random)
{
	unsigned long cmd = _IO(RTFM_IOC_MAGIC, _IOC_NR(RTFM_IOC_QUERY) + nr);
	int fd = LOAD(fds[slot]);
	union arg arg, *at;
	uint32_t core;
	int err;

	if (fd < 0)
		return -EBADF;
	fill(&arg, nr, slot, random);
	core = arg.head.core;
	if (one_in(random, 32))
		arg.head.size = one_in(random, 2) ? (uint32_t)value(random) :
						    arg.head.size + pick(random, 17) - 8;
	at = place(&arg, random);
	if (one_in(random, 128)) {
		cmd = _IOC(pick(random, 4), RTFM_IOC_MAGIC, pick(random, 256),
			   one_in(random, 2) ? 0 : pick(random, 1 << 14));
		nr = OTHER;
	}
	/* the entry of upcalls has one control block: that of the last */
	if (cmd == RTFM_IOC_ATTACH && core < 3)
		upcall_ctl = (struct rtfm_ctl *)(room(slot) + core * PAGE);
	err = command(fd, cmd, at);
	answered(cmd, nr, err);
	if (!err && cmd == RTFM_IOC_SETUP && at == &arg)
		STORE(sizes[slot], arg.setup.region_bytes);
	return err;
}

/* ---- descriptors ---- */

static void set_fd(uint32_t slot, int fd, uint64_t bytes)
{
	int old = __atomic_exchange_n(&fds[slot], fd, __ATOMIC_SEQ_CST);

	STORE(sizes[slot], bytes);
	if (old >= 0)
		close(old);
}

static void map(uint32_t slot, uint64_t *random)
{
	uint64_t bytes = one_in(random, 32) ? value(random) & ~4095ULL : LOAD(sizes[slot]);
	int prot = PROT_READ | (one_in(random, 32) ? 0 : PROT_WRITE) |
		   (one_in(random, 32) ? PROT_EXEC : 0);
	uint32_t to = one_in(random, 8) ? pick(random, SLOTS) : slot;
	void *at;

	if (!bytes || bytes > ROOM)
		return;
	STORE(live[to], 0);
	at = mmap(room(to), bytes, prot,
		  MAP_FIXED | (one_in(random, 32) ? MAP_PRIVATE : MAP_SHARED), LOAD(fds[slot]),
		  one_in(random, 32) ? PAGE : 0);
	if (at == MAP_FAILED)
		return;
	STORE(live[to], bytes);
	happened(MAPS, 1);
}

/* From nothing to an app that can be attached to, unless it is not */
static void build(uint32_t slot, uint64_t *random)
{
	set_fd(slot, open(DEVICE, O_RDWR | (one_in(random, 4) ? 0 : O_CLOEXEC)), 0);
	if (!call(1, slot, random))
		map(slot, random);
}

static void send_one(uint32_t slot)
{
	char control[CMSG_SPACE(sizeof(int))] __attribute__((aligned(8))) = "", byte = 'x';
	struct iovec iov = { &byte, 1 };
	struct msghdr message = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&message);
	int fd = LOAD(fds[slot]);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	if (fd >= 0 && sendmsg(mail[0], &message, MSG_DONTWAIT | MSG_NOSIGNAL) == 1)
		happened(SENT, 1);
}

static void receive_one(uint32_t slot)
{
	char control[CMSG_SPACE(sizeof(int))] __attribute__((aligned(8))) = "", byte;
	struct iovec iov = { &byte, 1 };
	struct msghdr message = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *c;
	int fd;

	if (recvmsg(mail[1], &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC) != 1)
		return;
	c = CMSG_FIRSTHDR(&message);
	if (!c || c->cmsg_type != SCM_RIGHTS)
		return;
	memcpy(&fd, CMSG_DATA(c), sizeof(fd));
	set_fd(slot, fd, 0);
	happened(RECEIVED, 1);
}

static void descriptors(uint64_t *random)
{
	uint32_t slot = pick(random, SLOTS), to = pick(random, SLOTS);

	switch (pick(random, 8)) {
	case 0:
	case 1:
	case 2:
		build(slot, random);
		break;
	case 3:
		set_fd(slot, -1, 0);
		break;
	case 4:
		if (LOAD(fds[slot]) >= 0)
			set_fd(to, dup(LOAD(fds[slot])), LOAD(sizes[slot]));
		break;
	case 5:
		if (LOAD(fds[slot]) >= 0 && LOAD(fds[to]) >= 0 && slot != to)
			dup2(LOAD(fds[slot]), LOAD(fds[to]));
		break;
	case 6:
		send_one(slot);
		break;
	default:
		receive_one(slot);
		break;
	}
}

/* ---- mappings ---- */

static void hold_pages(uint32_t slot, uint64_t *random)
{
	struct iovec iov = { room(slot) + (pick(random, 3) * PAGE), PAGE };
	char drain[4096];

	if (vmsplice(pages[1], &iov, 1, SPLICE_F_NONBLOCK) < 0)
		while (read(pages[0], drain, sizeof(drain)) > 0)
			;
}

static void mappings(uint64_t *random)
{
	static const int advice[] = {
		MADV_DOFORK, MADV_DOFORK, MADV_DONTFORK, MADV_DONTNEED, MADV_FREE, MADV_REMOVE,
		MADV_WILLNEED, MADV_COLD, MADV_PAGEOUT, MADV_HUGEPAGE, MADV_WIPEONFORK,
	};
	uint32_t slot = pick(random, SLOTS), to = pick(random, SLOTS);
	uint64_t bytes = LOAD(live[slot]);
	char *at = room(slot);

	switch (pick(random, 10)) {
	case 0:
		if (bytes) {
			reserve(slot);
			happened(UNMAPS, 1);
		}
		break;
	case 1:
	case 2:
		if (!bytes)
			map(slot, random);
		break;
	case 3:
		if (bytes && slot != to && !LOAD(live[to]) &&
		    mremap(at, bytes, bytes, MREMAP_MAYMOVE | MREMAP_FIXED,
			   room(to)) != MAP_FAILED) {
			STORE(live[to], bytes);
			reserve(slot);
			happened(MOVES, 1);
		}
		break;
	case 4: /* a part of it */
		if (bytes > PAGE && (munmap(at + PAGE, PAGE) || mprotect(at, PAGE, PROT_READ)))
			happened(SPLITS, 1);
		break;
	case 5:
		if (bytes)
			mprotect(at, bytes, PROT_READ | (one_in(random, 8) ? 0 : PROT_WRITE) |
				 (one_in(random, 8) ? PROT_EXEC : 0));
		break;
	case 6:
		if (bytes)
			madvise(at, one_in(random, 2) ? bytes : PAGE,
				advice[pick(random, ARRAY_SIZE(advice))]);
		break;
	case 7:
		if (bytes)
			mremap(at, one_in(random, 2) ? bytes : 0, bytes + PAGE, MREMAP_MAYMOVE);
		break;
	case 8:
		if (bytes)
			one_in(random, 2) ? mlock(at, bytes) : munlock(at, bytes);
		break;
	default:
		if (bytes)
			hold_pages(slot, random);
		break;
	}
}

/* ---- processes and threads ---- */

/* An app that has ended is replaced soon: most of the time there is one for commands. */
static void commands(uint64_t *random, uint32_t n)
{
	uint32_t slot = pick(random, SLOTS);
	int err;

	while (n--) {
		if (LOAD(fds[slot]) < 0)
			slot = pick(random, SLOTS);
		err = call(random_command(random), slot, random);
		if ((err == -ESHUTDOWN || err == -EBADF || err == -ENXIO) && one_in(random, 32))
			build(slot, random);
	}
}

/* The other image: what it inherited does nothing. */
static int execed(uint64_t random)
{
	int fd;

	for (fd = 3; fd < 40; fd++) {
		struct rtfm_query query;

		app_query(fd, 0, &query);
		core_kick(fd, 0);
		core_park(fd);
		if (one_in(&random, 2))
			close(fd);
	}
	return 0;
}

/* Without libc's fork(), which takes locks that a thread may hold for ever */
static void have_child(uint64_t *random)
{
	uint64_t child_random = random_u64(random) | 1;
	uint32_t i;

	happened(FORKS, 1);
	if (syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0))
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	alarm(3);
	if (one_in(&child_random, 4)) {
		static char * const argv[] = { "fuzz", "--execed", NULL };
		static char * const envp[] = { NULL };

		happened(EXECS, 1);
		execve("/proc/self/exe", argv, envp);
		_exit(1);
	}
	for (i = 0; i < 40; i++) {
		commands(&child_random, 4);
		scribble_some(&child_random, 4);
		if (one_in(&child_random, 4))
			descriptors(&child_random);
	}
	_exit(0);
}

static void elsewhere(uint64_t *random)
{
	switch (pick(random, 6)) {
	case 0:
		pin_to(cpu_of(pick(random, 2)));
		break;
	case 1:
		unpin();
		break;
	case 2:
		sched_setscheduler(0, SCHED_OTHER, &(struct sched_param) { 0 });
		break;
	case 3:
		spin_ns(pick(random, 300000));
		break;
	case 4:
		sleep_ns(pick(random, 200000));
		break;
	default:
		sched_yield();
		break;
	}
}

struct thread {
	uint64_t random;
	pid_t tid;
	enum { PLAYER, CORE, SCRIBBLER } role;
	char stack[STACK];
};

#define THREADS 5

static struct thread threads[THREADS];

static void become_core(struct thread *t)
{
	uint32_t slot = pick(&t->random, SLOTS);

	if (LOAD(fds[slot]) < 0)
		build(slot, &t->random);
	pin_to(cpu_of((uint32_t)(t - threads)));
	call(_IOC_NR(RTFM_IOC_ATTACH) - _IOC_NR(RTFM_IOC_QUERY), slot, &t->random);
}

static void turn(struct thread *t)
{
	uint64_t *random = &t->random;
	uint32_t what = pick(random, 1000);

	if (what < 15)
		descriptors(random);
	else if (what < 40)
		mappings(random);
	else if (what < 60)
		elsewhere(random);
	else if (what < 61)
		have_child(random);
	else if (what < 90 && t->role == CORE)
		become_core(t);
	else if (what < 200)
		scribble_some(random, 8);
	else
		commands(random, 16);
}

/* Thrown out of it at any point, by a crash: keeps nothing in its frame. */
static void *lives(void *arg)
{
	struct thread *t = arg;
	uint64_t seen_crashes = 0;

	t->tid = gettid_();
	crash_stack(t->stack, STACK);
	sigsetjmp(crash_back, 1);
	crash_expected = 1;
	for (;;) {
		uint64_t was = upcalls + bells;
		uint32_t i;

		for (i = 0; i < 64; i++) {
			if (t->role == SCRIBBLER && !one_in(&t->random, 16)) {
				scribble_some(&t->random, 1024);
				/* the commands want some time, too */
				sched_yield();
			} else {
				turn(t);
			}
		}
		if (crashes != seen_crashes || upcalls + bells != was) {
			happened(CRASHES, crashes);
			happened(UPCALLS, upcalls);
			happened(BELLS, bells);
			crashes = upcalls = bells = 0;
		}
		if (t->role == CORE && one_in(&t->random, 20)) {
			happened(GONE, 1);
			STORE(t->tid, 0);
			/* without detaching, without a word to libc */
			syscall(SYS_exit, 0);
		}
	}
	return NULL;
}

static void start(struct thread *t)
{
	static const int roles[THREADS] = { CORE, CORE, PLAYER, PLAYER, SCRIBBLER };
	pthread_attr_t attr;
	pthread_t thread;

	t->role = roles[t - threads];
	t->tid = -1;
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_create(&thread, &attr, lives, t);
}

/* A signal for whatever might want one must not be the end: that is main()'s. */
static void take_signals(void)
{
	struct sigaction action = { .sa_handler = on_bell, .sa_flags = SA_ONSTACK };
	int sig;

	for (sig = 1; sig <= SIGRTMAX; sig++)
		if (sig != SIGALRM && sig != SIGCHLD)
			sigaction(sig, &action, NULL);
	signal(SIGCHLD, SIG_IGN);
	catch_crashes();
}

static __attribute__((noreturn)) void hostile(uint64_t random)
{
	int null = open("/dev/null", O_RDWR);
	uint32_t i;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setpgid(0, 0);
	/* what it has to say, with its stack smashed, is not for the transcript */
	dup2(null, STDOUT_FILENO);
	dup2(null, STDERR_FILENO);
	close(null);
	take_signals();
	rooms = mmap(NULL, SLOTS * ROOM, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
		     -1, 0);
	if (rooms == MAP_FAILED || pipe2(pages, O_NONBLOCK))
		_exit(99);
	for (i = 0; i < SLOTS; i++) {
		fds[i] = -1;
		if (i < 3)
			build(i, &random);
	}
	for (i = 0; i < THREADS; i++) {
		threads[i].random = derive(random, i);
		start(&threads[i]);
	}
	/* ends their sleep, and replaces processes that have ended */
	for (;;) {
		sleep_ns(pick(&random, 4000000));
		i = pick(&random, THREADS);
		if (!LOAD(threads[i].tid))
			start(&threads[i]);
		else if (LOAD(threads[i].tid) > 0)
			syscall(SYS_tgkill, getpid(), threads[i].tid, NUDGE);
	}
}

/* ---- the neighbour ---- */

#define LEVEL 6u

static struct app app;

static __attribute__((noreturn, format(printf, 1, 2))) void complain(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(shared->complaint, sizeof(shared->complaint), format, args);
	va_end(args);
	_exit(1);
}

/* Waits in one way or the other for the job, which comes neither early nor never. */
static void expect_job(uint32_t me, uint32_t job, uint64_t instant, bool parks)
{
	uint64_t until = now_ns() + PATIENCE, spun = now_ns() + MSEC / 2;
	struct rtfm_job got;
	int err;

	for (;;) {
		take_ready(&app, me);
		if (take_job(&app, me, LEVEL, &got))
			break;
		if (now_ns() > until)
			complain("core %u: no job after 30 s", me);
		if (!parks && now_ns() < spun)
			continue;
		err = core_arm(app.fd, until) ?: core_park(app.fd);
		if (err && err != -EINTR)
			complain("core %u: arm, park: %s", me, strerror(-err));
	}
	if (got.job != job || got.instant != instant)
		complain("core %u: job %u of %llu in place of %u of %llu", me, got.job,
			 (unsigned long long)got.instant, job, (unsigned long long)instant);
	if (now_ns() < instant)
		complain("core %u: a job came early", me);
}

static void neighbour_round(uint32_t me, uint32_t i, uint64_t *random)
{
	struct rtfm_submit s = {
		.instant = now_ns() + pick(random, 2000000), .tag = i, .level = LEVEL, .job = i,
	};
	struct rtfm_submit far = { .instant = INSTANT_MAX, .timer = 1, .tag = i, .level = LEVEL };
	bool now;
	int err;

	if (i & 1) {
		if (!put_submit(&app, me, &s, &now))
			complain("core %u: the submission ring is full", me);
		err = now ? core_take_in(app.fd) : 0;
	} else {
		err = job_schedule(app.fd, me, &s);
	}
	if (err)
		complain("core %u: schedule: %s", me, strerror(-err));
	expect_job(me, i, s.instant, i & 2);
	err = job_schedule(app.fd, me, &far) ?: job_cancel(app.fd, me, 1, i);
	if (err || job_cancel(app.fd, me, 1, i) != -ENOENT)
		complain("core %u: cancel: %s", me, strerror(-err));
	err = core_kick(app.fd, !me);
	if (err && err != -ENXIO)
		complain("core %u: kick: %s", me, strerror(-err));
}

static void *neighbour_core(void *arg)
{
	uint32_t me = (uint32_t)(uintptr_t)arg, i;
	uint64_t random = derive(seed, 500 + me);
	struct rtfm_query query;

	if (pin_to(cpu_of(me)) || be_fifo(95) || core_attach(&app, me, 0))
		complain("core %u: attach", me);
	for (i = 0; !shared->stop; i++) {
		neighbour_round(me, i, &random);
		ADD(shared->rounds, 1);
		/* its priority is above that of all others: leave them something */
		sleep_ns(10 * MSEC);
	}
	if (app_query(app.fd, me, &query) || query.lost || query.releases != i || query.pending)
		complain("core %u: %llu lost, %llu released of %u", me,
			 (unsigned long long)query.lost, (unsigned long long)query.releases, i);
	return NULL;
}

static __attribute__((noreturn)) void neighbour(void)
{
	pthread_t other;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	catch_bells();
	if (app_start(&app, 2, 1u << LEVEL, 4))
		complain("start");
	pthread_create(&other, NULL, neighbour_core, (void *)1);
	neighbour_core(NULL);
	pthread_join(other, NULL);
	app_stop(&app);
	_exit(0);
}

/* ---- main ---- */

static uint64_t called(void)
{
	uint64_t n = 0;
	uint32_t i;

	for (i = 0; i <= COMMANDS; i++)
		n += LOAD(shared->calls[i]);
	return n;
}

static void report(void)
{
	uint32_t i, err;

	for (i = 0; i <= COMMANDS; i++) {
		printf("# %-8s %llu, done %llu;", command_names[i],
		       (unsigned long long)shared->calls[i], (unsigned long long)shared->done[i]);
		for (err = 1; err < 256; err++)
			if (shared->answers[i][err / 64] >> (err % 64) & 1)
				printf(" %s", strerrorname_np((int)err));
		printf("\n");
	}
	for (i = 0; i < EVENTS; i++)
		note("%s: %llu", event_names[i], (unsigned long long)shared->events[i]);
}

struct child {
	pid_t pid;
	uint64_t end;
};

/*
 * Who makes the hostile processes, main()'s children all the same. A fork waits for locks
 * that its older children may hold, and they may not get on before main() kills them.
 */
static int wishes[2], pids[2];

static __attribute__((noreturn)) void nursery(void)
{
	uint64_t random;
	pid_t pid;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	close(wishes[1]);
	be_fifo(98);
	while (read(wishes[0], &random, sizeof(random)) == sizeof(random)) {
		pid = (pid_t)syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0);
		if (!pid)
			hostile(random);
		if (write(pids[1], &pid, sizeof(pid)) != sizeof(pid))
			break;
	}
	_exit(0);
}

/* Kills the process and its children. False if it lives on. */
static bool finish(struct child *c)
{
	kill(-c->pid, SIGKILL);
	return !kill_and_reap(c->pid) || errno == ECHILD;
}

static struct child *expected;	/* from the nursery: one at a time */

static void wish(struct child *c, uint64_t nr)
{
	uint64_t random = derive(seed, nr);

	if (write(wishes[1], &random, sizeof(random)) == sizeof(random))
		expected = c;
}

/* It lives from now on. */
static void is_born(uint64_t *random)
{
	pid_t pid;

	if (!expected || read(pids[0], &pid, sizeof(pid)) != sizeof(pid))
		return;
	expected->pid = pid > 0 ? pid : 0;
	expected->end = now_ns() + 20 * MSEC +
			random_u64(random) % (one_in(random, 2) ? 200 * MSEC : 3 * SEC);
	expected = NULL;
}

/* False if one of them, or the nursery, lives on. */
static bool finish_all(struct child *children, pid_t nurse, uint64_t *random)
{
	struct child *last;
	bool finished = true;
	int status;
	uint32_t i;

	close(wishes[1]);
	for (i = 0; i < HOSTILE; i++)
		if (children[i].pid > 0)
			finished &= finish(&children[i]);
	finished &= !reap(nurse, &status);
	/* whom it has left */
	last = expected;
	is_born(random);
	if (last && !expected && last->pid > 0)
		finished &= finish(last);
	return finished;
}

int main(int argc, char **argv)
{
	unsigned long want_calls, want_stores;
	struct child children[HOSTILE] = {};
	uint64_t deadline, begun, random, nr = 0;
	bool killable = true, whole = true;
	int status = -1, err;
	pid_t good, nurse;
	uint32_t i;

	if (argc > 1 && !strcmp(argv[1], "--execed"))
		return execed((uint64_t)getpid() * 0x9e3779b97f4a7c15ULL | 1);
	begin("fuzz", 0x66757a7a);
	want_calls = scaled(1000000);
	want_stores = scaled(100000000);
	random = derive(seed, 0);
	cpus_online();
	begun = now_ns();
	deadline = begun + env_number("RTFM_SECONDS", 600) * SEC;
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		      -1, 0);
	if (shared == MAP_FAILED || socketpair(AF_UNIX, SOCK_DGRAM, 0, mail))
		return EXIT_FAIL;
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	be_fifo(99);
	good = fork();
	if (!good)
		neighbour();
	if (pipe2(wishes, O_CLOEXEC) || pipe2(pids, O_CLOEXEC | O_NONBLOCK))
		return EXIT_FAIL;
	nurse = fork();
	if (!nurse)
		nursery();
	while (killable && now_ns() < deadline &&
	       (called() < want_calls || shared->events[SCRIBBLES] < want_stores)) {
		for (i = 0; i < HOSTILE; i++) {
			if (children[i].pid > 0 && now_ns() >= children[i].end) {
				killable &= finish(&children[i]);
				children[i].pid = 0;
			}
			if (children[i].pid <= 0 && !expected)
				wish(&children[i], ++nr);
		}
		is_born(&random);
		sleep_ns(5 * MSEC);
	}
	killable &= finish_all(children, nurse, &random);
	shared->stop = 1;
	err = reap(good, &status);
	if (err)
		kill(good, SIGKILL);
	/* what is in flight goes with it, and what was adopted */
	close(mail[0]);
	close(mail[1]);
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
	note("%llu processes, %llu s", (unsigned long long)nr,
	     (unsigned long long)((now_ns() - begun) / SEC));
	report();
	/* a slow machine may have too little time for all of them */
	ok(called() >= want_calls / 10, "%llu commands of %lu", (unsigned long long)called(),
	   want_calls);
	ok(shared->events[SCRIBBLES] >= want_stores / 10, "%llu stores of %lu",
	   (unsigned long long)shared->events[SCRIBBLES], want_stores);
	ok(killable, "SIGKILL ends every process");
	if (!ok(!shared->undocumented, "every answer is documented"))
		note("%llu are not; the first: %s of command %#llx",
		     (unsigned long long)shared->undocumented,
		     strerrorname_np((int)-shared->first_err) ?: "?",
		     (unsigned long long)shared->first_cmd);
	if (!ok(!err && !status, "the neighbour feels nothing, in %llu rounds",
		(unsigned long long)shared->rounds))
		note("%s", err ? "it does not end" : shared->complaint);
	for (i = 0; i < COMMANDS; i++)
		whole &= shared->done[i] > 0;
	for (i = 0; i < EVENTS; i++)
		whole &= shared->events[i] > 0;
	if (want_calls >= 100000)
		ok(whole, "everything happened");
	ok_nothing_left("fuzz");
	return tap_end();
}
