// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * SEAL, the encryption of objects at rest (protocol, section 2).
 */
#include <string.h>

#include <nettle/gcm.h>

#include "domain/seal.h"

/**
 * domain_seal() - SEAL(K, AD, P) with AES-256-GCM.
 * @key: 32 bytes.
 * @nonce: 12 bytes, fresh and random for every call under one key.
 * @ad: @ad_len bytes of associated data.
 * @ad_len: Bytes at @ad.
 * @plain: @plain_len bytes; must not overlap @out.
 * @plain_len: Bytes at @plain; may be 0.
 * @out: Receives @plain_len + %PDT1_SEAL_OVERHEAD bytes: nonce, ciphertext and
 *	tag.
 */
void domain_seal(const uint8_t key[PDT1_KEY_LEN],
		 const uint8_t nonce[PDT1_NONCE_LEN],
		 const void *ad, size_t ad_len,
		 const void *plain, size_t plain_len, uint8_t *out)
{
	struct gcm_aes256_ctx ctx;

	memcpy(out, nonce, PDT1_NONCE_LEN);
	gcm_aes256_set_key(&ctx, key);
	gcm_aes256_set_iv(&ctx, PDT1_NONCE_LEN, nonce);
	gcm_aes256_update(&ctx, ad_len, ad);
	gcm_aes256_encrypt(&ctx, plain_len, out + PDT1_NONCE_LEN, plain);
	gcm_aes256_digest(&ctx, PDT1_TAG_LEN, out + PDT1_NONCE_LEN + plain_len);
	explicit_bzero(&ctx, sizeof(ctx));
}
