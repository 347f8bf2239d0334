/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DOMAIN_KEYS_H
#define DOMAIN_KEYS_H

#include "domain/mac.h"

/**
 * struct domain_cy - What a host cryptogram says.
 * @dom: Domain.
 * @g: Generation of k, not 0.
 * @sn: The host's SN.
 * @as: The host's AS under @dom and @g.
 * @cyid: Number that appears in logs.
 * @rights: PDT1_RIGHT_*.
 */
struct domain_cy {
	uint32_t dom;
	uint16_t g;
	uint8_t sn[PDT1_ID_LEN];
	uint8_t as[PDT1_KEY_LEN];
	uint32_t cyid;
	uint16_t rights;
};

int domain_kpin(const struct domain_mac *mac, const uint8_t *mpin,
		const uint8_t mid[PDT1_ID_LEN], uint8_t kpin[PDT1_KEY_LEN]);
int domain_kmg(const struct domain_mac *mac, const uint8_t *mmgt,
	       const uint8_t mid[PDT1_ID_LEN], uint8_t kmg[PDT1_KEY_LEN]);
void domain_as(const uint8_t hs[PDT1_KEY_LEN], uint32_t dom, uint16_t g,
	       const uint8_t sn[PDT1_ID_LEN], uint8_t as[PDT1_KEY_LEN]);
void domain_cy_seal(const struct domain_cy *cy, const uint8_t k[PDT1_KEY_LEN],
		    const uint8_t nonce[PDT1_NONCE_LEN], uint8_t out[PDT1_CY_LEN]);

#endif /* DOMAIN_KEYS_H */
