// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The rules as tables: each row changes one thing in a request that would get a
 * PIN.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <linux/smpair_proto.h>

#include "centre/rules.h"

static const struct rule_state current = { RULE_STATE_CURRENT, 4, true };
static const struct rule_state next[] = {
	{ RULE_STATE_NEXT, 5, false },
	{ RULE_STATE_NEXT, 5, true },
};

static const struct rule_state former = { RULE_STATE_FORMER, 4, true };
static const struct rule_state copy = { RULE_STATE_COPY, 4, true };
static const struct rule_state nothing[] = {
	{ RULE_STATE_CURRENT, 4, false },
	{ RULE_STATE_FORMER, 4, false },
};

static const struct rule_state collision[] = {
	{ RULE_STATE_FORMER, 4, true },
	{ RULE_STATE_CURRENT, 4, true },
};

/* Rows override fields of a request that is in order. */
#pragma GCC diagnostic ignored "-Woverride-init"

#define GOOD \
	.module_known = true, .host_known = true, .policy = PDT1_PIN_INDEXED, \
	.stated_policy = PDT1_PIN_INDEXED, .n = 4, .states = &current, \
	.state_count = 1, .terms = { .allowed = true }, .host_rights = 1

#define TERMS(...)	.terms = { .allowed = true, __VA_ARGS__ }

