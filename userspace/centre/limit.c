// SPDX-License-Identifier: GPL-2.0-or-later
#include "centre/limit.h"

/* More doublings than this are the longest block, whatever the rule. */
#define STRIKES_MAX	16

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Milliseconds in which so much comes back. */
static int64_t time_for(const struct limit_rule *rule, int64_t level)
{
	return (level + rule->per_minute - 1) / rule->per_minute;
}

static int64_t size_of(const struct limit_rule *rule)
{
	return (int64_t)rule->burst * LIMIT_WHOLE;
}

/**
 * limit_fill() - Make a bucket that was never used.
 * @bucket: The bucket.
 * @rule: What it allows.
 * @now: The time.
 */
void limit_fill(struct limit_bucket *bucket, const struct limit_rule *rule,
		int64_t now)
{
	*bucket = (struct limit_bucket){ .level = size_of(rule), .at = now };
}

/* Not after @at where the rule was narrowed and there is too much in it. */
static int64_t full_at(const struct limit_bucket *bucket,
		       const struct limit_rule *rule)
{
	return bucket->at + time_for(rule, size_of(rule) - bucket->level);
}

static void refill(struct limit_bucket *bucket, const struct limit_rule *rule,
		   int64_t now)
{
	/* The clock was set back, or the rule was narrowed. */
	if (now < bucket->at)
		bucket->at = now;
	if (bucket->blocked_until > now + LIMIT_BLOCK_MAX_MS)
		bucket->blocked_until = now + LIMIT_BLOCK_MAX_MS;
	if (now >= full_at(bucket, rule))
		bucket->level = size_of(rule);
	else
		bucket->level += (now - bucket->at) * rule->per_minute;
	bucket->at = now;
}

/**
 * limit_take() - Take one request out of a bucket.
 * @bucket: The bucket.
 * @rule: What it allows.
 * @now: The time.
 *
 * Who runs it empty is blocked until there is a request again, and each further
 * time for twice as long, up to %LIMIT_BLOCK_MAX_MS. Asking while it is blocked
 * changes nothing.
 *
 * Return: 0, or the seconds after which to ask again, at least 1.
 */
uint32_t limit_take(struct limit_bucket *bucket, const struct limit_rule *rule,
		    int64_t now)
{
	int64_t block;

	refill(bucket, rule, now);
	if (now >= bucket->blocked_until + LIMIT_FORGET_MS)
		bucket->strikes = 0;
	if (now >= bucket->blocked_until) {
		if (bucket->level >= LIMIT_WHOLE) {
			bucket->level -= LIMIT_WHOLE;
			return 0;
		}
		block = time_for(rule, LIMIT_WHOLE - bucket->level);
		if (block < 1000)
			block = 1000;
		block = least(block << bucket->strikes, LIMIT_BLOCK_MAX_MS);
		if (bucket->strikes < STRIKES_MAX)
			bucket->strikes++;
		bucket->blocked_until = now + block;
	}
	return (uint32_t)((bucket->blocked_until - now + 999) / 1000);
}

/**
 * limit_merge() - Let a bucket know what was taken elsewhere.
 * @kept: As all who share it know it; receives what they know from now on. Its level is
 *	below zero where more was taken than there was.
 * @own: As it is here.
 * @taken: Requests that were taken here and that @kept does not know of.
 * @rule: What it allows.
 * @now: The time.
 *
 * However many share a bucket, and however rarely they merge, what they let pass in the
 * long run is its rate: what was too much at first has to come back.
 */
void limit_merge(struct limit_bucket *kept, const struct limit_bucket *own,
		 uint32_t taken, const struct limit_rule *rule, int64_t now)
{
	refill(kept, rule, now);
	kept->level -= (int64_t)taken * LIMIT_WHOLE;
	if (kept->strikes < own->strikes)
		kept->strikes = own->strikes;
	if (kept->blocked_until < own->blocked_until)
		kept->blocked_until = own->blocked_until;
}

/**
 * limit_calm_at() - When a bucket that is left alone is as if never used.
 * @bucket: The bucket.
 * @rule: What it allows.
 *
 * Return: The time.
 */
int64_t limit_calm_at(const struct limit_bucket *bucket,
		      const struct limit_rule *rule)
{
	int64_t full = full_at(bucket, rule);
	int64_t forgotten = bucket->blocked_until + LIMIT_FORGET_MS;

	return forgotten > full ? forgotten : full;
}
