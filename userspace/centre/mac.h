/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * HMAC-SHA-256 under a master, by whoever holds it. One file each, behind
 * provider.h.
 */
#ifndef CENTRE_MAC_H
#define CENTRE_MAC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/smpair_proto.h>

#include "centre/master.h"
#include "domain/error.h"
#include "domain/mac.h"

struct mac;

/**
 * struct mac_ops - A holder of masters. All but @open and @close may be called by
 *	several threads at once.
 * @name: As in --mac.
 * @derived: Who computes with keys that follow from the masters.
 * @open: Take what follows the name and its colon; empty where there is nothing.
 *	-EDOM where that is no right usage.
 * @close: End, and forget.
 * @has: Whether a generation is there.
 * @newest: Its newest generation, or 0.
 * @hmac: Compute. 0; -ENOKEY; -EAGAIN where the holder went away and may come
 *	back; or another negative errno. On error the caller wipes @out.
 */
struct mac_ops {
	const char *name;
	const struct domain_mac *derived;
	int (*open)(struct mac **mac, const char *spec, const char *domain_path,
		    struct domain_error *error);
	void (*close)(struct mac *mac);
	bool (*has)(const struct mac *mac, enum master kind,
		    uint16_t generation);
	uint16_t (*newest)(const struct mac *mac, enum master kind);
	int (*hmac)(struct mac *mac, enum master kind, uint16_t generation,
		    const void *data, size_t len, uint8_t out[PDT1_HASH_LEN],
		    struct domain_error *error);
};

extern const struct mac_ops mac_file;
extern const struct mac_ops mac_kernel;
extern const struct mac_ops mac_pkcs11;

int mac_label(const char *text, size_t len, enum master *kind,
	      uint16_t *generation);

#endif /* CENTRE_MAC_H */
