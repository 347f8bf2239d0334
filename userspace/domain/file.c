// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Files that hold secrets: read only if nobody else can, written so that a cut
 * at any instant leaves the old file or the new one.
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/file.h>
#include <sys/stat.h>

#include "domain/file.h"
#include "domain/secret.h"

static int read_all(int fd, uint8_t *buf, size_t size, size_t *len)
{
	ssize_t n;

	for (*len = 0; *len < size; *len += (size_t)n) {
		n = read(fd, buf + *len, size - *len);
		if (n < 0 && errno == EINTR) {
			n = 0;
			continue;
		}
		if (n < 0)
			return -errno;
		if (!n)
			break;
	}
	return 0;
}

/**
 * domain_file_read() - Read a whole file.
 * @path: Name.
 * @secret: Refuse a file that group or others can read or write.
 * @max: Most bytes accepted.
 * @data: Receives the contents, for domain_secret_free().
 * @len: Receives their size in bytes.
 * @error: Receives the reason of a refusal.
 *
 * Return: 0 or a negative errno: -EPERM where a secret file is open to others,
 * -EFBIG above @max, -EINVAL for anything but a regular file.
 */
int domain_file_read(const char *path, bool secret, size_t max, uint8_t **data,
		     size_t *len, struct domain_error *error)
{
	struct stat st;
	int fd, err;

	/* Non-blocking, so that a FIFO is refused instead of waited for. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return domain_fail(error, -errno, "%s: %s", path,
				   strerror(errno));
	if (fstat(fd, &st)) {
		err = domain_fail(error, -errno, "%s: %s", path, strerror(errno));
		goto close;
	}
	if (!S_ISREG(st.st_mode)) {
		err = domain_fail(error, -EINVAL,
				  "%s is not a regular file; name a file", path);
		goto close;
	}
	if (secret && st.st_mode & (S_IRWXG | S_IRWXO)) {
		err = domain_fail(error, -EPERM,
				  "%s holds secrets and its mode is %04o; make it 0600 and replace the secrets if somebody may have read them",
				  path, (unsigned int)st.st_mode & 07777);
		goto close;
	}

	/* One byte more than allowed shows a file that is too long. */
	*data = domain_secret_alloc(max + 1);
	if (!*data) {
		err = domain_fail(error, -ENOMEM, "%s: out of memory", path);
		goto close;
	}
	err = read_all(fd, *data, max + 1, len);
	if (err)
		domain_fail(error, err, "%s: %s", path, strerror(-err));
	else if (*len > max)
		err = domain_fail(error, -EFBIG,
				  "%s is longer than %zu bytes; name the right file",
				  path, max);
	if (err) {
		domain_secret_free(*data);
		*data = NULL;
	}
close:
	close(fd);
	return err;
}

static int open_folder_of(const char *path)
{
	char *copy = strdup(path);
	int fd;

	if (!copy)
		return -ENOMEM;
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		fd = -errno;
	free(copy);
	return fd;
}

/**
 * domain_new_file_begin() - Reserve a temporary name beside the final one.
 * @file: Filled; ended by domain_new_file_end() if 0 is returned.
 * @path: Final name.
 * @error: Receives the reason of a failure.
 *
 * The caller creates and writes @file->temp.
 *
 * Return: 0 or a negative errno.
 */
int domain_new_file_begin(struct domain_new_file *file, const char *path,
			  struct domain_error *error)
{
	file->temp = NULL;
	file->path = strdup(path);
	file->dir = open_folder_of(path);
	if (file->dir < 0) {
		domain_fail(error, file->dir, "folder of %s: %s", path,
			    strerror(-file->dir));
		free(file->path);
		return file->dir;
	}
	if (!file->path ||
	    asprintf(&file->temp, "%s.%ld.new", path, (long)getpid()) < 0) {
		file->temp = NULL;
		close(file->dir);
		free(file->path);
		domain_fail(error, -ENOMEM, "%s: out of memory", path);
		return -ENOMEM;
	}
	/* What an earlier process of this number left behind. */
	unlink(file->temp);
	return 0;
}

