/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The audit trail: a row for everything that is decided or done, each under a
 * MAC that covers the row before it. A row belongs to the transaction of what it
 * tells: both are there, or neither.
 */
#ifndef CENTRE_AUDIT_H
#define CENTRE_AUDIT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "centre/provider.h"
#include "centre/store.h"

#define AUDIT_MAC_LEN		32
#define AUDIT_DETAIL_MAX	1024

/**
 * struct audit_row - A row. Texts are not copied.
 * @seq: Number; set by audit_append().
 * @at: When.
 * @actor: Who: "uid 1000", or the name of an operator or agent.
 * @action: What was asked: "pin", "deny", "manage" …
 * @mid: Module, or NULL. It need not be registered.
 * @sn: Host, or NULL.
 * @has_n: @n counts.
 * @n: Pairing index that was shown.
 * @has_known_n: @known_n counts.
 * @known_n: Pairing index that the centre knew then.
 * @result: "done", "issued", "held" or "refused".
 * @cause: In one word.
 * @detail: More, or NULL.
 */
struct audit_row {
	int64_t seq;
	int64_t at;
	const char *actor;
	const char *action;
	const uint8_t *mid;
	const uint8_t *sn;
	bool has_n;
	uint32_t n;
	bool has_known_n;
	uint32_t known_n;
	const char *result;
	const char *cause;
	const char *detail;
};

/**
 * struct audit_filter - Which rows.
 * @mid: Only of this module, or NULL.
 * @sn: Only of this host, or NULL.
 * @after: Only greater numbers; 0 for all.
 * @before: Only smaller numbers; 0 for all.
 * @newest_first: Order.
 * @limit: Rows at most; 0 for all.
 */
struct audit_filter {
	const uint8_t *mid;
	const uint8_t *sn;
	int64_t after;
	int64_t before;
	bool newest_first;
	unsigned int limit;
};

/**
 * struct audit_mark - Where the trail ends; kept elsewhere it proves later that
 *	nothing up to there was exchanged for something else.
 * @seq: Number of the last row; 0 for none.
 * @mac: Its MAC.
 */
struct audit_mark {
	int64_t seq;
	uint8_t mac[AUDIT_MAC_LEN];
};

/**
 * enum audit_fault - What audit_verify() finds.
 * @AUDIT_SOUND: nothing
 * @AUDIT_CHANGED: a row is not what was written, or is in another's place
 * @AUDIT_MISSING: a row is gone
 * @AUDIT_CUT: rows are gone from the end, or the end itself was changed
 * @AUDIT_UNMARKED: the row of the mark is not the one that was there
 * @AUDIT_NO_KEY: a row is under a generation of MPIN that is not here
 */
enum audit_fault {
	AUDIT_SOUND,
	AUDIT_CHANGED,
	AUDIT_MISSING,
	AUDIT_CUT,
	AUDIT_UNMARKED,
	AUDIT_NO_KEY,
};

/**
 * struct audit_verdict - Result of audit_verify().
 * @fault: The first thing that is wrong.
 * @seq: Row at which it is.
 * @rows: Rows under a MAC that were looked at.
 * @older: Rows from before there were MACs.
 * @end: Where the trail ends, unless something is wrong.
 */
struct audit_verdict {
	enum audit_fault fault;
	int64_t seq;
	uint64_t rows;
	uint64_t older;
	struct audit_mark end;
};

enum audit_format {
	AUDIT_CSV,
	AUDIT_NDJSON,
};

int audit_start(struct store *store, struct provider *provider,
		struct domain_error *error);
void audit_ahead(struct store *store, struct domain_error *error);
int audit_find_end(struct store *store, struct domain_error *error);
int audit_append(struct store *store, struct audit_row *row,
		 struct domain_error *error);
int audit_each(struct store *store, const struct audit_filter *filter,
	       int (*visit)(const struct audit_row *row, void *arg), void *arg,
	       struct domain_error *error);
int audit_verify(struct store *store, struct provider *provider,
		 const struct audit_mark *mark, int64_t from,
		 struct audit_verdict *verdict, struct domain_error *error);
int audit_export(struct store *store, const struct audit_filter *filter,
		 enum audit_format format, FILE *out, uint64_t *rows,
		 struct domain_error *error);
const char *audit_fault_text(enum audit_fault fault);

#endif /* CENTRE_AUDIT_H */
