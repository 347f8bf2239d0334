// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * PostgreSQL: the database that several centres have in common. A transaction
 * that writes holds a lock which all of them ask for, so that each finds the end of the
 * audit trail where the one before left it.
 *
 * The connection is in pipeline mode. Within a transaction statements without a
 * result are sent only, those that begin and end it too, and so are queries that are
 * asked ahead; the next one with a result waits for all of them, and reports the first
 * that failed.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "centre/pglink.h"
#include "domain/bytes.h"

/* Statements that are sent and whose results nobody has read, at most: neither
 * side may block on the other's full buffer.
 */
#define SENT_MAX	64

/* Queries that are asked ahead, at most; what one of them may have in parameters. */
#define AHEAD_MAX	24
#define AHEAD_BYTES	192

/* Of the types that parameters have, as the server numbers them. */
#define OID_BYTEA	17
#define OID_INT8	20
#define OID_TEXT	25

/* migrations[]: the files of schema/postgres/, made by the build. */
#include "centre/migrations_postgres.inc"

/**
 * struct postgres_rows - What a query gives.
 * @rows: The common part.
 * @at: Where the row is: @ahead or @single.
 * @row: Its number there.
 * @ahead: Rows that were read ahead, because the connection was needed, or NULL.
 * @next: Which of these comes next.
 * @single: A row that was not read ahead, or NULL.
 * @err: What fetching further rows fails with, or 0.
 * @why: Its text.
 */
struct postgres_rows {
	struct db_rows rows;
	const PGresult *at;
	int row;
	PGresult *ahead;
	int next;
	PGresult *single;
	int err;
	struct domain_error why;
};

enum inside {
	NOTHING,
	READING,
	WRITING,
};

/**
 * struct sent - A message whose result was not read.
 * @slot: Of the statement that it prepares, or -1.
 * @ahead: Of the query that it asks ahead, or -1.
 */
struct sent {
	int slot;
	int ahead;
};

/**
 * struct ahead - A query that was asked ahead.
 * @sql: Its text.
 * @params: Its parameters in a row, so that another one's are known from them.
 * @len: Bytes of these.
 * @res: What it gave, once that was read.
 */
struct ahead {
	const char *sql;
	uint8_t params[AHEAD_BYTES];
	size_t len;
	PGresult *res;
};

/**
 * struct postgres - A connection.
 * @db: The common part.
 * @link: To the server.
 * @known: Statements by the address of their text.
 * @prepared: Of these, which the server knows.
 * @sent: Messages whose results were not read.
 * @count: How many.
 * @before: Of these, how many are not undone by going back to the mark.
 * @inside: Kind of the transaction.
 * @err: What it failed with so far, or 0.
 * @why: Its text.
 * @lost: One of those failed, and with it the transaction.
 * @flowing: Rows that the server still sends, or NULL.
 * @asking: Queries are asked ahead.
 * @aheads: How many of @ahead.
 * @ahead: Those that were.
 */
struct postgres {
	struct db db;
	struct pglink link;
	const char *known[DB_STATEMENTS];
	bool prepared[DB_STATEMENTS];
	struct sent sent[SENT_MAX + 2];
	unsigned int count;
	unsigned int before;
	enum inside inside;
	int err;
	struct domain_error why;
	bool lost;
	struct postgres_rows *flowing;
	bool asking;
	unsigned int aheads;
	struct ahead ahead[AHEAD_MAX];
};

static struct postgres *of(struct db *db)
{
	return (struct postgres *)db;
}

static int again(struct postgres *p, struct domain_error *error)
{
	return domain_fail(error, p->err, "%s", p->why.text);
}

/* What was read ahead of a change says nothing any more. */
static void drop_ahead(struct postgres *p)
{
	unsigned int i;

	for (i = 0; i < p->aheads; i++)
		PQclear(p->ahead[i].res);
	for (i = 0; i < p->count; i++)
		p->sent[i].ahead = -1;
	explicit_bzero(p->ahead, p->aheads * sizeof(p->ahead[0]));
	p->aheads = 0;
}

/* Nothing of the connection that ended may be taken for one of the next. */
static void forget(struct postgres *p)
{
	drop_ahead(p);
	memset(p->prepared, 0, sizeof(p->prepared));
	p->count = 0;
	p->before = 0;
	p->flowing = NULL;
}

