// SPDX-License-Identifier: GPL-2.0-or-later
#include "centre/limit.h"

/* Places where a key may be. */
#define WAYS	8

static uint64_t mix(uint64_t h)
{
	h ^= h >> 33;
	h *= 0xff51afd7ed558ccdULL;
	h ^= h >> 33;
	h *= 0xc4ceb9fe1a85ec53ULL;
	return h ^ h >> 33;
}

/**
 * limit_key() - The bucket of a certificate, module or host.
 * @limits: The buckets.
 * @kind: A letter for what it is.
 * @id: Its identifier.
 * @len: Bytes at @id.
 *
 * Return: The key, never 0.
 */
uint64_t limit_key(const struct limits *limits, char kind, const void *id, size_t len)
{
	const uint8_t *p = id;
	uint64_t h = mix(limits->seed ^ (uint8_t)kind);

	for (; len; len--, p++)
		h = mix(h ^ *p);
	return h ? h : 1;
}

/* The key's bucket; else a free or full one; else the one that is fullest. */
static struct limit_bucket *find(struct limits *limits, uint64_t key)
{
	struct limit_bucket *best = NULL, *bucket;
	unsigned int i;

	for (i = 0; i < WAYS; i++) {
		bucket = &limits->bucket[(key + i) % LIMIT_BUCKETS];
		if (bucket->key == key)
			return bucket;
		if (!best || bucket->full_at < best->full_at)
			best = bucket;
	}
	best->key = key;
	best->full_at = 0;
	return best;
}

/**
 * limit_take() - Take a token.
 * @limits: The buckets.
 * @key: From limit_key().
 * @rule: What the bucket allows.
 * @now_ms: Time in milliseconds, of a clock that does not go back.
 *
 * Who keeps asking although the bucket is empty waits longer: each refusal costs
 * a token too, down to one bucket's worth below empty.
 *
 * Return: 0, or the seconds after which there is a token.
 */
uint32_t limit_take(struct limits *limits, uint64_t key, const struct limit_rule *rule,
		    int64_t now_ms)
{
	struct limit_bucket *bucket = find(limits, key);
	int64_t size = (int64_t)rule->burst * rule->period_ms;
	int64_t missing;

	if (bucket->full_at < now_ms)
		bucket->full_at = now_ms;
	bucket->full_at += rule->period_ms;
	missing = bucket->full_at - now_ms - size;
	if (missing <= 0)
		return 0;
	if (missing > size)
		bucket->full_at = now_ms + 2 * size;
	return (uint32_t)(missing / 1000 + 1);
}
