// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Who may do what, and what requests share.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>

#include "centre/api.h"
#include "domain/bytes.h"

/* Deeper nesting than this is in no request. */
#define DEPTH_MAX	4

#define DECIDERS	(API_OPERATOR | API_SUPERVISOR)
#define WATCHERS	(API_SUPERVISOR | API_AUDITOR)
#define PAGED		(API_BIT(API_CURSOR) | API_BIT(API_LIMIT))
#define NAMED		(API_BIT(API_MODULE) | API_BIT(API_HOST))

static const char *const field_names[API_FIELDS] = {
	[API_CURSOR] = "cursor", [API_LIMIT] = "limit", [API_SEARCH] = "q",
	[API_MODULE] = "module", [API_HOST] = "host",
};

/* The roles of each are told in the description of the interface. */
static const struct route {
	const char *method;
	const char *path;	/* with * for a segment that stands for something */
	unsigned int roles;
	unsigned int query;	/* fields that it takes */
	api_handler *handle;
} routes[] = {
	{ "POST", "/v1/pin-requests", API_AGENT, 0, api_request_pin },
	{ "GET", "/v1/pin-requests", API_PEOPLE, PAGED, api_list_pin_requests },
	{ "GET", "/v1/pin-requests/*", API_AGENT, 0, api_get_pin_request },
	{ "POST", "/v1/pin-requests/*/release", DECIDERS, 0, api_release_pin_request },
	{ "POST", "/v1/confirmations", API_AGENT, 0, api_confirm },
	{ "GET", "/v1/modules", API_PEOPLE, PAGED | API_BIT(API_SEARCH), api_list_modules },
	{ "GET", "/v1/modules/*", API_AGENT | API_PEOPLE, 0, api_get_module },
	{ "PUT", "/v1/modules/*/hold", DECIDERS, 0, api_hold_module },
	{ "DELETE", "/v1/modules/*/hold", DECIDERS, 0, api_release_module },
	{ "GET", "/v1/hosts", API_PEOPLE, PAGED | API_BIT(API_SEARCH), api_list_hosts },
	{ "GET", "/v1/hosts/*", API_PEOPLE, 0, api_get_host },
	{ "GET", "/v1/deny-entries", API_PEOPLE, PAGED, api_list_denials },
	{ "POST", "/v1/deny-entries", API_SUPERVISOR, 0, api_add_denial },
	{ "DELETE", "/v1/deny-entries", API_SUPERVISOR, NAMED, api_remove_denial },
	{ "POST", "/v1/modules/*/commands", API_SUPERVISOR, 0, api_queue_command },
	{ "GET", "/v1/modules/*/commands", API_AGENT | API_PEOPLE, PAGED, api_list_commands },
	{ "PUT", "/v1/modules/*/commands/*/receipt", API_AGENT, 0, api_put_receipt },
	{ "POST", "/v1/modules/*/report-nonces", API_AGENT, 0, api_ask_report },
	{ "POST", "/v1/modules/*/reports", API_AGENT, 0, api_put_report },
	{ "GET", "/v1/audit", WATCHERS, PAGED | NAMED, api_list_audit },
	{ "GET", "/v1/operators", API_SUPERVISOR, 0, api_list_operators },
	{ "POST", "/v1/operators", API_SUPERVISOR, 0, api_add_operator },
};

/**
 * api_problem() - Refuse.
 * @reply: The answer.
 * @status: HTTP status.
 * @code: Stable word.
 * @title: What is wrong.
 * @next: The one thing to do about it.
 */
void api_problem(struct api_reply *reply, unsigned int status, const char *code,
		 const char *title, const char *next)
{
	json_decref(reply->object);
	reply->status = status;
	reply->object = json_pack("{s:s, s:s, s:i, s:s, s:s}", "type", "about:blank", "title",
				  title, "status", (int)status, "code", code, "next", next);
}

