// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/stat.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "centre/store_service.h"

static char folder[] = "/tmp/smpair-store-XXXXXX";
static char path[64];
static struct domain_error error;
static const struct store_domain domain = {
	.dom = 4294967295, .path = (char *)"/a/domain.json", .mpin_check = "check",
};

static void sql(const char *text)
{
	sqlite3 *db;
	char *message = NULL;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	if (sqlite3_exec(db, text, NULL, NULL, &message) != SQLITE_OK)
		fail_msg("%s: %s", text, message);
	sqlite3_close(db);
}

static void refused(const char *says)
{
	struct store *store;

	assert_true(store_open(&store, path, &error) < 0);
	if (!strstr(error.text, says))
		fail_msg("\"%s\" does not say \"%s\"", error.text, says);
}

static void a_new_database_is_private_and_names_its_domain(void **state)
{
	struct store_domain read;
	struct store *store;
	struct stat st;

	(void)state;
	umask(0);
	assert_int_equal(store_create(path, &domain, &error), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(store_create(path, &domain, &error), -EEXIST);

	assert_int_equal(store_open(&store, path, &error), 0);
	assert_int_equal(store_get_domain(store, &read, &error), 0);
	assert_int_equal(read.dom, domain.dom);
	assert_string_equal(read.path, domain.path);
	assert_memory_equal(read.mpin_check, domain.mpin_check, STORE_CHECK_LEN);
	store_domain_free(&read);
	store_close(store);
}

static void a_failed_creation_leaves_no_file(void **state)
{
	const struct store_domain bad = { .dom = 1, .path = NULL };

	(void)state;
	assert_true(store_create(path, &bad, &error) < 0);
	assert_int_equal(access(path, F_OK), -1);
}

static void a_newer_format_is_refused(void **state)
{
	(void)state;
	assert_int_equal(store_create(path, &domain, &error), 0);
	sql("PRAGMA user_version = 99");
	refused("format 99 and this program knows format");
}

/* As the first format was: what came later is taken away. */
static void an_older_format_is_brought_up_to_date(void **state)
{
	struct store_client client = { .name = "agent", .role = "agent" };
	struct store_domain read;
	struct store *store;

	(void)state;
	assert_int_equal(store_create(path, &domain, &error), 0);
	sql("DROP TABLE client; DROP TABLE replay; DROP TABLE confirmation; DROP TABLE held;"
	    "DROP TABLE operator; DROP TABLE signin_failure; DROP INDEX decision_of_host;"
	    "ALTER TABLE decision DROP COLUMN known_n;"
	    "ALTER TABLE decision DROP COLUMN client; PRAGMA user_version = 1");
	assert_int_equal(store_open(&store, path, &error), 0);
	assert_int_equal(store_get_domain(store, &read, &error), 0);
	assert_int_equal(read.dom, domain.dom);
	store_domain_free(&read);
	assert_int_equal(store_add_client(store, &client, &error), 0);
	assert_int_equal(store_get_client(store, client.fingerprint, &client, &error), 1);
	store_close(store);
	assert_int_equal(store_open(&store, path, &error), 0);
	store_close(store);
}

static void other_databases_and_files_are_refused(void **state)
{
	FILE *file;

	(void)state;
	refused("init --domain FILE");
	sql("CREATE TABLE t (x)");
	refused("not a database of smpair-centre");
	file = fopen(path, "w");
	assert_non_null(file);
	fprintf(file, "%4096s", "no database");
	fclose(file);
	refused("not a sound database");
}

static void writers_exclude_each_other(void **state)
{
	struct store *one, *other;
	sqlite3 *db;

	(void)state;
	assert_int_equal(store_create(path, &domain, &error), 0);
	assert_int_equal(store_open(&one, path, &error), 0);
	assert_int_equal(store_open(&other, path, &error), 0);
	assert_int_equal(store_begin(one, &error), 0);
	/* Another connection, without the patience of the program's own. */
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL),
			 SQLITE_BUSY);
	sqlite3_close(db);
	assert_int_equal(store_commit(one, &error), 0);
	assert_int_equal(store_begin(other, &error), 0);
	store_rollback(other);
	store_close(one);
	store_close(other);
}

