// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The verb serve: sets the service up, and ends it in order.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "centre/centre.h"
#include "centre/console/server.h"
#include "centre/health.h"
#include "centre/http.h"
#include "centre/listener.h"
#include "domain/file.h"
#include "domain/notify.h"
#include "domain/secret.h"

#define PEM_MAX		65536
#define HEALTH_DEFAULT	"127.0.0.1:9443"
/* A gateway that starts asks a few times; many may be behind one address. */
#define REQUESTS_DEFAULT	120
#define HANDSHAKES_DEFAULT	600
/* Seconds in which a connection has to complete a request. */
#define DEADLINE_DEFAULT	60
#define DEADLINE_MIN		2
#define DEADLINE_MAX		3600
/* Seconds in which an agent has to bring the receipt of a command. */
#define LEASE_DEFAULT		120
#define LEASE_MAX		86400
/* Steps of 50 ms that requests have to be answered at the end. */
#define DRAIN_STEPS	100

/**
 * struct server - The running service.
 * @centre: The run of the program.
 * @service: What requests share.
 * @files: What TLS needs.
 * @listener: Where agents connect; each daemon gets a copy.
 * @console_listener: Where operators connect, or -1; likewise.
 * @https: For agents.
 * @console_https: For operators, or NULL.
 * @console: What operators are shown.
 * @health: For those who watch.
 */
struct server {
	struct centre *centre;
	struct service service;
	struct tls_files files;
	int listener;
	int console_listener;
	struct MHD_Daemon *https;
	struct MHD_Daemon *console_https;
	struct console console;
	struct MHD_Daemon *health;
};

static int read_pem(const char *option, const char *path, bool secret, char **text,
		    struct domain_error *error)
{
	uint8_t *data;
	size_t len;
	int err;

	if (!path)
		return domain_fail(error, -EDOM, "--%s is missing; name a file in PEM form",
				   option);
	err = domain_file_read(path, secret, PEM_MAX, &data, &len, error);
	if (err)
		return err;
	*text = domain_secret_alloc(len + 1);
	if (*text) {
		memcpy(*text, data, len);
		(*text)[len] = '\0';
	}
	domain_secret_free(data);
	return *text ? 0 : domain_fail(error, -ENOMEM, "out of memory");
}

static void forget_files(struct tls_files *files)
{
	domain_secret_free(files->cert);
	domain_secret_free(files->key);
	domain_secret_free(files->ca);
	memset(files, 0, sizeof(*files));
}

static int read_files(struct server *server, struct tls_files *files)
{
	const struct centre_args *args = server->centre->args;
	struct domain_error *error = &server->centre->error;
	int err;

	err = read_pem("cert", args->cert, false, &files->cert, error);
	if (!err)
		err = read_pem("key", args->key, true, &files->key, error);
	if (!err)
		err = read_pem("ca", args->ca, false, &files->ca, error);
	if (err)
		forget_files(files);
	return err;
}

static int start_agents(struct server *server)
{
	int listener = dup(server->listener);

	if (listener < 0)
		return domain_fail(&server->centre->error, -errno, "%s", strerror(errno));
	server->https = http_start(&server->service, &server->files, listener,
				   &server->centre->error);
	if (server->https)
		return 0;
	close(listener);
	return -EINVAL;
}

static int start_operators(struct server *server)
{
	int listener = dup(server->console_listener);

	if (listener < 0)
		return domain_fail(&server->centre->error, -errno, "%s", strerror(errno));
	server->console_https = console_start(&server->console, &server->files, listener,
					      &server->centre->error);
	if (server->console_https)
		return 0;
	close(listener);
	return -EINVAL;
}

