// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * mc-interleaved: two cores run at the same time; one prints dots, the other dashes.
 * Each core is a thread that stays on its own CPU.
 */
#include "example.h"
#include <sched.h>

#define INTERLEAVED(core, resource, task)				\
	core(0, idle)							\
	core(1, idle)
RTFM_APP(INTERLEAVED);

/* If the thread is not pinned to one CPU (refused, or not requested), nothing is checked. */
static void check_cpu(int cpu)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) || CPU_COUNT(&set) > 1)
		return;
	if (!CPU_ISSET(cpu, &set) || sched_getcpu() != cpu) {
		print("core %d runs on CPU %d\n", cpu, sched_getcpu());
		abort();
	}
}

static void delay(int n)
{
	while (n--)
		__asm__ __volatile__("");
}

/* The last core that leaves ends the line. */
static void leave(void)
{
	static int finished;

	if (__atomic_add_fetch(&finished, 1, __ATOMIC_SEQ_CST) == RTFM_NCORES)
		print("\n");
	rtfm_leave();
}

RTFM_IDLE(0)
{
	for (int i = 0; i < 64; i++) {
		delay(1000 * i);
		check_cpu(0);
		print(".");
		check_cpu(0);
	}
	leave();
}

RTFM_IDLE(1)
{
	for (int i = 0; i < 64; i++) {
		check_cpu(1);
		print("-");
		check_cpu(1);
		delay(1000 * i);
	}
	leave();
}

RTFM_MAIN()
