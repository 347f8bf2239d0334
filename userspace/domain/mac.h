/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * HMAC-SHA-256 behind an interface, so that a master key can stay where user
 * space cannot read it. Everything that a centre derives per module is a chain
 * of this one function (protocol, sections 2, 3 and 11).
 */
#ifndef DOMAIN_MAC_H
#define DOMAIN_MAC_H

#include <stddef.h>
#include <stdint.h>

#include <linux/smpair_proto.h>

/**
 * struct domain_mac - A provider of HMAC-SHA-256.
 * @hmac: Compute @out, 32 bytes, over @len bytes at @data. @key is 32 bytes, or
 *	NULL for the master key that the provider itself holds. Returns 0 or a
 *	negative errno; -ENOKEY where @key is NULL and the provider holds none.
 *	@out is wiped on error.
 */
struct domain_mac {
	int (*hmac)(const struct domain_mac *mac, const uint8_t *key,
		    const void *data, size_t len, uint8_t out[PDT1_HASH_LEN]);
};

/* Computes in this process; holds no master key and fails only without @key. */
extern const struct domain_mac domain_mac_library;

#endif /* DOMAIN_MAC_H */
