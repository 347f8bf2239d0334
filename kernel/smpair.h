/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Paired security modules, for other kernel code.
 */
#ifndef _SMPAIR_H
#define _SMPAIR_H

#include <linux/types.h>

struct smpair_dev;

struct smpair_dev *smpair_dev_get_by_id(u32 id);
void smpair_dev_put(struct smpair_dev *dev);
size_t smpair_max_message(struct smpair_dev *dev);
ssize_t smpair_exchange(struct smpair_dev *dev, const void *msg, size_t len,
			void *answer, size_t size);

#endif /* _SMPAIR_H */
