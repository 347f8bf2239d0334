// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The module's port with the faster X25519 of nettle: that of mbedTLS would be
 * most of the time of a run.
 */
#include <stddef.h>
#include <nettle/curve25519.h>

#include "softmod/port/crypto_mbedtls.h"

void __real_crypto_mbedtls_init(struct sm_port *port);
void __wrap_crypto_mbedtls_init(struct sm_port *port);

static int x25519(void *ctx, const uint8_t scalar[32], const uint8_t *point, uint8_t out[32])
{
	(void)ctx;
	if (point)
		curve25519_mul(out, scalar, point);
	else
		curve25519_mul_g(out, scalar);
	return 0;
}

void __wrap_crypto_mbedtls_init(struct sm_port *port)
{
	__real_crypto_mbedtls_init(port);
	port->x25519 = x25519;
}
