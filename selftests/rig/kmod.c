// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE
#include "kmod.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "setting.h"

#define PROGRAMS "/build/selftests/"

/* Opens the .ko file; a descriptor or -1 */
static int open_ko(const char *name)
{
	static const char * const folder[] = { "kernel", "kernel/tests" };
	char self[PATH_MAX], path[2 * PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self));
	char *end = len < 0 ? NULL : memmem(self, len, PROGRAMS, strlen(PROGRAMS));
	size_t i;
	int fd = -1;

	if (!end)
		return -1;
	for (i = 0; i < sizeof(folder) / sizeof(folder[0]) && fd < 0; i++) {
		snprintf(path, sizeof(path), "%.*s/%s/%s.ko", (int)(end - self), self, folder[i],
			 name);
		fd = open(path, O_RDONLY | O_CLOEXEC);
	}
	return fd;
}

bool rig_kmod_exists(const char *name)
{
	int fd = open_ko(name);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

int rig_kmod_load(const char *name, const char *options)
{
	int fd = open_ko(name), err;

	if (fd < 0)
		return -ENOENT;
	err = syscall(SYS_finit_module, fd, options, 0) ? -errno : 0;
	close(fd);
	return err;
}

int rig_kmod_unload(const char *name)
{
	return syscall(SYS_delete_module, name, O_NONBLOCK) ? -errno : 0;
}

int rig_kmod_users(const char *name)
{
	char path[PATH_MAX], value[16];
	int err;

	snprintf(path, sizeof(path), "/sys/module/%s/refcnt", name);
	err = setting_read(path, value, sizeof(value));
	return err ? err : atoi(value);
}
