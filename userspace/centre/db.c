// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>

#include "centre/db.h"

static const struct db_ops *const backends[] = { &db_sqlite, &db_postgres };

/**
 * db_find() - Which backend a URL names.
 * @url: "SCHEME:REST", or a file name for SQLite.
 * @where: Receives what the backend opens.
 *
 * Return: The backend.
 */
const struct db_ops *db_find(const char *url, const char **where)
{
	size_t i, len;

	for (i = 0; i < sizeof(backends) / sizeof(backends[0]); i++) {
		len = strlen(backends[i]->name);
		if (!strncmp(url, backends[i]->name, len) && url[len] == ':') {
			*where = url + len + 1;
			return backends[i];
		}
	}
	*where = url;
	return &db_sqlite;
}

/**
 * db_statement() - Where a connection keeps what it prepared.
 * @known: Statements by place; NULL where there is none.
 * @sql: String literal. It lives as long as the program: its address is enough
 *	to know it by.
 *
 * Return: The place, which holds @sql from now on; -1 where all are taken.
 */
int db_statement(const char *known[DB_STATEMENTS], const char *sql)
{
	size_t i = ((uintptr_t)sql >> 3) * 2654435761U % DB_STATEMENTS;
	size_t tried;

	for (tried = 0; tried < DB_STATEMENTS; tried++) {
		size_t at = (i + tried) % DB_STATEMENTS;

		if (!known[at])
			known[at] = sql;
		if (known[at] == sql)
			return (int)at;
	}
	return -1;
}

static unsigned int newest(const struct db_ops *ops)
{
	unsigned int i;

	for (i = 0; ops->migrations[i].name; i++)
		;
	return i;
}

/**
 * db_migrate() - Bring the schema to the version that this program knows.
 * @db: The connection, without a transaction.
 * @error: Receives the reason of a failure.
 *
 * Each step is one transaction: a cut leaves the version before or after it. A
 * schema that is newer than the program is left alone.
 *
 * Return: 0 or a negative errno.
 */
int db_migrate(struct db *db, struct domain_error *error)
{
	const struct db_migration *step;
	int64_t version;
	int err;

	do {
		err = db->ops->begin(db, true, error);
		if (err)
			return err;
		err = db->ops->version(db, &version, error);
		if (err || version < 0 || version >= newest(db->ops)) {
			db->ops->rollback(db);
			return err;
		}
		step = &db->ops->migrations[version];
		err = db->ops->script(db, step->sql, error);
		if (!err)
			err = db->ops->set_version(db, step, error);
		if (err)
			db->ops->rollback(db);
		else
			err = db->ops->commit(db, error);
	} while (!err);
	return err;
}

/**
 * db_compare_version() - Refuse a schema that this program does not know.
 * @db: The connection.
 * @url: Its name, for messages.
 * @error: Receives the reason of a refusal.
 *
 * Return: 0 for the version of this program, 1 for an older one that
 * db_migrate() can bring to it, -EINVAL for a newer one, or another negative
 * errno.
 */
int db_compare_version(struct db *db, const char *url, struct domain_error *error)
{
	unsigned int known = newest(db->ops);
	int64_t version;
	int err;

	err = db->ops->version(db, &version, error);
	if (err)
		return err;
	if (version > known)
		return domain_fail(error, -EINVAL,
				   "%s has format %lld and this program knows format %u; use the program that wrote it",
				   url, (long long)version, known);
	return version < known;
}

static size_t collect(struct db_value *values, const char *types, va_list args)
{
	size_t i;

	for (i = 0; i < DB_VALUES_MAX && types[i]; i++) {
		struct db_value *v = &values[i];

		memset(v, 0, sizeof(*v));
		switch (types[i]) {
		case 'I':
			v->type = DB_INT;
			v->number = va_arg(args, int64_t);
			break;
		case 'B':
			v->bytes = va_arg(args, const void *);
			v->len = 8;
			v->type = v->bytes ? DB_BLOB : DB_NULL;
			break;
		case 'X':
			v->bytes = va_arg(args, const void *);
			v->len = va_arg(args, size_t);
			v->type = v->bytes ? DB_BLOB : DB_NULL;
			break;
		case 'T':
			v->bytes = va_arg(args, const char *);
			v->len = v->bytes ? strlen(v->bytes) : 0;
			v->type = v->bytes ? DB_TEXT : DB_NULL;
			break;
		default:
			va_arg(args, int64_t);
		}
	}
	return i;
}

/**
 * db_exec() - Run a statement that gives no rows.
 * @db: The connection.
 * @error: Receives the reason of a failure.
 * @sql: String literal.
 * @types: Its parameters, as at the head of these functions.
 *
 * Return: 0 or a negative errno.
 */
int db_exec(struct db *db, struct domain_error *error, const char *sql,
	    const char *types, ...)
{
	struct db_value values[DB_VALUES_MAX];
	va_list args;
	size_t count;

	va_start(args, types);
	count = collect(values, types, args);
	va_end(args);
	return db->ops->exec(db, sql, values, count, NULL, error);
}

