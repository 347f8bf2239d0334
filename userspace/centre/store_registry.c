// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Modules and hosts.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "centre/store_private.h"

#define MODULE_COLUMNS \
	"m.mid, m.pin_policy, m.ptc_max, m.n0, m.ft0, m.n, m.ft, m.seq, m.mseq, " \
	"m.mpin, m.mmgt, m.version, coalesce(m.tries, -1), m.frozen, m.awaiting, " \
	"m.seen, coalesce(m.hold, ''), " \
	"(SELECT count(*) FROM deny d WHERE d.mid = m.mid AND length(d.sn) = 0)"

static void read_module(struct db_rows *rows, struct store_module *module)
{
	db_copy(rows, 0, module->mid, PDT1_ID_LEN);
	module->pin_policy = (uint8_t)db_number(rows, 1);
	module->ptc_max = (uint8_t)db_number(rows, 2);
	module->n0 = (uint32_t)db_number(rows, 3);
	db_copy(rows, 4, module->ft0, PDT1_FT_LEN);
	module->n = (uint32_t)db_number(rows, 5);
	db_copy(rows, 6, module->ft, PDT1_FT_LEN);
	module->seq = (uint32_t)db_number(rows, 7);
	module->mseq = (uint32_t)db_number(rows, 8);
	module->mpin = (uint16_t)db_number(rows, 9);
	module->mmgt = (uint16_t)db_number(rows, 10);
	module->version = (uint16_t)db_number(rows, 11);
	module->tries = (int)db_number(rows, 12);
	module->frozen = db_number(rows, 13);
	module->awaiting = db_number(rows, 14);
	module->seen = db_number(rows, 15);
	snprintf(module->hold, sizeof(module->hold), "%s", db_text(rows, 16));
	module->denied = db_number(rows, 17);
}

/**
 * store_get_module() - Look a module up.
 * @store: The database.
 * @mid: Its identifier.
 * @module: Receives it.
 * @error: Receives the reason of a failure.
 *
 * Return: 1, 0 where it is not registered, or a negative errno.
 */
int store_get_module(struct store *store, const uint8_t mid[PDT1_ID_LEN],
		     struct store_module *module, struct domain_error *error)
{
	struct db_rows *rows;
	int ret;

	ret = db_first(store->db, &rows, error,
		       "SELECT " MODULE_COLUMNS " FROM module m WHERE m.mid = $1",
		       "B", mid);
	if (ret > 0) {
		read_module(rows, module);
		db_end(rows);
	}
	return ret;
}

/**
 * store_add_module() - Register a module.
 * @store: The database.
 * @module: All of it but @denied and @hold; its index and fork tag are also
 *	kept as those of its registration.
 * @error: Receives the reason of a failure.
 *
 * Return: 0 or a negative errno.
 */
int store_add_module(struct store *store, const struct store_module *module,
		     struct domain_error *error)
{
	return db_exec(store->db, error,
		       "INSERT INTO module (mid, pin_policy, ptc_max, n0, ft0, n, ft, mpin, mmgt, version) VALUES ($1, $2, $3, $4, $5, $4, $5, $6, $7, $8)",
		       "BIIIBIII", module->mid, (int64_t)module->pin_policy,
		       (int64_t)module->ptc_max, (int64_t)module->n, module->ft,
		       (int64_t)module->mpin, (int64_t)module->mmgt,
		       (int64_t)module->version);
}

/**
 * store_set_module() - Keep what is known of a module now.
 * @store: The database.
 * @module: All of it; @denied and what was registered are not touched.
 * @error: Receives the reason of a failure.
 *
 * Return: 0 or a negative errno.
 */
int store_set_module(struct store *store, const struct store_module *module,
		     struct domain_error *error)
{
	return db_exec(store->db, error,
		       "UPDATE module SET pin_policy = $1, ptc_max = $2, n = $3, ft = $4, seq = $5, mseq = $6, mpin = $7, mmgt = $8, version = $9, tries = $10, frozen = $11, awaiting = $12, seen = $13, hold = $14 WHERE mid = $15",
		       module->tries < 0 ? "IIIBIIIIINIIITB" : "IIIBIIIIIIIIITB",
		       (int64_t)module->pin_policy, (int64_t)module->ptc_max,
		       (int64_t)module->n, module->ft, (int64_t)module->seq,
		       (int64_t)module->mseq, (int64_t)module->mpin,
		       (int64_t)module->mmgt, (int64_t)module->version,
		       (int64_t)module->tries, (int64_t)module->frozen,
		       (int64_t)module->awaiting, module->seen,
		       module->hold[0] ? module->hold : NULL, module->mid);
}

/**
 * store_await_all() - Issue no PIN for any module before its next report.
 * @store: The database; a transaction is open.
 * @error: Receives the reason of a failure.
 *
 * Return: 0 or a negative errno.
 */
int store_await_all(struct store *store, struct domain_error *error)
{
	return db_exec(store->db, error, "UPDATE module SET awaiting = 1", "");
}

