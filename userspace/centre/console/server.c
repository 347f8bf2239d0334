// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "centre/console/page.h"
#include "centre/console/server.h"
#include "centre/link.h"
#include "domain/secret.h"

/* Bounds against those who would hold connections or memory. */
#define CONNECTIONS		256
#define CONNECTIONS_PER_ADDRESS	32
#define THREADS			2

/**
 * struct transfer - A request that is arriving; it may hold a password.
 * @too_long: Its body is longer than any may be.
 * @len: Bytes in @body.
 * @body: The body, with room for a NUL.
 */
struct transfer {
	bool too_long;
	size_t len;
	char body[CONSOLE_BODY_MAX + 1];
};

/* What each answer says, so that a browser does nothing that is not foreseen. */
static const struct {
	const char *name;
	const char *value;
} headers[] = {
	{ "Content-Security-Policy",
	  "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
	  "form-action 'self'; frame-ancestors 'none'; base-uri 'none'" },
	{ "X-Content-Type-Options", "nosniff" },
	{ "Referrer-Policy", "no-referrer" },
	{ "Cache-Control", "no-store" },
	{ "Strict-Transport-Security", "max-age=31536000" },
	{ "Cross-Origin-Opener-Policy", "same-origin" },
	{ "Cross-Origin-Resource-Policy", "same-origin" },
};

static enum MHD_Result send_reply(struct MHD_Connection *connection, struct console_reply *reply)
{
	struct html *html = &reply->html;
	struct MHD_Response *response;
	enum MHD_Result result;
	char number[32];
	size_t i;

