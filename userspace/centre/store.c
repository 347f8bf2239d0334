// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sqlite3.h>

#include "centre/store_db.h"

#define APPLICATION_ID	0x534d5043
#define BUSY_MS		5000

/* schemas[]: the files of schema/ as strings; made by the build. */
#include "centre/schema.inc"

/* Format of the database: so many schemas were applied to it. */
#define FORMAT		((int64_t)(sizeof(schemas) / sizeof(schemas[0])))

static int fail(struct store *store, struct domain_error *error)
{
	const char *file = sqlite3_db_filename(store->db, NULL);

	switch (sqlite3_errcode(store->db)) {
	case SQLITE_BUSY:
		return domain_fail(error, -EBUSY,
				   "%s is in use by another smpair-centre; try again",
				   file);
	case SQLITE_FULL:
		return domain_fail(error, -ENOSPC,
				   "%s: the disk is full; make room and repeat the command",
				   file);
	case SQLITE_NOTADB:
	case SQLITE_CORRUPT:
		return domain_fail(error, -EINVAL,
				   "%s is not a sound database; name the right file, or restore it from its backup",
				   file);
	}
	return domain_fail(error, -EIO, "%s: %s", file, sqlite3_errmsg(store->db));
}

/*
 * Prepare @sql and bind its values: I int64_t, N int64_t of which nothing is
 * bound, B 8 bytes, R 16, H 32, T text; a NULL pointer binds nothing.
 */
static sqlite3_stmt *store_query_va(struct store *store, struct domain_error *error,
				    const char *sql, const char *types, va_list args)
{
	sqlite3_stmt *stmt;
	int rc, i;

	rc = sqlite3_prepare_v2(store->db, sql, -1, &stmt, NULL);
	for (i = 1; rc == SQLITE_OK && *types; types++, i++) {
		switch (*types) {
		case 'I':
			rc = sqlite3_bind_int64(stmt, i, va_arg(args, int64_t));
			break;
		case 'B':
		case 'R':
		case 'H':
			rc = sqlite3_bind_blob(stmt, i, va_arg(args, void *),
					       *types == 'B' ? 8 :
					       *types == 'R' ? 16 : 32,
					       SQLITE_TRANSIENT);
			break;
		case 'T':
			rc = sqlite3_bind_text(stmt, i, va_arg(args, char *), -1,
					       SQLITE_TRANSIENT);
			break;
		default:
			va_arg(args, int64_t);
			rc = sqlite3_bind_null(stmt, i);
		}
	}
	if (rc != SQLITE_OK) {
		fail(store, error);
		sqlite3_finalize(stmt);
		return NULL;
	}
	return stmt;
}

sqlite3_stmt *store_query(struct store *store, struct domain_error *error,
			  const char *sql, const char *types, ...)
{
	sqlite3_stmt *stmt;
	va_list args;

	va_start(args, types);
	stmt = store_query_va(store, error, sql, types, args);
	va_end(args);
	return stmt;
}

/* Run a statement that gives no rows. */
int store_run(struct store *store, struct domain_error *error, const char *sql,
	      const char *types, ...)
{
	sqlite3_stmt *stmt;
	va_list args;
	int rc;

	va_start(args, types);
	stmt = store_query_va(store, error, sql, types, args);
	va_end(args);
	if (!stmt)
		return -EIO;
	rc = sqlite3_step(stmt);
	if (rc != SQLITE_DONE) {
		rc = fail(store, error);
		sqlite3_finalize(stmt);
		return rc;
	}
	sqlite3_finalize(stmt);
	return 0;
}

/* 1 for a row, 0 at the end, else a negative errno. */
int store_next(struct store *store, sqlite3_stmt *stmt,
	       struct domain_error *error)
{
	switch (sqlite3_step(stmt)) {
	case SQLITE_ROW:
		return 1;
	case SQLITE_DONE:
		return 0;
	}
	return fail(store, error);
}

void store_get8(sqlite3_stmt *stmt, int column, uint8_t out[8])
{
	const void *blob = sqlite3_column_blob(stmt, column);

	/* The schema fixes the length; a blob of another one reads as zeros. */
	memset(out, 0, 8);
	if (blob && sqlite3_column_bytes(stmt, column) == 8)
		memcpy(out, blob, 8);
}

