/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files as block devices, and a file system on them. Needs root. Everything
 * that fails ends the test.
 */
#ifndef SOFTMOD_TESTS_POWER_DISK_H
#define SOFTMOD_TESTS_POWER_DISK_H

#include <stdint.h>

#define DISK_PATH_MAX	32

/* Creates a file of @size bytes, all zero */
void disk_create(const char *file, uint64_t size);

/* Makes @to a copy of @from; both have been created, with the same size */
void disk_copy(const char *from, const char *to);

/* Attaches @file to a loop device, whose path goes to @device */
void disk_attach(const char *file, char device[DISK_PATH_MAX]);
void disk_detach(const char *device);

/* ext4 */
void disk_format(const char *file);
void disk_mount(const char *device, const char *folder);
void disk_unmount(const char *folder);

#endif /* SOFTMOD_TESTS_POWER_DISK_H */
