/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the daemon gives up once it is set up.
 */
#ifndef SMPAIRD_SANDBOX_H
#define SMPAIRD_SANDBOX_H

#include <stdbool.h>

#include "domain/error.h"

int sandbox_early(struct domain_error *error);
int sandbox_enter(bool report_only, struct domain_error *error);

#endif /* SMPAIRD_SANDBOX_H */
