// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The centre's word to modules, their receipts and reports.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "centre/api_fetch.h"
#include "centre/api_job.h"
#include "centre/api_page.h"
#include "centre/api_registry.h"
#include "centre/order_json.h"
#include "domain/base64.h"
#include "domain/bytes.h"
#include "domain/number.h"

/* Where a receipt says which command it is of. */
#define RECEIPT_SEQ	12

static void unknown_module(struct api_reply *reply)
{
	api_problem(reply, 404, "unknown-module", "the module is not registered here",
		    "compare the identifier with the module's label");
}

/* ---- queueing ---- */

/* A command that is queued. */
struct queueing {
	struct api_job job;
	uint8_t mid[PDT1_ID_LEN];
	struct order order;
	struct domain domain;
	struct store_command command;
};

static int act_queue(struct store *store, struct api_job *job, struct domain_error *error)
{
	struct queueing *q = (struct queueing *)job;
	int err;

	err = order_make(store, job->call->service->provider, &q->domain, q->mid, &q->order,
			 job->call->client.name, job->now, &q->command, error);
	job->value = q->command.seq;
	return err;
}

static void tell_queueing(struct api_call *call, struct api_reply *reply, int err,
			  struct queueing *q)
{
	if (!err) {
		reply->status = 201;
		reply->object = order_json(&q->command, false);
	} else if (err == -ENOENT) {
		unknown_module(reply);
	} else if (err == -ENOKEY) {
		api_problem(reply, 409, "no-such-generation", "the centre has no such key",
			    "add the generation with smpair-provision, and load it here");
	} else if (err == -EBUSY) {
		api_problem(reply, 409, "between-keys",
			    "the module was told to take another management key and has not answered",
			    "wait for that receipt, or for a report");
	} else if (err == -ERANGE) {
		api_problem(reply, 409, "numbers-used-up",
			    "the sequence numbers of the module are used up",
			    "replace the module");
	} else {
		api_job_failed(call, reply, err, &q->job);
	}
}

/* A command that was queued before under the same key, as it is now. */
static int look_up(struct api_call *call, struct queueing *q)
{
	struct service *service = call->service;
	int ret;

	pthread_mutex_lock(&service->lock);
	ret = store_get_command(service->reader, q->mid, q->job.value, &q->command,
				&q->job.job.error);
	pthread_mutex_unlock(&service->lock);
	return ret > 0 ? 0 : ret < 0 ? ret : -EIO;
}

/**
 * api_queue_command() - POST /v1/modules/ID/commands.
 * @call: The request.
 * @reply: Receives the answer.
 */
void api_queue_command(struct api_call *call, struct api_reply *reply)
{
	struct queueing q = { .job = { .act = act_queue } };
	struct domain_error error;
	struct domain_json json = { .where = "body", .error = &error };
	int err;

	if (!api_path_id(call, reply, 0, q.mid) || !api_body(call, reply, &json.object, &error))
		return;
	err = order_read_json(&json, &q.order);
	json_decref(json.object);
	if (err) {
		api_bad_body(reply, &error);
		return;
	}
	if (q.order.op == PDT1_OP_PUT_K)
		err = domain_load(&q.domain, call->service->domain, &q.job.job.error);
	if (!err)
		err = api_run(call, &q.job);
	if (!err && q.job.repeated)
		err = look_up(call, &q);
	tell_queueing(call, reply, err, &q);
	domain_wipe(&q.domain);
}

/* ---- looking ---- */

static int add_history(const struct store_command *command, void *arg)
{
	uint8_t at[4];

	put_be32(at, command->seq);
	return api_page_add(arg, order_json(command, false), at, sizeof(at));
}

static int list_history(struct store *store, struct api_call *call, struct api_page *page,
			struct domain_error *error)
{
	uint8_t mid[PDT1_ID_LEN];
	struct api_reply unused = { 0 };

	/* It was found good before. */
	api_path_id(call, &unused, 0, mid);
	return store_each_command(store, mid, page->from.len ? get_be32(page->from.at) : UINT32_MAX,
				  page->limit + 1, add_history, page, error);
}

