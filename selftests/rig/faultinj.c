// SPDX-License-Identifier: GPL-2.0
#include "faultinj.h"

#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "setting.h"

#define DEBUGFS		"/sys/kernel/debug/"
#define FAILSLAB	DEBUGFS "failslab/"
#define KMEMLEAK	DEBUGFS "kmemleak"
#define FAIL_NTH	"/proc/thread-self/fail-nth"
/* The kernel counts for ever and tells nobody, so tests pass it on. */
#define COUNT		"/run/smpair-failslab-count"
#define COUNT_UNKNOWN	(~0UL)
#define NO_LIMIT	"0xffffffffffffffff"

static bool put(const char *path, const char *value)
{
	int err = setting_write(path, value);

	if (err)
		printf("# cannot write %s to %s: %s\n", value, path, strerror(-err));
	return !err;
}

static bool put_count(unsigned long count)
{
	FILE *f = fopen(COUNT, "we");
	bool ok = f && fprintf(f, "%lu\n", count) > 0;

	return f && !fclose(f) && ok;
}

/* As setting_read_number(), for what need not be there */
static unsigned long get_number(const char *path, unsigned long otherwise)
{
	return access(path, R_OK) ? otherwise : setting_read_number(path);
}

const char *faultinj_task_missing(void)
{
	if (access(FAIL_NTH, W_OK))
		return "this kernel has no fault injection; make check-debug builds one that has";
	if (access(FAILSLAB "ignore-gfp-wait", W_OK))
		return "this kernel has no failslab; make check-debug builds one that has";
	return NULL;
}

const char *faultinj_module_missing(void)
{
	const char *missing = faultinj_task_missing();

	if (missing)
		return missing;
	if (access(FAILSLAB "require-start", W_OK))
		return "this failslab has no stack filter; make check-debug builds one that has";
	return NULL;
}

bool faultinj_setup(void)
{
	bool ok = true;
	glob_t found;
	size_t i;

	/* A fault on purpose is no report. */
	if (!glob(DEBUGFS "fail*/verbose", 0, NULL, &found)) {
		for (i = 0; i < found.gl_pathc; i++)
			ok &= put(found.gl_pathv[i], "0");
		globfree(&found);
	}
	ok &= put(FAILSLAB "ignore-gfp-wait", "N");
	ok &= put(FAILSLAB "task-filter", "N");
	ok &= put(FAILSLAB "space", "0");
	ok &= put(FAILSLAB "probability", "0");
	return ok;
}

static bool filter(const char *module)
{
	unsigned long size = 0, at, start = 0, len = 0;
	char line[256], name[64];
	FILE *f = fopen("/proc/modules", "re");

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "%63s %lu %*s %*s %*s %lx", name, &size, &at) == 3 &&
		    !strcmp(name, module))
			start = at, len = size;
	if (f)
		fclose(f);
	if (!start) {
		printf("# where %s is loaded cannot be told\n", module);
		return false;
	}
	snprintf(line, sizeof(line), "0x%lx", start);
	if (!put(FAILSLAB "require-start", line))
		return false;
	snprintf(line, sizeof(line), "0x%lx", start + len);
	return put(FAILSLAB "require-end", line) && put(FAILSLAB "stacktrace-depth", "32");
}

static bool filter_off(void)
{
	/* Where there is no filter, there is nothing to switch off. */
	return access(FAILSLAB "require-start", W_OK) ||
	       (put(FAILSLAB "require-start", "0") && put(FAILSLAB "require-end", NO_LIMIT));
}

static int nth_fd = -1;

bool faultinj_task_arm(const char *module, unsigned int nth)
{
	char text[16];

	if (module ? !filter(module) : !filter_off())
		return false;
	/* Of this thread, and open: what follows must be the test's own. */
	nth_fd = open(FAIL_NTH, O_RDWR | O_CLOEXEC);
	if (nth_fd < 0)
		return false;
	snprintf(text, sizeof(text), "%u", nth);
	return pwrite(nth_fd, text, strlen(text), 0) > 0;
}

bool faultinj_task_disarm(void)
{
	char text[16] = "";
	bool struck;

	/* This copy is one that can fail: then nothing had failed before. */
	struck = pread(nth_fd, text, sizeof(text) - 1, 0) > 0 && !strtoul(text, NULL, 10);
	while (pwrite(nth_fd, "0", 1, 0) < 0)
		;
	close(nth_fd);
	nth_fd = -1;
	return struck;
}

/* The count when the order was given, and what it is to be when it strikes; 0: not counted */
static unsigned long count_armed, count_struck;

bool faultinj_module_arm(const char *module, unsigned int nth)
{
	bool ok = filter(module);

	/*
	 * The count strikes at multiples of the interval, and one as large as the
	 * count shall be then has no multiple before. An interval of 1 is not counted.
	 */
	count_armed = get_number(COUNT, 0);
	count_struck = nth > 1 ? count_armed + nth : 0;
	if (count_armed == COUNT_UNKNOWN) {
		printf("# a test ended too early to tell the kernel's count; start the machine anew\n");
		return false;
	}
	if (count_struck)
		ok &= put_count(COUNT_UNKNOWN);
	return ok && !setting_write_number(FAILSLAB "interval", count_struck ? count_struck : 1) &&
	       put(FAILSLAB "probability", "100") && put(FAILSLAB "times", "1");
}

bool faultinj_module_disarm(void (*allocate)(void *ctx), void *ctx)
{
	bool struck = !get_number(FAILSLAB "times", 1);
	unsigned int i;

	/* How far the count got is known when it strikes, so that it has to. */
	for (i = 0; count_struck && i < FAULTINJ_MAX; i++) {
		if (!get_number(FAILSLAB "times", 1)) {
			put_count(count_struck);
			break;
		}
		allocate(ctx);
	}
	put(FAILSLAB "probability", "0");
	filter_off();
	return struck;
}

/* Reports of the latest scan */
static int count_reports(bool show)
{
	FILE *f = fopen(KMEMLEAK, "re");
	char line[256];
	int n = 0;

	if (!f)
		return -1;
	while (fgets(line, sizeof(line), f)) {
		n += !strncmp(line, "unreferenced object", 19);
		if (show)
			printf("# %s", line);
	}
	fclose(f);
	return n;
}

int faultinj_leaks(void)
{
	/* What a first scan finds may have moved meanwhile; a second one tells. */
	if (access(KMEMLEAK, W_OK) || !put(KMEMLEAK, "scan"))
		return -1;
	sleep(6);	/* objects younger than this are not reported */
	if (!put(KMEMLEAK, "scan"))
		return -1;
	return count_reports(count_reports(false) > 0);
}
