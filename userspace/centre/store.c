// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Opening and closing a database, transactions, and what it says of itself.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "centre/store_private.h"

static int connect_store(struct store **out, const char *url, enum db_mode mode,
			 struct domain_error *error)
{
	struct store *store = calloc(1, sizeof(*store));
	const struct db_ops *ops;
	const char *where;
	int err;

	if (!store)
		return domain_fail(error, -ENOMEM, "out of memory");
	ops = db_find(url, &where);
	err = ops->open(&store->db, where, mode, error);
	if (err)
		free(store);
	else
		*out = store;
	return err;
}

/**
 * store_create() - Make a database.
 * @url: Name of a file that does not exist, or as db_find() takes it.
 * @domain: The domain that it serves.
 * @error: Receives the reason of a failure.
 *
 * Return: 0 or a negative errno; what was made is removed then.
 */
int store_create(const char *url, const struct store_domain *domain,
		 struct domain_error *error)
{
	struct store *store;
	int err;

	err = connect_store(&store, url, DB_CREATE, error);
	if (err)
		return err;
	err = db_migrate(store->db, error);
	if (!err)
		err = store_begin(store, error);
	if (!err) {
		err = db_exec(store->db, error,
			      "INSERT INTO domain (id, dom, path, mac) VALUES (1, $1, $2, $3)",
			      "ITT", (int64_t)domain->dom, domain->path,
			      domain->mac);
		if (err)
			store_rollback(store);
		else
			err = store_commit(store, error);
	}
	store_close(store);
	if (err)
		store_discard(url);
	return err;
}

/**
 * store_discard() - Remove a database that was just made.
 * @url: As given to store_create().
 */
void store_discard(const char *url)
{
	const struct db_ops *ops;
	const char *where;

	ops = db_find(url, &where);
	ops->discard(where);
}

static int migrate(const char *url, struct domain_error *error)
{
	struct store *store;
	int err;

	err = connect_store(&store, url, DB_WRITE, error);
	if (err)
		return err;
	err = db_migrate(store->db, error);
	store_close(store);
	return err;
}

/**
 * store_open() - Open a database.
 * @store: Receives it; closed with store_close().
 * @url: As db_find() takes it.
 * @mode: What for.
 * @error: Receives the reason of a refusal.
 *
 * A database of an older format is brought to the present one first.
 *
 * Return: 0 or a negative errno; -EINVAL where its format is newer than this
 * program.
 */
int store_open(struct store **store, const char *url, enum store_mode mode,
	       struct domain_error *error)
{
	enum db_mode how = mode == STORE_READ ? DB_READ : DB_WRITE;
	int ret;

	ret = connect_store(store, url, how, error);
	if (ret)
		return ret;
	ret = db_compare_version((*store)->db, url, error);
	if (ret)
		store_close(*store);
	if (ret <= 0)
		return ret;
	ret = migrate(url, error);
	return ret ? ret : connect_store(store, url, how, error);
}

/**
 * store_ping() - Whether the database answers.
 * @store: The database, without a transaction.
 * @error: Receives the reason where not.
 *
 * Return: 0 or a negative errno.
 */
int store_ping(struct store *store, struct domain_error *error)
{
	int64_t dom;
	int ret = db_get(store->db, &dom, error, "SELECT dom FROM domain", "");

	return ret < 0 ? ret : 0;
}

/**
 * store_check() - Look for damage; takes time in proportion to the database.
 * @store: The database.
 * @error: Receives what was found.
 *
 * Return: 0 or a negative errno.
 */
int store_check(struct store *store, struct domain_error *error)
{
	return store->db->ops->check(store->db, error);
}

/**
 * store_backup() - Copy the database while others go on writing.
 * @store: The database.
 * @path: Name of a file that does not exist.
 * @error: Receives the reason of a failure.
 *
 * Return: 0 or a negative errno; -EOPNOTSUPP where the database's own tools do
 * this.
 */
int store_backup(struct store *store, const char *path,
		 struct domain_error *error)
{
	if (!store->db->ops->backup)
		return domain_fail(error, -EOPNOTSUPP,
				   "a database of %s is copied with its own tools, see smpair-centre(8)",
				   store->db->ops->name);
	return store->db->ops->backup(store->db, path, error);
}

/**
 * store_restore() - Make a database from a backup.
 * @backup: The copy; looked through for damage first.
 * @path: Name of a file that does not exist.
 * @error: Receives the reason of a failure.
 *
 * Return: 0 or a negative errno; nothing is left behind then.
 */
int store_restore(const char *backup, const char *path,
		  struct domain_error *error)
{
	struct store *store;
	int err;

	err = store_open(&store, backup, STORE_READ, error);
	if (err)
		return err;
	err = store_check(store, error);
	if (!err)
		err = store_backup(store, path, error);
	store_close(store);
	return err;
}

/**
 * store_close() - Close a database; what was not committed is undone.
 * @store: The database.
 */
void store_close(struct store *store)
{
	store->db->ops->close(store->db);
	explicit_bzero(store, sizeof(*store));
	free(store);
}

