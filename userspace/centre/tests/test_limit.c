// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Limits: a bucket, and the table of them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "centre/buckets.h"

/* One every second. */
static const struct limit_rule rule = { .burst = 5, .per_minute = 60 };
static struct limit_bucket bucket;
static struct buckets buckets;

#define T0	INT64_C(1800000000000)

static int fresh(void **state)
{
	unsigned int i;

	(void)state;
	limit_fill(&bucket, &rule, T0);
	memset(&buckets, 0, sizeof(buckets));
	buckets.seed = 42;
	for (i = 0; i < LIMIT_SCOPES; i++)
		buckets.rules[i] = rule;
	return 0;
}

static uint32_t take(int64_t now)
{
	return limit_take(&bucket, &rule, T0 + now);
}

static void empty_it(int64_t now)
{
	int i;

	for (i = 0; i < 5; i++)
		assert_int_equal(take(now), 0);
}

static void a_burst_passes_and_the_next_waits(void **state)
{
	(void)state;
	empty_it(0);
	assert_int_equal(take(0), 1);
	assert_int_equal(take(999), 1);
	assert_int_equal(take(1000), 0);
}

static void tokens_come_back_at_the_rate_however_often_one_looks(void **state)
{
	const struct limit_rule slow = { .burst = 20, .per_minute = 7 };
	unsigned int got = 0;
	int64_t now;

	(void)state;
	limit_fill(&bucket, &slow, T0);
	bucket.level = 0;
	/* In ten minutes 70, and never 20 at once. */
	for (now = 0; now <= 600000; now += 3) {
		bucket.blocked_until = 0;
		got += !limit_take(&bucket, &slow, T0 + now);
	}
	assert_in_range(got, 69, 71);
}

static void a_bucket_holds_no_more_than_a_burst(void **state)
{
	int i;

	(void)state;
	empty_it(0);
	for (i = 0; i < 5; i++)
		assert_int_equal(take(86400000), 0);
	assert_true(take(86400000) > 0);
}

static void who_runs_it_empty_again_is_blocked_twice_as_long(void **state)
{
	int64_t now = 0;
	uint32_t wait, expected = 1;
	int i, j;

	(void)state;
	for (i = 0; i < 12; i++) {
		for (j = 0; !(wait = take(now)); j++)
			assert_true(j < 5);
		assert_int_equal(wait, expected);
		/* Asking on changes nothing. */
		for (j = 0; j < 100; j++)
			assert_int_equal(take(now), expected);
		now += (int64_t)wait * 1000;
		expected *= 2;
		if (expected > 3600)
			expected = 3600;
	}
	/* More doublings than 64 bits hold. */
	for (i = 0; i < 80; i++) {
		while (!(wait = take(now)))
			;
		assert_in_range(wait, 1, 3600);
		now += (int64_t)wait * 1000;
	}
	assert_int_equal(wait, 3600);
}

static void a_block_is_a_second_at_least(void **state)
{
	const struct limit_rule fast = { .burst = 1, .per_minute = 60000 };

	(void)state;
	limit_fill(&bucket, &fast, T0);
	assert_int_equal(limit_take(&bucket, &fast, T0), 0);
	assert_int_equal(limit_take(&bucket, &fast, T0), 1);
	assert_int_equal(limit_take(&bucket, &fast, T0 + 999), 1);
	assert_int_equal(limit_take(&bucket, &fast, T0 + 1000), 0);
}

static void a_narrowed_rule_leaves_no_more_than_it_allows(void **state)
{
	const struct limit_rule wider = { .burst = 50, .per_minute = 60 };

	(void)state;
	limit_fill(&bucket, &wider, T0);
	empty_it(0);
	assert_int_equal(take(0), 1);
}

