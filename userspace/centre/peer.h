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
 * struct peer - A connection's other end.
 * @judged: It was looked at; it is once for each connection.
 * @acceptable: Its certificate is of our authority, valid, and for clients.
 * @fingerprint: SHA-256 of that certificate.
 */
struct peer {
	bool judged;
	bool acceptable;
	uint8_t fingerprint[STORE_FINGERPRINT_LEN];
};

void peer_judge(struct peer *peer, gnutls_session_t session);
int peer_fingerprint_of_file(const char *path, uint8_t fingerprint[STORE_FINGERPRINT_LEN],
			     struct domain_error *error);

#endif /* CENTRE_PEER_H */
