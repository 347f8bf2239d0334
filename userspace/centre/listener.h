/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CENTRE_LISTENER_H
#define CENTRE_LISTENER_H

#include <stdbool.h>

#include "domain/error.h"

int listener_open(const char *address, bool loopback_only, struct domain_error *error);

#endif /* CENTRE_LISTENER_H */
