/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is kept of a connection with TLS from its start to its end.
 */
#ifndef CENTRE_LINK_H
#define CENTRE_LINK_H

#include <microhttpd.h>

#include "centre/deadline.h"
#include "centre/peer.h"
#include "centre/service.h"

/**
 * struct link - A connection.
 * @peer: Its other end.
 * @deadline: Until when it has to complete a request.
 */
struct link {
	struct peer peer;
	struct deadline_entry deadline;
};

struct link *link_of(struct MHD_Connection *connection);
void link_completed(struct service *service, struct MHD_Connection *connection);
void link_changed(void *service, struct MHD_Connection *connection, void **context,
		  enum MHD_ConnectionNotificationCode code);

#endif /* CENTRE_LINK_H */
