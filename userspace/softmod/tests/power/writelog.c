// SPDX-License-Identifier: GPL-2.0-or-later
#include <endian.h>
#include <fcntl.h>
#include <libdevmapper.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "softmod/tests/power/writelog.h"
#include "softmod/tests/testport.h"

#define NAME		"smpair-powercut"
#define MAGIC		0x6a736677736872ULL
#define FLAG_DISCARD	4
#define FLAG_MARK	8

/* Both little-endian */
struct super {
	uint64_t magic;
	uint64_t version;
	uint64_t entries;
	uint32_t sector_size;
};

struct entry {
	uint64_t sector;
	uint64_t sectors;
	uint64_t flags;
	uint64_t data_len;
};

static struct dm_task *new_task(int type)
{
	struct dm_task *task = dm_task_create(type);

	assert_non_null(task);
	assert_true(dm_task_set_name(task, NAME));
	return task;
}

/* The node is made by the kernel: there need not be a udev. */
void writelog_create(const char *device, const char *log, uint64_t size,
		     char path[DISK_PATH_MAX])
{
	struct dm_task *task = new_task(DM_DEVICE_CREATE);
	char params[2 * DISK_PATH_MAX + 2];
	struct dm_info info;
	uint32_t cookie = 0;

	dm_udev_set_sync_support(0);
	snprintf(params, sizeof(params), "%s %s", device, log);
	assert_true(dm_task_add_target(task, 0, size / 512, "log-writes",
				       params));
	assert_true(dm_task_set_cookie(task, &cookie, 0));
	assert_true(dm_task_run(task));
	assert_true(dm_task_get_info(task, &info));
	dm_task_destroy(task);
	snprintf(path, DISK_PATH_MAX, "/dev/dm-%u", info.minor);
}

void writelog_mark(unsigned int number)
{
	struct dm_task *task = new_task(DM_DEVICE_TARGET_MSG);
	char text[32];

	snprintf(text, sizeof(text), "mark %u", number);
	assert_true(dm_task_set_sector(task, 0));
	assert_true(dm_task_set_message(task, text));
	assert_true(dm_task_run(task));
	dm_task_destroy(task);
}

void writelog_remove(void)
{
	struct dm_task *task = new_task(DM_DEVICE_REMOVE);
	uint32_t cookie = 0;

	assert_true(dm_task_set_cookie(task, &cookie, 0));
	assert_true(dm_task_run(task));
	dm_task_destroy(task);
}

static void read_all(int fd, void *buf, size_t len, uint64_t off)
{
	assert_int_equal(pread(fd, buf, len, (off_t)off), len);
}

void writelog_open(struct writelog *w, const char *log, const char *target)
{
	struct super super;

	w->log = open(log, O_RDONLY | O_CLOEXEC);
	w->target = open(target, O_WRONLY | O_CLOEXEC);
	assert_true(w->log >= 0 && w->target >= 0);
	read_all(w->log, &super, sizeof(super), 0);
	assert_true(le64toh(super.magic) == MAGIC);
	assert_int_equal(le64toh(super.version), 1);
	w->sector = le32toh(super.sector_size);
	w->next = w->sector;
	w->left = le64toh(super.entries);
}

static void copy(struct writelog *w, uint64_t from, uint64_t to, uint64_t len)
{
	static uint8_t buf[65536];

	while (len) {
		size_t n = len < sizeof(buf) ? len : sizeof(buf);

		read_all(w->log, buf, n, from);
		assert_int_equal(pwrite(w->target, buf, n, (off_t)to), n);
		from += n;
		to += n;
		len -= n;
	}
}

static void clear(struct writelog *w, uint64_t to, uint64_t len)
{
	static const uint8_t zero[4096];

	while (len) {
		size_t n = len < sizeof(zero) ? len : sizeof(zero);

		assert_int_equal(pwrite(w->target, zero, n, (off_t)to), n);
		to += n;
		len -= n;
	}
}

enum writelog_entry writelog_next(struct writelog *w, unsigned int *mark)
{
	uint64_t data = w->next + w->sector;
	struct entry entry;
	char text[32] = "";
	uint64_t flags, len, to;

	if (!w->left)
		return WRITELOG_END;
	w->left--;
	read_all(w->log, &entry, sizeof(entry), w->next);
	flags = le64toh(entry.flags);
	len = le64toh(entry.sectors) * w->sector;
	to = le64toh(entry.sector) * w->sector;
	w->next = data;

	if (flags & FLAG_MARK) {
		read_all(w->log, text, sizeof(text) - 1,
			 data - w->sector + sizeof(entry));
		*mark = (unsigned int)atoi(text);
		/* The kernel adds one of its own when the device goes. */
		return *text >= '0' && *text <= '9' ? WRITELOG_MARK :
						      WRITELOG_FLUSH;
	}
	if (flags & FLAG_DISCARD) {
		clear(w, to, len);
		return WRITELOG_WRITE;
	}
	if (!len)
		return WRITELOG_FLUSH;
	w->next += len;
	copy(w, data, to, len);
	return WRITELOG_WRITE;
}

void writelog_close(struct writelog *w)
{
	close(w->log);
	close(w->target);
}
