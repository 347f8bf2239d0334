// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * SQLite: the database that needs no other program. One process writes; readers
 * of the same process see the state of their transaction's beginning.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sqlite3.h>

#include "centre/checkpoint.h"
#include "centre/db.h"

#define APPLICATION_ID	0x534d5043
#define BUSY_MS		5000

/* As often as the journal grew by some pages another thread copies them back; from
 * many on the connection that wrote them does what is left, so that the journal
 * begins anew: under load there is no other moment at which nothing is left.
 */
#define JOURNAL_SOME	256
#define JOURNAL_MANY	8192

/* Pages of a backup that are copied between two looks at the writer. */
#define BACKUP_PAGES	256

/* migrations[]: the files of schema/sqlite/, made by the build. */
#include "centre/migrations_sqlite.inc"

/* SQLite numbers parameters as they appear; @at says where $1, $2, … are. */
struct cached {
	sqlite3_stmt *stmt;
	int at[DB_VALUES_MAX];
};

struct sqlite {
	struct db db;
	sqlite3 *handle;
	const char *known[DB_STATEMENTS];
	struct cached cache[DB_STATEMENTS];
	struct checkpoint *checkpoint;	/* once there was need */
	int asked;			/* pages in the journal when it was asked */
};

struct sqlite_rows {
	struct db_rows rows;
	sqlite3_stmt *stmt;
};

static struct sqlite *of(struct db *db)
{
	return (struct sqlite *)db;
}

static int fail(struct sqlite *s, struct domain_error *error)
{
	const char *file = sqlite3_db_filename(s->handle, NULL);

	if (!file || !*file)
		file = "the database";
	switch (sqlite3_errcode(s->handle)) {
	case SQLITE_BUSY:
		return domain_fail(error, -EBUSY,
				   "%s is in use by another smpair-centre; try again",
				   file);
	case SQLITE_FULL:
		return domain_fail(error, -ENOSPC,
				   "%s: the disk is full; make room and repeat the command",
				   file);
	case SQLITE_CONSTRAINT:
		return domain_fail(error, -EEXIST,
				   "%s: %s; it is there already, or what it refers to is not",
				   file, sqlite3_errmsg(s->handle));
	case SQLITE_NOTADB:
	case SQLITE_CORRUPT:
		return domain_fail(error, -EINVAL,
				   "%s is not a sound database; name the right file, or restore it from its backup",
				   file);
	case SQLITE_READONLY:
		return domain_fail(error, -EROFS,
				   "%s cannot be written; check the permissions of the file and its folder",
				   file);
	}
	return domain_fail(error, -EIO, "%s: %s", file, sqlite3_errmsg(s->handle));
}

static void number_parameters(struct cached *c)
{
	char name[16];
	int i;

	for (i = 0; i < DB_VALUES_MAX; i++) {
		snprintf(name, sizeof(name), "$%d", i + 1);
		c->at[i] = sqlite3_bind_parameter_index(c->stmt, name);
	}
}

static const struct cached *prepare(struct sqlite *s, const char *sql)
{
	int slot = db_statement(s->known, sql);
	struct cached *c;

	if (slot < 0)
		return NULL;
	c = &s->cache[slot];
	if (c->stmt)
		return c;
	if (sqlite3_prepare_v3(s->handle, sql, -1, SQLITE_PREPARE_PERSISTENT,
			       &c->stmt, NULL) != SQLITE_OK)
		return NULL;
	number_parameters(c);
	return c;
}

static int bind(const struct cached *c, const struct db_value *values,
		size_t count)
{
	int rc = SQLITE_OK;
	size_t i;

	for (i = 0; i < count && rc == SQLITE_OK; i++) {
		const struct db_value *v = &values[i];

		switch (v->type) {
		case DB_INT:
			rc = sqlite3_bind_int64(c->stmt, c->at[i], v->number);
			break;
		case DB_BLOB:
			rc = sqlite3_bind_blob64(c->stmt, c->at[i], v->bytes,
						 v->len, SQLITE_TRANSIENT);
			break;
		case DB_TEXT:
			rc = sqlite3_bind_text64(c->stmt, c->at[i], v->bytes,
						 v->len, SQLITE_TRANSIENT,
						 SQLITE_UTF8);
			break;
		default:
			rc = sqlite3_bind_null(c->stmt, c->at[i]);
		}
	}
	return rc;
}

