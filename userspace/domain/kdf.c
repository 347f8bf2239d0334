// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The key derivation of the protocol: HKDF-Expand with a structured info
 * (section 2).
 */
#include <errno.h>
#include <string.h>

#include "domain/bytes.h"
#include "domain/kdf.h"

#define PREFIX_LEN	(sizeof(PDT1_KDF_PREFIX) - 1)
#define INFO_MAX	(PREFIX_LEN + 1 + PDT1_KDF_LABEL_MAX + 2 + \
			 DOMAIN_KDF_CONTEXT_MAX + 2)

/**
 * domain_kdf() - KDF(K, label, context, L).
 * @mac: Provider of HMAC-SHA-256.
 * @key: K, 32 bytes, or NULL for the master key that @mac holds.
 * @label: ASCII, at most 31 characters.
 * @context: @context_len bytes; may be NULL where @context_len is 0.
 * @context_len: At most %DOMAIN_KDF_CONTEXT_MAX.
 * @out: Receives @out_len bytes; wiped on error.
 * @out_len: L, 1 to %DOMAIN_KDF_OUTPUT_MAX.
 *
 * Protocol, section 2.
 *
 * Return: 0, -EINVAL where a length is out of range, or the provider's error.
 */
int domain_kdf(const struct domain_mac *mac, const uint8_t *key,
	       const char *label, const void *context, size_t context_len,
	       uint8_t *out, size_t out_len)
{
	/* T(i-1) | info | i: the input of every HMAC but the first, which
	 * starts at the info.
	 */
	uint8_t block[PDT1_HASH_LEN + INFO_MAX + 1], t[PDT1_HASH_LEN];
	uint8_t *info = block + PDT1_HASH_LEN, *p = info;
	size_t label_len = strlen(label), done, n, info_len;
	uint8_t i = 1;
	int err = 0;

	if (label_len > PDT1_KDF_LABEL_MAX ||
	    context_len > DOMAIN_KDF_CONTEXT_MAX ||
	    !out_len || out_len > DOMAIN_KDF_OUTPUT_MAX)
		return -EINVAL;

	memcpy(p, PDT1_KDF_PREFIX, PREFIX_LEN);
	p += PREFIX_LEN;
	*p++ = (uint8_t)label_len;
	memcpy(p, label, label_len);
	p += label_len;
	put_be16(p, (uint16_t)context_len);
	p += 2;
	if (context_len)
		memcpy(p, context, context_len);
	p += context_len;
	put_be16(p, (uint16_t)out_len);
	p += 2;
	info_len = (size_t)(p - info);

	for (done = 0; done < out_len; done += n, i++) {
		info[info_len] = i;
		if (i == 1)
			err = mac->hmac(mac, key, info, info_len + 1, t);
		else
			err = mac->hmac(mac, key, block,
					PDT1_HASH_LEN + info_len + 1, t);
		if (err) {
			explicit_bzero(out, out_len);
			break;
		}
		n = out_len - done < sizeof(t) ? out_len - done : sizeof(t);
		memcpy(out + done, t, n);
		memcpy(block, t, sizeof(t));
	}
	explicit_bzero(t, sizeof(t));
	explicit_bzero(block, sizeof(block));
	return err;
}
