/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SOFTMOD_PORT_CRYPTO_MBEDTLS_H
#define SOFTMOD_PORT_CRYPTO_MBEDTLS_H

#include "softmod/core/port.h"

/**
 * crypto_mbedtls_init() - fill in the primitives of a port, from mbedTLS
 * @port: the crypto members are set; they do not use @port->ctx. Its @random
 *	is set too, from getrandom()
 */
void crypto_mbedtls_init(struct sm_port *port);

#endif /* SOFTMOD_PORT_CRYPTO_MBEDTLS_H */
