/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SMPAIR_CHARDEV_H
#define _SMPAIR_CHARDEV_H

#include <linux/fs.h>

#define SMPAIR_MINORS	256

extern const struct file_operations smpair_chardev_fops;

#endif /* _SMPAIR_CHARDEV_H */
