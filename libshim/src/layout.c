// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * The memory of an app: one mapping, laid out before any thread starts, for all cores,
 * their control blocks, rings, timer queues, ports and slots.
 *
 * lay_out() goes through the declaration twice, with the same code: without memory, to
 * add up the sizes, and with it, to fill in the pointers.
 */
#include <errno.h>
#include <ring.h>
#include <string.h>
#include <sys/mman.h>

#include "cell.h"
#include "layout.h"
#include "periodic.h"
#include "ready.h"
#include "slot.h"
#include "state.h"

struct arena {
	char *base;
	size_t used;
};

static void *take(struct arena *arena, size_t size, size_t align)
{
	size_t at = (arena->used + align - 1) & ~(align - 1);

	arena->used = at + size;
	return arena->base ? arena->base + at : NULL;
}

static bool sends(const struct rtfmx_task_info *task, uint32_t sender)
{
	return task->core == sender || task->remote;
}

/* Jobs that sender may have pending on a core, from spawn alone. */
static uint32_t jobs_of(const struct rtfm_app *decl, uint32_t core, uint32_t sender)
{
	uint32_t jobs = 0, t;

	for (t = 0; t < decl->ntasks; t++)
		if (decl->tasks[t].core == core && sends(&decl->tasks[t], sender))
			jobs += decl->tasks[t].capacity;
	return jobs;
}

/* Jobs that another core may have pending at each level of a core, from spawn alone. */
static void count_remote(const struct rtfm_app *decl, uint32_t core, uint32_t jobs[RTFM_LEVELS])
{
	uint32_t t;

	memset(jobs, 0, RTFM_LEVELS * sizeof(*jobs));
	for (t = 0; t < decl->ntasks; t++)
		if (decl->tasks[t].core == core && decl->tasks[t].remote)
			jobs[decl->tasks[t].priority] += decl->tasks[t].capacity;
}

uint32_t layout_timers(const struct rtfm_app *decl, uint32_t core)
{
	uint32_t timers = 0, t;

	for (t = 0; t < decl->ntasks; t++)
		if (decl->tasks[t].core == core)
			timers += decl->tasks[t].capacity *
				  (decl->tasks[t].remote ? decl->ncores : 1) +
				  (decl->tasks[t].period ? 1 : 0);
	return timers;
}

static uint32_t top_level(const struct rtfm_app *decl, uint32_t core)
{
	uint32_t top = 0, t;

	for (t = 0; t < decl->ntasks; t++)
		if (decl->tasks[t].core == core && decl->tasks[t].priority > top)
			top = decl->tasks[t].priority;
	return top;
}

/* The ring from a sender to a level of @core */
static void lay_cells(struct arena *arena, struct core *sender, struct core *core,
		      struct inbox *inbox, uint32_t level, uint32_t jobs)
{
	uint32_t entries = rtfm_ring_size(jobs), i;
	struct outbox *outbox = take(arena, sizeof(*outbox), sizeof(*outbox));
	/* not in the pair of lines that a processor may fetch with another ring's */
	struct cell *cells = take(arena, entries * sizeof(*cells), 2 * sizeof(*cells));

	if (!core || !sender || !inbox || !outbox || !cells)
		return;
	outbox->cells = cells;
	outbox->mask = entries - 1;
	outbox->tail = CELL_FIRST;
	outbox->oldest = CELL_FIRST;
	sender->outboxes[core->nr * RTFM_LEVELS + level] = outbox;
	inbox->cells = cells;
	inbox->mask = entries - 1;
	inbox->level = level;
	inbox->full = CELL_FULL(CELL_FIRST);
	inbox->next = &cells[CELL_FIRST & inbox->mask];
	for (i = 0; i < entries; i++)
		cells[i].seq = CELL_FREE(CELL_FIRST + i);
}

