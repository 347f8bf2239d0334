// SPDX-License-Identifier: GPL-2.0
/*
 * The primitives of PDT1 (section 2): SHA-256, HMAC-SHA-256 and HKDF, AES-256-GCM,
 * X25519. Everything above this file works on whole messages; only this file
 * knows the kernel's cryptographic interfaces.
 */
#include <crypto/aead.h>
#include <crypto/curve25519.h>
#include <crypto/hash.h>
#include <crypto/utils.h>
#include <linux/err.h>
#include <linux/minmax.h>
#include <linux/random.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/unaligned.h>
#include "crypto.h"

/* Longest associated data: that of pairing data, "PDT1 PDC" | u16 m | SN */
#define AD_MAX		(sizeof(PDT1_CTX_PDC) - 1 + sizeof(u16) + PDT1_ID_LEN)

/**
 * struct smpair_aead - one AES-256-GCM key and the memory to use it
 * @tfm: key
 * @req: made with the key, so that no use of the key can run out of memory
 * @nonce: nonce of the message under way
 * @ad: its associated data
 *
 * @nonce and @ad are here because the caller's may be on the stack, which no
 * scatterlist may point to.
 */
struct smpair_aead {
	struct crypto_aead *tfm;
	struct aead_request *req;
	u8 nonce[PDT1_NONCE_LEN];
	u8 ad[AD_MAX];
};

/* Stack that a primitive may have used below the function which called it */
#define BURN_DEPTH	1024

/*
 * Implementations wipe their variables, but not what the compiler put aside on the
 * stack: a hash's last state, for instance, which may be a key of ours. To be called
 * by the function that called the primitive.
 */
static noinline void burn_stack(void)
{
	u8 below[BURN_DEPTH];

	memzero_explicit(below, sizeof(below));
}

static int hash_parts(struct crypto_shash *tfm, const struct smpair_part *parts,
		      unsigned int n, u8 out[PDT1_HASH_LEN])
{
	SHASH_DESC_ON_STACK(desc, tfm);
	unsigned int i;
	int ret;

	desc->tfm = tfm;
	ret = crypto_shash_init(desc);
	for (i = 0; !ret && i < n; i++)
		ret = crypto_shash_update(desc, parts[i].data, parts[i].len);
	ret = ret ?: crypto_shash_final(desc, out);
	shash_desc_zero(desc);
	burn_stack();
	return ret;
}

/**
 * smpair_sha256() - hash a concatenation
 * @parts: what to concatenate
 * @n: number of @parts
 * @out: hash
 *
 * Context: Process context, may sleep.
 * Return: 0, -ENOMEM, or the error of the hash's implementation.
 */
int smpair_sha256(const struct smpair_part *parts, unsigned int n, u8 out[PDT1_HASH_LEN])
{
	struct crypto_shash *tfm;
	int ret;

	tfm = crypto_alloc_shash("sha256", 0, 0);
	if (IS_ERR(tfm))
		return PTR_ERR(tfm);

	ret = hash_parts(tfm, parts, n, out);
	crypto_free_shash(tfm);
	return ret;
}

static struct crypto_shash *hmac_alloc(const u8 *key, size_t key_len)
{
	struct crypto_shash *tfm;
	int ret;

	tfm = crypto_alloc_shash("hmac(sha256)", 0, 0);
	if (IS_ERR(tfm))
		return tfm;

	ret = crypto_shash_setkey(tfm, key, key_len);
	burn_stack();
	if (ret) {
		crypto_free_shash(tfm);
		return ERR_PTR(ret);
	}
	return tfm;
}

/**
 * smpair_prf() - PRF of a concatenation (section 2)
 * @key: key
 * @key_len: its length
 * @parts: what to concatenate
 * @n: number of @parts
 * @out: HMAC-SHA-256
 *
 * Context: Process context, may sleep.
 * Return: 0, -ENOMEM, or the error of the hash's implementation.
 */
