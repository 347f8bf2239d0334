/* SPDX-License-Identifier: GPL-2.0 */
/* Allocations, of which shim_alloc_fail makes one fail. */
#ifndef SHIM_LINUX_SLAB_H
#define SHIM_LINUX_SLAB_H

#include <linux/types.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

typedef unsigned int gfp_t;

#define GFP_KERNEL		0
#define GFP_KERNEL_ACCOUNT	0

/* Which of the following allocations fails, counted from 1; 0: none */
extern unsigned int shim_alloc_fail;

static inline void *kmalloc(size_t len, gfp_t flags)
{
	(void)flags;
	if (shim_alloc_fail && !--shim_alloc_fail)
		return NULL;
	return malloc(len);
}

static inline void *kzalloc(size_t len, gfp_t flags)
{
	void *p = kmalloc(len, flags);

	return p ? memset(p, 0, len) : NULL;
}

static inline void *kmemdup(const void *from, size_t len, gfp_t flags)
{
	void *p = kmalloc(len, flags);

	return p ? memcpy(p, from, len) : NULL;
}

static inline void kfree(const void *p)
{
	free((void *)p);
}

static inline void kfree_sensitive(const void *p)
{
	if (p)
		explicit_bzero((void *)p, malloc_usable_size((void *)p));
	free((void *)p);
}

#endif /* SHIM_LINUX_SLAB_H */