/* A text, cut where it is longer than the room for it; NULL is empty. */
void store_get_text(sqlite3_stmt *stmt, int column, char *out, size_t size)
{
	const char *text = (const char *)sqlite3_column_text(stmt, column);

	snprintf(out, size, "%s", text ? text : "");
}

/* First column of the first row; absent rows give @absent. */
static int get_int(struct store *store, sqlite3_stmt *stmt, int64_t absent,
		   int64_t *value, struct domain_error *error)
{
	int ret;

	*value = absent;
	if (!stmt)
		return -EIO;
	ret = store_next(store, stmt, error);
	if (ret > 0)
		*value = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	return ret < 0 ? ret : 0;
}

static int pragma(struct store *store, const char *name, int64_t *value,
		  struct domain_error *error)
{
	char sql[64];

	snprintf(sql, sizeof(sql), "PRAGMA %s", name);
	return get_int(store, store_query(store, error, sql, ""), 0, value, error);
}

static int connect_db(struct store **out, const char *path,
		      struct domain_error *error)
{
	static const char settings[] =
		"PRAGMA trusted_schema = OFF;"
		"PRAGMA foreign_keys = ON;"
		"PRAGMA journal_mode = WAL;"
		"PRAGMA synchronous = FULL;";
	struct store *store = calloc(1, sizeof(*store));
	int rc;

	if (!store)
		return domain_fail(error, -ENOMEM, "out of memory");
	rc = sqlite3_open_v2(path, &store->db, SQLITE_OPEN_READWRITE, NULL);
	if (rc != SQLITE_OK) {
		rc = domain_fail(error, -EIO, "%s: %s", path, store->db ?
				 sqlite3_errmsg(store->db) : "out of memory");
		goto close;
	}
	sqlite3_busy_timeout(store->db, BUSY_MS);
	sqlite3_db_config(store->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	if (sqlite3_exec(store->db, settings, NULL, NULL, NULL) != SQLITE_OK) {
		rc = fail(store, error);
		goto close;
	}
	*out = store;
	return 0;
close:
	store_close(store);
	return rc;
}

/*
 * Bring the database to this program's format, from @format on, in the open
 * transaction.
 */
static int upgrade(struct store *store, int64_t format, struct domain_error *error)
{
	for (; format < FORMAT; format++)
		if (sqlite3_exec(store->db, schemas[format], NULL, NULL, NULL) != SQLITE_OK)
			return fail(store, error);
	return 0;
}

/**
 * store_create() - Make a database.
 * @path: Name of a file that does not exist; it gets mode 0600.
 * @domain: The domain that it serves.
 * @error: Receives the reason of a failure.
 *
 * Return: 0 or a negative errno; the file is removed then, unless it was there.
 */
int store_create(const char *path, const struct store_domain *domain,
		 struct domain_error *error)
{
	struct store *store;
	int fd, err;

	fd = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
	if (fd < 0 && errno == EEXIST)
		return domain_fail(error, -EEXIST,
				   "%s exists and is not overwritten; name another file, or remove it if what it holds is not needed any more",
				   path);
	if (fd < 0)
		return domain_fail(error, -errno, "%s: %s", path,
				   strerror(errno));
	close(fd);

	err = connect_db(&store, path, error);
	if (err) {
		unlink(path);
		return err;
	}
	err = store_begin(store, error);
	if (!err)
		err = upgrade(store, 0, error);
	if (!err)
		err = store_run(store, error,
				"INSERT INTO domain VALUES (1, ?, ?, ?)", "ITB",
				(int64_t)domain->dom, domain->path,
				domain->mpin_check);
	if (!err)
		err = store_commit(store, error);
	store_close(store);
	if (err)
		unlink(path);
	return err;
}

/* Another program may have upgraded it meanwhile. */
static int upgrade_if_old(struct store *store, struct domain_error *error)
{
	int64_t format;
	int err;

	err = store_begin(store, error);
	if (err)
		return err;
	err = pragma(store, "user_version", &format, error);
	if (!err)
		err = upgrade(store, format, error);
	if (err) {
		store_rollback(store);
		return err;
	}
	return store_commit(store, error);
}

/**
 * store_open() - Open a database.
 * @store: Receives it; closed with store_close().
 * @path: Name.
 * @error: Receives the reason of a refusal.
 *
 * A database of an older format is brought to the present one.
 *
 * Return: 0 or a negative errno.
 */
int store_open(struct store **store, const char *path,
	       struct domain_error *error)
{
	int64_t id = 0, version = 0;
	int err;

