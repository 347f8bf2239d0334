/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SMPAIR_CHARDEV_H
#define _SMPAIR_CHARDEV_H

#include <linux/fs.h>

#define SMPAIR_MINORS	256

extern const struct file_operations smpair_chardev_fops;

int smpair_chardev_init(void);
void smpair_chardev_exit(void);

#endif /* _SMPAIR_CHARDEV_H */
