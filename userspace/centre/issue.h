/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CENTRE_ISSUE_H
#define CENTRE_ISSUE_H

#include "centre/provider.h"
#include "centre/rules.h"
#include "centre/store.h"
#include "centre/store_service.h"

/**
 * struct issue_request - What a host shows.
 * @mid: The module.
 * @sn: The host.
 * @n: Pairing index.
 * @code: Request code.
 * @policy: PIN policy, or -1 where it was not told.
 * @client: Who asks over the network, or NULL.
 * @key: Idempotency key, or NULL.
 * @digest: SHA-256 of the request, where there is a @key.
 * @hotline: An operator is to read the PIN out; the request is held then.
 */
struct issue_request {
	uint8_t mid[PDT1_ID_LEN];
	uint8_t sn[PDT1_ID_LEN];
	uint32_t n;
	uint32_t code;
	int policy;
	const char *client;
	const char *key;
	const uint8_t *digest;
	bool hotline;
};

/**
 * struct issue_answer - What was decided and recorded.
 * @cause: Why.
 * @pin: Eight digits where @cause is %RULE_ISSUED and it is not @held; the
 *	caller wipes them.
 * @held: The request waits for an operator; @cause is %RULE_ISSUED.
 * @id: Its number then.
 * @attempts_left: Wrong request codes left before a hold.
 */
struct issue_answer {
	enum rule_cause cause;
	char pin[PDT1_PIN_LEN];
	bool held;
	uint8_t id[STORE_HELD_ID_LEN];
	unsigned int attempts_left;
};

int issue_pin(struct store *store, const struct provider *provider,
	      const struct issue_request *request, int64_t now, uint32_t uid,
	      struct issue_answer *answer, struct domain_error *error);

#endif /* CENTRE_ISSUE_H */