static const struct {
	const char *what;
	struct rule_facts facts;
	struct rule_verdict verdict;
} table[] = {
	{ "all in order", { GOOD },
	  { RULE_ISSUED, &current, false, false } },
	{ "module unknown", { GOOD, .module_known = false },
	  { RULE_UNKNOWN_MODULE, NULL, false, false } },
	{ "host unknown", { GOOD, .host_known = false },
	  { RULE_UNKNOWN_HOST, NULL, false, false } },
	{ "module denied", { GOOD, .module_denied = true },
	  { RULE_MODULE_DENIED, NULL, false, false } },
	{ "host denied", { GOOD, .host_denied = true },
	  { RULE_HOST_DENIED, NULL, false, false } },
	{ "pair denied", { GOOD, .pair_denied = true },
	  { RULE_PAIR_DENIED, NULL, false, false } },
	{ "module on hold", { GOOD, .module_held = true },
	  { RULE_MODULE_HELD, NULL, false, false } },
	{ "module on hold, code wrong",
	  { GOOD, .module_held = true, .states = nothing, .state_count = 2 },
	  { RULE_MODULE_HELD, NULL, false, false } },
	{ "two wrong codes before", { GOOD, .wrong = 2 },
	  { RULE_ISSUED, &current, false, false } },
	{ "three wrong codes before", { GOOD, .wrong = 3 },
	  { RULE_REQUESTER_HELD, NULL, false, false } },
	{ "host shows another policy", { GOOD, .stated_policy = PDT1_PIN_PAIR },
	  { RULE_POLICY_DIFFERS, NULL, false, false } },
	{ "no PIN under this policy",
	  { GOOD, .policy = PDT1_PIN_NONE, .stated_policy = PDT1_PIN_NONE },
	  { RULE_NO_PIN, NULL, false, false } },
	{ "last index but one", { GOOD, .n = 0xfffffffd },
	  { RULE_ISSUED, &current, false, false } },
	{ "index at its end", { GOOD, .n = 0xfffffffe },
	  { RULE_INDEX_END, NULL, false, false } },
	{ "first wrong code", { GOOD, .states = nothing, .state_count = 2 },
	  { RULE_REQUEST_CODE, NULL, true, false } },
	{ "second wrong code",
	  { GOOD, .states = nothing, .state_count = 2, .wrong = 1 },
	  { RULE_REQUEST_CODE, NULL, true, false } },
	{ "third wrong code",
	  { GOOD, .states = nothing, .state_count = 2, .wrong = 2 },
	  { RULE_REQUEST_CODE_LAST, NULL, true, false } },
	{ "no state has this index", { GOOD, .states = NULL, .state_count = 0 },
	  { RULE_REQUEST_CODE, NULL, true, false } },
	{ "PIN of the last index was used",
	  { GOOD, .n = 5, .states = next, .state_count = 2 },
	  { RULE_ISSUED, &next[1], false, false } },
	{ "code of a former state", { GOOD, .states = &former },
	  { RULE_ROLLBACK, &former, false, true } },
	{ "code of a former state after two wrong ones",
	  { GOOD, .states = &former, .wrong = 2 },
	  { RULE_ROLLBACK, &former, false, true } },
	{ "code of a former and of the current state",
	  { GOOD, .states = collision, .state_count = 2 },
	  { RULE_ISSUED, &collision[1], false, false } },
	{ "seven other hosts at this index", { GOOD, .issued_hosts = 7 },
	  { RULE_ISSUED, &current, false, false } },
	{ "eight other hosts at this index", { GOOD, .issued_hosts = 8 },
	  { RULE_TOO_MANY_HOSTS, &current, false, false } },
	{ "again for one of eight hosts",
	  { GOOD, .issued_hosts = 8, .issued_to_host = true },
	  { RULE_ISSUED, &current, false, false } },
	{ "eight hosts at the index before this",
	  { GOOD, .n = 5, .states = next, .state_count = 2, .issued_hosts = 8 },
	  { RULE_ISSUED, &next[1], false, false } },
	{ "eight hosts, policy pair",
	  { GOOD, .issued_hosts = 8, .policy = PDT1_PIN_PAIR,
	    .stated_policy = PDT1_PIN_PAIR },
	  { RULE_ISSUED, &current, false, false } },
	{ "nine PINs today", { GOOD, .issues_today = 9 },
	  { RULE_ISSUED, &current, false, false } },
	{ "ten PINs today", { GOOD, .issues_today = 10 },
	  { RULE_DAILY_LIMIT, &current, false, false } },
	{ "ten PINs today, code wrong",
	  { GOOD, .issues_today = 10, .states = nothing, .state_count = 2 },
	  { RULE_REQUEST_CODE, NULL, true, false } },
	{ "ten PINs today, former state",
	  { GOOD, .issues_today = 10, .states = &former },
	  { RULE_ROLLBACK, &former, false, true } },
	{ "code of a state that only a copy is in", { GOOD, .states = &copy },
	  { RULE_CLONE, &copy, false, true } },
	{ "report awaited", { GOOD, .awaiting_report = true },
	  { RULE_AWAITING_REPORT, NULL, false, false } },
	{ "issuers do not go together", { GOOD, .terms = { .allowed = false } },
	  { RULE_ISSUERS, NULL, false, false } },
	{ "subscription needed", { GOOD, TERMS(.need_subscription = true) },
	  { RULE_SUBSCRIPTION, NULL, false, false } },
	{ "subscription needed and there",
	  { GOOD, TERMS(.need_subscription = true), .subscribed = true },
	  { RULE_ISSUED, &current, false, false } },
	{ "right needed", { GOOD, TERMS(.need_rights = 2) },
	  { RULE_RIGHTS, NULL, false, false } },
	{ "one of two rights needed is there", { GOOD, TERMS(.need_rights = 3) },
	  { RULE_RIGHTS, NULL, false, false } },
	{ "right needed and there", { GOOD, TERMS(.need_rights = 1) },
	  { RULE_ISSUED, &current, false, false } },
	{ "one host fewer than allowed",
	  { GOOD, TERMS(.hosts_per_module = 3), .hosts = 2 },
	  { RULE_ISSUED, &current, false, false } },
	{ "as many hosts as allowed",
	  { GOOD, TERMS(.hosts_per_module = 3), .hosts = 3 },
	  { RULE_HOSTS_PER_MODULE, NULL, false, false } },
	{ "as many hosts as allowed, this is one of them",
	  { GOOD, TERMS(.hosts_per_module = 3), .hosts = 3, .known_pair = true },
	  { RULE_ISSUED, &current, false, false } },
	{ "many hosts where nobody counts", { GOOD, .hosts = 1000 },
	  { RULE_ISSUED, &current, false, false } },
	{ "as many modules as allowed",
	  { GOOD, TERMS(.modules_per_host = 1), .modules = 1 },
	  { RULE_MODULES_PER_HOST, NULL, false, false } },
	{ "as many modules as allowed, this is one of them",
	  { GOOD, TERMS(.modules_per_host = 1), .modules = 1, .known_pair = true },
	  { RULE_ISSUED, &current, false, false } },
	{ "one module fewer than allowed",
	  { GOOD, TERMS(.modules_per_host = 2), .modules = 1 },
	  { RULE_ISSUED, &current, false, false } },
	{ "as many changes as allowed, this host is known",
	  { GOOD, TERMS(.changes = 2), .changes = 2, .known_pair = true },
	  { RULE_ISSUED, &current, false, false } },
	{ "one change fewer than allowed",
	  { GOOD, TERMS(.changes = 2), .changes = 1 },
	  { RULE_ISSUED, &current, false, false } },
	{ "as many changes as allowed", { GOOD, TERMS(.changes = 2), .changes = 2 },
	  { RULE_HOST_CHANGES, NULL, false, false } },
	{ "as many changes as allowed, code wrong",
	  { GOOD, TERMS(.changes = 2), .changes = 2, .states = nothing,
	    .state_count = 2 },
	  { RULE_HOST_CHANGES, NULL, false, false } },
	{ "hotline", { GOOD, TERMS(.hotline = true) },
	  { RULE_HOTLINE, &current, false, false } },
	{ "hotline, an operator asks",
	  { GOOD, TERMS(.hotline = true), .by_person = true },
	  { RULE_ISSUED, &current, false, false } },
	{ "hotline, ten PINs today",
	  { GOOD, TERMS(.hotline = true), .issues_today = 10 },
	  { RULE_DAILY_LIMIT, &current, false, false } },
	{ "unknown comes before denied",
	  { GOOD, .module_known = false, .module_denied = true },
	  { RULE_UNKNOWN_MODULE, NULL, false, false } },
};

