// SPDX-License-Identifier: GPL-2.0
#include "probe.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TRACING		"/sys/kernel/tracing"
#define GROUP		"smpair_bench"
#define INSTANCE	TRACING "/instances/" GROUP
#define EVENTS		TRACING "/kprobe_events"
#define RECORD_CMD	TRACING "/options/record-cmd"
#define BUFFER_KB	"8192"

static const struct {
	const char *name;
	const char *symbol;
} point[PROBE_POINTS] = {
	[PROBE_EXCHANGE] = { "exchange", "smpair:smpair_exchange" },
	[PROBE_TRANSMIT] = { "transmit", "smpair_virt:virt_transmit" },
	[PROBE_ENCRYPT] = { "encrypt", "smpair:smpair_aead_encrypt" },
	[PROBE_DECRYPT] = { "decrypt", "smpair:smpair_aead_decrypt" },
};

static int put(const char *path, int flags, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC | flags), err = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		err = -errno;
	close(fd);
	return err;
}

static int define(enum probe_point p)
{
	char text[160];
	int err;

	snprintf(text, sizeof(text), "p:" GROUP "/%s_in %s\n", point[p].name, point[p].symbol);
	err = put(EVENTS, O_APPEND, text);
	if (err)
		return err;
	snprintf(text, sizeof(text), "r:" GROUP "/%s_out %s\n", point[p].name, point[p].symbol);
	return put(EVENTS, O_APPEND, text);
}

/*
 * Recording the names of tasks would put probes into the scheduler. An instance
 * takes this option from the tracing system when it is made.
 */
static int make_instance(void)
{
	char former[4] = "";
	FILE *f = fopen(RECORD_CMD, "re");
	int err;

	if (!f)
		return -errno;
	err = fgets(former, sizeof(former), f) ? 0 : -EIO;
	fclose(f);
	if (!err)
		err = put(RECORD_CMD, 0, "0");
	if (!err && mkdir(INSTANCE, 0700))
		err = -errno;
	if (*former)
		put(RECORD_CMD, 0, former);
	return err;
}

const char *probe_set_up(void)
{
	enum probe_point p;

	if (access(EVENTS, W_OK))
		return "the kernel has no kprobe events";
	for (p = 0; p < PROBE_POINTS; p++)
		if (define(p))
			goto fail;
	/*
	 * Arming changes the kernel's code: it is done once, and rounds switch the
	 * recording only. "mono" orders events of different CPUs.
	 */
	if (make_instance() || put(INSTANCE "/tracing_on", 0, "0") ||
	    put(INSTANCE "/trace_clock", 0, "mono") ||
	    put(INSTANCE "/buffer_size_kb", 0, BUFFER_KB) ||
	    put(INSTANCE "/events/" GROUP "/enable", 0, "1"))
		goto fail;
	return NULL;
fail:
	probe_tear_down();
	return "functions of the driver cannot be probed";
}

void probe_start(void)
{
	put(INSTANCE "/trace", O_TRUNC, "");
	put(INSTANCE "/tracing_on", 0, "1");
}

/*
 * "  task-pid  [cpu] flags seconds.microseconds: exchange_in: (…)": the text has
 * microseconds only; in a sum over many calls the rounding cancels out.
 */
static bool parse(char *line, enum probe_point *p, bool *out, uint64_t *ns)
{
	unsigned long long seconds;
	unsigned int micro;
	char name[32], *at;

	at = strstr(line, "] ");
	if (line[0] == '#' || !at ||
	    sscanf(at + 2, "%*s %llu.%6u: %31[a-z_]:", &seconds, &micro, name) != 3)
		return false;
	*ns = (seconds * 1000000 + micro) * 1000;
	for (*p = 0; *p < PROBE_POINTS; (*p)++) {
		size_t len = strlen(point[*p].name);

		if (strncmp(name, point[*p].name, len))
			continue;
		*out = !strcmp(name + len, "_out");
		return *out || !strcmp(name + len, "_in");
	}
	return false;
}

int probe_stop(struct probe_times *times)
{
	uint64_t began[PROBE_POINTS] = { 0 }, ns;
	char *line = NULL;
	enum probe_point p;
	size_t size = 0;
	bool out;
	FILE *f;
	int err = 0;

	put(INSTANCE "/tracing_on", 0, "0");
	memset(times, 0, sizeof(*times));
	f = fopen(INSTANCE "/trace", "re");
	if (!f)
		return -errno;
	while (getline(&line, &size, f) >= 0) {
		if (!parse(line, &p, &out, &ns))
			continue;
		/* The link's lock orders all calls: each returns before the next. */
		if (out != !!began[p]) {
			err = -EIO;
			break;
		}
		if (out) {
			times->calls[p]++;
			times->ns[p] += ns - began[p];
		}
		began[p] = out ? 0 : ns;
	}
	free(line);
	fclose(f);
	return err;
}

void probe_tear_down(void)
{
	char text[64];
	enum probe_point p;

	put(INSTANCE "/events/" GROUP "/enable", 0, "0");
	rmdir(INSTANCE);
	for (p = 0; p < PROBE_POINTS; p++) {
		snprintf(text, sizeof(text), "-:" GROUP "/%s_in\n", point[p].name);
		put(EVENTS, O_APPEND, text);
		snprintf(text, sizeof(text), "-:" GROUP "/%s_out\n", point[p].name);
		put(EVENTS, O_APPEND, text);
	}
}
