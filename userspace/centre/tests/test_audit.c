// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The audit trail: every way of changing it behind the centre's back is found.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "centre/db.h"
#include "centre/tests/fixture.h"
#include "domain/domain.h"

#define ROWS	8

static const uint8_t mid[8] = { 2, 1, 0, 0, 0, 0, 0x56, 0x78 };

static void append(void *arg)
{
	char detail[32];
	struct audit_row row = {
		.at = 1800000000, .actor = "uid 0", .action = "test",
		.mid = mid, .has_n = true, .n = 7, .result = "done",
		.cause = "because", .detail = detail,
	};

	snprintf(detail, sizeof(detail), "row %u", *(unsigned int *)arg);
	fixture_ok(audit_append(fix.store, &row, &fix.error));
}

static void append_many(unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		fixture_change(append, &i);
}

static struct audit_verdict verify_from(const struct audit_mark *mark, int64_t from)
{
	struct audit_verdict verdict;

	fixture_ok(audit_verify(fix.store, fix.provider, mark, from, &verdict,
				&fix.error));
	return verdict;
}

static struct audit_verdict verify(void)
{
	return verify_from(NULL, 0);
}

static void what_was_written_is_sound(void **state)
{
	struct audit_verdict verdict;

	(void)state;
	assert_int_equal(verify().fault, AUDIT_SOUND);
	append_many(ROWS);
	verdict = verify();
	assert_int_equal(verdict.fault, AUDIT_SOUND);
	assert_int_equal(verdict.rows, ROWS);
	assert_int_equal(verdict.end.seq, ROWS);
	/* and the tail alone */
	verdict = verify_from(NULL, 5);
	assert_int_equal(verdict.fault, AUDIT_SOUND);
	assert_int_equal(verdict.rows, ROWS - 5);
}

static void every_change_is_found_where_it_was_made(void **state)
{
	static const struct {
		const char *sql;
		enum audit_fault fault;
		int64_t seq;
	} changes[] = {
		{ "UPDATE audit SET at = at + 1 WHERE seq = 3", AUDIT_CHANGED, 3 },
		{ "UPDATE audit SET actor = 'uid 1' WHERE seq = 1", AUDIT_CHANGED, 1 },
		{ "UPDATE audit SET action = 'x' WHERE seq = 8", AUDIT_CHANGED, 8 },
		{ "UPDATE audit SET mid = NULL WHERE seq = 4", AUDIT_CHANGED, 4 },
		{ "UPDATE audit SET sn = mid WHERE seq = 4", AUDIT_CHANGED, 4 },
		{ "UPDATE audit SET n = 8 WHERE seq = 4", AUDIT_CHANGED, 4 },
		{ "UPDATE audit SET n = NULL WHERE seq = 4", AUDIT_CHANGED, 4 },
		{ "UPDATE audit SET known_n = 7 WHERE seq = 4", AUDIT_CHANGED, 4 },
		{ "UPDATE audit SET result = 'issued' WHERE seq = 4", AUDIT_CHANGED, 4 },
		{ "UPDATE audit SET cause = '' WHERE seq = 4", AUDIT_CHANGED, 4 },
		{ "UPDATE audit SET detail = NULL WHERE seq = 4", AUDIT_CHANGED, 4 },
		{ "UPDATE audit SET detail = '' WHERE seq = 4", AUDIT_CHANGED, 4 },
		{ "UPDATE audit SET mac = zeroblob(32) WHERE seq = 4", AUDIT_CHANGED, 4 },
		{ "UPDATE audit SET mac = zeroblob(1) WHERE seq = 4", AUDIT_CHANGED, 4 },
		{ "UPDATE audit SET version = 0 WHERE seq = 4", AUDIT_CHANGED, 4 },
		{ "UPDATE audit SET version = 2 WHERE seq = 4", AUDIT_CHANGED, 4 },
		{ "UPDATE audit SET key_id = 1 WHERE seq = 4", AUDIT_CHANGED, 4 },
		{ "UPDATE audit SET key_id = 0 WHERE seq = 4", AUDIT_CHANGED, 4 },
		{ "UPDATE audit SET key_id = 3 WHERE seq = 4", AUDIT_NO_KEY, 4 },
		{ "DELETE FROM audit WHERE seq = 4", AUDIT_MISSING, 4 },
		{ "DELETE FROM audit WHERE seq = 1", AUDIT_MISSING, 1 },
		{ "DELETE FROM audit WHERE seq = 8", AUDIT_CUT, 8 },
		{ "DELETE FROM audit WHERE seq > 4", AUDIT_CUT, 5 },
		{ "DELETE FROM audit", AUDIT_CUT, 1 },
		{ "DELETE FROM audit_head", AUDIT_CUT, 8 },
		{ "DELETE FROM audit WHERE seq > 4; UPDATE audit_head SET seq = 4,"
		  "mac = (SELECT mac FROM audit WHERE seq = 4)", AUDIT_CUT, 4 },
		{ "UPDATE audit_head SET seal = zeroblob(32)", AUDIT_CUT, 8 },
		/* two rows that changed places */
		{ "UPDATE audit SET seq = 99 WHERE seq = 3; UPDATE audit SET seq = 3"
		  " WHERE seq = 4; UPDATE audit SET seq = 4 WHERE seq = 99",
		  AUDIT_CHANGED, 3 },
		/* one that is gone, and the numbers closed up */
		{ "DELETE FROM audit WHERE seq = 4; UPDATE audit SET seq = seq - 1"
		  " WHERE seq > 4", AUDIT_CHANGED, 4 },
		{ "INSERT INTO audit SELECT 9, at, actor, action, mid, sn, n, known_n,"
		  "result, cause, detail, version, key_id, mac FROM audit WHERE seq = 8",
		  AUDIT_CHANGED, 9 },
		{ "INSERT INTO audit SELECT 0, at, actor, action, mid, sn, n, known_n,"
		  "result, cause, detail, 0, 0, zeroblob(0) FROM audit WHERE seq = 8",
		  AUDIT_CHANGED, 1 },
	};
	struct audit_verdict verdict;
	size_t i;

	for (i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		if (i && fixture_open(state))
			fail();
		append_many(ROWS);
		testdb_tamper(changes[i].sql);
		verdict = verify();
		if (verdict.fault != changes[i].fault ||
		    verdict.seq != changes[i].seq)
			fail_msg("%s: %s at %lld", changes[i].sql,
				 audit_fault_text(verdict.fault),
				 (long long)verdict.seq);
		if (i + 1 < sizeof(changes) / sizeof(changes[0]))
			fixture_close(state);
	}
}

