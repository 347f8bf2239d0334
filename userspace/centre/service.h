/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The centre as a service: what its requests share.
 */
#ifndef CENTRE_SERVICE_H
#define CENTRE_SERVICE_H

#include <pthread.h>
#include <stdatomic.h>

#include "centre/cursor.h"
#include "centre/deadline.h"
#include "centre/farewell.h"
#include "centre/limiter.h"
#include "centre/provider.h"
#include "centre/store.h"
#include "centre/writer.h"

/**
 * struct service_counts - For the metrics; each only grows.
 * @requests: Requests that were routed.
 * @issued: PINs issued.
 * @held: Requests left to an operator.
 * @refused: Requests refused by the rules.
 * @strangers: Connections without an acceptable certificate.
 * @limited: Requests refused because there were too many.
 * @handshakes_limited: Connections refused likewise.
 * @failures: Requests that failed for the centre's own reasons.
 */
struct service_counts {
	atomic_ulong requests;
	atomic_ulong issued;
	atomic_ulong held;
	atomic_ulong refused;
	atomic_ulong strangers;
	atomic_ulong limited;
	atomic_ulong handshakes_limited;
	atomic_ulong failures;
};

/**
 * struct service - The service.
 * @lock: Guards @reader; held for a moment, never over a job.
 * @reader: The database, for looking things up.
 * @list_lock: Guards @lister; held over a whole listing.
 * @lister: The database, for listings, which may take long.
 * @cursor_key: Makes cursors; the same in all centres of a database.
 * @domain: Name of the domain file, for put-k.
 * @writer: For all that decides or changes something: jobs share transactions.
 * @provider: Who computes; any thread.
 * @limiter: How much each may ask; any thread.
 * @deadline: Ends connections that are too slow.
 * @farewell: Reads what is sent to connections that ended.
 * @hotline: PINs go to operators only.
 * @lease: For how many seconds a command is the agent's that was given it.
 * @counts: For the metrics.
 */
struct service {
	pthread_mutex_t lock;
	struct store *reader;
	pthread_mutex_t list_lock;
	struct store *lister;
	uint8_t cursor_key[CURSOR_KEY_LEN];
	const char *domain;
	struct writer *writer;
	struct provider *provider;
	struct limiter *limiter;
	struct deadline *deadline;
	struct farewell *farewell;
	bool hotline;
	uint32_t lease;
	struct service_counts counts;
};

#endif /* CENTRE_SERVICE_H */
