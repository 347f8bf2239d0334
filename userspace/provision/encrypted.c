// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <string.h>

#include <nettle/aes.h>
#include <nettle/base16.h>
#include <nettle/cbc.h>
#include <nettle/hmac.h>
#include <nettle/sha2.h>

#include "provision/encrypted.h"

/* The longer word for a purpose, and its NUL. */
#define PURPOSE_LEN	sizeof("AUTH_KEY")

/* Each purpose has a key of its own: a hash of its name and of the master key, as
 * long for both.
 */
static void derive(const struct encrypted_master *master, const char *purpose,
		   uint8_t key[SHA256_DIGEST_SIZE])
{
	uint8_t in[PURPOSE_LEN + ENCRYPTED_MASTER_MAX] = { 0 };
	struct sha256_ctx hash;

	strcpy((char *)in, purpose);
	memcpy(in + strlen(purpose) + 1, master->key, master->len);
	sha256_init(&hash);
	sha256_update(&hash, PURPOSE_LEN + master->len, in);
	sha256_digest(&hash, SHA256_DIGEST_SIZE, key);
	explicit_bzero(in, sizeof(in));
	explicit_bzero(&hash, sizeof(hash));
}

static void encrypt(const struct encrypted_master *master, const uint8_t iv[ENCRYPTED_IV_LEN],
		    uint8_t *data, size_t len)
{
	struct CBC_CTX(struct aes256_ctx, AES_BLOCK_SIZE) cbc;
	uint8_t key[AES256_KEY_SIZE];

	derive(master, "ENC_KEY", key);
	aes256_set_encrypt_key(&cbc.ctx, key);
	CBC_SET_IV(&cbc, iv);
	CBC_ENCRYPT(&cbc, aes256_encrypt, len, data, data);
	explicit_bzero(key, sizeof(key));
	explicit_bzero(&cbc, sizeof(cbc));
}

static void authenticate(const struct encrypted_master *master, const uint8_t *data, size_t len,
			 uint8_t mac[SHA256_DIGEST_SIZE])
{
	struct hmac_sha256_ctx hmac;
	uint8_t key[SHA256_DIGEST_SIZE];

	derive(master, "AUTH_KEY", key);
	hmac_sha256_set_key(&hmac, sizeof(key), key);
	hmac_sha256_update(&hmac, len, data);
	hmac_sha256_digest(&hmac, SHA256_DIGEST_SIZE, mac);
	explicit_bzero(key, sizeof(key));
	explicit_bzero(&hmac, sizeof(hmac));
}

/**
 * encrypted_text() - Encrypt a key as the kernel does.
 * @master: Under this key.
 * @iv: Random, fresh for every call under one master key.
 * @content: What the key holds.
 * @len: Bytes at @content, 1 to %ENCRYPTED_CONTENT_MAX.
 * @text: Receives what "keyctl pipe" would give: format, master key, length,
 *	and in hexadecimal iv, ciphertext and MAC.
 */
void encrypted_text(const struct encrypted_master *master, const uint8_t iv[ENCRYPTED_IV_LEN],
		    const uint8_t *content, size_t len, char text[ENCRYPTED_TEXT_SIZE])
{
	/* What the MAC covers: the words with their NULs, the iv with one, ciphertext. */
	uint8_t covered[32 + ENCRYPTED_NAME_MAX + ENCRYPTED_IV_LEN + ENCRYPTED_CONTENT_MAX] = { 0 };
	size_t padded = (len + AES_BLOCK_SIZE - 1) / AES_BLOCK_SIZE * AES_BLOCK_SIZE;
	uint8_t mac[SHA256_DIGEST_SIZE], *at;
	size_t words, sealed;
	char *hex = text;

	words = (size_t)sprintf((char *)covered, "default%cuser:%s%c%zu", '\0', master->name,
				'\0', len) + 1;
	at = covered + words;
	memcpy(at, iv, ENCRYPTED_IV_LEN);
	memcpy(at + ENCRYPTED_IV_LEN + 1, content, len);
	encrypt(master, iv, at + ENCRYPTED_IV_LEN + 1, padded);
	sealed = ENCRYPTED_IV_LEN + 1 + padded;
	authenticate(master, covered, words + sealed, mac);

	hex += sprintf(text, "default user:%s %zu ", master->name, len);
	base16_encode_update(hex, sealed, at);
	hex += 2 * sealed;
	base16_encode_update(hex, sizeof(mac), mac);
	hex[2 * sizeof(mac)] = '\0';
}
