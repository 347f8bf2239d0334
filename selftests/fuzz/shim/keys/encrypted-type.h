/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_KEYS_ENCRYPTED_TYPE_H
#define SHIM_KEYS_ENCRYPTED_TYPE_H

#include <linux/key.h>

struct encrypted_key_payload {
	unsigned short decrypted_datalen;
	u8 *decrypted_data;
};

#endif /* SHIM_KEYS_ENCRYPTED_TYPE_H */