/* The nesting of a text, before it is parsed: the parser recurses. */
static bool too_deep(const char *text, size_t len)
{
	bool in_string = false;
	int depth = 0;
	size_t i;

	for (i = 0; i < len; i++) {
		if (in_string && text[i] == '\\')
			i++;
		else if (text[i] == '"')
			in_string = !in_string;
		else if (!in_string && (text[i] == '{' || text[i] == '['))
			depth++;
		else if (!in_string && (text[i] == '}' || text[i] == ']'))
			depth--;
		if (depth > DEPTH_MAX)
			return true;
	}
	return false;
}

/**
 * api_body() - Read the body as an object.
 * @call: The request.
 * @reply: Receives the problem where there is none.
 * @object: Receives the object, owned by the caller.
 * @error: Scratch.
 *
 * Return: Whether it is one.
 */
bool api_body(const struct api_call *call, struct api_reply *reply, json_t **object,
	      struct domain_error *error)
{
	json_error_t json_error;

	*object = NULL;
	if (too_deep(call->body, call->len)) {
		snprintf(error->text, sizeof(error->text), "nested too deep");
	} else {
		*object = json_loadb(call->body, call->len, JSON_REJECT_DUPLICATES, &json_error);
		if (json_is_object(*object))
			return true;
		snprintf(error->text, sizeof(error->text), "%s",
			 *object ? "not an object" : json_error.text);
		json_decref(*object);
	}
	api_problem(reply, 400, "bad-json", "the body is not one well-formed JSON object",
		    "send an object as the description of the interface says");
	json_object_set_new(reply->object, "detail", json_string(error->text));
	return false;
}

/**
 * api_bad_body() - Refuse what is in the body.
 * @reply: The answer.
 * @error: What is wrong.
 */
void api_bad_body(struct api_reply *reply, const struct domain_error *error)
{
	api_problem(reply, 400, "bad-request", "a member of the body is missing or wrong",
		    "correct the member that is named in detail");
	json_object_set_new(reply->object, "detail", json_string(error->text));
}

/**
 * api_bad_query() - Refuse what is in the query.
 * @reply: The answer.
 * @detail: What is wrong.
 */
void api_bad_query(struct api_reply *reply, const char *detail)
{
	api_problem(reply, 400, "bad-query", "the query has a field that is wrong",
		    "correct the field that is named in detail");
	json_object_set_new(reply->object, "detail", json_string(detail));
}

/**
 * api_done() - Nothing to say but that it is done.
 * @reply: The answer.
 * @status: HTTP status.
 */
void api_done(struct api_reply *reply, unsigned int status)
{
	reply->status = status;
	reply->object = json_pack("{s:i}", "v", 1);
}

/**
 * api_failed() - The centre itself cannot.
 * @call: The request.
 * @reply: The answer.
 * @err: Negative errno.
 * @error: Why, for the log alone.
 */
void api_failed(struct api_call *call, struct api_reply *reply, int err,
		const struct domain_error *error)
{
	atomic_fetch_add(&call->service->counts.failures, 1);
	fprintf(stderr, "<%d>%s %s of %s: %s\n", LOG_ERR, call->method, call->path,
		call->client.name, error->text);
	api_problem(reply, 503, err == -EBUSY || err == -EIO || err == -ENOSPC || err == -ENOTCONN ?
		    "database-away" :
		    "not-ready", "the centre cannot decide now",
		    "repeat the request later under the same Idempotency-Key");
	reply->retry_after = 5;
}

/**
 * api_limit() - May somebody ask once more?
 * @call: The request.
 * @reply: Receives the problem where not.
 * @scope: Whether it is the certificate, a module or a host.
 * @id: Which.
 * @len: Bytes at @id.
 *
 * Return: Whether.
 */
