/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How much each may ask: a bucket of tokens for each certificate, module and
 * host. Pure: the time is an argument.
 */
#ifndef CENTRE_LIMIT_H
#define CENTRE_LIMIT_H

#include <stddef.h>
#include <stdint.h>

#define LIMIT_BUCKETS	4096

/**
 * struct limit_rule - What a kind of bucket allows.
 * @burst: Tokens of a full bucket.
 * @period_ms: Milliseconds for one token to come back.
 */
struct limit_rule {
	uint32_t burst;
	uint32_t period_ms;
};

/**
 * struct limit_bucket - One bucket.
 * @key: What it belongs to, 0 where it is free.
 * @full_at: When it will be full, in milliseconds.
 */
struct limit_bucket {
	uint64_t key;
	int64_t full_at;
};

/**
 * struct limits - All buckets; those that are full again are reused.
 * @bucket: By hash of the key, with the nearest few places after it.
 * @seed: Keeps strangers from choosing keys that collide.
 */
struct limits {
	struct limit_bucket bucket[LIMIT_BUCKETS];
	uint64_t seed;
};

uint64_t limit_key(const struct limits *limits, char kind, const void *id, size_t len);
uint32_t limit_take(struct limits *limits, uint64_t key, const struct limit_rule *rule,
		    int64_t now_ms);

#endif /* CENTRE_LIMIT_H */
