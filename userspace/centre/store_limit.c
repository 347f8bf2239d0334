// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Buckets of requests.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "centre/store_private.h"

/**
 * store_get_limit() - Look a bucket up.
 * @store: The database.
 * @scope: Of what the bucket is; a number of the caller's choice.
 * @id: Of whom.
 * @id_len: Bytes of @id.
 * @limit: Receives it.
 * @error: Receives the reason of a failure.
 *
 * Return: 1, 0 where it was never used, or a negative errno.
 */
int store_get_limit(struct store *store, unsigned int scope, const void *id,
		    size_t id_len, struct store_limit *limit,
		    struct domain_error *error)
{
	struct db_rows *rows;
	int ret;

	ret = db_query(store->db, &rows, error,
		       "SELECT level, at, strikes, blocked_until FROM limit_state WHERE scope = $1 AND id = $2",
		       "IX", (int64_t)scope, id, id_len);
	if (ret)
		return ret;
	ret = db_next(rows, error);
	if (ret > 0) {
		limit->level = db_number(rows, 0);
		limit->at = db_number(rows, 1);
		limit->strikes = (unsigned int)db_number(rows, 2);
		limit->blocked_until = db_number(rows, 3);
	}
	db_end(rows);
	return ret;
}

int store_set_limit(struct store *store, unsigned int scope, const void *id,
		    size_t id_len, const struct store_limit *limit,
		    struct domain_error *error)
{
	return db_exec(store->db, error,
		       "INSERT INTO limit_state (scope, id, level, at, strikes, blocked_until) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (scope, id) DO UPDATE SET level = excluded.level, at = excluded.at, strikes = excluded.strikes, blocked_until = excluded.blocked_until",
		       "IXIIII", (int64_t)scope, id, id_len, limit->level,
		       limit->at, (int64_t)limit->strikes,
		       limit->blocked_until);
}

/* Forgets buckets that were last used before, unless they still block. */
int store_expire_limits(struct store *store, int64_t before,
			struct domain_error *error)
{
	return db_exec(store->db, error,
		       "DELETE FROM limit_state WHERE at < $1 AND blocked_until < $1",
		       "I", before);
}
