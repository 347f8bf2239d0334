/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One connection to a database, whatever program keeps it. This is all that the
 * centre knows of databases: store.c writes SQL that every backend understands
 * and never asks which one it has.
 *
 * The common SQL: parameters are $1, $2, …; identifiers are 8 bytes of the backend's
 * binary type; INSERT … ON CONFLICT … DO, RETURNING and LIMIT are there; no
 * function that only one backend has. What a backend needs beyond that is in its
 * migrations.
 *
 * A connection belongs to one thread at a time. Functions return 0 or a negative
 * errno, with a text in the error: -EBUSY another process has the database;
 * -ENOSPC the disk is full; -EEXIST a row is there already or refers to nothing;
 * -EINVAL the database is damaged or not one of the centre's; -ENOTCONN the
 * server went away: a transaction is undone, but one whose commit() says so may
 * be durable all the same; -EIO everything else.
 */
#ifndef CENTRE_DB_H
#define CENTRE_DB_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "domain/error.h"

/* A statement's parameters, at most. */
#define DB_VALUES_MAX	20

/* Kinds of statements that a connection keeps prepared; a power of two. */
#define DB_STATEMENTS	256

struct db;
struct db_rows;

enum db_mode {
	DB_CREATE,	/* must not exist yet */
	DB_WRITE,
	DB_READ,	/* no statement may change anything */
};

enum db_type {
	DB_NULL,
	DB_INT,
	DB_BLOB,
	DB_TEXT,
};

/**
 * struct db_value - A parameter of a statement.
 * @type: What it is.
 * @number: %DB_INT.
 * @bytes: %DB_BLOB, %DB_TEXT: not copied; valid until the call returns.
 * @len: %DB_BLOB, %DB_TEXT: bytes.
 */
struct db_value {
	enum db_type type;
	int64_t number;
	const void *bytes;
	size_t len;
};

/**
 * struct db_migration - One numbered step of a schema.
 * @number: 1 and up, without gaps; the version that it leads to.
 * @name: Of its file.
 * @sql: Statements.
 */
struct db_migration {
	unsigned int number;
	const char *name;
	const char *sql;
};

/**
 * struct db_ops - A backend.
 * @name: As in the URL, "sqlite" for instance.
 * @migrations: Its schema; the last one is without a name.
 * @open: Connect. @where is what follows the scheme. With %DB_CREATE what was
 *	made is removed again by @discard. May sleep.
 * @discard: Undo @open of mode %DB_CREATE, after @close.
 * @close: Disconnect; what was not committed is undone.
 * @begin: Start a transaction: one that no other writer of any process runs
 *	beside, so that there is one end of the audit trail; or with @write false
 *	a snapshot. Connects anew where the server had gone away. A backend that
 *	sends statements without waiting reports with the first result or at the end
 *	that the transaction did not begin.
 * @commit: Make it durable: a power cut after success loses nothing. On failure
 *	it is undone.
 * @rollback: Undo it; never fails.
 * @save: Mark a point inside a transaction; there is one at a time.
 * @release: Forget the mark, keep what was done since. A backend that sends
 *	statements without waiting may learn afterwards that one of them failed: then
 *	the whole transaction fails, @commit too.
 * @back: Undo what was done since @save; never fails.
 * @ahead: Queries that follow are going to be run again, as they are, before
 *	anything is changed: send them, so that all are waited for together, and give
 *	no rows; with @on false that was all of them. NULL where nothing is gained.
 * @exec: Run a statement that gives no rows. A caller that acts on its failure, other
 *	than by ending what it does, asks for @changes. @sql is a string literal: its
 *	address is what a prepared statement is found by. @changes, unless NULL,
 *	receives the rows that it changed; a backend may send a statement without
 *	waiting where it is NULL.
 * @query: Run a statement that gives rows.
 * @next: Fetch a row: 1, 0 at the end, or a negative errno.
 * @number: Column of the row, 0 and up; 0 for NULL.
 * @bytes: Column of the row: text with a NUL behind it, or a blob; NULL for
 *	NULL. Valid until the next call on the rows. @len may be NULL.
 * @end: End @query.
 * @script: Run several statements without parameters, for migrations.
 * @version: Read the version of the schema; 0 where there is none yet.
 * @set_version: Write that a step was done, within its transaction.
 * @backup: Copy the database as it is now into a new file of mode 0600, while
 *	others go on writing; NULL where the backend has tools of its own.
 * @check: Look for damage; takes time in proportion to the database.
 */
