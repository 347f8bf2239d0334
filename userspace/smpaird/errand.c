// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A command whose receipt is lost is known to the centre as queued, and the
 * module does not take its number again: whenever a module gives no receipt, a
 * report tells the centre where it is.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/smpair_proto.h>
#include <smpair/error.h>
#include <smpair/id.h>

#include "libsmpair/deadline.h"
#include "smpaird/link.h"
#include "smpaird/log.h"

/* Offsets in receipts and reports (protocol, section 13) */
#define RECEIPT_OP	1
#define RECEIPT_SW	2
#define REPORT_TRIES	28

static struct daemon *daemon_of(const struct errand *errand)
{
	return errand->link->daemon;
}

static const char *name_of(const struct errand *errand, char name[SMPAIR_ID_TEXT_SIZE])
{
	smpair_id_format(errand->link->module_id, name, SMPAIR_ID_TEXT_SIZE);
	return name;
}

static void finish(struct errand *errand)
{
	struct daemon *daemon = daemon_of(errand);
	unsigned int wait = errand->delay ? errand->delay : daemon->conf.poll;

	free(errand->commands);
	errand->commands = NULL;
	errand->count = 0;
	errand->at = 0;
	errand->report = false;
	errand->phase = ERRAND_IDLE;
	if (wait)
		loop_set(&daemon->loop, &errand->due, smpair_now() + (int64_t)wait * 1000);
	link_errand_done(errand->link);
}

/* Not now: the module is asked about again, later each time. */
static void finish_early(struct errand *errand, const char *what,
			 const struct centre_result *result)
{
	char module[SMPAIR_ID_TEXT_SIZE];

	if (!errand->delay)
		log_line(LOG_NOTICE, "module %s: %s: %s", name_of(errand, module), what,
			 result && result->why ? result->why : "the centre is not ready for it");
	errand->delay = spool_next_delay(errand->delay);
	if (result && result->retry_after > errand->delay)
		errand->delay = result->retry_after;
	finish(errand);
}

static bool is_temporary(const struct centre_result *result)
{
	return !result->status || api_is_temporary(result->status);
}

static int call(struct errand *errand, const char *method, const char *what, const char *body,
		centre_done_fn done)
{
	struct daemon *daemon = daemon_of(errand);
	char module[SMPAIR_ID_TEXT_SIZE], path[CENTRE_PATH_SIZE];
	const struct centre_order order = {
		.method = method, .path = path, .body = body,
		.deadline = smpair_now() + daemon->conf.timeout * 1000,
	};

	snprintf(path, sizeof(path), "/v1/modules/%s/%s", name_of(errand, module), what);
	return centre_call(&daemon->loop, &daemon->conf, &order, done, errand, &errand->call);
}

/* ---- a report ---- */

static void reported(struct errand *errand, const struct smpair_outcome *outcome)
{
	char module[SMPAIR_ID_TEXT_SIZE], path[CENTRE_PATH_SIZE];

	name_of(errand, module);
	if (outcome->error || !SMPAIR_HAS(outcome, SMPAIR_A_OP_REPORT)) {
		log_line(LOG_WARNING, "module %s gives no report: %s; %s", module,
			 smpair_cause_info(outcome->cause)->text,
			 smpair_cause_info(outcome->cause)->next);
	} else {
		snprintf(path, sizeof(path), "/v1/modules/%s/reports", module);
		link_tell_centre(errand->link, "POST", path,
				 api_report(errand->nonce, outcome->report));
		if (outcome->report[REPORT_TRIES])
			errand->link->unblocked = true;
	}
	finish(errand);
}

static void got_nonce(void *arg, const struct centre_result *result)
{
	struct errand *errand = arg;
	struct daemon *daemon = daemon_of(errand);
	int err;

	errand->call = NULL;
	if (is_temporary(result)) {
		finish_early(errand, "no report is asked for", result);
		return;
	}
	errand->delay = 0;
	err = result->status == 201 ?
	      api_parse_nonce(result->body, result->len, errand->nonce) : -EBADMSG;
	if (!err)
		err = smpair_op_report(daemon->client, errand->link->id, errand->nonce,
				       &errand->op);
	if (err) {
		finish(errand);
		return;
	}
	errand->phase = ERRAND_REPORTING;
	errand_outcome(errand);
}

static void report_or_finish(struct errand *errand)
{
	if (!errand->report) {
		finish(errand);
		return;
	}
	errand->phase = ERRAND_ASKING;
	if (call(errand, "POST", "report-nonces", "{}", got_nonce))
		finish(errand);
}

/* ---- commands ---- */

