// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <libpq-fe.h>
#include <sqlite3.h>

#include "centre/tests/testdb.h"

static char where[512];

static const char *server(void)
{
	return getenv("SMPAIR_TEST_POSTGRES");
}

bool testdb_is_postgres(void)
{
	return server();
}

static int postgres(const char *conninfo, const char *sql, char value[64])
{
	PGconn *conn = PQconnectdb(conninfo);
	PGresult *res;
	bool good;

	if (PQstatus(conn) != CONNECTION_OK) {
		print_error("%s", PQerrorMessage(conn));
		PQfinish(conn);
		return -1;
	}
	PQclear(PQexec(conn, "SET client_min_messages = warning; "
			     "SET search_path = smpair_centre, public"));
	res = PQexec(conn, sql);
	good = PQresultStatus(res) == PGRES_COMMAND_OK ||
	       PQresultStatus(res) == PGRES_TUPLES_OK;
	if (!good)
		print_error("%s: %s", sql, PQerrorMessage(conn));
	if (good && value && PQntuples(res) == 1)
		snprintf(value, 64, "%s", PQgetvalue(res, 0, 0));
	PQclear(res);
	PQfinish(conn);
	return good ? 0 : -1;
}

static int sqlite(const char *sql)
{
	char *message = NULL;
	sqlite3 *db;
	int rc;

	rc = sqlite3_open(where, &db);
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(db, sql, NULL, NULL, &message);
	if (message)
		print_error("%s: %s\n", sql, message);
	sqlite3_free(message);
	sqlite3_close(db);
	return rc;
}

int testdb_make(const char *folder, char *url, size_t size)
{
	char name[32], sql[64];

	if (!server()) {
		snprintf(where, sizeof(where), "%s/centre.db", folder);
		snprintf(url, size, "%s", where);
		return 0;
	}
	snprintf(name, sizeof(name), "test_%d", (int)getpid());
	snprintf(where, sizeof(where), "%s dbname=%s", server(), name);
	if ((size_t)snprintf(url, size,
			     "postgresql:%s options='-c lock_timeout=5s'",
			     where) >= size)
		return -1;
	snprintf(sql, sizeof(sql), "CREATE DATABASE %s", name);
	if (postgres(server(), sql, NULL))
		return -1;
	return postgres(where, "CREATE FUNCTION public.zeroblob(n INTEGER) RETURNS BYTEA LANGUAGE sql AS $$ SELECT decode(repeat('00', n), 'hex') $$",
			NULL);
}

int testdb_remove(void)
{
	char sql[64];

	if (!server())
		return 0;
	snprintf(sql, sizeof(sql), "DROP DATABASE test_%d WITH (FORCE)",
		 (int)getpid());
	return postgres(server(), sql, NULL);
}

void testdb_sql(const char *sql)
{
	assert_int_equal(server() ? postgres(where, sql, NULL) : sqlite(sql), 0);
}

void testdb_tamper(const char *sql)
{
	char all[1024];

	assert_true((size_t)snprintf(all, sizeof(all), "%s %s", server() ?
		"SET session_replication_role = replica;" :
		"DROP TRIGGER audit_stays; DROP TRIGGER audit_keeps;", sql) < sizeof(all));
	testdb_sql(all);
}

bool testdb_is_locked(void)
{
	char free_now[64] = "";
	sqlite3 *db;
	int rc;

	if (server()) {
		assert_int_equal(postgres(where, "SELECT pg_try_advisory_xact_lock(1397575747)",
					  free_now), 0);
		return !strcmp(free_now, "f");
	}
	/* Without the patience of the program's own connections. */
	assert_int_equal(sqlite3_open(where, &db), SQLITE_OK);
	rc = sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
	sqlite3_close(db);
	return rc == SQLITE_BUSY;
}

static bool in_file(const char *path, const char *text)
{
	size_t len, i, want = strlen(text);
	static char bytes[1 << 20];
	FILE *file = fopen(path, "r");
	bool found = false;

	assert_non_null(file);
	len = fread(bytes, 1, sizeof(bytes), file);
	fclose(file);
	assert_true(len > want && len < sizeof(bytes));
	for (i = 0; i + want <= len; i++)
		found = found || !memcmp(bytes + i, text, want);
	return found;
}

bool testdb_holds(const char *text)
{
	char sql[1024], count[64] = "", hex[130] = "";
	size_t i;

	if (!server()) {
		snprintf(sql, sizeof(sql), "%s-wal", where);
		return in_file(where, text) || in_file(sql, text);
	}
	for (i = 0; i < 64 && text[i]; i++)
		snprintf(hex + 2 * i, 3, "%02x", (unsigned char)text[i]);
	/* Blobs are hexadecimal in the text of a row. */
	snprintf(sql, sizeof(sql),
		 "SELECT count(*) FROM pg_class, query_to_xml(format('SELECT 1 FROM %%s t WHERE t::text LIKE ''%%%%%s%%%%'' OR t::text LIKE ''%%%%%s%%%%''', oid::regclass), false, false, '') AS x WHERE relkind = 'r' AND relnamespace = 'smpair_centre'::regnamespace AND x::text LIKE '%%<row>%%'",
		 text, hex);
	assert_int_equal(postgres(where, sql, count), 0);
	return strcmp(count, "0");
}