static void a_bucket_is_calm_once_it_is_full_and_its_strikes_are_forgotten(void **state)
{
	static const struct {
		int64_t level;
		unsigned int strikes;
		int64_t blocked, calm;	/* after T0 */
	} rows[] = {
		{ 5 * LIMIT_WHOLE, 0, -T0, 0 },
		{ 2 * LIMIT_WHOLE, 0, -T0, 3000 },
		{ 2 * LIMIT_WHOLE - 1, 0, -T0, 3001 },
		{ -5 * LIMIT_WHOLE, 0, -T0, 10000 },
		{ 5 * LIMIT_WHOLE, 1, -LIMIT_FORGET_MS, 0 },
		{ 5 * LIMIT_WHOLE, 1, 1000, 1000 + LIMIT_FORGET_MS },
		{ 0, 1, 1 - LIMIT_FORGET_MS, 5000 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bucket = (struct limit_bucket){
			.level = rows[i].level, .at = T0, .strikes = rows[i].strikes,
			.blocked_until = T0 + rows[i].blocked,
		};
		if (limit_calm_at(&bucket, &rule) != T0 + rows[i].calm)
			fail_msg("row %zu", i);
	}
}

static void one_that_kept_within_it_for_long_is_as_before(void **state)
{
	(void)state;
	empty_it(0);
	assert_int_equal(take(0), 1);
	empty_it(LIMIT_FORGET_MS);
	assert_int_equal(take(LIMIT_FORGET_MS), 2);
	empty_it(2 * LIMIT_FORGET_MS + 2000);
	assert_int_equal(take(2 * LIMIT_FORGET_MS + 2000), 1);
}

static void a_clock_set_back_blocks_nobody_for_ever(void **state)
{
	(void)state;
	empty_it(0);
	assert_int_equal(take(0), 1);
	assert_int_equal(take(-86400000), LIMIT_BLOCK_MAX_MS / 1000);
	assert_int_equal(take(-86400000 + LIMIT_BLOCK_MAX_MS), 0);
}

static uint32_t ask(enum limit_scope scope, const void *id, size_t len)
{
	struct bucket_name name;

	bucket_name(&name, scope, id, len);
	return buckets_take(&buckets, &name, T0);
}

static void scopes_and_names_have_buckets_of_their_own(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < 5; i++)
		assert_int_equal(ask(LIMIT_MODULE, "a", 1), 0);
	assert_true(ask(LIMIT_MODULE, "a", 1) > 0);
	assert_int_equal(ask(LIMIT_HOST, "a", 1), 0);
	assert_int_equal(ask(LIMIT_MODULE, "b", 1), 0);
	assert_int_equal(ask(LIMIT_MODULE, "a\0", 2), 0);
}

static void a_flood_of_names_does_not_lift_a_block(void **state)
{
	uint32_t i;

	(void)state;
	for (i = 0; i < 6; i++)
		ask(LIMIT_MODULE, "a", 1);
	for (i = 0; i < 4 * BUCKETS; i++)
		ask(LIMIT_MODULE, &i, sizeof(i));
	assert_true(ask(LIMIT_MODULE, "a", 1) > 0);
}

static unsigned int collect(bool all, int64_t now, struct bucket *out, unsigned int max)
{
	unsigned int from = 0;

	return buckets_changed(&buckets, all, T0 + now, &from, out, max);
}

static void only_what_a_restart_would_lift_is_written(void **state)
{
	struct bucket out[4];
	unsigned int i;

	(void)state;
	ask(LIMIT_HOST, "once", 4);
	for (i = 0; i < 4; i++)
		ask(LIMIT_HOST, "often", 5);
	assert_int_equal(collect(false, 0, out, 4), 1);
	assert_memory_equal(out[0].name.id, "often", 5);
	assert_int_equal(collect(false, 0, out, 4), 0);
	assert_int_equal(collect(true, 0, out, 4), 1);
	assert_memory_equal(out[0].name.id, "once", 4);
	ask(LIMIT_HOST, "once", 4);
	assert_int_equal(collect(true, 60000, out, 4), 0);
}

static void below_half_and_after_a_block_each_request_is_written(void **state)
{
	struct bucket out[4];
	unsigned int i;

	(void)state;
	buckets.rules[LIMIT_HOST] = (struct limit_rule){ .burst = 20, .per_minute = 60 };
	for (i = 1; i <= 20; i++) {
		assert_int_equal(ask(LIMIT_HOST, "one", 3), 0);
		if (collect(false, 0, out, 4) != (i > 10 || i % 5 == 0))
			fail_msg("request %u", i);
	}
	assert_int_equal(ask(LIMIT_HOST, "one", 3), 1);
	assert_int_equal(collect(false, 0, out, 4), 1);
	/* All of it came back, but not what it was blocked for. */
	assert_int_equal(buckets_take(&buckets, &out[0].name, T0 + 60000), 0);
	assert_int_equal(collect(false, 60000, out, 4), 1);
}

static void what_was_refused_does_not_count_as_taken(void **state)
{
	struct bucket out[4];
	unsigned int i;

	(void)state;
	for (i = 0; i < 9; i++)
		assert_int_equal(!ask(LIMIT_HOST, "one", 3), i < 5);
	assert_int_equal(collect(false, 0, out, 4), 1);
	assert_int_equal(out[0].taken, 5);
}

static void what_is_collected_is_no_more_than_there_is_room_for(void **state)
{
	unsigned int from = 0, i;
	struct bucket out[8];

	(void)state;
	for (i = 0; i < 7; i++)
		ask(LIMIT_HOST, &i, sizeof(i));
	assert_int_equal(buckets_changed(&buckets, true, T0, &from, out, 4), 4);
	assert_int_equal(buckets_changed(&buckets, true, T0, &from, out, 4), 3);
	assert_int_equal(from, BUCKETS);
}

