// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The library provider of HMAC-SHA-256.
 */
#include <errno.h>
#include <string.h>

#include <nettle/hmac.h>

#include "domain/mac.h"

static int library_hmac(const struct domain_mac *mac, const uint8_t *key,
			const void *data, size_t len, uint8_t out[PDT1_HASH_LEN])
{
	struct hmac_sha256_ctx ctx;

	(void)mac;
	if (!key) {
		explicit_bzero(out, PDT1_HASH_LEN);
		return -ENOKEY;
	}
	hmac_sha256_set_key(&ctx, PDT1_KEY_LEN, key);
	hmac_sha256_update(&ctx, len, data);
	hmac_sha256_digest(&ctx, PDT1_HASH_LEN, out);
	explicit_bzero(&ctx, sizeof(ctx));
	return 0;
}

const struct domain_mac domain_mac_library = { .hmac = library_hmac };
