// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "domain/number.h"

/**
 * domain_number() - Read a number from the command line.
 * @option: Name of the option, for the message.
 * @text: Decimal digits and nothing else.
 * @min: Smallest value.
 * @max: Greatest value.
 * @value: Receives it.
 * @error: Receives the reason of a refusal.
 *
 * Return: 0, or -EDOM for wrong usage.
 */
int domain_number(const char *option, const char *text, uint64_t min,
		  uint64_t max, uint64_t *value, struct domain_error *error)
{
	/* strtoull() alone would take blanks and a sign. */
	int digits = text[0] && strspn(text, "0123456789") == strlen(text);

	errno = 0;
	*value = digits ? strtoull(text, NULL, 10) : 0;
	if (!digits || errno || *value < min || *value > max)
		return domain_fail(error, -EDOM,
				   "--%s takes a number from %" PRIu64 " to %" PRIu64,
				   option, min, max);
	return 0;
}