	if (html->failed)
		goto fail;
	/* Where there is a page it is the response's from here on, and wiped with it. */
	if (html->text)
		response = MHD_create_response_from_buffer_with_free_callback(html->len,
									      html->text,
									      domain_secret_free);
	else
		response = MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
	if (!response)
		goto fail;
	memset(html, 0, sizeof(*html));
	MHD_add_response_header(response, "Content-Type", reply->type);
	for (i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
		MHD_add_response_header(response, headers[i].name, headers[i].value);
	if (reply->location[0])
		MHD_add_response_header(response, "Location", reply->location);
	if (reply->cookie[0])
		MHD_add_response_header(response, "Set-Cookie", reply->cookie);
	if (reply->retry_after) {
		snprintf(number, sizeof(number), "%u", reply->retry_after);
		MHD_add_response_header(response, "Retry-After", number);
	}
	if (reply->leave_after) {
		snprintf(number, sizeof(number), "%u; url=/", reply->leave_after);
		MHD_add_response_header(response, "Refresh", number);
	}
	if (reply->status == 413)
		MHD_add_response_header(response, "Connection", "close");
	result = MHD_queue_response(connection, reply->status, response);
	MHD_destroy_response(response);
	explicit_bzero(reply, sizeof(*reply));
	return result;
fail:
	html_end(html);
	explicit_bzero(reply, sizeof(*reply));
	return MHD_NO;
}

static const char *header(struct MHD_Connection *connection, const char *name)
{
	return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

static const char *cookie(struct MHD_Connection *connection, const char *name)
{
	return MHD_lookup_connection_value(connection, MHD_COOKIE_KIND, name);
}

/* What is wrong with the request as HTTP; the status, or 0. */
static unsigned int judge_headers(struct MHD_Connection *connection, struct console_call *call,
				  struct console_reply *reply)
{
	const char *length = header(connection, "Content-Length");
	const char *type = header(connection, "Content-Type");
	bool post = !strcmp(call->method, "POST");

	if (!post && strcmp(call->method, "GET"))
		page_problem(call, reply, 405, "only pages and forms are here",
			     "use a browser");
	else if (header(connection, "Transfer-Encoding") || (post && !length))
		page_problem(call, reply, 411, "the request does not say its length",
			     "use a browser");
	else if (length && strtoull(length, NULL, 10) > CONSOLE_BODY_MAX)
		page_problem(call, reply, 413, "the form is too long",
			     "type what the labels say, and no more");
	else if (post && (!type || strcmp(type, "application/x-www-form-urlencoded")))
		page_problem(call, reply, 415, "this is no form", "use a browser");
	return reply->status;
}

/* People at home have one IPv4 address, or as many IPv6 ones as they like. */
static void read_address(struct MHD_Connection *connection, char text[64])
{
	const union MHD_ConnectionInfo *info;
	struct in6_addr network;
	const struct sockaddr *sa;

	strcpy(text, "unknown");
	info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	sa = info ? info->client_addr : NULL;
	if (sa && sa->sa_family == AF_INET) {
		inet_ntop(AF_INET, &((const struct sockaddr_in *)sa)->sin_addr, text, 64);
	} else if (sa && sa->sa_family == AF_INET6) {
		network = ((const struct sockaddr_in6 *)sa)->sin6_addr;
		if (!IN6_IS_ADDR_V4MAPPED(&network))
			memset(network.s6_addr + 8, 0, 8);
		inet_ntop(AF_INET6, &network, text, 64);
	}
}

/* What is surplus, or comes without a value, is nothing that a page asks for. */
static enum MHD_Result add_query(void *cls, enum MHD_ValueKind kind, const char *name,
				 const char *value)
{
	struct form *query = cls;

	(void)kind;
	if (!value || query->count == FORM_FIELDS)
		return MHD_YES;
	query->name[query->count] = name;
	query->value[query->count++] = value;
	return MHD_YES;
}

static void read_call(struct MHD_Connection *connection, struct console_call *call)
{
	const char *site = header(connection, "Sec-Fetch-Site");

	read_address(connection, call->address);
	snprintf(call->who, sizeof(call->who), "operator unknown");
	call->cookie = cookie(connection, "__Host-session");
	call->signin_cookie = cookie(connection, "__Host-sign-in");
	call->foreign = site && strcmp(site, "same-origin") && strcmp(site, "none");
	MHD_get_connection_values(connection, MHD_GET_ARGUMENT_KIND, add_query, &call->query);
}

static enum MHD_Result request(void *cls, struct MHD_Connection *connection, const char *url,
			       const char *method, const char *version, const char *data,
			       size_t *size, void **state)
{
	struct console_call call = { .console = cls, .method = method, .path = url };
	struct console_reply reply = { 0 };
	struct transfer *transfer = *state;

	(void)version;
	if (!transfer) {
		transfer = domain_secret_alloc(sizeof(*transfer));
		*state = transfer;
		if (!transfer)
			return MHD_NO;
		memset(transfer, 0, sizeof(*transfer));
		return judge_headers(connection, &call, &reply) ?
		       send_reply(connection, &reply) : MHD_YES;
	}
	if (*size) {
		transfer->too_long |= *size > CONSOLE_BODY_MAX - transfer->len;
		if (!transfer->too_long) {
			memcpy(transfer->body + transfer->len, data, *size);
			transfer->len += *size;
		}
		*size = 0;
		return MHD_YES;
	}
	read_call(connection, &call);
	atomic_fetch_add(&call.console->service->counts.requests, 1);
	if (transfer->too_long)
		page_problem(&call, &reply, 413, "the form is too long",
			     "type what the labels say, and no more");
	else if (form_decode(&call.form, transfer->body, transfer->len))
		page_problem(&call, &reply, 400, "the form cannot be read", "use a browser");
	else
		console_answer(&call, &reply);
	return send_reply(connection, &reply);
}

static void completed(void *cls, struct MHD_Connection *connection, void **state,
		      enum MHD_RequestTerminationCode code)
{
	struct console *console = cls;

	(void)code;
	domain_secret_free(*state);
	*state = NULL;
	link_completed(console->service, connection);
}

/**
 * console_start() - Serve the console.
 * @console: The console; outlives the daemon.
 * @files: Certificate and key.
 * @listener: Listening socket, which the daemon owns from then on.
 * @error: Receives the reason of a failure.
 *
 * Return: The daemon, for MHD_stop_daemon(), or NULL.
 */
struct MHD_Daemon *console_start(struct console *console, const struct tls_files *files,
				 int listener, struct domain_error *error)
{
	static const struct MHD_OptionItem more[] = {
		{ MHD_OPTION_THREAD_POOL_SIZE, THREADS, NULL },
		{ MHD_OPTION_END, 0, NULL },
	};
	const struct tls_site site = {
		.name = "the console",
		.threads = MHD_USE_EPOLL_INTERNAL_THREAD,
		.connections = CONNECTIONS,
		.connections_per_address = CONNECTIONS_PER_ADDRESS,
		.service = console->service, .request = request, .completed = completed,
		.cls = console, .more = more,
	};

	return tls_start(&site, files, listener, error);
}
