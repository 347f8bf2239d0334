/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CENTRE_HANDSHAKE_H
#define CENTRE_HANDSHAKE_H

#include <microhttpd.h>
#include <sys/socket.h>

enum MHD_Result handshake_allowed(void *service, const struct sockaddr *address,
				  socklen_t len);

#endif /* CENTRE_HANDSHAKE_H */
