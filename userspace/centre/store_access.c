// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Who may pair: denials, terms, subscriptions.
 */
#include <errno.h>
#include <string.h>

#include "centre/store_private.h"
#include "domain/bytes.h"

/* An empty identifier is anybody. */
#define ANYBODY(id)	((id) ? (id) : (const uint8_t *)""), \
			((size_t)((id) ? PDT1_ID_LEN : 0))

/**
 * store_add_deny() - Deny a module, a host, or the two together.
 * @store: The database.
 * @deny: Whom and why; one that is there already stays as it is.
 * @error: Receives the reason of a failure.
 *
 * Return: 0 or a negative errno.
 */
int store_add_deny(struct store *store, const struct store_deny *deny,
		   struct domain_error *error)
{
	return db_exec(store->db, error,
		       "INSERT INTO deny (mid, sn, reason, actor, at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
		       "XXTTI", ANYBODY(deny->mid), ANYBODY(deny->sn),
		       deny->reason, deny->actor, deny->at);
}

/**
 * store_remove_deny() - End the denial of just these.
 * @store: The database.
 * @mid: Module, or NULL for a denial of the host.
 * @sn: Host, or NULL for a denial of the module.
 * @error: Receives the reason of a failure.
 *
 * Return: 0 or a negative errno.
 */
int store_remove_deny(struct store *store, const uint8_t *mid, const uint8_t *sn,
		      struct domain_error *error)
{
	return db_exec(store->db, error,
		       "DELETE FROM deny WHERE mid = $1 AND sn = $2", "XX",
		       ANYBODY(mid), ANYBODY(sn));
}

/**
 * store_is_denied() - Whether there is a denial of just these.
 * @store: The database.
 * @mid: Module, or NULL for a denial of the host.
 * @sn: Host, or NULL for a denial of the module.
 * @denied: Receives whether there is.
 * @error: Receives the reason of a failure.
 *
 * Return: 0 or a negative errno.
 */
int store_is_denied(struct store *store, const uint8_t *mid, const uint8_t *sn,
		    bool *denied, struct domain_error *error)
{
	int64_t at;
	int ret;

	ret = db_get(store->db, &at, error,
		     "SELECT at FROM deny WHERE mid = $1 AND sn = $2", "XX",
		     ANYBODY(mid), ANYBODY(sn));
	*denied = ret > 0;
	return ret < 0 ? ret : 0;
}

/**
 * store_each_deny() - Visit the denials, those of hosts first.
 * @store: The database.
 * @after_mid: With @after_sn: only what comes after this denial; NULL for anybody.
 * @after_sn: Likewise; both NULL for the first page.
 * @limit: Rows at most; 0 for all.
 * @visit: Called for each; another value than 0 ends the visit.
 * @arg: For @visit.
 * @error: Receives the reason of a failure.
 *
 * Return: 0, what @visit returned, or a negative errno.
 */
int store_each_deny(struct store *store, const uint8_t *after_mid,
		    const uint8_t *after_sn, unsigned int limit,
		    int (*visit)(const struct store_deny *deny, void *arg),
		    void *arg, struct domain_error *error)
{
	uint8_t id[2][PDT1_ID_LEN];
	struct store_deny deny;
	struct db_rows *rows;
	size_t len[2];
	int ret, i;

	ret = db_query(store->db, &rows, error,
		       "SELECT mid, sn, reason, actor, at FROM deny WHERE (mid, sn) > ($1, $2) ORDER BY mid, sn LIMIT $3",
		       "XXI", ANYBODY(after_mid), ANYBODY(after_sn),
		       limit ? (int64_t)limit : INT64_MAX);
	if (ret)
		return ret;
	while ((ret = db_next(rows, error)) > 0) {
		for (i = 0; i < 2; i++) {
			len[i] = 0;
			db_bytes(rows, i, &len[i]);
			db_copy(rows, i, id[i], PDT1_ID_LEN);
		}
		deny = (struct store_deny) {
			.mid = len[0] ? id[0] : NULL,
			.sn = len[1] ? id[1] : NULL,
			.at = db_number(rows, 4),
		};
		deny.reason = db_text(rows, 2);
		deny.actor = db_text(rows, 3);
		ret = visit(&deny, arg);
		if (ret)
			break;
	}
	db_end(rows);
	return ret;
}

