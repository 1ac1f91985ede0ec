// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The properties of the benchmarks' clock, as lines about the machine. */
#include "bench.h"

#define CLOCK(core, resource, task) core(0)
RTFM_APP(CLOCK);

static uint64_t divisor(uint64_t a, uint64_t b)
{
	return b ? divisor(b, a % b) : a;
}

int main(int argc, char **argv)
{
	uint64_t last, step = 0;
	int i;

	bench_begin(argc, argv);
	last = bench_tsc();
	for (i = 0; i < 10000; i++) {
		uint64_t now = bench_tsc();

		step = divisor(step, now - last);
		last = now;
	}
	printf("machine\ttsc_mhz\t%.1f\n", 1000 / bench.ns);
	printf("machine\ttsc_step_ns\t%.2f\n", (double)step * bench.ns);
	printf("machine\treading_ns\t%.2f\n", (double)bench_empty(0) * bench.ns);
	printf("machine\tempty_loop_ns\t%.2f\n",
	       (double)(bench_empty(256) - bench_empty(0)) * bench.ns / 256);
	return 0;
}
