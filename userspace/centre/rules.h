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

/* In the order in which they are looked at, up to the request code's. */
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
	RULE_AWAITING_REPORT,
	RULE_ISSUERS,
	RULE_SUBSCRIPTION,
	RULE_RIGHTS,
	RULE_POLICY_DIFFERS,
	RULE_NO_PIN,
	RULE_INDEX_END,
	RULE_HOSTS_PER_MODULE,
	RULE_MODULES_PER_HOST,
	RULE_HOST_CHANGES,
	RULE_REQUEST_CODE,
	RULE_REQUEST_CODE_LAST,
	RULE_ROLLBACK,
	RULE_CLONE,
	RULE_FRAUD,
	RULE_TOO_MANY_HOSTS,
	RULE_DAILY_LIMIT,
	RULE_HOTLINE,
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
 * @RULE_STATE_FORMER: the module has left it
 * @RULE_STATE_COPY: only a copy of the module can be in it
 */
enum rule_state_kind {
	RULE_STATE_CURRENT,
	RULE_STATE_NEXT,
	RULE_STATE_FORMER,
	RULE_STATE_COPY,
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
 * struct rule_terms - What an operator allows for pairings of one kind.
 * @allowed: Modules of this issuer may pair with hosts of that one.
 * @hotline: The PIN goes to a person only.
 * @need_subscription: The module needs a subscription that runs.
 * @need_rights: Rights that the host must have, PDT1_RIGHT_*.
 * @hosts_per_module: Hosts that a module may be paired with; 0 for any number.
 * @modules_per_host: Modules that a host may be paired with; 0 for any number.
 * @changes: Hosts that a module may be new to within @change_days; 0 for any
 *	number.
 * @change_days: Days, 1 to 3660.
 */
struct rule_terms {
	bool allowed;
	bool hotline;
	bool need_subscription;
	uint16_t need_rights;
	unsigned int hosts_per_module;
	unsigned int modules_per_host;
	unsigned int changes;
	unsigned int change_days;
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
 * @awaiting_report: What the module was told changes index, fork tag or PIN
 *	policy, and it has not reported since.
 * @terms: What the operator allows.
 * @subscribed: The module has a subscription that runs.
 * @host_rights: Rights of the host.
 * @known_pair: The host has paired with this module before.
 * @hosts: Other hosts that the module is paired with.
 * @modules: Other modules that the host is paired with.
 * @changes: Other hosts that the module was new to within the days of @terms.
 * @policy: PIN policy of the module, PDT1_PIN_*.
 * @stated_policy: PIN policy that the host showed.
 * @n: Pairing index that the host showed.
 * @issued_hosts: Hosts that have a PIN of the last known state.
 * @issued_to_host: This host is one of them.
 * @issues_today: PINs issued for the module in the last 24 hours.
 * @by_person: An operator asks, who reads the PIN to somebody.
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
	bool awaiting_report;
	struct rule_terms terms;
	bool subscribed;
	uint16_t host_rights;
	bool known_pair;
	unsigned int hosts;
	unsigned int modules;
	unsigned int changes;
	uint8_t policy;
	uint8_t stated_policy;
	uint32_t n;
	unsigned int issued_hosts;
	bool issued_to_host;
	unsigned int issues_today;
	bool by_person;
	const struct rule_state *states;
	size_t state_count;
};

/**
 * enum rule_result - What becomes of a request.
 * @RULE_RESULT_ISSUED: the PIN is given
 * @RULE_RESULT_HELD: it would be, by a person
 * @RULE_RESULT_REFUSED: it is not
 */
enum rule_result {
	RULE_RESULT_ISSUED,
	RULE_RESULT_HELD,
	RULE_RESULT_REFUSED,
};

/**
 * struct rule_verdict - What is decided.
 * @cause: Why; %RULE_ISSUED for a PIN, or where nothing is wrong with a report.
 * @state: The state that fits, or NULL; the module is in it unless @hold_module.
 * @count_wrong: The request code was wrong and counts.
 * @hold_module: The module goes on hold.
 */
struct rule_verdict {
	enum rule_cause cause;
	const struct rule_state *state;
	bool count_wrong;
	bool hold_module;
};

/**
 * struct rule_report - What an authentic report says, and what was known.
 * @policy: PIN policy of the module, PDT1_PIN_*.
 * @awaited: A report was awaited, to take index and fork tag from.
 * @known_n: Last known pairing index.
 * @n: Pairing index that the module reports.
 * @seq: Sequence number of the last command that it accepted.
 * @receipted: Highest sequence number of which a receipt came; 0 for none.
 * @states: States whose fork tag and index are those reported; "fits" tells.
 * @state_count: How many.
 */
struct rule_report {
	uint8_t policy;
	bool awaited;
	uint32_t known_n;
	uint32_t n;
	uint32_t seq;
	uint32_t receipted;
	const struct rule_state *states;
	size_t state_count;
};

enum rule_result rule_result(enum rule_cause cause);
bool rule_state_applies(uint8_t policy, enum rule_state_kind kind,
			uint32_t state_n, uint32_t n);
struct rule_verdict rule_judge(const struct rule_facts *facts);
struct rule_verdict rule_judge_report(const struct rule_report *report);
void rule_explain(const struct rule_facts *facts,
		  void (*tell)(enum rule_cause cause, bool passed, void *arg),
		  void *arg);

#endif /* CENTRE_RULES_H */
