/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For the parts of the store only: statements with values bound by a list of
 * types, see store_query().
 */
#ifndef CENTRE_STORE_DB_H
#define CENTRE_STORE_DB_H

#include <sqlite3.h>

#include "centre/store.h"

/**
 * struct store - An open database.
 * @db: The connection.
 */
struct store {
	sqlite3 *db;
};

sqlite3_stmt *store_query(struct store *store, struct domain_error *error,
			  const char *sql, const char *types, ...);
int store_run(struct store *store, struct domain_error *error, const char *sql,
	      const char *types, ...);
int store_next(struct store *store, sqlite3_stmt *stmt,
	       struct domain_error *error);
void store_get8(sqlite3_stmt *stmt, int column, uint8_t out[8]);
void store_get_text(sqlite3_stmt *stmt, int column, char *out, size_t size);

/* How every query for store_visit_decisions() begins. */
#define STORE_DECISIONS \
	"SELECT at, uid, verb, mid, sn, n, result, cause, detail, client, known_n FROM decision"

int store_visit_decisions(struct store *store, sqlite3_stmt *stmt,
			  int (*visit)(const struct store_decision *decision, void *arg),
			  void *arg, struct domain_error *error);

#endif /* CENTRE_STORE_DB_H */
