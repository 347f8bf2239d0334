// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Group commit: jobs of many threads, each whole or not there, and durable before
 * it is told.
 */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/wait.h>

#include "centre/db.h"
#include "centre/tests/fixture.h"
#include "centre/writer.h"

#define THREADS	8
#define JOBS	50

struct adding {
	struct writer_job job;
	uint32_t serial;
	bool fails;
};

static int add(struct store *store, struct writer_job *job)
{
	struct adding *a = (struct adding *)job;
	struct store_host host = { .rights = 0 };
	struct audit_row row = {
		.at = 1, .actor = "test", .action = "add", .result = "done",
		.cause = "x",
	};
	int err;

	memcpy(host.sn, &a->serial, sizeof(a->serial));
	err = store_add_host(store, &host, &job->error);
	if (!err)
		err = audit_append(store, &row, &job->error);
	if (!err && a->fails)
		err = domain_fail(&job->error, -EPERM, "as it was told to");
	return err;
}

static unsigned int hosts(void)
{
	int64_t count = -1;

	db_get(store_db(fix.store), &count, &fix.error,
	       "SELECT count(*) FROM host", "");
	return (unsigned int)count;
}

struct thread {
	pthread_t id;
	struct writer *writer;
	unsigned int number;
	unsigned int wrong;
};

static void *work(void *arg)
{
	struct thread *t = arg;
	unsigned int i;

	for (i = 0; i < JOBS; i++) {
		struct adding a = {
			.job = { .run = add }, .serial = t->number * JOBS + i,
			.fails = i % 5 == 4,
		};
		int want = a.fails ? -EPERM : 0;

		t->wrong += writer_run(t->writer, &a.job) != want;
		t->wrong += a.fails && strcmp(a.job.error.text,
					      "as it was told to");
	}
	return NULL;
}

static void jobs_of_many_threads_are_whole_and_fail_alone(void **state)
{
	struct thread threads[THREADS];
	struct writer_counters counters;
	struct audit_verdict verdict;
	struct writer *writer;
	unsigned int i;

	(void)state;
	fixture_ok(writer_start(&writer, fix.store, &fix.error));
	for (i = 0; i < THREADS; i++) {
		threads[i] = (struct thread) { .writer = writer, .number = i };
		assert_int_equal(pthread_create(&threads[i].id, NULL, work,
						&threads[i]), 0);
	}
	for (i = 0; i < THREADS; i++) {
		pthread_join(threads[i].id, NULL);
		assert_int_equal(threads[i].wrong, 0);
	}
	writer_count(writer, &counters);
	writer_stop(writer);
	assert_int_equal(counters.jobs, THREADS * JOBS);
	assert_int_equal(counters.failed, THREADS * JOBS / 5);
	assert_int_equal(counters.queued, 0);
	assert_int_equal(hosts(), THREADS * JOBS * 4 / 5);
	fixture_ok(audit_verify(fix.store, fix.provider, NULL, 0, &verdict,
				&fix.error));
	assert_int_equal(verdict.fault, AUDIT_SOUND);
	assert_int_equal(verdict.rows, THREADS * JOBS * 4 / 5);
}

struct queued {
	struct adding adding;
	atomic_int *left;
};

static void count_down(struct writer_job *job)
{
	struct queued *q = (struct queued *)job;

	atomic_fetch_sub(q->left, 1);
}

static void jobs_that_wait_share_a_transaction(void **state)
{
	static struct queued jobs[200];
	struct writer *writer;
	atomic_int left = 200;
	unsigned int i;

	(void)state;
	fixture_ok(writer_start(&writer, fix.store, &fix.error));
	for (i = 0; i < 200; i++) {
		jobs[i] = (struct queued) {
			.adding = { .job = { .run = add, .done = count_down },
				    .serial = i },
			.left = &left,
		};
		assert_int_equal(writer_submit(writer, &jobs[i].adding.job), 0);
	}
	/* What waits is done before the end. */
	writer_stop(writer);
	assert_int_equal(atomic_load(&left), 0);
	assert_int_equal(hosts(), 200);
	for (i = 0; i < 200; i++)
		assert_int_equal(jobs[i].adding.job.result, 0);
}

