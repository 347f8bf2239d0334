// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>

#include "centre/link.h"

/**
 * link_of() - What is kept of a connection.
 * @connection: The connection.
 *
 * Return: The link, until the connection ends; NULL where there was no memory.
 */
struct link *link_of(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info;

	info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	return info ? info->socket_context : NULL;
}

/**
 * link_completed() - A request is over.
 * @service: Whose deadline starts anew.
 * @connection: The connection.
 */
void link_completed(struct service *service, struct MHD_Connection *connection)
{
	struct link *link = link_of(connection);

	if (link)
		deadline_renew(service->deadline, &link->deadline);
}

/**
 * link_changed() - MHD_NotifyConnectionCallback of all listeners with TLS.
 * @service: The struct service.
 * @connection: Which starts, or ends and is about to be closed.
 * @context: Where the link is kept.
 * @code: Which of the two.
 */
void link_changed(void *service, struct MHD_Connection *connection, void **context,
		  enum MHD_ConnectionNotificationCode code)
{
	const union MHD_ConnectionInfo *info;
	struct service *s = service;
	struct link *link = *context;

	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
		link = info ? calloc(1, sizeof(*link)) : NULL;
		if (link)
			deadline_add(s->deadline, &link->deadline, info->connect_fd);
	} else if (link) {
		deadline_remove(s->deadline, &link->deadline);
		farewell_take(s->farewell, link->deadline.socket);
		free(link);
		link = NULL;
	}
	*context = link;
}