static void note(struct postgres *p, const PGresult *res)
{
	struct domain_error error;
	int err = pglink_failed(&p->link, res, &error);

	/* What follows a failure is skipped by the server: the first counts. */
	if (p->err == -ENOTCONN || (p->err && err != -ENOTCONN))
		return;
	p->err = err;
	p->why = error;
}

/* Takes a message's results in. Returns the last, or NULL where it failed. */
static PGresult *take(struct postgres *p, unsigned int i)
{
	int slot = p->sent[i].slot;
	PGresult *res, *last = NULL;
	bool good = true;

	while ((res = pglink_result(&p->link, false))) {
		switch (PQresultStatus(res)) {
		case PGRES_COMMAND_OK:
		case PGRES_TUPLES_OK:
			break;
		case PGRES_PIPELINE_ABORTED:
			good = false;
			break;
		default:
			good = false;
			p->lost |= i < p->before;
			note(p, res);
		}
		PQclear(last);
		last = res;
	}
	if (!p->link.conn || PQstatus(p->link.conn) == CONNECTION_BAD) {
		note(p, NULL);
		forget(p);
		good = false;
	} else if (!good && slot >= 0) {
		p->prepared[slot] = false;
	}
	if (good)
		return last;
	PQclear(last);
	return NULL;
}

static void take_first(struct postgres *p, unsigned int count)
{
	PGresult *res;
	unsigned int i;

	for (i = 0; i < count && p->link.conn; i++) {
		res = take(p, i);
		if (res && p->sent[i].ahead >= 0)
			p->ahead[p->sent[i].ahead].res = res;
		else
			PQclear(res);
	}
}

/* The point that everything before was waited for at. */
static void take_sync(struct postgres *p)
{
	PGresult *res;

	p->count = 0;
	p->before = 0;
	if (!p->link.conn)
		return;
	res = pglink_result(&p->link, false);
	if (PQresultStatus(res) != PGRES_PIPELINE_SYNC) {
		note(p, NULL);
		forget(p);
	}
	PQclear(res);
}

/* Puts a row behind those that were read ahead; 0 or -ENOMEM. */
static int append_row(struct postgres_rows *r, const PGresult *res)
{
	int row, i;

	if (!r->ahead)
		r->ahead = PQcopyResult(res, PG_COPYRES_ATTRS);
	if (!r->ahead)
		return -ENOMEM;
	row = PQntuples(r->ahead);
	for (i = 0; i < PQnfields(res); i++)
		if (!PQsetvalue(r->ahead, row, i, PQgetvalue(res, 0, i),
				PQgetisnull(res, 0, i) ? -1 :
				PQgetlength(res, 0, i)))
			return -ENOMEM;
	return 0;
}

/* Reads what the server still sends for a query, to have the connection. */
static void settle_rows(struct postgres *p, bool keep)
{
	struct postgres_rows *r = p->flowing;
	PGresult *res;

	if (!r)
		return;
	while ((res = pglink_result(&p->link, true))) {
		if (PQresultStatus(res) == PGRES_SINGLE_TUPLE && keep) {
			if (append_row(r, res))
				r->err = domain_fail(&r->why, -ENOMEM,
						     "out of memory");
		} else if (PQresultStatus(res) == PGRES_FATAL_ERROR) {
			note(p, res);
			r->err = again(p, &r->why);
		}
		PQclear(res);
	}
	p->flowing = NULL;
	take_sync(p);
	if (!r->err && !p->link.conn)
		r->err = again(p, &r->why);
}

static Oid oid_of(const struct db_value *v)
{
	switch (v->type) {
	case DB_INT:
		return OID_INT8;
	case DB_BLOB:
		return OID_BYTEA;
	case DB_TEXT:
		return OID_TEXT;
	default:
		return 0;
	}
}

static int send_prepare(struct postgres *p, const char *name, const char *sql,
			const struct db_value *values, size_t count)
{
	Oid types[DB_VALUES_MAX];
	size_t i;

	for (i = 0; i < count; i++)
		types[i] = oid_of(&values[i]);
	return PQsendPrepare(p->link.conn, name, sql, (int)count, types);
}

