/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SMPAIR_SYSFS_H
#define _SMPAIR_SYSFS_H

#include <linux/device.h>

extern const struct class smpair_class;

/* Returns when nothing refers to the class any more. May sleep. */
void smpair_class_unregister(void);

#endif /* _SMPAIR_SYSFS_H */
