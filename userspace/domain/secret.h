/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DOMAIN_SECRET_H
#define DOMAIN_SECRET_H

#include <stddef.h>

#include "domain/error.h"

void domain_no_core_dumps(void);
int domain_random(void *buf, size_t len, struct domain_error *error);
void *domain_secret_alloc(size_t size);
void domain_secret_free(void *p);

#endif /* DOMAIN_SECRET_H */
