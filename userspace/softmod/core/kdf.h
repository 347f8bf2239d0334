/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Derivations of section 2. Each returns 0, SM_EINVAL or SM_EIO. */
#ifndef SOFTMOD_CORE_KDF_H
#define SOFTMOD_CORE_KDF_H

#include <linux/smpair_proto.h>

#include "softmod/core/port.h"

/* A string literal as part of a hash input, without its final NUL */
#define SM_TEXT(s)	{ (s), sizeof(s) - 1 }

#define SM_KDF_CTX_MAX	256	/* bytes of context */
#define SM_KDF_OUT_MAX	128	/* bytes of output */

/**
 * sm_kdf() - KDF(K, label, ctx, L)
 * @port: platform
 * @key: 32 bytes
 * @label: ASCII, at most 31 characters
 * @ctx: context, NULL when @ctx_len is 0
 * @ctx_len: at most SM_KDF_CTX_MAX
 * @out: receives the key
 * @len: bytes of it, 1 to SM_KDF_OUT_MAX
 */
int sm_kdf(const struct sm_port *port, const uint8_t key[PDT1_KEY_LEN],
	   const char *label, const void *ctx, size_t ctx_len, uint8_t *out,
	   size_t len);

/**
 * sm_nonce() - nonce of a live message
 * @iv: 12 bytes, or NULL for the plain counter
 * @n: counter
 * @nonce: receives iv XOR n
 */
void sm_nonce(const uint8_t *iv, uint32_t n, uint8_t nonce[PDT1_NONCE_LEN]);

/**
 * sm_hedge() - randomness that a stuck generator cannot repeat
 * @port: platform
 * @km: the module's secret
 * @label: "rm" or "xm"
 * @boot: number of the power-up
 * @counter: different at each call within one power-up
 * @rng: 32 bytes from the generator
 * @out: receives 32 bytes
 */
int sm_hedge(const struct sm_port *port, const uint8_t km[PDT1_KEY_LEN],
	     const char *label, uint32_t boot, uint32_t counter,
	     const uint8_t rng[32], uint8_t out[PDT1_HASH_LEN]);

#endif /* SOFTMOD_CORE_KDF_H */
