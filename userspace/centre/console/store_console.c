// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>

#include "centre/console/store_console.h"
#include "centre/store_db.h"

static void read_operator(sqlite3_stmt *stmt, struct store_operator *operator)
{
	store_get_text(stmt, 0, operator->name, sizeof(operator->name));
	store_get_text(stmt, 1, operator->role, sizeof(operator->role));
	store_get_text(stmt, 2, operator->hash, sizeof(operator->hash));
}

/**
 * store_get_operator() - Look an operator up.
 * @store: The database.
 * @name: Who.
 * @operator: Receives what is known.
 * @error: Receives the reason of a failure.
 *
 * Return: 1, 0 where nobody has this name, or a negative errno.
 */
int store_get_operator(struct store *store, const char *name, struct store_operator *operator,
		       struct domain_error *error)
{
	sqlite3_stmt *stmt;
	int ret;

	stmt = store_query(store, error, "SELECT name, role, hash FROM operator WHERE name = ?",
			   "T", name);
	if (!stmt)
		return -EIO;
	ret = store_next(store, stmt, error);
	if (ret > 0)
		read_operator(stmt, operator);
	sqlite3_finalize(stmt);
	return ret;
}

/**
 * store_add_operator() - Let somebody sign in.
 * @store: The database.
 * @operator: Who.
 * @error: Receives the reason of a failure.
 *
 * Return: 0, -EEXIST, or another negative errno.
 */
int store_add_operator(struct store *store, const struct store_operator *operator,
		       struct domain_error *error)
{
	int err;

	err = store_run(store, error, "INSERT INTO operator VALUES (?, ?, ?)", "TTT",
			operator->name, operator->role, operator->hash);
	if (err && sqlite3_errcode(store->db) == SQLITE_CONSTRAINT)
		return domain_fail(error, -EEXIST,
				   "%s is an operator already; for another role or password remove them first with: operator-remove --name NAME",
				   operator->name);
	return err;
}

/**
 * store_remove_operator() - Let somebody sign in no longer.
 * @store: The database.
 * @name: Who.
 * @error: Receives the reason of a failure.
 *
 * Wrong passwords are forgotten with the account, so that one that is made anew is
 * not locked.
 *
 * Return: 0, -ENOENT, or another negative errno.
 */
int store_remove_operator(struct store *store, const char *name, struct domain_error *error)
{
	int err;

	err = store_run(store, error, "DELETE FROM operator WHERE name = ?", "T", name);
	if (!err && !sqlite3_changes(store->db))
		return domain_fail(error, -ENOENT,
				   "no operator is named %s; list them with: operators", name);
	if (err)
		return err;
	return store_run(store, error,
			 "DELETE FROM signin_failure WHERE kind = 'account' AND who = ?", "T",
			 name);
}

/**
 * store_each_operator() - Visit those who may sign in, by name.
 * @store: The database.
 * @visit: Called for each; another value than 0 ends the visit.
 * @arg: For @visit.
 * @error: Receives the reason of a failure.
 *
 * Return: 0, what @visit returned, or a negative errno.
 */
int store_each_operator(struct store *store,
			int (*visit)(const struct store_operator *operator, void *arg),
			void *arg, struct domain_error *error)
{
	struct store_operator operator;
	sqlite3_stmt *stmt;
	int ret;

	stmt = store_query(store, error, "SELECT name, role, hash FROM operator ORDER BY name",
			   "");
	if (!stmt)
		return -EIO;
	while ((ret = store_next(store, stmt, error)) > 0) {
		read_operator(stmt, &operator);
		ret = visit(&operator, arg);
		if (ret)
			break;
	}
	sqlite3_finalize(stmt);
	return ret;
}

/**
 * store_get_lockout() - Wrong passwords so far.
 * @store: The database.
 * @kind: "account" or "address".
 * @who: Its name.
 * @lockout: Receives them; none where nothing is known.
 * @error: Receives the reason of a failure.
 *
 * Return: 0 or a negative errno.
 */
int store_get_lockout(struct store *store, const char *kind, const char *who,
		      struct lockout *lockout, struct domain_error *error)
{
	sqlite3_stmt *stmt;
	int ret;

	*lockout = (struct lockout) { 0 };
	stmt = store_query(store, error,
			   "SELECT wrong, last FROM signin_failure WHERE kind = ? AND who = ?",
			   "TT", kind, who);
	if (!stmt)
		return -EIO;
	ret = store_next(store, stmt, error);
	if (ret > 0) {
		lockout->wrong = (unsigned int)sqlite3_column_int64(stmt, 0);
		lockout->last = sqlite3_column_int64(stmt, 1);
	}
	sqlite3_finalize(stmt);
	return ret < 0 ? ret : 0;
}

/**
 * store_set_lockout() - Keep wrong passwords; those that count no more are forgotten.
 * @store: The database; a transaction is open.
 * @kind: "account" or "address".
 * @who: Its name.
 * @lockout: So many; none starts afresh.
 * @error: Receives the reason of a failure.
 *
 * Return: 0 or a negative errno.
 */
int store_set_lockout(struct store *store, const char *kind, const char *who,
		      const struct lockout *lockout, struct domain_error *error)
{
	int err;

	if (!lockout->wrong)
		return store_run(store, error,
				 "DELETE FROM signin_failure WHERE kind = ? AND who = ?", "TT",
				 kind, who);
	err = store_run(store, error, "DELETE FROM signin_failure WHERE last < ?", "I",
			lockout->last - LOCKOUT_MEMORY);
	if (err)
		return err;
	return store_run(store, error,
			 "INSERT OR REPLACE INTO signin_failure VALUES (?, ?, ?, ?)", "TTII",
			 kind, who, (int64_t)lockout->wrong, lockout->last);
}

/**
 * store_each_recent() - Visit the log, newest line first.
 * @store: The database.
 * @mid: Only lines of this module, or NULL.
 * @sn: Only lines of this host, or NULL.
 * @limit: No more lines than this.
 * @visit: Called for each line; another value than 0 ends the visit.
 * @arg: For @visit.
 * @error: Receives the reason of a failure.
 *
 * Return: 0, what @visit returned, or a negative errno.
 */
int store_each_recent(struct store *store, const uint8_t *mid, const uint8_t *sn,
		      unsigned int limit,
		      int (*visit)(const struct store_decision *decision, void *arg),
		      void *arg, struct domain_error *error)
{
	const char *sql;

	/* One text for each case, so that each finds its index. */
	if (mid && sn)
		sql = STORE_DECISIONS
			" WHERE mid = ?1 AND sn = ?2 ORDER BY at DESC, seq DESC LIMIT ?3";
	else if (mid)
		sql = STORE_DECISIONS " WHERE mid = ?1 ORDER BY at DESC, seq DESC LIMIT ?3";
	else if (sn)
		sql = STORE_DECISIONS " WHERE sn = ?2 ORDER BY at DESC, seq DESC LIMIT ?3";
	else
		sql = STORE_DECISIONS " ORDER BY seq DESC LIMIT ?3";
	return store_visit_decisions(store, store_query(store, error, sql, "BBI", mid, sn,
							(int64_t)limit), visit, arg, error);
}