/* Requests that arrived are answered, within bounds; nothing new is accepted. */
static void drain(struct MHD_Daemon *daemon)
{
	const struct timespec step = { .tv_nsec = 50000000 };
	const union MHD_DaemonInfo *info;
	int listener, i;

	if (!daemon)
		return;
	listener = MHD_quiesce_daemon(daemon);
	for (i = 0; i < DRAIN_STEPS; i++) {
		info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_CURRENT_CONNECTIONS);
		if (!info || !info->num_connections)
			break;
		nanosleep(&step, NULL);
	}
	MHD_stop_daemon(daemon);
	if (listener >= 0)
		close(listener);
}

/* Both listeners with the same certificates, or none. */
static int start_https(struct server *server)
{
	struct MHD_Daemon *before = server->https;
	int err;

	err = start_agents(server);
	if (err || server->console_listener < 0)
		return err;
	err = start_operators(server);
	if (err) {
		drain(server->https);
		server->https = before;
	}
	return err;
}

/* New certificates serve before the old cease; bad ones never do. */
static void reload(struct server *server)
{
	struct tls_files fresh = { 0 }, old = server->files;
	struct MHD_Daemon *https = server->https, *console = server->console_https;

	if (read_files(server, &fresh))
		goto keep;
	server->files = fresh;
	if (!start_https(server)) {
		drain(https);
		drain(console);
		forget_files(&old);
		return;
	}
	forget_files(&server->files);
	server->files = old;
	server->https = https;
	server->console_https = console;
keep:
	fprintf(stderr, "<%d>%s; the certificates stay as they were\n", LOG_ERR,
		server->centre->error.text);
}

static int open_console(struct server *server)
{
	struct centre *centre = server->centre;
	int err;

	if (!centre->args->console)
		return 0;
	err = console_open(&server->console, &server->service, centre->args->db, &centre->error);
	if (err)
		return err;
	server->console_listener = listener_open(centre->args->console, false, &centre->error);
	return server->console_listener < 0 ? server->console_listener : 0;
}

static int open_service(struct server *server)
{
	struct service *service = &server->service;
	struct centre *centre = server->centre;
	int err;

	service->provider = centre->provider;
	service->domain = centre_domain_path(centre);
	err = provider_derive(centre->provider, MASTER_MPIN,
			      provider_newest(centre->provider, MASTER_MPIN), "centre-cursor", NULL,
			      0, service->cursor_key, sizeof(service->cursor_key), &centre->error);
	if (!err)
		err = store_open(&service->reader, centre->args->db, STORE_READ, &centre->error);
	return err ? err :
	       store_open(&service->lister, centre->args->db, STORE_READ, &centre->error);
}

/* Somebody may spend a minute's worth at once. */
static int read_rate(struct centre *centre, const char *option, const char *text,
		     uint32_t otherwise, struct limit_rule *rule)
{
	uint64_t value = otherwise;
	int err = 0;

	if (text)
		err = centre_number(centre, option, text, 1, LIMIT_PER_MINUTE_MAX, &value);
	rule->per_minute = (uint32_t)value;
	rule->burst = rule->per_minute;
	return err;
}

static int start_limits(struct server *server)
{
	struct limit_rule rules[LIMIT_SCOPES] = {
		/* One of them is asked for now and then. */
		[LIMIT_MODULE] = { .burst = 20, .per_minute = 4 },
		[LIMIT_HOST] = { .burst = 20, .per_minute = 4 },
	};
	struct centre *centre = server->centre;
	int err;

	err = read_rate(centre, "requests", centre->args->requests, REQUESTS_DEFAULT,
			&rules[LIMIT_CLIENT]);
	if (!err)
		err = read_rate(centre, "handshakes", centre->args->handshakes,
				HANDSHAKES_DEFAULT, &rules[LIMIT_ADDRESS]);
	return err ? err : limiter_start(&server->service.limiter, server->service.reader,
					 server->service.writer, rules, &centre->error);
}

static int start_deadline(struct server *server)
{
	struct centre *centre = server->centre;
	uint64_t seconds = DEADLINE_DEFAULT;
	int err = 0;

	if (centre->args->deadline)
		err = centre_number(centre, "deadline", centre->args->deadline, DEADLINE_MIN,
				    DEADLINE_MAX, &seconds);
	return err ? err : deadline_start(&server->service.deadline, (unsigned int)seconds,
					  &centre->error);
}

