// SPDX-License-Identifier: GPL-2.0
/*
 * load ADDRESS:PORT CERT KEY CA WHAT CONNECTIONS SECONDS STATUS PATH BODIES
 *
 * Asks an HTTPS server by TLS 1.3 with a client certificate. WHAT is "kept": each
 * connection is kept and sends one POST after the other with the lines of the file
 * BODIES, each line once as long as there are others, or GETs where BODIES is "-"; or
 * "new": each GET is the only one of a new connection, without resumption. All answers
 * must have STATUS. Prints a line of JSON: how many, in which time, and what part of them
 * took how long.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <gnutls/gnutls.h>

#define CONNECTIONS_MAX	256
#define SAMPLES_MAX	2000000
#define ANSWER_MAX	65536

static struct sockaddr_in server;
static gnutls_certificate_credentials_t credentials;
static const char *path, *status;
static char **bodies;
static size_t body_count;
static atomic_size_t next_body;
static int64_t end_ns;
static bool fresh;

struct client {
	pthread_t thread;
	uint32_t *us;		/* of each answer */
	size_t count;
	char why[200];
};

static int64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * INT64_C(1000000000) + ts.tv_nsec;
}

static int dial(gnutls_session_t *session, struct client *c)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1, ret;

	if (fd < 0 || connect(fd, (struct sockaddr *)&server, sizeof(server))) {
		snprintf(c->why, sizeof(c->why), "connect: %s", strerror(errno));
		close(fd);
		return -1;
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	gnutls_init(session, GNUTLS_CLIENT | GNUTLS_NO_TICKETS);
	gnutls_priority_set_direct(*session, "NORMAL:-VERS-ALL:+VERS-TLS1.3", NULL);
	gnutls_credentials_set(*session, GNUTLS_CRD_CERTIFICATE, credentials);
	gnutls_session_set_verify_cert(*session, "localhost", 0);
	gnutls_transport_set_int(*session, fd);
	do {
		ret = gnutls_handshake(*session);
	} while (ret < 0 && !gnutls_error_is_fatal(ret));
	if (ret >= 0)
		return fd;
	snprintf(c->why, sizeof(c->why), "handshake: %s", gnutls_strerror(ret));
	gnutls_deinit(*session);
	close(fd);
	return -1;
}

static bool whole(const char *answer)
{
	const char *body = strstr(answer, "\r\n\r\n");
	const char *length = strcasestr(answer, "\r\nContent-Length:");

	if (!body)
		return false;
	return !length || length > body ||
	       strlen(body + 4) >= strtoul(length + 17, NULL, 10);
}

static bool ask(gnutls_session_t session, struct client *c, const char *body)
{
	char text[4096], answer[ANSWER_MAX];
	ssize_t got;
	size_t len;

	if (body)
		len = (size_t)snprintf(text, sizeof(text),
				       "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
				       path, strlen(body), body);
	else
		len = (size_t)snprintf(text, sizeof(text),
				       "GET %s HTTP/1.1\r\nHost: localhost\r\n%s\r\n",
				       path, fresh ? "Connection: close\r\n" : "");
	if (gnutls_record_send(session, text, len) != (ssize_t)len) {
		snprintf(c->why, sizeof(c->why), "the connection ended");
		return false;
	}
	for (len = 0, answer[0] = '\0'; !whole(answer);) {
		got = gnutls_record_recv(session, answer + len,
					 sizeof(answer) - 1 - len);
		if (got == GNUTLS_E_AGAIN || got == GNUTLS_E_INTERRUPTED)
			continue;
		if (got <= 0) {
			snprintf(c->why, sizeof(c->why), "no answer: %s",
				 got ? gnutls_strerror((int)got) : "end");
			return false;
		}
		len += (size_t)got;
		answer[len] = '\0';
	}
	if (!strncmp(answer + 9, status, 3))
		return true;
	snprintf(c->why, sizeof(c->why), "%.180s", strstr(answer, "\r\n\r\n") + 4);
	return false;
}

static void count(struct client *c, int64_t since)
{
	if (c->count < SAMPLES_MAX)
		c->us[c->count++] = (uint32_t)((now_ns() - since) / 1000);
}

static void leave(gnutls_session_t session, int fd)
{
	gnutls_bye(session, GNUTLS_SHUT_WR);
	gnutls_deinit(session);
	close(fd);
}