static int send_values(struct postgres *p, const char *name,
		       const struct db_value *values, size_t count)
{
	const char *bytes[DB_VALUES_MAX];
	uint8_t numbers[DB_VALUES_MAX][8];
	int lens[DB_VALUES_MAX], formats[DB_VALUES_MAX];
	size_t i;

	for (i = 0; i < count; i++) {
		bytes[i] = values[i].bytes;
		lens[i] = (int)values[i].len;
		formats[i] = 1;
		if (values[i].type == DB_INT) {
			put_be64(numbers[i], (uint64_t)values[i].number);
			bytes[i] = (const char *)numbers[i];
			lens[i] = 8;
		} else if (values[i].type == DB_NULL) {
			bytes[i] = NULL;
		}
	}
	return PQsendQueryPrepared(p->link.conn, name, (int)count, bytes, lens,
				   formats, 1);
}

/* Waits for all that was sent. Gives the last result where @last, and NULL
 * where anything failed.
 */
static PGresult *gather(struct postgres *p, bool last)
{
	PGresult *res = NULL;

	if (!PQpipelineSync(p->link.conn)) {
		note(p, NULL);
		forget(p);
		return NULL;
	}
	last &= p->count > 0;
	take_first(p, p->count - last);
	if (last && p->link.conn)
		res = take(p, p->count - 1);
	take_sync(p);
	if (!p->err)
		return res;
	PQclear(res);
	return NULL;
}

/* Sends a statement, without waiting. */
static int post(struct postgres *p, const char *sql,
		const struct db_value *values, size_t count,
		struct domain_error *error)
{
	int slot = db_statement(p->known, sql);
	char name[16];

	if (slot < 0)
		return domain_fail(error, -ENOSPC, "too many kinds of statements");
	settle_rows(p, true);
	if (p->count >= SENT_MAX) {
		gather(p, false);
		if (p->err)
			return again(p, error);
	}
	snprintf(name, sizeof(name), "s%d", slot);
	if (p->link.conn && !p->prepared[slot]) {
		if (!send_prepare(p, name, sql, values, count))
			goto gone;
		p->prepared[slot] = true;
		p->sent[p->count++] = (struct sent) { slot, -1 };
	}
	if (!p->link.conn || !send_values(p, name, values, count))
		goto gone;
	p->sent[p->count++] = (struct sent) { -1, -1 };
	return 0;

gone:
	p->err = pglink_failed(&p->link, NULL, &p->why);
	forget(p);
	return again(p, error);
}

/* Outside a transaction a connection that was lost is made anew, and what
 * failed there is over.
 */
static int ready(struct postgres *p, struct domain_error *error)
{
	int ret;

	if (p->inside != NOTHING)
		return p->err ? again(p, error) : 0;
	p->err = 0;
	ret = pglink_again(&p->link, error);
	if (ret <= 0)
		return ret;
	forget(p);
	/* Who knows what became of the database meanwhile. */
	ret = db_compare_version(&p->db, "the database", error);
	if (ret > 0)
		ret = domain_fail(error, -EINVAL,
				  "PostgreSQL: the database is of an older format than before; restart smpair-centre to bring it up to date");
	if (ret)
		pglink_drop(&p->link);
	return ret;
}

static int run(struct postgres *p, const char *sql,
	       const struct db_value *values, size_t count, int64_t *changes,
	       struct domain_error *error)
{
	PGresult *res;
	int err;

	err = post(p, sql, values, count, error);
	if (err)
		return err;
	res = gather(p, true);
	if (!res)
		return again(p, error);
	if (changes)
		*changes = strtoll(PQcmdTuples(res), NULL, 10);
	PQclear(res);
	return 0;
}

static int postgres_exec(struct db *db, const char *sql,
			 const struct db_value *values, size_t count,
			 int64_t *changes, struct domain_error *error)
{
	struct postgres *p = of(db);
	int err;

	err = ready(p, error);
	if (err)
		return err;
	drop_ahead(p);
	if (changes || p->inside == NOTHING)
		return run(p, sql, values, count, changes, error);
	return post(p, sql, values, count, error);
}

static void drop_rows(struct postgres_rows *r)
{
	PQclear(r->ahead);
	PQclear(r->single);
	free(r);
}

static int start_flow(struct postgres *p, struct postgres_rows *r,
		      struct domain_error *error)
{
	PGresult *res;

