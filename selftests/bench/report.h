/* SPDX-License-Identifier: GPL-2.0 */
/* The results, as a table for people or as JSON. */
#ifndef BENCH_REPORT_H
#define BENCH_REPORT_H

#include "count.h"
#include "speed.h"

#define REPORT_GOAL_SIZE	16384
#define REPORT_GOAL		0.10

/**
 * struct report - all results
 * @counts: numbers that must be right
 * @arrival: insertion
 * @speed: messages, by size
 * @gcm_floor: microseconds of AF_ALG's own in each gcm(aes) figure
 * @one_cpu: program, module and driver shared one CPU
 * @no_probes: why the driver's time was not taken apart; NULL when it was
 */
struct report {
	struct counts counts;
	struct arrival arrival;
	struct speed speed[SPEED_SIZES];
	struct rounds gcm_floor;
	bool one_cpu;
	const char *no_probes;
};

void report_table(const struct report *report);
void report_json(const struct report *report);

#endif /* BENCH_REPORT_H */
