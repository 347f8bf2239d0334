// SPDX-License-Identifier: GPL-2.0-or-later
#include <stddef.h>

#include "centre/request_code.h"

/**
 * request_code_parse() - Read a request code as a person writes it.
 * @text: Six digits, in two groups or one; or NULL.
 * @code: Receives the number.
 *
 * Return: Whether it is one.
 */
bool request_code_parse(const char *text, uint32_t *code)
{
	unsigned int digits = 0;

	*code = 0;
	for (; text && *text; text++) {
		if (digits == 3 && *text == ' ')
			continue;
		if (*text < '0' || *text > '9' || ++digits > 6)
			break;
		*code = *code * 10 + (uint32_t)(*text - '0');
	}
	return text && !*text && digits == 6;
}