/**
 * api_list_commands() - GET /v1/modules/ID/commands.
 * @call: The request.
 * @reply: Receives the answer: for agents what the module has still to get, for
 *	people all of its commands.
 */
void api_list_commands(struct api_call *call, struct api_reply *reply)
{
	struct store_module module;

	if (!api_find_module(call, reply, &module))
		return;
	if (call->role != API_AGENT)
		api_list(call, reply, 4, list_history);
	else if (call->query[API_CURSOR] || call->query[API_LIMIT])
		api_bad_query(reply, "agents get all that the module has still to get");
	else
		api_fetch_commands(call, reply, &module);
}

/* ---- what modules say ---- */

/* Something that a module says, and what an agent brings as such. */
struct saying {
	struct api_job job;
	uint8_t mid[PDT1_ID_LEN];
	uint32_t seq;
	uint8_t data[DOMAIN_REPORT_LEN];
	uint8_t nonce[PDT1_REPORT_NONCE_LEN];
	struct store_command command;
	struct store_module module;
	int refused;	/* a negative errno, and why is recorded */
	char why[sizeof(struct domain_error)];
};

/* Bytes in base64 that a body has to hold. */
struct member {
	const char *name;
	uint8_t *data;
	size_t len;
};

#define MEMBERS_MAX	2

/* The module of the path, and a body of just these members. What comes counts
 * against the module's limit. False with the problem.
 */
static bool read_saying(struct api_call *call, struct api_reply *reply, uint8_t mid[PDT1_ID_LEN],
			const struct member *members, size_t count)
{
	const char *names[MEMBERS_MAX + 1] = { NULL };
	struct domain_error error;
	struct domain_json json = { .where = "body", .error = &error };
	size_t i;
	int err;

	if (!api_path_id(call, reply, 0, mid) || !api_body(call, reply, &json.object, &error))
		return false;
	for (i = 0; i < count; i++)
		names[i] = members[i].name;
	err = domain_json_names(&json, names);
	for (i = 0; !err && i < count; i++)
		err = api_need_base64(&json, members[i].name, members[i].data, members[i].len);
	json_decref(json.object);
	if (err) {
		api_bad_body(reply, &error);
		return false;
	}
	return api_limit(call, reply, LIMIT_MODULE, mid, PDT1_ID_LEN);
}

/* What is not authentic changes nothing but the trail. */
static int record_refusal(struct store *store, struct saying *s, int err, const char *action,
			  struct domain_error *error)
{
	struct audit_row row = {
		.at = s->job.now, .actor = s->job.call->client.name, .action = action,
		.mid = s->mid, .result = "refused", .cause = "not-authentic", .detail = s->why,
	};

	if (err != -EBADMSG && err != -EPROTO && err != -ESTALE)
		return err;
	s->refused = err;
	s->job.value = 1;
	memcpy(s->why, error->text, sizeof(s->why));
	return audit_append(store, &row, error);
}

static void tell_refusal(struct api_call *call, struct api_reply *reply, int err,
			 const struct saying *s, const char *what, const char *next)
{
	if (err == -ENOENT) {
		api_problem(reply, 404, "unknown-command",
			    "this centre made no such command for such a module",
			    "bring it to the centre that made it");
	} else if (err) {
		api_job_failed(call, reply, err, &s->job);
	} else {
		api_problem(reply, 422, "not-authentic", what, next);
		json_object_set_new(reply->object, "detail", json_string(s->why));
	}
}

static int act_receipt(struct store *store, struct api_job *job, struct domain_error *error)
{
	struct saying *s = (struct saying *)job;
	struct domain_receipt receipt;
	int ret;

	s->refused = 0;
	ret = store_get_command(store, s->mid, s->seq, &s->command, error);
	if (!ret)
		ret = domain_fail(error, -ENOENT, "there is no command %u for the module", s->seq);
	if (ret < 0)
		return ret;
	/* Nothing is changed by one that does not belong to the path. */
	if (get_be32(s->data + RECEIPT_SEQ) != s->seq)
		ret = domain_fail(error, -ESTALE, "the receipt is of another command");
	else
		ret = order_receipt(store, job->call->service->provider, s->mid, s->data,
				    DOMAIN_RECEIPT_LEN, job->call->client.name, job->now, &receipt,
				    error);
	if (ret)
		return record_refusal(store, s, ret, "receipt", error);
	ret = store_get_command(store, s->mid, s->seq, &s->command, error);
	return ret < 0 ? ret : 0;
}

