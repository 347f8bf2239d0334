/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The buckets of all who ask, in a table of fixed size: those that are as if
 * never used are reused first.
 */
#ifndef CENTRE_BUCKETS_H
#define CENTRE_BUCKETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "centre/limit.h"

#define BUCKETS		8192
/* Bytes of who asks, at most. */
#define BUCKET_ID_MAX	32

/**
 * struct bucket_name - Whose bucket.
 * @scope: What it is; 0 for nobody's.
 * @len: Bytes of @id.
 * @id: Who.
 */
struct bucket_name {
	enum limit_scope scope;
	size_t len;
	uint8_t id[BUCKET_ID_MAX];
};

/**
 * struct bucket - A bucket and whose it is.
 * @name: Whose.
 * @changed: It is not in the database as it is here.
 * @taken: Requests taken here that the database does not know of.
 * @limit: The bucket.
 */
struct bucket {
	struct bucket_name name;
	bool changed;
	uint32_t taken;
	struct limit_bucket limit;
};

/**
 * struct buckets - The table.
 * @rules: What each scope allows.
 * @seed: Keeps strangers from choosing names that collide.
 * @of: By hash of the name, within the nearest few places.
 */
struct buckets {
	struct limit_rule rules[LIMIT_SCOPES];
	uint64_t seed;
	struct bucket of[BUCKETS];
};

void bucket_name(struct bucket_name *name, enum limit_scope scope, const void *id,
		 size_t len);
uint32_t buckets_take(struct buckets *buckets, const struct bucket_name *name,
		      int64_t now);
void buckets_put(struct buckets *buckets, const struct bucket_name *name,
		 const struct limit_bucket *limit, int64_t now);
unsigned int buckets_changed(struct buckets *buckets, bool all, int64_t now,
			     unsigned int *from, struct bucket *out,
			     unsigned int max);
void buckets_merged(struct buckets *buckets, const struct bucket *merged);
void buckets_not_merged(struct buckets *buckets, const struct bucket *bucket);

#endif /* CENTRE_BUCKETS_H */
