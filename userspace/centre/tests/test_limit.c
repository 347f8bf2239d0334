// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Limits: a bucket, the table of them, and what a restart finds.
 */
#include <string.h>
#include <time.h>

#include "centre/buckets.h"
#include "centre/limiter.h"
#include "centre/tests/fixture.h"
#include "centre/writer.h"

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
	for (i = 0; i < 30; i++) {
		while (!(wait = take(now)))
			;
		assert_in_range(wait, 1, 3600);
		now += (int64_t)wait * 1000;
	}
	assert_int_equal(wait, 3600);
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

static void only_what_a_restart_would_lift_is_written(void **state)
{
	struct bucket out[4];
	unsigned int from = 0, i;

	(void)state;
	ask(LIMIT_HOST, "once", 4);
	for (i = 0; i < 4; i++)
		ask(LIMIT_HOST, "often", 5);
	assert_int_equal(buckets_changed(&buckets, false, T0, &from, out, 4), 1);
	assert_memory_equal(out[0].name.id, "often", 5);
	assert_int_equal(from, BUCKETS);
	from = 0;
	assert_int_equal(buckets_changed(&buckets, false, T0, &from, out, 4), 0);
	from = 0;
	assert_int_equal(buckets_changed(&buckets, true, T0, &from, out, 4), 1);
	assert_memory_equal(out[0].name.id, "once", 4);
	ask(LIMIT_HOST, "once", 4);
	from = 0;
	assert_int_equal(buckets_changed(&buckets, true, T0 + 60000, &from, out, 4), 0);
}

/* ---- with a database ---- */

static struct limit_rule rules[LIMIT_SCOPES];

static int open_all(void **state)
{
	unsigned int i;

	/* Nothing comes back while the test runs. */
	for (i = 0; i < LIMIT_SCOPES; i++)
		rules[i] = (struct limit_rule){ .burst = 6, .per_minute = 1 };
	return fixture_open(state);
}

struct running {
	struct writer *writer;
	struct limiter *limiter;
};

static void begin(struct running *r)
{
	fixture_ok(writer_start(&r->writer, fix.store, &fix.error));
	fixture_ok(limiter_start(&r->limiter, fix.store, r->writer, rules, &fix.error));
}

static void end(struct running *r)
{
	limiter_stop(r->limiter);
	writer_stop(r->writer);
}

static unsigned int count_until_blocked(struct limiter *limiter, enum limit_scope scope)
{
	unsigned int count = 0;

	while (!limiter_take(limiter, scope, "somebody", 8))
		assert_true(++count < 100);
	return count;
}

static void a_restart_gives_nothing_back(void **state)
{
	struct running r;
	uint32_t wait;

	(void)state;
	begin(&r);
	assert_int_equal(limiter_take(r.limiter, LIMIT_HOST, "somebody", 8), 0);
	assert_int_equal(count_until_blocked(r.limiter, LIMIT_MODULE), 6);
	end(&r);
	begin(&r);
	assert_int_equal(count_until_blocked(r.limiter, LIMIT_HOST), 5);
	assert_int_equal(count_until_blocked(r.limiter, LIMIT_MODULE), 0);
	wait = limiter_take(r.limiter, LIMIT_MODULE, "somebody", 8);
	assert_in_range(wait, 1, 60);
	assert_int_equal(limiter_take(r.limiter, LIMIT_MODULE, "else", 4), 0);
	end(&r);
}