	if (!PQpipelineSync(p->link.conn)) {
		note(p, NULL);
		forget(p);
		return again(p, error);
	}
	take_first(p, p->count - 1);
	if (p->link.conn)
		PQsetSingleRowMode(p->link.conn);
	res = pglink_result(&p->link, false);
	if (PQresultStatus(res) == PGRES_SINGLE_TUPLE) {
		if (!append_row(r, res)) {
			PQclear(res);
			p->flowing = r;
			return 0;
		}
		p->err = domain_fail(&p->why, -ENOMEM, "out of memory");
	} else if (PQresultStatus(res) != PGRES_TUPLES_OK &&
		   PQresultStatus(res) != PGRES_PIPELINE_ABORTED) {
		note(p, res);
	}
	PQclear(res);
	if (p->link.conn)
		PQclear(take(p, p->count - 1));
	take_sync(p);
	return p->err ? again(p, error) : 0;
}

/* Parameters in a row; nothing where they are too many. */
static bool pack(struct ahead *a, const char *sql, const struct db_value *values,
		 size_t count)
{
	const struct db_value *v;
	const void *bytes;
	size_t i, len;

	a->sql = sql;
	a->len = 0;
	a->res = NULL;
	for (i = 0; i < count; i++) {
		v = &values[i];
		bytes = v->type == DB_INT ? &v->number : v->bytes;
		len = v->type == DB_INT ? sizeof(v->number) :
		      v->type == DB_NULL ? 0 : v->len;
		if (len > UINT8_MAX || sizeof(a->params) - a->len < len + 2)
			return false;
		a->params[a->len++] = (uint8_t)v->type;
		a->params[a->len++] = (uint8_t)len;
		if (len)
			memcpy(a->params + a->len, bytes, len);
		a->len += len;
	}
	return true;
}

/* Sends a query whose rows are asked for later. */
static int ask_ahead(struct postgres *p, const char *sql,
		     const struct db_value *values, size_t count,
		     struct domain_error *error)
{
	int err;

	if (p->aheads == AHEAD_MAX ||
	    !pack(&p->ahead[p->aheads], sql, values, count))
		return 0;
	err = post(p, sql, values, count, error);
	if (!err)
		p->sent[p->count - 1].ahead = (int)p->aheads++;
	return err;
}

/* The rows of a query, where it was asked ahead: 1, 0 where it was not, or a
 * negative errno.
 */
static int find_ahead(struct postgres *p, const char *sql,
		      const struct db_value *values, size_t count,
		      PGresult **res, struct domain_error *error)
{
	struct ahead wanted, *a = p->ahead, *end = a + p->aheads;

	if (a == end || !pack(&wanted, sql, values, count))
		return 0;
	while (a < end && (a->sql != sql || a->len != wanted.len ||
			   memcmp(a->params, wanted.params, wanted.len)))
		a++;
	if (a == end)
		return 0;
	if (!a->res && p->count)
		gather(p, false);
	if (p->err)
		return again(p, error);
	/* It may be asked for again. */
	*res = PQcopyResult(a->res, PG_COPYRES_ATTRS | PG_COPYRES_TUPLES);
	return *res ? 1 : domain_fail(error, -ENOMEM, "out of memory");
}

static int ask(struct postgres *p, const char *sql,
	       const struct db_value *values, size_t count,
	       struct postgres_rows *r, struct domain_error *error)
{
	int ret;

	ret = find_ahead(p, sql, values, count, &r->ahead, error);
	if (ret)
		return ret < 0 ? ret : 0;
	ret = post(p, sql, values, count, error);
	return ret ? ret : start_flow(p, r, error);
}

static int postgres_query(struct db *db, const char *sql,
			  const struct db_value *values, size_t count,
			  struct db_rows **rows, struct domain_error *error)
{
	struct postgres *p = of(db);
	struct postgres_rows *r;
	int err;

	err = ready(p, error);
	if (err)
		return err;
	r = calloc(1, sizeof(*r));
	if (!r)
		return domain_fail(error, -ENOMEM, "out of memory");
	r->rows.db = db;
	if (p->asking)
		err = ask_ahead(p, sql, values, count, error);
	else
		err = ask(p, sql, values, count, r, error);
	if (err)
		drop_rows(r);
	else
		*rows = &r->rows;
	return err;
}

/* Straight from the server: a listing of any length takes the room of one row. */
static int fetch(struct postgres *p, struct postgres_rows *r)
{
	PGresult *res = pglink_result(&p->link, true);

	if (PQresultStatus(res) == PGRES_SINGLE_TUPLE) {
		r->single = res;
		r->at = res;
		r->row = 0;
		return 1;
	}
	if (PQresultStatus(res) != PGRES_TUPLES_OK) {
		note(p, res);
		r->err = again(p, &r->why);
	}
	PQclear(res);
	settle_rows(p, false);
	return 0;
}

