// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Appending to the audit trail, reading it, and finding out whether it is what
 * was written.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <nettle/memops.h>
#include <nettle/sha2.h>

#include "centre/store_private.h"
#include "domain/bytes.h"

/* Form of what a MAC covers. */
#define VERSION		1

#define LABEL_KEY	"centre-audit"
#define CONTEXT_ROW	"smpair audit row"
#define CONTEXT_HEAD	"smpair audit head"

/* Longest row as a MAC covers it. */
#define FORM_MAX	(64 + STORE_ACTOR_MAX + 3 * 64 + AUDIT_DETAIL_MAX + 64)

struct form {
	uint8_t bytes[FORM_MAX];
	size_t len;
};

static void put(struct form *form, const void *bytes, size_t len)
{
	if (len > sizeof(form->bytes) - form->len)
		len = sizeof(form->bytes) - form->len;
	memcpy(form->bytes + form->len, bytes, len);
	form->len += len;
}

static void put_number(struct form *form, uint64_t value)
{
	uint8_t bytes[8];

	put_be64(bytes, value);
	put(form, bytes, sizeof(bytes));
}

/* Its length goes first, so that no two rows look alike; NULL is not empty. */
static void put_text(struct form *form, const char *text)
{
	put_number(form, text ? strlen(text) : UINT64_MAX);
	if (text)
		put(form, text, strlen(text));
}

static void put_id(struct form *form, const uint8_t *id)
{
	put_number(form, id ? PDT1_ID_LEN : 0);
	if (id)
		put(form, id, PDT1_ID_LEN);
}

static void form_row(struct form *form, const struct audit_row *row,
		     unsigned int version, unsigned int key_id)
{
	form->len = 0;
	put(form, CONTEXT_ROW, sizeof(CONTEXT_ROW));
	put_number(form, version);
	put_number(form, key_id);
	put_number(form, (uint64_t)row->seq);
	put_number(form, (uint64_t)row->at);
	put_text(form, row->actor);
	put_text(form, row->action);
	put_id(form, row->mid);
	put_id(form, row->sn);
	put_number(form, row->has_n ? row->n : UINT64_MAX);
	put_number(form, row->has_known_n ? row->known_n : UINT64_MAX);
	put_text(form, row->result);
	put_text(form, row->cause);
	put_text(form, row->detail);
}

static void mac_row(const uint8_t key[PDT1_KEY_LEN], struct form *form,
		    const uint8_t before[AUDIT_MAC_LEN],
		    uint8_t mac[AUDIT_MAC_LEN])
{
	put(form, before, AUDIT_MAC_LEN);
	domain_mac_library.hmac(&domain_mac_library, key, form->bytes,
				form->len, mac);
}

static void seal_head(const uint8_t key[PDT1_KEY_LEN],
		      const struct audit_mark *end, uint8_t seal[AUDIT_MAC_LEN])
{
	struct form form = { .len = 0 };

	put(&form, CONTEXT_HEAD, sizeof(CONTEXT_HEAD));
	put_number(&form, (uint64_t)end->seq);
	put(&form, end->mac, AUDIT_MAC_LEN);
	domain_mac_library.hmac(&domain_mac_library, key, form.bytes, form.len,
				seal);
}

/* Rows from before there were MACs are covered by the first one: @digest goes
 * on over each of them.
 */
static void digest_older(uint8_t digest[AUDIT_MAC_LEN], struct form *form)
{
	struct sha256_ctx sha;

	sha256_init(&sha);
	sha256_update(&sha, AUDIT_MAC_LEN, digest);
	sha256_update(&sha, form->len, form->bytes);
	sha256_digest(&sha, AUDIT_MAC_LEN, digest);
}

#define COLUMNS \
	"seq, at, actor, action, mid, sn, n, known_n, result, cause, detail, " \
	"version, key_id, mac"

struct read {
	struct audit_row row;
	uint8_t mid[PDT1_ID_LEN];
	uint8_t sn[PDT1_ID_LEN];
	unsigned int version;
	unsigned int key_id;
	uint8_t mac[AUDIT_MAC_LEN];
};

