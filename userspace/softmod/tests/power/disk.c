// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "softmod/tests/power/disk.h"
#include "softmod/tests/testport.h"

static int open_or_fail(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0600);

	if (fd < 0)
		fail_msg("cannot open %s: errno %d", path, errno);
	return fd;
}

void disk_create(const char *file, uint64_t size)
{
	int fd = open_or_fail(file, O_RDWR | O_CREAT | O_TRUNC);

	assert_int_equal(ftruncate(fd, (off_t)size), 0);
	close(fd);
}

void disk_copy(const char *from, const char *to)
{
	int in = open_or_fail(from, O_RDONLY);
	int out = open_or_fail(to, O_WRONLY);
	struct stat st;
	off_t off = 0;

	assert_int_equal(fstat(in, &st), 0);
	while (off < st.st_size)
		assert_true(sendfile(out, in, &off,
				     (size_t)(st.st_size - off)) > 0);
	close(in);
	close(out);
}

void disk_attach(const char *file, char device[DISK_PATH_MAX])
{
	int control = open_or_fail("/dev/loop-control", O_RDWR);
	int backing = open_or_fail(file, O_RDWR);
	int number = ioctl(control, LOOP_CTL_GET_FREE);
	int loop;

	assert_true(number >= 0);
	snprintf(device, DISK_PATH_MAX, "/dev/loop%d", number);
	loop = open_or_fail(device, O_RDWR);
	assert_int_equal(ioctl(loop, LOOP_SET_FD, backing), 0);
	close(loop);
	close(backing);
	close(control);
}

void disk_detach(const char *device)
{
	int loop = open_or_fail(device, O_RDWR);

	assert_int_equal(ioctl(loop, LOOP_CLR_FD), 0);
	close(loop);
}

/* Nothing is left to be initialised in the background. */
void disk_format(const char *file)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		execlp("mkfs.ext4", "mkfs.ext4", "-q", "-F", "-b", "4096",
		       "-J", "size=4", "-E",
		       "lazy_itable_init=0,lazy_journal_init=0", file,
		       (char *)NULL);
		_exit(127);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

void disk_mount(const char *device, const char *folder)
{
	if (mount(device, folder, "ext4", MS_NOATIME, NULL))
		fail_msg("cannot mount %s: errno %d", device, errno);
}

void disk_unmount(const char *folder)
{
	assert_int_equal(umount(folder), 0);
}
