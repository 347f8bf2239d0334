// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "centre/pglink.h"

/* A server that says nothing for so long while it is asked is lost. Longer than
 * it may wait for a lock itself.
 */
#define ANSWER_MS	15000
#define LOCK_WAIT	"8s"
/* Between two attempts to connect: requests that come meanwhile are refused at
 * once.
 */
#define RETRY_MS	500

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

/* Messages of the server end with a newline, some have several lines. */
static int tell(struct domain_error *error, int err, const char *what,
		const char *message)
{
	int len = (int)strcspn(message, "\n");

	return domain_fail(error, err, "PostgreSQL: %s%.*s", what,
			   len > 200 ? 200 : len, message);
}

/* Of several hosts each says in a line why not. */
static int unreached(struct pglink *link, struct domain_error *error)
{
	char reasons[360], *at = reasons;

	snprintf(reasons, sizeof(reasons), "%s", PQerrorMessage(link->conn));
	while (*(at += strcspn(at, "\n\t")))
		*at = at[1] ? ' ' : '\0';
	return domain_fail(error, -ENOTCONN,
			   "PostgreSQL: no server was reached that may be believed and written to; check its connection string: %s",
			   reasons);
}

static int lost(struct pglink *link, struct domain_error *error)
{
	const char *message = link->conn ? PQerrorMessage(link->conn) : "";

	tell(error, -ENOTCONN, "the server does not answer, it is asked again with the next request; ",
	     *message ? message : "no connection");
	pglink_drop(link);
	return -ENOTCONN;
}

/**
 * pglink_failed() - Say why a statement failed.
 * @link: The connection; dropped where it is of no more use.
 * @res: Its result, or NULL where the connection was lost.
 * @error: Receives the reason.
 *
 * Return: A negative errno of db.h.
 */
int pglink_failed(struct pglink *link, const PGresult *res,
		  struct domain_error *error)
{
	static const struct {
		const char *state;	/* how it begins */
		int err;
		const char *next;
	} known[] = {
		{ "23", -EEXIST, "it is there already, or what it refers to is not; " },
		{ "53100", -ENOSPC, "the server's disk is full, make room and repeat; " },
		{ "55P03", -EBUSY, "the database is in use by another smpair-centre, try again; " },
		{ "40001", -EBUSY, "others changed the same, try again; " },
		{ "40P01", -EBUSY, "others changed the same, try again; " },
		{ "57014", -EBUSY, "it took too long, try again; " },
		{ "XX00", -EINVAL, "the database is damaged, restore it from its backup; " },
		{ "3F000", -EINVAL, "the database is not one of smpair-centre; " },
		{ "42P01", -EINVAL, "the database is not one of smpair-centre; " },
		{ "42501", -EACCES, "the role lacks a right, see smpair-centre(8); " },
		{ "42P06", -EEXIST, "the database holds a centre already, name another; " },
		/* Shutting down, and a server that became a standby. */
		{ "57P0", -ENOTCONN, "" },
		{ "25006", -ENOTCONN, "" },
	};
	const char *state, *message;
	size_t i;

	if (!res || !link->conn || PQstatus(link->conn) == CONNECTION_BAD)
		return lost(link, error);
	state = PQresultErrorField(res, PG_DIAG_SQLSTATE);
	/* Never the detail, which quotes values. */
	message = PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY);
	if (!message)
		message = "no reason given";
	for (i = 0; state && i < sizeof(known) / sizeof(known[0]); i++)
		if (!strncmp(state, known[i].state, strlen(known[i].state))) {
			tell(error, known[i].err, known[i].next, message);
			if (known[i].err == -ENOTCONN)
				pglink_drop(link);
			return known[i].err;
		}
	return tell(error, -EIO, "", message);
}

/**
 * pglink_result() - Wait for a result.
 * @link: The connection.
 * @patient: For as long as it takes, as long as the server lives.
 *
 * Return: The result, for PQclear(); NULL behind the last one of a statement, or
 * where the connection was lost: PQstatus() or link->conn tell.
 */
