// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdarg.h>
#include <stdio.h>

#include "domain/error.h"

/**
 * domain_tell() - Say what is wrong.
 * @error: Receives the text, cut where it is too long.
 * @format: As for printf(); no final full stop or newline.
 */
void domain_tell(struct domain_error *error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(error->text, sizeof(error->text), format, args);
	va_end(args);
}
