// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * PINs, request codes and fork tags (protocol, section 11).
 */
#include <errno.h>
#include <string.h>

#include "domain/bytes.h"
#include "domain/kdf.h"
#include "domain/pin.h"

#define CONTEXT_LEN(context)	(sizeof(context) - 1)

/* Dynamic truncation of RFC 4226, section 5.3, on a MAC of any length ≥ 20. */
static uint32_t truncate_mac(const uint8_t mac[PDT1_HASH_LEN], uint32_t modulus)
{
	uint8_t offset = mac[PDT1_HASH_LEN - 1] & 0x0f;

	return (get_be32(mac + offset) & 0x7fffffff) % modulus;
}

/**
 * domain_pin_key() - Key and counter whose HOTP value is the PIN.
 * @mac: Provider of HMAC-SHA-256.
 * @kpin: The module's KPIN.
 * @policy: %PDT1_PIN_MODULE, %PDT1_PIN_PAIR or %PDT1_PIN_INDEXED.
 * @sn: The host's SN.
 * @n: Pairing index; only the indexed policy uses it.
 * @key: Receives the HOTP key, 32 bytes; the caller wipes it.
 * @counter: Receives the HOTP counter.
 *
 * Return: 0, -EINVAL for a policy that has no PIN, or the provider's error.
 */
int domain_pin_key(const struct domain_mac *mac, const uint8_t kpin[PDT1_KEY_LEN],
		   uint8_t policy, const uint8_t sn[PDT1_ID_LEN], uint32_t n,
		   uint8_t key[PDT1_KEY_LEN], uint64_t *counter)
{
	*counter = policy == PDT1_PIN_INDEXED ? n : 0;
	switch (policy) {
	case PDT1_PIN_MODULE:
		return domain_kdf(mac, kpin, PDT1_LABEL_PIN_MODULE, NULL, 0,
				  key, PDT1_KEY_LEN);
	case PDT1_PIN_PAIR:
		return domain_kdf(mac, kpin, PDT1_LABEL_PIN_PAIR, sn,
				  PDT1_ID_LEN, key, PDT1_KEY_LEN);
	case PDT1_PIN_INDEXED:
		return domain_kdf(mac, kpin, PDT1_LABEL_PIN_INDEXED, sn,
				  PDT1_ID_LEN, key, PDT1_KEY_LEN);
	}
	return -EINVAL;
}

/**
 * domain_pin() - The PIN of one pairing.
 * @mac: Provider of HMAC-SHA-256.
 * @kpin: The module's KPIN.
 * @policy: %PDT1_PIN_MODULE, %PDT1_PIN_PAIR or %PDT1_PIN_INDEXED.
 * @sn: The host's SN.
 * @n: Pairing index.
 * @pin: Receives eight ASCII digits without a NUL; the caller wipes them.
 *
 * Return: 0, -EINVAL for a policy that has no PIN, or the provider's error.
 */
int domain_pin(const struct domain_mac *mac, const uint8_t kpin[PDT1_KEY_LEN],
	       uint8_t policy, const uint8_t sn[PDT1_ID_LEN], uint32_t n,
	       char pin[PDT1_PIN_LEN])
{
	uint8_t key[PDT1_KEY_LEN], hash[PDT1_HASH_LEN], data[8];
	uint32_t value;
	uint64_t counter;
	int err, i;

	err = domain_pin_key(mac, kpin, policy, sn, n, key, &counter);
	if (err)
		return err;
	put_be64(data, counter);
	err = mac->hmac(mac, key, data, sizeof(data), hash);
	if (!err) {
		value = truncate_mac(hash, PDT1_PIN_MODULUS);
		for (i = PDT1_PIN_LEN - 1; i >= 0; i--, value /= 10)
			pin[i] = (char)('0' + value % 10);
		explicit_bzero(&value, sizeof(value));
	}
	explicit_bzero(key, sizeof(key));
	explicit_bzero(hash, sizeof(hash));
	return err;
}

/**
 * domain_request_code() - The request code RQ that a host shows.
 * @mac: Provider of HMAC-SHA-256.
 * @kpin: The module's KPIN.
 * @policy: PDT1_PIN_*, also %PDT1_PIN_NONE.
 * @mid: The module's MID.
 * @sn: The host's SN.
 * @n: Pairing index.
 * @ft: Fork tag of the module at @n.
 * @code: Receives a number below 10^6.
 *
 * Return: 0 or the provider's error.
 */
int domain_request_code(const struct domain_mac *mac,
			const uint8_t kpin[PDT1_KEY_LEN], uint8_t policy,
			const uint8_t mid[PDT1_ID_LEN],
			const uint8_t sn[PDT1_ID_LEN], uint32_t n,
			const uint8_t ft[PDT1_FT_LEN], uint32_t *code)
{
	uint8_t data[CONTEXT_LEN(PDT1_CTX_REQUEST) + 1 + 2 * PDT1_ID_LEN + 4 +
		     PDT1_FT_LEN];
	uint8_t hash[PDT1_HASH_LEN], *p = data;
	int err;

	memcpy(p, PDT1_CTX_REQUEST, CONTEXT_LEN(PDT1_CTX_REQUEST));
	p += CONTEXT_LEN(PDT1_CTX_REQUEST);
	*p++ = policy;
	memcpy(p, mid, PDT1_ID_LEN);
	memcpy(p + PDT1_ID_LEN, sn, PDT1_ID_LEN);
	p += 2 * PDT1_ID_LEN;
	put_be32(p, n);
	memcpy(p + 4, ft, PDT1_FT_LEN);

	err = mac->hmac(mac, kpin, data, sizeof(data), hash);
	if (!err)
		*code = truncate_mac(hash, PDT1_RQ_MODULUS);
	return err;
}

/**
 * domain_fork_tag() - The fork tag that a pairing under policy 3 leaves.
 * @mac: Provider of HMAC-SHA-256.
 * @kpin: The module's KPIN.
 * @ft: Fork tag before the pairing.
 * @sn: SN of the host that paired.
 * @n: Pairing index before the pairing; at most %PDT1_N_LAST.
 * @next: Receives 8 bytes; may be @ft.
 *
 * Return: 0 or the provider's error.
 */
int domain_fork_tag(const struct domain_mac *mac, const uint8_t kpin[PDT1_KEY_LEN],
		    const uint8_t ft[PDT1_FT_LEN], const uint8_t sn[PDT1_ID_LEN],
		    uint32_t n, uint8_t next[PDT1_FT_LEN])
{
	uint8_t data[CONTEXT_LEN(PDT1_CTX_FORK_TAG) + PDT1_FT_LEN + PDT1_ID_LEN +
		     4];
	uint8_t hash[PDT1_HASH_LEN], *p = data;
	int err;

	memcpy(p, PDT1_CTX_FORK_TAG, CONTEXT_LEN(PDT1_CTX_FORK_TAG));
	p += CONTEXT_LEN(PDT1_CTX_FORK_TAG);
	memcpy(p, ft, PDT1_FT_LEN);
	memcpy(p + PDT1_FT_LEN, sn, PDT1_ID_LEN);
	put_be32(p + PDT1_FT_LEN + PDT1_ID_LEN, n + 1);

	err = mac->hmac(mac, kpin, data, sizeof(data), hash);
	if (!err)
		memcpy(next, hash, PDT1_FT_LEN);
	return err;
}
