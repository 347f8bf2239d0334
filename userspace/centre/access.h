/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who may get a PIN at all: deny, allow, hold, release; done and recorded in one
 * transaction.
 */
#ifndef CENTRE_ACCESS_H
#define CENTRE_ACCESS_H

#include "centre/store.h"

/**
 * struct access_change - Who changes what.
 * @store: The database; no transaction is open.
 * @client: Who asks over the network, or NULL.
 * @mid: The module, or NULL.
 * @sn: The host, or NULL.
 * @error: Receives the reason of a failure.
 */
struct access_change {
	struct store *store;
	const char *client;
	const uint8_t *mid;
	const uint8_t *sn;
	struct domain_error *error;
};

int access_set_denied(const struct access_change *change, bool denied);
int access_hold(const struct access_change *change);
int access_release(const struct access_change *change);

#endif /* CENTRE_ACCESS_H */
