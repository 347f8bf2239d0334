// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The audit trail, and those who have access.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "centre/api_job.h"
#include "centre/api_page.h"
#include "centre/audit.h"
#include "centre/console/store_console.h"
#include "domain/bytes.h"

static int add_row(const struct audit_row *row, void *arg)
{
	uint8_t at[8];
	json_t *item;

	item = json_pack("{s:I, s:o, s:s, s:s, s:s, s:s}", "seq", (json_int_t)row->seq, "at",
			 api_json_time(row->at), "actor", row->actor, "action", row->action,
			 "result", row->result, "cause", row->cause);
	if (row->mid)
		json_object_set_new(item, "module", domain_json_from_id(row->mid));
	if (row->sn)
		json_object_set_new(item, "host", domain_json_from_id(row->sn));
	if (row->has_n)
		json_object_set_new(item, "index", json_integer(row->n));
	if (row->has_known_n)
		json_object_set_new(item, "known_index", json_integer(row->known_n));
	if (row->detail)
		json_object_set_new(item, "detail", json_string(row->detail));
	put_be64(at, (uint64_t)row->seq);
	return api_page_add(arg, item, at, sizeof(at));
}

/* A reading of the trail. */
struct reading {
	struct api_job job;
	const uint8_t *mid;
	const uint8_t *sn;
};

static int act_reading(struct store *store, struct api_job *job, struct domain_error *error)
{
	struct reading *r = (struct reading *)job;
	struct audit_row row = {
		.at = job->now, .actor = job->call->client.name, .action = "audit-read",
		.mid = r->mid, .sn = r->sn, .result = "done", .cause = "read",
	};

	return audit_append(store, &row, error);
}

static int list_rows(struct store *store, struct api_call *call, struct api_page *page,
		     struct domain_error *error)
{
	struct api_reply unused = { 0 };
	uint8_t mid[PDT1_ID_LEN], sn[PDT1_ID_LEN];
	struct audit_filter filter = {
		.before = page->from.len ? (int64_t)get_be64(page->from.at) : 0,
		.newest_first = true, .limit = page->limit + 1,
	};

	/* Both were found good before. */
	api_query_id(call, &unused, API_MODULE, mid, &filter.mid);
	api_query_id(call, &unused, API_HOST, sn, &filter.sn);
	return audit_each(store, &filter, add_row, page, error);
}

/**
 * api_list_audit() - GET /v1/audit.
 * @call: The request.
 * @reply: Receives the answer.
 */
void api_list_audit(struct api_call *call, struct api_reply *reply)
{
	struct reading r = { .job = { .act = act_reading } };
	uint8_t mid[PDT1_ID_LEN], sn[PDT1_ID_LEN];
	struct api_page unused = { .limit = 0 };
	int err;

	/* What is refused is no reading. */
	if (!api_query_id(call, reply, API_MODULE, mid, &r.mid) ||
	    !api_query_id(call, reply, API_HOST, sn, &r.sn) ||
	    !api_page_begin(call, reply, 8, &unused))
		return;
	err = api_run(call, &r.job);
	if (err)
		api_job_failed(call, reply, err, &r.job);
	else
		api_list(call, reply, 8, list_rows);
}

static int add_client(const struct store_client *client, void *arg)
{
	json_t *item = json_pack("{s:s, s:s}", "name", client->name, "role", client->role);

	if (client->uri[0])
		json_object_set_new(item, "uri", json_string(client->uri));
	else
		json_object_set_new(item, "fingerprint",
				    domain_json_from_hex(client->fingerprint,
							 sizeof(client->fingerprint)));
	if (client->not_before)
		json_object_set_new(item, "not_before", api_json_time(client->not_before));
	return json_array_append_new(arg, item) ? -ENOMEM : 0;
}

static int add_operator(const struct store_operator *operator, void *arg)
{
	json_t *item = json_pack("{s:s, s:s}", "name", operator->name, "role", operator->role);

	return json_array_append_new(arg, item) ? -ENOMEM : 0;
}

/**
 * api_list_operators() - GET /v1/operators.
 * @call: The request.
 * @reply: Receives the answer.
 */
