/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How much one may ask: a bucket of tokens, which blocks for longer each time
 * that it runs empty. Pure: the time is an argument.
 */
#ifndef CENTRE_LIMIT_H
#define CENTRE_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

/* Nobody is blocked for longer. */
#define LIMIT_BLOCK_MAX_MS	3600000
/* How long after a block one has to keep within the limit to be as before. */
#define LIMIT_FORGET_MS		600000
#define LIMIT_PER_MINUTE_MAX	1000000
/* In this unit a millisecond brings back the rate per minute, without a rest. */
#define LIMIT_WHOLE		60000

/* Of what there are buckets. The numbers are kept in databases. */
enum limit_scope {
	LIMIT_CLIENT = 1,
	LIMIT_MODULE,
	LIMIT_HOST,
	LIMIT_ADDRESS,		/* handshakes */
	LIMIT_SCOPES
};

/**
 * struct limit_rule - What a kind of bucket allows.
 * @burst: Requests of a full bucket, 1 to 1000000.
 * @per_minute: Requests that come back in a minute, 1 to 1000000.
 */
struct limit_rule {
	uint32_t burst;
	uint32_t per_minute;
};

/**
 * struct limit_bucket - A bucket. Times are milliseconds since 1970.
 * @level: What is left; %LIMIT_WHOLE is a request.
 * @at: When @level was right.
 * @strikes: How often it ran empty of late.
 * @blocked_until: Everything is refused before.
 */
struct limit_bucket {
	int64_t level;
	int64_t at;
	unsigned int strikes;
	int64_t blocked_until;
};

void limit_fill(struct limit_bucket *bucket, const struct limit_rule *rule,
		int64_t now);
uint32_t limit_take(struct limit_bucket *bucket, const struct limit_rule *rule,
		    int64_t now);
void limit_merge(struct limit_bucket *kept, const struct limit_bucket *own,
		 uint32_t taken, const struct limit_rule *rule, int64_t now);
int64_t limit_calm_at(const struct limit_bucket *bucket,
		      const struct limit_rule *rule);

#endif /* CENTRE_LIMIT_H */
