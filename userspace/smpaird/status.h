/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The daemon as front ends see it.
 */
#ifndef SMPAIRD_STATUS_H
#define SMPAIRD_STATUS_H

#include <jansson.h>

struct daemon;

json_t *status_of(const struct daemon *daemon);
json_t *status_pending(const struct daemon *daemon);

#endif /* SMPAIRD_STATUS_H */