struct db_ops {
	const char *name;
	const struct db_migration *migrations;
	int (*open)(struct db **db, const char *where, enum db_mode mode,
		    struct domain_error *error);
	void (*discard)(const char *where);
	void (*close)(struct db *db);
	int (*begin)(struct db *db, bool write, struct domain_error *error);
	int (*commit)(struct db *db, struct domain_error *error);
	void (*rollback)(struct db *db);
	int (*save)(struct db *db, struct domain_error *error);
	int (*release)(struct db *db, struct domain_error *error);
	void (*back)(struct db *db);
	void (*ahead)(struct db *db, bool on);
	int (*exec)(struct db *db, const char *sql,
		    const struct db_value *values, size_t count,
		    int64_t *changes, struct domain_error *error);
	int (*query)(struct db *db, const char *sql,
		     const struct db_value *values, size_t count,
		     struct db_rows **rows, struct domain_error *error);
	int (*next)(struct db_rows *rows, struct domain_error *error);
	int64_t (*number)(struct db_rows *rows, int column);
	const void *(*bytes)(struct db_rows *rows, int column, size_t *len);
	void (*end)(struct db_rows *rows);
	int (*script)(struct db *db, const char *sql, struct domain_error *error);
	int (*version)(struct db *db, int64_t *version,
		       struct domain_error *error);
	int (*set_version)(struct db *db, const struct db_migration *step,
			   struct domain_error *error);
	int (*backup)(struct db *db, const char *path,
		      struct domain_error *error);
	int (*check)(struct db *db, struct domain_error *error);
};

/**
 * struct db - What all connections have; backends embed it as first member.
 * @ops: The backend.
 */
struct db {
	const struct db_ops *ops;
};

/**
 * struct db_rows - What all results have; backends embed it as first member.
 * @db: The connection.
 */
struct db_rows {
	struct db *db;
};

extern const struct db_ops db_postgres;
extern const struct db_ops db_sqlite;

const struct db_ops *db_find(const char *url, const char **where);
int db_statement(const char *known[DB_STATEMENTS], const char *sql);
int db_migrate(struct db *db, struct domain_error *error);
int db_compare_version(struct db *db, const char *url,
		       struct domain_error *error);

/* Parameters are given by a string of letters: I int64_t, N int64_t of which
 * NULL is bound, B 8 bytes, X bytes and their size_t, T text; a NULL pointer
 * binds NULL.
 */
int db_exec(struct db *db, struct domain_error *error, const char *sql,
	    const char *types, ...);
int db_change(struct db *db, struct domain_error *error, int64_t *changes,
	      const char *sql, const char *types, ...);
int db_query(struct db *db, struct db_rows **rows, struct domain_error *error,
	     const char *sql, const char *types, ...);
int db_first(struct db *db, struct db_rows **rows, struct domain_error *error,
	     const char *sql, const char *types, ...);
int db_get(struct db *db, int64_t *value, struct domain_error *error,
	   const char *sql, const char *types, ...);

int db_next(struct db_rows *rows, struct domain_error *error);
int64_t db_number(struct db_rows *rows, int column);
const char *db_text(struct db_rows *rows, int column);
const void *db_bytes(struct db_rows *rows, int column, size_t *len);
void db_copy(struct db_rows *rows, int column, void *out, size_t len);
void db_end(struct db_rows *rows);

#endif /* CENTRE_DB_H */