static void what_is_not_committed_is_undone(void **state)
{
	struct store_host host = { .sn = { 1 } };
	struct store *store;

	(void)state;
	assert_int_equal(store_create(path, &domain, &error), 0);
	assert_int_equal(store_open(&store, path, &error), 0);
	assert_int_equal(store_begin(store, &error), 0);
	assert_int_equal(store_add_host(store, &host, &error), 0);
	store_close(store);
	assert_int_equal(store_open(&store, path, &error), 0);
	assert_int_equal(store_get_host(store, host.sn, &host, &error), 0);
	store_close(store);
}

static void rows_without_their_module_are_refused(void **state)
{
	static const uint8_t mid[8] = { 1 }, sn[8] = { 2 };
	struct store *store;

	(void)state;
	assert_int_equal(store_create(path, &domain, &error), 0);
	assert_int_equal(store_open(&store, path, &error), 0);
	assert_true(store_add_issue(store, mid, 0, sn, &error) < 0);
	assert_true(store_set_wrong(store, mid, sn, 1, &error) < 0);
	assert_true(store_set_denied(store, mid, sn, true, &error) < 0);
	store_close(store);
}

static void fields_keep_their_whole_range(void **state)
{
	struct store_module module = {
		.mid = { 0xff }, .pin_policy = 3, .ptc_max = 15, .n = 0xfffffffe,
		.ft = { 1, 2, 3, 4, 5, 6, 7, 8 },
	}, read;
	struct store_host host = {
		.sn = { 0xfe }, .rights = 0xffff, .cyid = 0xffffffff,
	}, read_host;
	struct store *store;
	uint8_t op;
	int sw;

	(void)state;
	assert_int_equal(store_create(path, &domain, &error), 0);
	assert_int_equal(store_open(&store, path, &error), 0);
	assert_int_equal(store_add_module(store, &module, &error), 0);
	assert_true(store_add_module(store, &module, &error) < 0);
	assert_int_equal(store_get_module(store, module.mid, &read, &error), 1);
	assert_int_equal(read.n, 0xfffffffe);
	assert_int_equal(read.n0, 0xfffffffe);
	assert_memory_equal(read.ft, module.ft, 8);
	assert_memory_equal(read.ft0, module.ft, 8);
	assert_int_equal(read.ptc_max, 15);
	assert_string_equal(read.hold, "");
	assert_int_equal(store_add_host(store, &host, &error), 0);
	assert_int_equal(store_get_host(store, host.sn, &read_host, &error), 1);
	assert_int_equal(read_host.rights, 0xffff);
	assert_int_equal(read_host.cyid, 0xffffffff);

	assert_int_equal(store_add_command(store, module.mid, 0xffffffff, 12,
					   &error), 0);
	assert_int_equal(store_get_command(store, module.mid, 0xffffffff, &op,
					   &sw, &error), 1);
	assert_int_equal(op, 12);
	assert_int_equal(sw, -1);
	assert_int_equal(store_set_command_result(store, module.mid, 0xffffffff,
						  0x9000, &error), 0);
	assert_int_equal(store_get_command(store, module.mid, 0xffffffff, &op,
					   &sw, &error), 1);
	assert_int_equal(sw, 0x9000);
	store_close(store);
}

static int make(void **state)
{
	(void)state;
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/centre.db", folder);
	return 0;
}

static int clean(void **state)
{
	(void)state;
	unlink(path);
	return 0;
}

static int drop(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof(command), "rm -r %s", folder);
	return system(command);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(a_new_database_is_private_and_names_its_domain, clean),
		cmocka_unit_test_teardown(a_failed_creation_leaves_no_file, clean),
		cmocka_unit_test_teardown(a_newer_format_is_refused, clean),
		cmocka_unit_test_teardown(an_older_format_is_brought_up_to_date, clean),
		cmocka_unit_test_teardown(other_databases_and_files_are_refused, clean),
		cmocka_unit_test_teardown(writers_exclude_each_other, clean),
		cmocka_unit_test_teardown(what_is_not_committed_is_undone, clean),
		cmocka_unit_test_teardown(rows_without_their_module_are_refused, clean),
		cmocka_unit_test_teardown(fields_keep_their_whole_range, clean),
	};

	return cmocka_run_group_tests_name("centre-store", tests, make, drop);
}
