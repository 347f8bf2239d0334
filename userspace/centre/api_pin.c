// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Requests for a PIN, and what became of it.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <smpair/id.h>

#include "centre/api_job.h"
#include "centre/api_page.h"
#include "centre/decide.h"
#include "domain/bytes.h"
#include "domain/policy.h"

/* A request is held as long as the driver may let its agent wait. */
#define POLL_SECONDS	5

/* ---- reading ---- */

/* Six digits as text, since zeros lead. */
static int read_code(const struct domain_json *json, uint32_t *code)
{
	const char *text;
	int ret;

	ret = domain_json_text(json, "request_code", &text);
	if (!ret)
		return domain_json_missing(json, "request_code");
	if (ret < 0)
		return ret;
	if (strlen(text) != 6 || strspn(text, "0123456789") != 6)
		return domain_fail(json->error, -EINVAL, "request_code has six digits");
	for (*code = 0; *text; text++)
		*code = *code * 10 + (uint32_t)(*text - '0');
	return 0;
}

static int need_index(const struct domain_json *json, uint32_t *n)
{
	uint64_t value;
	int ret = domain_json_uint(json, "index", 0, UINT32_MAX, &value);

	if (!ret)
		return domain_json_missing(json, "index");
	*n = (uint32_t)value;
	return ret < 0 ? ret : 0;
}

static int read_policy(const struct domain_json *json, int *policy)
{
	const char *text;
	int ret;

	*policy = -1;
	ret = domain_json_text(json, "policy", &text);
	if (ret <= 0)
		return ret;
	*policy = domain_pin_policy(text);
	return *policy < 0 ? domain_fail(json->error, -EINVAL,
					 "policy is none, module, pair or indexed") : 0;
}

static int read_request(const struct domain_json *json, struct decide_request *request)
{
	static const char *const names[] = {
		"module", "host", "index", "request_code", "policy", NULL,
	};
	int err;

	err = domain_json_names(json, names);
	if (!err)
		err = api_need_id(json, "module", request->mid);
	if (!err)
		err = api_need_id(json, "host", request->sn);
	if (!err)
		err = need_index(json, &request->n);
	if (!err)
		err = read_code(json, &request->code);
	return err ? err : read_policy(json, &request->policy);
}

/* ---- answering ---- */

static void add_names(json_t *object, const uint8_t mid[8], const uint8_t sn[8], uint32_t n)
{
	json_object_set_new(object, "module", domain_json_from_id(mid));
	json_object_set_new(object, "host", domain_json_from_id(sn));
	json_object_set_new(object, "index", json_integer(n));
}

static json_t *held_object(const struct store_request *held)
{
	char code[8];
	json_t *object;

	snprintf(code, sizeof(code), "%06u", held->code % 1000000);
	object = json_pack("{s:i, s:o, s:s, s:s, s:o, s:s, s:s}", "v", 1, "id",
			   domain_json_from_hex(held->id, sizeof(held->id)), "status", "held",
			   "request_code", code, "asked", api_json_time(held->at), "cause",
			   "hotline", "next",
			   "call the operator and read out module, host, index and request code");
	add_names(object, held->mid, held->sn, held->n);
	return object;
}

static void tell_held(struct api_reply *reply, const struct store_request *held)
{
	reply->status = 202;
	reply->retry_after = POLL_SECONDS;
	reply->object = held_object(held);
	snprintf(reply->location, sizeof(reply->location), "/v1/pin-requests/%s",
		 json_string_value(json_object_get(reply->object, "id")));
}

/* The id of a request that was answered at once leads nowhere. */
static void tell_issued(struct api_reply *reply, const struct decide_request *request,
			const struct decide_answer *answer)
{
	reply->status = 201;
	reply->object = json_pack("{s:i, s:s, s:s, s:s#}", "v", 1, "id",
				  "00000000000000000000000000000000", "status", "issued",
				  "pin", answer->pin, PDT1_PIN_LEN);
	add_names(reply->object, request->mid, request->sn, request->n);
}

static unsigned int status_of(enum rule_cause cause)
{
	switch (cause) {
	case RULE_UNKNOWN_MODULE:
	case RULE_UNKNOWN_HOST:
		return 404;
	case RULE_NO_PIN:
	case RULE_POLICY_DIFFERS:
	case RULE_INDEX_END:
	case RULE_AWAITING_REPORT:
	case RULE_HOSTS_PER_MODULE:
	case RULE_MODULES_PER_HOST:
	case RULE_HOST_CHANGES:
	case RULE_TOO_MANY_HOSTS:
		return 409;
	case RULE_REQUEST_CODE:
	case RULE_REQUEST_CODE_LAST:
		return 422;
	default:
		return 403;
	}
}

static void tell_refused(struct api_reply *reply, const struct decide_answer *answer)
{
	const struct rule_text *text = &rule_texts[answer->cause];

	api_problem(reply, status_of(answer->cause), text->name, text->what, text->next);
	if (answer->cause == RULE_REQUEST_CODE)
		json_object_set_new(reply->object, "attempts_left",
				    json_integer(answer->attempts_left));
}

