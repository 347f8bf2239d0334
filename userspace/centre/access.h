/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who may get a PIN at all: deny, allow, hold, release, await, forget. Each runs
 * inside a transaction of the caller and is recorded in it.
 */
#ifndef CENTRE_ACCESS_H
#define CENTRE_ACCESS_H

#include "centre/store.h"

/**
 * struct access_change - Who changes what.
 * @actor: Who.
 * @reason: Why, in their words; or NULL.
 * @mid: The module, or NULL.
 * @sn: The host, or NULL.
 * @now: Seconds since 1970.
 */
struct access_change {
	const char *actor;
	const char *reason;
	const uint8_t *mid;
	const uint8_t *sn;
	int64_t now;
};

/* One of the functions below. */
typedef int access_fn(struct store *store, const struct access_change *change,
		      struct domain_error *error);

access_fn access_deny;
access_fn access_allow;
access_fn access_hold;
access_fn access_release;
access_fn access_await;
access_fn access_forget;

#endif /* CENTRE_ACCESS_H */