static sqlite3_stmt *start(struct sqlite *s, const char *sql,
			   const struct db_value *values, size_t count)
{
	const struct cached *c = prepare(s, sql);

	return c && bind(c, values, count) == SQLITE_OK ? c->stmt : NULL;
}

/* Values are wiped with the statement: none stays bound. */
static void stop(sqlite3_stmt *stmt)
{
	sqlite3_reset(stmt);
	sqlite3_clear_bindings(stmt);
}

static int sqlite_exec(struct db *db, const char *sql,
		       const struct db_value *values, size_t count,
		       int64_t *changes, struct domain_error *error)
{
	struct sqlite *s = of(db);
	sqlite3_stmt *stmt = start(s, sql, values, count);
	int err = 0;

	if (!stmt)
		return fail(s, error);
	if (sqlite3_step(stmt) != SQLITE_DONE)
		err = fail(s, error);
	stop(stmt);
	if (!err && changes)
		*changes = sqlite3_changes64(s->handle);
	return err;
}

static int sqlite_query(struct db *db, const char *sql,
			const struct db_value *values, size_t count,
			struct db_rows **rows, struct domain_error *error)
{
	struct sqlite *s = of(db);
	struct sqlite_rows *r = malloc(sizeof(*r));

	if (!r)
		return domain_fail(error, -ENOMEM, "out of memory");
	r->rows.db = db;
	r->stmt = start(s, sql, values, count);
	if (!r->stmt) {
		free(r);
		return fail(s, error);
	}
	*rows = (struct db_rows *)r;
	return 0;
}

static int sqlite_next(struct db_rows *rows, struct domain_error *error)
{
	struct sqlite_rows *r = (struct sqlite_rows *)rows;

	switch (sqlite3_step(r->stmt)) {
	case SQLITE_ROW:
		return 1;
	case SQLITE_DONE:
		return 0;
	}
	return fail(of(rows->db), error);
}

static int64_t sqlite_number(struct db_rows *rows, int column)
{
	struct sqlite_rows *r = (struct sqlite_rows *)rows;

	return sqlite3_column_int64(r->stmt, column);
}

static const void *sqlite_bytes(struct db_rows *rows, int column, size_t *len)
{
	sqlite3_stmt *stmt = ((struct sqlite_rows *)rows)->stmt;
	const void *bytes;

	if (sqlite3_column_type(stmt, column) == SQLITE_NULL)
		return NULL;
	if (sqlite3_column_type(stmt, column) == SQLITE_BLOB)
		bytes = sqlite3_column_blob(stmt, column);
	else
		bytes = sqlite3_column_text(stmt, column);
	if (len)
		*len = (size_t)sqlite3_column_bytes(stmt, column);
	/* An empty blob is no NULL. */
	return bytes ? bytes : "";
}

static void sqlite_end(struct db_rows *rows)
{
	stop(((struct sqlite_rows *)rows)->stmt);
	free(rows);
}

static int sqlite_script(struct db *db, const char *sql,
			 struct domain_error *error)
{
	struct sqlite *s = of(db);

	if (sqlite3_exec(s->handle, sql, NULL, NULL, NULL) != SQLITE_OK)
		return fail(s, error);
	return 0;
}

static int sqlite_begin(struct db *db, bool write, struct domain_error *error)
{
	return write ? sqlite_exec(db, "BEGIN IMMEDIATE", NULL, 0, NULL, error) :
		       sqlite_exec(db, "BEGIN", NULL, 0, NULL, error);
}

static void sqlite_rollback(struct db *db)
{
	sqlite3_exec(of(db)->handle, "ROLLBACK", NULL, NULL, NULL);
}

static int sqlite_commit(struct db *db, struct domain_error *error)
{
	int err = sqlite_exec(db, "COMMIT", NULL, 0, NULL, error);

	if (err)
		sqlite_rollback(db);
	return err;
}

static int sqlite_save(struct db *db, struct domain_error *error)
{
	return sqlite_exec(db, "SAVEPOINT job", NULL, 0, NULL, error);
}

static int sqlite_release(struct db *db, struct domain_error *error)
{
	return sqlite_exec(db, "RELEASE job", NULL, 0, NULL, error);
}

static void sqlite_back(struct db *db)
{
	sqlite3_exec(of(db)->handle, "ROLLBACK TO job; RELEASE job", NULL, NULL,
		     NULL);
}

static int pragma(struct sqlite *s, const char *sql, int64_t *value,
		  struct domain_error *error)
{
	int ret = db_get(&s->db, value, error, sql, "");

