// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Commands to modules, their receipts, and nonces of reports.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "centre/store_private.h"

#define COLUMNS \
	"mid, seq, op, nexp, body, data, coalesce(sw, -1), lost, actor, at, offers, handed_to, handed_at, given_up"

/**
 * store_add_command() - Keep a command to a module.
 * @store: The database.
 * @command: All of it up to @data_len, @actor and @at.
 * @error: Receives the reason of a failure.
 *
 * Return: 0 or a negative errno; -EEXIST where the number was used.
 */
int store_add_command(struct store *store, const struct store_command *command,
		      struct domain_error *error)
{
	return db_exec(store->db, error,
		       "INSERT INTO command (mid, seq, op, nexp, body, data, actor, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
		       "BIIIXXTI", command->mid, (int64_t)command->seq,
		       (int64_t)command->op, (int64_t)command->nexp,
		       command->body, command->body_len, command->data,
		       command->data_len, command->actor, command->at);
}

static size_t copy_up_to(struct db_rows *rows, int column, uint8_t *out,
			 size_t size)
{
	size_t len = 0;
	const void *bytes = db_bytes(rows, column, &len);

	if (!bytes || len > size)
		return 0;
	memcpy(out, bytes, len);
	return len;
}

static void read_command(struct db_rows *rows, struct store_command *command)
{
	db_copy(rows, 0, command->mid, PDT1_ID_LEN);
	command->seq = (uint32_t)db_number(rows, 1);
	command->op = (uint8_t)db_number(rows, 2);
	command->nexp = (uint32_t)db_number(rows, 3);
	command->body_len = copy_up_to(rows, 4, command->body,
				       sizeof(command->body));
	command->data_len = copy_up_to(rows, 5, command->data,
				       sizeof(command->data));
	command->sw = (int)db_number(rows, 6);
	command->lost = db_number(rows, 7);
	snprintf(command->actor, sizeof(command->actor), "%s", db_text(rows, 8));
	command->at = db_number(rows, 9);
	command->offers = (uint32_t)db_number(rows, 10);
	snprintf(command->handed_to, sizeof(command->handed_to), "%s", db_text(rows, 11));
	command->handed_at = db_number(rows, 12);
	command->given_up = db_number(rows, 13);
}

/**
 * store_get_command() - Look a command up.
 * @store: The database.
 * @mid: The module.
 * @seq: Sequence number.
 * @command: Receives it.
 * @error: Receives the reason of a failure.
 *
 * Return: 1, 0 where there is no such command, or a negative errno.
 */
int store_get_command(struct store *store, const uint8_t mid[PDT1_ID_LEN],
		      uint32_t seq, struct store_command *command,
		      struct domain_error *error)
{
	struct db_rows *rows;
	int ret;

	ret = db_first(store->db, &rows, error,
		       "SELECT " COLUMNS " FROM command WHERE mid = $1 AND seq = $2",
		       "BI", mid, (int64_t)seq);
	if (ret > 0) {
		read_command(rows, command);
		db_end(rows);
	}
	return ret;
}

/**
 * store_set_receipt() - Keep the receipt of a command.
 * @store: The database.
 * @mid: The module.
 * @seq: The command.
 * @sw: Status word in it.
 * @receipt: The receipt, found authentic.
 * @error: Receives the reason of a failure.
 *
 * Return: 0 or a negative errno.
 */
int store_set_receipt(struct store *store, const uint8_t mid[PDT1_ID_LEN],
		      uint32_t seq, uint16_t sw,
		      const uint8_t receipt[DOMAIN_RECEIPT_LEN],
		      struct domain_error *error)
{
	return db_exec(store->db, error,
		       "UPDATE command SET sw = $1, receipt = $2, lost = 0 WHERE mid = $3 AND seq = $4",
		       "IXBI", (int64_t)sw, receipt, (size_t)DOMAIN_RECEIPT_LEN,
		       mid, (int64_t)seq);
}

/**
 * store_lose_commands() - A report shows which numbers a module has used.
 * @store: The database.
 * @mid: The module.
 * @mseq: The highest; commands up to it without a receipt are lost, and so is
 *	every command with a number that the module would not take any more.
 * @error: Receives the reason of a failure.
 *
 * Return: 0 or a negative errno.
 */
int store_lose_commands(struct store *store, const uint8_t mid[PDT1_ID_LEN],
			uint32_t mseq, struct domain_error *error)
{
	return db_exec(store->db, error,
		       "UPDATE command SET lost = 1 WHERE mid = $1 AND seq <= $2 AND sw IS NULL AND lost = 0",
		       "BI", mid, (int64_t)mseq);
}

/**
 * store_max_receipt() - The highest number of which a receipt came.
 * @store: The database.
 * @mid: The module.
 * @op: Only of this operation, or -1.
 * @seq: Receives it; 0 for none.
 * @error: Receives the reason of a failure.
 *
 * Return: 0 or a negative errno.
 */
