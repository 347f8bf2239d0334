// SPDX-License-Identifier: GPL-2.0
#include "setting.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int setting_write(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), err = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, value, strlen(value)) < 0)
		err = -errno;
	close(fd);
	return err;
}

int setting_read(const char *path, char *value, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), err = 0;
	ssize_t got;

	value[0] = '\0';
	if (fd < 0)
		return -errno;
	got = read(fd, value, size - 1);
	if (got < 0) {
		err = -errno;
		got = 0;
	}
	value[got] = '\0';
	value[strcspn(value, "\n")] = '\0';
	close(fd);
	return err;
}

int setting_write_number(const char *path, unsigned long value)
{
	char text[32];
	int err;

	snprintf(text, sizeof(text), "%lu", value);
	err = setting_write(path, text);
	if (err)
		printf("# cannot write %lu to %s: %s\n", value, path, strerror(-err));
	return err;
}

unsigned long setting_read_number(const char *path)
{
	char text[32];
	int err = setting_read(path, text, sizeof(text));

	if (err)
		printf("# cannot read %s: %s\n", path, strerror(-err));
	return strtoul(text, NULL, 10);
}
