/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CENTRE_PROVIDER_H
#define CENTRE_PROVIDER_H

#include <stdbool.h>

#include "centre/mac_kernel.h"
#include "centre/store.h"
#include "domain/error.h"
#include "domain/mac.h"

/**
 * struct provider - Who computes MACs, and where the master MPIN is.
 * @mac: Provider of HMAC-SHA-256.
 * @mpin: The master for domain_kpin(): @key, or NULL where @mac holds it.
 * @key: MPIN from the domain file.
 * @kernel: The kernel provider, if it is open.
 * @in_kernel: Whether it is.
 */
struct provider {
	const struct domain_mac *mac;
	const uint8_t *mpin;
	uint8_t key[PDT1_KEY_LEN];
	struct mac_kernel kernel;
	bool in_kernel;
};

int provider_open(struct provider *provider, const char *spec,
		  const char *domain_path, struct domain_error *error);
int provider_check(const struct provider *provider,
		   uint8_t check[STORE_CHECK_LEN], struct domain_error *error);
void provider_close(struct provider *provider);

#endif /* CENTRE_PROVIDER_H */