/* Whether the decimal digits of an identifier's serial end in @tail. */
static bool ends_in(const uint8_t id[PDT1_ID_LEN], const char *tail)
{
	uint64_t serial = 0;
	char text[24];
	size_t len, tail_len;
	int i;

	if (!tail || !*tail)
		return true;
	for (i = 2; i < PDT1_ID_LEN; i++)
		serial = serial << 8 | id[i];
	len = (size_t)snprintf(text, sizeof(text), "%llu",
			       (unsigned long long)serial);
	tail_len = strlen(tail);
	return tail_len <= len && !strcmp(text + len - tail_len, tail);
}

static const uint8_t *page_after(const struct store_page *page)
{
	return page ? page->after : NULL;
}

/**
 * store_each_module() - Visit the modules in the order of their identifiers.
 * @store: The database.
 * @page: Which, or NULL for all.
 * @visit: Called for each; another value than 0 ends the visit.
 * @arg: For @visit.
 * @error: Receives the reason of a failure.
 *
 * A search by the tail of a serial looks at every module.
 *
 * Return: 0, what @visit returned, or a negative errno.
 */
int store_each_module(struct store *store, const struct store_page *page,
		      int (*visit)(const struct store_module *module, void *arg),
		      void *arg, struct domain_error *error)
{
	const uint8_t *after = page_after(page);
	struct store_module module;
	unsigned int seen = 0;
	struct db_rows *rows;
	int ret;

	ret = db_query(store->db, &rows, error,
		       "SELECT " MODULE_COLUMNS " FROM module m WHERE m.mid > $1 ORDER BY m.mid",
		       "X", after ? after : (const uint8_t *)"",
		       (size_t)(after ? PDT1_ID_LEN : 0));
	if (ret)
		return ret;
	while ((!page || !page->limit || seen < page->limit) &&
	       (ret = db_next(rows, error)) > 0) {
		read_module(rows, &module);
		if (page && !ends_in(module.mid, page->tail)) {
			ret = 0;
			continue;
		}
		seen++;
		ret = visit(&module, arg);
		if (ret)
			break;
	}
	db_end(rows);
	return ret;
}

#define HOST_COLUMNS \
	"h.sn, h.rights, h.cyid, " \
	"(SELECT count(*) FROM deny d WHERE d.sn = h.sn AND length(d.mid) = 0)"

static void read_host(struct db_rows *rows, struct store_host *host)
{
	db_copy(rows, 0, host->sn, PDT1_ID_LEN);
	host->rights = (uint16_t)db_number(rows, 1);
	host->cyid = (uint32_t)db_number(rows, 2);
	host->denied = db_number(rows, 3);
}

/**
 * store_get_host() - Look a host up.
 * @store: The database.
 * @sn: Its identifier.
 * @host: Receives it.
 * @error: Receives the reason of a failure.
 *
 * Return: 1, 0 where it is not registered, or a negative errno.
 */
int store_get_host(struct store *store, const uint8_t sn[PDT1_ID_LEN],
		   struct store_host *host, struct domain_error *error)
{
	struct db_rows *rows;
	int ret;

	ret = db_first(store->db, &rows, error,
		       "SELECT " HOST_COLUMNS " FROM host h WHERE h.sn = $1",
		       "B", sn);
	if (ret > 0) {
		read_host(rows, host);
		db_end(rows);
	}
	return ret;
}

/**
 * store_add_host() - Register a host.
 * @store: The database.
 * @host: All of it but @denied.
 * @error: Receives the reason of a failure.
 *
 * Return: 0, -EEXIST where it is registered, or another negative errno.
 */
int store_add_host(struct store *store, const struct store_host *host,
		   struct domain_error *error)
{
	return db_exec(store->db, error,
		       "INSERT INTO host (sn, rights, cyid) VALUES ($1, $2, $3)",
		       "BII", host->sn, (int64_t)host->rights,
		       (int64_t)host->cyid);
}

/**
 * store_each_host() - Visit the hosts in the order of their identifiers.
 * @store: The database.
 * @page: As in store_each_module().
 * @visit: Likewise.
 * @arg: For @visit.
 * @error: Receives the reason of a failure.
 *
 * Return: 0, what @visit returned, or a negative errno.
 */
int store_each_host(struct store *store, const struct store_page *page,
		    int (*visit)(const struct store_host *host, void *arg),
		    void *arg, struct domain_error *error)
{
	const uint8_t *after = page_after(page);
	struct store_host host;
	unsigned int seen = 0;
	struct db_rows *rows;
	int ret;

	ret = db_query(store->db, &rows, error,
		       "SELECT " HOST_COLUMNS " FROM host h WHERE h.sn > $1 ORDER BY h.sn",
		       "X", after ? after : (const uint8_t *)"",
		       (size_t)(after ? PDT1_ID_LEN : 0));
	if (ret)
		return ret;
	while ((!page || !page->limit || seen < page->limit) &&
	       (ret = db_next(rows, error)) > 0) {
		read_host(rows, &host);
		if (page && !ends_in(host.sn, page->tail)) {
			ret = 0;
			continue;
		}
		seen++;
		ret = visit(&host, arg);
		if (ret)
			break;
	}
	db_end(rows);
	return ret;
}
