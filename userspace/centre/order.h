/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The centre's word to modules: makes commands, and takes receipts and reports
 * (protocol, section 13). All run inside a transaction of the caller and append
 * their rows to the audit trail.
 */
#ifndef CENTRE_ORDER_H
#define CENTRE_ORDER_H

#include "centre/audit.h"
#include "centre/provider.h"
#include "centre/store.h"
#include "domain/domain.h"
#include "domain/manage.h"

/* Seconds for which a nonce is good. */
#define ORDER_NONCE_SECONDS	600

/**
 * struct order_policy - Settings of a module, for set-policy.
 * @pin: PDT1_PIN_*.
 * @evict: PDT1_EVICT_*.
 * @tries: PTCmax, 1 to 15.
 * @ageing: 1 to 255.
 * @count: Count mode, 0 or 1.
 * @pin_first: Pin the slot of the first pairing.
 * @version: Greater than the module's.
 */
struct order_policy {
	uint8_t pin;
	uint8_t evict;
	uint8_t tries;
	uint8_t ageing;
	uint8_t count;
	bool pin_first;
	uint16_t version;
};

/**
 * struct order - What a module is told to do. Which members count depends on @op.
 * @op: PDT1_OP_*.
 * @has_expect: @expect counts; else set-policy with another PIN policy takes the
 *	index that is known.
 * @expect: Index at which it is valid.
 * @tries: unblock-pin: 1 to the module's PTCmax.
 * @sn: revoke-host, unrevoke-host: any host.
 * @slots: set-slots: 1 to 32.
 * @slot: free-slot, pin-slot: 0 to 31.
 * @pinned: pin-slot.
 * @generation: put-k, del-k: of k; set-mmin: of MHKey; set-kpin: of MPIN;
 *	set-kmg: of MMGT.
 * @policy: set-policy.
 * @ft: set-ft; random where it is all zeros.
 */
struct order {
	uint8_t op;
	bool has_expect;
	uint32_t expect;
	uint8_t tries;
	uint8_t sn[PDT1_ID_LEN];
	uint8_t slots;
	uint8_t slot;
	bool pinned;
	uint16_t generation;
	struct order_policy policy;
	uint8_t ft[PDT1_FT_LEN];
};

/* Which members of struct order an operation needs. */
enum {
	ORDER_TRIES = 1,
	ORDER_HOST = 2,
	ORDER_SLOTS = 4,
	ORDER_SLOT = 8,
	ORDER_PINNED = 16,
	ORDER_GENERATION = 32,
	ORDER_POLICY = 64,
	ORDER_FT = 128,		/* may be left out */
};

/**
 * struct order_kind - An operation of MANAGE.
 * @op: PDT1_OP_*.
 * @name: For people and programs.
 * @uses: ORDER_*.
 */
struct order_kind {
	uint8_t op;
	const char *name;
	unsigned int uses;
};

extern const struct order_kind order_kinds[];
extern const size_t order_kind_count;

const struct order_kind *order_find(const char *name);
const char *order_name(uint8_t op);
const char *order_result_text(uint16_t sw);

int order_make(struct store *store, struct provider *provider,
	       const struct domain *domain, const uint8_t mid[PDT1_ID_LEN],
	       const struct order *order, const char *actor, int64_t now,
	       struct store_command *command, struct domain_error *error);
int order_receipt(struct store *store, struct provider *provider,
		  const uint8_t mid[PDT1_ID_LEN], const uint8_t *data, size_t len,
		  const char *actor, int64_t now, struct domain_receipt *receipt,
		  struct domain_error *error);
int order_nonce(struct store *store, const uint8_t mid[PDT1_ID_LEN],
		const char *actor, int64_t now,
		uint8_t nonce[PDT1_REPORT_NONCE_LEN], struct domain_error *error);
int order_report(struct store *store, struct provider *provider,
		 const uint8_t mid[PDT1_ID_LEN], const uint8_t *nonce,
		 const uint8_t *data, size_t len, const char *actor, int64_t now,
		 enum rule_cause *cause, struct domain_report *report,
		 struct domain_error *error);

#endif /* CENTRE_ORDER_H */
