/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether a PIN is issued: the rules of the protocol, section 11, as pure
 * functions of what the centre knows.
 */
#ifndef CENTRE_RULES_H
#define CENTRE_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Wrong request codes that put a requester on hold. */
#define RULES_ATTEMPTS		3
/* PINs that one module gets in 24 hours. */
#define RULES_ISSUES_PER_DAY	10
/* Hosts that get a PIN at one index of a module. */
#define RULES_HOSTS_PER_INDEX	8

enum rule_cause {
	RULE_ISSUED,
	RULE_CHECK_DIGITS,
	RULE_UNKNOWN_MODULE,
	RULE_UNKNOWN_HOST,
	RULE_MODULE_DENIED,
	RULE_HOST_DENIED,
	RULE_PAIR_DENIED,
	RULE_MODULE_HELD,
	RULE_REQUESTER_HELD,
	RULE_NO_PIN,
	RULE_POLICY_DIFFERS,
	RULE_INDEX_END,
	RULE_REQUEST_CODE,
	RULE_REQUEST_CODE_LAST,
	RULE_CLONE,
	RULE_TOO_MANY_HOSTS,
	RULE_DAILY_LIMIT,
	RULE_CAUSES
};

/**
 * struct rule_text - How a cause is told.
 * @name: Stable word for logs and scripts.
 * @what: What is wrong.
 * @next: What the operator does next.
 */
struct rule_text {
	const char *name;
	const char *what;
	const char *next;
};

extern const struct rule_text rule_texts[RULE_CAUSES];

/**
 * enum rule_state_kind - What the centre knows of a state (N, FT).
 * @RULE_STATE_CURRENT: the last known one
 * @RULE_STATE_NEXT: where the module is if a PIN issued at the last known state
 *	was used
 * @RULE_STATE_FORMER: left by the module, or one that only a copy can be in
 */
enum rule_state_kind {
	RULE_STATE_CURRENT,
	RULE_STATE_NEXT,
	RULE_STATE_FORMER,
};

/**
 * struct rule_state - A state that the module may be in.
 * @kind: What the centre knows of it.
 * @n: Its pairing index.
 * @fits: The request code is right for it.
 */
struct rule_state {
	enum rule_state_kind kind;
	uint32_t n;
	bool fits;
};

/**
 * struct rule_facts - A request and all that the centre knows of it.
 * @module_known: The module is registered; else nothing below @host_known about
 *	it counts.
 * @host_known: The host is registered.
 * @module_denied: The module is denied.
 * @host_denied: The host is denied.
 * @pair_denied: The pairing of both is denied.
 * @module_held: The module is on hold.
 * @wrong: Wrong request codes of this requester since the last right one.
 * @policy: PIN policy of the module, PDT1_PIN_*.
 * @stated_policy: PIN policy that the host showed.
 * @n: Pairing index that the host showed.
 * @issued_hosts: Hosts that have a PIN of the last known state.
 * @issued_to_host: This host is one of them.
 * @issues_today: PINs issued for the module in the last 24 hours.
 * @states: States that rule_state_applies() found worth comparing.
 * @state_count: How many.
 */
struct rule_facts {
	bool module_known;
	bool host_known;
	bool module_denied;
	bool host_denied;
	bool pair_denied;
	bool module_held;
	unsigned int wrong;
	uint8_t policy;
	uint8_t stated_policy;
	uint32_t n;
	unsigned int issued_hosts;
	bool issued_to_host;
	unsigned int issues_today;
	const struct rule_state *states;
	size_t state_count;
};

/**
 * struct rule_verdict - What is decided.
 * @cause: Why; %RULE_ISSUED for a PIN.
 * @state: The state that fits, or NULL; the module is in it if the cause is
 *	%RULE_ISSUED.
 * @count_wrong: The request code was wrong and counts.
 * @hold_module: The module goes on hold.
 */
struct rule_verdict {
	enum rule_cause cause;
	const struct rule_state *state;
	bool count_wrong;
	bool hold_module;
};

bool rule_state_applies(uint8_t policy, enum rule_state_kind kind,
			uint32_t state_n, uint32_t n);
struct rule_verdict rule_judge(const struct rule_facts *facts);

#endif /* CENTRE_RULES_H */
