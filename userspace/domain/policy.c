// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "domain/policy.h"

const char *const domain_pin_policies[PDT1_PIN_INDEXED + 1] = {
	[PDT1_PIN_NONE] = "none",
	[PDT1_PIN_MODULE] = "module",
	[PDT1_PIN_PAIR] = "pair",
	[PDT1_PIN_INDEXED] = "indexed",
};

/**
 * domain_pin_policy() - Look a PIN policy up.
 * @name: Its name.
 *
 * Return: PDT1_PIN_*, or -1 for an unknown name.
 */
int domain_pin_policy(const char *name)
{
	int i;

	for (i = 0; i <= PDT1_PIN_INDEXED; i++)
		if (!strcmp(domain_pin_policies[i], name))
			return i;
	return -1;
}
