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
	.state_count = 1

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
	  { RULE_CLONE, &former, false, true } },
	{ "code of a former state after two wrong ones",
	  { GOOD, .states = &former, .wrong = 2 },
	  { RULE_CLONE, &former, false, true } },
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
	  { RULE_CLONE, &former, false, true } },
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

static void every_refusal_of_the_rules_is_in_the_table(void **state)
{
	bool seen[RULE_CAUSES] = { false };
	size_t i;

	(void)state;
	/* Judged before there are facts. */
	seen[RULE_CHECK_DIGITS] = true;
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_row_of_the_table_is_judged),
		cmocka_unit_test(every_refusal_of_the_rules_is_in_the_table),
		cmocka_unit_test(every_refusal_has_a_name_of_its_own_and_a_next_step),
		cmocka_unit_test(an_index_is_exact_only_where_every_pairing_is_asked_for),
	};

	return cmocka_run_group_tests_name("centre-rules", tests, NULL, NULL);
}
