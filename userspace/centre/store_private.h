/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the store share among themselves. */
#ifndef CENTRE_STORE_PRIVATE_H
#define CENTRE_STORE_PRIVATE_H

#include "centre/audit.h"
#include "centre/db.h"
#include "centre/store.h"

/**
 * struct audit_trail - Where the audit trail stands within a transaction.
 * @started: @key is there: rows can be appended.
 * @key_id: Generation of MPIN that @key follows from.
 * @key: Key of the MACs.
 * @loaded: @end is that of the database.
 * @grown: Rows were appended that the head does not cover yet.
 * @end: Last row.
 */
struct audit_trail {
	bool started;
	uint16_t key_id;
	uint8_t key[PDT1_KEY_LEN];
	bool loaded;
	bool grown;
	struct audit_mark end;
};

/**
 * struct store - A connection.
 * @db: Its database.
 * @trail: The audit trail.
 * @saved: The trail at store_save().
 */
struct store {
	struct db *db;
	struct audit_trail trail;
	struct audit_trail saved;
};

int audit_seal(struct store *store, struct domain_error *error);

#endif /* CENTRE_STORE_PRIVATE_H */
