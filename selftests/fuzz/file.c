// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"

int __real_fstat(int fd, struct stat *st);
int __real_flock(int fd, int operation);
int __real_fsync(int fd);
int __real_fdatasync(int fd);
ssize_t __real_read(int fd, void *buf, size_t len);
ssize_t __real_pread(int fd, void *buf, size_t len, off_t off);
ssize_t __real_pwrite(int fd, const void *buf, size_t len, off_t off);
int __wrap_fstat(int fd, struct stat *st);
int __wrap_flock(int fd, int operation);
int __wrap_fsync(int fd);
int __wrap_fdatasync(int fd);
ssize_t __wrap_read(int fd, void *buf, size_t len);
ssize_t __wrap_pread(int fd, void *buf, size_t len, off_t off);
ssize_t __wrap_pwrite(int fd, const void *buf, size_t len, off_t off);

static unsigned int calls_left;
static enum file_fault next_fault;
static bool happened;

void file_fault(unsigned int at, enum file_fault fault)
{
	calls_left = at;
	next_fault = fault;
	happened = false;
}

bool file_fault_end(void)
{
	bool did = happened;

	file_fault(0, FILE_FAULTS);
	return did;
}

static bool fails(void)
{
	if (!calls_left || --calls_left || next_fault > FILE_INTERRUPTED)
		return false;
	happened = true;
	errno = next_fault == FILE_FAILS ? EIO : EINTR;
	return true;
}

/* How much a transfer of @len bytes does; negative where it fails */
static ssize_t granted(size_t len)
{
	if (calls_left != 1 || (next_fault != FILE_SHORT && next_fault != FILE_END))
		return fails() ? -1 : (ssize_t)len;
	calls_left = 0;
	happened = true;
	return next_fault == FILE_SHORT ? (ssize_t)(len + 1) / 2 : 0;
}

int __wrap_fstat(int fd, struct stat *st)
{
	bool foreign = calls_left == 1 && next_fault == FILE_FOREIGN;
	int ret = fails() ? -1 : __real_fstat(fd, st);

	if (foreign && !ret) {
		st->st_uid = geteuid() + 1;
		happened = true;
	}
	return ret;
}

int __wrap_flock(int fd, int operation)
{
	return fails() ? -1 : __real_flock(fd, operation);
}

int __wrap_fsync(int fd)
{
	return fails() ? -1 : __real_fsync(fd);
}

int __wrap_fdatasync(int fd)
{
	return fails() ? -1 : __real_fdatasync(fd);
}

ssize_t __wrap_read(int fd, void *buf, size_t len)
{
	ssize_t part = granted(len);

	return part > 0 ? __real_read(fd, buf, (size_t)part) : part;
}

ssize_t __wrap_pread(int fd, void *buf, size_t len, off_t off)
{
	ssize_t part = granted(len);

	return part > 0 ? __real_pread(fd, buf, (size_t)part, off) : part;
}

ssize_t __wrap_pwrite(int fd, const void *buf, size_t len, off_t off)
{
	ssize_t part = granted(len);

	return part > 0 ? __real_pwrite(fd, buf, (size_t)part, off) : part;
}
