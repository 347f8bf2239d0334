// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is known of modules and hosts, and who gets no PIN.
 */
#include <errno.h>
#include <string.h>

#include <smpair/id.h>
#include <smpair/names.h>

#include "centre/access.h"
#include "centre/api_job.h"
#include "centre/api_page.h"
#include "centre/api_registry.h"

/* Pairings that are told with a module or host. */
#define PAIRINGS_MAX	50
#define TAIL_MAX	15

/**
 * api_json_module() - What is known of a module.
 * @module: The module.
 *
 * Return: The object, owned by the caller.
 */
json_t *api_json_module(const struct store_module *module)
{
	json_t *object;

	object = json_pack("{s:i, s:o, s:s, s:I, s:b, s:b, s:b}", "v", 1, "module",
			   domain_json_from_id(module->mid), "policy",
			   smpair_pin_policy_name(module->pin_policy), "index",
			   (json_int_t)module->n, "denied", module->denied, "frozen",
			   module->frozen, "report_wanted", module->awaiting);
	if (module->hold[0])
		json_object_set_new(object, "hold", json_string(module->hold));
	if (module->tries >= 0)
		json_object_set_new(object, "tries_left", json_integer(module->tries));
	if (module->seen)
		json_object_set_new(object, "seen", api_json_time(module->seen));
	return object;
}

static json_t *json_host(const struct store_host *host)
{
	return json_pack("{s:i, s:o, s:b}", "v", 1, "host", domain_json_from_id(host->sn),
			 "denied", host->denied);
}

static int add_pairing(const struct store_pairing *pairing, void *arg)
{
	static const char *const states[] = {
		[STORE_PAIRING_ISSUED] = "issued", [STORE_PAIRING_CONFIRMED] = "confirmed",
		[STORE_PAIRING_PROVED] = "proved", [STORE_PAIRING_SUPERSEDED] = "superseded",
	};
	json_t *item;

	item = json_pack("{s:o, s:o, s:I, s:s, s:o}", "module", domain_json_from_id(pairing->mid),
			 "host", domain_json_from_id(pairing->sn), "index", (json_int_t)pairing->n,
			 "state", states[pairing->state], "at", api_json_time(pairing->at));
	return json_array_append_new(arg, item) ? -ENOMEM : 0;
}

/* One of both; people alone are told who is paired with whom. */
static void tell_one(struct api_call *call, struct api_reply *reply, json_t *object,
		     const uint8_t *mid, const uint8_t *sn)
{
	json_t *pairings = json_array();
	struct domain_error error;
	int ret = 0;

	if (call->role & API_PEOPLE) {
		pthread_mutex_lock(&call->service->lock);
		ret = store_each_pairing(call->service->reader, mid, sn, PAIRINGS_MAX,
					 add_pairing, pairings, &error);
		pthread_mutex_unlock(&call->service->lock);
		json_object_set(object, "pairings", pairings);
	}
	json_decref(pairings);
	if (ret < 0) {
		json_decref(object);
		api_failed(call, reply, ret, &error);
		return;
	}
	reply->status = 200;
	reply->object = object;
}

/**
 * api_find_module() - Look the module of the path up.
 * @call: The request.
 * @reply: Receives the problem.
 * @module: Receives it.
 *
 * Return: Whether there is one.
 */
bool api_find_module(struct api_call *call, struct api_reply *reply, struct store_module *module)
{
	struct domain_error error;
	uint8_t mid[PDT1_ID_LEN];
	int ret;

	if (!api_path_id(call, reply, 0, mid))
		return false;
	pthread_mutex_lock(&call->service->lock);
	ret = store_get_module(call->service->reader, mid, module, &error);
	pthread_mutex_unlock(&call->service->lock);
	if (ret < 0)
		api_failed(call, reply, ret, &error);
	else if (!ret)
		api_problem(reply, 404, "unknown-module", "the module is not registered here",
			    "compare the identifier with the module's label");
	return ret > 0;
}

/**
 * api_get_module() - GET /v1/modules/ID.
 * @call: The request.
 * @reply: Receives the answer.
 */
void api_get_module(struct api_call *call, struct api_reply *reply)
{
	struct store_module module;

	if (api_find_module(call, reply, &module))
		tell_one(call, reply, api_json_module(&module), module.mid, NULL);
}

/**
 * api_get_host() - GET /v1/hosts/ID.
 * @call: The request.
 * @reply: Receives the answer.
 */
void api_get_host(struct api_call *call, struct api_reply *reply)
{
	struct domain_error error;
	uint8_t sn[PDT1_ID_LEN];
	struct store_host host;
	int ret;

	if (!api_path_id(call, reply, 0, sn))
		return;
	pthread_mutex_lock(&call->service->lock);
	ret = store_get_host(call->service->reader, sn, &host, &error);
	pthread_mutex_unlock(&call->service->lock);
	if (ret < 0)
		api_failed(call, reply, ret, &error);
	else if (!ret)
		api_problem(reply, 404, "unknown-host", "the host is not registered here",
			    "compare the identifier with the host's label");
	else
		tell_one(call, reply, json_host(&host), NULL, sn);
}