int smpair_prf(const u8 *key, size_t key_len, const struct smpair_part *parts,
	       unsigned int n, u8 out[PDT1_HASH_LEN])
{
	struct crypto_shash *tfm;
	int ret;

	tfm = hmac_alloc(key, key_len);
	if (IS_ERR(tfm))
		return PTR_ERR(tfm);

	ret = hash_parts(tfm, parts, n, out);
	crypto_free_shash(tfm);
	return ret;
}

/**
 * smpair_extract() - EXT, which is HKDF-Extract (section 2)
 * @salt: salt
 * @ikm: input keying material
 * @ikm_len: its length
 * @out: pseudorandom key
 *
 * Context: Process context, may sleep.
 * Return: 0, -ENOMEM, or the error of the hash's implementation.
 */
int smpair_extract(const u8 salt[PDT1_HASH_LEN], const u8 *ikm, size_t ikm_len,
		   u8 out[PDT1_KEY_LEN])
{
	const struct smpair_part part = { ikm, ikm_len };

	return smpair_prf(salt, PDT1_HASH_LEN, &part, 1, out);
}

/**
 * smpair_kdf() - KDF, which is HKDF-Expand with a labelled info (section 2)
 * @key: pseudorandom key
 * @label: ASCII label of at most PDT1_KDF_LABEL_MAX characters
 * @ctx: context; may be NULL when @ctx_len is 0
 * @ctx_len: its length, at most 65535
 * @out: output; wiped on failure
 * @out_len: wanted length, at most 255 * 32
 *
 * Context: Process context, may sleep.
 * Return: 0; -EINVAL: a length out of range; -ENOMEM, or the error of the hash's
 * implementation.
 */
int smpair_kdf(const u8 key[PDT1_KEY_LEN], const char *label, const void *ctx,
	       size_t ctx_len, u8 *out, size_t out_len)
{
	size_t label_len = strlen(label), done, len;
	u8 len8, ctx16[2], out16[2], counter = 0;
	u8 block[PDT1_HASH_LEN];
	struct smpair_part parts[] = {
		{ block, 0 },	/* from the second block on: the block before */
		{ PDT1_KDF_PREFIX, sizeof(PDT1_KDF_PREFIX) - 1 },
		{ &len8, sizeof(len8) },
		{ label, label_len },
		{ ctx16, sizeof(ctx16) },
		{ ctx, ctx_len },
		{ out16, sizeof(out16) },
		{ &counter, sizeof(counter) },
	};
	struct crypto_shash *tfm;
	int ret = 0;

	if (label_len > PDT1_KDF_LABEL_MAX || ctx_len > U16_MAX ||
	    out_len > U8_MAX * PDT1_HASH_LEN)
		return -EINVAL;

	len8 = label_len;
	put_unaligned_be16(ctx_len, ctx16);
	put_unaligned_be16(out_len, out16);

	tfm = hmac_alloc(key, PDT1_KEY_LEN);
	if (IS_ERR(tfm))
		return PTR_ERR(tfm);

	for (done = 0; done < out_len; done += len) {
		counter++;
		ret = hash_parts(tfm, parts, ARRAY_SIZE(parts), block);
		if (ret)
			break;
		parts[0].len = sizeof(block);
		len = min(out_len - done, sizeof(block));
		memcpy(out + done, block, len);
	}
	crypto_free_shash(tfm);
	memzero_explicit(block, sizeof(block));
	if (ret)
		memzero_explicit(out, out_len);
	return ret;
}

/**
 * smpair_aead_alloc() - make an AES-256-GCM key ready for use
 * @key: key; copied
 *
 * Only synchronous implementations are taken: a link carries one short message
 * at a time, which offloading would not make faster.
 *
 * Context: Process context, may sleep, may load a module.
 * Return: the key, for smpair_aead_free(); ERR_PTR(-ENOENT): the kernel has no
 * gcm(aes); ERR_PTR(-ENOMEM).
 */
