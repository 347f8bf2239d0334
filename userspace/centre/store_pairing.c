// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Pairings for which a PIN was issued, the states that modules have left, and
 * request codes that fitted nothing.
 */
#include <errno.h>
#include <string.h>

#include "centre/store_private.h"

/**
 * store_add_pairing() - Keep that a PIN was issued; once for each index and host.
 * @store: The database.
 * @pairing: All of it. Where it is there already nothing changes, unless it was
 *	superseded.
 * @error: Receives the reason of a failure.
 *
 * Return: 0 or a negative errno.
 */
int store_add_pairing(struct store *store, const struct store_pairing *pairing,
		      struct domain_error *error)
{
	return db_exec(store->db, error,
		       "INSERT INTO pairing (mid, n, sn, state, at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (mid, n, sn) DO UPDATE SET state = excluded.state WHERE pairing.state = 3",
		       "BIBII", pairing->mid, (int64_t)pairing->n, pairing->sn,
		       (int64_t)pairing->state, pairing->at);
}

static void read_pairing(struct db_rows *rows, struct store_pairing *pairing)
{
	db_copy(rows, 0, pairing->mid, PDT1_ID_LEN);
	pairing->n = (uint32_t)db_number(rows, 1);
	db_copy(rows, 2, pairing->sn, PDT1_ID_LEN);
	pairing->state = (enum store_pairing_state)db_number(rows, 3);
	pairing->at = db_number(rows, 4);
}

/**
 * store_get_pairing() - Look a pairing up.
 * @store: The database.
 * @mid: Module.
 * @n: Index that the PIN was issued for.
 * @sn: Host.
 * @pairing: Receives it.
 * @error: Receives the reason of a failure.
 *
 * Return: 1, 0 where no PIN was issued, or a negative errno.
 */
int store_get_pairing(struct store *store, const uint8_t mid[PDT1_ID_LEN],
		      uint32_t n, const uint8_t sn[PDT1_ID_LEN],
		      struct store_pairing *pairing, struct domain_error *error)
{
	struct db_rows *rows;
	int ret;

	ret = db_first(store->db, &rows, error,
		       "SELECT mid, n, sn, state, at FROM pairing WHERE mid = $1 AND n = $2 AND sn = $3",
		       "BIB", mid, (int64_t)n, sn);
	if (ret > 0) {
		read_pairing(rows, pairing);
		db_end(rows);
	}
	return ret;
}

/**
 * store_set_pairing() - Say what became of a pairing.
 * @store: The database.
 * @mid: Module.
 * @n: Its index.
 * @sn: Host.
 * @state: What.
 * @error: Receives the reason of a failure.
 *
 * Return: 0 or a negative errno.
 */
int store_set_pairing(struct store *store, const uint8_t mid[PDT1_ID_LEN],
		      uint32_t n, const uint8_t sn[PDT1_ID_LEN],
		      enum store_pairing_state state, struct domain_error *error)
{
	return db_exec(store->db, error,
		       "UPDATE pairing SET state = $1 WHERE mid = $2 AND n = $3 AND sn = $4",
		       "IBIB", (int64_t)state, mid, (int64_t)n, sn);
}

/**
 * store_prove_pairing() - The module shows that the PIN of an index was used.
 * @store: The database.
 * @mid: Module.
 * @n: The index.
 * @sn: The host that paired. Others that have a PIN of this index did not.
 * @error: Receives the reason of a failure.
 *
 * Return: 0 or a negative errno.
 */
int store_prove_pairing(struct store *store, const uint8_t mid[PDT1_ID_LEN],
			uint32_t n, const uint8_t sn[PDT1_ID_LEN],
			struct domain_error *error)
{
	return db_exec(store->db, error,
		       "UPDATE pairing SET state = CASE WHEN sn = $1 THEN 2 ELSE 3 END WHERE mid = $2 AND n = $3",
		       "BBI", sn, mid, (int64_t)n);
}

/**
 * store_end_pairings() - A module and a host are paired no more.
 * @store: The database.
 * @mid: Module.
 * @sn: Host.
 * @error: Receives the reason of a failure.
 *
 * PINs of the index that the module is at still count for what follows.
 *
 * Return: 0 or a negative errno.
 */
int store_end_pairings(struct store *store, const uint8_t mid[PDT1_ID_LEN],
		       const uint8_t sn[PDT1_ID_LEN], struct domain_error *error)
{
	return db_exec(store->db, error,
		       "UPDATE pairing SET state = 3 WHERE mid = $1 AND sn = $2 AND state <> 0",
		       "BB", mid, sn);
}