/* A decision, as a job of the writer. */
struct deciding {
	struct writer_job job;
	struct provider *provider;
	const struct decide_request *request;
	struct decide_answer answer;
};

static int run_deciding(struct store *store, struct writer_job *job)
{
	struct deciding *d = (struct deciding *)job;

	return decide_pin(store, d->provider, d->request, &d->answer, &job->error);
}

static void tell_answer(struct api_call *call, struct api_reply *reply,
			const struct decide_request *request, const struct decide_answer *answer)
{
	struct store_request held = { .n = request->n, .code = request->code, .at = request->now };
	struct service_counts *counts = &call->service->counts;

	switch (answer->result) {
	case RULE_RESULT_HELD:
		atomic_fetch_add(&counts->held, 1);
		memcpy(held.id, answer->request_id, sizeof(held.id));
		memcpy(held.mid, request->mid, sizeof(held.mid));
		memcpy(held.sn, request->sn, sizeof(held.sn));
		tell_held(reply, &held);
		break;
	case RULE_RESULT_ISSUED:
		atomic_fetch_add(&counts->issued, 1);
		tell_issued(reply, request, answer);
		break;
	default:
		atomic_fetch_add(&counts->refused, 1);
		tell_refused(reply, answer);
	}
}

static void decide(struct api_call *call, struct api_reply *reply,
		   const struct decide_request *request)
{
	struct deciding d = {
		.job = { .run = run_deciding }, .provider = call->service->provider,
		.request = request,
	};
	int err;

	err = writer_run(call->service->writer, &d.job);
	if (err == -EEXIST)
		api_problem(reply, 409, "idempotency-key-used",
			    "this Idempotency-Key was used for another request",
			    "make a new key for a new request");
	else if (err)
		api_failed(call, reply, err, &d.job.error);
	else
		tell_answer(call, reply, request, &d.answer);
	explicit_bzero(&d, sizeof(d));
}

/**
 * api_request_pin() - POST /v1/pin-requests.
 * @call: The request.
 * @reply: Receives the answer.
 */
void api_request_pin(struct api_call *call, struct api_reply *reply)
{
	struct decide_request request = {
		.actor = call->client.name, .key = call->key,
		.hotline = call->service->hotline, .now = time(NULL),
	};
	uint8_t digest[STORE_DIGEST_LEN];
	struct domain_error error;
	struct domain_json json = { .where = "body", .error = &error };
	int err;

	if (!api_body(call, reply, &json.object, &error))
		return;
	err = read_request(&json, &request);
	json_decref(json.object);
	if (err) {
		api_bad_body(reply, &error);
		return;
	}
	if (!api_limit(call, reply, LIMIT_MODULE, request.mid, sizeof(request.mid)) ||
	    !api_limit(call, reply, LIMIT_HOST, request.sn, sizeof(request.sn)))
		return;
	api_digest(call, digest);
	request.digest = digest;
	decide(call, reply, &request);
}

/* What became of a request, as a job of the writer. */
struct fetching {
	struct writer_job job;
	struct provider *provider;
	const char *actor;
	uint8_t id[STORE_REQUEST_ID_LEN];
	struct store_request held;
	struct decide_answer answer;
};

static int run_fetching(struct store *store, struct writer_job *job)
{
	struct fetching *f = (struct fetching *)job;
	int ret;

	ret = store_get_request(store, f->id, &f->held, &job->error);
	if (ret < 0)
		return ret;
	return decide_fetch(store, f->provider, f->id, f->actor, time(NULL), &f->answer,
			    &job->error);
}

/**
 * api_get_pin_request() - GET /v1/pin-requests/ID.
 * @call: The request.
 * @reply: Receives the answer.
 */
void api_get_pin_request(struct api_call *call, struct api_reply *reply)
{
	struct decide_request request = { 0 };
	struct fetching f = {
		.job = { .run = run_fetching }, .provider = call->service->provider,
		.actor = call->client.name,
	};
	int err;

	err = api_read_hex(call->part[0], f.id, sizeof(f.id)) ?
	      writer_run(call->service->writer, &f.job) : -ENOENT;
	/* Others learn nothing, not even that it exists. */
	if (err == -ENOENT) {
		api_problem(reply, 404, "no-such-request", "no such request waits",
			    "ask for the PIN anew");
	} else if (err == -ECANCELED) {
		api_problem(reply, 410, f.held.state == STORE_REQUEST_REFUSED ? "operator-refused" :
			    "moved-on", f.job.error.text,
			    "let the host pair again and ask anew");
	} else if (err) {
		api_failed(call, reply, err, &f.job.error);
	} else {
		memcpy(request.mid, f.held.mid, sizeof(request.mid));
		memcpy(request.sn, f.held.sn, sizeof(request.sn));
		request.n = f.held.n;
		request.code = f.held.code;
		request.now = f.held.at;
		tell_answer(call, reply, &request, &f.answer);
		if (reply->status == 201)
			reply->status = 200;
	}
	explicit_bzero(&f, sizeof(f));
}

/* ---- what people do about them ---- */

