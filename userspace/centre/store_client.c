// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Who may ask over the network, and the answers that repeated requests get again.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "centre/store_private.h"

#define REPLAY_SECONDS	86400

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

static int nobody(const char *name, struct domain_error *error)
{
	return domain_fail(error, -ENOENT,
			   "nobody named %s is registered; list them with: clients", name);
}

#define COLUMNS	"id, name, role, coalesce(uri, ''), not_before, fingerprint"

static void read_client(struct db_rows *rows, struct store_client *client)
{
	memset(client, 0, sizeof(*client));
	client->id = db_number(rows, 0);
	snprintf(client->name, sizeof(client->name), "%s", db_text(rows, 1));
	snprintf(client->role, sizeof(client->role), "%s", db_text(rows, 2));
	snprintf(client->uri, sizeof(client->uri), "%s", db_text(rows, 3));
	client->not_before = db_number(rows, 4);
	if (!client->uri[0])
		db_copy(rows, 5, client->fingerprint, sizeof(client->fingerprint));
}

/* What one of the two columns is to hold, and the other is not. */
static const char *uri_or_null(const struct store_client *client)
{
	return client->uri[0] ? client->uri : NULL;
}

static const uint8_t *fingerprint_or_null(const struct store_client *client)
{
	return client->uri[0] ? NULL : client->fingerprint;
}

/**
 * store_find_client() - Look up who presents a certificate.
 * @store: The database.
 * @fingerprint: SHA-256 of the certificate.
 * @uri: The URI that it names, or NULL.
 * @client: Receives who it is.
 * @error: Receives the reason of a failure.
 *
 * Return: 1; 0 where nobody is known by either; 2 where one is known by the one
 * and somebody else by the other; or a negative errno.
 */
int store_find_client(struct store *store,
		      const uint8_t fingerprint[STORE_FINGERPRINT_LEN],
		      const char *uri, struct store_client *client,
		      struct domain_error *error)
{
	struct db_rows *rows;
	int ret, found = 0;

	ret = db_query(store->db, &rows, error,
		       "SELECT " COLUMNS " FROM client WHERE fingerprint = $1 OR uri = $2",
		       "XT", fingerprint, (size_t)STORE_FINGERPRINT_LEN, uri);
	if (ret)
		return ret;
	while ((ret = db_next(rows, error)) > 0) {
		read_client(rows, client);
		found++;
	}
	db_end(rows);
	return ret < 0 ? ret : found;
}

/**
 * store_get_client() - Look up a client by its name.
 * @store: The database.
 * @name: Its name.
 * @client: Receives it.
 * @error: Receives the reason of a failure.
 *
 * Return: 0, -ENOENT, or another negative errno.
 */
int store_get_client(struct store *store, const char *name,
		     struct store_client *client, struct domain_error *error)
{
	struct db_rows *rows;
	int ret;

	ret = db_first(store->db, &rows, error,
		       "SELECT " COLUMNS " FROM client WHERE name = $1", "T", name);
	if (!ret)
		return nobody(name, error);
	if (ret > 0) {
		read_client(rows, client);
		db_end(rows);
	}
	return ret < 0 ? ret : 0;
}

/**
 * store_add_client() - Let somebody ask.
 * @store: The database.
 * @client: Who, but for @id; a name, certificate or URI that is known already is
 *	refused.
 * @error: Receives the reason of a failure.
 *
 * Return: 0, -EEXIST, or another negative errno.
 */
int store_add_client(struct store *store, const struct store_client *client,
		     struct domain_error *error)
{
	int64_t changes;
	int err;

	err = db_change(store->db, error, &changes,
			"INSERT INTO client (name, role, uri, not_before, fingerprint) VALUES ($1, $2, $3, $4, $5)",
			"TTTIX", client->name, client->role, uri_or_null(client),
			client->not_before, fingerprint_or_null(client),
			sizeof(client->fingerprint));
	if (err == -EEXIST)
		return domain_fail(error, -EEXIST,
				   "%s, or its certificate or URI, is registered already; list what is with: clients",
				   client->name);
	return err;
}

/**
 * store_renew_client() - Change what a client is known by.
 * @store: The database.
 * @client: As it is from now on, found by its @id; name and role stay.
 * @error: Receives the reason of a failure.
 *
 * Return: 0, -EEXIST where somebody else is known by that, or another negative
 * errno.
 */
int store_renew_client(struct store *store, const struct store_client *client,
		       struct domain_error *error)
{
	int64_t changes;
	int err;

	err = db_change(store->db, error, &changes,
			"UPDATE client SET uri = $1, not_before = $2, fingerprint = $3 WHERE id = $4",
			"TIXI", uri_or_null(client), client->not_before,
			fingerprint_or_null(client), sizeof(client->fingerprint),
			client->id);
	if (err == -EEXIST)
		return domain_fail(error, -EEXIST,
				   "somebody else is registered with that certificate or URI; list who is with: clients");
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
	int64_t changes = 0;
	int err;

	err = db_change(store->db, error, &changes,
			"DELETE FROM client WHERE name = $1", "T", name);
	if (!err && !changes)
		err = nobody(name, error);
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
	struct db_rows *rows;
	int ret;

	ret = db_query(store->db, &rows, error,
		       "SELECT " COLUMNS " FROM client ORDER BY name",
		       "");
	if (ret)
		return ret;
	while ((ret = db_next(rows, error)) > 0) {
		read_client(rows, &client);
		ret = visit(&client, arg);
		if (ret)
			break;
	}
	db_end(rows);
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
	struct db_rows *rows;
	int ret;

	ret = db_first(store->db, &rows, error,
		       "SELECT digest, cause, attempts_left FROM replay WHERE client = $1 AND key = $2",
		       "TT", client, key);
	if (ret > 0) {
		db_copy(rows, 0, replay->digest, sizeof(replay->digest));
		snprintf(replay->cause, sizeof(replay->cause), "%s",
			 db_text(rows, 1));
		replay->attempts_left = (unsigned int)db_number(rows, 2);
		db_end(rows);
	}
	return ret;
}

/**
 * store_add_replay() - Remember an answer; those older than a day are forgotten.
 * @store: The database.
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

	err = db_exec(store->db, error, "DELETE FROM replay WHERE at < $1", "I",
		      now - REPLAY_SECONDS);
	if (err)
		return err;
	return db_exec(store->db, error,
		       "INSERT INTO replay (client, key, digest, at, cause, attempts_left) VALUES ($1, $2, $3, $4, $5, $6)",
		       "TTXITI", client, key, replay->digest,
		       sizeof(replay->digest), now, replay->cause,
		       (int64_t)replay->attempts_left);
}
