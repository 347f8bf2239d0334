/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_KEYS_TRUSTED_TYPE_H
#define SHIM_KEYS_TRUSTED_TYPE_H

#include <linux/key.h>

struct trusted_key_payload {
	unsigned int key_len;
	u8 key[64];
};

#endif /* SHIM_KEYS_TRUSTED_TYPE_H */
