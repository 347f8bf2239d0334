/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SMPAIR_CRYPTO_H
#define _SMPAIR_CRYPTO_H

#include <linux/types.h>
#include <uapi/linux/smpair_proto.h>

struct smpair_aead;

/**
 * struct smpair_part - one piece of a concatenated input
 * @data: bytes
 * @len: their number
 */
struct smpair_part {
	const void *data;
	size_t len;
};

int smpair_sha256(const struct smpair_part *parts, unsigned int n, u8 out[PDT1_HASH_LEN]);
int smpair_prf(const u8 *key, size_t key_len, const struct smpair_part *parts,
	       unsigned int n, u8 out[PDT1_HASH_LEN]);
int smpair_extract(const u8 salt[PDT1_HASH_LEN], const u8 *ikm, size_t ikm_len,
		   u8 out[PDT1_KEY_LEN]);
int smpair_kdf(const u8 key[PDT1_KEY_LEN], const char *label, const void *ctx,
	       size_t ctx_len, u8 *out, size_t out_len);

struct smpair_aead *smpair_aead_alloc(const u8 key[PDT1_KEY_LEN]);
void smpair_aead_free(struct smpair_aead *aead);
int smpair_aead_encrypt(struct smpair_aead *aead, const u8 nonce[PDT1_NONCE_LEN],
			const void *ad, size_t ad_len, u8 *buf, size_t len);
int smpair_aead_decrypt(struct smpair_aead *aead, const u8 nonce[PDT1_NONCE_LEN],
			const void *ad, size_t ad_len, u8 *buf, size_t len);

/* The same under a key used once; any memory will do. */
int smpair_encrypt_once(const u8 key[PDT1_KEY_LEN], const u8 nonce[PDT1_NONCE_LEN],
			const void *ad, size_t ad_len, const void *plain, size_t len, u8 *out);
int smpair_decrypt_once(const u8 key[PDT1_KEY_LEN], const u8 nonce[PDT1_NONCE_LEN],
			const void *ad, size_t ad_len, const void *wire, size_t len, u8 *out);

int smpair_seal(const u8 key[PDT1_KEY_LEN], const void *ad, size_t ad_len,
		const void *plain, size_t len, u8 *out);
int smpair_unseal(const u8 key[PDT1_KEY_LEN], const void *ad, size_t ad_len,
		  const u8 *sealed, size_t sealed_len, u8 *out);

int smpair_x25519_generate(u8 secret[PDT1_X25519_LEN], u8 public[PDT1_X25519_LEN]);
int smpair_x25519(const u8 secret[PDT1_X25519_LEN], const u8 peer[PDT1_X25519_LEN],
		  u8 shared[PDT1_X25519_LEN]);

int smpair_random(void *buf, size_t len);
bool smpair_equal(const void *a, const void *b, size_t len);

#endif /* _SMPAIR_CRYPTO_H */
