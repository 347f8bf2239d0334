// SPDX-License-Identifier: GPL-2.0
#include "encrypted.h"

#include <errno.h>
#include <kcapi.h>
#include <keyutils.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oracle.h"

/*
 * The blob that "keyctl add encrypted … load" takes, for content of our choice:
 * AES-256-CBC and a MAC under two keys derived from a master key. See
 * Documentation/security/keys/trusted-encrypted.rst of the kernel.
 */
static void encrypted_derive(const char *purpose, const uint8_t master[32], uint8_t key[32])
{
	uint8_t in[sizeof("AUTH_KEY") + 32] = { 0 };
	struct kcapi_handle *h;

	strcpy((char *)in, purpose);
	memcpy(in + strlen(purpose) + 1, master, 32);
	if (kcapi_md_init(&h, "sha256", 0) || kcapi_md_digest(h, in, sizeof(in), key, 32) != 32)
		abort();
	kcapi_md_destroy(h);
}

static void encrypted_blob(const char *master_name, const uint8_t master[32],
			   const uint8_t *payload, size_t len, char *out, size_t size)
{
	uint8_t enc[32], auth[32], iv[16] = { 7 }, plain[192] = { 0 }, sealed[192], mac[32];
	size_t padded = (len + 15) / 16 * 16, n, i;
	struct kcapi_handle *h;
	uint8_t covered[512];
	int used;

	encrypted_derive("ENC_KEY", master, enc);
	encrypted_derive("AUTH_KEY", master, auth);
	memcpy(plain, payload, len);
	if (kcapi_cipher_init(&h, "cbc(aes)", 0) || kcapi_cipher_setkey(h, enc, 32) ||
	    kcapi_cipher_encrypt(h, plain, padded, iv, sealed, padded, KCAPI_ACCESS_HEURISTIC) !=
	    (ssize_t)padded)
		abort();
	kcapi_cipher_destroy(h);

	/* format, master key, length, each with its NUL; the iv with one; the data */
	n = sprintf((char *)covered, "default%cuser:%s%c%zu", 0, master_name, 0, len) + 1;
	memcpy(covered + n, iv, 16);
	n += 16;
	covered[n++] = 0;
	memcpy(covered + n, sealed, padded);
	oracle_hmac(auth, covered, n + padded, mac);

	used = snprintf(out, size, "load default user:%s %zu ", master_name, len);
	for (i = 0; i < 16; i++)
		used += snprintf(out + used, size - used, "%02x", iv[i]);
	used += snprintf(out + used, size - used, "00");	/* the byte after the iv */
	for (i = 0; i < padded; i++)
		used += snprintf(out + used, size - used, "%02x", sealed[i]);
	for (i = 0; i < 32; i++)
		used += snprintf(out + used, size - used, "%02x", mac[i]);
}

int32_t rig_encrypted_key(const struct rig_host *host)
{
	uint8_t payload[48 + 4 * 34], master[32] = { 1, 2, 3 };
	char blob[1024];
	int32_t key;

	encrypted_blob("smpair-kmk", master, payload, rig_host_payload(host, payload), blob,
		       sizeof(blob));
	if (add_key("user", "smpair-kmk", master, sizeof(master), KEY_SPEC_PROCESS_KEYRING) < 0)
		return -errno;
	key = add_key("encrypted", "smpair-host", blob, strlen(blob), KEY_SPEC_PROCESS_KEYRING);
	return key < 0 ? -errno : key;
}