static void a_place_that_is_used_again_remembers_nothing_of_the_last(void **state)
{
	static struct bucket out[BUCKETS];
	unsigned int count;
	uint32_t i;

	(void)state;
	for (i = 0; i < 4 * BUCKETS; i++)
		assert_int_equal(ask(LIMIT_MODULE, &i, sizeof(i)), 0);
	count = collect(true, 0, out, BUCKETS);
	assert_true(count > BUCKETS / 2);
	while (count--) {
		assert_int_equal(out[count].taken, 1);
		assert_int_equal(out[count].limit.level, 4 * LIMIT_WHOLE);
	}
	/* One that comes from the database is there as it is here. */
	for (i = 0; i < BUCKETS; i++)
		ask(LIMIT_MODULE, &i, sizeof(i));
	limit_fill(&bucket, &rule, T0);
	bucket.level = 0;
	for (i = 0; i < 4 * BUCKETS; i++) {
		struct bucket_name name;

		bucket_name(&name, LIMIT_HOST, &i, sizeof(i));
		buckets_put(&buckets, &name, &bucket, T0);
	}
	count = collect(true, 0, out, BUCKETS);
	while (count--)
		assert_int_equal(out[count].name.scope, LIMIT_MODULE);
}

static void what_names_nobody_changes_nothing(void **state)
{
	static const int scopes[] = { -1, 0, LIMIT_SCOPES };
	static struct buckets before;
	struct bucket gone = { .taken = 3, .limit = { .level = -1, .at = T0 } };
	struct bucket_name name;
	size_t i;

	(void)state;
	ask(LIMIT_HOST, "here", 4);
	memcpy(&before, &buckets, sizeof(before));
	for (i = 0; i < 3; i++) {
		bucket_name(&name, (enum limit_scope)scopes[i], "here", 4);
		buckets_put(&buckets, &name, &gone.limit, T0);
	}
	/* Another has its place meanwhile. */
	bucket_name(&gone.name, LIMIT_HOST, "gone", 4);
	buckets_merged(&buckets, &gone);
	buckets_not_merged(&buckets, &gone);
	assert_memory_equal(&buckets, &before, sizeof(before));
}

static void what_is_taken_elsewhere_is_missing_here_and_has_to_come_back(void **state)
{
	struct limit_bucket other;

	(void)state;
	limit_fill(&other, &rule, T0);
	empty_it(0);
	/* Five were taken here, and five there. */
	limit_merge(&other, &bucket, 5, &rule, T0);
	assert_int_equal(other.level, 0);
	limit_merge(&other, &bucket, 5, &rule, T0);
	assert_int_equal(other.level, -5 * LIMIT_WHOLE);
	bucket = other;
	assert_int_equal(take(0), 6);
	assert_int_equal(take(5999), 1);
	assert_int_equal(take(6000), 0);
	assert_int_not_equal(take(6000), 0);
}

/* Times are after T0; what is merged is so at 2000. */
static const struct {
	struct limit_bucket kept, own;
	uint32_t taken;
	struct limit_bucket merged;
} merges[] = {
	{ { 0, 0, 0, 0 }, { 0, 0, 0, 0 }, 0, { 2 * LIMIT_WHOLE, 2000, 0, 0 } },
	{ { 0, 2000, 0, 0 }, { 0, 2000, 0, 0 }, 3, { -3 * LIMIT_WHOLE, 2000, 0, 0 } },
	{ { 4 * LIMIT_WHOLE, 0, 0, 0 }, { 0, 2000, 0, 0 }, 1, { 4 * LIMIT_WHOLE, 2000, 0, 0 } },
	/* What the other knows of it is not forgotten, whichever knows more. */
	{ { 0, 2000, 0, 0 }, { 0, 2000, 2, 9000 }, 0, { 0, 2000, 2, 9000 } },
	{ { 0, 2000, 2, 9000 }, { 0, 2000, 0, 0 }, 0, { 0, 2000, 2, 9000 } },
	{ { 0, 2000, 3, 4000 }, { 0, 2000, 2, 9000 }, 0, { 0, 2000, 3, 9000 } },
	{ { 0, 2000, 2, 9000 }, { 0, 2000, 3, 4000 }, 0, { 0, 2000, 3, 9000 } },
};

static struct limit_bucket after_t0(struct limit_bucket limit)
{
	limit.at += T0;
	limit.blocked_until += T0;
	return limit;
}

static bool is_same(const struct limit_bucket *a, const struct limit_bucket *b)
{
	return a->level == b->level && a->at == b->at && a->strikes == b->strikes &&
	       a->blocked_until == b->blocked_until;
}

