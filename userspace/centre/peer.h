/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who is at the other end of a TLS connection. libmicrohttpd asks for a
 * certificate but lets those without one in; this judges.
 */
#ifndef CENTRE_PEER_H
#define CENTRE_PEER_H

#include <gnutls/gnutls.h>
#include <stdbool.h>

#include "centre/store.h"

/**
 * struct peer - A connection's other end, or the certificate in a file.
 * @judged: It was looked at; it is once for each connection.
 * @acceptable: Its certificate is of our authority, valid, and for clients.
 * @told: The log has that it asks by a certificate that was replaced.
 * @fingerprint: SHA-256 of that certificate.
 * @not_before: Since when it is valid, in seconds since 1970.
 * @uris: How many URIs it names.
 * @uri: The URI where it names one, as uri_read() gives it; empty where it names
 *	none, or one that cannot name a client.
 */
struct peer {
	bool judged;
	bool acceptable;
	bool told;
	uint8_t fingerprint[STORE_FINGERPRINT_LEN];
	int64_t not_before;
	unsigned int uris;
	char uri[URI_SIZE];
};

void peer_judge(struct peer *peer, gnutls_session_t session);
int peer_read_file(struct peer *peer, const char *path, struct domain_error *error);

#endif /* CENTRE_PEER_H */