int store_max_receipt(struct store *store, const uint8_t mid[PDT1_ID_LEN],
		      int op, uint32_t *seq, struct domain_error *error)
{
	int64_t got = 0;
	int ret;

	ret = db_get(store->db, &got, error,
		     "SELECT seq FROM command WHERE mid = $1 AND $2 IN (op, -1) AND sw IS NOT NULL ORDER BY seq DESC LIMIT 1",
		     "BI", mid, (int64_t)op);
	*seq = (uint32_t)got;
	return ret < 0 ? ret : 0;
}

static int each_command(struct db_rows *rows,
			int (*visit)(const struct store_command *command,
				     void *arg),
			void *arg, struct domain_error *error)
{
	struct store_command command;
	int ret;

	while ((ret = db_next(rows, error)) > 0) {
		read_command(rows, &command);
		ret = visit(&command, arg);
		if (ret)
			break;
	}
	db_end(rows);
	return ret;
}

/**
 * store_each_unreceipted() - Visit the commands of which no receipt came, those
 *	that are lost too.
 * @store: The database.
 * @mid: The module.
 * @visit: Called for each in the order of their numbers; another value than 0
 *	ends the visit.
 * @arg: For @visit.
 * @error: Receives the reason of a failure.
 *
 * Return: 0, what @visit returned, or a negative errno.
 */
int store_each_unreceipted(struct store *store, const uint8_t mid[PDT1_ID_LEN],
			   int (*visit)(const struct store_command *command,
					void *arg),
			   void *arg, struct domain_error *error)
{
	struct db_rows *rows;
	int ret;

	ret = db_query(store->db, &rows, error,
		       "SELECT " COLUMNS " FROM command WHERE mid = $1 AND sw IS NULL ORDER BY seq",
		       "B", mid);
	return ret ? ret : each_command(rows, visit, arg, error);
}

/**
 * store_each_open_command() - Visit the commands that a module has still to get.
 * @store: The database.
 * @mid: The module.
 * @limit: Rows at most; 0 for all.
 * @visit: Called for each in the order in which the module must get them; another
 *	value than 0 ends the visit.
 * @arg: For @visit.
 * @error: Receives the reason of a failure.
 *
 * Return: 0, what @visit returned, or a negative errno.
 */
int store_each_open_command(struct store *store, const uint8_t mid[PDT1_ID_LEN],
			    unsigned int limit,
			    int (*visit)(const struct store_command *command,
					 void *arg),
			    void *arg, struct domain_error *error)
{
	struct db_rows *rows;
	int ret;

	ret = db_query(store->db, &rows, error,
		       "SELECT " COLUMNS " FROM command WHERE mid = $1 AND sw IS NULL AND lost = 0 ORDER BY seq LIMIT $2",
		       "BI", mid, limit ? (int64_t)limit : INT64_MAX);
	return ret ? ret : each_command(rows, visit, arg, error);
}

/* Those of the first database format were carried as files only. */
#define OFFERED	"mid = $1 AND sw IS NULL AND lost = 0 AND given_up = 0 AND data IS NOT NULL"

/**
 * store_has_offer() - Is there a command that agents are given for a module?
 * @store: The database.
 * @mid: The module.
 * @error: Receives the reason of a failure.
 *
 * Return: 1, 0 where there is none, or a negative errno.
 */
int store_has_offer(struct store *store, const uint8_t mid[PDT1_ID_LEN],
		    struct domain_error *error)
{
	int64_t one;

	return db_get(store->db, &one, error, "SELECT 1 FROM command WHERE " OFFERED " LIMIT 1",
		      "B", mid);
}

/**
 * store_each_offer() - Visit the commands that agents are given for a module.
 * @store: The database.
 * @mid: The module.
 * @limit: Rows at most.
 * @visit: Called for each in the order of their numbers; another value than 0
 *	ends the visit.
 * @arg: For @visit.
 * @error: Receives the reason of a failure.
 *
 * Return: 0, what @visit returned, or a negative errno.
 */
int store_each_offer(struct store *store, const uint8_t mid[PDT1_ID_LEN],
		     unsigned int limit,
		     int (*visit)(const struct store_command *command, void *arg),
		     void *arg, struct domain_error *error)
{
	struct db_rows *rows;
	int ret;

	ret = db_query(store->db, &rows, error,
		       "SELECT " COLUMNS " FROM command WHERE " OFFERED " ORDER BY seq LIMIT $2",
		       "BI", mid, (int64_t)limit);
	return ret ? ret : each_command(rows, visit, arg, error);
}