#define TERMS_COLUMNS \
	"allowed, hotline, need_subscription, need_rights, hosts_per_module, " \
	"modules_per_host, changes, change_days, module_issuer, host_issuer"

static void read_terms(struct db_rows *rows, struct rule_terms *terms)
{
	terms->allowed = db_number(rows, 0);
	terms->hotline = db_number(rows, 1);
	terms->need_subscription = db_number(rows, 2);
	terms->need_rights = (uint16_t)db_number(rows, 3);
	terms->hosts_per_module = (unsigned int)db_number(rows, 4);
	terms->modules_per_host = (unsigned int)db_number(rows, 5);
	terms->changes = (unsigned int)db_number(rows, 6);
	terms->change_days = (unsigned int)db_number(rows, 7);
}

/* A row that is found by its key: asked for as one of several, rows would be sorted
 * anew for each PIN.
 */
#define TERMS_OF(module, host, said) \
	"SELECT " TERMS_COLUMNS ", " said " AS said FROM terms " \
	"WHERE module_issuer = " module " AND host_issuer = " host

/**
 * store_find_terms() - Find the terms that count for a pairing.
 * @store: The database.
 * @mid: The module.
 * @sn: The host.
 * @terms: Receives them. Where an operator removed those for any issuer, too,
 *	nothing is allowed.
 * @error: Receives the reason of a failure.
 *
 * Return: 0 or a negative errno.
 */
int store_find_terms(struct store *store, const uint8_t mid[PDT1_ID_LEN],
		     const uint8_t sn[PDT1_ID_LEN], struct rule_terms *terms,
		     struct domain_error *error)
{
	struct db_rows *rows;
	int ret;

	memset(terms, 0, sizeof(*terms));
	ret = db_first(store->db, &rows, error,
		       TERMS_OF("$1", "$2", "0") " UNION ALL "
		       TERMS_OF("$1", "-1", "1") " UNION ALL "
		       TERMS_OF("-1", "$2", "2") " UNION ALL "
		       TERMS_OF("-1", "-1", "3") " ORDER BY said LIMIT 1",
		       "II", (int64_t)get_be16(mid), (int64_t)get_be16(sn));
	if (ret > 0) {
		read_terms(rows, terms);
		db_end(rows);
	}
	return ret < 0 ? ret : 0;
}

/**
 * store_set_terms() - Set the terms for just these issuers.
 * @store: The database.
 * @module_issuer: 0 to 65535, or -1 for any.
 * @host_issuer: Likewise.
 * @terms: The terms.
 * @error: Receives the reason of a failure.
 *
 * Return: 0 or a negative errno.
 */
int store_set_terms(struct store *store, int module_issuer, int host_issuer,
		    const struct rule_terms *terms, struct domain_error *error)
{
	return db_exec(store->db, error,
		       "INSERT INTO terms (" TERMS_COLUMNS ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (module_issuer, host_issuer) DO UPDATE SET allowed = excluded.allowed, hotline = excluded.hotline, need_subscription = excluded.need_subscription, need_rights = excluded.need_rights, hosts_per_module = excluded.hosts_per_module, modules_per_host = excluded.modules_per_host, changes = excluded.changes, change_days = excluded.change_days",
		       "IIIIIIIIII", (int64_t)terms->allowed,
		       (int64_t)terms->hotline,
		       (int64_t)terms->need_subscription,
		       (int64_t)terms->need_rights,
		       (int64_t)terms->hosts_per_module,
		       (int64_t)terms->modules_per_host,
		       (int64_t)terms->changes, (int64_t)terms->change_days,
		       (int64_t)module_issuer, (int64_t)host_issuer);
}