void api_list_operators(struct api_call *call, struct api_reply *reply)
{
	struct service *service = call->service;
	json_t *items = json_array();
	struct domain_error error;
	int ret;

	pthread_mutex_lock(&service->list_lock);
	ret = store_each_client(service->lister, add_client, items, &error);
	if (!ret)
		ret = store_each_operator(service->lister, add_operator, items, &error);
	pthread_mutex_unlock(&service->list_lock);
	if (ret < 0) {
		json_decref(items);
		api_failed(call, reply, ret, &error);
		return;
	}
	reply->status = 200;
	reply->object = json_pack("{s:i, s:o}", "v", 1, "items", items);
}

/* Access that is given. */
struct giving {
	struct api_job job;
	struct store_client client;
};

static int act_giving(struct store *store, struct api_job *job, struct domain_error *error)
{
	struct giving *g = (struct giving *)job;
	char detail[STORE_NAME_SIZE + 24];
	struct audit_row row = {
		.at = job->now, .actor = job->call->client.name, .action = "client-add",
		.result = "done", .cause = "done", .detail = detail,
	};
	int err;

	snprintf(detail, sizeof(detail), "%s, %s", g->client.name, g->client.role);
	err = store_add_client(store, &g->client, error);
	if (err)
		return err == -EEXIST ? -EALREADY : err;
	return audit_append(store, &row, error);
}

static int read_known_by(const struct domain_json *json, struct store_client *client)
{
	const char *fingerprint = NULL, *uri = NULL;
	int ret;

	ret = domain_json_text(json, "fingerprint", &fingerprint);
	if (ret >= 0)
		ret = domain_json_text(json, "uri", &uri);
	if (ret < 0)
		return ret;
	if (!fingerprint == !uri)
		return domain_fail(json->error, -EINVAL,
				   "the client is known either by the fingerprint of its certificate or by a uri in it");
	if (fingerprint && !api_read_hex(fingerprint, client->fingerprint,
					 sizeof(client->fingerprint)))
		return domain_fail(json->error, -EINVAL,
				   "fingerprint is SHA-256 of the certificate in 64 lower-case hexadecimal digits");
	if (uri && !uri_read(uri, strlen(uri), client->uri))
		return domain_fail(json->error, -EINVAL,
				   "uri has up to 255 characters, such as urn:example:gateway-1, without %%, ?, # and @");
	return 0;
}

static int read_client(const struct domain_json *json, struct store_client *client)
{
	static const char *const names[] = { "name", "role", "fingerprint", "uri", NULL };
	static const char *const roles[] = { "agent", "operator", "supervisor", "auditor", NULL };
	const char *text = NULL;
	unsigned int role = 0;
	int ret;

	ret = domain_json_names(json, names);
	if (!ret)
		ret = api_need_word(json, "role", roles, &role);
	if (!ret)
		ret = domain_json_text(json, "name", &text);
	if (ret < 0)
		return ret;
	if (!text || !store_good_name(text))
		return domain_fail(json->error, -EINVAL,
				   "name has 1 to 64 letters, digits, ., _, @ and -");
	snprintf(client->name, sizeof(client->name), "%s", text);
	snprintf(client->role, sizeof(client->role), "%s", roles[role]);
	return read_known_by(json, client);
}

/**
 * api_add_operator() - POST /v1/operators.
 * @call: The request.
 * @reply: Receives the answer.
 */
void api_add_operator(struct api_call *call, struct api_reply *reply)
{
	struct giving g = { .job = { .act = act_giving } };
	struct domain_error error;
	struct domain_json json = { .where = "body", .error = &error };
	int err;

	if (!api_body(call, reply, &json.object, &error))
		return;
	err = read_client(&json, &g.client);
	json_decref(json.object);
	if (err) {
		api_bad_body(reply, &error);
		return;
	}
	err = api_run(call, &g.job);
	if (err == -EALREADY)
		api_problem(reply, 409, "registered",
			    "the name, the certificate or the URI is registered already",
			    "take another name, or let the old entry be removed with: smpair-centre client-remove");
	else if (err)
		api_job_failed(call, reply, err, &g.job);
	else
		api_done(reply, 201);
}