bool api_limit(struct api_call *call, struct api_reply *reply, enum limit_scope scope,
	       const void *id, size_t len)
{
	uint32_t wait = limiter_take(call->service->limiter, scope, id, len);

	if (!wait)
		return true;
	atomic_fetch_add(&call->service->counts.limited, 1);
	api_problem(reply, 429, "too-many-requests",
		    scope == LIMIT_CLIENT ? "this client asks too often" :
		    scope == LIMIT_MODULE ? "this module is asked for too often" :
		    "this host asks too often", "wait as long as Retry-After says");
	reply->retry_after = wait;
	return false;
}

static unsigned int role_of(const struct store_client *client)
{
	static const struct {
		const char *name;
		unsigned int bit;
	} roles[] = {
		{ "agent", API_AGENT }, { "operator", API_OPERATOR },
		{ "supervisor", API_SUPERVISOR }, { "auditor", API_AUDITOR },
	};
	size_t i;

	for (i = 0; i < sizeof(roles) / sizeof(roles[0]); i++)
		if (!strcmp(client->role, roles[i].name))
			return roles[i].bit;
	return 0;
}

/* Does the path fit, and what stands where the variables are? */
static bool fits(const char *pattern, const char *path, char part[API_PARTS][API_PART_SIZE])
{
	unsigned int parts = 0;
	size_t len;

	while (*pattern == *path || *pattern == '*') {
		if (*pattern != '*') {
			if (!*pattern)
				return true;
			pattern++;
			path++;
			continue;
		}
		len = strcspn(path, "/");
		if (!len || len >= API_PART_SIZE)
			return false;
		memcpy(part[parts], path, len);
		part[parts++][len] = '\0';
		pattern++;
		path += len;
	}
	return false;
}

/**
 * api_query_field() - Find a field of queries.
 * @name: Its name.
 * @field: Receives which it is.
 *
 * Return: Whether there is one.
 */
bool api_query_field(const char *name, enum api_field *field)
{
	for (*field = 0; *field < API_FIELDS; ++*field)
		if (!strcmp(field_names[*field], name))
			return true;
	return false;
}

static bool good_query(const struct api_call *call, unsigned int taken)
{
	enum api_field i;

	for (i = 0; i < API_FIELDS; i++)
		if (call->query[i] && !(taken & API_BIT(i)))
			return false;
	return !call->bad_query;
}

static bool good_key(const char *key)
{
	size_t len = strlen(key);

	return len >= API_KEY_MIN && len <= API_KEY_MAX &&
	       strspn(key, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-") ==
	       len;
}

/**
 * api_route() - Answer a request.
 * @call: The request.
 * @reply: Zeroed; receives the answer.
 */
void api_route(struct api_call *call, struct api_reply *reply)
{
	const struct route *found = NULL;
	uint8_t id[8];
	bool known = false;
	size_t i;

	put_be64(id, (uint64_t)call->client.id);
	atomic_fetch_add(&call->service->counts.requests, 1);
	call->role = role_of(&call->client);
	/* What else changes something may be repeated as it is. */
	if (strcmp(call->method, "POST"))
		call->key = NULL;
	for (i = 0; !found && i < sizeof(routes) / sizeof(routes[0]); i++) {
		if (!fits(routes[i].path, call->path, call->part))
			continue;
		known = true;
		if (!strcmp(call->method, routes[i].method))
			found = &routes[i];
	}
	if (!known)
		api_problem(reply, 404, "no-such-path", "there is nothing at this path",
			    "compare the path with the description of the interface");
	else if (!found)
		api_problem(reply, 405, "no-such-method", "the path does not take this method",
			    "compare the method with the description of the interface");
	else if (!(found->roles & call->role))
		api_problem(reply, 403, "role", "this certificate's role may not do that",
			    "ask a supervisor for the role that it takes");
	else if (!good_query(call, found->query))
		api_bad_query(reply, "a field is given twice, or is none that this path takes");
	else if (call->key && !good_key(call->key))
		api_problem(reply, 400, "bad-idempotency-key",
			    "Idempotency-Key has 8 to 64 letters, digits, - and _",
			    "make another key");
	else if (api_limit(call, reply, LIMIT_CLIENT, id, sizeof(id)))
		found->handle(call, reply);
}
