/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Deciding on a request for a PIN, and on what agents and modules tell: collects
 * what the centre knows, lets the rules judge, and applies and records the
 * verdict (protocol, section 11).
 *
 * All but decide_check() run inside a transaction of the caller, in a job of
 * writer.h for instance, and change nothing that is not undone with it. What
 * they return in an answer counts only once the transaction is durable: not
 * before may a PIN leave.
 */
#ifndef CENTRE_DECIDE_H
#define CENTRE_DECIDE_H

#include "centre/audit.h"
#include "centre/provider.h"
#include "centre/rules.h"
#include "centre/store.h"

/* Seconds for which a request waits for a person. */
#define DECIDE_HELD_SECONDS	3600

/**
 * struct decide_request - What a host shows.
 * @mid: The module.
 * @sn: The host.
 * @n: Pairing index.
 * @code: Request code, below 1000000.
 * @policy: PIN policy, PDT1_PIN_*, or -1 where it was not told.
 * @actor: Who asks.
 * @by_person: An operator, who reads the PIN to somebody; delivery is no
 *	question then.
 * @hotline: PINs go to people only, whatever the terms say.
 * @key: Idempotency key of @actor, or NULL.
 * @digest: SHA-256 of the request, where there is a @key.
 * @now: Seconds since 1970.
 */
struct decide_request {
	uint8_t mid[PDT1_ID_LEN];
	uint8_t sn[PDT1_ID_LEN];
	uint32_t n;
	uint32_t code;
	int policy;
	const char *actor;
	bool by_person;
	bool hotline;
	const char *key;
	const uint8_t *digest;
	int64_t now;
};

/**
 * struct decide_answer - What was decided.
 * @result: Issued, held or refused.
 * @cause: Why; rule_texts[] has its code, what it means and the next step.
 * @pin: Eight digits where @result is %RULE_RESULT_ISSUED; the caller wipes them.
 * @request_id: Where @result is %RULE_RESULT_HELD: the request that waits.
 * @attempts_left: Wrong request codes left before a hold.
 */
struct decide_answer {
	enum rule_result result;
	enum rule_cause cause;
	char pin[PDT1_PIN_LEN];
	uint8_t request_id[STORE_REQUEST_ID_LEN];
	unsigned int attempts_left;
};

int decide_pin(struct store *store, struct provider *provider,
	       const struct decide_request *request,
	       struct decide_answer *answer, struct domain_error *error);
int decide_fetch(struct store *store, struct provider *provider,
		 const uint8_t id[STORE_REQUEST_ID_LEN], const char *actor,
		 int64_t now, struct decide_answer *answer,
		 struct domain_error *error);
int decide_release(struct store *store, const uint8_t id[STORE_REQUEST_ID_LEN],
		   bool release, const char *reason, const char *actor,
		   int64_t now, struct domain_error *error);
int decide_confirm(struct store *store, const uint8_t mid[PDT1_ID_LEN],
		   const uint8_t sn[PDT1_ID_LEN], uint32_t n, const char *result,
		   const char *actor, int64_t now, struct domain_error *error);
int decide_check(struct store *store, struct provider *provider,
		 const struct decide_request *request,
		 void (*tell)(enum rule_cause cause, bool passed, void *arg),
		 void *arg, enum rule_cause *cause, struct domain_error *error);

#endif /* CENTRE_DECIDE_H */