static int read_lease(struct server *server)
{
	struct centre *centre = server->centre;
	uint64_t seconds = LEASE_DEFAULT;
	int err = 0;

	if (centre->args->lease)
		err = centre_number(centre, "lease", centre->args->lease, 1, LEASE_MAX,
				    &seconds);
	server->service.lease = (uint32_t)seconds;
	return err;
}

static int start(struct server *server)
{
	struct centre *centre = server->centre;
	const struct centre_args *args = centre->args;
	int err, health;

	err = read_lease(server);
	if (!err)
		err = read_files(server, &server->files);
	if (err)
		return err;
	err = open_service(server);
	if (!err)
		err = writer_start(&server->service.writer, centre->store,
				   &centre->error);
	if (!err)
		err = start_limits(server);
	if (!err)
		err = start_deadline(server);
	if (!err)
		err = farewell_start(&server->service.farewell, &centre->error);
	if (err)
		return err;
	health = listener_open(args->health ? args->health : HEALTH_DEFAULT, true,
			       &centre->error);
	if (health < 0)
		return health;
	server->listener = listener_open(args->listen, false, &centre->error);
	if (server->listener < 0) {
		close(health);
		return server->listener;
	}
	err = open_console(server);
	if (!err)
		err = start_https(server);
	if (!err) {
		server->health = health_start(&server->service, health, &centre->error);
		err = server->health ? 0 : -EINVAL;
	}
	if (err)
		close(health);
	return err;
}

static void stop(struct server *server)
{
	drain(server->https);
	drain(server->console_https);
	if (server->health)
		MHD_stop_daemon(server->health);
	if (server->listener >= 0)
		close(server->listener);
	if (server->console_listener >= 0)
		close(server->console_listener);
	console_close(&server->console);
	if (server->service.deadline)
		deadline_stop(server->service.deadline);
	if (server->service.farewell)
		farewell_stop(server->service.farewell);
	if (server->service.limiter)
		limiter_stop(server->service.limiter);
	if (server->service.writer)
		writer_stop(server->service.writer);
	if (server->service.reader)
		store_close(server->service.reader);
	if (server->service.lister)
		store_close(server->service.lister);
	explicit_bzero(server->service.cursor_key, sizeof(server->service.cursor_key));
	forget_files(&server->files);
}

/**
 * centre_serve() - Answer agents and operators over the network until a signal ends it.
 * @centre: --listen, --cert, --key, --ca, --health, --console, --hotline, --requests,
 *	--handshakes, --deadline, --lease, --mac, --domain.
 *
 * Return: As all verbs.
 */
int centre_serve(struct centre *centre)
{
	struct server server = { 0 };
	sigset_t signals;
	int err, got;

	if (!centre->args->listen)
		return domain_fail(&centre->error, -EDOM,
				   "--listen is missing; name the address that agents connect to");
	sigemptyset(&signals);
	sigaddset(&signals, SIGHUP);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	/* Before there are threads, which inherit this. */
	sigprocmask(SIG_BLOCK, &signals, NULL);
	signal(SIGPIPE, SIG_IGN);

	server.centre = centre;
	server.listener = -1;
	server.console_listener = -1;
	server.service.hotline = centre->args->hotline;
	pthread_mutex_init(&server.service.lock, NULL);
	pthread_mutex_init(&server.service.list_lock, NULL);
	err = start(&server);
	if (!err) {
		fprintf(stderr, "<%d>serving on %s, watched over on %s\n", LOG_INFO,
			centre->args->listen,
			centre->args->health ? centre->args->health : HEALTH_DEFAULT);
		notify("READY=1");
		while (!sigwait(&signals, &got) && got == SIGHUP)
			reload(&server);
		notify("STOPPING=1");
	}
	stop(&server);
	return err;
}
