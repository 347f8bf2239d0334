// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "centre/store_db.h"
#include "centre/store_service.h"

static void get_bytes(sqlite3_stmt *stmt, int column, uint8_t *out, int len)
{
	const void *blob = sqlite3_column_blob(stmt, column);

	memset(out, 0, (size_t)len);
	if (blob && sqlite3_column_bytes(stmt, column) == len)
		memcpy(out, blob, (size_t)len);
}

/**
 * store_good_name() - Can this be the name of a client or an operator?
 * @name: The name.
 *
 * Return: Whether.
 */
bool store_good_name(const char *name)
{
	size_t len = strlen(name);

	return len && len < STORE_NAME_SIZE &&
	       strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._@-") ==
	       len;
}

static void read_client(sqlite3_stmt *stmt, struct store_client *client)
{
	get_bytes(stmt, 0, client->fingerprint, sizeof(client->fingerprint));
	store_get_text(stmt, 1, client->name, sizeof(client->name));
	store_get_text(stmt, 2, client->role, sizeof(client->role));
}

/**
 * store_get_client() - Look up who presents a certificate.
 * @store: The database.
 * @fingerprint: SHA-256 of the certificate.
 * @client: Receives who it is.
 * @error: Receives the reason of a failure.
 *
 * Return: 1, 0 where nobody is known by it, or a negative errno.
 */
int store_get_client(struct store *store,
		     const uint8_t fingerprint[STORE_FINGERPRINT_LEN],
		     struct store_client *client, struct domain_error *error)
{
	sqlite3_stmt *stmt;
	int ret;

	stmt = store_query(store, error,
			   "SELECT fingerprint, name, role FROM client WHERE fingerprint = ?",
			   "H", fingerprint);
	if (!stmt)
		return -EIO;
	ret = store_next(store, stmt, error);
	if (ret > 0)
		read_client(stmt, client);
	sqlite3_finalize(stmt);
	return ret;
}

/**
 * store_add_client() - Let somebody ask.
 * @store: The database.
 * @client: Who; a name or certificate that is known already is refused.
 * @error: Receives the reason of a failure.
 *
 * Return: 0, -EEXIST, or another negative errno.
 */
int store_add_client(struct store *store, const struct store_client *client,
		     struct domain_error *error)
{
	int err;

	err = store_run(store, error, "INSERT INTO client VALUES (?, ?, ?)", "HTT",
			client->fingerprint, client->name, client->role);
	if (err && sqlite3_errcode(store->db) == SQLITE_CONSTRAINT)
		return domain_fail(error, -EEXIST,
				   "%s, or its certificate, is registered already; remove it first with: client-remove --name NAME",
				   client->name);
	return err;
}

/**
 * store_remove_client() - Let somebody ask no longer.
 * @store: The database.
 * @name: Who.
 * @error: Receives the reason of a failure.
 *
 * Return: 0, -ENOENT, or another negative errno.
 */
int store_remove_client(struct store *store, const char *name,
			struct domain_error *error)
{
	int err;

	err = store_run(store, error, "DELETE FROM client WHERE name = ?", "T", name);
	if (!err && !sqlite3_changes(store->db))
		err = domain_fail(error, -ENOENT,
				  "nobody named %s is registered; list them with: clients",
				  name);
	return err;
}

/**
 * store_each_client() - Visit those who may ask, by name.
 * @store: The database.
 * @visit: Called for each; another value than 0 ends the visit.
 * @arg: For @visit.
 * @error: Receives the reason of a failure.
 *
 * Return: 0, what @visit returned, or a negative errno.
 */
int store_each_client(struct store *store,
		      int (*visit)(const struct store_client *client, void *arg),
		      void *arg, struct domain_error *error)
{
	struct store_client client;
	sqlite3_stmt *stmt;
	int ret;

	stmt = store_query(store, error,
			   "SELECT fingerprint, name, role FROM client ORDER BY name", "");
	if (!stmt)
		return -EIO;
	while ((ret = store_next(store, stmt, error)) > 0) {
		read_client(stmt, &client);
		ret = visit(&client, arg);
		if (ret)
			break;
	}
	sqlite3_finalize(stmt);
	return ret;
}

/**
 * store_get_replay() - Was a request answered already?
 * @store: The database.
 * @client: Who asks.
 * @key: Idempotency key.
 * @replay: Receives what was answered.
 * @error: Receives the reason of a failure.
 *
 * Return: 1, 0 where the key is new, or a negative errno.
 */
int store_get_replay(struct store *store, const char *client, const char *key,
		     struct store_replay *replay, struct domain_error *error)
{
	sqlite3_stmt *stmt;
	int ret;

	stmt = store_query(store, error,
			   "SELECT digest, cause, attempts_left FROM replay WHERE client = ? AND key = ?",
			   "TT", client, key);
	if (!stmt)
		return -EIO;
	ret = store_next(store, stmt, error);
	if (ret > 0) {
		get_bytes(stmt, 0, replay->digest, sizeof(replay->digest));
		store_get_text(stmt, 1, replay->cause, sizeof(replay->cause));
		replay->attempts_left = (unsigned int)sqlite3_column_int(stmt, 2);
	}
	sqlite3_finalize(stmt);
	return ret;
}

