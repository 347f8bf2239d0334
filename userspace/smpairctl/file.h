/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files in and out, within the deadline.
 */
#ifndef SMPAIRCTL_FILE_H
#define SMPAIRCTL_FILE_H

#include "ctl.h"

int file_read_fd(const struct ctl *ctl, int fd, uint8_t *buf, size_t size, size_t *len);
int file_read(const struct ctl *ctl, const char *path, uint8_t *buf, size_t size, size_t *len);
int file_write(const char *path, const uint8_t *data, size_t len);
int file_write_fd(int fd, const uint8_t *data, size_t len);

#endif /* SMPAIRCTL_FILE_H */
