// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Requests for PINs that wait for a person.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "centre/store_private.h"

#define COLUMNS \
	"id, mid, sn, n, code, policy, actor, at, state, cause, " \
	"coalesce(decided_by, ''), coalesce(decided_at, 0)"

/**
 * store_add_request() - Keep a request that waits for a person.
 * @store: The database.
 * @request: All of it but who decided and when.
 * @error: Receives the reason of a failure.
 *
 * Return: 0 or a negative errno.
 */
int store_add_request(struct store *store, const struct store_request *request,
		      struct domain_error *error)
{
	return db_exec(store->db, error,
		       "INSERT INTO pin_request (id, mid, sn, n, code, policy, actor, at, state, cause) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
		       "XBBIIITIIT", request->id, sizeof(request->id),
		       request->mid, request->sn, (int64_t)request->n,
		       (int64_t)request->code, (int64_t)request->policy,
		       request->actor, request->at, (int64_t)request->state,
		       request->cause);
}

static void read_request(struct db_rows *rows, struct store_request *request)
{
	db_copy(rows, 0, request->id, sizeof(request->id));
	db_copy(rows, 1, request->mid, PDT1_ID_LEN);
	db_copy(rows, 2, request->sn, PDT1_ID_LEN);
	request->n = (uint32_t)db_number(rows, 3);
	request->code = (uint32_t)db_number(rows, 4);
	request->policy = (int)db_number(rows, 5);
	snprintf(request->actor, sizeof(request->actor), "%s", db_text(rows, 6));
	request->at = db_number(rows, 7);
	request->state = (enum store_request_state)db_number(rows, 8);
	snprintf(request->cause, sizeof(request->cause), "%s", db_text(rows, 9));
	snprintf(request->decided_by, sizeof(request->decided_by), "%s",
		 db_text(rows, 10));
	request->decided_at = db_number(rows, 11);
}

/**
 * store_get_request() - Look a request up.
 * @store: The database.
 * @id: Its identifier.
 * @request: Receives it.
 * @error: Receives the reason of a failure.
 *
 * Return: 1, 0 where there is none, or a negative errno.
 */
int store_get_request(struct store *store,
		      const uint8_t id[STORE_REQUEST_ID_LEN],
		      struct store_request *request, struct domain_error *error)
{
	struct db_rows *rows;
	int ret;

	ret = db_first(store->db, &rows, error,
		       "SELECT " COLUMNS " FROM pin_request WHERE id = $1", "X",
		       id, (size_t)STORE_REQUEST_ID_LEN);
	if (ret > 0) {
		read_request(rows, request);
		db_end(rows);
	}
	return ret;
}

/**
 * store_find_request() - Look for a request of a pair that is not decided, or
 *	whose PIN was not fetched.
 * @store: The database.
 * @mid: Module.
 * @sn: Host.
 * @request: Receives the newest.
 * @error: Receives the reason of a failure.
 *
 * Return: 1, 0 where there is none, or a negative errno.
 */
int store_find_request(struct store *store, const uint8_t mid[PDT1_ID_LEN],
		       const uint8_t sn[PDT1_ID_LEN],
		       struct store_request *request, struct domain_error *error)
{
	struct db_rows *rows;
	int ret;

	ret = db_first(store->db, &rows, error,
		       "SELECT " COLUMNS " FROM pin_request WHERE mid = $1 AND sn = $2 AND state < 2 ORDER BY at DESC LIMIT 1",
		       "BB", mid, sn);
	if (ret > 0) {
		read_request(rows, request);
		db_end(rows);
	}
	return ret;
}

/**
 * store_decide_request() - Keep what was decided on a request.
 * @store: The database.
 * @id: The request.
 * @state: What.
 * @cause: Why, in one word.
 * @actor: Who.
 * @at: Seconds since 1970.
 * @error: Receives the reason of a failure.
 *
 * Return: 0 or a negative errno.
 */
int store_decide_request(struct store *store,
			 const uint8_t id[STORE_REQUEST_ID_LEN],
			 enum store_request_state state, const char *cause,
			 const char *actor, int64_t at,
			 struct domain_error *error)
{
	return db_exec(store->db, error,
		       "UPDATE pin_request SET state = $1, cause = $2, decided_by = $3, decided_at = $4 WHERE id = $5",
		       "ITTIX", (int64_t)state, cause, actor, at, id,
		       (size_t)STORE_REQUEST_ID_LEN);
}

/**
 * store_expire_requests() - Nobody waits for what was asked too long ago.
 * @store: The database.
 * @before: Requests older than this.
 * @error: Receives the reason of a failure.
 *
 * Return: 0 or a negative errno.
 */
int store_expire_requests(struct store *store, int64_t before,
			  struct domain_error *error)
{
	return db_exec(store->db, error,
		       "UPDATE pin_request SET state = 4, cause = 'expired' WHERE state = 0 AND at < $1",
		       "I", before);
}

/**
 * store_each_request() - Visit the requests that wait, the oldest first.
 * @store: The database.
 * @after_at: With @after_id: only those that come after this one.
 * @after_id: NULL for the first page.
 * @limit: Rows at most; 0 for all.
 * @visit: Called for each; another value than 0 ends the visit.
 * @arg: For @visit.
 * @error: Receives the reason of a failure.
 *
 * Return: 0, what @visit returned, or a negative errno.
 */
int store_each_request(struct store *store, int64_t after_at,
		       const uint8_t *after_id, unsigned int limit,
		       int (*visit)(const struct store_request *request,
				    void *arg),
		       void *arg, struct domain_error *error)
{
	struct store_request request;
	struct db_rows *rows;
	int ret;

	ret = db_query(store->db, &rows, error,
		       "SELECT " COLUMNS " FROM pin_request WHERE state = 0 AND (at, id) > ($1, $2) ORDER BY at, id LIMIT $3",
		       "IXI", after_id ? after_at : INT64_MIN,
		       after_id ? after_id : (const uint8_t *)"",
		       (size_t)(after_id ? STORE_REQUEST_ID_LEN : 0),
		       limit ? (int64_t)limit : INT64_MAX);
	if (ret)
		return ret;
	while ((ret = db_next(rows, error)) > 0) {
		read_request(rows, &request);
		ret = visit(&request, arg);
		if (ret)
			break;
	}
	db_end(rows);
	return ret;
}
