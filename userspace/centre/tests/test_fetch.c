// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Commands that agents fetch: which, how often, and what is recorded of it.
 */
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "centre/api_fetch.h"
#include "centre/db.h"
#include "centre/offer.h"
#include "centre/tests/fixture.h"

#define LEASE	1000

static const uint8_t mid[PDT1_ID_LEN] = { 2, 1, 0, 0, 0, 0, 0x56, 0x78 };
static struct service service;
static struct store_module module;

static int open_all(void **state)
{
	int ret = fixture_open(state);

	if (ret)
		return ret;
	fixture_add_module(mid, 3);
	memset(&module, 0, sizeof(module));
	memcpy(module.mid, mid, sizeof(mid));
	memset(&service, 0, sizeof(service));
	pthread_mutex_init(&service.lock, NULL);
	service.lease = LEASE;
	fixture_ok(store_open(&service.reader, fix.url, STORE_READ, &fix.error));
	fixture_ok(writer_start(&service.writer, fix.store, &fix.error));
	return 0;
}

/* The writer has ended: what it wrote can be looked at. */
static void stop(void)
{
	if (service.writer)
		writer_stop(service.writer);
	service.writer = NULL;
}

static int close_all(void **state)
{
	stop();
	store_close(service.reader);
	pthread_mutex_destroy(&service.lock);
	return fixture_close(state);
}

struct adding {
	struct writer_job job;
	struct store_command command;
};

static int add(struct store *store, struct writer_job *job)
{
	const struct store_command *command = &((struct adding *)job)->command;
	int err = store_add_command(store, command, &job->error);

	return err ? err : store_set_offer(store, command, &job->error);
}

/* A command that was handed out @offers times, the last time @since seconds ago. */
static void queue(uint32_t seq, uint8_t op, uint32_t offers, const char *agent, int64_t since)
{
	struct adding a = {
		.job = { .run = add },
		.command = {
			.seq = seq, .op = op, .offers = offers, .data_len = 4,
			.handed_at = offers ? time(NULL) - since : 0,
		},
	};

	memcpy(a.command.mid, mid, sizeof(mid));
	snprintf(a.command.handed_to, sizeof(a.command.handed_to), "%s", agent);
	fixture_ok(writer_run(service.writer, &a.job));
}

/**
 * struct fetched - What an agent got.
 * @status: Of the answer.
 * @numbers: Of the commands, with a blank before each.
 * @retry_after: Seconds, 0 for nothing to wait for.
 * @report_wanted: It is to ask the module for a report.
 */
struct fetched {
	unsigned int status;
	char numbers[128];
	unsigned int retry_after;
	bool report_wanted;
};

/* In any thread. */
static struct fetched try_to_fetch(const char *agent)
{
	struct api_call call = { .service = &service, .path = "/", .body = "" };
	struct api_reply reply = { 0 };
	struct fetched got = { 0 };
	json_t *item;
	size_t i;

	snprintf(call.client.name, sizeof(call.client.name), "%s", agent);
	api_fetch_commands(&call, &reply, &module);
	got.status = reply.status;
	json_array_foreach(json_object_get(reply.object, "items"), i, item) {
		snprintf(got.numbers + strlen(got.numbers),
			 sizeof(got.numbers) - strlen(got.numbers), " %lld",
			 (long long)json_integer_value(json_object_get(item, "seq")));
	}
	got.retry_after = reply.retry_after;
	got.report_wanted = json_is_true(json_object_get(reply.object, "report_wanted"));
	json_decref(reply.object);
	return got;
}

static struct fetched fetch(const char *agent)
{
	struct fetched got = try_to_fetch(agent);

	assert_int_equal(got.status, 200);
	return got;
}

static int keep_last(const struct audit_row *row, void *arg)
{
	snprintf(arg, 256, "%s: %s", row->cause, row->detail);
	return 0;
}

/* What the trail ends with. */
static void recorded(const char *last)
{
	const struct audit_filter all = { .mid = NULL };
	char text[256] = "";

	stop();
	fixture_ok(audit_each(fix.store, &all, keep_last, text, &fix.error));
	assert_string_equal(text, last);
}

static void who_waits_for_anothers_receipt_leaves_no_trace(void **state)
{
	struct fetched got;

	(void)state;
	queue(1, PDT1_OP_FREEZE, 1, "one", 10);
	queue(2, PDT1_OP_FREEZE, 0, "", 0);
	got = fetch("two");
	assert_string_equal(got.numbers, "");
	assert_in_range(got.retry_after, 1, LEASE - 10);
	assert_false(got.report_wanted);
	recorded("");
}

static void where_there_is_nothing_to_give_nothing_is_written(void **state)
{
	struct writer_counters counters;
	struct fetched got;

	(void)state;
	got = fetch("one");
	assert_string_equal(got.numbers, "");
	assert_false(got.report_wanted);
	module.awaiting = true;
	assert_true(fetch("one").report_wanted);
	writer_count(service.writer, &counters);
	assert_int_equal(counters.jobs, 0);
	queue(1, PDT1_OP_FREEZE, 0, "", 0);
	got = fetch("one");
	assert_string_equal(got.numbers, " 1");
	assert_true(got.report_wanted);
}