	if (access(path, F_OK))
		return domain_fail(error, -errno,
				   "%s: %s; make the database with: smpair-centre --db FILE init --domain FILE",
				   path, strerror(errno));
	err = connect_db(store, path, error);
	if (err)
		return err;
	err = pragma(*store, "application_id", &id, error);
	if (!err)
		err = pragma(*store, "user_version", &version, error);
	if (!err && id != APPLICATION_ID)
		err = domain_fail(error, -EINVAL,
				  "%s is not a database of smpair-centre; name the right file",
				  path);
	else if (!err && (version < 1 || version > FORMAT))
		err = domain_fail(error, -EINVAL,
				  "%s has format %lld and this program knows format %lld; use the program that wrote it",
				  path, (long long)version, (long long)FORMAT);
	else if (!err && version < FORMAT)
		err = upgrade_if_old(*store, error);
	if (err)
		store_close(*store);
	return err;
}

/**
 * store_close() - Close a database; what was not committed is undone.
 * @store: The database.
 */
void store_close(struct store *store)
{
	sqlite3_close(store->db);
	free(store);
}

/**
 * store_begin() - Begin a transaction that nobody else writes in.
 * @store: The database.
 * @error: Receives the reason of a failure.
 *
 * Return: 0 or a negative errno.
 */
int store_begin(struct store *store, struct domain_error *error)
{
	return store_run(store, error, "BEGIN IMMEDIATE", "");
}

/**
 * store_commit() - Make a transaction durable; undone if that fails.
 * @store: The database.
 * @error: Receives the reason of a failure.
 *
 * Return: 0 or a negative errno.
 */
int store_commit(struct store *store, struct domain_error *error)
{
	int err = store_run(store, error, "COMMIT", "");

	if (err)
		store_rollback(store);
	return err;
}

/**
 * store_rollback() - Undo a transaction.
 * @store: The database.
 */
void store_rollback(struct store *store)
{
	sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
}

/**
 * store_get_domain() - Read which domain the database serves.
 * @store: The database.
 * @domain: Receives it; freed by store_domain_free().
 * @error: Receives the reason of a failure.
 *
 * Return: 0 or a negative errno.
 */
int store_get_domain(struct store *store, struct store_domain *domain,
		     struct domain_error *error)
{
	sqlite3_stmt *stmt;
	int ret;

	stmt = store_query(store, error,
			   "SELECT dom, path, mpin_check FROM domain", "");
	if (!stmt)
		return -EIO;
	ret = store_next(store, stmt, error);
	if (ret > 0) {
		domain->dom = (uint32_t)sqlite3_column_int64(stmt, 0);
		domain->path = strdup((const char *)sqlite3_column_text(stmt, 1));
		store_get8(stmt, 2, domain->mpin_check);
		ret = domain->path ? 0 :
		      domain_fail(error, -ENOMEM, "out of memory");
	} else if (!ret) {
		ret = domain_fail(error, -EINVAL,
				  "the database names no domain; restore it from its backup");
	}
	sqlite3_finalize(stmt);
	return ret;
}

/**
 * store_domain_free() - Free what store_get_domain() allocated.
 * @domain: The domain.
 */
void store_domain_free(struct store_domain *domain)
{
	free(domain->path);
	domain->path = NULL;
}

#define MODULE_COLUMNS \
	"mid, pin_policy, ptc_max, n0, ft0, n, ft, seq, denied, ifnull(hold, '')"

static void read_module(sqlite3_stmt *stmt, struct store_module *module)
{
	store_get8(stmt, 0, module->mid);
	module->pin_policy = (uint8_t)sqlite3_column_int(stmt, 1);
	module->ptc_max = (uint8_t)sqlite3_column_int(stmt, 2);
	module->n0 = (uint32_t)sqlite3_column_int64(stmt, 3);
	store_get8(stmt, 4, module->ft0);
	module->n = (uint32_t)sqlite3_column_int64(stmt, 5);
	store_get8(stmt, 6, module->ft);
	module->seq = (uint32_t)sqlite3_column_int64(stmt, 7);
	module->denied = sqlite3_column_int(stmt, 8);
	snprintf(module->hold, sizeof(module->hold), "%s",
		 (const char *)sqlite3_column_text(stmt, 9));
}

/**
 * store_get_module() - Look a module up.
 * @store: The database.
 * @mid: Its identifier.
 * @module: Receives it.
 * @error: Receives the reason of a failure.
 *
 * Return: 1, 0 where it is not registered, or a negative errno.
 */
int store_get_module(struct store *store, const uint8_t mid[PDT1_ID_LEN],
		     struct store_module *module, struct domain_error *error)
{
	sqlite3_stmt *stmt;
	int ret;

