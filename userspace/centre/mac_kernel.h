/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CENTRE_MAC_KERNEL_H
#define CENTRE_MAC_KERNEL_H

#include "domain/error.h"
#include "domain/mac.h"

/**
 * struct mac_kernel - HMAC-SHA-256 in the kernel, with the master key MPIN
 *	taken from its key retention service.
 * @mac: The provider.
 * @fd: Socket on which the kernel computes with the master key.
 */
struct mac_kernel {
	struct domain_mac mac;
	int fd;
};

int mac_kernel_open(struct mac_kernel *kernel, int32_t serial,
		    struct domain_error *error);
void mac_kernel_close(struct mac_kernel *kernel);

#endif /* CENTRE_MAC_KERNEL_H */