static int add_request(const struct store_request *held, void *arg)
{
	uint8_t at[8 + STORE_REQUEST_ID_LEN];

	put_be64(at, (uint64_t)held->at);
	memcpy(at + 8, held->id, sizeof(held->id));
	return api_page_add(arg, held_object(held), at, sizeof(at));
}

static int list_requests(struct store *store, struct api_call *call, struct api_page *page,
			 struct domain_error *error)
{
	const uint8_t *at = page->from.len ? page->from.at : NULL;

	(void)call;
	return store_each_request(store, at ? (int64_t)get_be64(at) : 0, at ? at + 8 : NULL,
				  page->limit + 1, add_request, page, error);
}

/**
 * api_list_pin_requests() - GET /v1/pin-requests.
 * @call: The request.
 * @reply: Receives the answer.
 */
void api_list_pin_requests(struct api_call *call, struct api_reply *reply)
{
	api_list(call, reply, 8 + STORE_REQUEST_ID_LEN, list_requests);
}

/* A person's decision on a request. */
struct releasing {
	struct api_job job;
	uint8_t id[STORE_REQUEST_ID_LEN];
	bool release;
	const char *reason;
};

static int act_release(struct store *store, struct api_job *job, struct domain_error *error)
{
	struct releasing *r = (struct releasing *)job;

	return decide_release(store, r->id, r->release, r->reason, job->call->client.name,
			      job->now, error);
}

/**
 * api_release_pin_request() - POST /v1/pin-requests/ID/release.
 * @call: The request.
 * @reply: Receives the answer.
 */
void api_release_pin_request(struct api_call *call, struct api_reply *reply)
{
	static const char *const names[] = { "decision", "reason", NULL };
	static const char *const words[] = { "release", "refuse", NULL };
	struct releasing r = { .job = { .act = act_release } };
	struct domain_error error;
	struct domain_json json = { .where = "body", .error = &error };
	unsigned int word = 0;
	int err;

	if (!api_body(call, reply, &json.object, &error))
		return;
	err = domain_json_names(&json, names);
	if (!err)
		err = api_need_word(&json, "decision", words, &word);
	if (!err)
		err = api_read_reason(&json, &r.reason);
	if (err < 0) {
		api_bad_body(reply, &error);
		goto out;
	}
	r.release = !word;
	err = api_read_hex(call->part[0], r.id, sizeof(r.id)) ? api_run(call, &r.job) : -ENOENT;
	if (err == -ENOENT)
		api_problem(reply, 404, "no-such-request", "there is no such request",
			    "list those that wait");
	else if (err == -EALREADY)
		api_problem(reply, 409, "decided", "the request was decided already",
			    "look at the history of the module");
	else if (err)
		api_job_failed(call, reply, err, &r.job);
	else
		api_done(reply, 200);
out:
	json_decref(json.object);
}

/* A confirmation, as a job of the writer. */
struct confirming {
	struct writer_job job;
	const char *actor;
	uint8_t mid[PDT1_ID_LEN];
	uint8_t sn[PDT1_ID_LEN];
	uint32_t n;
	const char *result;
};

static int run_confirming(struct store *store, struct writer_job *job)
{
	struct confirming *c = (struct confirming *)job;

	return decide_confirm(store, c->mid, c->sn, c->n, c->result, c->actor, time(NULL),
			      &job->error);
}

/**
 * api_confirm() - POST /v1/confirmations.
 * @call: The request.
 * @reply: Receives the answer.
 */
void api_confirm(struct api_call *call, struct api_reply *reply)
{
	static const char *const names[] = { "module", "host", "index", "result", NULL };
	static const char *const results[] = {
		"paired", "pin-wrong", "pin-stale", "cancelled", "failed", NULL,
	};
	struct confirming c = {
		.job = { .run = run_confirming }, .actor = call->client.name,
	};
	const char *result = NULL;
	struct domain_error error;
	struct domain_json json = { .where = "body", .error = &error };
	int ret, i = 0;

	if (!api_body(call, reply, &json.object, &error))
		return;
	ret = domain_json_names(&json, names);
	if (!ret)
		ret = api_need_id(&json, "module", c.mid);
	if (!ret)
		ret = api_need_id(&json, "host", c.sn);
	if (!ret)
		ret = need_index(&json, &c.n);
	if (!ret && domain_json_text(&json, "result", &result) > 0)
		while (results[i] && strcmp(results[i], result))
			i++;
	if (!ret && (!result || !results[i]))
		ret = domain_fail(&error, -EINVAL,
				  "result is paired, pin-wrong, pin-stale, cancelled or failed");
	json_decref(json.object);
	if (ret) {
		api_bad_body(reply, &error);
		return;
	}
	c.result = results[i];
	ret = writer_run(call->service->writer, &c.job);
	if (ret == -ENOENT) {
		api_problem(reply, 404, "unknown",
			    "no PIN was issued here for this module, host and index",
			    "compare the identifiers, and confirm to the centre that issued it");
	} else if (ret) {
		api_failed(call, reply, ret, &c.job.error);
	} else {
		api_done(reply, 200);
	}
}