	stmt = store_query(store, error, "SELECT " MODULE_COLUMNS
			   " FROM module WHERE mid = ?", "B", mid);
	if (!stmt)
		return -EIO;
	ret = store_next(store, stmt, error);
	if (ret > 0)
		read_module(stmt, module);
	sqlite3_finalize(stmt);
	return ret;
}

int store_add_module(struct store *store, const struct store_module *module,
		     struct domain_error *error)
{
	return store_run(store, error,
			 "INSERT INTO module (mid, pin_policy, ptc_max, n0, ft0, n, ft) VALUES (?, ?, ?, ?, ?, ?, ?)",
			 "BIIIBIB", module->mid, (int64_t)module->pin_policy,
			 (int64_t)module->ptc_max, (int64_t)module->n, module->ft,
			 (int64_t)module->n, module->ft);
}

int store_set_state(struct store *store, const uint8_t mid[PDT1_ID_LEN],
		    uint32_t n, const uint8_t ft[PDT1_FT_LEN],
		    struct domain_error *error)
{
	return store_run(store, error, "UPDATE module SET n = ?, ft = ? WHERE mid = ?",
			 "IBB", (int64_t)n, ft, mid);
}

/**
 * store_set_hold() - Put a module on hold, or release it.
 * @store: The database.
 * @mid: The module.
 * @cause: Why; NULL releases it.
 * @error: Receives the reason of a failure.
 *
 * Return: 0 or a negative errno.
 */
int store_set_hold(struct store *store, const uint8_t mid[PDT1_ID_LEN],
		   const char *cause, struct domain_error *error)
{
	return store_run(store, error, "UPDATE module SET hold = ? WHERE mid = ?", "TB",
			 cause, mid);
}

int store_each_module(struct store *store,
		      int (*visit)(const struct store_module *module, void *arg),
		      void *arg, struct domain_error *error)
{
	struct store_module module;
	sqlite3_stmt *stmt;
	int ret;

	stmt = store_query(store, error,
			   "SELECT " MODULE_COLUMNS " FROM module ORDER BY mid", "");
	if (!stmt)
		return -EIO;
	while ((ret = store_next(store, stmt, error)) > 0) {
		read_module(stmt, &module);
		ret = visit(&module, arg);
		if (ret)
			break;
	}
	sqlite3_finalize(stmt);
	return ret;
}

static void read_host(sqlite3_stmt *stmt, struct store_host *host)
{
	store_get8(stmt, 0, host->sn);
	host->rights = (uint16_t)sqlite3_column_int(stmt, 1);
	host->cyid = (uint32_t)sqlite3_column_int64(stmt, 2);
	host->denied = sqlite3_column_int(stmt, 3);
}

/**
 * store_get_host() - Look a host up.
 * @store: The database.
 * @sn: Its identifier.
 * @host: Receives it.
 * @error: Receives the reason of a failure.
 *
 * Return: 1, 0 where it is not registered, or a negative errno.
 */
int store_get_host(struct store *store, const uint8_t sn[PDT1_ID_LEN],
		   struct store_host *host, struct domain_error *error)
{
	sqlite3_stmt *stmt;
	int ret;