	return ret < 0 ? ret : 0;
}

static int sqlite_version(struct db *db, int64_t *version,
			  struct domain_error *error)
{
	return pragma(of(db), "PRAGMA user_version", version, error);
}

static int sqlite_set_version(struct db *db, const struct db_migration *step,
			      struct domain_error *error)
{
	char sql[64];

	snprintf(sql, sizeof(sql), "PRAGMA user_version = %u", step->number);
	return sqlite_script(db, sql, error);
}

static int copy_pages(struct sqlite *s, sqlite3 *to, struct domain_error *error)
{
	sqlite3_backup *backup = sqlite3_backup_init(to, "main", s->handle,
						     "main");
	int rc;

	if (!backup)
		return domain_fail(error, -EIO, "backup: %s",
				   sqlite3_errmsg(to));
	do {
		rc = sqlite3_backup_step(backup, BACKUP_PAGES);
		if (rc == SQLITE_BUSY || rc == SQLITE_LOCKED)
			sqlite3_sleep(10);
	} while (rc == SQLITE_OK || rc == SQLITE_BUSY || rc == SQLITE_LOCKED);
	sqlite3_backup_finish(backup);
	return rc == SQLITE_DONE ? 0 :
	       domain_fail(error, rc == SQLITE_FULL ? -ENOSPC : -EIO,
			   "backup: %s", sqlite3_errstr(rc));
}

/* Creates what nobody else may read before SQLite opens it. */
static int create(const char *path, struct domain_error *error)
{
	int fd = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);

	if (fd < 0 && errno == EEXIST)
		return domain_fail(error, -EEXIST,
				   "%s exists and is not overwritten; name another file, or remove it if what it holds is not needed any more",
				   path);
	if (fd < 0)
		return domain_fail(error, -errno, "%s: %s", path,
				   strerror(errno));
	close(fd);
	return 0;
}

static int sqlite_backup(struct db *db, const char *path,
			 struct domain_error *error)
{
	sqlite3 *to = NULL;
	int err;