static void read_row(struct db_rows *rows, struct read *read)
{
	struct audit_row *row = &read->row;

	row->seq = db_number(rows, 0);
	row->at = db_number(rows, 1);
	row->actor = db_text(rows, 2);
	row->action = db_text(rows, 3);
	row->mid = db_bytes(rows, 4, NULL) ? read->mid : NULL;
	row->sn = db_bytes(rows, 5, NULL) ? read->sn : NULL;
	db_copy(rows, 4, read->mid, PDT1_ID_LEN);
	db_copy(rows, 5, read->sn, PDT1_ID_LEN);
	row->has_n = db_bytes(rows, 6, NULL);
	row->n = (uint32_t)db_number(rows, 6);
	row->has_known_n = db_bytes(rows, 7, NULL);
	row->known_n = (uint32_t)db_number(rows, 7);
	row->result = db_text(rows, 8);
	row->cause = db_text(rows, 9);
	row->detail = db_text(rows, 10);
	read->version = (unsigned int)db_number(rows, 11);
	read->key_id = (unsigned int)db_number(rows, 12);
	db_copy(rows, 13, read->mac, AUDIT_MAC_LEN);
}

static int derive_key(struct provider *provider, uint16_t key_id,
		      uint8_t key[PDT1_KEY_LEN], struct domain_error *error)
{
	return provider_derive(provider, MASTER_MPIN, key_id, LABEL_KEY, NULL,
			       0, key, PDT1_KEY_LEN, error);
}

/**
 * audit_start() - Make ready for appending.
 * @store: The database.
 * @provider: Holds MPIN, from whose newest generation the key follows; not needed
 *	afterwards.
 * @error: Receives the reason of a failure.
 *
 * Called again it goes on under what is the newest generation then.
 *
 * Return: 0 or a negative errno.
 */
int audit_start(struct store *store, struct provider *provider,
		struct domain_error *error)
{
	struct audit_trail *trail = &store->trail;
	uint16_t key_id = provider_newest(provider, MASTER_MPIN);
	int err;

	err = derive_key(provider, key_id, trail->key, error);
	if (err)
		return err;
	trail->key_id = key_id;
	trail->started = true;
	return 0;
}

static int read_head(struct store *store, struct audit_mark *end,
		     struct domain_error *error)
{
	struct db_rows *rows;
	int ret;

	ret = db_first(store->db, &rows, error,
		       "SELECT seq, mac FROM audit_head WHERE id = 1", "");
	if (ret > 0) {
		end->seq = db_number(rows, 0);
		db_copy(rows, 1, end->mac, AUDIT_MAC_LEN);
		db_end(rows);
	}
	return ret;
}

/**
 * audit_ahead() - Ask ahead where the trail ends.
 * @store: The database, after store_ahead().
 * @error: Scratch.
 */
void audit_ahead(struct store *store, struct domain_error *error)
{
	struct audit_mark end;

	if (!store->trail.loaded)
		read_head(store, &end, error);
}

/* Where there is no head yet, the trail begins after the older rows. */
static int begin_trail(struct store *store, struct audit_mark *end,
		       struct domain_error *error)
{
	struct db_rows *rows;
	struct form form;
	struct read read;
	int ret;

	memset(end, 0, sizeof(*end));
	ret = db_query(store->db, &rows, error,
		       "SELECT " COLUMNS " FROM audit WHERE version = 0 ORDER BY seq",
		       "");
	if (ret)
		return ret;
	while ((ret = db_next(rows, error)) > 0) {
		read_row(rows, &read);
		form_row(&form, &read.row, 0, 0);
		digest_older(end->mac, &form);
		end->seq = read.row.seq;
	}
	db_end(rows);
	return ret;
}

static int load_head(struct store *store, struct domain_error *error)
{
	struct audit_trail *trail = &store->trail;
	int ret;

	ret = read_head(store, &trail->end, error);
	if (!ret)
		ret = begin_trail(store, &trail->end, error);
	trail->loaded = ret >= 0;
	return ret < 0 ? ret : 0;
}

/**
 * audit_find_end() - Find where the trail ends, before anything is changed.
 * @store: The database, in a transaction.
 * @error: Receives the reason of a failure.
 *
 * audit_append() does so where it was not done; but what was asked ahead is of no
 * use any more then.
 *
 * Return: 0 or a negative errno.
 */
int audit_find_end(struct store *store, struct domain_error *error)
{
	return store->trail.loaded ? 0 : load_head(store, error);
}