/* Each other core may send to each level that has a task for others. */
static void lay_boxes(struct arena *arena, const struct rtfm_app *decl, struct core *cores,
		      uint32_t nr)
{
	struct core *core = cores ? &cores[nr] : NULL;
	uint32_t jobs[RTFM_LEVELS], level, sender, n = 0;
	struct inbox *inboxes;

	count_remote(decl, nr, jobs);
	for (level = 0; level < RTFM_LEVELS; level++)
		n += jobs[level] ? decl->ncores - 1 : 0;
	inboxes = take(arena, n * sizeof(*inboxes), 64);
	n = 0;
	for (level = 0; level < RTFM_LEVELS; level++) {
		if (core)
			core->first[level] = (uint16_t)n;
		for (sender = 0; jobs[level] && sender < decl->ncores; sender++)
			if (sender != nr)
				lay_cells(arena, core ? &cores[sender] : NULL, core,
					  core ? &inboxes[n++] : NULL, level, jobs[level]);
		if (core && core->first[level] != n)
			core->remote |= 1u << level;
	}
	if (!core)
		return;
	core->first[RTFM_LEVELS] = (uint16_t)n;
	core->inboxes = inboxes;
	core->nwatched = n <= READY_MAX_WATCHED ? n : 0;
	core->taken.slot.kind = RTFMX_SLOT_CELL;
}

/* The levels, a bit each, that are ceilings of resources which idle of the core may lock. */
static uint32_t idle_ceilings(const struct rtfm_app *decl, uint32_t nr)
{
	uint32_t levels = 0, r;

	for (r = 0; r < decl->nresources; r++)
		if (decl->cores[nr].idle_uses >> r & 1)
			levels |= 1u << decl->resources[r].ceiling;
	return levels;
}

static void lay_queues(struct arena *arena, const struct rtfm_app *decl, struct core *cores,
		       uint32_t nr)
{
	struct rtfm_job **kernel_rings = take(arena, RTFM_LEVELS * sizeof(*kernel_rings), 64);
	struct core *core = cores ? &cores[nr] : NULL;
	uint32_t level;

	lay_boxes(arena, decl, cores, nr);
	if (!core)
		return;
	core->senders = core->remote;
	core->top = top_level(decl, nr);
	core->locks = idle_ceilings(decl, nr);
	core->kernel_rings = kernel_rings;
	for (level = 1; level < RTFM_LEVELS; level++)
		core->pub.levels[level].last = &core->pub.levels[level].first;
}

/*
 * Room for what a sender may ask between two looks of the core: see ask() in timer.c. One
 * that has no slots there may hold handles of jobs of others.
 */
static void lay_requests(struct arena *arena, const struct rtfm_app *decl,
			 struct timer_ring *ring, uint32_t nr, uint32_t sender)
{
	uint32_t jobs = sender == nr ? 0 : jobs_of(decl, nr, sender);
	uint32_t entries = jobs ? rtfm_ring_size(4 * jobs) : 0;
	struct timer_request *far = NULL;

	if (entries * sizeof(*far) > sizeof(ring->near))
		far = take(arena, entries * sizeof(*far), 64);
	if (ring) {
		ring->entries = far ? entries : TIMER_RING_NEAR;
		ring->request = far ? far : ring->near;
	}
}

static void lay_timers(struct arena *arena, const struct app *app, struct core *core, uint32_t nr)
{
	uint32_t timers = layout_timers(app->decl, nr), ncores = app->decl->ncores, sender;
	struct rtfm_timer *queue = take(arena, timers * sizeof(*queue), 64);
	uint32_t *heap = take(arena, timers * sizeof(*heap), 64);
	struct timer_entry *timer = take(arena, timers * sizeof(*timer), 64);
	struct rtfmx_slot **slots = take(arena, timers * sizeof(*slots), 64);
	struct timer_ring *requests = take(arena, ncores * sizeof(*requests), 64);

	if (core) {
		rtfm_timerq_init(&core->timers.queue, queue, heap, timers);
		core->timers.entries = timer;
		core->timers.slots = slots;
		core->timers.next = TIMER_NEVER;
		core->timers.requests = requests;
	}
	for (sender = 0; sender < ncores; sender++)
		lay_requests(arena, app->decl, requests ? &requests[sender] : NULL, nr, sender);
}

static struct rtfmx_slot *lay_slot(struct app *app, const struct rtfmx_port *port, uint32_t nr,
				   uint32_t kind)
{
	struct rtfmx_slot *slot = slot_of(app, port->job + nr);
	struct core *target = &app->cores[task_of(app, port->job)->core];

	slot->job = port->job + nr;
	slot->kind = kind;
	slot->run = kind == RTFMX_SLOT_PERIODIC ? periodic_run : task_of(app, port->job)->run;
	target->timers.slots[port->timer + nr] = slot;
	target->timers.entries[port->timer + nr].level = task_of(app, port->job)->priority;
	return slot;
}

