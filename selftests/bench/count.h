/* SPDX-License-Identifier: GPL-2.0 */
/* What the protocol promises in numbers, counted on the link and in the module. */
#ifndef BENCH_COUNT_H
#define BENCH_COUNT_H

#include <stdbool.h>
#include <stddef.h>

#include "../rig/rig.h"
#include "clock.h"
#include "tape.h"

#define COUNT_MAX	32
#define COUNT_NAME	48

/**
 * struct count - one number
 * @name: what was counted
 * @value: how many
 * @wanted: how many the protocol says
 */
struct count {
	char name[COUNT_NAME];
	size_t value;
	size_t wanted;
};

/**
 * struct counts - all of them
 * @list: numbers
 * @count: how many
 * @pair_data: of the bytes of a pairing, those in data fields
 * @open_data: of the bytes of an OPEN, those in data fields
 * @cached_data: the same with KA cached
 */
struct counts {
	struct count list[COUNT_MAX];
	size_t count;
	size_t pair_data;
	size_t open_data;
	size_t cached_data;
};

/**
 * struct arrival - a paired module comes
 * @total: milliseconds from its power-up until the driver says "paired"
 * @work: of those, the module's own for the commands
 * @trips: commands on the link, the reset not counted
 */
struct arrival {
	struct rounds total;
	struct rounds work;
	size_t trips;
};

bool counts_right(const struct counts *counts);
void counts_add(struct counts *counts, const char *name, size_t value, size_t wanted);

/* Pairs host 0, which stays paired, and counts. NULL, or what failed. */
const char *count_pairing(struct counts *counts, struct rig *rig, struct tape *tape);
/* Removes and inserts the module, which is paired. NULL, or what failed. */
const char *count_arrival(struct counts *counts, struct arrival *arrival, struct rig *rig,
			  struct tape *tape);
/* Closes and opens the session. NULL, or what failed. */
const char *count_open(struct counts *counts, struct rig *rig, struct tape *tape);

#endif /* BENCH_COUNT_H */
