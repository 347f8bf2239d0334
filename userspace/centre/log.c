// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The audit trail at the command line: log, audit.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <smpair/id.h>

#include "centre/audit.h"
#include "centre/centre.h"

static const char *id_text(const uint8_t *id, char *buf, size_t size)
{
	if (!id)
		return "-";
	smpair_id_format(id, buf, size);
	return buf;
}

static int print_row(const struct audit_row *row, void *arg)
{
	char module[SMPAIR_ID_TEXT_SIZE], host[SMPAIR_ID_TEXT_SIZE];
	char at[32] = "?", n[16] = "-";
	time_t seconds = row->at;
	struct tm utc;

	(void)arg;
	if (gmtime_r(&seconds, &utc))
		strftime(at, sizeof(at), "%Y-%m-%dT%H:%M:%SZ", &utc);
	if (row->has_n)
		snprintf(n, sizeof(n), "%u", row->n);
	printf("%s  %s  %-7s  %-7s  module %s  host %s  N %s  %s%s%s\n", at,
	       row->actor, row->action, row->result,
	       id_text(row->mid, module, sizeof(module)),
	       id_text(row->sn, host, sizeof(host)), n, row->cause,
	       row->detail && *row->detail ? ": " : "",
	       row->detail ? row->detail : "");
	return 0;
}

struct narrowed {
	struct audit_filter filter;
	uint8_t mid[PDT1_ID_LEN];
	uint8_t sn[PDT1_ID_LEN];
};

static int narrow(struct centre *centre, struct narrowed *n)
{
	const struct centre_args *args = centre->args;
	int err = 0;

	if (args->module) {
		err = centre_id(centre, "module", args->module, n->mid);
		n->filter.mid = n->mid;
	}
	if (!err && args->host) {
		err = centre_id(centre, "host", args->host, n->sn);
		n->filter.sn = n->sn;
	}
	return err;
}

/**
 * centre_log() - List what was decided, oldest first.
 * @centre: --module, --host: only what concerns these.
 *
 * Return: As all verbs.
 */
int centre_log(struct centre *centre)
{
	struct narrowed n = { .filter = { .mid = NULL } };
	int err;

	err = narrow(centre, &n);
	return err ? err : audit_each(centre->store, &n.filter, print_row, NULL,
				      &centre->error);
}

static void print_mark(const struct audit_mark *mark)
{
	unsigned int i;

	printf("%" PRId64 ":", mark->seq);
	for (i = 0; i < sizeof(mark->mac); i++)
		printf("%02x", mark->mac[i]);
	putchar('\n');
}

/* "SEQ:MAC", as print_mark() wrote it. */
static int read_mark(struct centre *centre, struct audit_mark *mark)
{
	const char *text = centre->args->expect;
	unsigned int i, byte;
	char *end;

	errno = 0;
	mark->seq = strtoll(text, &end, 10);
	if (errno || end == text || *end != ':' || mark->seq < 1 ||
	    strlen(end + 1) != 2 * AUDIT_MAC_LEN ||
	    strspn(end + 1, "0123456789abcdef") != 2 * AUDIT_MAC_LEN)
		return domain_fail(&centre->error, -EDOM,
				   "--expect takes SEQ:MAC as audit head showed it");
	for (i = 0; i < AUDIT_MAC_LEN; i++) {
		sscanf(end + 1 + 2 * i, "%2x", &byte);
		mark->mac[i] = (uint8_t)byte;
	}
	return 0;
}

/* Tells whether the trail is what was written; @end receives where it ends. */
static int verify(struct centre *centre, struct audit_mark *end)
{
	struct audit_verdict verdict;
	struct audit_mark mark;
	int err = 0;

	if (centre->args->expect)
		err = read_mark(centre, &mark);
	if (!err)
		err = store_begin_read(centre->store, &centre->error);
	if (err)
		return err;
	err = audit_verify(centre->store, centre->provider,
			   centre->args->expect ? &mark : NULL, 0, &verdict,
			   &centre->error);
	store_rollback(centre->store);
	if (err)
		return err;
	if (verdict.fault != AUDIT_SOUND) {
		fprintf(stderr,
			"smpair-centre: the audit trail is wrong at row %" PRId64 ": %s\n"
			"next: keep this database as evidence, and restore the last backup that verifies\n",
			verdict.seq, audit_fault_text(verdict.fault));
		return -ECANCELED;
	}
	printf("the audit trail is sound: %" PRIu64 " rows", verdict.rows);
	if (verdict.older)
		printf(", %" PRIu64 " from before there were MACs", verdict.older);
	putchar('\n');
	*end = verdict.end;
	return 0;
}

/**
 * centre_verify() - Look for damage of the database and of the audit trail.
 * @centre: --expect.
 *
 * Return: As all verbs; -ECANCELED where the trail is not what was written.
 */
int centre_verify(struct centre *centre)
{
	struct audit_mark end;
	int err;

	err = store_check(centre->store, &centre->error);
	if (err)
		return err;
	puts("the database is sound");
	return verify(centre, &end);
}

struct exporting {
	struct narrowed n;
	enum audit_format format;
	FILE *out;
	uint64_t rows;
};

static int export(struct centre *centre, void *arg)
{
	struct exporting *e = arg;
	char detail[64];
	int err;

	err = audit_export(centre->store, &e->n.filter, e->format, e->out,
			   &e->rows, &centre->error);
	snprintf(detail, sizeof(detail), "%" PRIu64 " rows of the audit trail",
		 e->rows);
	return err ? err : centre_done(centre, "export", e->n.filter.mid,
				       e->n.filter.sn, centre->args->format,
				       detail);
}

static int export_trail(struct centre *centre)
{
	const struct centre_args *args = centre->args;
	struct exporting e = { .rows = 0 };
	int err;

	if (args->format && !strcmp(args->format, "csv"))
		e.format = AUDIT_CSV;
	else if (args->format && !strcmp(args->format, "ndjson"))
		e.format = AUDIT_NDJSON;
	else
		return domain_fail(&centre->error, -EDOM,
				   "--format takes csv or ndjson");
	err = narrow(centre, &e.n);
	if (err)
		return err;
	err = centre_out_open(centre, &e.out);
	if (err)
		return err;
	err = centre_change(centre, export, &e);
	return centre_out_close(centre, e.out, err);
}

/**
 * centre_audit() - Verify or export the audit trail, or show where it ends.
 * @centre: "verify", "head" or "export"; --expect, --format, --out, --module,
 *	--host.
 *
 * Return: As all verbs.
 */
int centre_audit(struct centre *centre)
{
	const struct centre_args *args = centre->args;
	struct audit_mark end;
	int err;

	if (args->operand_count == 1) {
		if (!strcmp(args->operands[0], "verify"))
			return verify(centre, &end);
		if (!strcmp(args->operands[0], "export"))
			return export_trail(centre);
		if (!strcmp(args->operands[0], "head")) {
			err = verify(centre, &end);
			if (!err)
				print_mark(&end);
			return err;
		}
	}
	return domain_fail(&centre->error, -EDOM,
			   "audit takes verify, head or export");
}
