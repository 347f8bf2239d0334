// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Limits in a database: what a restart finds, and what centres learn of each other.
 */
#include <string.h>
#include <time.h>

#include "centre/db.h"
#include "centre/limiter.h"
#include "centre/tests/fixture.h"
#include "centre/writer.h"

#define T0	INT64_C(1800000000000)

static struct limit_rule rules[LIMIT_SCOPES];
static const struct timespec step = { .tv_nsec = 50000000 };

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
	*(unsigned int *)arg += name->scope == LIMIT_CLIENT;
	return 0;
}

static unsigned int count_kept(struct store *reader)
{
	unsigned int count = 0;

	fixture_ok(store_each_limit(reader, see, &count, &fix.error));
	return count;
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
	struct store *reader;
	struct running r;
	int i;

	(void)state;
	begin(&r);
	count_until_blocked(r.limiter, LIMIT_CLIENT);
	fixture_ok(store_open(&reader, fix.url, STORE_READ, &fix.error));
	for (i = 0; !count_kept(reader) && i < 1200; i++)
		nanosleep(&step, NULL);
	assert_int_equal(count_kept(reader), 1);
	store_close(reader);
	end(&r);
}

/* Blocked for the longest time when it was last used. */
static void set_old(void *arg)
{
	const int64_t *before_now = arg;
	struct limit_bucket old = { .strikes = 1 };
	struct bucket_name name;

	old.at = (int64_t)time(NULL) * 1000 - *before_now;
	old.blocked_until = old.at + LIMIT_BLOCK_MAX_MS;
	bucket_name(&name, LIMIT_CLIENT, before_now, sizeof(*before_now));
	fixture_ok(store_set_limit(fix.store, &name, &old, &fix.error));
}

static void buckets_are_removed_once_they_are_forgiven(void **state)
{
	int64_t forgiven = LIMIT_BLOCK_MAX_MS + LIMIT_FORGET_MS + 10000;
	/* Nor while the test runs. */
	int64_t not_yet = LIMIT_BLOCK_MAX_MS + LIMIT_FORGET_MS / 2;
	struct store *reader;
	struct running r;
	int i;

	(void)state;
	fixture_change(set_old, &forgiven);
	fixture_change(set_old, &not_yet);
	fixture_ok(store_open(&reader, fix.url, STORE_READ, &fix.error));
	assert_int_equal(count_kept(reader), 2);
	begin(&r);
	for (i = 0; count_kept(reader) == 2 && i < 1200; i++)
		nanosleep(&step, NULL);
	assert_int_equal(count_kept(reader), 1);
	end(&r);
	store_close(reader);
}

static void a_bucket_is_kept_with_all_that_is_known_of_it(void **state)
{
	/* The second takes the place of the first. */
	static const struct limit_bucket rows[] = {
		{ 5, T0, 3, T0 + 7 }, { -6, T0 + 1, 4, T0 + 8 },
	};
	struct limit_bucket got;
	struct bucket_name name;
	size_t i;

	(void)state;
	bucket_name(&name, LIMIT_HOST, "somebody", 8);
	fixture_ok(store_begin(fix.store, &fix.error));
	for (i = 0; i < 2; i++) {
		fixture_ok(store_set_limit(fix.store, &name, &rows[i], &fix.error));
		assert_int_equal(store_get_limit(fix.store, &name, &got, &fix.error), 1);
		assert_int_equal(got.level, rows[i].level);
		assert_int_equal(got.at, rows[i].at);
		assert_int_equal(got.strikes, rows[i].strikes);
		assert_int_equal(got.blocked_until, rows[i].blocked_until);
	}
	fixture_ok(store_commit(fix.store, &fix.error));
}

static void take_of_many(struct limiter *limiter, unsigned int each, bool refused)
{
	unsigned int i, j;

	for (i = 0; i < 40; i++)
		for (j = 0; j < each; j++)
			assert_int_equal(!!limiter_take(limiter, LIMIT_HOST, &i, sizeof(i)),
					 refused);
}

