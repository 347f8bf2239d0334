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
	[RULE_AWAITING_REPORT] = {
		"awaiting-report",
		"the module was told something that changes its PINs, and has not reported since",
		"carry its commands and receipts, then take a report: nonce --module ID",
	},
	[RULE_ISSUERS] = {
		"issuers",
		"modules of this issuer may not pair with hosts of that one",
		"compare both identifiers; if the pairing is wanted a supervisor changes the rule: rule",
	},
	[RULE_SUBSCRIPTION] = {
		"subscription",
		"the module has no subscription that runs",
		"renew it: subscribe --module ID",
	},
	[RULE_RIGHTS] = {
		"rights",
		"the host lacks a right that pairings of this kind need",
		"provision the host with the right, or use another host",
	},
	[RULE_HOSTS_PER_MODULE] = {
		"hosts-per-module",
		"the module is paired with as many hosts as it may be",
		"end one of its pairings: forget --module ID --host ID, and have the host unpaired or revoked",
	},
	[RULE_MODULES_PER_HOST] = {
		"modules-per-host",
		"the host is paired with as many modules as it may be",
		"end one of its pairings: forget --module ID --host ID, and have it unpaired",
	},
	[RULE_HOST_CHANGES] = {
		"host-changes",
		"the module was moved to as many new hosts as it may be in this time",
		"wait until the oldest change is out of the time, or a supervisor changes the rule: rule",
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
	[RULE_ROLLBACK] = {
		"rollback",
		"the module is in a state that it has left: it was rolled back or copied, or the code was read from an old display; the module is now on hold",
		"have the module inspected; if the display was old: release --module ID, and let the host pair again",
	},
	[RULE_CLONE] = {
		"clone",
		"only a copy of the module can be in this state: two hosts paired at one index; the module is now on hold",
		"withdraw the module and the hosts that have a PIN of that index, and have them inspected",
	},
	[RULE_FRAUD] = {
		"fraud",
		"the module counts pairings for which no PIN was issued here; the module is now on hold",
		"find out who else holds its PIN key or this database; then give it another one: manage --op set-kpin",
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
	[RULE_HOTLINE] = {
		"hotline",
		"a person has to give this PIN",
		"call the hotline, and read identifiers, index and request code to the operator",
	},
};

/**
 * rule_result() - What becomes of a request that is decided with a cause.
 * @cause: The cause.
 *
 * Return: The result.
 */
enum rule_result rule_result(enum rule_cause cause)
{
	switch (cause) {
	case RULE_ISSUED:
		return RULE_RESULT_ISSUED;
	case RULE_HOTLINE:
		return RULE_RESULT_HELD;
	default:
		return RULE_RESULT_REFUSED;
	}
}

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
static const struct rule_state *find_state(const struct rule_state *states,
					   size_t count)
{
	const struct rule_state *best = NULL;
	size_t i;

	for (i = 0; i < count; i++) {
		if (!states[i].fits)
			continue;
		if (!best || states[i].kind < best->kind)
			best = &states[i];
	}
	return best;
}

static bool unknown_module(const struct rule_facts *facts)
{
	return !facts->module_known;
}

static bool unknown_host(const struct rule_facts *facts)
{
	return !facts->host_known;
}

static bool module_denied(const struct rule_facts *facts)
{
	return facts->module_denied;
}

static bool host_denied(const struct rule_facts *facts)
{
	return facts->host_denied;
}

static bool pair_denied(const struct rule_facts *facts)
{
	return facts->pair_denied;
}

static bool module_held(const struct rule_facts *facts)
{
	return facts->module_held;
}

static bool requester_held(const struct rule_facts *facts)
{
	return facts->wrong >= RULES_ATTEMPTS;
}

static bool awaiting_report(const struct rule_facts *facts)
{
	return facts->awaiting_report;
}

static bool issuers(const struct rule_facts *facts)
{
	return !facts->terms.allowed;
}

static bool subscription(const struct rule_facts *facts)
{
	return facts->terms.need_subscription && !facts->subscribed;
}

static bool rights(const struct rule_facts *facts)
{
	return facts->terms.need_rights & ~facts->host_rights;
}

static bool policy_differs(const struct rule_facts *facts)
{
	return facts->stated_policy != facts->policy;
}

static bool no_pin(const struct rule_facts *facts)
{
	return facts->policy == PDT1_PIN_NONE;
}

static bool index_end(const struct rule_facts *facts)
{
	return facts->n >= PDT1_N_LAST;
}

/* Pairing again with the same host takes nobody's place. */
static bool hosts_per_module(const struct rule_facts *facts)
{
	return facts->terms.hosts_per_module && !facts->known_pair &&
	       facts->hosts >= facts->terms.hosts_per_module;
}

static bool modules_per_host(const struct rule_facts *facts)
{
	return facts->terms.modules_per_host && !facts->known_pair &&
	       facts->modules >= facts->terms.modules_per_host;
}

static bool host_changes(const struct rule_facts *facts)
{
	return facts->terms.changes && !facts->known_pair &&
	       facts->changes >= facts->terms.changes;
}

/* What is refused whatever the request code is. A request code is compared,
 * counted or held against a module only where nothing here refuses.
 */
static const struct {
	enum rule_cause cause;
	bool (*refuses)(const struct rule_facts *facts);
} admission[] = {
	{ RULE_UNKNOWN_MODULE, unknown_module },
	{ RULE_UNKNOWN_HOST, unknown_host },
	{ RULE_MODULE_DENIED, module_denied },
	{ RULE_HOST_DENIED, host_denied },
	{ RULE_PAIR_DENIED, pair_denied },
	{ RULE_MODULE_HELD, module_held },
	{ RULE_REQUESTER_HELD, requester_held },
	{ RULE_AWAITING_REPORT, awaiting_report },
	{ RULE_ISSUERS, issuers },
	{ RULE_SUBSCRIPTION, subscription },
	{ RULE_RIGHTS, rights },
	{ RULE_POLICY_DIFFERS, policy_differs },
	{ RULE_NO_PIN, no_pin },
	{ RULE_INDEX_END, index_end },
	{ RULE_HOSTS_PER_MODULE, hosts_per_module },
	{ RULE_MODULES_PER_HOST, modules_per_host },
	{ RULE_HOST_CHANGES, host_changes },
};

#define ADMISSIONS	(sizeof(admission) / sizeof(admission[0]))

static enum rule_cause admit(const struct rule_facts *facts)
{
	size_t i;

	for (i = 0; i < ADMISSIONS; i++)
		if (admission[i].refuses(facts))
			return admission[i].cause;
	return RULE_ISSUED;
}

static bool too_many_hosts(const struct rule_facts *facts,
			   const struct rule_state *state)
{
	return facts->policy == PDT1_PIN_INDEXED &&
	       state->kind == RULE_STATE_CURRENT &&
	       facts->issued_hosts >= RULES_HOSTS_PER_INDEX &&
	       !facts->issued_to_host;
}

/**
 * rule_judge() - Decide on a request for a PIN.
 * @facts: The request and what the centre knows.
 *
 * The order is the one of the protocol, section 11: identities, rules, request
 * code, daily limit. Delivery is the last question: a request that waits for a
 * person is one that would be granted.
 *
 * Return: The verdict; its state points into @facts.
 */
struct rule_verdict rule_judge(const struct rule_facts *facts)
{
	struct rule_verdict verdict = { .cause = admit(facts) };

	if (verdict.cause != RULE_ISSUED)
		return verdict;

	verdict.state = find_state(facts->states, facts->state_count);
	if (!verdict.state) {
		verdict.count_wrong = true;
		verdict.cause = facts->wrong + 1 < RULES_ATTEMPTS ?
				RULE_REQUEST_CODE : RULE_REQUEST_CODE_LAST;
	} else if (verdict.state->kind == RULE_STATE_FORMER ||
		   verdict.state->kind == RULE_STATE_COPY) {
		verdict.hold_module = true;
		verdict.cause = verdict.state->kind == RULE_STATE_COPY ?
				RULE_CLONE : RULE_ROLLBACK;
	} else if (too_many_hosts(facts, verdict.state)) {
		verdict.cause = RULE_TOO_MANY_HOSTS;
	} else if (facts->issues_today >= RULES_ISSUES_PER_DAY) {
		verdict.cause = RULE_DAILY_LIMIT;
	} else if (facts->terms.hotline && !facts->by_person) {
		verdict.cause = RULE_HOTLINE;
	}
	return verdict;
}

/**
 * rule_judge_report() - Decide what an authentic report means.
 * @report: The report and what was known.
 *
 * A report proves that somebody holds the module's management key and answered
 * now. It does not prove that there is one such module: a copy answers as well,
 * with a state of its own.
 *
 * Return: The verdict; %RULE_ISSUED where the reported state may be taken.
 */
struct rule_verdict rule_judge_report(const struct rule_report *report)
{
	struct rule_verdict verdict = { .cause = RULE_ISSUED };
	const struct rule_state *state;

	state = find_state(report->states, report->state_count);
	verdict.state = state;
	if (report->n < report->known_n || report->seq < report->receipted ||
	    (state && state->kind == RULE_STATE_FORMER))
		verdict.cause = RULE_ROLLBACK;
	else if (state && state->kind == RULE_STATE_COPY)
		verdict.cause = RULE_CLONE;
	else if (!state && !report->awaited)
		verdict.cause = RULE_FRAUD;
	verdict.hold_module = verdict.cause != RULE_ISSUED;
	return verdict;
}

/**
 * rule_explain() - Tell rule by rule how a request fares.
 * @facts: The request and what the centre knows.
 * @tell: Called for each rule, in their order; those that need what an unknown
 *	module or host lacks, or a request code that fits, are left out.
 * @arg: For @tell.
 */
void rule_explain(const struct rule_facts *facts,
		  void (*tell)(enum rule_cause cause, bool passed, void *arg),
		  void *arg)
{
	const struct rule_state *state;
	size_t i;

	for (i = 0; i < ADMISSIONS; i++) {
		tell(admission[i].cause, !admission[i].refuses(facts), arg);
		if (admission[i].cause == RULE_UNKNOWN_HOST &&
		    (unknown_module(facts) || unknown_host(facts)))
			return;
	}
	state = find_state(facts->states, facts->state_count);
	tell(RULE_REQUEST_CODE, state, arg);
	if (!state)
		return;
	tell(RULE_ROLLBACK, state->kind != RULE_STATE_FORMER, arg);
	tell(RULE_CLONE, state->kind != RULE_STATE_COPY, arg);
	tell(RULE_TOO_MANY_HOSTS, !too_many_hosts(facts, state), arg);
	tell(RULE_DAILY_LIMIT, facts->issues_today < RULES_ISSUES_PER_DAY, arg);
	tell(RULE_HOTLINE, !facts->terms.hotline || facts->by_person, arg);
}
