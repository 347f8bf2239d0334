/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The core's platform on Linux: mbedTLS, getrandom() and an image file. */
#ifndef SOFTMOD_PORT_LINUX_H
#define SOFTMOD_PORT_LINUX_H

#include "softmod/core/port.h"
#include "softmod/port/nvm_file.h"

/**
 * linux_port_init() - describe the platform to the core
 * @port: filled in; no link limits
 * @f: image, open as long as @port is used
 */
void linux_port_init(struct sm_port *port, struct nvm_file *f);

#endif /* SOFTMOD_PORT_LINUX_H */