/* Refused at COMMIT only: every member of the group gets its own result. */
static int add_late(struct store *store, struct writer_job *job)
{
	struct adding *a = (struct adding *)job;
	int err = add(store, job);

	if (!err && a->serial == 3)
		err = db_exec(store_db(store), &job->error,
			      "INSERT INTO late VALUES (1)", "");
	return err;
}

static void a_commit_that_fails_is_replayed_job_by_job(void **state)
{
	static struct queued jobs[8];
	struct writer_counters counters;
	struct writer *writer;
	atomic_int left = 8;
	unsigned int i;

	(void)state;
	testdb_sql("CREATE TABLE parent (x INTEGER PRIMARY KEY);"
		   "CREATE TABLE late (x INTEGER REFERENCES parent (x) DEFERRABLE INITIALLY DEFERRED)");
	/* All are there before the writer begins. */
	fixture_ok(store_begin(fix.store, &fix.error));
	store_rollback(fix.store);
	fixture_ok(writer_start(&writer, fix.store, &fix.error));
	for (i = 0; i < 8; i++) {
		jobs[i] = (struct queued) {
			.adding = { .job = { .run = add_late, .done = count_down },
				    .serial = i },
			.left = &left,
		};
		assert_int_equal(writer_submit(writer, &jobs[i].adding.job), 0);
	}
	while (atomic_load(&left))
		usleep(1000);
	writer_count(writer, &counters);
	writer_stop(writer);
	for (i = 0; i < 8; i++)
		assert_int_equal(!jobs[i].adding.job.result, i != 3);
	assert_int_equal(hosts(), 7);
	assert_int_equal(counters.failed, 1);
	assert_int_equal(counters.replays, 1);
}

/* A server says so when the next job, or none, is under way. */
static int add_to_nobody(struct store *store, struct writer_job *job)
{
	static const uint8_t nobody[8] = { 0xff };
	struct adding *a = (struct adding *)job;
	int err = add(store, job);

	if (!err && a->serial % 4 == 3)
		err = store_set_wrong(store, nobody, nobody, 1, &job->error);
	return err;
}

static void a_job_that_is_refused_late_fails_alone(void **state)
{
	static struct queued jobs[8];
	struct writer *writer;
	atomic_int left = 8;
	unsigned int i;

	(void)state;
	fixture_ok(writer_start(&writer, fix.store, &fix.error));
	for (i = 0; i < 8; i++) {
		jobs[i] = (struct queued) {
			.adding = { .job = { .run = add_to_nobody, .done = count_down },
				    .serial = i },
			.left = &left,
		};
		assert_int_equal(writer_submit(writer, &jobs[i].adding.job), 0);
	}
	while (atomic_load(&left))
		usleep(1000);
	writer_stop(writer);
	for (i = 0; i < 8; i++)
		assert_int_equal(jobs[i].adding.job.result, i % 4 == 3 ? -EEXIST : 0);
	assert_int_equal(hosts(), 6);
}

static void a_stopped_writer_takes_nothing(void **state)
{
	struct adding a = { .job = { .run = add } };
	struct writer *writer;

	(void)state;
	fixture_ok(writer_start(&writer, fix.store, &fix.error));
	assert_int_equal(writer_run(writer, &a.job), 0);
	writer_stop(writer);
	assert_int_equal(hosts(), 1);
}