/**
 * store_set_offer() - Keep who was given a command, or that nobody is any more.
 * @store: The database.
 * @command: The command; @offers, @handed_to, @handed_at and @given_up are kept.
 * @error: Receives the reason of a failure.
 *
 * Return: 0 or a negative errno.
 */
int store_set_offer(struct store *store, const struct store_command *command,
		    struct domain_error *error)
{
	return db_exec(store->db, error,
		       "UPDATE command SET offers = $1, handed_to = $2, handed_at = $3, given_up = $4 WHERE mid = $5 AND seq = $6",
		       "ITIIBI", (int64_t)command->offers, command->handed_to,
		       command->handed_at, (int64_t)command->given_up,
		       command->mid, (int64_t)command->seq);
}

/**
 * store_each_command() - Visit the commands of a module, the newest first.
 * @store: The database.
 * @mid: The module.
 * @before: Only smaller numbers; %UINT32_MAX for the first page.
 * @limit: Rows at most; 0 for all.
 * @visit: Called for each; another value than 0 ends the visit.
 * @arg: For @visit.
 * @error: Receives the reason of a failure.
 *
 * Return: 0, what @visit returned, or a negative errno.
 */
int store_each_command(struct store *store, const uint8_t mid[PDT1_ID_LEN],
		       uint32_t before, unsigned int limit,
		       int (*visit)(const struct store_command *command,
				    void *arg),
		       void *arg, struct domain_error *error)
{
	struct db_rows *rows;
	int ret;

	ret = db_query(store->db, &rows, error,
		       "SELECT " COLUMNS " FROM command WHERE mid = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3",
		       "BII", mid, before == UINT32_MAX ? INT64_MAX : (int64_t)before,
		       limit ? (int64_t)limit : INT64_MAX);
	return ret ? ret : each_command(rows, visit, arg, error);
}

/**
 * store_add_nonce() - Keep a nonce that a report is asked for with.
 * @store: The database.
 * @mid: A registered module.
 * @nonce: The nonce, new.
 * @at: Seconds since 1970.
 * @error: Receives the reason of a failure.
 *
 * Return: 0 or a negative errno.
 */
int store_add_nonce(struct store *store, const uint8_t mid[PDT1_ID_LEN],
		    const uint8_t nonce[PDT1_REPORT_NONCE_LEN], int64_t at,
		    struct domain_error *error)
{
	return db_exec(store->db, error,
		       "INSERT INTO report_nonce (nonce, mid, at) VALUES ($1, $2, $3)",
		       "XBI", nonce, (size_t)PDT1_REPORT_NONCE_LEN, mid, at);
}

/**
 * store_take_nonce() - Use up a nonce, and forget those that are too old.
 * @store: The database.
 * @mid: The module.
 * @nonce: The nonce.
 * @since: Only if it is not older than this.
 * @error: Receives the reason of a failure.
 *
 * Return: 1, 0 where there is no such nonce any more, or a negative errno.
 */
int store_take_nonce(struct store *store, const uint8_t mid[PDT1_ID_LEN],
		     const uint8_t nonce[PDT1_REPORT_NONCE_LEN], int64_t since,
		     struct domain_error *error)
{
	int64_t changes = 0;
	int err;

	err = db_exec(store->db, error,
		      "DELETE FROM report_nonce WHERE mid = $1 AND at < $2",
		      "BI", mid, since);
	if (!err)
		err = db_change(store->db, error, &changes,
				"DELETE FROM report_nonce WHERE nonce = $1 AND mid = $2",
				"XB", nonce, (size_t)PDT1_REPORT_NONCE_LEN, mid);
	return err ? err : changes > 0;
}

/**
 * store_each_nonce() - Visit the nonces that a module may answer to.
 * @store: The database.
 * @mid: The module.
 * @since: Not older ones.
 * @visit: Called for each; another value than 0 ends the visit.
 * @arg: For @visit.
 * @error: Receives the reason of a failure.
 *
 * Return: 0, what @visit returned, or a negative errno.
 */
int store_each_nonce(struct store *store, const uint8_t mid[PDT1_ID_LEN],
		     int64_t since,
		     int (*visit)(const uint8_t nonce[PDT1_REPORT_NONCE_LEN],
				  void *arg),
		     void *arg, struct domain_error *error)
{
	uint8_t nonce[PDT1_REPORT_NONCE_LEN];
	struct db_rows *rows;
	int ret;

	ret = db_query(store->db, &rows, error,
		       "SELECT nonce FROM report_nonce WHERE mid = $1 AND at >= $2 ORDER BY at DESC",
		       "BI", mid, since);
	if (ret)
		return ret;
	while ((ret = db_next(rows, error)) > 0) {
		db_copy(rows, 0, nonce, sizeof(nonce));
		ret = visit(nonce, arg);
		if (ret)
			break;
	}
	db_end(rows);
	return ret;
}