/**
 * store_each_pairing() - Visit pairings, the newest first.
 * @store: The database.
 * @mid: Of this module, or NULL for those of a host.
 * @sn: Of this host, or NULL for those of a module; not both are NULL.
 * @limit: Rows at most; 0 for all.
 * @visit: Called for each; another value than 0 ends the visit.
 * @arg: For @visit.
 * @error: Receives the reason of a failure.
 *
 * Return: 0, what @visit returned, or a negative errno.
 */
int store_each_pairing(struct store *store, const uint8_t *mid, const uint8_t *sn,
		       unsigned int limit,
		       int (*visit)(const struct store_pairing *pairing,
				    void *arg),
		       void *arg, struct domain_error *error)
{
	int64_t most = limit ? (int64_t)limit : INT64_MAX;
	struct store_pairing pairing;
	struct db_rows *rows;
	int ret;

	if (mid && sn)
		ret = db_query(store->db, &rows, error,
			       "SELECT mid, n, sn, state, at FROM pairing WHERE mid = $1 AND sn = $2 ORDER BY n DESC LIMIT $3",
			       "BBI", mid, sn, most);
	else if (mid)
		ret = db_query(store->db, &rows, error,
			       "SELECT mid, n, sn, state, at FROM pairing WHERE mid = $1 ORDER BY n DESC, sn LIMIT $2",
			       "BI", mid, most);
	else
		ret = db_query(store->db, &rows, error,
			       "SELECT mid, n, sn, state, at FROM pairing WHERE sn = $1 ORDER BY at DESC, mid, n LIMIT $2",
			       "BI", sn, most);
	if (ret)
		return ret;
	while ((ret = db_next(rows, error)) > 0) {
		read_pairing(rows, &pairing);
		ret = visit(&pairing, arg);
		if (ret)
			break;
	}
	db_end(rows);
	return ret;
}

/**
 * store_each_issue() - Visit the hosts that have a PIN of an index.
 * @store: The database.
 * @mid: Module.
 * @n: The index.
 * @visit: Called for each; another value than 0 ends the visit.
 * @arg: For @visit.
 * @error: Receives the reason of a failure.
 *
 * Return: 0, what @visit returned, or a negative errno.
 */
int store_each_issue(struct store *store, const uint8_t mid[PDT1_ID_LEN],
		     uint32_t n,
		     int (*visit)(const uint8_t sn[PDT1_ID_LEN], void *arg),
		     void *arg, struct domain_error *error)
{
	uint8_t sn[PDT1_ID_LEN];
	struct db_rows *rows;
	int ret;

	ret = db_query(store->db, &rows, error,
		       "SELECT sn FROM pairing WHERE mid = $1 AND n = $2 ORDER BY sn",
		       "BI", mid, (int64_t)n);
	if (ret)
		return ret;
	while ((ret = db_next(rows, error)) > 0) {
		db_copy(rows, 0, sn, PDT1_ID_LEN);
		ret = visit(sn, arg);
		if (ret)
			break;
	}
	db_end(rows);
	return ret;
}

static int take_count(unsigned int *value, int ret, int64_t got)
{
	*value = (unsigned int)got;
	return ret < 0 ? ret : 0;
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
	int64_t got = 0;
	int ret;

	ret = db_get(store->db, &got, error,
		     "SELECT count(*) FROM audit WHERE mid = $1 AND at > $2 AND result = 'issued'",
		     "BI", mid, since);
	return take_count(count, ret, got);
}

/**
 * store_count_hosts() - Count the other hosts that a module is paired with.
 * @store: The database.
 * @mid: The module.
 * @sn: The host that does not count.
 * @count: Receives how many, as far as confirmations and later request codes
 *	tell.
 * @known: Receives whether @sn is paired with it.
 * @error: Receives the reason of a failure.
 *
 * Return: 0 or a negative errno.
 */
int store_count_hosts(struct store *store, const uint8_t mid[PDT1_ID_LEN],
		      const uint8_t sn[PDT1_ID_LEN], unsigned int *count,
		      bool *known, struct domain_error *error)
{
	struct db_rows *rows;
	int ret;

	*count = 0;
	*known = false;
	ret = db_first(store->db, &rows, error,
		       "SELECT count(DISTINCT CASE WHEN sn <> $1 THEN sn END), count(CASE WHEN sn = $1 THEN 1 END) FROM pairing WHERE mid = $2 AND state IN (1, 2)",
		       "BB", sn, mid);
	if (ret > 0) {
		*count = (unsigned int)db_number(rows, 0);
		*known = db_number(rows, 1);
		db_end(rows);
	}
	return ret < 0 ? ret : 0;
}

/**
 * store_count_modules() - Count the other modules that a host is paired with.
 * @store: The database.
 * @sn: The host.
 * @mid: The module that does not count.
 * @count: Receives how many.
 * @error: Receives the reason of a failure.
 *
 * Return: 0 or a negative errno.
 */
