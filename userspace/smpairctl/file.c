// SPDX-License-Identifier: GPL-2.0-or-later
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"

/*
 * file_read_fd() - Read a stream to its end.
 * @size: More bytes than this are refused.
 *
 * Return: 0, -EFBIG, -ETIMEDOUT, or the error of read(2).
 */
int file_read_fd(const struct ctl *ctl, int fd, uint8_t *buf, size_t size, size_t *len)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	uint8_t beyond;
	ssize_t n;

	for (*len = 0;; *len += (size_t)n) {
		int timeout = ctl->timeout_s ? (int)ctl_left(ctl, 0) : -1;

		n = poll(&pfd, 1, timeout);
		if (!n)
			return -ETIMEDOUT;
		if (n > 0)
			n = *len < size ? read(fd, buf + *len, size - *len) :
					  read(fd, &beyond, 1);
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			n = 0;
		else if (n < 0)
			return -errno;
		else if (!n)
			return 0;
		else if (*len == size)
			return -EFBIG;
	}
}

/*
 * file_read() - Read a whole file.
 */
int file_read(const struct ctl *ctl, const char *path, uint8_t *buf, size_t size, size_t *len)
{
	/* Not blocking, since opening a pipe could wait for ever. */
	int err, fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0)
		return -errno;
	err = file_read_fd(ctl, fd, buf, size, len);
	close(fd);
	return err;
}

int file_write_fd(int fd, const uint8_t *data, size_t len)
{
	ssize_t n;

	for (; len; data += n, len -= (size_t)n) {
		n = write(fd, data, len);
		if (n < 0 && errno == EINTR)
			n = 0;
		else if (n < 0)
			return -errno;
	}
	return 0;
}

/*
 * file_out_open() - Make sure that a file can be written, before what it shall
 *	hold is asked of a module that answers once only.
 * @path: Kept as it is until the file is whole. What is no regular file, such
 *	as a pipe, is written as it is.
 *
 * Return: 0 or a negative errno. End with file_out_commit() or file_out_drop().
 */
int file_out_open(struct file_out *out, const char *path)
{
	struct stat st;
	int err;

	out->path = path;
	out->temp = NULL;
	if (!stat(path, &st) && !S_ISREG(st.st_mode)) {
		/* Not blocking, since a pipe may have no reader yet. */
		out->fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
		if (out->fd < 0)
			return -errno;
		fcntl(out->fd, F_SETFL, 0);
		return 0;
	}
	if (asprintf(&out->temp, "%s.XXXXXX", path) < 0)
		return -ENOMEM;
	out->fd = mkostemp(out->temp, O_CLOEXEC);
	if (out->fd < 0) {
		err = -errno;
		free(out->temp);
		return err;
	}
	return 0;
}

/* Without it a power cut could still take the new name away. */
static int sync_folder_of(const char *path)
{
	char *copy = strdup(path);
	int fd, err = 0;

	if (!copy)
		return -ENOMEM;
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fsync(fd))
		err = -errno;
	if (fd >= 0)
		close(fd);
	free(copy);
	return err;
}

static int name_file(struct file_out *out)
{
	if (fsync(out->fd) || rename(out->temp, out->path))
		return -errno;
	free(out->temp);
	out->temp = NULL;
	return sync_folder_of(out->path);
}

/*
 * file_out_commit() - Write the file, whole or not at all, durably, and end.
 *
 * Return: 0 or a negative errno; the file may be there all the same where only
 * its folder cannot be made durable.
 */
int file_out_commit(struct file_out *out, const uint8_t *data, size_t len)
{
	int err = file_write_fd(out->fd, data, len);

	if (!err && out->temp)
		err = name_file(out);
	file_out_drop(out);
	return err;
}

/*
 * file_out_drop() - End without a file.
 */
void file_out_drop(struct file_out *out)
{
	close(out->fd);
	if (out->temp)
		unlink(out->temp);
	free(out->temp);
}