/**
 * store_remove_terms() - Remove the terms for just these issuers.
 * @store: The database.
 * @module_issuer: 0 to 65535, or -1 for any.
 * @host_issuer: Likewise.
 * @error: Receives the reason of a failure.
 *
 * Return: 0, -ENOENT, or another negative errno.
 */
int store_remove_terms(struct store *store, int module_issuer, int host_issuer,
		       struct domain_error *error)
{
	int64_t changes = 0;
	int err;

	err = db_change(store->db, error, &changes,
			"DELETE FROM terms WHERE module_issuer = $1 AND host_issuer = $2",
			"II", (int64_t)module_issuer, (int64_t)host_issuer);
	if (!err && !changes)
		err = domain_fail(error, -ENOENT,
				  "there is no rule for just these issuers; list them with: rules");
	return err;
}

/**
 * store_each_terms() - Visit all terms, those for any issuer first.
 * @store: The database.
 * @visit: Called for each; another value than 0 ends the visit.
 * @arg: For @visit.
 * @error: Receives the reason of a failure.
 *
 * Return: 0, what @visit returned, or a negative errno.
 */
int store_each_terms(struct store *store,
		     int (*visit)(int module_issuer, int host_issuer,
				  const struct rule_terms *terms, void *arg),
		     void *arg, struct domain_error *error)
{
	struct rule_terms terms;
	struct db_rows *rows;
	int ret;

	ret = db_query(store->db, &rows, error,
		       "SELECT " TERMS_COLUMNS " FROM terms ORDER BY module_issuer, host_issuer",
		       "");
	if (ret)
		return ret;
	while ((ret = db_next(rows, error)) > 0) {
		read_terms(rows, &terms);
		ret = visit((int)db_number(rows, 8), (int)db_number(rows, 9),
			    &terms, arg);
		if (ret)
			break;
	}
	db_end(rows);
	return ret;
}

/**
 * store_get_subscription() - Look up a module's subscription.
 * @store: The database.
 * @mid: The module.
 * @starts: Receives when it starts.
 * @ends: Receives the first second that is no part of it.
 * @error: Receives the reason of a failure.
 *
 * Return: 1, 0 where there is none, or a negative errno.
 */
int store_get_subscription(struct store *store, const uint8_t mid[PDT1_ID_LEN],
			   int64_t *starts, int64_t *ends,
			   struct domain_error *error)
{
	struct db_rows *rows;
	int ret;

	ret = db_first(store->db, &rows, error,
		       "SELECT starts, ends FROM subscription WHERE mid = $1",
		       "B", mid);
	if (ret > 0) {
		*starts = db_number(rows, 0);
		*ends = db_number(rows, 1);
		db_end(rows);
	}
	return ret;
}

/**
 * store_set_subscription() - Say from when to when a module may pair.
 * @store: The database.
 * @mid: A registered module.
 * @starts: Seconds since 1970.
 * @ends: Likewise.
 * @error: Receives the reason of a failure.
 *
 * Return: 0 or a negative errno.
 */
int store_set_subscription(struct store *store, const uint8_t mid[PDT1_ID_LEN],
			   int64_t starts, int64_t ends,
			   struct domain_error *error)
{
	return db_exec(store->db, error,
		       "INSERT INTO subscription (mid, starts, ends) VALUES ($1, $2, $3) ON CONFLICT (mid) DO UPDATE SET starts = excluded.starts, ends = excluded.ends",
		       "BII", mid, starts, ends);
}

/**
 * store_end_subscription() - Remove what was said of a module's subscription.
 * @store: The database.
 * @mid: The module.
 * @error: Receives the reason of a failure.
 *
 * Return: 0 or a negative errno.
 */
int store_end_subscription(struct store *store, const uint8_t mid[PDT1_ID_LEN],
			   struct domain_error *error)
{
	return db_exec(store->db, error,
		       "DELETE FROM subscription WHERE mid = $1", "B", mid);
}