/**
 * store_db() - The connection itself, for what has no function here.
 * @store: The database.
 *
 * Return: The connection; it ends with the store.
 */
struct db *store_db(struct store *store)
{
	return store->db;
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
	store->trail.loaded = false;
	store->trail.grown = false;
	return store->db->ops->begin(store->db, true, error);
}

/**
 * store_begin_read() - See one state of the database until store_rollback().
 * @store: The database.
 * @error: Receives the reason of a failure.
 *
 * Return: 0 or a negative errno.
 */
int store_begin_read(struct store *store, struct domain_error *error)
{
	return store->db->ops->begin(store->db, false, error);
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
	int err = audit_seal(store, error);

	if (err) {
		store_rollback(store);
		return err;
	}
	return store->db->ops->commit(store->db, error);
}

/**
 * store_rollback() - Undo a transaction.
 * @store: The database.
 */
void store_rollback(struct store *store)
{
	store->db->ops->rollback(store->db);
}

/**
 * store_save() - Mark a point that a transaction can be taken back to.
 * @store: The database, in a transaction without such a mark.
 * @error: Receives the reason of a failure.
 *
 * Return: 0 or a negative errno.
 */
int store_save(struct store *store, struct domain_error *error)
{
	store->saved = store->trail;
	return store->db->ops->save(store->db, error);
}

/**
 * store_release() - Keep what was done since store_save().
 * @store: The database.
 * @error: Receives the reason of a failure.
 *
 * Return: 0 or a negative errno; use store_back() then.
 */
int store_release(struct store *store, struct domain_error *error)
{
	return store->db->ops->release(store->db, error);
}

/**
 * store_back() - Undo what was done since store_save().
 * @store: The database.
 */
void store_back(struct store *store)
{
	store->db->ops->back(store->db);
	store->trail = store->saved;
}

/**
 * store_ahead() - Ask for several things at once.
 * @store: The database, in a transaction.
 *
 * Where 1 is returned, whatever is looked up until store_ahead_end() is only sent
 * and nothing is found; looked up again the same way, all of it is there after a
 * single wait, unless something was changed meanwhile.
 *
 * Return: Whether anything is gained by it; nothing is to be done where not.
 */
bool store_ahead(struct store *store)
{
	if (!store->db->ops->ahead)
		return false;
	store->db->ops->ahead(store->db, true);
	return true;
}

/**
 * store_ahead_end() - All was asked for.
 * @store: The database; store_ahead() returned true.
 */
void store_ahead_end(struct store *store)
{
	store->db->ops->ahead(store->db, false);
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
	struct db_rows *rows;
	int ret;

	ret = db_first(store->db, &rows, error,
		       "SELECT dom, path, mac FROM domain", "");
	if (ret > 0) {
		domain->dom = (uint32_t)db_number(rows, 0);
		domain->path = strdup(db_text(rows, 1));
		domain->mac = strdup(db_text(rows, 2));
		ret = domain->path && domain->mac ? 0 :
		      domain_fail(error, -ENOMEM, "out of memory");
		if (ret)
			store_domain_free(domain);
		db_end(rows);
	} else if (!ret) {
		ret = domain_fail(error, -EINVAL,
				  "the database names no domain; restore it from its backup");
	}
	return ret;
}

/**
 * store_domain_free() - Free what store_get_domain() allocated.
 * @domain: The domain.
 */
void store_domain_free(struct store_domain *domain)
{
	free(domain->path);
	free(domain->mac);
	domain->path = NULL;
	domain->mac = NULL;
}

/**
 * store_get_master() - Look up the value by which a wrong master is noticed.
 * @store: The database.
 * @kind: Which master.
 * @generation: Which generation.
 * @check: Receives it.
 * @error: Receives the reason of a failure.
 *
 * Return: 1, 0 where this generation was never used, or a negative errno.
 */
int store_get_master(struct store *store, enum master kind, uint16_t generation,
		     uint8_t check[MASTER_CHECK_LEN], struct domain_error *error)
{
	struct db_rows *rows;
	int ret;

	ret = db_first(store->db, &rows, error,
		       "SELECT check_value FROM master WHERE kind = $1 AND generation = $2",
		       "II", (int64_t)kind, (int64_t)generation);
	if (ret > 0) {
		db_copy(rows, 0, check, MASTER_CHECK_LEN);
		db_end(rows);
	}
	return ret;
}

/**
 * store_add_master() - Note a generation of a master that is seen for the first time.
 * @store: The database.
 * @kind: Which master.
 * @generation: Not noted yet.
 * @check: By which another key of that number is noticed.
 * @error: Receives the reason of a failure.
 *
 * Return: 0, -EEXIST where it was noted, or another negative errno.
 */
int store_add_master(struct store *store, enum master kind, uint16_t generation,
		     const uint8_t check[MASTER_CHECK_LEN],
		     struct domain_error *error)
{
	return db_exec(store->db, error,
		       "INSERT INTO master (kind, generation, check_value) VALUES ($1, $2, $3)",
		       "IIB", (int64_t)kind, (int64_t)generation, check);
}