/**
 * audit_append() - Append a row, in the transaction of what it tells.
 * @store: The database; audit_start() was called.
 * @row: The row. Its texts are at most %STORE_ACTOR_MAX - 1, 63, 63, 63 and
 *	%AUDIT_DETAIL_MAX bytes; longer ones are refused. Receives its number.
 * @error: Receives the reason of a failure.
 *
 * Return: 0 or a negative errno; -EMSGSIZE for a text that is too long.
 */
int audit_append(struct store *store, struct audit_row *row,
		 struct domain_error *error)
{
	struct audit_trail *trail = &store->trail;
	char types[] = "IITTBBNNTTTIIX";
	uint8_t mac[AUDIT_MAC_LEN];
	struct form form;
	int err;

	if (row->has_n)
		types[6] = 'I';
	if (row->has_known_n)
		types[7] = 'I';
	if (!trail->started)
		return domain_fail(error, -ENOKEY,
				   "nothing can be recorded without the masters; name what holds them with --mac");
	if (strlen(row->actor) >= STORE_ACTOR_MAX || strlen(row->action) > 63 ||
	    strlen(row->result) > 63 || strlen(row->cause) > 63 ||
	    (row->detail && strlen(row->detail) > AUDIT_DETAIL_MAX))
		return domain_fail(error, -EMSGSIZE,
				   "what is to be recorded is too long; give a shorter reason");
	err = audit_find_end(store, error);
	if (err)
		return err;

	row->seq = trail->end.seq + 1;
	form_row(&form, row, VERSION, trail->key_id);
	mac_row(trail->key, &form, trail->end.mac, mac);
	err = db_exec(store->db, error,
		      "INSERT INTO audit (" COLUMNS ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
		      types, row->seq, row->at, row->actor, row->action,
		      row->mid, row->sn, (int64_t)row->n, (int64_t)row->known_n,
		      row->result, row->cause, row->detail, (int64_t)VERSION,
		      (int64_t)trail->key_id, mac, sizeof(mac));
	if (err)
		return err;
	trail->end.seq = row->seq;
	memcpy(trail->end.mac, mac, sizeof(mac));
	trail->grown = true;
	return 0;
}

/**
 * audit_seal() - Write where the trail ends now; part of every commit.
 * @store: The database.
 * @error: Receives the reason of a failure.
 *
 * Return: 0 or a negative errno.
 */
int audit_seal(struct store *store, struct domain_error *error)
{
	struct audit_trail *trail = &store->trail;
	uint8_t seal[AUDIT_MAC_LEN];
	int err;

	if (!trail->grown)
		return 0;
	seal_head(trail->key, &trail->end, seal);
	err = db_exec(store->db, error,
		      "INSERT INTO audit_head (id, seq, mac, key_id, seal) VALUES (1, $1, $2, $3, $4) ON CONFLICT (id) DO UPDATE SET seq = excluded.seq, mac = excluded.mac, key_id = excluded.key_id, seal = excluded.seal",
		      "IXIX", trail->end.seq, trail->end.mac,
		      sizeof(trail->end.mac), (int64_t)trail->key_id, seal,
		      sizeof(seal));
	if (!err)
		trail->grown = false;
	return err;
}

/* Two ends and two orders of one listing, with each way to narrow it. */
#define WHERE_RANGE	"seq > $1 AND seq < $2"
#define SELECT_ROWS(where, order) \
	"SELECT " COLUMNS " FROM audit WHERE " where " ORDER BY seq " order " LIMIT $3"

static int select_rows(struct store *store, const struct audit_filter *filter,
		       struct db_rows **rows, struct domain_error *error)
{
	int64_t before = filter->before ? filter->before : INT64_MAX;
	int64_t after = filter->after ? filter->after : INT64_MIN;
	int64_t limit = filter->limit ? (int64_t)filter->limit : INT64_MAX;

