/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keeps connections for a while that ended before the other end had said all: a
 * socket that is closed with something unread resets the connection, and who is
 * still sending then never sees the answer that ended it.
 */
#ifndef CENTRE_FAREWELL_H
#define CENTRE_FAREWELL_H

#include "domain/error.h"

struct farewell;

int farewell_start(struct farewell **farewell, struct domain_error *error);
void farewell_take(struct farewell *farewell, int socket);
void farewell_stop(struct farewell *farewell);

#endif /* CENTRE_FAREWELL_H */
