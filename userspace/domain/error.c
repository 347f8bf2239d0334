// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdarg.h>
#include <stdio.h>

#include "domain/error.h"

/**
 * domain_fail() - Say why something was refused.
 * @error: Receives the text, cut where it is too long.
 * @code: Negative errno to hand on.
 * @format: As for printf(); no final full stop or newline.
 *
 * Return: @code.
 */
int domain_fail(struct domain_error *error, int code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(error->text, sizeof(error->text), format, args);
	va_end(args);
	return code;
}
