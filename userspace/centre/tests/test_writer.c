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

static unsigned int hosts_in(struct store *store)
{
	int64_t count = -1;

	db_get(store_db(store), &count, &fix.error, "SELECT count(*) FROM host", "");
	return (unsigned int)count;
}

static unsigned int hosts(void)
{
	return hosts_in(fix.store);
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

/* Jobs with serial numbers from 0 on; waits until all are done. */
static void run_all(struct writer *writer, struct queued *jobs, unsigned int count,
		    int (*run)(struct store *store, struct writer_job *job))
{
	atomic_int left = (int)count;
	unsigned int i;

	for (i = 0; i < count; i++) {
		jobs[i].adding.job.run = run;
		jobs[i].adding.job.done = count_down;
		jobs[i].adding.serial = i;
		jobs[i].left = &left;
		assert_int_equal(writer_submit(writer, &jobs[i].adding.job), 0);
	}
	while (atomic_load(&left))
		usleep(1000);
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
	static struct queued jobs[8] = { [5] = { .adding = { .fails = true } } };
	struct writer_counters counters;
	struct writer *writer;
	unsigned int i;

	(void)state;
	testdb_sql("CREATE TABLE parent (x INTEGER PRIMARY KEY);"
		   "CREATE TABLE late (x INTEGER REFERENCES parent (x) DEFERRABLE INITIALLY DEFERRED)");
	/* All are there before the writer begins. */
	fixture_ok(store_begin(fix.store, &fix.error));
	store_rollback(fix.store);
	fixture_ok(writer_start(&writer, fix.store, &fix.error));
	run_all(writer, jobs, 8, add_late);
	writer_count(writer, &counters);
	writer_stop(writer);
	for (i = 0; i < 8; i++)
		assert_int_equal(!jobs[i].adding.job.result, i != 3 && i != 5);
	assert_int_equal(hosts(), 6);
	assert_int_equal(counters.failed, 2);
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
	unsigned int i;

	(void)state;
	fixture_ok(writer_start(&writer, fix.store, &fix.error));
	run_all(writer, jobs, 8, add_to_nobody);
	writer_stop(writer);
	for (i = 0; i < 8; i++)
		assert_int_equal(jobs[i].adding.job.result, i % 4 == 3 ? -EEXIST : 0);
	assert_int_equal(hosts(), 6);
}

static void what_cannot_be_begun_is_not_done(void **state)
{
	struct adding a = { .job = { .run = add } };
	struct writer_counters counters;
	struct writer *writer;
	struct store *reader;

	(void)state;
	fixture_ok(store_open(&reader, fix.url, STORE_READ, &fix.error));
	fixture_ok(writer_start(&writer, reader, &fix.error));
	assert_true(writer_run(writer, &a.job) < 0);
	assert_string_not_equal(a.job.error.text, "");
	writer_count(writer, &counters);
	writer_stop(writer);
	store_close(reader);
	assert_int_equal(counters.failed, 1);
	assert_int_equal(counters.replays, 0);
	assert_int_equal(hosts(), 0);
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
	unsigned int i;

	(void)state;
	testdb_sql("CREATE TABLE armed ();"
		   "CREATE FUNCTION go_away() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
		   " IF EXISTS (SELECT FROM pg_class WHERE relname = 'armed') THEN"
		   " PERFORM pg_terminate_backend(pg_backend_pid()); END IF; RETURN NULL; END $$;"
		   "CREATE CONSTRAINT TRIGGER go_away AFTER INSERT ON host DEFERRABLE INITIALLY DEFERRED"
		   " FOR EACH ROW EXECUTE FUNCTION go_away()");
	fixture_ok(writer_start(&writer, fix.store, &fix.error));
	run_all(writer, jobs, 4, add);
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

static void synchronous(bool on)
{
	testdb_sql(on ? "ALTER SYSTEM SET synchronous_standby_names = 'nobody'" :
		   "ALTER SYSTEM RESET synchronous_standby_names");
	testdb_sql("SELECT pg_reload_conf()");
	/* Told to those that commit by who makes checkpoints, before one that is asked for. */
	testdb_sql("CHECKPOINT");
}

static int close_synchronous(void **state)
{
	synchronous(false);
	return fixture_close(state);
}

static void *run_four(void *arg)
{
	static struct queued jobs[4] = { [2] = { .adding = { .fails = true } } };
	unsigned int i;

	run_all(arg, jobs, 4, add);
	for (i = 0; i < 4; i++)
		if (jobs[i].adding.job.result != (i == 2 ? -EPERM : -ENOTCONN))
			return &jobs[i];
	return NULL;
}

/* The server has made it durable, and waits for a standby that is not there. */
static void a_commit_whose_answer_is_lost_is_not_done_again(void **state)
{
	struct writer_counters counters = { 0 };
	struct audit_verdict verdict;
	struct writer *writer;
	pthread_t thread;
	void *wrong;

	(void)state;
	synchronous(true);
	fixture_ok(writer_start(&writer, fix.store, &fix.error));
	assert_int_equal(pthread_create(&thread, NULL, run_four, writer), 0);
	while (counters.jobs < 4) {
		testdb_sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE"
			   " wait_event = 'SyncRep' AND datname = current_database()");
		usleep(10000);
		writer_count(writer, &counters);
	}
	pthread_join(thread, &wrong);
	writer_stop(writer);
	assert_null(wrong);
	assert_int_equal(counters.replays, 0);
	assert_int_equal(hosts(), 3);
	fixture_ok(audit_verify(fix.store, fix.provider, NULL, 0, &verdict,
				&fix.error));
	assert_int_equal(verdict.fault, AUDIT_SOUND);
	assert_int_equal(verdict.rows, 3);
}

/* Others come while the first is under way. */
static int add_and_go_away(struct store *store, struct writer_job *job)
{
	struct adding *a = (struct adding *)job;
	int64_t gone;
	int err = add(store, job);

	if (!err && !a->serial)
		err = db_get(store_db(store), &gone, &job->error,
			     "SELECT 1 WHERE pg_terminate_backend(pg_backend_pid())", "");
	return err < 0 ? err : 0;
}

static void what_waits_while_the_server_goes_away_is_done_with_the_next(void **state)
{
	static struct queued jobs[8];
	struct writer *writer;
	unsigned int i;

	(void)state;
	fixture_ok(writer_start(&writer, fix.store, &fix.error));
	run_all(writer, jobs, 8, add_and_go_away);
	writer_stop(writer);
	for (i = 0; i < 8; i++)
		assert_int_equal(jobs[i].adding.job.result, i ? 0 : -ENOTCONN);
	assert_int_equal(hosts(), 7);
}

static void one_that_does_not_get_the_lock_is_not_tried_twice(void **state)
{
	struct adding a = { .job = { .run = add } };
	struct writer_counters counters;
	struct writer *writer;
	struct store *other;

	(void)state;
	fixture_ok(store_open(&other, fix.url, STORE_WRITE, &fix.error));
	fixture_ok(store_begin(other, &fix.error));
	assert_int_equal(hosts_in(other), 0);
	assert_true(testdb_is_locked());
	fixture_ok(writer_start(&writer, fix.store, &fix.error));
	assert_int_equal(writer_run(writer, &a.job), -EBUSY);
	writer_count(writer, &counters);
	writer_stop(writer);
	store_close(other);
	assert_int_equal(counters.replays, 0);
}

#define T(name)	cmocka_unit_test_setup_teardown(name, fixture_open, fixture_close)

#define COMMON \
	T(jobs_of_many_threads_are_whole_and_fail_alone), \
	T(jobs_that_wait_share_a_transaction), \
	T(a_commit_that_fails_is_replayed_job_by_job), \
	T(a_job_that_is_refused_late_fails_alone), \
	T(what_cannot_be_begun_is_not_done), \
	T(a_stopped_writer_takes_nothing), \
	T(what_was_told_is_there_after_a_kill)

int main(void)
{
	const struct CMUnitTest sqlite[] = { COMMON };
	const struct CMUnitTest postgres[] = {
		COMMON,
		T(a_commit_without_an_answer_is_not_done_again),
		cmocka_unit_test_setup_teardown(a_commit_whose_answer_is_lost_is_not_done_again,
						fixture_open, close_synchronous),
		T(what_waits_while_the_server_goes_away_is_done_with_the_next),
		T(one_that_does_not_get_the_lock_is_not_tried_twice),
	};

	if (testdb_is_postgres())
		return cmocka_run_group_tests_name("centre-writer-postgres",
						   postgres, fixture_make,
						   fixture_remove);
	return cmocka_run_group_tests_name("centre-writer", sqlite, fixture_make,
					   fixture_remove);
}
