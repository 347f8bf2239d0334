// SPDX-License-Identifier: GPL-2.0
/*
 * kernel/crypto.h with the library that the domain's side uses. Randomness is a
 * count, so that each run is like the one before it.
 */
#include <errno.h>
#include <nettle/curve25519.h>
#include <nettle/gcm.h>
#include <nettle/hmac.h>
#include <nettle/memops.h>

#include "domain/kdf.h"

#include <linux/slab.h>
#include <linux/string.h>

#include "kernel/crypto.h"
#include "shim/random.h"

unsigned int shim_alloc_fail;
unsigned int shim_random_fail;
static u8 next_random;

struct smpair_aead {
	struct gcm_aes256_ctx gcm;
};

void shim_random_reset(void)
{
	next_random = 0;
}

int smpair_random(void *buf, size_t len)
{
	u8 *p = buf;

	if (shim_random_fail && !--shim_random_fail) {
		memset(buf, 0, len);
		return -ERESTARTSYS;
	}
	while (len--)
		*p++ = ++next_random;
	return 0;
}

int smpair_sha256(const struct smpair_part *parts, unsigned int n, u8 out[PDT1_HASH_LEN])
{
	struct sha256_ctx ctx;
	unsigned int i;

	sha256_init(&ctx);
	for (i = 0; i < n; i++)
		sha256_update(&ctx, parts[i].len, parts[i].data);
	sha256_digest(&ctx, PDT1_HASH_LEN, out);
	return 0;
}

int smpair_prf(const u8 *key, size_t key_len, const struct smpair_part *parts,
	       unsigned int n, u8 out[PDT1_HASH_LEN])
{
	struct hmac_sha256_ctx ctx;
	unsigned int i;

	hmac_sha256_set_key(&ctx, key_len, key);
	for (i = 0; i < n; i++)
		hmac_sha256_update(&ctx, parts[i].len, parts[i].data);
	hmac_sha256_digest(&ctx, PDT1_HASH_LEN, out);
	return 0;
}

int smpair_extract(const u8 salt[PDT1_HASH_LEN], const u8 *ikm, size_t ikm_len,
		   u8 out[PDT1_KEY_LEN])
{
	const struct smpair_part part = { ikm, ikm_len };

	return smpair_prf(salt, PDT1_HASH_LEN, &part, 1, out);
}

int smpair_kdf(const u8 key[PDT1_KEY_LEN], const char *label, const void *ctx,
	       size_t ctx_len, u8 *out, size_t out_len)
{
	return domain_kdf(&domain_mac_library, key, label, ctx, ctx_len, out, out_len);
}

struct smpair_aead *smpair_aead_alloc(const u8 key[PDT1_KEY_LEN])
{
	struct smpair_aead *aead = kzalloc(sizeof(*aead), GFP_KERNEL);

	if (!aead)
		return (void *)-(long)ENOMEM;
	gcm_aes256_set_key(&aead->gcm, key);
	return aead;
}

void smpair_aead_free(struct smpair_aead *aead)
{
	kfree_sensitive(aead);
}

static void start(struct smpair_aead *aead, const u8 *nonce, const void *ad, size_t ad_len)
{
	gcm_aes256_set_iv(&aead->gcm, PDT1_NONCE_LEN, nonce);
	gcm_aes256_update(&aead->gcm, ad_len, ad);
}

int smpair_aead_encrypt(struct smpair_aead *aead, const u8 nonce[PDT1_NONCE_LEN],
			const void *ad, size_t ad_len, u8 *buf, size_t len)
{
	start(aead, nonce, ad, ad_len);
	gcm_aes256_encrypt(&aead->gcm, len, buf, buf);
	gcm_aes256_digest(&aead->gcm, PDT1_TAG_LEN, buf + len);
	return 0;
}

int smpair_aead_decrypt(struct smpair_aead *aead, const u8 nonce[PDT1_NONCE_LEN],
			const void *ad, size_t ad_len, u8 *buf, size_t len)
{
	u8 tag[PDT1_TAG_LEN];

	if (len < PDT1_TAG_LEN)
		return -EBADMSG;
	len -= PDT1_TAG_LEN;
	start(aead, nonce, ad, ad_len);
	gcm_aes256_decrypt(&aead->gcm, len, buf, buf);
	gcm_aes256_digest(&aead->gcm, PDT1_TAG_LEN, tag);
	if (memeql_sec(tag, buf + len, PDT1_TAG_LEN))
		return 0;
	memzero_explicit(buf, len + PDT1_TAG_LEN);
	return -EBADMSG;
}

int smpair_encrypt_once(const u8 key[PDT1_KEY_LEN], const u8 nonce[PDT1_NONCE_LEN],
			const void *ad, size_t ad_len, const void *plain, size_t len, u8 *out)
{
	struct smpair_aead *aead = smpair_aead_alloc(key);
	int ret;

	if ((long)aead == -ENOMEM)
		return -ENOMEM;
	memmove(out, plain, len);
	ret = smpair_aead_encrypt(aead, nonce, ad, ad_len, out, len);
	smpair_aead_free(aead);
	return ret;
}

int smpair_decrypt_once(const u8 key[PDT1_KEY_LEN], const u8 nonce[PDT1_NONCE_LEN],
			const void *ad, size_t ad_len, const void *wire, size_t len, u8 *out)
{
	struct smpair_aead *aead;
	u8 *buf;
	int ret;

	if (len < PDT1_TAG_LEN)
		return -EBADMSG;
	buf = kmemdup(wire, len, GFP_KERNEL);
	aead = buf ? smpair_aead_alloc(key) : (void *)-(long)ENOMEM;
	if ((long)aead == -ENOMEM) {
		kfree(buf);
		return -ENOMEM;
	}
	ret = smpair_aead_decrypt(aead, nonce, ad, ad_len, buf, len);
	if (!ret)
		memcpy(out, buf, len - PDT1_TAG_LEN);
	smpair_aead_free(aead);
	kfree_sensitive(buf);
	return ret;
}

int smpair_seal(const u8 key[PDT1_KEY_LEN], const void *ad, size_t ad_len,
		const void *plain, size_t len, u8 *out)
{
	return smpair_random(out, PDT1_NONCE_LEN) ?:
	       smpair_encrypt_once(key, out, ad, ad_len, plain, len, out + PDT1_NONCE_LEN);
}

int smpair_unseal(const u8 key[PDT1_KEY_LEN], const void *ad, size_t ad_len,
		  const u8 *sealed, size_t sealed_len, u8 *out)
{
	if (sealed_len < PDT1_SEAL_OVERHEAD)
		return -EBADMSG;
	return smpair_decrypt_once(key, sealed, ad, ad_len, sealed + PDT1_NONCE_LEN,
				   sealed_len - PDT1_NONCE_LEN, out);
}

int smpair_x25519_generate(u8 secret[PDT1_X25519_LEN], u8 public[PDT1_X25519_LEN])
{
	int ret = smpair_random(secret, PDT1_X25519_LEN);

	if (!ret)
		curve25519_mul_g(public, secret);
	return ret;
}

int smpair_x25519(const u8 secret[PDT1_X25519_LEN], const u8 peer[PDT1_X25519_LEN],
		  u8 shared[PDT1_X25519_LEN])
{
	curve25519_mul(shared, secret, peer);
	return memchr_inv(shared, 0, PDT1_X25519_LEN) ? 0 : -EKEYREJECTED;
}

bool smpair_equal(const void *a, const void *b, size_t len)
{
	return memeql_sec(a, b, len);
}