/**
 * db_change() - As db_exec(), and count the rows that changed.
 * @db: The connection.
 * @error: Receives the reason of a failure.
 * @changes: Receives how many.
 * @sql: String literal.
 * @types: Its parameters.
 *
 * Return: 0 or a negative errno.
 */
int db_change(struct db *db, struct domain_error *error, int64_t *changes,
	      const char *sql, const char *types, ...)
{
	struct db_value values[DB_VALUES_MAX];
	va_list args;
	size_t count;

	va_start(args, types);
	count = collect(values, types, args);
	va_end(args);
	return db->ops->exec(db, sql, values, count, changes, error);
}

/**
 * db_query() - Run a statement that gives rows.
 * @db: The connection.
 * @rows: Receives them; ended with db_end() if 0 is returned.
 * @error: Receives the reason of a failure.
 * @sql: String literal.
 * @types: Its parameters.
 *
 * The connection runs nothing else with the same literal until db_end().
 *
 * Return: 0 or a negative errno.
 */
int db_query(struct db *db, struct db_rows **rows, struct domain_error *error,
	     const char *sql, const char *types, ...)
{
	struct db_value values[DB_VALUES_MAX];
	va_list args;
	size_t count;

	va_start(args, types);
	count = collect(values, types, args);
	va_end(args);
	return db->ops->query(db, sql, values, count, rows, error);
}

static int first(struct db *db, struct db_rows **rows, struct domain_error *error,
		 const char *sql, const char *types, va_list args)
{
	struct db_value values[DB_VALUES_MAX];
	size_t count = collect(values, types, args);
	int ret;

	ret = db->ops->query(db, sql, values, count, rows, error);
	if (ret)
		return ret;
	ret = db_next(*rows, error);
	if (ret <= 0)
		db_end(*rows);
	return ret;
}

/**
 * db_first() - Fetch the first row.
 * @db: The connection.
 * @rows: Receives the result, at that row; ended with db_end() only if 1 is
 *	returned.
 * @error: Receives the reason of a failure.
 * @sql: String literal.
 * @types: Its parameters.
 *
 * Return: 1, 0 where there is no row, or a negative errno.
 */
int db_first(struct db *db, struct db_rows **rows, struct domain_error *error,
	     const char *sql, const char *types, ...)
{
	va_list args;
	int ret;

	va_start(args, types);
	ret = first(db, rows, error, sql, types, args);
	va_end(args);
	return ret;
}

/**
 * db_get() - Fetch the first column of the first row, a number.
 * @db: The connection.
 * @value: Receives it; untouched where there is no row.
 * @error: Receives the reason of a failure.
 * @sql: String literal.
 * @types: Its parameters.
 *
 * Return: 1, 0 where there is no row, or a negative errno.
 */
int db_get(struct db *db, int64_t *value, struct domain_error *error,
	   const char *sql, const char *types, ...)
{
	struct db_rows *rows;
	va_list args;
	int ret;

	va_start(args, types);
	ret = first(db, &rows, error, sql, types, args);
	va_end(args);
	if (ret > 0) {
		*value = db_number(rows, 0);
		db_end(rows);
	}
	return ret;
}

/**
 * db_next() - Fetch a row.
 * @rows: Result of db_query().
 * @error: Receives the reason of a failure.
 *
 * Return: 1, 0 at the end, or a negative errno.
 */
int db_next(struct db_rows *rows, struct domain_error *error)
{
	return rows->db->ops->next(rows, error);
}

/**
 * db_number() - A number of the row.
 * @rows: Result of db_query(), at a row.
 * @column: 0 and up.
 *
 * Return: The number; 0 for NULL.
 */
int64_t db_number(struct db_rows *rows, int column)
{
	return rows->db->ops->number(rows, column);
}

/**
 * db_bytes() - Bytes of the row.
 * @rows: Result of db_query(), at a row.
 * @column: 0 and up.
 * @len: Receives how many; may be NULL.
 *
 * Return: The bytes, valid until the next call on @rows; NULL for NULL.
 */
const void *db_bytes(struct db_rows *rows, int column, size_t *len)
{
	return rows->db->ops->bytes(rows, column, len);
}

/**
 * db_text() - A text of the row.
 * @rows: Result of db_query(), at a row.
 * @column: 0 and up.
 *
 * Return: The text, valid until the next call on @rows; NULL for NULL.
 */
const char *db_text(struct db_rows *rows, int column)
{
	return db_bytes(rows, column, NULL);
}

/**
 * db_copy() - Bytes of the row, of a length that the schema fixes.
 * @rows: Result of db_query(), at a row.
 * @column: 0 and up.
 * @out: Receives @len bytes; zeros where there are others.
 * @len: How many.
 */
void db_copy(struct db_rows *rows, int column, void *out, size_t len)
{
	size_t got = 0;
	const void *bytes = db_bytes(rows, column, &got);

	memset(out, 0, len);
	if (bytes && got == len)
		memcpy(out, bytes, len);
}

/**
 * db_end() - End a query.
 * @rows: Its result.
 */
void db_end(struct db_rows *rows)
{
	rows->db->ops->end(rows);
}