static void all_of_many_are_kept_at_the_end(void **state)
{
	struct running r;

	(void)state;
	begin(&r);
	take_of_many(r.limiter, 6, false);
	end(&r);
	begin(&r);
	take_of_many(r.limiter, 1, true);
	end(&r);
}

static void a_running_centre_learns_what_others_took(void **state)
{
	static const enum limit_scope scopes[] = { LIMIT_MODULE, LIMIT_HOST };
	unsigned int i, j, wait = 0;
	struct limiter *other;
	struct store *reader;
	struct running r;

	(void)state;
	for (i = 0; i < LIMIT_SCOPES; i++)
		rules[i].burst = 1000;
	begin(&r);
	fixture_ok(store_open(&reader, fix.url, STORE_READ, &fix.error));
	fixture_ok(limiter_start(&other, reader, r.writer, rules, &fix.error));
	for (i = 0; i < 2; i++)
		for (j = 0; j < 1000; j++)
			assert_int_equal(limiter_take(other, scopes[i], "somebody", 8), 0);
	limiter_stop(other);
	/* A quarter is told to the others, who answer. */
	for (i = 0; i < 2; i++)
		for (j = 0; j < 250; j++)
			assert_int_equal(limiter_take(r.limiter, scopes[i], "somebody", 8), 0);
	for (i = 0; i < 2; i++)
		for (j = 0, wait = 0; !wait; j++) {
			nanosleep(&step, NULL);
			wait = limiter_take(r.limiter, scopes[i], "somebody", 8);
			assert_true(j < 700);
		}
	end(&r);
	store_close(reader);
}

struct sql_job {
	struct writer_job job;
	const char *sql;
};

static int run_sql(struct store *store, struct writer_job *job)
{
	return db_exec(store_db(store), &job->error, ((struct sql_job *)job)->sql, "");
}

static void on_writer(struct running *r, const char *sql)
{
	struct sql_job change = { .job = { .run = run_sql }, .sql = sql };

	if (writer_run(r->writer, &change.job))
		fail_msg("%s: %s", sql, change.job.error.text);
}

static void what_the_database_refused_is_kept_once_it_does_not(void **state)
{
	struct writer_counters counters;
	struct running r;
	int i = 0;

	(void)state;
	begin(&r);
	/* One among many cannot be written. */
	on_writer(&r, "CREATE UNIQUE INDEX alone ON limit_state (scope) WHERE scope = 2");
	take_of_many(r.limiter, 6, false);
	assert_int_equal(count_until_blocked(r.limiter, LIMIT_MODULE), 6);
	while (!limiter_take(r.limiter, LIMIT_MODULE, "else", 4))
		;
	do {
		nanosleep(&step, NULL);
		writer_count(r.writer, &counters);
	} while (!counters.failed && i++ < 1200);
	assert_true(counters.failed > 0);
	on_writer(&r, "DROP INDEX alone");
	end(&r);
	begin(&r);
	take_of_many(r.limiter, 1, true);
	assert_int_equal(count_until_blocked(r.limiter, LIMIT_MODULE), 0);
	assert_true(limiter_take(r.limiter, LIMIT_MODULE, "else", 4) > 0);
	end(&r);
}

#define T(name)	cmocka_unit_test_setup_teardown(name, open_all, fixture_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_restart_gives_nothing_back),
		T(limits_of_several_centres_are_not_added_up),
		T(what_a_crash_would_lift_is_written_while_it_runs),
		T(buckets_are_removed_once_they_are_forgiven),
		T(a_bucket_is_kept_with_all_that_is_known_of_it),
		T(all_of_many_are_kept_at_the_end),
		T(a_running_centre_learns_what_others_took),
		T(what_the_database_refused_is_kept_once_it_does_not),
	};

	return cmocka_run_group_tests_name("centre-limiter", tests, fixture_make,
					   fixture_remove);
}