	stmt = store_query(store, error,
			   "SELECT sn, rights, cyid, denied FROM host WHERE sn = ?",
			   "B", sn);
	if (!stmt)
		return -EIO;
	ret = store_next(store, stmt, error);
	if (ret > 0)
		read_host(stmt, host);
	sqlite3_finalize(stmt);
	return ret;
}

int store_add_host(struct store *store, const struct store_host *host,
		   struct domain_error *error)
{
	return store_run(store, error,
			 "INSERT INTO host (sn, rights, cyid) VALUES (?, ?, ?)", "BII",
			 host->sn, (int64_t)host->rights, (int64_t)host->cyid);
}

int store_each_host(struct store *store,
		    int (*visit)(const struct store_host *host, void *arg),
		    void *arg, struct domain_error *error)
{
	struct store_host host;
	sqlite3_stmt *stmt;
	int ret;

	stmt = store_query(store, error,
			   "SELECT sn, rights, cyid, denied FROM host ORDER BY sn", "");
	if (!stmt)
		return -EIO;
	while ((ret = store_next(store, stmt, error)) > 0) {
		read_host(stmt, &host);
		ret = visit(&host, arg);
		if (ret)
			break;
	}
	sqlite3_finalize(stmt);
	return ret;
}

/**
 * store_set_denied() - Deny or allow a module, a host, or the pairing of both.
 * @store: The database.
 * @mid: A registered module, or NULL.
 * @sn: A registered host, or NULL; not both are NULL.
 * @denied: Deny.
 * @error: Receives the reason of a failure.
 *
 * Return: 0 or a negative errno.
 */
int store_set_denied(struct store *store, const uint8_t *mid, const uint8_t *sn,
		     bool denied, struct domain_error *error)
{
	if (!sn)
		return store_run(store, error,
				 "UPDATE module SET denied = ? WHERE mid = ?", "IB",
				 (int64_t)denied, mid);
	if (!mid)
		return store_run(store, error,
				 "UPDATE host SET denied = ? WHERE sn = ?", "IB",
				 (int64_t)denied, sn);
	if (denied)
		return store_run(store, error,
				 "INSERT INTO denied_pair VALUES (?, ?) ON CONFLICT DO NOTHING",
				 "BB", mid, sn);
	return store_run(store, error, "DELETE FROM denied_pair WHERE mid = ? AND sn = ?",
			 "BB", mid, sn);
}

int store_get_pair_denied(struct store *store, const uint8_t mid[PDT1_ID_LEN],
			  const uint8_t sn[PDT1_ID_LEN], bool *denied,
			  struct domain_error *error)
{
	int64_t value;
	int err;

	err = get_int(store, store_query(store, error,
					 "SELECT 1 FROM denied_pair WHERE mid = ? AND sn = ?",
					 "BB", mid, sn), 0, &value, error);
	*denied = value;
	return err;
}

int store_add_issue(struct store *store, const uint8_t mid[PDT1_ID_LEN],
		    uint32_t n, const uint8_t sn[PDT1_ID_LEN],
		    struct domain_error *error)
{
	return store_run(store, error,
			 "INSERT INTO issue VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
			 "BIB", mid, (int64_t)n, sn);
}

/* Visit the 8 bytes in the only column of each row; ends @stmt. */
static int each8(struct store *store, sqlite3_stmt *stmt,
		 int (*visit)(const uint8_t value[8], void *arg), void *arg,
		 struct domain_error *error)
{
	uint8_t value[8];
	int ret;

	if (!stmt)
		return -EIO;
	while ((ret = store_next(store, stmt, error)) > 0) {
		store_get8(stmt, 0, value);
		ret = visit(value, arg);
		if (ret)
			break;
	}
	sqlite3_finalize(stmt);
	return ret;
}

int store_each_issue(struct store *store, const uint8_t mid[PDT1_ID_LEN],
		     uint32_t n,
		     int (*visit)(const uint8_t sn[PDT1_ID_LEN], void *arg),
		     void *arg, struct domain_error *error)
{
	return each8(store, store_query(store, error,
					"SELECT sn FROM issue WHERE mid = ? AND n = ? ORDER BY sn",
					"BI", mid, (int64_t)n), visit, arg, error);
}

/**
 * store_count_issued() - Count the PINs issued for a module.
 * @store: The database.
 * @mid: The module.
 * @since: Those later than this.
 * @count: Receives their number; a repeated issue counts.
 * @error: Receives the reason of a failure.
 *
 * Return: 0 or a negative errno.
 */
int store_count_issued(struct store *store, const uint8_t mid[PDT1_ID_LEN],
		       int64_t since, unsigned int *count,
		       struct domain_error *error)
{
	int64_t value;
	int err;

