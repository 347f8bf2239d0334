// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "centre/buckets.h"

/* Places where a name may be. */
#define WAYS	8

static uint64_t mix(uint64_t h)
{
	h ^= h >> 33;
	h *= 0xff51afd7ed558ccdULL;
	h ^= h >> 33;
	h *= 0xc4ceb9fe1a85ec53ULL;
	return h ^ h >> 33;
}

static uint64_t hash(const struct buckets *buckets, const struct bucket_name *name)
{
	uint64_t h = mix(buckets->seed ^ (uint64_t)name->scope);
	size_t i;

	for (i = 0; i < name->len; i++)
		h = mix(h ^ name->id[i]);
	return h;
}

/**
 * bucket_name() - Say whose bucket.
 * @name: Receives it.
 * @scope: What it is.
 * @id: Who.
 * @len: Bytes at @id, at most %BUCKET_ID_MAX.
 */
void bucket_name(struct bucket_name *name, enum limit_scope scope, const void *id,
		 size_t len)
{
	memset(name, 0, sizeof(*name));
	name->scope = scope;
	name->len = len < BUCKET_ID_MAX ? len : BUCKET_ID_MAX;
	memcpy(name->id, id, name->len);
}

static bool is_of(const struct bucket *bucket, const struct bucket_name *name)
{
	return bucket->name.scope == name->scope && bucket->name.len == name->len &&
	       !memcmp(bucket->name.id, name->id, name->len);
}

/* When nobody misses it; a place that is nobody's is missed by nobody. */
static int64_t calm_at(const struct buckets *buckets, const struct bucket *bucket)
{
	if (!bucket->name.scope)
		return INT64_MIN;
	return limit_calm_at(&bucket->limit, &buckets->rules[bucket->name.scope]);
}

/* The name's bucket; else a new one in place of that which is missed the least. */
static struct bucket *find(struct buckets *buckets, const struct bucket_name *name,
			   int64_t now)
{
	uint64_t first = hash(buckets, name);
	struct bucket *best = NULL, *bucket;
	unsigned int i;

	for (i = 0; i < WAYS; i++) {
		bucket = &buckets->of[(first + i) % BUCKETS];
		if (is_of(bucket, name))
			return bucket;
		if (!best || calm_at(buckets, bucket) < calm_at(buckets, best))
			best = bucket;
	}
	best->name = *name;
	limit_fill(&best->limit, &buckets->rules[name->scope], now);
	return best;
}

/**
 * buckets_take() - May somebody ask once more?
 * @buckets: The table.
 * @name: Who.
 * @now: Milliseconds since 1970.
 *
 * Return: As limit_take().
 */
uint32_t buckets_take(struct buckets *buckets, const struct bucket_name *name,
		      int64_t now)
{
	struct bucket *bucket = find(buckets, name, now);

	bucket->changed = true;
	return limit_take(&bucket->limit, &buckets->rules[name->scope], now);
}

/**
 * buckets_put() - Put a bucket where it was before a restart.
 * @buckets: The table.
 * @name: Whose; a scope that does not exist is passed over.
 * @limit: The bucket.
 * @now: Milliseconds since 1970.
 */
void buckets_put(struct buckets *buckets, const struct bucket_name *name,
		 const struct limit_bucket *limit, int64_t now)
{
	if (name->scope > 0 && name->scope < LIMIT_SCOPES)
		find(buckets, name, now)->limit = *limit;
}

/* Of the others a crash gives back half a bucket at most. */
static bool is_worth_it(const struct buckets *buckets, const struct bucket *bucket)
{
	const struct limit_rule *rule = &buckets->rules[bucket->name.scope];

	return bucket->limit.strikes ||
	       bucket->limit.level < (int64_t)rule->burst * LIMIT_WHOLE / 2;
}

/**
 * buckets_changed() - Collect what is to be written.
 * @buckets: The table; what was collected counts as written.
 * @all: All that matter, not only those that are less than half full.
 * @now: Milliseconds since 1970.
 * @from: Place to go on from, 0 at first; moved on, %BUCKETS at the end.
 * @out: Receives them.
 * @max: How many there is room for.
 *
 * Return: How many.
 */
unsigned int buckets_changed(struct buckets *buckets, bool all, int64_t now,
			     unsigned int *from, struct bucket *out,
			     unsigned int max)
{
	unsigned int count = 0;
	struct bucket *bucket;

	for (; *from < BUCKETS && count < max; (*from)++) {
		bucket = &buckets->of[*from];
		if (!bucket->changed || calm_at(buckets, bucket) <= now ||
		    !(all || is_worth_it(buckets, bucket)))
			continue;
		bucket->changed = false;
		out[count++] = *bucket;
	}
	return count;
}
