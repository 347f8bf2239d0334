/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_KREF_H
#define SHIM_LINUX_KREF_H

#include <linux/types.h>

struct kref {
	unsigned int count;
};

static inline void kref_init(struct kref *kref)
{
	kref->count = 1;
}

static inline void kref_get(struct kref *kref)
{
	kref->count++;
}

static inline void kref_put(struct kref *kref, void (*release)(struct kref *kref))
{
	if (!--kref->count)
		release(kref);
}

#endif /* SHIM_LINUX_KREF_H */