	err = get_int(store, store_query(store, error,
					 "SELECT count(*) FROM decision WHERE mid = ? AND at > ? AND result = 'issued'",
					 "BI", mid, since), 0, &value, error);
	*count = (unsigned int)value;
	return err;
}

int store_add_former(struct store *store, const uint8_t mid[PDT1_ID_LEN],
		     uint32_t n, const uint8_t ft[PDT1_FT_LEN],
		     struct domain_error *error)
{
	return store_run(store, error,
			 "INSERT INTO former VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
			 "BIB", mid, (int64_t)n, ft);
}

int store_each_former(struct store *store, const uint8_t mid[PDT1_ID_LEN],
		      uint32_t n,
		      int (*visit)(const uint8_t ft[PDT1_FT_LEN], void *arg),
		      void *arg, struct domain_error *error)
{
	return each8(store, store_query(store, error,
					"SELECT ft FROM former WHERE mid = ? AND n = ?",
					"BI", mid, (int64_t)n), visit, arg, error);
}

int store_get_wrong(struct store *store, const uint8_t mid[PDT1_ID_LEN],
		    const uint8_t sn[PDT1_ID_LEN], unsigned int *wrong,
		    struct domain_error *error)
{
	int64_t value;
	int err;

	err = get_int(store, store_query(store, error,
					 "SELECT wrong FROM requester WHERE mid = ? AND sn = ?",
					 "BB", mid, sn), 0, &value, error);
	*wrong = (unsigned int)value;
	return err;
}

/**
 * store_set_wrong() - Keep how many request codes of a requester were wrong.
 * @store: The database.
 * @mid: A registered module.
 * @sn: A registered host.
 * @wrong: How many; 0 starts afresh.
 * @error: Receives the reason of a failure.
 *
 * Return: 0 or a negative errno.
 */
int store_set_wrong(struct store *store, const uint8_t mid[PDT1_ID_LEN],
		    const uint8_t sn[PDT1_ID_LEN], unsigned int wrong,
		    struct domain_error *error)
{
	if (!wrong)
		return store_run(store, error,
				 "DELETE FROM requester WHERE mid = ? AND sn = ?", "BB",
				 mid, sn);
	return store_run(store, error,
			 "INSERT INTO requester VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET wrong = excluded.wrong",
			 "BBI", mid, sn, (int64_t)wrong);
}

/**
 * store_add_command() - Keep a command to a module, and its sequence number.
 * @store: The database.
 * @mid: The module.
 * @seq: Sequence number, greater than the module's last.
 * @op: PDT1_OP_*.
 * @error: Receives the reason of a failure.
 *
 * Return: 0 or a negative errno.
 */
int store_add_command(struct store *store, const uint8_t mid[PDT1_ID_LEN],
		      uint32_t seq, uint8_t op, struct domain_error *error)
{
	int err;

	err = store_run(store, error, "UPDATE module SET seq = ? WHERE mid = ?", "IB",
			(int64_t)seq, mid);
	if (!err)
		err = store_run(store, error,
				"INSERT INTO command (mid, seq, op) VALUES (?, ?, ?)",
				"BII", mid, (int64_t)seq, (int64_t)op);
	return err;
}

/**
 * store_get_command() - Look a command up.
 * @store: The database.
 * @mid: The module.
 * @seq: Sequence number.
 * @op: Receives PDT1_OP_*.
 * @sw: Receives the result, or -1 where no receipt came yet.
 * @error: Receives the reason of a failure.
 *
 * Return: 1, 0 where there is no such command, or a negative errno.
 */
int store_get_command(struct store *store, const uint8_t mid[PDT1_ID_LEN],
		      uint32_t seq, uint8_t *op, int *sw,
		      struct domain_error *error)
{
	sqlite3_stmt *stmt;
	int ret;

