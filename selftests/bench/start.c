// SPDX-License-Identifier: GPL-2.0 OR MIT
/* app_start_stop: rtfm_run() of an app of one core whose init ends it. */
#include "bench.h"

#define START(core, resource, task) core(0, init)
RTFM_APP(START);

static struct series series;

RTFM_INIT(0)
{
	series.engine = bench_engine();
	rtfm_exit(0);
}

int main(int argc, char **argv)
{
	uint64_t start;
	int status = 0;

	bench_begin(argc, argv);
	if (bench.samples > 300)
		bench.samples = 300;
	series_begin(&series, "app_start_stop", 1);
	while (!series_full(&series) && !status) {
		bench_start(&start);
		status = bench_run(0);
		series_add(&series, bench_tsc() - start);
	}
	series_end(&series);
	return status;
}
