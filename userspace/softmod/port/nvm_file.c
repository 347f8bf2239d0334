// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "softmod/port/nvm_file.h"

#define CHUNK	512	/* longer than any record of the core */

static int read_full(int fd, void *buf, size_t len, off_t off)
{
	uint8_t *p = buf;

	while (len) {
		ssize_t n = pread(fd, p, len, off);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : -EIO;
		p += n;
		off += n;
		len -= (size_t)n;
	}
	return 0;
}

static int write_full(int fd, const void *buf, size_t len, off_t off)
{
	const uint8_t *p = buf;

	while (len) {
		ssize_t n = pwrite(fd, p, len, off);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : -EIO;
		p += n;
		off += n;
		len -= (size_t)n;
	}
	return 0;
}

static int take(struct nvm_file *f, int fd)
{
	struct stat st;

	memset(f, 0, sizeof(*f));
	f->fd = fd;
	if (fstat(fd, &st))
		return -errno;
	if (!S_ISREG(st.st_mode) || st.st_size > INT32_MAX)
		return -EINVAL;
	if (st.st_mode & 077)
		return -EACCES;
	if (flock(fd, LOCK_EX | LOCK_NB))
		return errno == EWOULDBLOCK ? -EBUSY : -errno;
	f->size = (uint32_t)st.st_size;
	return 0;
}

int nvm_file_create(struct nvm_file *f, const char *path)
{
	uint8_t erased[NVM_FILE_BLOCK];
	uint32_t off;
	int fd, err;

	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
		  0600);
	if (fd < 0)
		return -errno;

	err = take(f, fd);
	memset(erased, 0xff, sizeof(erased));
	for (off = 0; !err && off < NVM_FILE_SIZE; off += sizeof(erased))
		err = write_full(fd, erased, sizeof(erased), off);
	if (!err && fsync(fd))
		err = -errno;
	if (err) {
		unlink(path);
		close(fd);
		return err;
	}
	f->size = NVM_FILE_SIZE;
	return 0;
}

int nvm_file_open(struct nvm_file *f, const char *path)
{
	int fd, err;

	fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	err = take(f, fd);
	if (err)
		close(fd);
	return err;
}

void nvm_file_close(struct nvm_file *f)
{
	close(f->fd);
	f->fd = -1;
}

void nvm_file_cut(struct nvm_file *f, uint64_t k)
{
	f->cut_in = k;
}

void nvm_file_restore(struct nvm_file *f)
{
	f->dead = false;
}

int nvm_file_read(struct nvm_file *f, uint32_t off, void *buf, uint32_t len)
{
	if (f->dead || off > f->size || len > f->size - off)
		return -EIO;
	return read_full(f->fd, buf, len, off);
}

int nvm_file_program(struct nvm_file *f, uint32_t off, const void *buf,
		     uint32_t len)
{
	const uint8_t *in = buf;
	uint8_t cell[CHUNK];
	int err = 0;

	if (f->dead || off > f->size || len > f->size - off)
		return -EIO;
	f->programs++;
	if (f->cut_in && !--f->cut_in) {
		f->dead = true;		/* once half of it is written */
		len /= 2;
	}

	while (!err && len) {
		uint32_t n = len < sizeof(cell) ? len : sizeof(cell);
		uint32_t i;

		err = read_full(f->fd, cell, n, off);
		for (i = 0; i < n; i++)
			cell[i] &= in[i];
		if (!err)
			err = write_full(f->fd, cell, n, off);
		in += n;
		off += n;
		len -= n;
	}
	explicit_bzero(cell, sizeof(cell));
	return f->dead ? -EIO : err;
}

int nvm_file_erase(struct nvm_file *f, uint32_t off)
{
	uint8_t erased[NVM_FILE_BLOCK];

	if (f->dead || off % NVM_FILE_BLOCK || off >= f->size ||
	    f->size - off < NVM_FILE_BLOCK)
		return -EIO;
	memset(erased, 0xff, sizeof(erased));
	return write_full(f->fd, erased, sizeof(erased), off);
}

int nvm_file_sync(struct nvm_file *f)
{
	if (f->dead)
		return -EIO;
	return fdatasync(f->fd) ? -errno : 0;
}
