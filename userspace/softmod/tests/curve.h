/* SPDX-License-Identifier: GPL-2.0-or-later */
/* X25519 with a memory: tests that run one scenario thousands of times compute
 * the same few products again and again.
 */
#ifndef SOFTMOD_TESTS_CURVE_H
#define SOFTMOD_TESTS_CURVE_H

#include <stdint.h>

/* As in struct sm_port; @ctx is ignored */
int curve_x25519(void *ctx, const uint8_t scalar[32], const uint8_t *point,
		 uint8_t out[32]);

#endif /* SOFTMOD_TESTS_CURVE_H */
