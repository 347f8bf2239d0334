// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <gnutls/crypto.h>
#include <gnutls/x509.h>
#include <string.h>

#include "centre/peer.h"
#include "domain/file.h"
#include "domain/secret.h"

#define CERTIFICATE_MAX	65536

static bool hash(const gnutls_datum_t *der, uint8_t fingerprint[STORE_FINGERPRINT_LEN])
{
	return !gnutls_hash_fast(GNUTLS_DIG_SHA256, der->data, der->size, fingerprint);
}

/**
 * peer_judge() - Look at the other end's certificate.
 * @peer: Filled; not looked at again where it was.
 * @session: Its TLS session, after the handshake.
 */
void peer_judge(struct peer *peer, gnutls_session_t session)
{
	gnutls_typed_vdata_st purpose = {
		.type = GNUTLS_DT_KEY_PURPOSE_OID,
		.data = (void *)GNUTLS_KP_TLS_WWW_CLIENT,
	};
	const gnutls_datum_t *chain;
	unsigned int status = ~0U, count = 0;

	if (peer->judged)
		return;
	peer->judged = true;
	chain = gnutls_certificate_get_peers(session, &count);
	if (!chain || !count ||
	    gnutls_certificate_verify_peers(session, &purpose, 1, &status) || status)
		return;
	peer->acceptable = hash(&chain[0], peer->fingerprint);
}

/**
 * peer_fingerprint_of_file() - Fingerprint of a certificate in a file.
 * @path: PEM file; its first certificate counts.
 * @fingerprint: Receives it.
 * @error: Receives the reason of a failure.
 *
 * Return: 0 or a negative errno.
 */
int peer_fingerprint_of_file(const char *path, uint8_t fingerprint[STORE_FINGERPRINT_LEN],
			     struct domain_error *error)
{
	gnutls_datum_t pem, der = { 0 };
	gnutls_x509_crt_t cert;
	uint8_t *data;
	size_t len;
	int err;

	err = domain_file_read(path, false, CERTIFICATE_MAX, &data, &len, error);
	if (err)
		return err;
	pem.data = data;
	pem.size = (unsigned int)len;
	err = domain_fail(error, -EINVAL, "%s holds no certificate in PEM form; name the client's certificate",
			  path);
	if (gnutls_x509_crt_init(&cert))
		goto free;
	if (!gnutls_x509_crt_import(cert, &pem, GNUTLS_X509_FMT_PEM) &&
	    !gnutls_x509_crt_export2(cert, GNUTLS_X509_FMT_DER, &der) && hash(&der, fingerprint))
		err = 0;
	gnutls_free(der.data);
	gnutls_x509_crt_deinit(cert);
free:
	domain_secret_free(data);
	return err;
}