	stmt = store_query(store, error,
			   "SELECT op, ifnull(sw, -1) FROM command WHERE mid = ? AND seq = ?",
			   "BI", mid, (int64_t)seq);
	if (!stmt)
		return -EIO;
	ret = store_next(store, stmt, error);
	if (ret > 0) {
		*op = (uint8_t)sqlite3_column_int(stmt, 0);
		*sw = sqlite3_column_int(stmt, 1);
	}
	sqlite3_finalize(stmt);
	return ret;
}

int store_set_command_result(struct store *store, const uint8_t mid[PDT1_ID_LEN],
			     uint32_t seq, uint16_t sw,
			     struct domain_error *error)
{
	return store_run(store, error,
			 "UPDATE command SET sw = ? WHERE mid = ? AND seq = ?", "IBI",
			 (int64_t)sw, mid, (int64_t)seq);
}

int store_add_decision(struct store *store, const struct store_decision *decision,
		       struct domain_error *error)
{
	return store_run(store, error,
			 "INSERT INTO decision (at, uid, verb, mid, sn, n, result, cause, detail, client, known_n) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
			 decision->has_n ? decision->has_known_n ? "IITBBITTTTI" : "IITBBITTTTN" :
			 "IITBBNTTTTN",
			 decision->at, (int64_t)decision->uid, decision->verb,
			 decision->mid, decision->sn, (int64_t)decision->n,
			 decision->result, decision->cause, decision->detail,
			 decision->client, (int64_t)decision->known_n);
}

/**
 * store_visit_decisions() - Visit the lines that a query gives.
 * @store: The database.
 * @stmt: A query that begins with %STORE_DECISIONS, ended here; NULL where it failed.
 * @visit: Called for each line; another value than 0 ends the visit.
 * @arg: For @visit.
 * @error: Receives the reason of a failure.
 *
 * Return: 0, what @visit returned, or a negative errno.
 */
int store_visit_decisions(struct store *store, sqlite3_stmt *stmt,
			  int (*visit)(const struct store_decision *decision, void *arg),
			  void *arg, struct domain_error *error)
{
	struct store_decision decision;
	uint8_t id[2][PDT1_ID_LEN];
	int ret;

	if (!stmt)
		return -EIO;
	while ((ret = store_next(store, stmt, error)) > 0) {
		store_get8(stmt, 3, id[0]);
		store_get8(stmt, 4, id[1]);
		decision = (struct store_decision) {
			.at = sqlite3_column_int64(stmt, 0),
			.uid = (uint32_t)sqlite3_column_int64(stmt, 1),
			.verb = (const char *)sqlite3_column_text(stmt, 2),
			.mid = sqlite3_column_bytes(stmt, 3) ? id[0] : NULL,
			.sn = sqlite3_column_bytes(stmt, 4) ? id[1] : NULL,
			.has_n = sqlite3_column_type(stmt, 5) != SQLITE_NULL,
			.n = (uint32_t)sqlite3_column_int64(stmt, 5),
			.result = (const char *)sqlite3_column_text(stmt, 6),
			.cause = (const char *)sqlite3_column_text(stmt, 7),
			.detail = (const char *)sqlite3_column_text(stmt, 8),
			.client = (const char *)sqlite3_column_text(stmt, 9),
			.has_known_n = sqlite3_column_type(stmt, 10) != SQLITE_NULL,
			.known_n = (uint32_t)sqlite3_column_int64(stmt, 10),
		};
		ret = visit(&decision, arg);
		if (ret)
			break;
	}
	sqlite3_finalize(stmt);
	return ret;
}

/**
 * store_each_decision() - Visit the log, oldest line first.
 * @store: The database.
 * @mid: Only lines of this module, or NULL.
 * @sn: Only lines of this host, or NULL.
 * @visit: Called for each line; another value than 0 ends the visit.
 * @arg: For @visit.
 * @error: Receives the reason of a failure.
 *
 * Return: 0, what @visit returned, or a negative errno.
 */
int store_each_decision(struct store *store, const uint8_t *mid,
			const uint8_t *sn,
			int (*visit)(const struct store_decision *decision,
				     void *arg),
			void *arg, struct domain_error *error)
{
	return store_visit_decisions(store, store_query(store, error, STORE_DECISIONS
							" WHERE mid IS ifnull(?1, mid) AND sn IS ifnull(?2, sn) ORDER BY seq",
							"BB", mid, sn), visit, arg, error);
}