struct smpair_aead *smpair_aead_alloc(const u8 key[PDT1_KEY_LEN])
{
	struct smpair_aead *aead;
	int ret;

	aead = kzalloc(sizeof(*aead), GFP_KERNEL);
	if (!aead)
		return ERR_PTR(-ENOMEM);

	aead->tfm = crypto_alloc_aead("gcm(aes)", 0, CRYPTO_ALG_ASYNC);
	if (IS_ERR(aead->tfm)) {
		ret = PTR_ERR(aead->tfm);
		goto free_aead;
	}
	ret = crypto_aead_setkey(aead->tfm, key, PDT1_KEY_LEN) ?:
	      crypto_aead_setauthsize(aead->tfm, PDT1_TAG_LEN);
	burn_stack();
	if (ret)
		goto free_tfm;

	aead->req = aead_request_alloc(aead->tfm, GFP_KERNEL);
	if (!aead->req) {
		ret = -ENOMEM;
		goto free_tfm;
	}
	aead_request_set_callback(aead->req, CRYPTO_TFM_REQ_MAY_SLEEP, NULL, NULL);
	return aead;

free_tfm:
	crypto_free_aead(aead->tfm);
free_aead:
	kfree(aead);
	return ERR_PTR(ret);
}

/**
 * smpair_aead_free() - wipe and free a key
 * @aead: from smpair_aead_alloc(), or NULL
 *
 * Context: Process context.
 */
void smpair_aead_free(struct smpair_aead *aead)
{
	if (!aead)
		return;
	aead_request_free(aead->req);
	crypto_free_aead(aead->tfm);
	kfree_sensitive(aead);
}

static int aead_prepare(struct smpair_aead *aead, struct scatterlist sg[2], const u8 *nonce,
			const void *ad, size_t ad_len, u8 *buf, size_t buf_len, size_t crypt_len)
{
	if (WARN_ON_ONCE(ad_len > sizeof(aead->ad)))
		return -EINVAL;

	memcpy(aead->nonce, nonce, PDT1_NONCE_LEN);
	memcpy(aead->ad, ad, ad_len);
	sg_init_table(sg, 2);
	sg_set_buf(&sg[0], aead->ad, ad_len);
	sg_set_buf(&sg[1], buf, buf_len);
	aead_request_set_crypt(aead->req, sg, sg, crypt_len, aead->nonce);
	aead_request_set_ad(aead->req, ad_len);
	return 0;
}

/**
 * smpair_aead_encrypt() - AEAD in place (section 2)
 * @aead: key; the caller excludes concurrent use
 * @nonce: nonce, never used before with this key
 * @ad: associated data
 * @ad_len: its length, 1 to 18
 * @buf: kmalloc memory of @len + PDT1_TAG_LEN bytes: plaintext in, ciphertext and tag out;
 *	wiped on failure
 * @len: length of the plaintext
 *
 * Context: Process context, may sleep.
 * Return: 0, or the error of the cipher's implementation.
 */
int smpair_aead_encrypt(struct smpair_aead *aead, const u8 nonce[PDT1_NONCE_LEN],
			const void *ad, size_t ad_len, u8 *buf, size_t len)
{
	struct scatterlist sg[2];
	int ret;

	ret = aead_prepare(aead, sg, nonce, ad, ad_len, buf, len + PDT1_TAG_LEN, len) ?:
	      crypto_aead_encrypt(aead->req);
	burn_stack();
	if (ret)
		memzero_explicit(buf, len + PDT1_TAG_LEN);
	return ret;
}

/**
 * smpair_aead_decrypt() - verify and decrypt in place
 * @aead: key; the caller excludes concurrent use
 * @nonce: nonce
 * @ad: associated data
 * @ad_len: its length, 1 to 18
 * @buf: kmalloc memory: ciphertext and tag in, @len - PDT1_TAG_LEN bytes of plaintext
 *	out; wiped on failure
 * @len: length of the ciphertext with its tag
 *
 * Context: Process context, may sleep.
 * Return: 0; -EBADMSG: shorter than a tag, or it does not verify; or the error of
 * the cipher's implementation.
 */
