/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hedged random values of a powered module (section 2). */
#ifndef SOFTMOD_CORE_RANDOM_H
#define SOFTMOD_CORE_RANDOM_H

#include "softmod/core/module.h"

/**
 * sm_draw() - draw a hedged secret
 * @m: module
 * @label: PDT1_CTX_RM or PDT1_CTX_XM
 * @out: receives 32 bytes
 *
 * Return: 0 or SM_EIO.
 */
int sm_draw(struct sm_module *m, const char *label,
	    uint8_t out[PDT1_HASH_LEN]);

/**
 * sm_draw_share() - draw RM and a key pair, and compute the shared secret
 * @m: module
 * @peer: the host's public key
 * @rm: receives RM
 * @xm: receives the module's public key
 * @dh: receives the shared secret; the caller wipes it
 *
 * Return: 0, SM_EINVAL when the shared secret is all zero, SM_EIO.
 */
int sm_draw_share(struct sm_module *m, const uint8_t peer[PDT1_X25519_LEN],
		  uint8_t rm[PDT1_RAND_LEN], uint8_t xm[PDT1_X25519_LEN],
		  uint8_t dh[PDT1_X25519_LEN]);

#endif /* SOFTMOD_CORE_RANDOM_H */