/* The parent learns of each job after it is durable; then the child is killed. */
static void what_was_told_is_there_after_a_kill(void **state)
{
	struct audit_verdict verdict;
	int to_parent[2], status, round;
	uint32_t told, last;
	pid_t child;

	for (round = 0; round < 5; round++) {
		if (round)
			fixture_open(state);
		fixture_close(state);
		fixture_open(state);
		assert_int_equal(pipe(to_parent), 0);
		/* The child opens its own connection. */
		store_close(fix.store);
		child = fork();
		if (!child) {
			struct writer *writer;
			struct adding a = { .job = { .run = add } };

			if (store_open(&fix.store, fix.url, STORE_WRITE, &fix.error) ||
			    audit_start(fix.store, fix.provider, &fix.error) ||
			    writer_start(&writer, fix.store, &fix.error))
				_exit(1);
			for (;; a.serial++)
				if (writer_run(writer, &a.job) ||
				    write(to_parent[1], &a.serial, 4) != 4)
					_exit(1);
		}
		close(to_parent[1]);
		last = 0;
		while (read(to_parent[0], &told, 4) == 4) {
			last = told;
			if (told == 20u + (uint32_t)round * 7)
				kill(child, SIGKILL);
		}
		close(to_parent[0]);
		waitpid(child, &status, 0);
		assert_true(WIFSIGNALED(status));
		fixture_ok(store_open(&fix.store, fix.url, STORE_WRITE, &fix.error));
		fixture_ok(audit_start(fix.store, fix.provider, &fix.error));
		/* Behind what the server still does for the one that is gone. */
		fixture_ok(store_begin(fix.store, &fix.error));
		assert_true(hosts() >= last + 1);
		fixture_ok(audit_verify(fix.store, fix.provider, NULL, 0, &verdict,
					&fix.error));
		assert_int_equal(verdict.fault, AUDIT_SOUND);
		assert_int_equal(verdict.rows, hosts());
		store_rollback(fix.store);
		if (round < 4)
			fixture_close(state);
	}
}

/* The server goes away at COMMIT, before it answers. */
static void a_commit_without_an_answer_is_not_done_again(void **state)
{
	static struct queued jobs[4];
	struct adding later = { .job = { .run = add }, .serial = 9 };
	struct writer_counters counters;
	struct writer *writer;
	atomic_int left = 4;
	unsigned int i;

	(void)state;
	testdb_sql("CREATE TABLE armed ();"
		   "CREATE FUNCTION go_away() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
		   " IF EXISTS (SELECT FROM pg_class WHERE relname = 'armed') THEN"
		   " PERFORM pg_terminate_backend(pg_backend_pid()); END IF; RETURN NULL; END $$;"
		   "CREATE CONSTRAINT TRIGGER go_away AFTER INSERT ON host DEFERRABLE INITIALLY DEFERRED"
		   " FOR EACH ROW EXECUTE FUNCTION go_away()");
	fixture_ok(writer_start(&writer, fix.store, &fix.error));
	for (i = 0; i < 4; i++) {
		jobs[i] = (struct queued) {
			.adding = { .job = { .run = add, .done = count_down },
				    .serial = i },
			.left = &left,
		};
		assert_int_equal(writer_submit(writer, &jobs[i].adding.job), 0);
	}
	while (atomic_load(&left))
		usleep(1000);
	for (i = 0; i < 4; i++)
		assert_int_equal(jobs[i].adding.job.result, -ENOTCONN);
	testdb_sql("DROP TABLE armed");
	/* The writer finds the server again by itself. */
	for (i = 0; i < 1000 && writer_run(writer, &later.job) == -ENOTCONN; i++)
		usleep(10000);
	assert_int_equal(later.job.result, 0);
	writer_count(writer, &counters);
	writer_stop(writer);
	assert_int_equal(counters.replays, 0);
	assert_int_equal(hosts(), 1);
}

#define T(name)	cmocka_unit_test_setup_teardown(name, fixture_open, fixture_close)

#define COMMON \
	T(jobs_of_many_threads_are_whole_and_fail_alone), \
	T(jobs_that_wait_share_a_transaction), \
	T(a_commit_that_fails_is_replayed_job_by_job), \
	T(a_job_that_is_refused_late_fails_alone), \
	T(a_stopped_writer_takes_nothing), \
	T(what_was_told_is_there_after_a_kill)

int main(void)
{
	const struct CMUnitTest sqlite[] = { COMMON };
	const struct CMUnitTest postgres[] = {
		COMMON,
		T(a_commit_without_an_answer_is_not_done_again),
	};

	if (testdb_is_postgres())
		return cmocka_run_group_tests_name("centre-writer-postgres",
						   postgres, fixture_make,
						   fixture_remove);
	return cmocka_run_group_tests_name("centre-writer", sqlite, fixture_make,
					   fixture_remove);
}