/* Give the file its name unless that name is taken. */
static int link_new(const struct domain_new_file *file)
{
	if (!renameat2(AT_FDCWD, file->temp, AT_FDCWD, file->path,
		       RENAME_NOREPLACE))
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -errno;
	/* A file system that cannot rename without replacing. */
	if (link(file->temp, file->path))
		return -errno;
	unlink(file->temp);
	return 0;
}

/**
 * domain_new_file_commit() - Let the written file appear under its name.
 * @file: The file; its contents are durable already.
 * @replace: Whether a file of that name is replaced.
 * @error: Receives the reason of a failure.
 *
 * Return: 0, -EEXIST where the name is taken and @replace is false, or another
 * negative errno.
 */
int domain_new_file_commit(struct domain_new_file *file, bool replace,
			   struct domain_error *error)
{
	int err;

	if (replace)
		err = rename(file->temp, file->path) ? -errno : 0;
	else
		err = link_new(file);
	if (err == -EEXIST)
		return domain_fail(error, err,
				   "%s exists and is not overwritten; choose another name, or remove it if what it holds is not needed any more",
				   file->path);
	if (!err && fsync(file->dir))
		err = -errno;
	if (err)
		return domain_fail(error, err, "%s: %s", file->path,
				   strerror(-err));
	return 0;
}

/**
 * domain_new_file_end() - Forget the file; removes it if it was not committed.
 * @file: From domain_new_file_begin().
 */
void domain_new_file_end(struct domain_new_file *file)
{
	unlink(file->temp);
	close(file->dir);
	free(file->temp);
	free(file->path);
}

static int write_all(int fd, const uint8_t *data, size_t len)
{
	ssize_t n;

	while (len) {
		n = write(fd, data, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		data += n;
		len -= (size_t)n;
	}
	return fsync(fd) ? -errno : 0;
}

/**
 * domain_file_write() - Write a file as a whole, durably.
 * @path: Name.
 * @mode: Its mode; 0600 for what holds secrets.
 * @replace: Whether a file of that name is replaced.
 * @data: @len bytes.
 * @len: Bytes at @data.
 * @error: Receives the reason of a failure.
 *
 * Return: 0 or a negative errno; -EEXIST where the name is taken and @replace
 * is false.
 */
int domain_file_write(const char *path, mode_t mode, bool replace,
		      const void *data, size_t len, struct domain_error *error)
{
	struct domain_new_file file;
	int fd, err;

	err = domain_new_file_begin(&file, path, error);
	if (err)
		return err;
	fd = open(file.temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		  mode);
	if (fd < 0) {
		err = domain_fail(error, -errno, "%s: %s", path, strerror(errno));
	} else {
		err = write_all(fd, data, len);
		if (close(fd) && !err)
			err = -errno;
		if (err)
			domain_fail(error, err, "%s: %s", path, strerror(-err));
	}
	if (!err)
		err = domain_new_file_commit(&file, replace, error);
	domain_new_file_end(&file);
	return err;
}

/**
 * domain_folder_lock() - Wait until nobody else changes files beside @path.
 * @path: Name of a file in the folder.
 * @error: Receives the reason of a failure.
 *
 * Return: A descriptor; closing it ends the lock. Or a negative errno.
 */
int domain_folder_lock(const char *path, struct domain_error *error)
{
	int fd = open_folder_of(path), err;

	if (fd < 0)
		return domain_fail(error, fd, "folder of %s: %s", path,
				   strerror(-fd));
	if (flock(fd, LOCK_EX)) {
		err = domain_fail(error, -errno, "folder of %s: %s", path,
				  strerror(errno));
		close(fd);
		return err;
	}
	return fd;
}
