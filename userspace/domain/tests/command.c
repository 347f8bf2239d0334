// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/stat.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "domain/tests/command.h"

char command_out[4096];
char command_err[4096];

static char folder[] = "/tmp/smpair-cli-XXXXXX";
static int home = -1;

/**
 * command_folder_make() - Enter a new folder; a cmocka group fixture.
 * @state: Not used.
 *
 * Return: 0, or -1.
 */
int command_folder_make(void **state)
{
	(void)state;
	home = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return home < 0 || !mkdtemp(folder) || chdir(folder) ? -1 : 0;
}

/**
 * command_folder_remove() - Remove the folder and what is in it.
 * @state: Not used.
 *
 * Return: 0, or -1.
 */
int command_folder_remove(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof(command), "rm -r %s", folder);
	return fchdir(home) || system(command) ? -1 : 0;
}

/**
 * command_write() - Write a file.
 * @name: Name.
 * @mode: Its mode.
 * @contents: Text.
 */
void command_write(const char *name, unsigned int mode, const char *contents)
{
	FILE *file = fopen(name, "w");

	assert_non_null(file);
	fputs(contents, file);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(name, mode), 0);
}

/**
 * command_read() - Read a file.
 * @name: Name.
 * @buf: Receives its bytes and, where there is room, a NUL.
 * @size: Bytes at @buf; a longer file fails the test.
 *
 * Return: Bytes in the file.
 */
size_t command_read(const char *name, void *buf, size_t size)
{
	FILE *file = fopen(name, "r");
	size_t len;

	if (!file)
		fail_msg("%s is missing", name);
	len = fread(buf, 1, size, file);
	assert_true(fgetc(file) == EOF);
	fclose(file);
	if (len < size)
		((char *)buf)[len] = '\0';
	return len;
}

/**
 * command_run() - Run a shell command in the folder.
 * @format: As for printf().
 *
 * Its output is in command_out and command_err.
 *
 * Return: Its exit status; a command that is killed fails the test.
 */
int command_run(const char *format, ...)
{
	char command[2048] = "{ ";
	va_list args;
	int len, status;

	va_start(args, format);
	len = vsnprintf(command + 2, sizeof(command) - 32, format, args);
	va_end(args);
	assert_true(len > 0 && len < (int)sizeof(command) - 32);
	strcat(command, "; } >out 2>err");
	status = system(command);
	assert_true(WIFEXITED(status));
	command_read("out", command_out, sizeof(command_out));
	command_read("err", command_err, sizeof(command_err));
	if (strstr(command_err, "Sanitizer"))
		fail_msg("%s: %s", command, command_err);
	return WEXITSTATUS(status);
}