	if (filter->mid && filter->sn)
		return db_query(store->db, rows, error, filter->newest_first ?
				SELECT_ROWS(WHERE_RANGE " AND mid = $4 AND sn = $5", "DESC") :
				SELECT_ROWS(WHERE_RANGE " AND mid = $4 AND sn = $5", "ASC"),
				"IIIBB", after, before, limit,
				filter->mid, filter->sn);
	if (filter->mid)
		return db_query(store->db, rows, error, filter->newest_first ?
				SELECT_ROWS(WHERE_RANGE " AND mid = $4", "DESC") :
				SELECT_ROWS(WHERE_RANGE " AND mid = $4", "ASC"),
				"IIIB", after, before, limit, filter->mid);
	if (filter->sn)
		return db_query(store->db, rows, error, filter->newest_first ?
				SELECT_ROWS(WHERE_RANGE " AND sn = $4", "DESC") :
				SELECT_ROWS(WHERE_RANGE " AND sn = $4", "ASC"),
				"IIIB", after, before, limit, filter->sn);
	return db_query(store->db, rows, error, filter->newest_first ?
			SELECT_ROWS(WHERE_RANGE, "DESC") :
			SELECT_ROWS(WHERE_RANGE, "ASC"), "III", after, before,
			limit);
}

/**
 * audit_each() - Visit rows.
 * @store: The database.
 * @filter: Which.
 * @visit: Called for each; another value than 0 ends the visit.
 * @arg: For @visit.
 * @error: Receives the reason of a failure.
 *
 * Return: 0, what @visit returned, or a negative errno.
 */
int audit_each(struct store *store, const struct audit_filter *filter,
	       int (*visit)(const struct audit_row *row, void *arg), void *arg,
	       struct domain_error *error)
{
	struct db_rows *rows;
	struct read read;
	int ret;

	ret = select_rows(store, filter, &rows, error);
	if (ret)
		return ret;
	while ((ret = db_next(rows, error)) > 0) {
		read_row(rows, &read);
		ret = visit(&read.row, arg);
		if (ret)
			break;
	}
	db_end(rows);
	return ret;
}

struct verify {
	struct provider *provider;
	const struct audit_mark *mark;
	struct audit_verdict *verdict;
	struct domain_error *error;
	bool begun;		/* a row under a MAC was seen */
	bool marked;		/* and the row of the mark */
	uint16_t key_id;	/* 0: no key yet */
	uint8_t key[PDT1_KEY_LEN];
};

static int blame(struct verify *v, enum audit_fault fault, int64_t seq)
{
	v->verdict->fault = fault;
	v->verdict->seq = seq;
	return 1;
}

static int need_key(struct verify *v, unsigned int key_id, int64_t seq)
{
	int err;

	if (v->key_id == key_id)
		return 0;
	if (!key_id || key_id > UINT16_MAX)
		return blame(v, AUDIT_CHANGED, seq);
	err = derive_key(v->provider, (uint16_t)key_id, v->key, v->error);
	if (err == -ENOKEY)
		return blame(v, AUDIT_NO_KEY, seq);
	v->key_id = err ? 0 : (uint16_t)key_id;
	return err;
}

static int verify_row(struct verify *v, const struct read *read)
{
	struct audit_mark *end = &v->verdict->end;
	uint8_t mac[AUDIT_MAC_LEN];
	struct form form;
	int ret;

	form_row(&form, &read->row, read->version, read->key_id);
	if (!read->version && !v->begun) {
		digest_older(end->mac, &form);
		end->seq = read->row.seq;
		v->verdict->older++;
		return 0;
	}
	if (read->version != VERSION)
		return blame(v, AUDIT_CHANGED, read->row.seq);
	if (read->row.seq != end->seq + 1)
		return blame(v, AUDIT_MISSING, end->seq + 1);
	ret = need_key(v, read->key_id, read->row.seq);
	if (ret)
		return ret;
	mac_row(v->key, &form, end->mac, mac);
	if (!memeql_sec(mac, read->mac, sizeof(mac)))
		return blame(v, AUDIT_CHANGED, read->row.seq);
	v->begun = true;
	v->verdict->rows++;
	end->seq = read->row.seq;
	memcpy(end->mac, mac, sizeof(mac));
	if (v->mark && v->mark->seq == end->seq) {
		v->marked = true;
		if (!memeql_sec(mac, v->mark->mac, sizeof(mac)))
			return blame(v, AUDIT_UNMARKED, end->seq);
	}
	return 0;
}

