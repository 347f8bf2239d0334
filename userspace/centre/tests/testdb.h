/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The database that a test program works with: a file, or a database of its own
 * on the server that SMPAIR_TEST_POSTGRES names by a connection string, as
 * selftests/centre/postgres does.
 */
#ifndef CENTRE_TESTS_TESTDB_H
#define CENTRE_TESTS_TESTDB_H

#include <stdbool.h>
#include <stddef.h>

/* Makes it known, empty. @url receives what store_create() takes. */
int testdb_make(const char *folder, char *url, size_t size);
int testdb_remove(void);
bool testdb_is_postgres(void);

/* SQL behind the centre's back; zeroblob(N) is there in both. */
void testdb_sql(const char *sql);
/* Likewise, and nothing keeps it from changing the audit trail. */
void testdb_tamper(const char *sql);
/* Whether somebody is in a transaction that writes. */
bool testdb_is_locked(void);
/* Whether some field of some table holds @text. */
bool testdb_holds(const char *text);

#endif /* CENTRE_TESTS_TESTDB_H */
