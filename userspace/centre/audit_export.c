// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The audit trail for other programs: CSV (RFC 4180) and JSON, one object a line.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <jansson.h>
#include <smpair/id.h>

#include "centre/audit.h"

struct export {
	FILE *out;
	enum audit_format format;
	uint64_t rows;
};

static const char *time_text(int64_t at, char text[32])
{
	time_t seconds = at;
	struct tm utc;

	if (!gmtime_r(&seconds, &utc) ||
	    !strftime(text, 32, "%Y-%m-%dT%H:%M:%SZ", &utc))
		strcpy(text, "?");
	return text;
}

static const char *id_text(const uint8_t *id, char text[SMPAIR_ID_TEXT_SIZE])
{
	if (id)
		smpair_id_format(id, text, SMPAIR_ID_TEXT_SIZE);
	else
		text[0] = '\0';
	return text;
}

/* A spreadsheet takes what starts like this for a formula; a text that somebody
 * typed at a hotline must not become one.
 */
static bool is_formula(const char *text)
{
	return strchr("=+-@\t\r", text[0]) && text[0];
}

static void put_csv(FILE *out, const char *text, bool last)
{
	const char *p;

	fputc('"', out);
	if (is_formula(text))
		fputc('\'', out);
	for (p = text; *p; p++) {
		if (*p == '"')
			fputc('"', out);
		fputc(*p, out);
	}
	fputs(last ? "\"\r\n" : "\",", out);
}

static void csv_row(FILE *out, const struct audit_row *row)
{
	char module[SMPAIR_ID_TEXT_SIZE], host[SMPAIR_ID_TEXT_SIZE], at[32];

	fprintf(out, "%lld,", (long long)row->seq);
	put_csv(out, time_text(row->at, at), false);
	put_csv(out, row->actor, false);
	put_csv(out, row->action, false);
	put_csv(out, id_text(row->mid, module), false);
	put_csv(out, id_text(row->sn, host), false);
	if (row->has_n)
		fprintf(out, "%u", row->n);
	fputc(',', out);
	if (row->has_known_n)
		fprintf(out, "%u", row->known_n);
	fputc(',', out);
	put_csv(out, row->result, false);
	put_csv(out, row->cause, false);
	put_csv(out, row->detail ? row->detail : "", true);
}

static int json_row(FILE *out, const struct audit_row *row)
{
	char module[SMPAIR_ID_TEXT_SIZE], host[SMPAIR_ID_TEXT_SIZE], at[32];
	json_t *object;
	int err;

	object = json_pack("{s:I,s:s,s:s,s:s,s:s,s:s}", "seq",
			   (json_int_t)row->seq, "at", time_text(row->at, at),
			   "actor", row->actor, "action", row->action,
			   "result", row->result, "cause", row->cause);
	if (!object)
		return -EINVAL;
	if (row->mid)
		json_object_set_new(object, "module",
				    json_string(id_text(row->mid, module)));
	if (row->sn)
		json_object_set_new(object, "host",
				    json_string(id_text(row->sn, host)));
	if (row->has_n)
		json_object_set_new(object, "index", json_integer(row->n));
	if (row->has_known_n)
		json_object_set_new(object, "known_index",
				    json_integer(row->known_n));
	if (row->detail)
		json_object_set_new(object, "detail", json_string(row->detail));
	err = json_dumpf(object, out, JSON_COMPACT);
	json_decref(object);
	fputc('\n', out);
	return err ? -EIO : 0;
}

static int export_row(const struct audit_row *row, void *arg)
{
	struct export *export = arg;
	int err = 0;

	export->rows++;
	if (export->format == AUDIT_CSV)
		csv_row(export->out, row);
	else
		err = json_row(export->out, row);
	return ferror(export->out) ? -EIO : err;
}

/**
 * audit_export() - Write rows for other programs.
 * @store: The database.
 * @filter: Which rows.
 * @format: How.
 * @out: Where; the caller flushes and closes it.
 * @rows: Receives how many.
 * @error: Receives the reason of a failure.
 *
 * Who calls it appends a row that tells of the export.
 *
 * Return: 0 or a negative errno.
 */
int audit_export(struct store *store, const struct audit_filter *filter,
		 enum audit_format format, FILE *out, uint64_t *rows,
		 struct domain_error *error)
{
	struct export export = { .out = out, .format = format };
	int err;

	if (format == AUDIT_CSV)
		fputs("seq,at,actor,action,module,host,index,known_index,result,cause,detail\r\n",
		      out);
	domain_fail(error, 0, "the export could not be written: %s",
		    strerror(EIO));
	err = audit_each(store, filter, export_row, &export, error);
	*rows = export.rows;
	return err;
}
