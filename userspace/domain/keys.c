// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Keys of personalisation and the host cryptogram CY (protocol, section 3).
 */
#include <string.h>

#include "domain/bytes.h"
#include "domain/kdf.h"
#include "domain/keys.h"
#include "domain/seal.h"

/* The library provider fails only on lengths, and these are constant. */
static void derive(const uint8_t key[PDT1_KEY_LEN], const char *label,
		   const void *context, size_t len, uint8_t out[PDT1_KEY_LEN])
{
	domain_kdf(&domain_mac_library, key, label, context, len, out,
		   PDT1_KEY_LEN);
}

/**
 * domain_kpin() - A module's PIN key, KPIN.
 * @mac: Provider of HMAC-SHA-256.
 * @mpin: Master MPIN, or NULL where @mac holds it.
 * @mid: The module's MID.
 * @kpin: Receives 32 bytes; the caller wipes them.
 *
 * Return: 0 or the provider's error.
 */
int domain_kpin(const struct domain_mac *mac, const uint8_t *mpin,
		const uint8_t mid[PDT1_ID_LEN], uint8_t kpin[PDT1_KEY_LEN])
{
	return domain_kdf(mac, mpin, PDT1_LABEL_KPIN, mid, PDT1_ID_LEN, kpin,
			  PDT1_KEY_LEN);
}

/**
 * domain_kmg() - A module's management key, KMG.
 * @mac: Provider of HMAC-SHA-256.
 * @mmgt: Master MMGT, or NULL where @mac holds it.
 * @mid: The module's MID.
 * @kmg: Receives 32 bytes; the caller wipes them.
 *
 * Return: 0 or the provider's error.
 */
int domain_kmg(const struct domain_mac *mac, const uint8_t *mmgt,
	       const uint8_t mid[PDT1_ID_LEN], uint8_t kmg[PDT1_KEY_LEN])
{
	return domain_kdf(mac, mmgt, PDT1_LABEL_KMG, mid, PDT1_ID_LEN, kmg,
			  PDT1_KEY_LEN);
}

/**
 * domain_as() - The secret that a host proves in pairing, AS.
 * @hs: The host's HS.
 * @dom: Domain.
 * @g: Generation of k.
 * @sn: The host's SN.
 * @as: Receives 32 bytes; the caller wipes them.
 */
void domain_as(const uint8_t hs[PDT1_KEY_LEN], uint32_t dom, uint16_t g,
	       const uint8_t sn[PDT1_ID_LEN], uint8_t as[PDT1_KEY_LEN])
{
	uint8_t context[4 + 2 + PDT1_ID_LEN];

	put_be32(context, dom);
	put_be16(context + 4, g);
	memcpy(context + 6, sn, PDT1_ID_LEN);
	derive(hs, PDT1_LABEL_AS, context, sizeof(context), as);
}

/**
 * domain_cy_seal() - Make a host cryptogram, CY.
 * @cy: What it says.
 * @k: Key of generation @cy->g.
 * @nonce: 12 random bytes.
 * @out: Receives 84 bytes.
 */
void domain_cy_seal(const struct domain_cy *cy, const uint8_t k[PDT1_KEY_LEN],
		    const uint8_t nonce[PDT1_NONCE_LEN], uint8_t out[PDT1_CY_LEN])
{
	uint8_t body[PDT1_CY_BODY_LEN] = { 0 }, key[PDT1_KEY_LEN];

	out[0] = PDT1_CY_VERSION;
	out[1] = PDT1_CY_TYPE;
	put_be16(out + PDT1_CY_OFF_G, cy->g);
	put_be32(out + PDT1_CY_OFF_DOM, cy->dom);

	memcpy(body, cy->sn, PDT1_ID_LEN);
	memcpy(body + 8, cy->as, PDT1_KEY_LEN);
	put_be32(body + 40, cy->cyid);
	put_be16(body + 44, cy->rights);

	derive(k, PDT1_LABEL_CY, NULL, 0, key);
	domain_seal(key, nonce, out, PDT1_CY_HEADER_LEN, body, sizeof(body),
		    out + PDT1_CY_HEADER_LEN);
	explicit_bzero(key, sizeof(key));
	explicit_bzero(body, sizeof(body));
}