static void *keep_asking(void *arg)
{
	struct client *c = arg;
	gnutls_session_t session;
	int64_t since;
	int fd;

	fd = dial(&session, c);
	if (fd < 0)
		return NULL;
	for (since = now_ns(); since < end_ns; since = now_ns()) {
		size_t i = atomic_fetch_add(&next_body, 1);

		if (!ask(session, c, body_count ? bodies[i % body_count] : NULL))
			break;
		count(c, since);
	}
	leave(session, fd);
	return NULL;
}

static void *keep_connecting(void *arg)
{
	struct client *c = arg;
	gnutls_session_t session;
	int64_t since;
	bool good;
	int fd;

	for (since = now_ns(); since < end_ns; since = now_ns()) {
		fd = dial(&session, c);
		if (fd < 0)
			break;
		good = ask(session, c, NULL);
		leave(session, fd);
		if (!good)
			break;
		count(c, since);
	}
	return NULL;
}

static int read_bodies(const char *name)
{
	FILE *file = fopen(name, "r");
	size_t size = 0, room = 0;
	char *line = NULL;
	ssize_t len;

	if (!file)
		return -1;
	while ((len = getline(&line, &size, file)) > 0) {
		line[len - 1] = '\0';
		if (body_count == room) {
			room = room ? 2 * room : 1024;
			bodies = realloc(bodies, room * sizeof(*bodies));
			if (!bodies)
				return -1;
		}
		bodies[body_count++] = line;
		line = NULL;
	}
	fclose(file);
	return body_count ? 0 : -1;
}

static int ascending(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

int main(int argc, char **argv)
{
	static struct client clients[CONNECTIONS_MAX];
	size_t connections, i, all = 0;
	uint32_t *us;
	int64_t start;
	char *colon;
	double took;

	if (argc != 11)
		return 2;
	colon = strrchr(argv[1], ':');
	*colon = '\0';
	server.sin_family = AF_INET;
	server.sin_port = htons((uint16_t)atoi(colon + 1));
	inet_pton(AF_INET, argv[1], &server.sin_addr);
	gnutls_certificate_allocate_credentials(&credentials);
	if (gnutls_certificate_set_x509_key_file(credentials, argv[2], argv[3],
						 GNUTLS_X509_FMT_PEM) < 0 ||
	    gnutls_certificate_set_x509_trust_file(credentials, argv[4],
						   GNUTLS_X509_FMT_PEM) <= 0) {
		fprintf(stderr, "load: certificates cannot be read\n");
		return 2;
	}
	fresh = !strcmp(argv[5], "new");
	connections = strtoul(argv[6], NULL, 10);
	status = argv[8];
	path = argv[9];
	if (strcmp(argv[10], "-") && read_bodies(argv[10])) {
		fprintf(stderr, "load: %s cannot be read\n", argv[10]);
		return 2;
	}
	start = now_ns();
	end_ns = start + (int64_t)(atof(argv[7]) * 1e9);
	for (i = 0; i < connections && i < CONNECTIONS_MAX; i++) {
		clients[i].us = malloc(SAMPLES_MAX * sizeof(uint32_t));
		if (!clients[i].us ||
		    pthread_create(&clients[i].thread, NULL,
				   fresh ? keep_connecting : keep_asking, &clients[i]))
			return 2;
	}
	for (i = 0; i < connections; i++) {
		pthread_join(clients[i].thread, NULL);
		all += clients[i].count;
		if (*clients[i].why) {
			fprintf(stderr, "load: %s\n", clients[i].why);
			return 1;
		}
	}
	took = (double)(now_ns() - start) / 1e9;
	us = malloc((all + 1) * sizeof(*us));
	if (!us)
		return 2;
	if (!all)
		return 1;
	for (i = 0, all = 0; i < connections; all += clients[i++].count)
		memcpy(us + all, clients[i].us, clients[i].count * sizeof(*us));
	qsort(us, all, sizeof(*us), ascending);
	printf("{\"count\": %zu, \"seconds\": %.3f, \"rate\": %.1f, \"p50_us\": %u, \"p99_us\": %u}\n",
	       all, took, (double)all / took, us[all / 2], us[all * 99 / 100]);
	return 0;
}
