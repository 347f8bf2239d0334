/* SPDX-License-Identifier: GPL-2.0 */
/* One-line files by which the kernel is set and asked: module parameters, /sys/power. */
#ifndef RIG_SETTING_H
#define RIG_SETTING_H

#include <stddef.h>

#define SETTING_VIRT_TIMEOUT	"/sys/module/smpair_virt/parameters/timeout_ms"

int setting_write(const char *path, const char *value);	/* 0 or -errno */
/* Without the newline; 0 or -errno */
int setting_read(const char *path, char *value, size_t size);
/* Numbers; complaints go to the output. */
int setting_write_number(const char *path, unsigned long value);
unsigned long setting_read_number(const char *path);

#endif /* RIG_SETTING_H */