	err = create(path, error);
	if (err)
		return err;
	if (sqlite3_open_v2(path, &to, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK)
		err = domain_fail(error, -EIO, "%s: %s", path,
				  to ? sqlite3_errmsg(to) : "out of memory");
	if (!err)
		err = copy_pages(of(db), to, error);
	/* The copy must not need a journal beside it to be whole. */
	if (!err && sqlite3_exec(to, "PRAGMA journal_mode = DELETE", NULL, NULL,
				 NULL) != SQLITE_OK)
		err = domain_fail(error, -EIO, "%s: %s", path,
				  sqlite3_errmsg(to));
	sqlite3_close(to);
	if (err)
		unlink(path);
	return err;
}

static int sqlite_check(struct db *db, struct domain_error *error)
{
	struct db_rows *rows;
	const char *found;
	int ret;

	ret = db_first(db, &rows, error, "PRAGMA integrity_check(1)", "");
	if (ret > 0) {
		found = db_text(rows, 0);
		if (found && strcmp(found, "ok"))
			ret = domain_fail(error, -EINVAL,
					  "%s is damaged: %.200s; restore it from its backup",
					  sqlite3_db_filename(of(db)->handle, NULL),
					  found);
		db_end(rows);
	}
	if (ret < 0)
		return ret;
	ret = db_first(db, &rows, error, "PRAGMA foreign_key_check", "");
	if (ret > 0) {
		ret = domain_fail(error, -EINVAL,
				  "%s is damaged: a row of table %.64s refers to nothing; restore it from its backup",
				  sqlite3_db_filename(of(db)->handle, NULL),
				  db_text(rows, 0));
		db_end(rows);
	}
	return ret;
}

static void sqlite_close(struct db *db)
{
	struct sqlite *s = of(db);
	size_t i;

	checkpoint_stop(s->checkpoint);
	for (i = 0; i < DB_STATEMENTS; i++)
		sqlite3_finalize(s->cache[i].stmt);
	sqlite3_close(s->handle);
	free(s);
}

static int journal_grew(void *arg, sqlite3 *handle, const char *name, int pages)
{
	struct sqlite *s = arg;

	if (pages >= JOURNAL_MANY) {
		sqlite3_wal_checkpoint_v2(handle, name, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	} else if (pages < s->asked) {
		s->asked = 0;
	} else if (pages >= s->asked + JOURNAL_SOME) {
		s->asked = pages;
		if (!s->checkpoint)
			s->checkpoint = checkpoint_start(sqlite3_db_filename(handle, NULL));
		if (s->checkpoint)
			checkpoint_ask(s->checkpoint);
	}
	return SQLITE_OK;
}

/* The journal mode stays with the file; a reader finds it as it is. */
static int settle(struct sqlite *s, enum db_mode mode, struct domain_error *error)
{
	static const char common[] =
		"PRAGMA trusted_schema = OFF;"
		"PRAGMA foreign_keys = ON;"
		"PRAGMA cell_size_check = ON;"
		"PRAGMA temp_store = MEMORY;";
	static const char writing[] =
		"PRAGMA journal_mode = WAL;"
		"PRAGMA synchronous = FULL;"
		"PRAGMA cache_size = -16384;"
		"PRAGMA journal_size_limit = 67108864;";
	int64_t id = 0, tables = 0;
	int err;

	sqlite3_busy_timeout(s->handle, BUSY_MS);
	sqlite3_db_config(s->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	err = sqlite_script(&s->db, common, error);
	if (!err)
		err = pragma(s, "PRAGMA application_id", &id, error);
	if (!err)
		err = pragma(s, "SELECT count(*) FROM sqlite_schema", &tables,
			     error);
	if (!err && id != APPLICATION_ID && (mode != DB_CREATE || tables))
		err = domain_fail(error, -EINVAL,
				  "%s is not a database of smpair-centre; name the right file",
				  sqlite3_db_filename(s->handle, NULL));
	if (!err && mode != DB_READ)
		err = sqlite_script(&s->db, writing, error);
	if (!err && mode != DB_READ)
		sqlite3_wal_hook(s->handle, journal_grew, s);
	if (!err && mode == DB_CREATE)
		err = sqlite_script(&s->db, "PRAGMA application_id = 1397575747",
				    error);
	return err;
}

/* Its counts of memory, which nobody reads, take a lock for each allocation. */
static void configure(void)
{
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

static int sqlite_open(struct db **db, const char *where, enum db_mode mode,
		       struct domain_error *error)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct sqlite *s;
	int flags, err = 0;

	pthread_once(&once, configure);
	if (mode == DB_CREATE)
		err = create(where, error);
	else if (access(where, F_OK))
		err = domain_fail(error, -errno,
				  "%s: %s; make the database with: smpair-centre --db FILE init --domain FILE",
				  where, strerror(errno));
	if (err)
		return err;
	s = calloc(1, sizeof(*s));
	if (!s)
		return domain_fail(error, -ENOMEM, "out of memory");
	s->db.ops = &db_sqlite;
	/* A reader opens read-write where it may: it shares the index of the
	 * journal with the writer. What it may do is limited below.
	 */
	flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
	if (sqlite3_open_v2(where, &s->handle, flags, NULL) != SQLITE_OK)
		err = domain_fail(error, -EIO, "%s: %s", where, s->handle ?
				  sqlite3_errmsg(s->handle) : "out of memory");
	if (!err)
		err = settle(s, mode, error);
	if (!err && mode == DB_READ)
		err = sqlite_script(&s->db, "PRAGMA query_only = ON", error);
	if (err) {
		sqlite_close(&s->db);
		if (mode == DB_CREATE)
			unlink(where);
		return err;
	}
	*db = &s->db;
	return 0;
}

static void sqlite_discard(const char *where)
{
	char name[4096];

	unlink(where);
	snprintf(name, sizeof(name), "%s-wal", where);
	unlink(name);
	snprintf(name, sizeof(name), "%s-shm", where);
	unlink(name);
}

const struct db_ops db_sqlite = {
	.name = "sqlite",
	.migrations = migrations,
	.open = sqlite_open,
	.discard = sqlite_discard,
	.close = sqlite_close,
	.begin = sqlite_begin,
	.commit = sqlite_commit,
	.rollback = sqlite_rollback,
	.save = sqlite_save,
	.release = sqlite_release,
	.back = sqlite_back,
	.exec = sqlite_exec,
	.query = sqlite_query,
	.next = sqlite_next,
	.number = sqlite_number,
	.bytes = sqlite_bytes,
	.end = sqlite_end,
	.script = sqlite_script,
	.version = sqlite_version,
	.set_version = sqlite_set_version,
	.backup = sqlite_backup,
	.check = sqlite_check,
};
