/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DOMAIN_SEAL_H
#define DOMAIN_SEAL_H

#include <stddef.h>
#include <stdint.h>

#include <linux/smpair_proto.h>

void domain_seal(const uint8_t key[PDT1_KEY_LEN],
		 const uint8_t nonce[PDT1_NONCE_LEN],
		 const void *ad, size_t ad_len,
		 const void *plain, size_t plain_len, uint8_t *out);

#endif /* DOMAIN_SEAL_H */
