/* SPDX-License-Identifier: GPL-2.0 */
/* Time, and medians of it. */
#ifndef BENCH_CLOCK_H
#define BENCH_CLOCK_H

#include <stddef.h>
#include <stdint.h>

#define BENCH_ROUNDS	5

uint64_t clock_ns(void);	/* CLOCK_MONOTONIC */

/**
 * struct rounds - one quantity, measured several times
 * @value: measurements
 * @count: how many
 */
struct rounds {
	double value[BENCH_ROUNDS];
	size_t count;
};

void rounds_add(struct rounds *r, double value);
double rounds_median(const struct rounds *r);	/* 0 without any */

#endif /* BENCH_CLOCK_H */
