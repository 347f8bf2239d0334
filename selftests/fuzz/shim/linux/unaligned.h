/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_UNALIGNED_H
#define SHIM_LINUX_UNALIGNED_H

#include <endian.h>
#include <linux/types.h>
#include <string.h>

#define cpu_to_be16(value)	((__be16)htobe16(value))
#define cpu_to_be32(value)	((__be32)htobe32(value))

static inline u16 get_unaligned_be16(const void *p)
{
	u16 v;

	memcpy(&v, p, sizeof(v));
	return be16toh(v);
}

static inline u32 get_unaligned_be32(const void *p)
{
	u32 v;

	memcpy(&v, p, sizeof(v));
	return be32toh(v);
}

static inline void put_unaligned_be16(u16 value, void *p)
{
	value = htobe16(value);
	memcpy(p, &value, sizeof(value));
}

static inline void put_unaligned_be32(u32 value, void *p)
{
	value = htobe32(value);
	memcpy(p, &value, sizeof(value));
}

#endif /* SHIM_LINUX_UNALIGNED_H */
