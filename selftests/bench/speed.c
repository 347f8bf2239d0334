// SPDX-License-Identifier: GPL-2.0
#include "speed.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "probe.h"
#include "softmod/app.h"

#define ROUND_NS	200000000ULL	/* a round lasts this long, */
#define ROUND_LEAST	20		/* and has at least so many exchanges, */
#define ROUND_MOST	2000		/* and no more than a trace buffer holds */

int speed_open(struct bench_file *file, uint32_t dev)
{
	file->msg = calloc(1, SPEED_LARGEST);
	file->answer = calloc(1, SPEED_LARGEST);
	file->fd = rig_open_node(dev, O_RDWR);
	if (file->fd >= 0 && file->msg && file->answer) {
		memset(file->msg, 0x5a, SPEED_LARGEST);
		file->msg[0] = APP_ECHO;
		return 0;
	}
	speed_close(file);
	return file->fd < 0 ? file->fd : -ENOMEM;
}

void speed_close(struct bench_file *file)
{
	if (file->fd >= 0)
		close(file->fd);
	free(file->msg);
	free(file->answer);
}

static bool exchange(struct bench_file *file, size_t size)
{
	return write(file->fd, file->msg, size) == (ssize_t)size &&
	       read(file->fd, file->answer, SPEED_LARGEST) == (ssize_t)size - 1;
}

const char *speed_overhead(struct counts *counts, struct bench_file *file, struct tape *tape,
			   size_t size)
{
	struct tape_entry e;
	char name[COUNT_NAME];

	tape_clear(tape);
	if (!exchange(file, size) || !tape_only(tape, &e))
		return "a message was not one exchange on the link";
	snprintf(name, sizeof(name), "overhead of a message of %zu bytes", size);
	counts_add(counts, name, e.command_data - size, 16);
	snprintf(name, sizeof(name), "overhead of an answer of %zu bytes", size - 1);
	counts_add(counts, name, e.answer_data - (size - 1), 19);
	return NULL;
}

/* Microseconds for each exchange of a round, and how many there were */
static double run(struct bench_file *file, size_t size, size_t *count)
{
	uint64_t start = clock_ns(), ns = 0;

	for (*count = 0; *count < ROUND_MOST && (*count < ROUND_LEAST || ns < ROUND_NS);
	     (*count)++) {
		if (!exchange(file, size))
			return 0;
		ns = clock_ns() - start;
	}
	return ns / 1e3 / *count;
}

static double run_gcm(struct gcm *gcm, size_t command, size_t answer)
{
	uint64_t ns = 0, one;
	size_t count;

	for (count = 0; count < ROUND_MOST && (count < ROUND_LEAST || ns < ROUND_NS); count++) {
		one = gcm_pair(gcm, command, answer);
		if (!one)
			return 0;
		ns += one;
	}
	return ns / 1e3 / count;
}

const char *speed_round(struct speed *speed, struct bench_file *file, struct gcm *gcm)
{
	double exchange, pair;
	size_t count;

	exchange = run(file, speed->size, &count);
	if (!exchange)
		return "a message failed";
	/* An answer's plaintext starts with a status word and flags. */
	pair = run_gcm(gcm, speed->size, PDT1_ENV_RSP_HEADER_LEN + speed->size - 1);
	if (!pair)
		return "AF_ALG refused a gcm(aes) operation";
	rounds_add(&speed->exchange, exchange);
	rounds_add(&speed->gcm, pair);
	rounds_add(&speed->gcm_ratio, exchange / pair);
	return NULL;
}

double speed_gcm_floor(struct gcm *gcm)
{
	return run_gcm(gcm, 1, 1);
}

static double probed_us(const struct probe_times *times, enum probe_point p)
{
	return times->ns[p] / 1e3 / times->calls[p];
}

const char *speed_round_probed(struct speed *speed, struct bench_file *file, struct tape *tape)
{
	double total, work, link, crypto, driver, chardev;
	struct probe_times times;
	enum probe_point p;
	size_t count;

	tape_clear(tape);
	probe_start();
	total = run(file, speed->size, &count);
	if (probe_stop(&times))
		return "the kernel's probes missed calls";
	if (!total)
		return "a message failed";
	for (p = 0; p < PROBE_POINTS; p++)
		if (times.calls[p] != count)
			return "the kernel's probes missed calls";

	work = tape_work_ns(tape) / 1e3 / count;
	link = probed_us(&times, PROBE_TRANSMIT) - work;
	crypto = probed_us(&times, PROBE_ENCRYPT) + probed_us(&times, PROBE_DECRYPT);
	driver = probed_us(&times, PROBE_EXCHANGE) - work - link - crypto;
	chardev = total - probed_us(&times, PROBE_EXCHANGE);
	rounds_add(&speed->total, total);
	rounds_add(&speed->work, work);
	rounds_add(&speed->link, link);
	rounds_add(&speed->crypto, crypto);
	rounds_add(&speed->driver, driver);
	rounds_add(&speed->chardev, chardev);
	rounds_add(&speed->link_ratio, (total - work) / link);
	rounds_add(&speed->adds, (driver + chardev) / (crypto + link));
	rounds_add(&speed->adds_kernel, driver / (crypto + link));
	return NULL;
}
