/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Big-endian integers, and the handling of secrets in memory. */
#ifndef SOFTMOD_CORE_BYTES_H
#define SOFTMOD_CORE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static inline uint16_t sm_get16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t sm_get32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	       (uint32_t)p[2] << 8 | p[3];
}

static inline void sm_put16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static inline void sm_put32(uint8_t *p, uint32_t v)
{
	sm_put16(p, (uint16_t)(v >> 16));
	sm_put16(p + 2, (uint16_t)v);
}

/**
 * sm_wipe() - overwrite a secret; never optimised away
 * @p: first byte
 * @len: bytes
 */
void sm_wipe(void *p, size_t len);

/**
 * sm_equal() - compare in a time that depends on @len only
 * @a: bytes
 * @b: bytes
 * @len: how many
 *
 * Return: true when they are equal.
 */
bool sm_equal(const void *a, const void *b, size_t len);

#endif /* SOFTMOD_CORE_BYTES_H */