/* ---- listings ---- */

static int add_module(const struct store_module *module, void *arg)
{
	return api_page_add(arg, api_json_module(module), module->mid, sizeof(module->mid));
}

static int add_host(const struct store_host *host, void *arg)
{
	return api_page_add(arg, json_host(host), host->sn, sizeof(host->sn));
}

static struct store_page page_of(const struct api_call *call, const struct api_page *page)
{
	return (struct store_page) {
		.after = page->from.len ? page->from.at : NULL,
		.tail = call->query[API_SEARCH], .limit = page->limit + 1,
	};
}

/* A whole identifier is looked up, digits are compared with the end of serials. */
static bool is_whole(const struct api_call *call, uint8_t id[PDT1_ID_LEN])
{
	const char *text = call->query[API_SEARCH];

	return text && !smpair_id_parse(text, id);
}

static int list_modules(struct store *store, struct api_call *call, struct api_page *page,
			struct domain_error *error)
{
	const struct store_page rows = page_of(call, page);
	struct store_module module;
	uint8_t mid[PDT1_ID_LEN];
	int ret;

	if (!is_whole(call, mid))
		return store_each_module(store, &rows, add_module, page, error);
	ret = store_get_module(store, mid, &module, error);
	return ret > 0 ? add_module(&module, page) : ret;
}

static int list_hosts(struct store *store, struct api_call *call, struct api_page *page,
		      struct domain_error *error)
{
	const struct store_page rows = page_of(call, page);
	uint8_t sn[PDT1_ID_LEN];
	struct store_host host;
	int ret;

	if (!is_whole(call, sn))
		return store_each_host(store, &rows, add_host, page, error);
	ret = store_get_host(store, sn, &host, error);
	return ret > 0 ? add_host(&host, page) : ret;
}

static bool good_search(const struct api_call *call, struct api_reply *reply)
{
	const char *text = call->query[API_SEARCH];
	uint8_t id[PDT1_ID_LEN];

	if (!text || is_whole(call, id) ||
	    (*text && strlen(text) <= TAIL_MAX && strspn(text, "0123456789") == strlen(text)))
		return true;
	api_bad_query(reply, "q is an identifier with its check digits, or the last digits of a serial");
	return false;
}

/**
 * api_list_modules() - GET /v1/modules.
 * @call: The request.
 * @reply: Receives the answer.
 */
void api_list_modules(struct api_call *call, struct api_reply *reply)
{
	if (good_search(call, reply))
		api_list(call, reply, PDT1_ID_LEN, list_modules);
}

/**
 * api_list_hosts() - GET /v1/hosts.
 * @call: The request.
 * @reply: Receives the answer.
 */
void api_list_hosts(struct api_call *call, struct api_reply *reply)
{
	if (good_search(call, reply))
		api_list(call, reply, PDT1_ID_LEN, list_hosts);
}

/* A denial's key: what of both is named, and both. */
#define DENIAL_LEN	(1 + 2 * PDT1_ID_LEN)
#define NAMES_MODULE	1
#define NAMES_HOST	2

static int add_denial(const struct store_deny *deny, void *arg)
{
	uint8_t at[DENIAL_LEN] = { 0 };
	json_t *item;

	item = json_pack("{s:o, s:s}", "at", api_json_time(deny->at), "actor", deny->actor);
	if (deny->mid) {
		at[0] |= NAMES_MODULE;
		memcpy(at + 1, deny->mid, PDT1_ID_LEN);
		json_object_set_new(item, "module", domain_json_from_id(deny->mid));
	}
	if (deny->sn) {
		at[0] |= NAMES_HOST;
		memcpy(at + 1 + PDT1_ID_LEN, deny->sn, PDT1_ID_LEN);
		json_object_set_new(item, "host", domain_json_from_id(deny->sn));
	}
	if (deny->reason[0])
		json_object_set_new(item, "reason", json_string(deny->reason));
	return api_page_add(arg, item, at, sizeof(at));
}

static int list_denials(struct store *store, struct api_call *call, struct api_page *page,
			struct domain_error *error)
{
	const uint8_t *at = page->from.at;

	(void)call;
	return store_each_deny(store, at[0] & NAMES_MODULE ? at + 1 : NULL,
			       at[0] & NAMES_HOST ? at + 1 + PDT1_ID_LEN : NULL, page->limit + 1,
			       add_denial, page, error);
}

/**
 * api_list_denials() - GET /v1/deny-entries.
 * @call: The request.
 * @reply: Receives the answer.
 */
