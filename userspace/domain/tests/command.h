/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Running a program in a folder of its own, for tests of command lines.
 */
#ifndef DOMAIN_TESTS_COMMAND_H
#define DOMAIN_TESTS_COMMAND_H

#include <stddef.h>

/* A key of 32 equal bytes, as JSON has it. */
#define KEY(x)	x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x

/* Standard output and standard error of the last command. */
extern char command_out[4096];
extern char command_err[4096];

int command_folder_make(void **state);
int command_folder_remove(void **state);
void command_write(const char *name, unsigned int mode, const char *contents);
size_t command_read(const char *name, void *buf, size_t size);
int command_run(const char *format, ...)
	__attribute__((format(printf, 1, 2)));

#endif /* DOMAIN_TESTS_COMMAND_H */
