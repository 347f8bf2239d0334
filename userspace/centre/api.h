/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests of the interface, Documentation/centre-api.yaml, apart from HTTP.
 */
#ifndef CENTRE_API_H
#define CENTRE_API_H

#include <jansson.h>

#include "centre/rules.h"
#include "centre/service.h"
#include "domain/json.h"

#define API_BODY_MAX	16384
#define API_KEY_MIN	8
#define API_KEY_MAX	64

/* Roles, as bits. */
enum {
	API_AGENT = 1,
	API_OPERATOR = 2,
	API_SUPERVISOR = 4,
	API_AUDITOR = 8,
};

#define API_PEOPLE	(API_OPERATOR | API_SUPERVISOR | API_AUDITOR)

/* Fields of a query. */
enum api_field {
	API_CURSOR,
	API_LIMIT,
	API_SEARCH,
	API_MODULE,
	API_HOST,
	API_FIELDS,
};

#define API_BIT(field)	(1U << (field))
/* Segments of a path that stand for something. */
#define API_PARTS	2
#define API_PART_SIZE	64

/**
 * struct api_call - A request, of somebody who is known.
 * @service: The service.
 * @client: Who asks.
 * @role: Their role, as a bit.
 * @method: HTTP method.
 * @path: Path without query.
 * @part: What stands in the path where the route has variables.
 * @query: Fields of the query, NULL where they were not given.
 * @bad_query: The query has a field twice, or one that is none.
 * @body: The body.
 * @len: Bytes at @body.
 * @key: Idempotency key, or NULL.
 */
struct api_call {
	struct service *service;
	struct store_client client;
	unsigned int role;
	const char *method;
	const char *path;
	char part[API_PARTS][API_PART_SIZE];
	const char *query[API_FIELDS];
	bool bad_query;
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

bool api_query_field(const char *name, enum api_field *field);

/* Handlers of the table in api.c. */
typedef void api_handler(struct api_call *call, struct api_reply *reply);

api_handler api_request_pin;
api_handler api_list_pin_requests;
api_handler api_get_pin_request;
api_handler api_release_pin_request;
api_handler api_confirm;
api_handler api_list_modules;
api_handler api_get_module;
api_handler api_hold_module;
api_handler api_release_module;
api_handler api_list_hosts;
api_handler api_get_host;
api_handler api_list_denials;
api_handler api_add_denial;
api_handler api_remove_denial;
api_handler api_queue_command;
api_handler api_list_commands;
api_handler api_put_receipt;
api_handler api_ask_report;
api_handler api_put_report;
api_handler api_list_audit;
api_handler api_list_operators;
api_handler api_add_operator;

/* What they share. */
bool api_body(const struct api_call *call, struct api_reply *reply, json_t **object,
	      struct domain_error *error);
void api_bad_body(struct api_reply *reply, const struct domain_error *error);
void api_bad_query(struct api_reply *reply, const char *detail);
void api_failed(struct api_call *call, struct api_reply *reply, int err,
		const struct domain_error *error);
void api_done(struct api_reply *reply, unsigned int status);
bool api_limit(struct api_call *call, struct api_reply *reply, enum limit_scope scope,
	       const void *id, size_t len);

/* Values in bodies, paths and queries. */
int api_need_id(const struct domain_json *json, const char *name, uint8_t id[PDT1_ID_LEN]);
int api_need_base64(const struct domain_json *json, const char *name, uint8_t *data, size_t len);
int api_need_word(const struct domain_json *json, const char *name, const char *const words[],
		  unsigned int *index);
int api_read_reason(const struct domain_json *json, const char **reason);
bool api_path_id(const struct api_call *call, struct api_reply *reply, unsigned int part,
		 uint8_t id[PDT1_ID_LEN]);
bool api_query_id(const struct api_call *call, struct api_reply *reply, enum api_field field,
		  uint8_t id[PDT1_ID_LEN], const uint8_t **given);
json_t *api_json_time(int64_t at);
bool api_read_hex(const char *text, uint8_t *bytes, size_t len);

#endif /* CENTRE_API_H */
