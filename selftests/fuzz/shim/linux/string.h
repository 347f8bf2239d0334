/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_STRING_H
#define SHIM_LINUX_STRING_H

#include <linux/array_size.h>
#include <linux/bug.h>
#include <linux/build_bug.h>
#include <linux/minmax.h>
#include <linux/types.h>
#include <string.h>

#define memzero_explicit(p, len)	explicit_bzero(p, len)

static inline const void *memchr_inv(const void *p, int c, size_t len)
{
	const u8 *at = p;

	for (; len; len--, at++)
		if (*at != (u8)c)
			return at;
	return NULL;
}

#endif /* SHIM_LINUX_STRING_H */
