/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Limits that a restart does not lift: buckets are in memory, and are written to
 * the database behind the requests' back.
 */
#ifndef CENTRE_LIMITER_H
#define CENTRE_LIMITER_H

#include "centre/limit.h"
#include "centre/writer.h"

struct limiter;

int limiter_start(struct limiter **limiter, struct store *store,
		  struct writer *writer,
		  const struct limit_rule rules[LIMIT_SCOPES],
		  struct domain_error *error);
uint32_t limiter_take(struct limiter *limiter, enum limit_scope scope,
		      const void *id, size_t len);
void limiter_stop(struct limiter *limiter);

#endif /* CENTRE_LIMITER_H */