static void rows_can_only_be_appended_by_sql(void **state)
{
	(void)state;
	append_many(1);
	assert_int_equal(db_exec(store_db(fix.store), &fix.error,
				 "UPDATE audit SET at = 0", ""), -EEXIST);
	assert_int_equal(db_exec(store_db(fix.store), &fix.error,
				 "DELETE FROM audit", ""), -EEXIST);
	assert_non_null(strstr(fix.error.text, "only appended to"));
}

static void an_older_copy_is_noticed_by_a_mark(void **state)
{
	struct audit_mark mark;
	unsigned int n;

	append_many(3);
	testdb_sql("CREATE TABLE kept AS SELECT * FROM audit_head");
	append_many(2);
	mark = verify().end;
	assert_int_equal(verify_from(&mark, 0).fault, AUDIT_SOUND);

	testdb_tamper("DELETE FROM audit WHERE seq > 3; DELETE FROM audit_head;"
		      "INSERT INTO audit_head SELECT * FROM kept");
	assert_int_equal(verify().fault, AUDIT_SOUND);
	assert_int_equal(verify_from(&mark, 0).fault, AUDIT_UNMARKED);
	/* also when the copy grew beyond it with other rows */
	for (n = 10; n < 14; n++)
		fixture_change(append, &n);
	assert_int_equal(verify_from(&mark, 0).fault, AUDIT_UNMARKED);
	(void)state;
}

static void centres_in_turn_make_one_trail(void **state)
{
	struct store *own = fix.store, *other;
	unsigned int i;

	(void)state;
	fixture_ok(store_open(&other, fix.url, STORE_WRITE, &fix.error));
	fixture_ok(audit_start(other, fix.provider, &fix.error));
	for (i = 0; i < 6; i++) {
		fix.store = i % 2 ? other : own;
		append_many(1);
	}
	store_close(other);
	fix.store = own;
	assert_int_equal(verify().fault, AUDIT_SOUND);
	assert_int_equal(verify().rows, 6);
}

static void what_is_undone_leaves_no_row_and_no_gap(void **state)
{
	unsigned int n = 1;

	(void)state;
	append_many(2);
	fixture_ok(store_begin(fix.store, &fix.error));
	append(&n);
	store_rollback(fix.store);
	fixture_ok(store_begin(fix.store, &fix.error));
	append(&n);
	fixture_ok(store_save(fix.store, &fix.error));
	append(&n);
	store_back(fix.store);
	fixture_ok(store_save(fix.store, &fix.error));
	append(&n);
	fixture_ok(store_release(fix.store, &fix.error));
	fixture_ok(store_commit(fix.store, &fix.error));
	assert_int_equal(verify().fault, AUDIT_SOUND);
	assert_int_equal(verify().rows, 4);
}

