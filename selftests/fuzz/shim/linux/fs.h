/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_FS_H
#define SHIM_LINUX_FS_H

#include <fcntl.h>
#include <linux/poll.h>
#include <linux/types.h>

struct inode {
	int unused;
};

struct file {
	void *private_data;
	unsigned int f_flags;
};

struct file_operations {
	const void *owner;
	int (*open)(struct inode *inode, struct file *file);
	int (*release)(struct inode *inode, struct file *file);
	ssize_t (*read)(struct file *file, char __user *buf, size_t len, loff_t *pos);
	ssize_t (*write)(struct file *file, const char __user *buf, size_t len, loff_t *pos);
	__poll_t (*poll)(struct file *file, poll_table *wait);
};

#define stream_open(inode, file)	((void)(inode), 0)

#endif /* SHIM_LINUX_FS_H */
