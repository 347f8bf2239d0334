// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <syslog.h>

#include "centre/identity.h"

/* Somebody may have it who should not. */
static void tell_superseded(struct peer *peer, const struct store_client *client)
{
	if (!peer->told)
		fprintf(stderr, "<%d>%s asks by a certificate that was replaced; find out who still has it\n",
			LOG_WARNING, client->name);
	peer->told = true;
}

static void refuse(const struct peer *peer, int found, struct api_reply *reply)
{
	if (!peer || !peer->acceptable)
		api_problem(reply, 403, "no-certificate",
			    "the connection presents no valid client certificate of this centre's authority",
			    "use a certificate for clients that the authority signed and that is valid now");
	else if (found == 1)
		api_problem(reply, 403, "certificate-replaced",
			    "this certificate was replaced by a newer one",
			    "use the newest certificate; if it is this one, let the centre take it with: smpair-centre client-renew");
	else if (found)
		api_problem(reply, 403, "two-clients",
			    "one client is known by this certificate and another by the URI in it",
			    "let the centre remove one of them with: smpair-centre client-remove");
	else if (peer->uris > 1)
		api_problem(reply, 403, "several-uris",
			    "nobody is known by this certificate, and it names several URIs",
			    "use a certificate with one URI");
	else
		api_problem(reply, 403, "unknown-client",
			    "nobody is known by this certificate, or by the URI in it",
			    "let the centre register it with: smpair-centre client-add");
}

/**
 * identity_find() - Find out who asks.
 * @service: The service.
 * @peer: The other end of the connection, judged; NULL where nothing is known of it.
 * @client: Receives who it is.
 * @reply: Receives the problem where nobody may ask so.
 *
 * Return: Whether somebody may.
 */
bool identity_find(struct service *service, struct peer *peer, struct store_client *client,
		   struct api_reply *reply)
{
	struct domain_error error;
	int found = 0;

	if (peer && peer->acceptable) {
		pthread_mutex_lock(&service->lock);
		found = store_find_client(service->reader, peer->fingerprint,
					  peer->uri[0] ? peer->uri : NULL, client, &error);
		pthread_mutex_unlock(&service->lock);
	}
	if (found < 0) {
		struct api_call call = {
			.service = service, .method = "a request", .path = "somebody",
			.client = { .name = "unknown name" },
		};

		api_failed(&call, reply, found, &error);
		return false;
	}
	/* Only those by a URI have such a bound. */
	if (found == 1 && peer->not_before >= client->not_before)
		return true;
	if (found == 1)
		tell_superseded(peer, client);
	atomic_fetch_add(&service->counts.strangers, 1);
	refuse(peer, found, reply);
	return false;
}
