/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests of the interface, Documentation/centre-api.yaml, apart from HTTP.
 */
#ifndef CENTRE_API_H
#define CENTRE_API_H

#include <jansson.h>

#include "centre/rules.h"
#include "centre/service.h"

#define API_BODY_MAX	16384
#define API_KEY_MIN	8
#define API_KEY_MAX	64

/**
 * struct api_call - A request, of somebody who is known.
 * @service: The service.
 * @client: Who asks.
 * @method: HTTP method.
 * @path: Path without query.
 * @rest: What stands in the path where the route has a variable.
 * @body: The body.
 * @len: Bytes at @body.
 * @key: Idempotency key, or NULL.
 */
struct api_call {
	struct service *service;
	struct store_client client;
	const char *method;
	const char *path;
	const char *rest;
	const char *body;
	size_t len;
	const char *key;
};

/**
 * struct api_reply - The answer.
 * @status: HTTP status.
 * @object: Its body, a problem where @status is 400 or more; owned.
 * @location: Where to ask again, or empty.
 * @retry_after: Seconds, 0 for nothing to say.
 */
struct api_reply {
	unsigned int status;
	json_t *object;
	char location[64];
	unsigned int retry_after;
};

void api_problem(struct api_reply *reply, unsigned int status, const char *code,
		 const char *title, const char *next);
void api_route(struct api_call *call, struct api_reply *reply);

/* Handlers of the table in api.c. */
void api_request_pin(struct api_call *call, struct api_reply *reply);
void api_get_pin_request(struct api_call *call, struct api_reply *reply);
void api_confirm(struct api_call *call, struct api_reply *reply);
void api_get_module(struct api_call *call, struct api_reply *reply);

/* What they share. */
bool api_body(const struct api_call *call, struct api_reply *reply, json_t **object,
	      struct domain_error *error);
void api_bad_body(struct api_reply *reply, const struct domain_error *error);
void api_failed(struct api_call *call, struct api_reply *reply, int err,
		const struct domain_error *error);
bool api_limit(struct api_call *call, struct api_reply *reply, char kind, const void *id,
	       size_t len);

#endif /* CENTRE_API_H */
