// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdbool.h>
#include <string.h>

#include "softmod/port/crypto_mbedtls.h"
#include "softmod/tests/curve.h"

#define ENTRIES	4096

static struct {
	bool used;
	uint8_t scalar[32];
	uint8_t point[32];
	uint8_t out[32];
} memory[ENTRIES];

int curve_x25519(void *ctx, const uint8_t scalar[32], const uint8_t *point,
		 uint8_t out[32])
{
	static const uint8_t base[32] = { 9 };
	const uint8_t *p = point ? point : base;
	uint32_t hash = 0;
	struct sm_port port;
	int i, err;

	(void)ctx;
	for (i = 0; i < 32; i++)
		hash = hash * 31 + scalar[i] + 7u * p[i];
	hash %= ENTRIES;
	if (!memory[hash].used || memcmp(memory[hash].scalar, scalar, 32) ||
	    memcmp(memory[hash].point, p, 32)) {
		crypto_mbedtls_init(&port);
		err = port.x25519(NULL, scalar, point, memory[hash].out);
		if (err)
			return err;
		memory[hash].used = true;
		memcpy(memory[hash].scalar, scalar, 32);
		memcpy(memory[hash].point, p, 32);
	}
	memcpy(out, memory[hash].out, 32);
	return 0;
}