/**
 * api_put_receipt() - PUT /v1/modules/ID/commands/SEQ/receipt.
 * @call: The request.
 * @reply: Receives the answer.
 */
void api_put_receipt(struct api_call *call, struct api_reply *reply)
{
	struct saying s = { .job = { .act = act_receipt } };
	const struct member members[] = { { "receipt", s.data, DOMAIN_RECEIPT_LEN } };
	struct domain_error error;
	uint64_t seq = 0;
	int err;

	if (domain_number("the number in the path", call->part[1], 0, UINT32_MAX, &seq, &error)) {
		api_problem(reply, 400, "bad-number", "the number in the path is none",
			    "take the number of the command as it was listed");
		return;
	}
	s.seq = (uint32_t)seq;
	if (!read_saying(call, reply, s.mid, members, 1))
		return;
	err = api_run(call, &s.job);
	if (err || s.refused) {
		tell_refusal(call, reply, err, &s,
			     "this is no receipt of the module for the command",
			     "carry the command again, and bring the receipt as the module gives it");
		return;
	}
	reply->status = 200;
	reply->object = order_json(&s.command, false);
}

static int act_nonce(struct store *store, struct api_job *job, struct domain_error *error)
{
	struct saying *s = (struct saying *)job;

	return order_nonce(store, s->mid, job->call->client.name, job->now, s->nonce, error);
}

/**
 * api_ask_report() - POST /v1/modules/ID/report-nonces.
 * @call: The request.
 * @reply: Receives the answer.
 */
void api_ask_report(struct api_call *call, struct api_reply *reply)
{
	char text[DOMAIN_BASE64_SIZE(PDT1_REPORT_NONCE_LEN)];
	struct saying s = { .job = { .act = act_nonce } };
	int err;

	if (!read_saying(call, reply, s.mid, NULL, 0))
		return;
	err = api_run(call, &s.job);
	if (err == -ENOENT) {
		unknown_module(reply);
	} else if (err) {
		api_job_failed(call, reply, err, &s.job);
	} else {
		domain_base64_encode(s.nonce, sizeof(s.nonce), text);
		reply->status = 201;
		reply->object = json_pack("{s:i, s:s}", "v", 1, "nonce", text);
	}
}

static int act_report(struct store *store, struct api_job *job, struct domain_error *error)
{
	struct saying *s = (struct saying *)job;
	struct domain_report report;
	enum rule_cause cause;
	int ret;

	s->refused = 0;
	job->value = 0;
	ret = order_report(store, job->call->service->provider, s->mid, s->nonce, s->data,
			   DOMAIN_REPORT_LEN, job->call->client.name, job->now, &cause, &report,
			   error);
	return ret ? record_refusal(store, s, ret, "report", error) : 0;
}

/**
 * api_put_report() - POST /v1/modules/ID/reports.
 * @call: The request.
 * @reply: Receives the answer.
 */
void api_put_report(struct api_call *call, struct api_reply *reply)
{
	struct saying s = { .job = { .act = act_report } };
	const struct member members[] = {
		{ "nonce", s.nonce, sizeof(s.nonce) },
		{ "report", s.data, DOMAIN_REPORT_LEN },
	};
	struct store_module module;
	int err;

	if (!read_saying(call, reply, s.mid, members, 2))
		return;
	err = api_run(call, &s.job);
	if (err == -ENOENT)
		unknown_module(reply);
	else if (err || s.job.value)
		tell_refusal(call, reply, err, &s,
			     "this is no report of the module to a nonce of the last ten minutes",
			     "ask for a new nonce, and take the report again");
	else if (api_find_module(call, reply, &module)) {
		reply->status = 200;
		reply->object = api_json_module(&module);
	}
}