static void carry_next(struct errand *errand)
{
	struct daemon *daemon = daemon_of(errand);
	const struct api_command *command;
	char module[SMPAIR_ID_TEXT_SIZE];
	int err;

	for (; errand->at < errand->count; errand->at++) {
		command = &errand->commands[errand->at];
		err = smpair_op_manage(daemon->client, errand->link->id, command->data,
				       command->len, &errand->op);
		if (!err)
			return;
		log_line(LOG_WARNING, "module %s: command %u is not carried: %s",
			 name_of(errand, module), command->seq,
			 smpair_client_extack(daemon->client) ?: strerror(-err));
	}
	report_or_finish(errand);
}

static bool unblocks(const uint8_t *receipt)
{
	return receipt[RECEIPT_OP] == PDT1_OP_UNBLOCK_PIN &&
	       (receipt[RECEIPT_SW] << 8 | receipt[RECEIPT_SW + 1]) == PDT1_SW_OK;
}

static void carried(struct errand *errand, const struct smpair_outcome *outcome)
{
	const struct api_command *command = &errand->commands[errand->at];
	char module[SMPAIR_ID_TEXT_SIZE], path[CENTRE_PATH_SIZE];

	name_of(errand, module);
	if (outcome->error || !SMPAIR_HAS(outcome, SMPAIR_A_OP_RECEIPT)) {
		log_line(LOG_WARNING, "module %s: command %u has no receipt: %s; a report follows",
			 module, command->seq, smpair_cause_info(outcome->cause)->text);
		errand->report = true;
	} else {
		log_line(LOG_INFO, "module %s: command %u carried", module, command->seq);
		snprintf(path, sizeof(path), "/v1/modules/%s/commands/%u/receipt", module,
			 command->seq);
		link_tell_centre(errand->link, "PUT", path, api_receipt(outcome->receipt));
		if (unblocks(outcome->receipt))
			errand->link->unblocked = true;
	}
	errand->at++;
	carry_next(errand);
}

static void fetched(void *arg, const struct centre_result *result)
{
	struct errand *errand = arg;
	char module[SMPAIR_ID_TEXT_SIZE];
	int err = -EBADMSG;

	errand->call = NULL;
	if (is_temporary(result)) {
		finish_early(errand, "no commands from the centre", result);
		return;
	}
	/* Another agent has them, until then. */
	errand->delay = result->retry_after;
	errand->commands = calloc(API_COMMANDS_MAX, sizeof(*errand->commands));
	if (errand->commands && result->status == 200)
		err = api_parse_commands(result->body, result->len, errand->commands,
					 &errand->count, &errand->report);
	if (err && result->status != 404)
		log_line(LOG_NOTICE, "module %s: no commands from the centre: it answers %ld%s",
			 name_of(errand, module), result->status,
			 result->status == 200 ? ", but what makes no sense" : "");
	if (err) {
		finish(errand);
		return;
	}
	errand->phase = ERRAND_CARRYING;
	carry_next(errand);
	/* What came while the driver confirmed makes no descriptor readable. */
	errand_outcome(errand);
}

static void begin(void *arg)
{
	struct errand *errand = arg;

	if (!link_takes_errands(errand->link)) {
		finish(errand);
		return;
	}
	/* A receipt that waits is of a command that the centre would give again. */
	if (daemon_of(errand)->spool.waiting) {
		errand->delay = spool_next_delay(errand->delay);
		finish(errand);
		return;
	}
	errand->phase = ERRAND_FETCHING;
	if (call(errand, "GET", "commands", NULL, fetched))
		finish(errand);
}

/**
 * errand_begin() - Run errands for a module from now on, until errand_end().
 * @errand: Zeroed; filled.
 * @link: The module, whose identifier is known. link_errand_done() is called each
 *	time that all was done, or cannot be for now.
 */
void errand_begin(struct errand *errand, struct link *link)
{
	errand->link = link;
	errand->due = (struct loop_timer){ .fn = begin, .arg = errand };
	begin(errand);
}

/**
 * errand_outcome() - See whether the module did what it was asked.
 * @errand: The errand.
 */
void errand_outcome(struct errand *errand)
{
	struct smpair_outcome outcome;
	uint64_t op;

	while (errand->op) {
		op = errand->op;
		if (smpair_op_wait(daemon_of(errand)->client, op, 0, &outcome))
			return;
		errand->op = 0;
		if (errand->phase == ERRAND_CARRYING)
			carried(errand, &outcome);
		else
			reported(errand, &outcome);
	}
}

/**
 * errand_end() - The module left.
 * @errand: The errand; may never have begun.
 */
void errand_end(struct errand *errand)
{
	if (!errand->link)
		return;
	centre_cancel(errand->call);
	loop_clear(&daemon_of(errand)->loop, &errand->due);
	free(errand->commands);
}