int smpair_aead_decrypt(struct smpair_aead *aead, const u8 nonce[PDT1_NONCE_LEN],
			const void *ad, size_t ad_len, u8 *buf, size_t len)
{
	struct scatterlist sg[2];
	int ret;

	if (len < PDT1_TAG_LEN)
		return -EBADMSG;

	ret = aead_prepare(aead, sg, nonce, ad, ad_len, buf, len, len) ?:
	      crypto_aead_decrypt(aead->req);
	burn_stack();
	if (ret)
		memzero_explicit(buf, len);
	return ret;
}

/**
 * smpair_encrypt_once() - AEAD under a key that is not kept
 * @key: key
 * @nonce: nonce, never used before with this key
 * @ad: associated data
 * @ad_len: its length, 1 to 18
 * @plain: plaintext
 * @len: its length
 * @out: @len + PDT1_TAG_LEN bytes: ciphertext and tag; untouched on failure
 *
 * None of the buffers needs to be kmalloc memory.
 *
 * Context: Process context, may sleep.
 * Return: 0, -ENOMEM, or the error of the cipher's implementation.
 */
int smpair_encrypt_once(const u8 key[PDT1_KEY_LEN], const u8 nonce[PDT1_NONCE_LEN],
			const void *ad, size_t ad_len, const void *plain, size_t len, u8 *out)
{
	struct smpair_aead *aead;
	u8 *buf;
	int ret;

	buf = kmalloc(len + PDT1_TAG_LEN, GFP_KERNEL);
	if (!buf)
		return -ENOMEM;

	aead = smpair_aead_alloc(key);
	if (IS_ERR(aead)) {
		ret = PTR_ERR(aead);
		goto free_buf;
	}
	memcpy(buf, plain, len);
	ret = smpair_aead_encrypt(aead, nonce, ad, ad_len, buf, len);
	if (!ret)
		memcpy(out, buf, len + PDT1_TAG_LEN);
	smpair_aead_free(aead);
free_buf:
	kfree_sensitive(buf);
	return ret;
}

/**
 * smpair_decrypt_once() - verify and decrypt under a key that is not kept
 * @key: key
 * @nonce: nonce
 * @ad: associated data
 * @ad_len: its length, 1 to 18
 * @wire: ciphertext and tag
 * @len: their length
 * @out: @len - PDT1_TAG_LEN bytes of plaintext; untouched on failure
 *
 * None of the buffers needs to be kmalloc memory.
 *
 * Context: Process context, may sleep.
 * Return: 0; -EBADMSG: shorter than a tag, or it does not verify; -ENOMEM, or the
 * error of the cipher's implementation.
 */
int smpair_decrypt_once(const u8 key[PDT1_KEY_LEN], const u8 nonce[PDT1_NONCE_LEN],
			const void *ad, size_t ad_len, const void *wire, size_t len, u8 *out)
{
	struct smpair_aead *aead;
	u8 *buf;
	int ret;

	if (len < PDT1_TAG_LEN)
		return -EBADMSG;

	buf = kmemdup(wire, len, GFP_KERNEL);
	if (!buf)
		return -ENOMEM;

	aead = smpair_aead_alloc(key);
	if (IS_ERR(aead)) {
		ret = PTR_ERR(aead);
		goto free_buf;
	}
	ret = smpair_aead_decrypt(aead, nonce, ad, ad_len, buf, len);
	if (!ret)
		memcpy(out, buf, len - PDT1_TAG_LEN);
	smpair_aead_free(aead);
free_buf:
	kfree_sensitive(buf);
	return ret;
}

