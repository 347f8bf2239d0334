/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who asks, by the certificate of the connection.
 */
#ifndef CENTRE_IDENTITY_H
#define CENTRE_IDENTITY_H

#include "centre/api.h"
#include "centre/peer.h"

bool identity_find(struct service *service, struct peer *peer, struct store_client *client,
		   struct api_reply *reply);

#endif /* CENTRE_IDENTITY_H */
