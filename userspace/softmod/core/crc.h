/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SOFTMOD_CORE_CRC_H
#define SOFTMOD_CORE_CRC_H

#include <stddef.h>
#include <stdint.h>

/**
 * sm_crc32() - CRC-32 as in IEEE 802.3, to find torn and damaged records
 * @crc: 0, or the result over the bytes before
 * @p: bytes
 * @len: how many
 *
 * Return: the checksum.
 */
uint32_t sm_crc32(uint32_t crc, const void *p, size_t len);

#endif /* SOFTMOD_CORE_CRC_H */
