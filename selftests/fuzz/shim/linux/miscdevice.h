/* SPDX-License-Identifier: GPL-2.0 */
/* The one device that is registered, for the target to use */
#ifndef SHIM_LINUX_MISCDEVICE_H
#define SHIM_LINUX_MISCDEVICE_H

#include <linux/device.h>

#define MISC_DYNAMIC_MINOR	255

struct file_operations;

struct miscdevice {
	int minor;
	const char *name;
	const struct file_operations *fops;
	unsigned int mode;
	struct device *this_device;
};

extern struct miscdevice *const shim_misc;

#define module_misc_device(misc)	struct miscdevice *const shim_misc = &(misc)

#endif /* SHIM_LINUX_MISCDEVICE_H */
