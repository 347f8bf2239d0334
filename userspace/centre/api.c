// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Who may do what, and what requests share.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <time.h>

#include "centre/api.h"

/* Deeper nesting than this is in no request. */
#define DEPTH_MAX	4

enum {
	AGENT = 1,
	OPERATOR = 2,
	SUPERVISOR = 4,
	AUDITOR = 8,
};

static const struct route {
	const char *method;
	const char *path;
	bool variable;		/* follows, up to the end */
	unsigned int roles;
	void (*handle)(struct api_call *call, struct api_reply *reply);
} routes[] = {
	{ "POST", "/v1/pin-requests", false, AGENT, api_request_pin },
	{ "GET", "/v1/pin-requests/", true, AGENT, api_get_pin_request },
	{ "POST", "/v1/confirmations", false, AGENT, api_confirm },
	{ "GET", "/v1/modules/", true, AGENT | OPERATOR | SUPERVISOR | AUDITOR,
	  api_get_module },
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
	api_problem(reply, 503, err == -EBUSY || err == -EIO || err == -ENOSPC ? "database-away" :
		    "not-ready", "the centre cannot decide now",
		    "repeat the request later under the same Idempotency-Key");
	reply->retry_after = 5;
}

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/**
 * api_limit() - May somebody ask once more?
 * @call: The request.
 * @reply: Receives the problem where not.
 * @kind: 'c' for the certificate, 'm' for a module, 'h' for a host.
 * @id: Which.
 * @len: Bytes at @id.
 *
 * Return: Whether.
 */
bool api_limit(struct api_call *call, struct api_reply *reply, char kind, const void *id,
	       size_t len)
{
	/* A gateway that starts asks a few times; a module or host now and then. */
	static const struct limit_rule for_clients = { 120, 500 };
	static const struct limit_rule for_things = { 20, 15000 };
	struct limits *limits = &call->service->limits;
	uint32_t wait;

	pthread_mutex_lock(&call->service->lock);
	wait = limit_take(limits, limit_key(limits, kind, id, len),
			  kind == 'c' ? &for_clients : &for_things, now_ms());
	pthread_mutex_unlock(&call->service->lock);
	if (!wait)
		return true;
	atomic_fetch_add(&call->service->counts.limited, 1);
	api_problem(reply, 429, "too-many-requests",
		    kind == 'c' ? "this client asks too often" :
		    kind == 'm' ? "this module is asked for too often" :
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
		{ "agent", AGENT }, { "operator", OPERATOR }, { "supervisor", SUPERVISOR },
		{ "auditor", AUDITOR },
	};
	size_t i;

	for (i = 0; i < sizeof(roles) / sizeof(roles[0]); i++)
		if (!strcmp(client->role, roles[i].name))
			return roles[i].bit;
	return 0;
}

/* Does the path fit, and what stands where the variable is? */
static bool fits(const struct route *route, const char *path, char rest[64])
{
	size_t head = strlen(route->path);

	if (!route->variable)
		return !strcmp(path, route->path);
	if (strncmp(path, route->path, head) || !path[head] || strlen(path + head) >= 64)
		return false;
	strcpy(rest, path + head);
	return !strchr(rest, '/');
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
	char rest[64] = "";
	bool known = false;
	size_t i;

	atomic_fetch_add(&call->service->counts.requests, 1);
	for (i = 0; !found && i < sizeof(routes) / sizeof(routes[0]); i++) {
		if (!fits(&routes[i], call->path, rest))
			continue;
		known = true;
		if (!strcmp(call->method, routes[i].method))
			found = &routes[i];
	}
	if (!known) {
		api_problem(reply, 404, "no-such-path", "there is nothing at this path",
			    "compare the path with the description of the interface");
		return;
	}
	if (!found) {
		api_problem(reply, 405, "no-such-method", "the path does not take this method",
			    "compare the method with the description of the interface");
		return;
	}
	if (!(found->roles & role_of(&call->client))) {
		api_problem(reply, 403, "role", "this certificate's role may not do that",
			    "ask a supervisor for the role that it takes");
		return;
	}
	if (call->key && !good_key(call->key)) {
		api_problem(reply, 400, "bad-idempotency-key",
			    "Idempotency-Key has 8 to 64 letters, digits, - and _",
			    "make another key");
		return;
	}
	call->rest = rest;
	if (api_limit(call, reply, 'c', call->client.fingerprint,
		      sizeof(call->client.fingerprint)))
		found->handle(call, reply);
}
