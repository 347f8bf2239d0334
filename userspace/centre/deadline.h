/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ends connections on which no request is completed for too long, however busy
 * they are: somebody who sends a byte now and then holds no place for ever.
 */
#ifndef CENTRE_DEADLINE_H
#define CENTRE_DEADLINE_H

#include <time.h>

#include "domain/error.h"

struct deadline;

/**
 * struct deadline_entry - A connection; embedded in what is kept of it.
 * @next: Private.
 * @prev: Private.
 * @socket: Its socket.
 * @since: When it began, or last completed a request.
 */
struct deadline_entry {
	struct deadline_entry *next;
	struct deadline_entry *prev;
	int socket;
	time_t since;
};

int deadline_start(struct deadline **deadline, unsigned int seconds,
		   struct domain_error *error);
void deadline_add(struct deadline *deadline, struct deadline_entry *entry, int socket);
void deadline_renew(struct deadline *deadline, struct deadline_entry *entry);
void deadline_remove(struct deadline *deadline, struct deadline_entry *entry);
void deadline_stop(struct deadline *deadline);

#endif /* CENTRE_DEADLINE_H */
