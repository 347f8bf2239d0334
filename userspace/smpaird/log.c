// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdarg.h>
#include <stdio.h>

#include "smpaird/log.h"

/**
 * log_line() - Write one line to the log.
 * @priority: LOG_ERR to LOG_DEBUG.
 * @format: As for printf(), without a newline.
 */
void log_line(int priority, const char *format, ...)
{
	char line[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	/* One write, so that lines of two processes do not mix. */
	fprintf(stderr, "<%d>%s\n", priority, line);
}