static void a_merged_bucket_knows_what_either_knew(void **state)
{
	struct limit_bucket kept, own, merged;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(merges) / sizeof(merges[0]); i++) {
		kept = after_t0(merges[i].kept);
		own = after_t0(merges[i].own);
		merged = after_t0(merges[i].merged);
		limit_merge(&kept, &own, merges[i].taken, &rule, T0 + 2000);
		if (!is_same(&kept, &merged))
			fail_msg("row %zu", i);
	}
}

/* The place of the one bucket that somebody has. */
static struct bucket *only_one(void)
{
	unsigned int i;

	for (i = 0; !buckets.of[i].name.scope; i++)
		assert_true(i + 1 < BUCKETS);
	return &buckets.of[i];
}

static void what_happened_while_it_was_written_is_not_forgotten(void **state)
{
	struct bucket out[4], written;
	unsigned int i;

	(void)state;
	ask(LIMIT_HOST, "one", 3);
	assert_int_equal(collect(true, 0, out, 4), 1);
	/* Another centre took three. */
	written = out[0];
	written.limit.level = LIMIT_WHOLE;
	for (i = 0; i < 4; i++)
		assert_int_equal(ask(LIMIT_HOST, "one", 3), 0);
	assert_int_equal(ask(LIMIT_HOST, "one", 3), 1);
	buckets_merged(&buckets, &written);
	assert_int_equal(only_one()->limit.level, -3 * LIMIT_WHOLE);
	assert_int_equal(only_one()->limit.strikes, 1);
	assert_int_equal(only_one()->limit.blocked_until, T0 + 1000);
	/* These are told with the next, and the other refused too. */
	assert_int_equal(collect(true, 0, out, 4), 1);
	assert_int_equal(out[0].taken, 4);
	written = out[0];
	written.limit.strikes = 2;
	written.limit.blocked_until = T0 + 2000;
	buckets_merged(&buckets, &written);
	assert_int_equal(ask(LIMIT_HOST, "one", 3), 2);
	assert_int_equal(only_one()->limit.strikes, 2);
}

static void what_could_not_be_written_is_told_again(void **state)
{
	struct bucket out[4];

	(void)state;
	ask(LIMIT_HOST, "one", 3);
	ask(LIMIT_HOST, "one", 3);
	assert_int_equal(collect(false, 0, out, 4), 1);
	buckets_not_merged(&buckets, &out[0]);
	assert_int_equal(collect(false, 0, out, 4), 1);
	assert_int_equal(out[0].taken, 2);
	/* With what was taken meanwhile. */
	ask(LIMIT_HOST, "one", 3);
	buckets_not_merged(&buckets, &out[0]);
	assert_int_equal(collect(false, 0, out, 4), 1);
	assert_int_equal(out[0].taken, 3);
	assert_int_equal(collect(true, 0, out, 4), 0);
}

static void a_quarter_is_told_to_others_though_it_came_back(void **state)
{
	struct bucket out[4];

	(void)state;
	ask(LIMIT_HOST, "often", 5);
	assert_int_equal(collect(true, 60000, out, 4), 0);
	ask(LIMIT_HOST, "often", 5);
	assert_int_equal(collect(false, 60000, out, 4), 1);
	assert_int_equal(out[0].taken, 2);
}

#define PURE(name)	cmocka_unit_test_setup(name, fresh)

int main(void)
{
	const struct CMUnitTest tests[] = {
		PURE(a_burst_passes_and_the_next_waits),
		PURE(tokens_come_back_at_the_rate_however_often_one_looks),
		PURE(a_bucket_holds_no_more_than_a_burst),
		PURE(who_runs_it_empty_again_is_blocked_twice_as_long),
		PURE(a_block_is_a_second_at_least),
		PURE(a_narrowed_rule_leaves_no_more_than_it_allows),
		PURE(a_bucket_is_calm_once_it_is_full_and_its_strikes_are_forgotten),
		PURE(one_that_kept_within_it_for_long_is_as_before),
		PURE(a_clock_set_back_blocks_nobody_for_ever),
		PURE(scopes_and_names_have_buckets_of_their_own),
		PURE(a_flood_of_names_does_not_lift_a_block),
		PURE(only_what_a_restart_would_lift_is_written),
		PURE(below_half_and_after_a_block_each_request_is_written),
		PURE(what_was_refused_does_not_count_as_taken),
		PURE(what_is_collected_is_no_more_than_there_is_room_for),
		PURE(a_place_that_is_used_again_remembers_nothing_of_the_last),
		PURE(what_names_nobody_changes_nothing),
		PURE(what_is_taken_elsewhere_is_missing_here_and_has_to_come_back),
		PURE(a_merged_bucket_knows_what_either_knew),
		PURE(what_happened_while_it_was_written_is_not_forgotten),
		PURE(what_could_not_be_written_is_told_again),
		PURE(a_quarter_is_told_to_others_though_it_came_back),
	};

	return cmocka_run_group_tests_name("centre-limit", tests, NULL, NULL);
}
