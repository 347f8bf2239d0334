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

static struct bucket *look_up(struct buckets *buckets, const struct bucket_name *name)
{
	uint64_t first = hash(buckets, name);
	unsigned int i;

	for (i = 0; i < WAYS; i++)
		if (is_of(&buckets->of[(first + i) % BUCKETS], name))
			return &buckets->of[(first + i) % BUCKETS];
	return NULL;
}

/* The name's bucket; else a new one in place of that which is missed the least. */
static struct bucket *find(struct buckets *buckets, const struct bucket_name *name,
			   int64_t now)
{
	uint64_t first = hash(buckets, name);
	struct bucket *best = NULL, *bucket = look_up(buckets, name);
	unsigned int i;

	if (bucket)
		return bucket;
	for (i = 0; i < WAYS; i++) {
		bucket = &buckets->of[(first + i) % BUCKETS];
		if (!best || calm_at(buckets, bucket) < calm_at(buckets, best))
			best = bucket;
	}
	*best = (struct bucket){ .name = *name };
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
	uint32_t wait;

	wait = limit_take(&bucket->limit, &buckets->rules[name->scope], now);
	bucket->changed = true;
	if (!wait)
		bucket->taken++;
	return wait;
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

/* A quarter of a bucket is what the others who share it need not know of. */
static bool is_much(const struct buckets *buckets, const struct bucket *bucket)
{
	return bucket->taken >= (buckets->rules[bucket->name.scope].burst + 3) / 4;
}

/* Of the others a crash gives back half a bucket at most. */
static bool is_worth_it(const struct buckets *buckets, const struct bucket *bucket,
			bool all, int64_t now)
{
	const struct limit_rule *rule = &buckets->rules[bucket->name.scope];

	if (is_much(buckets, bucket))
		return true;
	return calm_at(buckets, bucket) > now &&
	       (all || bucket->limit.strikes ||
		bucket->limit.level < (int64_t)rule->burst * LIMIT_WHOLE / 2);
}

/**
 * buckets_changed() - Collect what is to be written.
 * @buckets: The table; what was collected counts as written, until
 *	buckets_not_merged().
 * @all: All that matter, not only those that are less than half full, or of which a
 *	quarter was taken.
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
		if (!bucket->changed || !is_worth_it(buckets, bucket, all, now))
			continue;
		out[count++] = *bucket;
		bucket->changed = false;
		bucket->taken = 0;
	}
	return count;
}

/**
 * buckets_merged() - What was collected is in the database, with what others took.
 * @buckets: The table.
 * @merged: As it is there. What was taken meanwhile is yet to be written.
 */
void buckets_merged(struct buckets *buckets, const struct bucket *merged)
{
	struct bucket *bucket = look_up(buckets, &merged->name);
	struct limit_bucket limit = merged->limit;

	if (!bucket)
		return;
	limit_merge(&limit, &bucket->limit, bucket->taken,
		    &buckets->rules[bucket->name.scope], limit.at);
	bucket->limit = limit;
}

/**
 * buckets_not_merged() - What was collected could not be written.
 * @buckets: The table.
 * @bucket: As it was collected.
 */
void buckets_not_merged(struct buckets *buckets, const struct bucket *bucket)
{
	struct bucket *now = look_up(buckets, &bucket->name);

	if (!now)
		return;
	now->changed = true;
	now->taken += bucket->taken;
}