static void rows_from_before_the_macs_are_covered_by_the_first_one(void **state)
{
	(void)state;
	testdb_sql("INSERT INTO audit VALUES (1, 5, 'uid 1', 'pin', NULL, NULL, NULL, NULL, 'issued', 'issued', NULL, 0, 0, zeroblob(0)),"
		    "(4, 6, 'uid 1', 'pin', NULL, NULL, 3, NULL, 'refused', 'x', 'y', 0, 0, zeroblob(0))");
	append_many(2);
	assert_int_equal(verify().fault, AUDIT_SOUND);
	assert_int_equal(verify().older, 2);
	assert_int_equal(verify().end.seq, 6);
	testdb_tamper("UPDATE audit SET cause = 'z' WHERE seq = 4");
	assert_int_equal(verify().fault, AUDIT_CHANGED);
	assert_int_equal(verify().seq, 5);
}

/* The domain file as it was before its second generation, and as it is. */
static void use_generations(unsigned int count)
{
	struct domain domain;
	char path[128];

	snprintf(path, sizeof(path), "%s/part.json", fix.folder);
	fixture_ok(domain_load(&domain, fix.domain_path, &fix.error));
	domain.mpin.count = count;
	fixture_ok(domain_store(&domain, path, true, &fix.error));
	domain_wipe(&domain);
	provider_close(fix.provider);
	fixture_ok(provider_open(&fix.provider, "file", path, &fix.error));
	fixture_ok(audit_start(fix.store, fix.provider, &fix.error));
}

static void the_trail_goes_on_under_a_new_key(void **state)
{
	(void)state;
	use_generations(1);
	append_many(2);
	use_generations(2);
	append_many(2);
	assert_int_equal(verify().fault, AUDIT_SOUND);
	assert_int_equal(verify().rows, 4);
	use_generations(1);
	assert_int_equal(verify().fault, AUDIT_NO_KEY);
	assert_int_equal(verify().seq, 3);
	use_generations(2);
}

static void texts_that_are_too_long_are_refused(void **state)
{
	static char long_text[AUDIT_DETAIL_MAX + 2];
	struct audit_row row = {
		.actor = "uid 0", .action = "test", .result = "done",
		.cause = "x", .detail = long_text,
	};

	(void)state;
	memset(long_text, 'a', AUDIT_DETAIL_MAX + 1);
	fixture_ok(store_begin(fix.store, &fix.error));
	assert_int_equal(audit_append(fix.store, &row, &fix.error), -EMSGSIZE);
	long_text[AUDIT_DETAIL_MAX] = '\0';
	fixture_ok(audit_append(fix.store, &row, &fix.error));
	row.actor = long_text;
	assert_int_equal(audit_append(fix.store, &row, &fix.error), -EMSGSIZE);
	fixture_ok(store_commit(fix.store, &fix.error));
	assert_int_equal(verify().fault, AUDIT_SOUND);
}

static void append_text(void *arg)
{
	struct audit_row row = {
		.at = 1800000000, .actor = "uid 0", .action = "test",
		.mid = mid, .result = "refused", .cause = "x", .detail = arg,
	};

	fixture_ok(audit_append(fix.store, &row, &fix.error));
}

static void exports_survive_what_people_type(void **state)
{
	static const char evil[] = "=cmd|'/c x'!A1,\"quoted\"\nnext \xc3\xa4";
	const struct audit_filter all = { .mid = NULL };
	json_error_t fault;
	char *text = NULL;
	json_t *object;
	uint64_t rows;
	size_t size;
	FILE *out;

	(void)state;
	fixture_change(append_text, (void *)evil);
	out = open_memstream(&text, &size);
	fixture_ok(audit_export(fix.store, &all, AUDIT_CSV, out, &rows, &fix.error));
	fclose(out);
	assert_int_equal(rows, 1);
	assert_non_null(strstr(text, "\"'=cmd|'/c x'!A1,\"\"quoted\"\"\nnext \xc3\xa4\"\r\n"));
	assert_non_null(strstr(text, "513-22136-41"));
	free(text);

	out = open_memstream(&text, &size);
	fixture_ok(audit_export(fix.store, &all, AUDIT_NDJSON, out, &rows,
				&fix.error));
	fclose(out);
	object = json_loads(text, JSON_REJECT_DUPLICATES, &fault);
	assert_non_null(object);
	assert_string_equal(json_string_value(json_object_get(object, "detail")),
			    evil);
	json_decref(object);
	free(text);
}

#define T(name)	cmocka_unit_test_setup_teardown(name, fixture_open, fixture_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(what_was_written_is_sound),
		T(every_change_is_found_where_it_was_made),
		T(rows_can_only_be_appended_by_sql),
		T(an_older_copy_is_noticed_by_a_mark),
		T(centres_in_turn_make_one_trail),
		T(what_is_undone_leaves_no_row_and_no_gap),
		T(rows_from_before_the_macs_are_covered_by_the_first_one),
		T(the_trail_goes_on_under_a_new_key),
		T(texts_that_are_too_long_are_refused),
		T(exports_survive_what_people_type),
	};

	return cmocka_run_group_tests_name("centre-audit", tests, fixture_make,
					   fixture_remove);
}