PGresult *pglink_result(struct pglink *link, bool patient)
{
	int64_t end = now_ms() + ANSWER_MS;
	struct pollfd fd;
	int64_t left;

	if (!link->conn)
		return NULL;
	fd = (struct pollfd) { .fd = PQsocket(link->conn), .events = POLLIN };
	while (PQisBusy(link->conn)) {
		left = end - now_ms();
		if (!patient && left <= 0) {
			pglink_drop(link);
			return NULL;
		}
		if (PQflush(link->conn) < 0 ||
		    (poll(&fd, 1, patient ? -1 : (int)left) < 0 &&
		     errno != EINTR) ||
		    (fd.revents && !PQconsumeInput(link->conn)))
			break;
	}
	/* Of a connection that is lost this gives the reason. */
	return PQgetResult(link->conn);
}

/**
 * pglink_script() - Run several statements without parameters.
 * @link: The connection; nothing else is under way.
 * @sql: The statements.
 * @error: Receives the reason of a failure.
 *
 * Waits as long as they take.
 *
 * Return: 0 or a negative errno.
 */
int pglink_script(struct pglink *link, const char *sql,
		  struct domain_error *error)
{
	PGresult *res;
	int err = 0;

	if (!link->conn || !PQexitPipelineMode(link->conn))
		return lost(link, error);
	res = PQexec(link->conn, sql);
	if (PQresultStatus(res) != PGRES_COMMAND_OK &&
	    PQresultStatus(res) != PGRES_TUPLES_OK)
		err = pglink_failed(link, res, error);
	PQclear(res);
	if (link->conn)
		PQenterPipelineMode(link->conn);
	return err;
}

static void quiet(void *arg, const PGresult *res)
{
	(void)arg;
	(void)res;
}

/* A transaction that was acknowledged must survive a power cut of the server. */
static int check_durable(struct pglink *link, struct domain_error *error)
{
	PGresult *res;
	int err = 0;

	PQexitPipelineMode(link->conn);
	res = PQexec(link->conn, "SHOW fsync");
	if (PQresultStatus(res) != PGRES_TUPLES_OK)
		err = pglink_failed(link, res, error);
	else if (strcmp(PQgetvalue(res, 0, 0), "on"))
		err = domain_fail(error, -EINVAL,
				  "PostgreSQL: the server runs with fsync = off and would forget PINs that were issued; set fsync = on");
	PQclear(res);
	if (link->conn)
		PQenterPipelineMode(link->conn);
	return err;
}

static int settle(struct pglink *link, struct domain_error *error)
{
	static const char common[] =
		"SET search_path = " PGLINK_SCHEMA ";"
		"SET client_encoding = 'UTF8';"
		"SET idle_in_transaction_session_timeout = 0;"
		"SET statement_timeout = 0;"
		/* Statements are few and their plans do not depend on values. */
		"SET plan_cache_mode = force_generic_plan;"
		/* A plan that was made while a table was short would go on
		 * reading all of it. What has to be read whole seems dear then,
		 * which is no reason to compile it.
		 */
		"SET enable_seqscan = off;"
		"SET jit = off;"
		"SELECT set_config('lock_timeout', '" LOCK_WAIT "', false)"
		" WHERE current_setting('lock_timeout') = '0';"
		"SELECT set_config('synchronous_commit', 'on', false)"
		" WHERE current_setting('synchronous_commit') IN ('off', 'local');";
	int err;

	PQsetNoticeReceiver(link->conn, quiet, NULL);
	if (!PQenterPipelineMode(link->conn))
		return lost(link, error);
	err = pglink_script(link, common, error);
	if (!err && link->mode == DB_READ)
		err = pglink_script(link, "SET default_transaction_read_only = on",
				    error);
	if (!err && link->mode != DB_READ)
		err = check_durable(link, error);
	return err;
}