int store_count_modules(struct store *store, const uint8_t sn[PDT1_ID_LEN],
			const uint8_t mid[PDT1_ID_LEN], unsigned int *count,
			struct domain_error *error)
{
	int64_t got = 0;
	int ret;

	ret = db_get(store->db, &got, error,
		     "SELECT count(DISTINCT mid) FROM pairing WHERE sn = $1 AND mid <> $2 AND state IN (1, 2)",
		     "BB", sn, mid);
	return take_count(count, ret, got);
}

/**
 * store_count_changes() - Count the hosts that a module was new to of late.
 * @store: The database.
 * @mid: The module.
 * @sn: A host that does not count.
 * @since: Hosts whose first PIN is later than this.
 * @count: Receives how many.
 * @error: Receives the reason of a failure.
 *
 * Return: 0 or a negative errno.
 */
int store_count_changes(struct store *store, const uint8_t mid[PDT1_ID_LEN],
			const uint8_t sn[PDT1_ID_LEN], int64_t since,
			unsigned int *count, struct domain_error *error)
{
	int64_t got = 0;
	int ret;

	ret = db_get(store->db, &got, error,
		     "SELECT count(*) FROM (SELECT sn FROM pairing WHERE mid = $1 AND sn <> $2 GROUP BY sn HAVING min(at) > $3) AS new_hosts",
		     "BBI", mid, sn, since);
	return take_count(count, ret, got);
}

/**
 * store_add_former() - Keep a state that a module is in no more.
 * @store: The database.
 * @mid: Module.
 * @n: Its index then.
 * @ft: Its fork tag then.
 * @mpin: Generation of MPIN that its PIN key was of.
 * @copy: Only a copy of the module can be in it.
 * @error: Receives the reason of a failure.
 *
 * Return: 0 or a negative errno.
 */
int store_add_former(struct store *store, const uint8_t mid[PDT1_ID_LEN],
		     uint32_t n, const uint8_t ft[PDT1_FT_LEN], uint16_t mpin,
		     bool copy, struct domain_error *error)
{
	return db_exec(store->db, error,
		       "INSERT INTO former (mid, n, ft, mpin, copy) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
		       "BIBII", mid, (int64_t)n, ft, (int64_t)mpin,
		       (int64_t)copy);
}

/**
 * store_each_former() - Visit the states at an index that a module is in no more.
 * @store: The database.
 * @mid: Module.
 * @n: The index.
 * @visit: Called for each; another value than 0 ends the visit.
 * @arg: For @visit.
 * @error: Receives the reason of a failure.
 *
 * Return: 0, what @visit returned, or a negative errno.
 */
int store_each_former(struct store *store, const uint8_t mid[PDT1_ID_LEN],
		      uint32_t n,
		      int (*visit)(const uint8_t ft[PDT1_FT_LEN], uint16_t mpin,
				   bool copy, void *arg),
		      void *arg, struct domain_error *error)
{
	uint8_t ft[PDT1_FT_LEN];
	struct db_rows *rows;
	int ret;

	ret = db_query(store->db, &rows, error,
		       "SELECT ft, mpin, copy FROM former WHERE mid = $1 AND n = $2",
		       "BI", mid, (int64_t)n);
	if (ret)
		return ret;
	while ((ret = db_next(rows, error)) > 0) {
		db_copy(rows, 0, ft, PDT1_FT_LEN);
		ret = visit(ft, (uint16_t)db_number(rows, 1),
			    db_number(rows, 2), arg);
		if (ret)
			break;
	}
	db_end(rows);
	return ret;
}

/**
 * store_get_wrong() - How many request codes of a requester were wrong.
 * @store: The database.
 * @mid: Module.
 * @sn: Host.
 * @wrong: Receives it; 0 where there was none.
 * @error: Receives the reason of a failure.
 *
 * Return: 0 or a negative errno.
 */
int store_get_wrong(struct store *store, const uint8_t mid[PDT1_ID_LEN],
		    const uint8_t sn[PDT1_ID_LEN], unsigned int *wrong,
		    struct domain_error *error)
{
	int64_t got = 0;
	int ret;

	ret = db_get(store->db, &got, error,
		     "SELECT wrong FROM requester WHERE mid = $1 AND sn = $2",
		     "BB", mid, sn);
	return take_count(wrong, ret, got);
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
		return db_exec(store->db, error,
			       "DELETE FROM requester WHERE mid = $1 AND sn = $2",
			       "BB", mid, sn);
	return db_exec(store->db, error,
		       "INSERT INTO requester (mid, sn, wrong) VALUES ($1, $2, $3) ON CONFLICT (mid, sn) DO UPDATE SET wrong = excluded.wrong",
		       "BBI", mid, sn, (int64_t)wrong);
}
