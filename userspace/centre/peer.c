// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <gnutls/crypto.h>
#include <gnutls/x509.h>
#include <string.h>

#include "centre/peer.h"
#include "domain/file.h"
#include "domain/secret.h"

#define CERTIFICATE_MAX	65536

/* Longer names than this are no URI that anybody is known by. */
#define NAME_MAX_BYTES	1024

static void read_uris(struct peer *peer, gnutls_x509_crt_t cert)
{
	char name[NAME_MAX_BYTES];
	unsigned int i;
	size_t len;
	int type;

	for (i = 0;; i++) {
		len = sizeof(name);
		type = gnutls_x509_crt_get_subject_alt_name(cert, i, name, &len, NULL);
		if (type < 0 && type != GNUTLS_E_SHORT_MEMORY_BUFFER)
			break;
		if (type != GNUTLS_SAN_URI && type != GNUTLS_E_SHORT_MEMORY_BUFFER)
			continue;
		if (peer->uris++ || type < 0 || !uri_read(name, len, peer->uri))
			peer->uri[0] = '\0';
	}
}

static bool read_certificate(struct peer *peer, const gnutls_datum_t *der)
{
	gnutls_x509_crt_t cert;
	bool good;

	if (gnutls_hash_fast(GNUTLS_DIG_SHA256, der->data, der->size, peer->fingerprint) ||
	    gnutls_x509_crt_init(&cert))
		return false;
	good = !gnutls_x509_crt_import(cert, der, GNUTLS_X509_FMT_DER);
	if (good) {
		peer->not_before = gnutls_x509_crt_get_activation_time(cert);
		read_uris(peer, cert);
	}
	gnutls_x509_crt_deinit(cert);
	return good && peer->not_before >= 0;
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
	peer->acceptable = read_certificate(peer, &chain[0]);
}

/**
 * peer_read_file() - Read a certificate in a file.
 * @peer: Filled, but for what only a connection tells.
 * @path: PEM file; its first certificate counts.
 * @error: Receives the reason of a failure.
 *
 * Return: 0 or a negative errno.
 */
int peer_read_file(struct peer *peer, const char *path, struct domain_error *error)
{
	gnutls_datum_t pem, der = { 0 };
	uint8_t *data;
	size_t len;
	int err;

	memset(peer, 0, sizeof(*peer));
	err = domain_file_read(path, false, CERTIFICATE_MAX, &data, &len, error);
	if (err)
		return err;
	pem.data = data;
	pem.size = (unsigned int)len;
	if (gnutls_pem_base64_decode2("CERTIFICATE", &pem, &der) || !read_certificate(peer, &der))
		err = domain_fail(error, -EINVAL, "%s holds no certificate in PEM form; name the client's certificate",
				  path);
	gnutls_free(der.data);
	domain_secret_free(data);
	return err;
}
