/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A device of the kernel's log-writes target: it passes everything on to
 * another device and logs what became durable, in that order. The log can be
 * replayed up to any point; form as in the kernel's
 * Documentation/admin-guide/device-mapper/log-writes.rst.
 */
#ifndef SOFTMOD_TESTS_POWER_WRITELOG_H
#define SOFTMOD_TESTS_POWER_WRITELOG_H

#include <stdbool.h>
#include <stdint.h>

#include "softmod/tests/power/disk.h"

/* Puts the device between its user and @device; its path goes to @path. All
 * that fails ends the test.
 */
void writelog_create(const char *device, const char *log, uint64_t size,
		     char path[DISK_PATH_MAX]);

/* Writes @number into the log, behind everything that is durable by now */
void writelog_mark(unsigned int number);

/* Completes the log */
void writelog_remove(void);

/**
 * struct writelog - a log that is being replayed
 * @log: file with the log
 * @target: file that becomes what the device was
 * @sector: bytes in one
 * @next: where the next entry starts, bytes
 * @left: entries to come
 */
struct writelog {
	int log;
	int target;
	uint64_t sector;
	uint64_t next;
	uint64_t left;
};

enum writelog_entry {
	WRITELOG_END,
	WRITELOG_WRITE,		/* the target was changed */
	WRITELOG_FLUSH,		/* it was not */
	WRITELOG_MARK,
};

/* @target holds what the device held when it was created */
void writelog_open(struct writelog *w, const char *log, const char *target);

/* Does the next entry to the target; the number of a mark goes to @mark */
enum writelog_entry writelog_next(struct writelog *w, unsigned int *mark);

void writelog_close(struct writelog *w);

#endif /* SOFTMOD_TESTS_POWER_WRITELOG_H */