static void of_many_the_first_are_given(void **state)
{
	uint32_t i;

	(void)state;
	for (i = 20; i; i--)
		queue(i, PDT1_OP_FREEZE, 0, "", 0);
	assert_string_equal(fetch("one").numbers, " 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16");
	recorded("handed-out: command 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16");
}

static void a_report_is_wanted_once_a_command_was_given_too_often(void **state)
{
	static const struct {
		uint8_t op;
		uint32_t offers;
		const char *numbers;
		bool report_wanted;
		const char *last;
	} rows[] = {
		{ PDT1_OP_FREEZE, OFFERS_MAX - 1, " 1", false, "handed-out: command 1" },
		{ PDT1_OP_FREEZE, OFFERS_MAX, "", true,
		  "no-receipt: command 1, handed out 5 times, last to two" },
		{ PDT1_OP_SET_KMG, OFFERS_MAX - 1, " 1", false, "handed-out: command 1" },
		{ PDT1_OP_SET_KMG, OFFERS_MAX, " 1", true, "handed-out: command 1" },
	};
	struct fetched got;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (i) {
			close_all(state);
			assert_int_equal(open_all(state), 0);
		}
		queue(1, rows[i].op, rows[i].offers, "two", LEASE);
		got = fetch("one");
		assert_string_equal(got.numbers, rows[i].numbers);
		assert_int_equal(got.report_wanted, rows[i].report_wanted);
		recorded(rows[i].last);
	}
}

/* ---- done again, because another job of the group could not be made durable ---- */

struct gate {
	struct writer_job job;
	sem_t open;
};

static int wait_at_gate(struct store *store, struct writer_job *job)
{
	struct gate *gate = (struct gate *)job;

	(void)store;
	while (sem_wait(&gate->open))
		;
	/* It may be one of those that are done again. */
	sem_post(&gate->open);
	return domain_fail(&job->error, -EPERM, "nothing was changed");
}

static void nothing(struct writer_job *job)
{
	(void)job;
}

/* As if they had been handed out, until the transaction ends. */
static int hand_out_in_vain(struct store *store, struct writer_job *job)
{
	struct store_command first = { .seq = 1, .offers = OFFERS_MAX, .handed_at = 1 };
	struct store_command second = {
		.seq = 2, .offers = 1, .handed_to = "two", .handed_at = time(NULL),
	};
	int err;

	memcpy(first.mid, mid, sizeof(mid));
	memcpy(second.mid, mid, sizeof(mid));
	err = store_set_offer(store, &first, &job->error);
	if (!err)
		err = store_set_offer(store, &second, &job->error);
	return err ? err : db_exec(store_db(store), &job->error,
				   "INSERT INTO late VALUES (1)", "");
}

static void *fetch_in_a_thread(void *arg)
{
	*(struct fetched *)arg = try_to_fetch("one");
	return NULL;
}

static void wait_for_jobs(unsigned int count)
{
	struct writer_counters counters;

	do {
		usleep(1000);
		writer_count(service.writer, &counters);
	} while (counters.queued < count);
}

static void what_is_done_again_is_answered_as_if_done_once(void **state)
{
	struct writer_job in_vain = { .run = hand_out_in_vain, .done = nothing };
	struct gate gate = { .job = { .run = wait_at_gate, .done = nothing } };
	struct fetched got;
	pthread_t thread;

	(void)state;
	testdb_sql("CREATE TABLE parent (x INTEGER PRIMARY KEY);"
		   "CREATE TABLE late (x INTEGER REFERENCES parent (x) DEFERRABLE INITIALLY DEFERRED)");
	queue(1, PDT1_OP_SET_KMG, 0, "", 0);
	queue(2, PDT1_OP_FREEZE, 0, "", 0);
	/* Those that wait meanwhile share a transaction. */
	sem_init(&gate.open, 0, 0);
	assert_int_equal(writer_submit(service.writer, &gate.job), 0);
	assert_int_equal(writer_submit(service.writer, &in_vain), 0);
	assert_int_equal(pthread_create(&thread, NULL, fetch_in_a_thread, &got), 0);
	wait_for_jobs(2);
	usleep(WRITER_GROUP_NS / 1000);
	sem_post(&gate.open);
	pthread_join(thread, NULL);
	assert_int_equal(got.status, 200);
	assert_string_equal(got.numbers, " 1 2");
	assert_int_equal(got.retry_after, 0);
	assert_false(got.report_wanted);
	recorded("handed-out: command 1, 2");
	assert_true(in_vain.result < 0);
	sem_destroy(&gate.open);
}

#define T(name)	cmocka_unit_test_setup_teardown(name, open_all, close_all)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(who_waits_for_anothers_receipt_leaves_no_trace),
		T(where_there_is_nothing_to_give_nothing_is_written),
		T(of_many_the_first_are_given),
		T(a_report_is_wanted_once_a_command_was_given_too_often),
		T(what_is_done_again_is_answered_as_if_done_once),
	};

	return cmocka_run_group_tests_name("centre-fetch", tests, fixture_make,
					   fixture_remove);
}