static int verify_head(struct store *store, struct verify *v)
{
	const struct audit_mark *end = &v->verdict->end;
	uint8_t mac[AUDIT_MAC_LEN], seal[AUDIT_MAC_LEN], want[AUDIT_MAC_LEN];
	unsigned int key_id = 0;
	struct db_rows *rows;
	int64_t seq = 0;
	int ret;

	ret = db_first(store->db, &rows, v->error,
		       "SELECT seq, mac, key_id, seal FROM audit_head WHERE id = 1",
		       "");
	if (ret > 0) {
		seq = db_number(rows, 0);
		db_copy(rows, 1, mac, sizeof(mac));
		key_id = (unsigned int)db_number(rows, 2);
		db_copy(rows, 3, seal, sizeof(seal));
		db_end(rows);
	}
	if (ret < 0)
		return ret;
	/* A trail that was never begun has neither rows nor a head. */
	if (!ret)
		return v->begun ? blame(v, AUDIT_CUT, end->seq) : 0;
	ret = need_key(v, key_id, seq);
	if (ret)
		return ret;
	if (seq != end->seq || !memeql_sec(mac, end->mac, sizeof(mac)))
		return blame(v, AUDIT_CUT, end->seq + 1);
	seal_head(v->key, end, want);
	if (!memeql_sec(want, seal, sizeof(want)))
		return blame(v, AUDIT_CUT, seq);
	return 0;
}

static int verify_rows(struct store *store, struct verify *v, int64_t from)
{
	const struct audit_filter filter = { .after = from };
	struct db_rows *rows;
	struct read read;
	int ret;

	ret = select_rows(store, &filter, &rows, v->error);
	if (ret)
		return ret;
	while ((ret = db_next(rows, v->error)) > 0) {
		read_row(rows, &read);
		ret = verify_row(v, &read);
		if (ret)
			break;
	}
	db_end(rows);
	return ret;
}

/* Begins behind a row that is believed, to look at the tail only. */
static int start_behind(struct store *store, struct verify *v, int64_t from)
{
	struct audit_mark *end = &v->verdict->end;
	struct db_rows *rows;
	int ret;

	ret = db_first(store->db, &rows, v->error,
		       "SELECT mac FROM audit WHERE seq = $1 AND version > 0",
		       "I", from);
	if (ret > 0) {
		end->seq = from;
		db_copy(rows, 0, end->mac, AUDIT_MAC_LEN);
		v->begun = true;
		db_end(rows);
	}
	return ret < 0 ? ret : ret ? 0 : blame(v, AUDIT_MISSING, from);
}

/**
 * audit_verify() - Find out whether the trail is what was written.
 * @store: The database. Sees one state if called in a transaction.
 * @provider: Holds every generation of MPIN that a row is under.
 * @mark: Where the trail ended at some time, or NULL: kept elsewhere, it proves
 *	that the whole database is none that was put in place of this one.
 * @from: Only rows after this one, which is believed; 0 for all.
 * @verdict: Receives the result.
 * @error: Receives the reason of a failure.
 *
 * Without @mark, somebody who kept an older copy of the database can put it back
 * unnoticed.
 *
 * Return: 0, whatever was found, or a negative errno.
 */
int audit_verify(struct store *store, struct provider *provider,
		 const struct audit_mark *mark, int64_t from,
		 struct audit_verdict *verdict, struct domain_error *error)
{
	struct verify v = {
		.provider = provider, .mark = mark, .verdict = verdict,
		.error = error,
	};
	int ret;

	memset(verdict, 0, sizeof(*verdict));
	ret = from ? start_behind(store, &v, from) : 0;
	if (!ret)
		ret = verify_rows(store, &v, from);
	if (!ret)
		ret = verify_head(store, &v);
	if (!ret && mark && mark->seq && !v.marked)
		ret = blame(&v, AUDIT_UNMARKED, mark->seq);
	explicit_bzero(v.key, sizeof(v.key));
	return ret < 0 ? ret : 0;
}

/**
 * audit_fault_text() - A fault in words, for people.
 * @fault: The fault.
 *
 * Return: A constant.
 */
const char *audit_fault_text(enum audit_fault fault)
{
	switch (fault) {
	case AUDIT_SOUND:
		return "every row is what was written";
	case AUDIT_CHANGED:
		return "a row was changed, or is in another's place";
	case AUDIT_MISSING:
		return "a row is missing";
	case AUDIT_CUT:
		return "rows are missing at the end, or the end was changed";
	case AUDIT_UNMARKED:
		return "the row is not the one of the mark: the database was exchanged";
	case AUDIT_NO_KEY:
		return "the row is under a generation of MPIN that is not here";
	}
	return "unknown";
}