/* @timer: the next timer of the task's core that is not taken */
static void lay_slots(struct app *app, struct rtfmx_port *port, const struct rtfmx_task_info *task,
		      uint32_t sender, uint32_t *timer)
{
	/* on the sender's own core, the list is the inline fast path's */
	bool local = app->engine->direct && task->core == sender;
	uint32_t nr;

	port->timer = *timer;
	for (nr = task->capacity; nr-- > 0;) {
		struct rtfmx_slot *slot = lay_slot(app, port, nr,
						   local ? RTFMX_SLOT_LOCAL : RTFMX_SLOT_POOL);

		if (local) {
			slot->next = port->free;
			port->free = slot;
		} else {
			port->pool[nr / 64] |= 1ULL << nr % 64;
		}
	}
	*timer += task->capacity;
	if (task->period && task->core == sender) {
		port->periodic = lay_slot(app, port, task->capacity, RTFMX_SLOT_PERIODIC);
		*timer += 1;
	}
}

#define POOL_NEAR RTFMX_PAYLOAD_ALIGN

static void lay_port(struct arena *arena, struct app *app, struct rtfmx_port *port,
		     uint32_t sender, uint32_t t, uint32_t *timers)
{
	const struct rtfmx_task_info *task = &app->decl->tasks[t];
	size_t bytes = task->capacity * slot_stride(task);
	unsigned char *slots;
	uint64_t *pool;
	uint32_t words;

	if (!sends(task, sender))
		return;
	if (task->period && task->core == sender)
		bytes += sizeof(struct rtfmx_slot) + sizeof(struct periodic);
	/* few slots: the bits that say which are free are in the line of the first */
	words = (task->capacity + 63) / 64;
	pool = take(arena, words == 1 ? POOL_NEAR + bytes : words * sizeof(*pool), 64);
	if (words > 1)
		slots = take(arena, bytes, 64);
	else
		slots = pool ? (unsigned char *)pool + POOL_NEAR : NULL;
	if (!port)
		return;
	port->slots = slots;
	port->pool = pool;
	port->capacity = task->capacity;
	port->job = RTFMX_JOB(t, sender, 0);
	lay_slots(app, port, task, sender, &timers[task->core]);
}

/* Lay the app out in @memory; NULL: only find out how much it takes. */
static size_t lay_out(struct app *app, void *memory)
{
	const struct rtfm_app *decl = app->decl;
	struct arena arena = { memory, 0 };
	struct core *cores = take(&arena, decl->ncores * sizeof(*cores), 64);
	uint32_t timers[RTFM_MAX_CORES] = { 0 };
	uint32_t c, t;

	app->cores = cores;
	for (c = 0; c < decl->ncores; c++) {
		struct outbox **outboxes = take(&arena, sizeof(*outboxes) * RTFM_LEVELS *
						decl->ncores, 64);

		if (cores) {
			cores[c].nr = c;
			cores[c].outboxes = outboxes;
		}
	}
	for (c = 0; c < decl->ncores; c++) {
		struct core *core = cores ? &cores[c] : NULL;
		struct rtfm_ctl *ctl = take(&arena, sizeof(*ctl), 64);

		lay_queues(&arena, decl, cores, c);
		lay_timers(&arena, app, core, c);
		if (core) {
			core->app = app;
			core->cpu = app->cpus[c];
			core->priority = app->priorities[c];
			core->stack = app->stacks[c];
			ready_init(core);
			core->pub.ctl = ctl;
			ctl->core = c;
			ctl->ceiling = RTFM_MAX_PRIORITY;
		}
	}
	for (c = 0; c < decl->ncores; c++) {
		struct rtfmx_port *ports = take(&arena, decl->ntasks * sizeof(*ports), 64);

		if (cores)
			cores[c].pub.ports = ports;
		for (t = 0; t < decl->ntasks; t++)
			lay_port(&arena, app, ports ? &ports[t] : NULL, c, t, timers);
	}
	return arena.used;
}

int layout_reserve(struct app *app)
{
	size_t bytes = lay_out(app, NULL);
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (memory == MAP_FAILED)
		return state_error(-ENOMEM, "no memory for the app: %zu bytes", bytes);
	if (madvise(memory, bytes, MADV_DONTFORK)) {
		int err = -errno;

		munmap(memory, bytes);
		return state_error(err, "the memory of the app cannot be kept from children: %s",
				   strerror(-err));
	}
	app->memory = memory;
	app->bytes = bytes;
	lay_out(app, memory);
	return 0;
}

void layout_unreserve(struct app *app)
{
	munmap(app->memory, app->bytes);
	app->memory = NULL;
	app->cores = NULL;
}
