// SPDX-License-Identifier: GPL-2.0
#include "clock.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

uint64_t clock_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ULL + t.tv_nsec;
}

void rounds_add(struct rounds *r, double value)
{
	if (r->count < BENCH_ROUNDS)
		r->value[r->count++] = value;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double rounds_median(const struct rounds *r)
{
	double sorted[BENCH_ROUNDS];

	if (!r->count)
		return 0;
	memcpy(sorted, r->value, r->count * sizeof(*sorted));
	qsort(sorted, r->count, sizeof(*sorted), compare);
	return (sorted[(r->count - 1) / 2] + sorted[r->count / 2]) / 2;
}
