// SPDX-License-Identifier: GPL-2.0-or-later
#include <linux/smpair_proto.h>

#include "centre/rules.h"

const struct rule_text rule_texts[RULE_CAUSES] = {
	[RULE_ISSUED] = { "issued", "the PIN is issued", "" },
	[RULE_CHECK_DIGITS] = {
		"check-digits",
		"the check digits of an identifier are wrong",
		"ask for the identifier again, digit by digit",
	},
	[RULE_UNKNOWN_MODULE] = {
		"unknown-module",
		"the module is not registered here",
		"compare the identifier with the module's label; import its module-ID.json if it is new",
	},
	[RULE_UNKNOWN_HOST] = {
		"unknown-host",
		"the host is not registered here",
		"compare the identifier with the host's label; import its host-ID.json if it is new",
	},
	[RULE_MODULE_DENIED] = {
		"module-denied",
		"the module is denied",
		"find out in the log who denied it and why; lift it with: allow --module ID",
	},
	[RULE_HOST_DENIED] = {
		"host-denied",
		"the host is denied",
		"find out in the log who denied it and why; lift it with: allow --host ID",
	},
	[RULE_PAIR_DENIED] = {
		"pair-denied",
		"this host is denied for this module",
		"find out in the log who denied it and why; lift it with: allow --module ID --host ID",
	},
	[RULE_MODULE_HELD] = {
		"module-held",
		"the module is on hold",
		"find out in the log why; have the module inspected, then: release --module ID",
	},
	[RULE_REQUESTER_HELD] = {
		"requester-held",
		"this host is on hold for this module after three wrong request codes",
		"verify who is asking, then: release --module ID --host ID",
	},
	[RULE_NO_PIN] = {
		"no-pin",
		"the module pairs without a PIN",
		"let the host pair without one",
	},
	[RULE_POLICY_DIFFERS] = {
		"policy-differs",
		"the host shows another PIN policy than the module was given",
		"ask for the policy again; if it is right the module or its registration was changed: hold --module ID",
	},
	[RULE_INDEX_END] = {
		"index-end",
		"the module has carried out all the pairings that it can count",
		"replace the module",
	},
	[RULE_REQUEST_CODE] = {
		"request-code",
		"the request code fits no known state of the module",
		"let the host pair again and read index and request code from its newest display",
	},
	[RULE_REQUEST_CODE_LAST] = {
		"request-code-last",
		"the request code fits no known state of the module, for the third time; this host is now on hold for it",
		"verify who is asking, then: release --module ID --host ID",
	},
	[RULE_CLONE] = {
		"clone",
		"the request code belongs to a state that the module has left: it was rolled back or copied, or the code was read from an old display; the module is now on hold",
		"have the module inspected; if the display was old: release --module ID, and let the host pair again",
	},
	[RULE_TOO_MANY_HOSTS] = {
		"too-many-hosts",
		"eight other hosts have a PIN for the next pairing of this module already",
		"let one of them pair, or hold the module",
	},
	[RULE_DAILY_LIMIT] = {
		"daily-limit",
		"the module got ten PINs in the last 24 hours",
		"find out in the log who asked; try again when 24 hours have passed since the first of them",
	},
};

/**
 * rule_state_applies() - Whether a module in a state would show an index.
 * @policy: PIN policy of the module, PDT1_PIN_*.
 * @kind: What the centre knows of the state.
 * @state_n: Pairing index of the state.
 * @n: Pairing index that the host showed.
 *
 * Under the indexed policy every pairing passes through the centre, so that the
 * index is known exactly. Under the others people pair again without asking:
 * the index may have grown, with the same fork tag.
 *
 * Return: Whether the request code is to be compared with this state.
 */
bool rule_state_applies(uint8_t policy, enum rule_state_kind kind,
			uint32_t state_n, uint32_t n)
{
	if (policy != PDT1_PIN_INDEXED && kind == RULE_STATE_CURRENT)
		return n >= state_n;
	return n == state_n;
}

/* The kinds are in the order in which they are believed. */
static const struct rule_state *find_state(const struct rule_facts *facts)
{
	const struct rule_state *best = NULL;
	size_t i;

	for (i = 0; i < facts->state_count; i++) {
		if (!facts->states[i].fits)
			continue;
		if (!best || facts->states[i].kind < best->kind)
			best = &facts->states[i];
	}
	return best;
}

/* What is refused whatever the request code is. */
static enum rule_cause admit(const struct rule_facts *facts)
{
	if (!facts->module_known)
		return RULE_UNKNOWN_MODULE;
	if (!facts->host_known)
		return RULE_UNKNOWN_HOST;
	if (facts->module_denied)
		return RULE_MODULE_DENIED;
	if (facts->host_denied)
		return RULE_HOST_DENIED;
	if (facts->pair_denied)
		return RULE_PAIR_DENIED;
	if (facts->module_held)
		return RULE_MODULE_HELD;
	if (facts->wrong >= RULES_ATTEMPTS)
		return RULE_REQUESTER_HELD;
	if (facts->stated_policy != facts->policy)
		return RULE_POLICY_DIFFERS;
	if (facts->policy == PDT1_PIN_NONE)
		return RULE_NO_PIN;
	if (facts->n >= PDT1_N_LAST)
		return RULE_INDEX_END;
	return RULE_ISSUED;
}

/**
 * rule_judge() - Decide on a request for a PIN.
 * @facts: The request and what the centre knows.
 *
 * The order is the one of the protocol, section 11: identities, rules, request
 * code, daily limit. A request code is compared, counted or held against a
 * module only where nothing before it refuses.
 *
 * Return: The verdict; its state points into @facts.
 */
struct rule_verdict rule_judge(const struct rule_facts *facts)
{
	struct rule_verdict verdict = { .cause = admit(facts) };

	if (verdict.cause != RULE_ISSUED)
		return verdict;

	verdict.state = find_state(facts);
	if (!verdict.state) {
		verdict.count_wrong = true;
		verdict.cause = facts->wrong + 1 < RULES_ATTEMPTS ?
				RULE_REQUEST_CODE : RULE_REQUEST_CODE_LAST;
	} else if (verdict.state->kind == RULE_STATE_FORMER) {
		verdict.hold_module = true;
		verdict.cause = RULE_CLONE;
	} else if (facts->policy == PDT1_PIN_INDEXED &&
		   verdict.state->kind == RULE_STATE_CURRENT &&
		   facts->issued_hosts >= RULES_HOSTS_PER_INDEX &&
		   !facts->issued_to_host) {
		verdict.cause = RULE_TOO_MANY_HOSTS;
	} else if (facts->issues_today >= RULES_ISSUES_PER_DAY) {
		verdict.cause = RULE_DAILY_LIMIT;
	}
	return verdict;
}
