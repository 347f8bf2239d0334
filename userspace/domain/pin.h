/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DOMAIN_PIN_H
#define DOMAIN_PIN_H

#include "domain/mac.h"

int domain_pin_key(const struct domain_mac *mac, const uint8_t kpin[PDT1_KEY_LEN],
		   uint8_t policy, const uint8_t sn[PDT1_ID_LEN], uint32_t n,
		   uint8_t key[PDT1_KEY_LEN], uint64_t *counter);
int domain_pin(const struct domain_mac *mac, const uint8_t kpin[PDT1_KEY_LEN],
	       uint8_t policy, const uint8_t sn[PDT1_ID_LEN], uint32_t n,
	       char pin[PDT1_PIN_LEN]);
int domain_request_code(const struct domain_mac *mac,
			const uint8_t kpin[PDT1_KEY_LEN], uint8_t policy,
			const uint8_t mid[PDT1_ID_LEN],
			const uint8_t sn[PDT1_ID_LEN], uint32_t n,
			const uint8_t ft[PDT1_FT_LEN], uint32_t *code);
int domain_fork_tag(const struct domain_mac *mac, const uint8_t kpin[PDT1_KEY_LEN],
		    const uint8_t ft[PDT1_FT_LEN], const uint8_t sn[PDT1_ID_LEN],
		    uint32_t n, uint8_t next[PDT1_FT_LEN]);

#endif /* DOMAIN_PIN_H */
