/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_KEYS_USER_TYPE_H
#define SHIM_KEYS_USER_TYPE_H

#include <linux/key.h>

struct user_key_payload {
	unsigned short datalen;
	u8 data[];
};

static inline const struct user_key_payload *user_key_payload_locked(const struct key *key)
{
	return key->payload.data[0];
}

#endif /* SHIM_KEYS_USER_TYPE_H */