/**
 * store_add_replay() - Remember an answer; those older than a day are forgotten.
 * @store: The database; a transaction is open.
 * @client: Who asks.
 * @key: Idempotency key.
 * @replay: What is answered.
 * @now: Seconds since 1970.
 * @error: Receives the reason of a failure.
 *
 * Return: 0 or a negative errno.
 */
int store_add_replay(struct store *store, const char *client, const char *key,
		     const struct store_replay *replay, int64_t now,
		     struct domain_error *error)
{
	int err;

	err = store_run(store, error, "DELETE FROM replay WHERE at < ?", "I",
			now - 86400);
	if (err)
		return err;
	return store_run(store, error, "INSERT INTO replay VALUES (?, ?, ?, ?, ?, ?)",
			 "TTHITI", client, key, replay->digest, now, replay->cause,
			 (int64_t)replay->attempts_left);
}

static void read_held(sqlite3_stmt *stmt, struct store_held *held)
{
	get_bytes(stmt, 0, held->id, sizeof(held->id));
	store_get_text(stmt, 1, held->client, sizeof(held->client));
	store_get8(stmt, 2, held->mid);
	store_get8(stmt, 3, held->sn);
	held->n = (uint32_t)sqlite3_column_int64(stmt, 4);
	held->code = (uint32_t)sqlite3_column_int64(stmt, 5);
	held->at = sqlite3_column_int64(stmt, 6);
}

#define HELD_COLUMNS	"id, client, mid, sn, n, code, at"

/**
 * store_add_held() - Let a request wait for an operator.
 * @store: The database.
 * @held: The request.
 * @error: Receives the reason of a failure.
 *
 * Return: 0 or a negative errno.
 */
int store_add_held(struct store *store, const struct store_held *held,
		   struct domain_error *error)
{
	return store_run(store, error,
			 "INSERT INTO held (" HELD_COLUMNS ") VALUES (?, ?, ?, ?, ?, ?, ?)",
			 "RTBBIII", held->id, held->client, held->mid, held->sn,
			 (int64_t)held->n, (int64_t)held->code, held->at);
}

/**
 * store_get_held() - Look a request up that waits.
 * @store: The database.
 * @id: Its number.
 * @held: Receives it.
 * @error: Receives the reason of a failure.
 *
 * Return: 1, 0 where none of that number waits, or a negative errno.
 */
int store_get_held(struct store *store, const uint8_t id[STORE_HELD_ID_LEN],
		   struct store_held *held, struct domain_error *error)
{
	sqlite3_stmt *stmt;
	int ret;

	stmt = store_query(store, error,
			   "SELECT " HELD_COLUMNS " FROM held WHERE id = ?", "R", id);
	if (!stmt)
		return -EIO;
	ret = store_next(store, stmt, error);
	if (ret > 0)
		read_held(stmt, held);
	sqlite3_finalize(stmt);
	return ret;
}

/**
 * store_each_held() - Visit the requests that wait, oldest first.
 * @store: The database.
 * @visit: Called for each; another value than 0 ends the visit.
 * @arg: For @visit.
 * @error: Receives the reason of a failure.
 *
 * Return: 0, what @visit returned, or a negative errno.
 */
int store_each_held(struct store *store,
		    int (*visit)(const struct store_held *held, void *arg),
		    void *arg, struct domain_error *error)
{
	struct store_held held;
	sqlite3_stmt *stmt;
	int ret;

	stmt = store_query(store, error,
			   "SELECT " HELD_COLUMNS " FROM held ORDER BY at", "");
	if (!stmt)
		return -EIO;
	while ((ret = store_next(store, stmt, error)) > 0) {
		read_held(stmt, &held);
		ret = visit(&held, arg);
		if (ret)
			break;
	}
	sqlite3_finalize(stmt);
	return ret;
}

/**
 * store_drop_held() - Forget requests that nobody waits for any more.
 * @store: The database.
 * @before: Those older than this, in seconds since 1970.
 * @error: Receives the reason of a failure.
 *
 * Return: 0 or a negative errno.
 */
int store_drop_held(struct store *store, int64_t before,
		    struct domain_error *error)
{
	return store_run(store, error, "DELETE FROM held WHERE at < ?", "I", before);
}

/**
 * store_set_confirmation() - Remember what became of a PIN.
 * @store: The database.
 * @mid: The module.
 * @n: Pairing index that the PIN was issued for.
 * @sn: The host.
 * @result: What the host tells.
 * @now: Seconds since 1970.
 * @error: Receives the reason of a failure.
 *
 * The last word counts.
 *
 * Return: 0 or a negative errno.
 */
int store_set_confirmation(struct store *store, const uint8_t mid[PDT1_ID_LEN],
			   uint32_t n, const uint8_t sn[PDT1_ID_LEN],
			   const char *result, int64_t now,
			   struct domain_error *error)
{
	return store_run(store, error,
			 "INSERT OR REPLACE INTO confirmation VALUES (?, ?, ?, ?, ?)",
			 "BIBTI", mid, (int64_t)n, sn, result, now);
}
