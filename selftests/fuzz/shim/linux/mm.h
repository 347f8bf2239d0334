/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_MM_H
#define SHIM_LINUX_MM_H

#include <linux/slab.h>

#define kvmalloc(len, flags)	kmalloc(len, flags)

static inline void kvfree_sensitive(const void *p, size_t len)
{
	if (p)
		explicit_bzero((void *)p, len);
	free((void *)p);
}

#endif /* SHIM_LINUX_MM_H */