static int postgres_next(struct db_rows *rows, struct domain_error *error)
{
	struct postgres_rows *r = (struct postgres_rows *)rows;
	struct postgres *p = of(rows->db);

	PQclear(r->single);
	r->single = NULL;
	if (r->next < PQntuples(r->ahead)) {
		r->at = r->ahead;
		r->row = r->next++;
		return 1;
	}
	if (p->flowing == r && fetch(p, r))
		return 1;
	return r->err ? domain_fail(error, r->err, "%s", r->why.text) : 0;
}

static int64_t postgres_number(struct db_rows *rows, int column)
{
	const struct postgres_rows *r = (struct postgres_rows *)rows;
	const uint8_t *bytes = (const uint8_t *)PQgetvalue(r->at, r->row, column);
	int len = PQgetlength(r->at, r->row, column);
	uint64_t value;
	int i;

	if (!len || len > 8)
		return 0;
	value = bytes[0] & 0x80 ? UINT64_MAX : 0;
	for (i = 0; i < len; i++)
		value = value << 8 | bytes[i];
	return (int64_t)value;
}

static const void *postgres_bytes(struct db_rows *rows, int column, size_t *len)
{
	const struct postgres_rows *r = (struct postgres_rows *)rows;

	if (PQgetisnull(r->at, r->row, column))
		return NULL;
	if (len)
		*len = (size_t)PQgetlength(r->at, r->row, column);
	return PQgetvalue(r->at, r->row, column);
}

static void postgres_end(struct db_rows *rows)
{
	struct postgres_rows *r = (struct postgres_rows *)rows;
	struct postgres *p = of(rows->db);

	if (p->flowing == r)
		settle_rows(p, false);
	drop_rows(r);
}

static void postgres_ahead(struct db *db, bool on)
{
	struct postgres *p = of(db);

	if (on)
		drop_ahead(p);
	p->asking = on;
}

static void postgres_rollback(struct db *db)
{
	struct postgres *p = of(db);
	struct domain_error error;

	drop_ahead(p);
	p->inside = NOTHING;
	/* The server skips all that it gets behind a failure up to a sync. */
	if (p->link.conn && p->count)
		gather(p, false);
	p->lost = false;
	if (p->link.conn && !post(p, "ROLLBACK", NULL, 0, &error))
		gather(p, false);
}

static int postgres_begin(struct db *db, bool write, struct domain_error *error)
{
	struct postgres *p = of(db);
	int err;

	err = ready(p, error);
	if (err)
		return err;
	p->inside = write ? WRITING : READING;
	err = write ? post(p, "BEGIN", NULL, 0, error) :
	      post(p, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", NULL, 0,
		   error);
	/* Behind the lock each statement sees what the holder before did. */
	if (!err && write)
		err = post(p, "SELECT pg_advisory_xact_lock(1397575747)", NULL,
			   0, error);
	if (err)
		postgres_rollback(db);
	return err;
}

static int postgres_commit(struct db *db, struct domain_error *error)
{
	struct postgres *p = of(db);
	PGresult *res = NULL;
	int err = 0;

	drop_ahead(p);
	if (!p->err && !post(p, "COMMIT", NULL, 0, error))
		res = gather(p, true);
	/* The server answers a transaction that failed with its undoing. Each
	 * failure is noted before, but one that was not must not pass for kept.
	 */
	if (!res)
		err = again(p, error);
	else if (strcmp(PQcmdStatus(res), "COMMIT"))
		err = domain_fail(error, -EIO, "PostgreSQL: the transaction was undone; repeat it");
	PQclear(res);
	if (err)
		postgres_rollback(db);
	p->inside = NOTHING;
	return err;
}

static int postgres_save(struct db *db, struct domain_error *error)
{
	struct postgres *p = of(db);
	int err;

	if (p->err)
		return again(p, error);
	err = post(p, "SAVEPOINT job", NULL, 0, error);
	if (!err)
		p->before = p->count;
	return err;
}

static int postgres_release(struct db *db, struct domain_error *error)
{
	struct postgres *p = of(db);

	return p->err ? again(p, error) :
	       post(p, "RELEASE SAVEPOINT job", NULL, 0, error);
}