static void each_row_of_the_table_is_judged(void **state)
{
	struct rule_verdict verdict;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		verdict = rule_judge(&table[i].facts);
		if (verdict.cause != table[i].verdict.cause)
			fail_msg("%s: %s, not %s", table[i].what,
				 rule_texts[verdict.cause].name,
				 rule_texts[table[i].verdict.cause].name);
		if (verdict.state != table[i].verdict.state)
			fail_msg("%s: another state", table[i].what);
		if (verdict.count_wrong != table[i].verdict.count_wrong ||
		    verdict.hold_module != table[i].verdict.hold_module)
			fail_msg("%s: another consequence", table[i].what);
	}
}

/* Everything is wrong with a request, and is put right from the first rule on. */
static void the_first_rule_that_refuses_is_the_one_that_is_told(void **state)
{
	struct rule_facts facts = {
		.module_denied = true, .host_denied = true, .pair_denied = true,
		.module_held = true, .wrong = RULES_ATTEMPTS, .awaiting_report = true,
		.terms = {
			.need_subscription = true, .need_rights = 1,
			.hosts_per_module = 1, .modules_per_host = 1, .changes = 1,
			.hotline = true,
		},
		.hosts = 1, .modules = 1, .changes = 1, .policy = PDT1_PIN_NONE,
		.stated_policy = PDT1_PIN_PAIR, .n = PDT1_N_LAST,
		.issued_hosts = RULES_HOSTS_PER_INDEX,
		.issues_today = RULES_ISSUES_PER_DAY, .states = nothing,
		.state_count = 2,
	};
	enum rule_cause cause;

	(void)state;
	for (cause = RULE_UNKNOWN_MODULE; cause <= RULE_HOTLINE; cause++) {
		if (cause == RULE_REQUEST_CODE_LAST || cause == RULE_FRAUD)
			continue;
		if (rule_judge(&facts).cause != cause)
			fail_msg("%s, not %s", rule_texts[rule_judge(&facts).cause].name,
				 rule_texts[cause].name);
		switch (cause) {
		case RULE_UNKNOWN_MODULE:
			facts.module_known = true;
			break;
		case RULE_UNKNOWN_HOST:
			facts.host_known = true;
			break;
		case RULE_MODULE_DENIED:
			facts.module_denied = false;
			break;
		case RULE_HOST_DENIED:
			facts.host_denied = false;
			break;
		case RULE_PAIR_DENIED:
			facts.pair_denied = false;
			break;
		case RULE_MODULE_HELD:
			facts.module_held = false;
			break;
		case RULE_REQUESTER_HELD:
			facts.wrong = 0;
			break;
		case RULE_AWAITING_REPORT:
			facts.awaiting_report = false;
			break;
		case RULE_ISSUERS:
			facts.terms.allowed = true;
			break;
		case RULE_SUBSCRIPTION:
			facts.subscribed = true;
			break;
		case RULE_RIGHTS:
			facts.host_rights = 1;
			break;
		case RULE_POLICY_DIFFERS:
			facts.stated_policy = PDT1_PIN_NONE;
			break;
		case RULE_NO_PIN:
			facts.policy = PDT1_PIN_INDEXED;
			facts.stated_policy = PDT1_PIN_INDEXED;
			break;
		case RULE_INDEX_END:
			facts.n = 4;
			break;
		case RULE_HOSTS_PER_MODULE:
			facts.hosts = 0;
			break;
		case RULE_MODULES_PER_HOST:
			facts.modules = 0;
			break;
		case RULE_HOST_CHANGES:
			facts.changes = 0;
			break;
		case RULE_REQUEST_CODE:
			facts.states = &former;
			facts.state_count = 1;
			break;
		case RULE_ROLLBACK:
			facts.states = &copy;
			break;
		case RULE_CLONE:
			facts.states = &current;
			break;
		case RULE_TOO_MANY_HOSTS:
			facts.issued_hosts = 0;
			break;
		case RULE_DAILY_LIMIT:
			facts.issues_today = 0;
			break;
		default:
			facts.by_person = true;
		}
	}
	assert_int_equal(rule_judge(&facts).cause, RULE_ISSUED);
}

