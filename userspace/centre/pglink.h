/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The connection to a PostgreSQL server: made, lost, and made again. Statements
 * are in db_postgres.c.
 */
#ifndef CENTRE_PGLINK_H
#define CENTRE_PGLINK_H

#include <libpq-fe.h>

#include "centre/db.h"

/* Where the tables are: a schema of their own, beside whatever else the database
 * holds.
 */
#define PGLINK_SCHEMA	"smpair_centre"

/**
 * struct pglink - A connection. Zeroed, then pglink_open().
 * @conn: In pipeline mode; NULL while there is none.
 * @where: What it was opened with.
 * @mode: What for.
 * @not_before: No new attempt to connect before this, in ms of CLOCK_MONOTONIC.
 */
struct pglink {
	PGconn *conn;
	char *where;
	enum db_mode mode;
	int64_t not_before;
};

int pglink_open(struct pglink *link, const char *where, enum db_mode mode,
		struct domain_error *error);
int pglink_again(struct pglink *link, struct domain_error *error);
void pglink_drop(struct pglink *link);
void pglink_close(struct pglink *link);

int pglink_script(struct pglink *link, const char *sql,
		  struct domain_error *error);
PGresult *pglink_result(struct pglink *link, bool patient);
int pglink_failed(struct pglink *link, const PGresult *res,
		  struct domain_error *error);

#endif /* CENTRE_PGLINK_H */
