// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Buckets of requests, as a restart finds them.
 */
#include <errno.h>
#include <string.h>

#include "centre/store_private.h"

#define COLUMNS	"scope, id, level, at, strikes, blocked_until"

static void read_limit(struct db_rows *rows, struct limit_bucket *limit)
{
	limit->level = db_number(rows, 2);
	limit->at = db_number(rows, 3);
	limit->strikes = (unsigned int)db_number(rows, 4);
	limit->blocked_until = db_number(rows, 5);
}

/**
 * store_each_limit() - Visit all buckets.
 * @store: The database.
 * @visit: Called for each; another value than 0 ends the visit.
 * @arg: For @visit.
 * @error: Receives the reason of a failure.
 *
 * Return: 0, what @visit returned, or a negative errno.
 */
int store_each_limit(struct store *store,
		     int (*visit)(const struct bucket_name *name,
				  const struct limit_bucket *limit, void *arg),
		     void *arg, struct domain_error *error)
{
	struct limit_bucket limit;
	struct bucket_name name;
	struct db_rows *rows;
	const void *id;
	size_t len;
	int ret;

	ret = db_query(store->db, &rows, error,
		       "SELECT " COLUMNS " FROM limit_state",
		       "");
	if (ret)
		return ret;
	while ((ret = db_next(rows, error)) > 0) {
		id = db_bytes(rows, 1, &len);
		bucket_name(&name, (enum limit_scope)db_number(rows, 0), id, len);
		read_limit(rows, &limit);
		ret = visit(&name, &limit, arg);
		if (ret)
			break;
	}
	db_end(rows);
	return ret;
}

/**
 * store_get_limit() - Find a bucket.
 * @store: The database.
 * @name: Whose.
 * @limit: Receives the bucket.
 * @error: Receives the reason of a failure.
 *
 * Return: 1, 0 where there is none, or a negative errno.
 */
int store_get_limit(struct store *store, const struct bucket_name *name,
		    struct limit_bucket *limit, struct domain_error *error)
{
	struct db_rows *rows;
	int ret;

	ret = db_first(store->db, &rows, error,
		       "SELECT " COLUMNS " FROM limit_state WHERE scope = $1 AND id = $2",
		       "IX", (int64_t)name->scope, name->id, name->len);
	if (ret > 0) {
		read_limit(rows, limit);
		db_end(rows);
	}
	return ret;
}

/**
 * store_set_limit() - Keep a bucket.
 * @store: The database; a transaction is open.
 * @name: Whose.
 * @limit: The bucket.
 * @error: Receives the reason of a failure.
 *
 * Return: 0 or a negative errno.
 */
int store_set_limit(struct store *store, const struct bucket_name *name,
		    const struct limit_bucket *limit, struct domain_error *error)
{
	return db_exec(store->db, error,
		       "INSERT INTO limit_state (scope, id, level, at, strikes, blocked_until) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (scope, id) DO UPDATE SET level = excluded.level, at = excluded.at, strikes = excluded.strikes, blocked_until = excluded.blocked_until",
		       "IXIIII", (int64_t)name->scope, name->id, name->len,
		       limit->level, limit->at, (int64_t)limit->strikes,
		       limit->blocked_until);
}

/**
 * store_expire_limits() - Forget buckets that were last used long ago.
 * @store: The database; a transaction is open.
 * @before: Milliseconds since 1970.
 * @error: Receives the reason of a failure.
 *
 * Return: 0 or a negative errno.
 */
int store_expire_limits(struct store *store, int64_t before,
			struct domain_error *error)
{
	return db_exec(store->db, error,
		       "DELETE FROM limit_state WHERE at < $1",
		       "I", before);
}
