// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <mbedtls/ecp.h>
#include <mbedtls/gcm.h>
#include <mbedtls/md.h>
#include <mbedtls/sha256.h>
#include <string.h>
#include <sys/random.h>

#include "softmod/port/crypto_mbedtls.h"

static int os_random(void *ctx, void *buf, size_t len)
{
	uint8_t *p = buf;

	(void)ctx;
	while (len) {
		ssize_t n = getrandom(p, len, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

/* mbedTLS randomises the coordinates of its scalar multiplication with it */
static int blinding_random(void *ctx, unsigned char *buf, size_t len)
{
	return os_random(ctx, buf, len) ? MBEDTLS_ERR_ECP_RANDOM_FAILED : 0;
}

static int sha256(void *ctx, const struct sm_part *parts, size_t n,
		  uint8_t out[32])
{
	mbedtls_sha256_context sha;
	int err;
	size_t i;

	(void)ctx;
	mbedtls_sha256_init(&sha);
	err = mbedtls_sha256_starts_ret(&sha, 0);
	for (i = 0; !err && i < n; i++)
		err = mbedtls_sha256_update_ret(&sha, parts[i].data,
						parts[i].len);
	if (!err)
		err = mbedtls_sha256_finish_ret(&sha, out);
	mbedtls_sha256_free(&sha);
	return err;
}

static int hmac(void *ctx, const uint8_t key[32], const struct sm_part *parts,
		size_t n, uint8_t out[32])
{
	mbedtls_md_context_t md;
	int err;
	size_t i;

	(void)ctx;
	mbedtls_md_init(&md);
	err = mbedtls_md_setup(&md,
			       mbedtls_md_info_from_type(MBEDTLS_MD_SHA256), 1);
	if (!err)
		err = mbedtls_md_hmac_starts(&md, key, 32);
	for (i = 0; !err && i < n; i++)
		err = mbedtls_md_hmac_update(&md, parts[i].data, parts[i].len);
	if (!err)
		err = mbedtls_md_hmac_finish(&md, out);
	mbedtls_md_free(&md);
	return err;
}

static int gcm_seal(void *ctx, const uint8_t key[32], const uint8_t nonce[12],
		    const void *ad, size_t ad_len, const void *in, size_t len,
		    uint8_t *out)
{
	mbedtls_gcm_context gcm;
	int err;

	(void)ctx;
	mbedtls_gcm_init(&gcm);
	err = mbedtls_gcm_setkey(&gcm, MBEDTLS_CIPHER_ID_AES, key, 256);
	if (!err)
		err = mbedtls_gcm_crypt_and_tag(&gcm, MBEDTLS_GCM_ENCRYPT, len,
						nonce, 12, ad, ad_len, in, out,
						16, out + len);
	mbedtls_gcm_free(&gcm);
	return err;
}

static int gcm_open(void *ctx, const uint8_t key[32], const uint8_t nonce[12],
		    const void *ad, size_t ad_len, const void *in, size_t len,
		    uint8_t *out)
{
	const uint8_t *tag = (const uint8_t *)in + (len - 16);
	mbedtls_gcm_context gcm;
	int err;

	(void)ctx;
	mbedtls_gcm_init(&gcm);
	err = mbedtls_gcm_setkey(&gcm, MBEDTLS_CIPHER_ID_AES, key, 256);
	if (!err)
		err = mbedtls_gcm_auth_decrypt(&gcm, len - 16, nonce, 12, ad,
					       ad_len, tag, 16, in, out);
	mbedtls_gcm_free(&gcm);
	return err == MBEDTLS_ERR_GCM_AUTH_FAILED ? 1 : err;
}

static int multiply(mbedtls_ecp_group *grp, const uint8_t *scalar,
		    const uint8_t *point, uint8_t *out)
{
	uint8_t k[32], u[32];
	mbedtls_ecp_point p, r;
	mbedtls_mpi d;
	int err;

	mbedtls_ecp_point_init(&p);
	mbedtls_ecp_point_init(&r);
	mbedtls_mpi_init(&d);

	memcpy(k, scalar, sizeof(k));
	k[0] &= 248;
	k[31] &= 127;
	k[31] |= 64;
	err = mbedtls_mpi_read_binary_le(&d, k, sizeof(k));

	if (point) {
		memcpy(u, point, sizeof(u));
		u[31] &= 127;
		if (!err)
			err = mbedtls_mpi_read_binary_le(&p.X, u, sizeof(u));
		if (!err)
			err = mbedtls_mpi_lset(&p.Z, 1);
	} else if (!err) {
		err = mbedtls_ecp_copy(&p, &grp->G);
	}
	if (!err) {
		err = mbedtls_ecp_mul(grp, &r, &d, &p, blinding_random, NULL);
		/* Points of low order: refused, or at infinity afterwards */
		if (err == MBEDTLS_ERR_ECP_INVALID_KEY ||
		    err == MBEDTLS_ERR_MPI_NOT_ACCEPTABLE) {
			memset(out, 0, 32);
			err = 0;
		} else if (!err) {
			err = mbedtls_mpi_write_binary_le(&r.X, out, 32);
		}
	}

	mbedtls_platform_zeroize(k, sizeof(k));
	mbedtls_mpi_free(&d);
	mbedtls_ecp_point_free(&r);
	mbedtls_ecp_point_free(&p);
	return err;
}

static int x25519(void *ctx, const uint8_t scalar[32], const uint8_t *point,
		  uint8_t out[32])
{
	mbedtls_ecp_group grp;
	int err;

	(void)ctx;
	mbedtls_ecp_group_init(&grp);
	err = mbedtls_ecp_group_load(&grp, MBEDTLS_ECP_DP_CURVE25519);
	if (!err)
		err = multiply(&grp, scalar, point, out);
	mbedtls_ecp_group_free(&grp);
	return err;
}

void crypto_mbedtls_init(struct sm_port *port)
{
	port->sha256 = sha256;
	port->hmac = hmac;
	port->gcm_seal = gcm_seal;
	port->gcm_open = gcm_open;
	port->x25519 = x25519;
	port->random = os_random;
}