/**
 * smpair_seal() - SEAL, for objects at rest (section 2)
 * @key: key
 * @ad: associated data
 * @ad_len: its length, 1 to 18
 * @plain: plaintext
 * @len: its length
 * @out: @len + PDT1_SEAL_OVERHEAD bytes: nonce, ciphertext, tag
 *
 * Context: Process context, may sleep.
 * Return: 0, -ENOMEM, -ERESTARTSYS from smpair_random(), or the error of the
 * cipher's implementation.
 */
int smpair_seal(const u8 key[PDT1_KEY_LEN], const void *ad, size_t ad_len,
		const void *plain, size_t len, u8 *out)
{
	return smpair_random(out, PDT1_NONCE_LEN) ?:
	       smpair_encrypt_once(key, out, ad, ad_len, plain, len, out + PDT1_NONCE_LEN);
}

/**
 * smpair_unseal() - open an object made by SEAL
 * @key: key
 * @ad: associated data
 * @ad_len: its length, 1 to 18
 * @sealed: nonce, ciphertext, tag
 * @sealed_len: their length
 * @out: @sealed_len - PDT1_SEAL_OVERHEAD bytes of plaintext; untouched on failure
 *
 * Context: Process context, may sleep.
 * Return: 0; -EBADMSG: too short, or it does not verify; -ENOMEM, or the error of
 * the cipher's implementation.
 */
int smpair_unseal(const u8 key[PDT1_KEY_LEN], const void *ad, size_t ad_len,
		  const u8 *sealed, size_t sealed_len, u8 *out)
{
	if (sealed_len < PDT1_SEAL_OVERHEAD)
		return -EBADMSG;
	return smpair_decrypt_once(key, sealed, ad, ad_len, sealed + PDT1_NONCE_LEN,
				   sealed_len - PDT1_NONCE_LEN, out);
}

/**
 * smpair_x25519_generate() - make a key pair for one handshake
 * @secret: secret; wiped on failure
 * @public: what the peer gets
 *
 * Context: Process context, may sleep until the random number generator is seeded.
 * Return: 0, -ERESTARTSYS from smpair_random(), or -EKEYREJECTED, which no working
 * generator causes.
 */
int smpair_x25519_generate(u8 secret[PDT1_X25519_LEN], u8 public[PDT1_X25519_LEN])
{
	int ret;

	ret = smpair_random(secret, PDT1_X25519_LEN);
	if (ret)
		return ret;

	curve25519_clamp_secret(secret);
	if (!curve25519_generate_public(public, secret)) {
		memzero_explicit(secret, PDT1_X25519_LEN);
		ret = -EKEYREJECTED;
	}
	burn_stack();
	return ret;
}

/**
 * smpair_x25519() - shared secret of a handshake
 * @secret: own secret
 * @peer: the peer's public value
 * @shared: result; wiped on failure
 *
 * Context: Process context.
 * Return: 0; -EKEYREJECTED: the result is all zero, @peer is of small order.
 */
int smpair_x25519(const u8 secret[PDT1_X25519_LEN], const u8 peer[PDT1_X25519_LEN],
		  u8 shared[PDT1_X25519_LEN])
{
	int ret = 0;

	if (!curve25519(shared, secret, peer)) {
		memzero_explicit(shared, PDT1_X25519_LEN);
		ret = -EKEYREJECTED;
	}
	burn_stack();
	return ret;
}

/**
 * smpair_random() - random bytes fit for keys
 * @buf: output; wiped on failure
 * @len: wanted length
 *
 * Context: Process context, may sleep until the random number generator is seeded.
 * Return: 0, or -ERESTARTSYS: a signal came before the generator was seeded.
 */
int smpair_random(void *buf, size_t len)
{
	int ret;

	ret = get_random_bytes_wait(buf, len);
	if (ret)
		memzero_explicit(buf, len);
	return ret;
}

/**
 * smpair_equal() - compare in constant time
 * @a: bytes
 * @b: bytes
 * @len: their number
 *
 * Context: Any.
 * Return: whether they are equal.
 */
bool smpair_equal(const void *a, const void *b, size_t len)
{
	return !crypto_memneq(a, b, len);
}
