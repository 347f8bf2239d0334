// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "centre/health.h"

static enum MHD_Result say(struct MHD_Connection *connection, unsigned int status,
			   const char *text)
{
	struct MHD_Response *response;
	enum MHD_Result result;

	response = MHD_create_response_from_buffer(strlen(text), (void *)text,
						   MHD_RESPMEM_MUST_COPY);
	if (!response)
		return MHD_NO;
	MHD_add_response_header(response, "Content-Type", "text/plain; version=0.0.4");
	result = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return result;
}

/* Database and provider, both asked for real. NULL where they answer. */
static const char *not_ready(struct service *service)
{
	struct domain_error error;
	int err;

	pthread_mutex_lock(&service->lock);
	err = store_ping(service->reader, &error);
	pthread_mutex_unlock(&service->lock);
	if (err)
		return "the database does not answer\n";
	return provider_ready(service->provider, &error) ?
	       "the provider of MACs does not answer\n" : NULL;
}

static struct writer_counters count_writer(struct service *service)
{
	struct writer_counters counters;

	writer_count(service->writer, &counters);
	return counters;
}

static enum MHD_Result metrics(struct service *service, struct MHD_Connection *connection)
{
	const struct writer_counters writer = count_writer(service);
	const struct {
		const char *name;
		const char *help;
		unsigned long count;
	} rows[] = {
		{ "requests", "Requests that were routed.", service->counts.requests },
		{ "pins_issued", "PINs issued to agents.", service->counts.issued },
		{ "pin_requests_held", "Requests left to an operator.", service->counts.held },
		{ "pin_requests_refused", "Requests refused by the rules.",
		  service->counts.refused },
		{ "strangers", "Requests without an acceptable certificate.",
		  service->counts.strangers },
		{ "requests_limited", "Requests refused because there were too many.",
		  service->counts.limited },
		{ "handshakes_limited", "Connections refused because there were too many.",
		  service->counts.handshakes_limited },
		{ "failures", "Requests that failed for reasons of the centre.",
		  service->counts.failures },
		{ "writes", "Jobs of the thread that writes.", writer.jobs },
		{ "writes_failed", "Of these, those that changed nothing.", writer.failed },
		{ "commits", "Transactions that jobs shared.", writer.groups },
		{ "commits_replayed", "Of these, those that were done again job by job.",
		  writer.replays },
	};
	char text[4096] = "";
	size_t i, len = 0;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len,
					"# HELP smpair_centre_%s_total %s\n"
					"# TYPE smpair_centre_%s_total counter\n"
					"smpair_centre_%s_total %lu\n", rows[i].name,
					rows[i].help, rows[i].name, rows[i].name,
					rows[i].count);
	snprintf(text + len, sizeof(text) - len,
		 "# HELP smpair_centre_ready Whether database and provider answer.\n"
		 "# TYPE smpair_centre_ready gauge\nsmpair_centre_ready %d\n"
		 "# HELP smpair_centre_writes_waiting Jobs that the thread that writes has not begun.\n"
		 "# TYPE smpair_centre_writes_waiting gauge\nsmpair_centre_writes_waiting %u\n",
		 !not_ready(service), writer.queued);
	return say(connection, 200, text);
}

static enum MHD_Result request(void *cls, struct MHD_Connection *connection, const char *url,
			       const char *method, const char *version, const char *data,
			       size_t *size, void **state)
{
	struct service *service = cls;
	const char *why;

	(void)version;
	(void)data;
	if (!*state) {
		*state = cls;
		return MHD_YES;
	}
	if (*size) {
		*size = 0;
		return MHD_YES;
	}
	if (strcmp(method, "GET"))
		return say(connection, 405, "only GET is answered here\n");
	if (!strcmp(url, "/healthz/startupz") || !strcmp(url, "/healthz/livez"))
		return say(connection, 200, "ok\n");
	if (!strcmp(url, "/healthz/readyz")) {
		why = not_ready(service);
		return say(connection, why ? 503 : 200, why ? why : "ok\n");
	}
	if (!strcmp(url, "/metrics"))
		return metrics(service, connection);
	if (!strcmp(url, "/version"))
		return say(connection, 200, SMPAIR_VERSION "\n");
	return say(connection, 404,
		   "there are /healthz/startupz, /healthz/livez, /healthz/readyz, /metrics and /version\n");
}

/**
 * health_start() - Answer those who watch.
 * @service: The service; outlives the daemon.
 * @listener: Listening socket, which the daemon owns from then on.
 * @error: Receives the reason of a failure.
 *
 * Return: The daemon, for MHD_stop_daemon(), or NULL.
 */
struct MHD_Daemon *health_start(struct service *service, int listener,
				struct domain_error *error)
{
	struct MHD_Daemon *daemon;

	daemon = MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ERROR_LOG | MHD_USE_ITC,
				  0, NULL, NULL, request, service,
				  MHD_OPTION_LISTEN_SOCKET, listener,
				  MHD_OPTION_CONNECTION_LIMIT, 16U,
				  MHD_OPTION_CONNECTION_TIMEOUT, 10U, MHD_OPTION_END);
	if (!daemon)
		domain_fail(error, -EINVAL, "health cannot be served");
	return daemon;
}
