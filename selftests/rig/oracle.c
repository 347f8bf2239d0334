// SPDX-License-Identifier: GPL-2.0
#include "oracle.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <kcapi.h>

static void must(bool ok, const char *what)
{
	if (ok)
		return;
	printf("# oracle: %s failed\n", what);
	abort();
}

bool oracle_available(void)
{
	struct kcapi_handle *md, *aead;

	if (kcapi_md_init(&md, "hmac(sha256)", 0))
		return false;
	kcapi_md_destroy(md);
	if (kcapi_aead_init(&aead, "gcm(aes)", 0))
		return false;
	kcapi_aead_destroy(aead);
	return true;
}

void oracle_hmac(const uint8_t key[32], const void *data, size_t len, uint8_t out[32])
{
	struct kcapi_handle *h;

	must(!kcapi_md_init(&h, "hmac(sha256)", 0), "hmac(sha256)");
	must(!kcapi_md_setkey(h, key, 32), "hmac key");
	must(kcapi_md_digest(h, data, len, out, 32) == 32, "hmac");
	kcapi_md_destroy(h);
}

void oracle_kdf(const uint8_t key[32], const char *label, const void *ctx, size_t ctx_len,
		uint8_t *out, size_t len)
{
	uint8_t in[32 + 512], block[32];
	size_t info = 32, label_len = strlen(label), done;
	uint8_t counter = 1;

	must(label_len <= PDT1_KDF_LABEL_MAX && ctx_len < 400, "kdf input");
	memcpy(in + info, PDT1_KDF_PREFIX, 4);
	info += 4;
	in[info++] = label_len;
	memcpy(in + info, label, label_len);
	info += label_len;
	in[info++] = ctx_len >> 8;
	in[info++] = ctx_len;
	if (ctx_len)
		memcpy(in + info, ctx, ctx_len);
	info += ctx_len;
	in[info++] = len >> 8;
	in[info++] = len;

	for (done = 0; done < len; counter++) {
		size_t n = len - done < 32 ? len - done : 32;
		const uint8_t *from = in;
		size_t total = info + 1;

		in[info] = counter;
		if (counter == 1) {
			from += 32;
			total -= 32;
		} else {
			memcpy(in, block, 32);
		}
		oracle_hmac(key, from, total, block);
		memcpy(out + done, block, n);
		done += n;
	}
}

/* One operation of GCM; libkcapi wants AD and text in one buffer, and gives them back so. */
static bool gcm(const uint8_t key[32], const uint8_t nonce[12], const void *ad, size_t ad_len,
		const void *in, size_t in_len, uint8_t *out, size_t out_len, bool seal)
{
	struct kcapi_handle *h;
	uint8_t *ib, *ob;
	size_t ilen, olen;
	ssize_t got;

	must(!kcapi_aead_init(&h, "gcm(aes)", 0), "gcm(aes)");
	must(!kcapi_aead_setkey(h, key, 32), "gcm key");
	must(!kcapi_aead_settaglen(h, PDT1_TAG_LEN), "gcm tag");
	kcapi_aead_setassoclen(h, ad_len);
	if (seal) {
		ilen = kcapi_aead_inbuflen_enc(h, in_len, ad_len, PDT1_TAG_LEN);
		olen = kcapi_aead_outbuflen_enc(h, in_len, ad_len, PDT1_TAG_LEN);
	} else {
		ilen = kcapi_aead_inbuflen_dec(h, out_len, ad_len, PDT1_TAG_LEN);
		olen = kcapi_aead_outbuflen_dec(h, out_len, ad_len, PDT1_TAG_LEN);
	}
	ib = calloc(1, ilen + 1);
	ob = calloc(1, olen + 1);
	must(ib && ob && ilen >= ad_len + in_len, "memory");
	if (ad_len)
		memcpy(ib, ad, ad_len);
	memcpy(ib + ad_len, in, in_len);
	if (seal)
		got = kcapi_aead_encrypt(h, ib, ilen, nonce, ob, olen, KCAPI_ACCESS_SENDMSG);
	else
		got = kcapi_aead_decrypt(h, ib, ilen, nonce, ob, olen, KCAPI_ACCESS_SENDMSG);
	if (got >= 0)
		memcpy(out, ob + ad_len, out_len);
	kcapi_aead_destroy(h);
	free(ib);
	free(ob);
	must(got >= 0 || got == -EBADMSG, "gcm");
	return got >= 0;
}

void oracle_seal(const uint8_t key[32], const uint8_t nonce[12], const void *ad, size_t ad_len,
		 const void *plain, size_t len, uint8_t *out)
{
	memcpy(out, nonce, 12);
	must(gcm(key, nonce, ad, ad_len, plain, len, out + 12, len + 16, true), "gcm seal");
}

bool oracle_open(const uint8_t key[32], const uint8_t nonce[12], const void *ad, size_t ad_len,
		 const void *in, size_t len, uint8_t *plain)
{
	must(len >= 16, "gcm input");
	return gcm(key, nonce, ad, ad_len, in, len, plain, len - 16, false);
}

uint32_t oracle_truncate(const uint8_t mac[32])
{
	const uint8_t *p = mac + (mac[31] & 0x0f);

	return (uint32_t)(p[0] & 0x7f) << 24 | p[1] << 16 | p[2] << 8 | p[3];
}
