/* SPDX-License-Identifier: GPL-2.0 */
/* How much memory the kernel and this process hold, for a comparison later on. */
#ifndef SOAK_CENSUS_H
#define SOAK_CENSUS_H

#include <stdbool.h>

#define CENSUS_CACHES	1024

/**
 * struct census - what was held at one moment
 * @count: slab caches
 * @cache: each with its name and the objects in it that are in use
 * @pages_kb: memory of the kernel that is neither slab nor can be given up
 * @own_kb: memory of this process
 */
struct census {
	unsigned int count;
	struct {
		char name[256];
		long objects;
	} cache[CENSUS_CACHES];
	long pages_kb;
	long own_kb;
};

/* NULL, or why there is nothing to count with */
const char *census_missing(void);
/* Gives up what can be given up, waits for what is deferred, and counts. 0 or -errno */
int census_take(struct census *census);
/* Prints each cache that grew by more than @tolerance objects; whether there was none */
bool census_same_objects(const struct census *from, const struct census *to, long tolerance);

#endif /* SOAK_CENSUS_H */