/* Fails only with the connection, or with what was done before the mark; the
 * transaction's end reports that.
 */
static void postgres_back(struct db *db)
{
	struct postgres *p = of(db);
	struct domain_error error;

	drop_ahead(p);
	if (!p->link.conn)
		return;
	/* What was sent before may fail still, and is undone all the same. */
	gather(p, false);
	if (!p->link.conn || p->lost)
		return;
	p->err = 0;
	if (!post(p, "ROLLBACK TO SAVEPOINT job", NULL, 0, &error) &&
	    !post(p, "RELEASE SAVEPOINT job", NULL, 0, &error))
		gather(p, false);
}

static int postgres_script(struct db *db, const char *sql,
			   struct domain_error *error)
{
	struct postgres *p = of(db);
	int err;

	err = ready(p, error);
	if (err)
		return err;
	settle_rows(p, true);
	if (p->count)
		gather(p, false);
	if (p->err)
		return again(p, error);
	p->err = pglink_script(&p->link, sql, &p->why);
	return p->err ? again(p, error) : 0;
}

static int postgres_version(struct db *db, int64_t *version,
			    struct domain_error *error)
{
	int ret;

	*version = 0;
	ret = db_get(db, version, error,
		     "SELECT coalesce(max(number), 0) FROM migration", "");
	if (ret == -EINVAL)
		return domain_fail(error, -ENOENT,
				   "PostgreSQL: the database holds no centre; make one with: smpair-centre --db URL init --domain FILE");
	return ret < 0 ? ret : 0;
}

static int postgres_set_version(struct db *db, const struct db_migration *step,
				struct domain_error *error)
{
	return db_exec(db, error,
		       "INSERT INTO migration (number, name) VALUES ($1, $2)",
		       "IT", (int64_t)step->number, step->name);
}

/* The server notices pages with wrong checksums, and values that it cannot
 * take apart, as soon as it reads them.
 */
static int postgres_check(struct db *db, struct domain_error *error)
{
	return postgres_script(db,
		"DO $$ DECLARE t regclass; BEGIN"
		" FOR t IN SELECT oid FROM pg_class WHERE relkind = 'r' AND"
		" relnamespace = '" PGLINK_SCHEMA "'::regnamespace LOOP"
		" EXECUTE format('SELECT count(length(t::text)) FROM %s t', t);"
		" END LOOP; END $$", error);
}

static void postgres_close(struct db *db)
{
	struct postgres *p = of(db);

	pglink_close(&p->link);
	free(p);
}

static int postgres_open(struct db **db, const char *where, enum db_mode mode,
			 struct domain_error *error)
{
	struct postgres *p = calloc(1, sizeof(*p));
	int err;

	if (!p)
		return domain_fail(error, -ENOMEM, "out of memory");
	p->db.ops = &db_postgres;
	err = pglink_open(&p->link, where, mode, error);
	if (!err && mode == DB_CREATE)
		err = pglink_script(&p->link,
				    "CREATE SCHEMA " PGLINK_SCHEMA ";"
				    "CREATE TABLE migration (number BIGINT PRIMARY KEY, name TEXT NOT NULL, at TIMESTAMPTZ NOT NULL DEFAULT now())",
				    error);
	if (err)
		postgres_close(&p->db);
	else
		*db = &p->db;
	return err;
}

static void postgres_discard(const char *where)
{
	struct pglink link = { 0 };
	struct domain_error error;

	if (!pglink_open(&link, where, DB_WRITE, &error))
		pglink_script(&link, "DROP SCHEMA " PGLINK_SCHEMA " CASCADE",
			      &error);
	pglink_close(&link);
}

const struct db_ops db_postgres = {
	.name = "postgresql",
	.migrations = migrations,
	.open = postgres_open,
	.discard = postgres_discard,
	.close = postgres_close,
	.begin = postgres_begin,
	.commit = postgres_commit,
	.rollback = postgres_rollback,
	.save = postgres_save,
	.release = postgres_release,
	.back = postgres_back,
	.ahead = postgres_ahead,
	.exec = postgres_exec,
	.query = postgres_query,
	.next = postgres_next,
	.number = postgres_number,
	.bytes = postgres_bytes,
	.end = postgres_end,
	.script = postgres_script,
	.version = postgres_version,
	.set_version = postgres_set_version,
	.check = postgres_check,
};
