/* SPDX-License-Identifier: GPL-2.0 */
/*
 * PDT1 values computed a second time, by libkcapi: an oracle that shares no
 * code with the driver's engine, the software module or the centre.
 */
#ifndef RIG_ORACLE_H
#define RIG_ORACLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/smpair_proto.h>

/* False when the kernel offers no AF_ALG; every other function then aborts. */
bool oracle_available(void);
void oracle_hmac(const uint8_t key[32], const void *data, size_t len, uint8_t out[32]);
void oracle_kdf(const uint8_t key[32], const char *label, const void *ctx, size_t ctx_len,
		uint8_t *out, size_t len);
/* nonce | ciphertext | tag; @out holds len + 28 bytes */
void oracle_seal(const uint8_t key[32], const uint8_t nonce[12], const void *ad, size_t ad_len,
		 const void *plain, size_t len, uint8_t *out);
/* @len includes the tag; false when it does not verify */
bool oracle_open(const uint8_t key[32], const uint8_t nonce[12], const void *ad, size_t ad_len,
		 const void *in, size_t len, uint8_t *plain);
/* HOTP over HMAC-SHA-256 before the modulus */
uint32_t oracle_truncate(const uint8_t mac[32]);

#endif /* RIG_ORACLE_H */
