// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Who may ask over the network, and what waits for an operator.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <smpair/id.h>

#include "centre/centre.h"
#include "centre/peer.h"

/* What --cert or --uri says; the certificate is in @peer where it was given. */
static int read_known_by(struct centre *centre, struct store_client *client,
			 struct peer *peer)
{
	const struct centre_args *args = centre->args;
	int err;

	if (!args->cert == !args->uri)
		return domain_fail(&centre->error, -EDOM,
				   "give either --cert, the client's certificate, or --uri, a URI that its certificates name");
	if (args->uri)
		return uri_read(args->uri, strlen(args->uri), client->uri) ? 0 :
		       domain_fail(&centre->error, -EDOM,
				   "--uri takes up to 255 characters such as urn:example:gateway-1 or spiffe://example.org/gateway-1, without %%, ?, # and @");
	err = peer_read_file(peer, args->cert, &centre->error);
	if (!err)
		memcpy(client->fingerprint, peer->fingerprint, sizeof(client->fingerprint));
	return err;
}

static int add(struct centre *centre, void *arg)
{
	const struct store_client *client = arg;
	int err = store_add_client(centre->store, client, &centre->error);

	return err ? err : centre_done(centre, "client-add", NULL, NULL, "done",
				       client->name);
}

/**
 * centre_client_add() - Let the owner of a certificate, or of all with a URI, ask.
 * @centre: --name, --role, --cert or --uri.
 *
 * Return: As all verbs.
 */
int centre_client_add(struct centre *centre)
{
	const struct centre_args *args = centre->args;
	struct store_client client = { 0 };
	struct peer peer;
	int err;

	err = centre_need_name(centre);
	if (!err)
		err = centre_need_role(centre, true);
	if (!err)
		err = read_known_by(centre, &client, &peer);
	if (err)
		return err;
	snprintf(client.name, sizeof(client.name), "%s", args->name);
	snprintf(client.role, sizeof(client.role), "%s", args->role);
	return centre_change(centre, add, &client);
}

static int print_client(const struct store_client *client, void *arg)
{
	char since[32];
	unsigned int i;
	struct tm tm;

	(void)arg;
	printf("%-24s %-10s ", client->name, client->role);
	if (client->uri[0])
		printf("%s", client->uri);
	else
		for (i = 0; i < sizeof(client->fingerprint); i++)
			printf("%02x", client->fingerprint[i]);
	if (client->not_before) {
		gmtime_r(&client->not_before, &tm);
		strftime(since, sizeof(since), "%FT%TZ", &tm);
		printf("  certificates from %s on", since);
	}
	putchar('\n');
	return 0;
}

/* @client is who has it, as they are known then. */
struct renewal {
	struct store_client known_by;
	struct peer peer;
	struct store_client client;
};

/* Certificates with the URI count from this one on. */
static int raise_bound(struct centre *centre, struct store_client *client,
		       const struct peer *peer)
{
	if (strcmp(client->uri, peer->uri))
		return domain_fail(&centre->error, -EINVAL,
				   "%s is known by %s, and the certificate does not name that alone; have one made that does",
				   client->name, client->uri);
	if (peer->not_before < client->not_before)
		return domain_fail(&centre->error, -EINVAL,
				   "the certificate is older than one that %s had before; name the newest",
				   client->name);
	client->not_before = peer->not_before;
	return 0;
}

static int renew(struct centre *centre, void *arg)
{
	struct renewal *r = arg;
	struct store_client *client = &r->client;
	int err;

	err = store_get_client(centre->store, centre->args->name, client,
			       &centre->error);
	if (err)
		return err;
	if (client->uri[0] && !r->known_by.uri[0]) {
		err = raise_bound(centre, client, &r->peer);
	} else {
		memcpy(client->uri, r->known_by.uri, sizeof(client->uri));
		memcpy(client->fingerprint, r->known_by.fingerprint,
		       sizeof(client->fingerprint));
		client->not_before = 0;
	}
	if (!err)
		err = store_renew_client(centre->store, client, &centre->error);
	return err ? err : centre_done(centre, "client-renew", NULL, NULL, "done",
				       client->name);
}

/**
 * centre_client_renew() - A client has a new certificate; older ones are refused at
 *	once.
 * @centre: --name, --cert or --uri.
 *
 * Return: As all verbs.
 */
int centre_client_renew(struct centre *centre)
{
	struct renewal r = { 0 };
	int err;

	err = centre_need_name(centre);
	if (!err)
		err = read_known_by(centre, &r.known_by, &r.peer);
	if (!err)
		err = centre_change(centre, renew, &r);
	return err ? err : print_client(&r.client, NULL);
}

static int remove_named(struct centre *centre, void *arg)
{
	int err = store_remove_client(centre->store, arg, &centre->error);

	return err ? err : centre_done(centre, "client-remove", NULL, NULL, "done",
				       arg);
}

/**
 * centre_client_remove() - Let somebody ask no longer; it counts at once.
 * @centre: --name.
 *
 * Return: As all verbs.
 */
int centre_client_remove(struct centre *centre)
{
	int err;

	err = centre_need_name(centre);
	return err ? err : centre_change(centre, remove_named, (void *)centre->args->name);
}

/**
 * centre_clients() - List those who may ask.
 * @centre: The run.
 *
 * Return: As all verbs.
 */
int centre_clients(struct centre *centre)
{
	return store_each_client(centre->store, print_client, NULL, &centre->error);
}

static int print_held(const struct store_request *held, void *arg)
{
	char module[SMPAIR_ID_TEXT_SIZE], host[SMPAIR_ID_TEXT_SIZE];

	(void)arg;
	smpair_id_format(held->mid, module, sizeof(module));
	smpair_id_format(held->sn, host, sizeof(host));
	printf("%4lld s ago  %s: module %s  host %s  index %u  request code %06u\n",
	       (long long)(time(NULL) - held->at), held->actor, module, host, held->n,
	       held->code);
	return 0;
}

/**
 * centre_held() - List the requests that wait for an operator.
 * @centre: The run.
 *
 * Return: As all verbs.
 */
int centre_held(struct centre *centre)
{
	return store_each_request(centre->store, 0, NULL, 0, print_held, NULL, &centre->error);
}