static int dial(struct pglink *link, struct domain_error *error)
{
	/* The last one is expanded, and what it says counts more. Reading needs
	 * the server that writes too: what was told must be seen. Across a network
	 * whoever answers is not believed without proof.
	 */
	static const char *const names[] = {
		"connect_timeout", "keepalives_idle", "keepalives_interval",
		"keepalives_count", "tcp_user_timeout",
		"target_session_attrs", "sslmode", "fallback_application_name",
		"dbname", NULL,
	};
	const char *const values[] = {
		"5", "5", "2", "3", "10000", "read-write", "verify-full",
		"smpair-centre", link->where, NULL,
	};
	int err;

	link->conn = PQconnectdbParams(names, values, 1);
	if (!link->conn)
		return domain_fail(error, -ENOMEM, "out of memory");
	if (PQstatus(link->conn) == CONNECTION_OK)
		err = settle(link, error);
	else
		err = unreached(link, error);
	if (err) {
		pglink_drop(link);
		link->not_before = now_ms() + RETRY_MS;
	}
	return err;
}

/* Others of the machine can read a command line and, as the same user, the
 * environment.
 */
static int refuse_password(const char *where, struct domain_error *error)
{
	PQconninfoOption *options, *o;
	char *message = NULL;
	int err = 0;

	if (getenv("PGPASSWORD"))
		return domain_fail(error, -EDOM,
				   "PGPASSWORD is set and an environment is no place for a password; put it into a file of mode 0600 named by passfile=");
	if (!strchr(where, '=') && strncmp(where, "postgresql://", 13))
		return 0;
	options = PQconninfoParse(where, &message);
	if (!options) {
		tell(error, -EDOM, "", message ? message : "out of memory");
		PQfreemem(message);
		return -EDOM;
	}
	for (o = options; o->keyword; o++)
		if (o->val && (!strcmp(o->keyword, "password") ||
			       !strcmp(o->keyword, "sslpassword")))
			err = domain_fail(error, -EDOM,
					  "a command line is no place for a password; put it into a file of mode 0600 named by passfile=");
	PQconninfoFree(options);
	return err;
}

/**
 * pglink_open() - Connect.
 * @link: Zeroed; ended with pglink_close() also after a failure.
 * @where: Connection string or URI of libpq without a password, or the name of a
 *	database.
 * @mode: What for.
 * @error: Receives the reason of a failure.
 *
 * Return: 0 or a negative errno.
 */
int pglink_open(struct pglink *link, const char *where, enum db_mode mode,
		struct domain_error *error)
{
	int err;

	link->mode = mode;
	if (asprintf(&link->where, "%s%s", strncmp(where, "//", 2) ? "" :
		     "postgresql:", where) < 0)
		link->where = NULL;
	if (!link->where)
		return domain_fail(error, -ENOMEM, "out of memory");
	err = refuse_password(link->where, error);
	return err ? err : dial(link, error);
}

/**
 * pglink_again() - Connect anew where the connection was lost.
 * @link: Opened.
 * @error: Receives the reason of a failure.
 *
 * Return: 1 for a new connection, 0 where it is there, or a negative errno.
 */
int pglink_again(struct pglink *link, struct domain_error *error)
{
	int err;

	if (link->conn)
		return 0;
	if (now_ms() < link->not_before)
		return lost(link, error);
	err = dial(link, error);
	return err ? err : 1;
}

/**
 * pglink_drop() - End a connection that is of no more use.
 * @link: Opened; pglink_again() makes another.
 */
void pglink_drop(struct pglink *link)
{
	PQfinish(link->conn);
	link->conn = NULL;
}

/**
 * pglink_close() - End it for good.
 * @link: Given to pglink_open().
 */
void pglink_close(struct pglink *link)
{
	pglink_drop(link);
	free(link->where);
	link->where = NULL;
}
