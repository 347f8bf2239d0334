/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DOMAIN_NUMBER_H
#define DOMAIN_NUMBER_H

#include <stdint.h>

#include "domain/error.h"

int domain_number(const char *option, const char *text, uint64_t min,
		  uint64_t max, uint64_t *value, struct domain_error *error);

#endif /* DOMAIN_NUMBER_H */