static void every_refusal_of_the_rules_is_in_the_table(void **state)
{
	bool seen[RULE_CAUSES] = { false };
	size_t i;

	(void)state;
	/* Judged before there are facts, and of reports. */
	seen[RULE_CHECK_DIGITS] = true;
	seen[RULE_FRAUD] = true;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		seen[table[i].verdict.cause] = true;
	for (i = 0; i < RULE_CAUSES; i++)
		if (!seen[i])
			fail_msg("no row gives %s", rule_texts[i].name);
}

static void every_refusal_has_a_name_of_its_own_and_a_next_step(void **state)
{
	size_t i, j;

	(void)state;
	for (i = 0; i < RULE_CAUSES; i++) {
		assert_true(strlen(rule_texts[i].name) > 0);
		assert_true(strlen(rule_texts[i].what) > 0);
		assert_int_equal(strlen(rule_texts[i].next) > 0,
				 i != RULE_ISSUED);
		for (j = 0; j < i; j++)
			assert_string_not_equal(rule_texts[i].name,
						rule_texts[j].name);
	}
}

static void an_index_is_exact_only_where_every_pairing_is_asked_for(void **state)
{
	static const struct {
		uint8_t policy;
		enum rule_state_kind kind;
		uint32_t state_n, n;
		bool applies;
	} rows[] = {
		{ PDT1_PIN_INDEXED, RULE_STATE_CURRENT, 4, 4, true },
		{ PDT1_PIN_INDEXED, RULE_STATE_CURRENT, 4, 5, false },
		{ PDT1_PIN_INDEXED, RULE_STATE_CURRENT, 4, 3, false },
		{ PDT1_PIN_INDEXED, RULE_STATE_NEXT, 5, 5, true },
		{ PDT1_PIN_INDEXED, RULE_STATE_NEXT, 5, 6, false },
		{ PDT1_PIN_INDEXED, RULE_STATE_FORMER, 3, 3, true },
		{ PDT1_PIN_INDEXED, RULE_STATE_FORMER, 3, 4, false },
		{ PDT1_PIN_PAIR, RULE_STATE_CURRENT, 4, 3, false },
		{ PDT1_PIN_PAIR, RULE_STATE_CURRENT, 4, 4, true },
		{ PDT1_PIN_PAIR, RULE_STATE_CURRENT, 4, 400, true },
		{ PDT1_PIN_MODULE, RULE_STATE_CURRENT, 4, 5, true },
		{ PDT1_PIN_PAIR, RULE_STATE_FORMER, 3, 4, false },
		{ PDT1_PIN_PAIR, RULE_STATE_FORMER, 3, 3, true },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rule_state_applies(rows[i].policy, rows[i].kind,
				       rows[i].state_n, rows[i].n) != rows[i].applies)
			fail_msg("row %zu", i);
}

