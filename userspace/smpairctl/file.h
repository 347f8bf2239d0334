/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files in and out, within the deadline.
 */
#ifndef SMPAIRCTL_FILE_H
#define SMPAIRCTL_FILE_H

#include "ctl.h"

/**
 * struct file_out - a file that is about to be written
 * @path: Its name.
 * @temp: Name that it has until it is whole, or NULL for what is no regular file.
 * @fd: Where to write.
 */
struct file_out {
	const char *path;
	char *temp;
	int fd;
};

int file_read_fd(const struct ctl *ctl, int fd, uint8_t *buf, size_t size, size_t *len);
int file_read(const struct ctl *ctl, const char *path, uint8_t *buf, size_t size, size_t *len);
int file_write_fd(int fd, const uint8_t *data, size_t len);
int file_out_open(struct file_out *out, const char *path);
int file_out_commit(struct file_out *out, const uint8_t *data, size_t len);
void file_out_drop(struct file_out *out);

#endif /* SMPAIRCTL_FILE_H */
