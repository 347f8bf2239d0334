// SPDX-License-Identifier: GPL-2.0
#include "census.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rig/setting.h"

#define SLAB		"/sys/kernel/slab"
#define COUNTS		8
#define DROP_CACHES	"/proc/sys/vm/drop_caches"

const char *census_missing(void)
{
	if (access(SLAB "/kmalloc-64/objects", R_OK))
		return "the kernel does not count slab objects; it needs CONFIG_SLUB_DEBUG";
	if (access(DROP_CACHES, W_OK))
		return "caches cannot be dropped";
	return NULL;
}

/*
 * The kernel counts all objects of a slab that a processor has taken for itself. Shrinking
 * makes processors give their slabs back, but they take others at once where the cache is
 * in use: the least of several counts is the true one, or close to it.
 */
static long least(int shrink, int objects)
{
	long count, min = LONG_MAX;
	char value[256];
	unsigned int i;
	ssize_t got;

	for (i = 0; i < COUNTS; i++) {
		if (pwrite(shrink, "1", 1, 0) != 1)
			return -errno;
		got = pread(objects, value, sizeof(value) - 1, 0);
		if (got < 0)
			return -errno;
		value[got] = '\0';
		count = atol(value);
		if (count < min)
			min = count;
	}
	return min;
}

static int count_cache(struct census *census, int slab, const char *name)
{
	char path[300];
	int shrink, objects;
	long count;

	if (census->count == CENSUS_CACHES)
		return -ENOSPC;
	snprintf(path, sizeof(path), "%s/shrink", name);
	shrink = openat(slab, path, O_WRONLY | O_CLOEXEC);
	snprintf(path, sizeof(path), "%s/objects", name);
	objects = openat(slab, path, O_RDONLY | O_CLOEXEC);
	count = shrink < 0 || objects < 0 ? -errno : least(shrink, objects);
	if (shrink >= 0)
		close(shrink);
	if (objects >= 0)
		close(objects);
	if (count < 0)
		return count;
	snprintf(census->cache[census->count].name, sizeof(census->cache[0].name), "%s", name);
	census->cache[census->count++].objects = count;
	return 0;
}

/*
 * Descriptors of address ranges are freed by the thousand, whenever the kernel likes;
 * VmallocUsed has what was in the ranges.
 */
static const char *lazy_cache(char path[PATH_MAX])
{
	return realpath(SLAB "/vmap_area", path) ? strrchr(path, '/') + 1 : "";
}

static int count_caches(struct census *census)
{
	char path[PATH_MAX];
	const char *lazy = lazy_cache(path);
	struct dirent *entry;
	int err = 0;
	DIR *dir;

	dir = opendir(SLAB);
	if (!dir)
		return -errno;
	while (!err && (entry = readdir(dir)))
		/* links are other names of caches that were merged */
		if (entry->d_type == DT_DIR && entry->d_name[0] != '.' &&
		    strcmp(entry->d_name, lazy))
			err = count_cache(census, dirfd(dir), entry->d_name);
	closedir(dir);
	return err;
}

/* Sum of lines "NAME: N kB" */
static long sum_lines(const char *path, const char * const names[])
{
	FILE *f = fopen(path, "re");
	char line[128];
	unsigned int i;
	long sum = 0;

	while (f && fgets(line, sizeof(line), f))
		for (i = 0; names[i]; i++)
			if (!strncmp(line, names[i], strlen(names[i])))
				sum += atol(line + strlen(names[i]));
	if (f)
		fclose(f);
	return sum;
}

int census_take(struct census *census)
{
	static const char * const pages[] = { "KernelStack:", "PageTables:", "Percpu:",
					      "VmallocUsed:", "SUnreclaim:", NULL };
	static const char * const own[] = { "VmData:", NULL };
	unsigned int i;
	int err;

	memset(census, 0, sizeof(*census));
	/* What RCU, work items and the collector of keys put off follows within a second. */
	for (i = 0; i < 3; i++) {
		sleep(1);
		err = setting_write(DROP_CACHES, "3");
		if (err)
			return err;
	}
	err = count_caches(census);
	census->pages_kb = sum_lines("/proc/meminfo", pages);
	census->own_kb = sum_lines("/proc/self/status", own);
	return err;
}

static long objects_of(const struct census *census, const char *name)
{
	unsigned int i;

	for (i = 0; i < census->count; i++)
		if (!strcmp(census->cache[i].name, name))
			return census->cache[i].objects;
	return 0;
}

bool census_same_objects(const struct census *from, const struct census *to, long tolerance)
{
	bool same = true;
	unsigned int i;
	long grown;

	for (i = 0; i < to->count; i++) {
		grown = to->cache[i].objects - objects_of(from, to->cache[i].name);
		if (grown <= tolerance)
			continue;
		printf("# %s: %ld objects more than before\n", to->cache[i].name, grown);
		same = false;
	}
	return same;
}