struct first {
	enum rule_cause cause;
};

static void first_refusal(enum rule_cause cause, bool passed, void *arg)
{
	struct first *first = arg;

	if (!passed && first->cause == RULE_ISSUED)
		first->cause = cause;
}

static void the_dry_run_refuses_first_what_decides(void **state)
{
	struct first first;
	enum rule_cause cause;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		first.cause = RULE_ISSUED;
		rule_explain(&table[i].facts, first_refusal, &first);
		cause = table[i].verdict.cause;
		/* Which of the attempts it is makes no other rule. */
		if (cause == RULE_REQUEST_CODE_LAST)
			cause = RULE_REQUEST_CODE;
		if (first.cause != cause)
			fail_msg("%s: %s, not %s", table[i].what,
				 rule_texts[first.cause].name,
				 rule_texts[cause].name);
	}
}

static void reports_are_judged_by_the_state_they_show(void **state)
{
	static const struct {
		const char *what;
		struct rule_report report;
		enum rule_cause cause;
	} rows[] = {
		{ "where it was known to be",
		  { PDT1_PIN_INDEXED, false, 4, 4, 9, 9, &current, 1 }, RULE_ISSUED },
		{ "one pairing further",
		  { PDT1_PIN_INDEXED, false, 4, 5, 9, 9, next, 2 }, RULE_ISSUED },
		{ "an index that it left",
		  { PDT1_PIN_INDEXED, false, 4, 3, 9, 9, &former, 1 }, RULE_ROLLBACK },
		{ "an index below, in a state nobody knows",
		  { PDT1_PIN_INDEXED, false, 4, 3, 9, 9, NULL, 0 }, RULE_ROLLBACK },
		{ "a former tag at the same index",
		  { PDT1_PIN_INDEXED, false, 4, 4, 9, 9, &former, 1 }, RULE_ROLLBACK },
		{ "a command forgotten of which there is a receipt",
		  { PDT1_PIN_INDEXED, false, 4, 4, 8, 9, &current, 1 }, RULE_ROLLBACK },
		{ "a state that only a copy is in",
		  { PDT1_PIN_INDEXED, false, 4, 4, 9, 9, &copy, 1 }, RULE_CLONE },
		{ "pairings that nobody asked for",
		  { PDT1_PIN_INDEXED, false, 4, 6, 9, 9, NULL, 0 }, RULE_FRAUD },
		{ "any state where it is awaited",
		  { PDT1_PIN_INDEXED, true, 4, 6, 9, 9, NULL, 0 }, RULE_ISSUED },
		{ "an index below though awaited",
		  { PDT1_PIN_INDEXED, true, 4, 3, 9, 9, NULL, 0 }, RULE_ROLLBACK },
	};
	struct rule_verdict verdict;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		verdict = rule_judge_report(&rows[i].report);
		if (verdict.cause != rows[i].cause)
			fail_msg("%s: %s", rows[i].what,
				 rule_texts[verdict.cause].name);
		assert_int_equal(verdict.hold_module, verdict.cause != RULE_ISSUED);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_row_of_the_table_is_judged),
		cmocka_unit_test(the_first_rule_that_refuses_is_the_one_that_is_told),
		cmocka_unit_test(every_refusal_of_the_rules_is_in_the_table),
		cmocka_unit_test(every_refusal_has_a_name_of_its_own_and_a_next_step),
		cmocka_unit_test(the_dry_run_refuses_first_what_decides),
		cmocka_unit_test(reports_are_judged_by_the_state_they_show),
		cmocka_unit_test(an_index_is_exact_only_where_every_pairing_is_asked_for),
	};

	return cmocka_run_group_tests_name("centre-rules", tests, NULL, NULL);
}
