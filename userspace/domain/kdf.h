/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DOMAIN_KDF_H
#define DOMAIN_KDF_H

#include "domain/mac.h"

/* Longest context and output; the protocol uses 20 and 44 bytes at most. */
#define DOMAIN_KDF_CONTEXT_MAX	256
#define DOMAIN_KDF_OUTPUT_MAX	255

int domain_kdf(const struct domain_mac *mac, const uint8_t *key,
	       const char *label, const void *context, size_t context_len,
	       uint8_t *out, size_t out_len);

#endif /* DOMAIN_KDF_H */