void api_list_denials(struct api_call *call, struct api_reply *reply)
{
	api_list(call, reply, DENIAL_LEN, list_denials);
}

/* ---- changes ---- */

/* A change of who gets a PIN. */
struct changing {
	struct api_job job;
	access_fn *run;
	struct access_change change;
	uint8_t mid[PDT1_ID_LEN];
	uint8_t sn[PDT1_ID_LEN];
};

static int act_change(struct store *store, struct api_job *job, struct domain_error *error)
{
	struct changing *c = (struct changing *)job;

	c->change.now = job->now;
	return c->run(store, &c->change, error);
}

/* What a module did makes a hold that an operator must not end. */
static int act_release(struct store *store, struct api_job *job, struct domain_error *error)
{
	struct changing *c = (struct changing *)job;
	struct store_module module;
	int ret;

	ret = store_get_module(store, c->mid, &module, error);
	if (ret > 0 && module.hold[0] && strcmp(module.hold, "operator") &&
	    job->call->role != API_SUPERVISOR)
		return domain_fail(error, -EPERM, "the module is on hold for %s", module.hold);
	return ret < 0 ? ret : act_change(store, job, error);
}

static void apply(struct api_call *call, struct api_reply *reply, struct changing *c,
		  unsigned int status)
{
	int err;

	c->change.actor = call->client.name;
	err = api_run(call, &c->job);
	if (err)
		api_job_failed(call, reply, err, &c->job);
	else
		api_done(reply, status);
}

/**
 * api_hold_module() - PUT /v1/modules/ID/hold.
 * @call: The request.
 * @reply: Receives the answer.
 */
void api_hold_module(struct api_call *call, struct api_reply *reply)
{
	static const char *const names[] = { "reason", NULL };
	struct changing c = { .job = { .act = act_change }, .run = access_hold };
	struct domain_error error;
	struct domain_json json = { .where = "body", .error = &error };
	int ret;

	if (!api_path_id(call, reply, 0, c.mid) || !api_body(call, reply, &json.object, &error))
		return;
	c.change.mid = c.mid;
	ret = domain_json_names(&json, names);
	if (!ret)
		ret = api_read_reason(&json, &c.change.reason);
	if (!ret)
		ret = domain_json_missing(&json, "reason");
	if (ret < 0)
		api_bad_body(reply, &error);
	else
		apply(call, reply, &c, 200);
	json_decref(json.object);
}

/**
 * api_release_module() - DELETE /v1/modules/ID/hold.
 * @call: The request.
 * @reply: Receives the answer.
 */
void api_release_module(struct api_call *call, struct api_reply *reply)
{
	struct changing c = { .job = { .act = act_release }, .run = access_release };

	if (!api_path_id(call, reply, 0, c.mid))
		return;
	c.change.mid = c.mid;
	apply(call, reply, &c, 200);
}

static int read_denial(const struct domain_json *json, struct changing *c)
{
	static const char *const names[] = { "module", "host", "reason", NULL };
	int ret;

	ret = domain_json_names(json, names);
	if (ret)
		return ret;
	ret = domain_json_id(json, "module", c->mid);
	c->change.mid = ret > 0 ? c->mid : NULL;
	if (ret >= 0)
		ret = domain_json_id(json, "host", c->sn);
	if (ret < 0)
		return ret;
	c->change.sn = ret > 0 ? c->sn : NULL;
	if (!c->change.mid && !c->change.sn)
		return domain_fail(json->error, -EINVAL, "module or host is missing");
	ret = api_read_reason(json, &c->change.reason);
	return ret < 0 ? ret : 0;
}

/**
 * api_add_denial() - POST /v1/deny-entries.
 * @call: The request.
 * @reply: Receives the answer.
 */
void api_add_denial(struct api_call *call, struct api_reply *reply)
{
	struct changing c = { .job = { .act = act_change }, .run = access_deny };
	struct domain_error error;
	struct domain_json json = { .where = "body", .error = &error };

	if (!api_body(call, reply, &json.object, &error))
		return;
	if (read_denial(&json, &c))
		api_bad_body(reply, &error);
	else
		apply(call, reply, &c, 201);
	json_decref(json.object);
}

/**
 * api_remove_denial() - DELETE /v1/deny-entries.
 * @call: The request.
 * @reply: Receives the answer.
 */
void api_remove_denial(struct api_call *call, struct api_reply *reply)
{
	struct changing c = { .job = { .act = act_change }, .run = access_allow };

	if (!api_query_id(call, reply, API_MODULE, c.mid, &c.change.mid) ||
	    !api_query_id(call, reply, API_HOST, c.sn, &c.change.sn))
		return;
	if (c.change.mid || c.change.sn)
		apply(call, reply, &c, 200);
	else
		api_bad_query(reply, "module or host is missing");
}
