/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * URIs that name clients, as they stand in certificates. Pure.
 */
#ifndef CENTRE_URI_H
#define CENTRE_URI_H

#include <stdbool.h>
#include <stddef.h>

#define URI_SIZE	256

bool uri_read(const void *bytes, size_t len, char text[URI_SIZE]);

#endif /* CENTRE_URI_H */
