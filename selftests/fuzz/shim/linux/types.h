/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_TYPES_H
#define SHIM_LINUX_TYPES_H

#include_next <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int32_t s32;
typedef int64_t s64;

#define U8_MAX		UINT8_MAX
#define U16_MAX		UINT16_MAX
#define U32_MAX		UINT32_MAX
#define __user

#define READ_ONCE(x)		(x)
#define WRITE_ONCE(x, value)	((x) = (value))

#define container_of(ptr, type, member) \
	((type *)(void *)((char *)(ptr) - offsetof(type, member)))
#define swap(a, b) \
	do { __typeof__(a) swap_ = (a); (a) = (b); (b) = swap_; } while (0)

struct list_head {
	struct list_head *next, *prev;
};

static inline bool test_bit(unsigned int bit, const unsigned long *bits)
{
	return *bits >> bit & 1;
}

#endif /* SHIM_LINUX_TYPES_H */
