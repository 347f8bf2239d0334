// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>

#include "centre/console/store_console.h"
#include "centre/store_private.h"

static void read_operator(struct db_rows *rows, struct store_operator *operator)
{
	snprintf(operator->name, sizeof(operator->name), "%s", db_text(rows, 0));
	snprintf(operator->role, sizeof(operator->role), "%s", db_text(rows, 1));
	snprintf(operator->hash, sizeof(operator->hash), "%s", db_text(rows, 2));
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
	struct db_rows *rows;
	int ret;

	ret = db_first(store->db, &rows, error,
		       "SELECT name, role, hash FROM operator WHERE name = $1", "T", name);
	if (ret > 0) {
		read_operator(rows, operator);
		db_end(rows);
	}
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
	int64_t changes;
	int err;

	err = db_change(store->db, error, &changes,
			"INSERT INTO operator (name, role, hash) VALUES ($1, $2, $3)", "TTT",
			operator->name, operator->role, operator->hash);
	if (err == -EEXIST)
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
	int64_t changes = 0;
	int err;

	err = db_change(store->db, error, &changes, "DELETE FROM operator WHERE name = $1", "T",
			name);
	if (!err && !changes)
		return domain_fail(error, -ENOENT,
				   "no operator is named %s; list them with: operators", name);
	if (err)
		return err;
	return db_exec(store->db, error,
		       "DELETE FROM signin_failure WHERE kind = 'account' AND who = $1", "T",
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
	struct db_rows *rows;
	int ret;

	ret = db_query(store->db, &rows, error,
		       "SELECT name, role, hash FROM operator ORDER BY name", "");
	if (ret)
		return ret;
	while ((ret = db_next(rows, error)) > 0) {
		read_operator(rows, &operator);
		ret = visit(&operator, arg);
		if (ret)
			break;
	}
	db_end(rows);
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
	struct db_rows *rows;
	int ret;

	*lockout = (struct lockout) { 0 };
	ret = db_first(store->db, &rows, error,
		       "SELECT wrong, last FROM signin_failure WHERE kind = $1 AND who = $2",
		       "TT", kind, who);
	if (ret > 0) {
		lockout->wrong = (unsigned int)db_number(rows, 0);
		lockout->last = db_number(rows, 1);
		db_end(rows);
	}
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
		return db_exec(store->db, error,
			       "DELETE FROM signin_failure WHERE kind = $1 AND who = $2", "TT",
			       kind, who);
	err = db_exec(store->db, error, "DELETE FROM signin_failure WHERE last < $1", "I",
		      lockout->last - LOCKOUT_MEMORY);
	if (err)
		return err;
	return db_exec(store->db, error,
		       "INSERT INTO signin_failure (kind, who, wrong, last) VALUES ($1, $2, $3, $4) ON CONFLICT (kind, who) DO UPDATE SET wrong = excluded.wrong, last = excluded.last",
		       "TTII", kind, who, (int64_t)lockout->wrong, lockout->last);
}
