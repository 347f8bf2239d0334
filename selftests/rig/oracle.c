// SPDX-License-Identifier: GPL-2.0
#include "oracle.h"

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

static void gcm(const uint8_t key[32], const uint8_t nonce[12], const void *ad, size_t ad_len,
		const void *in, size_t in_len, uint8_t *out, size_t out_len, bool seal, bool *ok)
{
	struct kcapi_handle *h;
	uint8_t *ib = calloc(1, ad_len + in_len + 16), *ob = calloc(1, ad_len + out_len + 16);
	struct iovec iov_in, iov_out;
	ssize_t got;

	must(ib && ob, "memory");
	must(!kcapi_aead_init(&h, "gcm(aes)", 0), "gcm(aes)");
	must(!kcapi_aead_setkey(h, key, 32), "gcm key");
	must(!kcapi_aead_settaglen(h, 16), "gcm tag");
	kcapi_aead_setassoclen(h, ad_len);
	if (ad_len)
		memcpy(ib, ad, ad_len);
	memcpy(ib + ad_len, in, in_len);
	iov_in = (struct iovec){ ib, ad_len + in_len };
	iov_out = (struct iovec){ ob, ad_len + out_len };
	if (seal)
		got = kcapi_aead_stream_init_enc(h, nonce, &iov_in, 1);
	else
		got = kcapi_aead_stream_init_dec(h, nonce, &iov_in, 1);
	must(got >= 0, "gcm start");
	got = kcapi_aead_stream_op(h, &iov_out, 1);
	*ok = got == (ssize_t)(ad_len + out_len);
	if (*ok)
		memcpy(out, ob + ad_len, out_len);
	kcapi_aead_destroy(h);
	free(ib);
	free(ob);
}

void oracle_seal(const uint8_t key[32], const uint8_t nonce[12], const void *ad, size_t ad_len,
		 const void *plain, size_t len, uint8_t *out)
{
	bool ok;

	memcpy(out, nonce, 12);
	gcm(key, nonce, ad, ad_len, plain, len, out + 12, len + 16, true, &ok);
	must(ok, "gcm seal");
}

bool oracle_open(const uint8_t key[32], const uint8_t nonce[12], const void *ad, size_t ad_len,
		 const void *in, size_t len, uint8_t *plain)
{
	bool ok;

	must(len >= 16, "gcm input");
	gcm(key, nonce, ad, ad_len, in, len, plain, len - 16, false, &ok);
	return ok;
}

uint32_t oracle_truncate(const uint8_t mac[32])
{
	const uint8_t *p = mac + (mac[31] & 0x0f);

	return (uint32_t)(p[0] & 0x7f) << 24 | p[1] << 16 | p[2] << 8 | p[3];
}
