// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "softmod/core/bytes.h"
#include "softmod/core/error.h"
#include "softmod/core/kdf.h"

int sm_kdf(const struct sm_port *port, const uint8_t key[PDT1_KEY_LEN],
	   const char *label, const void *ctx, size_t ctx_len, uint8_t *out,
	   size_t len)
{
	uint8_t info[4 + 1 + PDT1_KDF_LABEL_MAX + 2 + SM_KDF_CTX_MAX + 2];
	size_t label_len = strlen(label);
	uint8_t block[PDT1_HASH_LEN];
	size_t info_len = 0;
	size_t done = 0;
	uint8_t i = 1;
	int err = 0;

	if (label_len > PDT1_KDF_LABEL_MAX || ctx_len > SM_KDF_CTX_MAX ||
	    len == 0 || len > SM_KDF_OUT_MAX)
		return SM_EINVAL;

	memcpy(info, PDT1_KDF_PREFIX, 4);
	info[4] = (uint8_t)label_len;
	memcpy(info + 5, label, label_len);
	info_len = 5 + label_len;
	sm_put16(info + info_len, (uint16_t)ctx_len);
	if (ctx_len)
		memcpy(info + info_len + 2, ctx, ctx_len);
	info_len += 2 + ctx_len;
	sm_put16(info + info_len, (uint16_t)len);
	info_len += 2;

	while (done < len) {
		const struct sm_part parts[] = {
			{ block, i == 1 ? 0 : sizeof(block) },
			{ info, info_len },
			{ &i, 1 },
		};
		size_t chunk = len - done;

		if (chunk > sizeof(block))
			chunk = sizeof(block);
		if (port->hmac(port->ctx, key, parts, 3, block)) {
			sm_wipe(out, len);
			err = SM_EIO;
			break;
		}
		memcpy(out + done, block, chunk);
		done += chunk;
		i++;
	}

	sm_wipe(block, sizeof(block));
	sm_wipe(info, sizeof(info));
	return err;
}

void sm_nonce(const uint8_t *iv, uint32_t n, uint8_t nonce[PDT1_NONCE_LEN])
{
	uint8_t counter[4];
	int i;

	if (iv)
		memcpy(nonce, iv, PDT1_NONCE_LEN);
	else
		memset(nonce, 0, PDT1_NONCE_LEN);

	sm_put32(counter, n);
	for (i = 0; i < 4; i++)
		nonce[PDT1_NONCE_LEN - 4 + i] ^= counter[i];
}

int sm_hedge(const struct sm_port *port, const uint8_t km[PDT1_KEY_LEN],
	     const char *label, uint32_t boot, uint32_t counter,
	     const uint8_t rng[32], uint8_t out[PDT1_HASH_LEN])
{
	uint8_t numbers[8];
	const struct sm_part parts[] = {
		{ label, strlen(label) },
		{ numbers, sizeof(numbers) },
		{ rng, 32 },
	};

	sm_put32(numbers, boot);
	sm_put32(numbers + 4, counter);
	return port->hmac(port->ctx, km, parts, 3, out) ? SM_EIO : 0;
}