static int see(const struct bucket_name *name, const struct limit_bucket *limit, void *arg)
{
	(void)limit;
	if (name->scope == LIMIT_CLIENT)
		*(bool *)arg = true;
	return 0;
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

static void a_block_elsewhere_is_a_block_here(void **state)
{
	struct limit_bucket other;

	(void)state;
	limit_fill(&other, &rule, T0);
	empty_it(0);
	assert_int_equal(take(0), 1);
	limit_merge(&other, &bucket, 0, &rule, T0);
	bucket = other;
	assert_int_equal(take(0), 1);
	assert_int_equal(take(1000), 0);
}

static void a_quarter_is_told_to_others_though_it_came_back(void **state)
{
	struct bucket out[4];
	unsigned int from = 0;

	(void)state;
	ask(LIMIT_HOST, "often", 5);
	assert_int_equal(buckets_changed(&buckets, true, T0 + 60000, &from, out, 4), 0);
	ask(LIMIT_HOST, "often", 5);
	from = 0;
	assert_int_equal(buckets_changed(&buckets, false, T0 + 60000, &from, out, 4), 1);
	assert_int_equal(out[0].taken, 2);
	/* What could not be written is told with the next. */
	buckets_not_merged(&buckets, &out[0]);
	ask(LIMIT_HOST, "often", 5);
	from = 0;
	assert_int_equal(buckets_changed(&buckets, false, T0 + 60000, &from, out, 4), 1);
	assert_int_equal(out[0].taken, 3);
	from = 0;
	assert_int_equal(buckets_changed(&buckets, false, T0 + 60000, &from, out, 4), 0);
}

static int64_t kept_level(struct store *store, enum limit_scope scope)
{
	struct limit_bucket limit;
	struct bucket_name name;

	bucket_name(&name, scope, "somebody", 8);
	assert_int_equal(store_get_limit(store, &name, &limit, &fix.error), 1);
	return limit.level;
}

static void limits_of_several_centres_are_not_added_up(void **state)
{
	struct limiter *other;
	struct store *reader;
	struct running r;

	(void)state;
	begin(&r);
	fixture_ok(store_open(&reader, fix.url, STORE_READ, &fix.error));
	fixture_ok(limiter_start(&other, reader, r.writer, rules, &fix.error));
	/* Neither knows of the other yet. */
	assert_int_equal(count_until_blocked(r.limiter, LIMIT_MODULE), 6);
	assert_int_equal(count_until_blocked(other, LIMIT_MODULE), 6);
	limiter_stop(other);
	end(&r);
	/* A little came back already. */
	assert_true(kept_level(reader, LIMIT_MODULE) <= -5 * LIMIT_WHOLE);
	store_close(reader);
	begin(&r);
	assert_int_equal(count_until_blocked(r.limiter, LIMIT_MODULE), 0);
	end(&r);
}

static void what_a_crash_would_lift_is_written_while_it_runs(void **state)
{
	const struct timespec step = { .tv_nsec = 50000000 };
	struct store *reader;
	struct running r;
	bool seen = false;
	int i;

	(void)state;
	begin(&r);
	count_until_blocked(r.limiter, LIMIT_CLIENT);
	fixture_ok(store_open(&reader, fix.url, STORE_READ, &fix.error));
	for (i = 0; !seen && i < 1200; i++) {
		fixture_ok(store_each_limit(reader, see, &seen, &fix.error));
		nanosleep(&step, NULL);
	}
	assert_true(seen);
	store_close(reader);
	end(&r);
}

static void set_old(void *arg)
{
	const struct limit_bucket old = { .level = 0, .at = 1000, .strikes = 1,
					  .blocked_until = 2000 };
	struct bucket_name name;

	(void)arg;
	bucket_name(&name, LIMIT_CLIENT, "old", 3);
	fixture_ok(store_set_limit(fix.store, &name, &old, &fix.error));
}

static void buckets_that_say_nothing_any_more_are_removed(void **state)
{
	const struct timespec step = { .tv_nsec = 50000000 };
	struct store *reader;
	struct running r;
	bool seen = false;
	int i;

	(void)state;
	fixture_change(set_old, NULL);
	fixture_ok(store_open(&reader, fix.url, STORE_READ, &fix.error));
	fixture_ok(store_each_limit(reader, see, &seen, &fix.error));
	assert_true(seen);
	begin(&r);
	for (i = 0; seen && i < 1200; i++) {
		nanosleep(&step, NULL);
		seen = false;
		fixture_ok(store_each_limit(reader, see, &seen, &fix.error));
	}
	assert_false(seen);
	end(&r);
	store_close(reader);
}

#define PURE(name)	cmocka_unit_test_setup(name, fresh)
#define KEPT(name)	cmocka_unit_test_setup_teardown(name, open_all, fixture_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		PURE(a_burst_passes_and_the_next_waits),
		PURE(tokens_come_back_at_the_rate_however_often_one_looks),
		PURE(a_bucket_holds_no_more_than_a_burst),
		PURE(who_runs_it_empty_again_is_blocked_twice_as_long),
		PURE(one_that_kept_within_it_for_long_is_as_before),
		PURE(a_clock_set_back_blocks_nobody_for_ever),
		PURE(scopes_and_names_have_buckets_of_their_own),
		PURE(a_flood_of_names_does_not_lift_a_block),
		PURE(only_what_a_restart_would_lift_is_written),
		KEPT(a_restart_gives_nothing_back),
		PURE(what_is_taken_elsewhere_is_missing_here_and_has_to_come_back),
		PURE(a_block_elsewhere_is_a_block_here),
		PURE(a_quarter_is_told_to_others_though_it_came_back),
		KEPT(limits_of_several_centres_are_not_added_up),
		KEPT(what_a_crash_would_lift_is_written_while_it_runs),
		KEPT(buckets_that_say_nothing_any_more_are_removed),
	};

	return cmocka_run_group_tests_name("centre-limit", tests, fixture_make,
					   fixture_remove);
}
