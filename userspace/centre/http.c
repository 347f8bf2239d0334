// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>

#include "centre/api.h"
#include "centre/http.h"
#include "centre/identity.h"
#include "centre/link.h"
#include "domain/secret.h"

/* Bounds against those who would hold connections or memory. */
#define CONNECTIONS		1024
#define CONNECTIONS_PER_ADDRESS	64
/* Of each connection's thread. */
#define STACK_BYTES		((size_t)262144)

/**
 * struct transfer - A request that is arriving.
 * @client: Who sends it, as known when its headers had come.
 * @too_long: Its body is longer than any may be.
 * @len: Bytes in @body.
 * @body: The body.
 */
struct transfer {
	struct store_client client;
	bool too_long;
	size_t len;
	char body[API_BODY_MAX];
};

static enum MHD_Result send_reply(struct MHD_Connection *connection, struct api_reply *reply)
{
	struct MHD_Response *response;
	enum MHD_Result result = MHD_NO;
	char *text, number[16];

	text = reply->object ? json_dumps(reply->object, JSON_COMPACT) : NULL;
	if (!text)
		goto out;
	response = MHD_create_response_from_buffer(strlen(text), text, MHD_RESPMEM_MUST_COPY);
	if (!response)
		goto out;
	MHD_add_response_header(response, "Content-Type", reply->status >= 400 ?
				"application/problem+json" : "application/json");
	MHD_add_response_header(response, "Cache-Control", "no-store");
	if (reply->location[0])
		MHD_add_response_header(response, "Location", reply->location);
	if (reply->retry_after) {
		snprintf(number, sizeof(number), "%u", reply->retry_after);
		MHD_add_response_header(response, "Retry-After", number);
	}
	/* Who sent what it may not is not listened to any longer. */
	if (reply->status == 413 || reply->status == 403)
		MHD_add_response_header(response, "Connection", "close");
	result = MHD_queue_response(connection, reply->status, response);
	MHD_destroy_response(response);
out:
	/* Wiped, as everything of the JSON library is here. */
	domain_secret_free(text);
	json_decref(reply->object);
	return result;
}

static const char *header(struct MHD_Connection *connection, const char *name)
{
	return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

/* What is wrong with the request as HTTP; the status, or 0. */
static unsigned int judge_headers(struct MHD_Connection *connection, const char *method,
				  struct api_reply *reply)
{
	const char *length = header(connection, "Content-Length");
	const char *type = header(connection, "Content-Type");
	bool has_body = !strcmp(method, "POST") || !strcmp(method, "PUT");

	if (header(connection, "Transfer-Encoding") || (has_body && !length)) {
		api_problem(reply, 411, "length-required",
			    "the request does not say its length by Content-Length alone",
			    "send the body as a whole, with Content-Length");
	} else if (length && strtoull(length, NULL, 10) > API_BODY_MAX) {
		api_problem(reply, 413, "too-long", "the body is longer than 16384 bytes",
			    "send what the description of the interface says, and no more");
	} else if (has_body && (!type || strcmp(type, "application/json"))) {
		api_problem(reply, 415, "content-type", "the body is not application/json",
			    "send JSON, and say so in Content-Type");
	}
	return reply->status;
}

/* NULL where nothing is known of it. */
static struct peer *peer_of(struct MHD_Connection *connection)
{
	struct link *link = link_of(connection);
	const union MHD_ConnectionInfo *info;

	info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
	if (!link || !info)
		return NULL;
	peer_judge(&link->peer, info->tls_session);
	return &link->peer;
}

/* What the headers alone rule out, before the body is read. */
static enum MHD_Result refuse_early(struct service *service, struct MHD_Connection *connection,
				    const char *method, struct transfer *transfer)
{
	struct api_reply reply = { 0 };

	if (identity_find(service, peer_of(connection), &transfer->client, &reply) &&
	    !judge_headers(connection, method, &reply))
		return MHD_YES;
	return send_reply(connection, &reply);
}

/* A field of the query. Which ones a path takes is not known yet. */
static enum MHD_Result take_field(void *cls, enum MHD_ValueKind kind, const char *name,
				  size_t name_len, const char *value, size_t value_len)
{
	struct api_call *call = cls;
	enum api_field field;

	(void)kind;
	if (!value || strlen(name) != name_len || strlen(value) != value_len ||
	    !api_query_field(name, &field) || call->query[field])
		call->bad_query = true;
	else
		call->query[field] = value;
	return MHD_YES;
}

static enum MHD_Result request(void *cls, struct MHD_Connection *connection, const char *url,
			       const char *method, const char *version, const char *data,
			       size_t *size, void **state)
{
	struct service *service = cls;
	struct transfer *transfer = *state;
	struct api_reply reply = { 0 };
	struct api_call call = { .service = service, .method = method, .path = url };

	(void)version;
	if (!transfer) {
		transfer = malloc(sizeof(*transfer));
		*state = transfer;
		if (!transfer)
			return MHD_NO;
		transfer->too_long = false;
		transfer->len = 0;
		return refuse_early(service, connection, method, transfer);
	}
	if (*size) {
		transfer->too_long |= *size > API_BODY_MAX - transfer->len;
		if (!transfer->too_long) {
			memcpy(transfer->body + transfer->len, data, *size);
			transfer->len += *size;
		}
		*size = 0;
		return MHD_YES;
	}
	if (transfer->too_long) {
		api_problem(&reply, 413, "too-long", "the body is longer than 16384 bytes",
			    "send what the description of the interface says, and no more");
		return send_reply(connection, &reply);
	}
	call.client = transfer->client;
	call.body = transfer->body;
	call.len = transfer->len;
	call.key = header(connection, "Idempotency-Key");
	MHD_get_connection_values_n(connection, MHD_GET_ARGUMENT_KIND, take_field, &call);
	api_route(&call, &reply);
	return send_reply(connection, &reply);
}

static void completed(void *cls, struct MHD_Connection *connection, void **state,
		      enum MHD_RequestTerminationCode code)
{
	(void)code;
	free(*state);
	*state = NULL;
	link_completed(cls, connection);
}

/**
 * http_start() - Serve.
 * @service: What is served; outlives the daemon.
 * @files: Certificate, key and authority.
 * @listener: Listening socket, which the daemon owns from then on.
 * @error: Receives the reason of a failure.
 *
 * Return: The daemon, for MHD_stop_daemon(), or NULL.
 */
struct MHD_Daemon *http_start(struct service *service, const struct tls_files *files,
			      int listener, struct domain_error *error)
{
	const struct MHD_OptionItem more[] = {
		{ MHD_OPTION_HTTPS_MEM_TRUST, 0, files->ca },
		{ MHD_OPTION_THREAD_STACK_SIZE, STACK_BYTES, NULL },
		{ MHD_OPTION_END, 0, NULL },
	};
	/* Each connection waits for the disk on its own, so that as many as ask share
	 * a transaction of the writer. A pool of many threads would wake all of them
	 * for each that connects.
	 */
	const struct tls_site site = {
		.name = "HTTPS",
		.threads = MHD_USE_POLL_INTERNAL_THREAD | MHD_USE_THREAD_PER_CONNECTION,
		.connections = CONNECTIONS,
		.connections_per_address = CONNECTIONS_PER_ADDRESS,
		.service = service, .request = request, .completed = completed,
		.cls = service, .more = more,
	};

	return tls_start(&site, files, listener, error);
}
