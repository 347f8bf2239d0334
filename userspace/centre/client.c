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

static int add(struct centre *centre, void *arg)
{
	const struct store_client *client = arg;
	int err = store_add_client(centre->store, client, &centre->error);

	return err ? err : centre_done(centre, "client-add", NULL, NULL, "done",
				       client->name);
}

/**
 * centre_client_add() - Let the owner of a certificate ask.
 * @centre: --name, --role, --cert.
 *
 * Return: As all verbs.
 */
int centre_client_add(struct centre *centre)
{
	const struct centre_args *args = centre->args;
	struct store_client client = { 0 };
	int err;

	err = centre_need_name(centre);
	if (!err)
		err = centre_need_role(centre, true);
	if (err)
		return err;
	if (!args->cert)
		return domain_fail(&centre->error, -EDOM,
				   "--cert is missing; name the client's certificate");
	err = peer_fingerprint_of_file(args->cert, client.fingerprint, &centre->error);
	if (err)
		return err;
	snprintf(client.name, sizeof(client.name), "%s", args->name);
	snprintf(client.role, sizeof(client.role), "%s", args->role);
	return centre_change(centre, add, &client);
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

static int print_client(const struct store_client *client, void *arg)
{
	unsigned int i;

	(void)arg;
	printf("%-24s %-10s ", client->name, client->role);
	for (i = 0; i < sizeof(client->fingerprint); i++)
		printf("%02x", client->fingerprint[i]);
	putchar('\n');
	return 0;
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
